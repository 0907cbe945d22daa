// Reads early-exit networks from ONNX files as people export them.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "profiler/network/network.hpp"

namespace laxity {

struct OnnxOptions {
    // The input's extents without the batch, for a file that leaves some of them open; empty: as the file says.
    std::vector<std::int64_t> input_shape;
    // Names of the tensors that are exits, shallow to deep; NAME:AXIS for one that holds several along that axis.
    // Empty: found from the graph's outputs.
    std::vector<std::string> exits;
    bool simplified = true;  // run the passes of profiler/network/simplify.hpp
};

// What was understood, for whoever wants to know.
struct OnnxReport {
    std::int64_t opset = 0;
    std::vector<std::pair<std::string, int>> operators;  // by name: how many nodes the exits need
    int folded = 0;                                      // operations on constants, executed once
    int unneeded = 0;                                    // nodes that no exit needs
    std::vector<std::string> exits;                      // names, shallow to deep
    std::vector<std::string> remarks;                    // what was taken otherwise than it is written: a sentence each
};

struct OnnxImport {
    Network network;
    OnnxReport report;
};

// The file's graph as a network. The operators that are understood are the rows of operator_table.cpp. The batch is 1,
// whatever the file calls it; weights in other files are read from the model's folder and nowhere else. Exits are the
// graph's outputs: of one output that holds several, its slices; not those of a single number or of no scores; ordered
// from shallow to deep. A softmax at the end of an exit is left out, since devices compute it. The network is named
// after the file. Throws InputError for everything else (what is not understood is listed in full: file, node,
// operator, why, what to do); a damaged or hostile file does no harm.
OnnxImport read_onnx(const std::string& path, const OnnxOptions& options = {});

// The same for a file's content; `path` is for names, messages and the folder of external weights.
OnnxImport read_onnx(const std::string& path, std::span<const char> content, const OnnxOptions& options = {});

// Only the network.
Network import_onnx(const std::string& path, const OnnxOptions& options = {});
Network import_onnx(const std::string& path, std::span<const char> content, const OnnxOptions& options = {});

}  // namespace laxity
