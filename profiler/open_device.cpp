#include "profiler/open_device.hpp"

#include <string_view>

#include "profiler/cpu/cpu_device.hpp"
#include "traces/base/error.hpp"
#ifdef LAXITY_WITH_CUDA
#include "profiler/cuda/cuda_device.hpp"
#endif

namespace laxity {

namespace {

#ifndef LAXITY_WITH_CUDA
// What profiler/cuda defines when it is built.
std::string why_no_cuda() { return "this laxity was built without CUDA"; }

std::unique_ptr<Device> open_cuda_device(const std::string&) {
    throw InputError("--device: " + why_no_cuda() +
                     "; build it again where the CUDA toolkit and cuDNN are installed, or use --device cpu");
}
#endif

}  // namespace

std::unique_ptr<Device> open_device(const std::string& spec) {
    constexpr std::string_view kCuda = "cuda:";
    if (spec == "auto") return why_no_cuda().empty() ? open_cuda_device("") : open_cpu_device();
    if (spec == "cpu") return open_cpu_device();
    if (spec == "cuda") return open_cuda_device("");
    if (spec.starts_with(kCuda) && spec != kCuda) return open_cuda_device(spec.substr(kCuda.size()));
    throw input_error("--device", "'cpu', 'cuda', 'cuda:N', 'cuda:N:KEY=VALUE,...' or 'auto'",
                      "'" + one_line(spec) + "'");
}

std::string why_no_gpu() { return why_no_cuda(); }

}  // namespace laxity
