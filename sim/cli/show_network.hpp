// What `laxity show NET.onnx` prints: how a network was understood, and how it was cut.
#pragma once

#include <boost/program_options.hpp>
#include <iosfwd>
#include <string>

namespace laxity {

struct OnnxImport;  // profiler/onnx/onnx_import.hpp
class Network;      // profiler/network/network.hpp

// Whether a path names a network: it ends in .onnx.
bool is_network_path(const std::string& path);

// Stages, what crosses each cut, operators, multiply-accumulates, parameters, what was folded or taken otherwise than
// it is written, and what each device that is here can't run.
void print_network(std::ostream& out, const OnnxImport& import);
std::string network_summary_json(const OnnxImport& import);

// The layers as a graph in Graphviz's language, a colour a stage; edges say what they carry past a cut.
void draw_network(std::ostream& out, const Network& network);

// One of the above, as --dot and --json say, of a network read with the options of network_options.hpp.
void show_network(std::ostream& out, const std::string& path, const boost::program_options::variables_map& values);

}  // namespace laxity
