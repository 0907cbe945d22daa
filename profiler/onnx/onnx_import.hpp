// Reads early-exit networks from ONNX files.
#pragma once

#include <span>
#include <string>

#include "profiler/network/network.hpp"

namespace laxity {

// The file's graph as a network: one output per exit, from the shallowest to the deepest; one input of 1 x channels x
// height x width floats. The operators that are understood are listed in README.md of this folder. The network is
// named after the file. Throws InputError (one line: file, node, operator, what to do) for everything else; a damaged
// or hostile file does no harm.
Network import_onnx(const std::string& path);

// The same for a file's content; `path` is only for names and messages.
Network import_onnx(const std::string& path, std::span<const char> content);

}  // namespace laxity
