// What can be chosen of a CUDA device: the part of `--device cuda:N:KEY=VALUE,...` after its name.
#pragma once

#include <cstddef>
#include <string>

namespace laxity::cuda {

// Of weights, activations and products; sums and scores are always 32-bit floats.
enum class Precision { kFp32, kTf32, kFp16 };

// How the host learns that a stage has ended.
enum class Completion { kMeasured, kPoll, kCallback };

struct Options {
    int device = 0;
    Precision precision = Precision::kFp32;
    Completion completion = Completion::kMeasured;         // whichever is faster when the network is prepared
    bool graph = true;                                     // a stage is one CUDA graph; else one call after the other
    std::size_t workspace_bytes = std::size_t{256} << 20;  // the most that a convolution may use
};

// `text` is "", "N", "KEY=VALUE,..." or "N:KEY=VALUE,...". Throws InputError naming --device.
Options parse_options(const std::string& text);

const char* name_of(Precision precision);  // "fp32"

}  // namespace laxity::cuda
