// Finds the exits of a network among the outputs of its graph. Internal to profiler/onnx.
#pragma once

#include <string>
#include <vector>

#include "profiler/onnx/onnx_graph.hpp"

namespace laxity {

struct OnnxExit {
    std::string name;
    int layer = -1;
};

// Shallow to deep. Throws InputError with the option that helps where it cannot be told what is an exit.
std::vector<OnnxExit> find_exits(OnnxGraph& graph, const std::vector<std::string>& names, bool chosen);

// NAME and the axis of "NAME:AXIS", or -1.
std::pair<std::string, int> exit_name(const std::string& text);

}  // namespace laxity
