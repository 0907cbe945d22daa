// Elementwise functions as oneDNN has them. Internal to profiler/cpu.
#pragma once

#include <dnnl.hpp>
#include <vector>

#include "profiler/network/layer.hpp"

namespace laxity::cpu {

struct Eltwise {
    dnnl::algorithm function = dnnl::algorithm::undef;
    float alpha = 0;
    float beta = 0;
};

// One after the other; none for what oneDNN has not.
std::vector<Eltwise> eltwise_of(const Elementwise& function);

}  // namespace laxity::cpu
