#include "profiler/device.hpp"

#include <string_view>

#include "profiler/cpu/cpu_device.hpp"
#include "profiler/network.hpp"
#include "traces/error.hpp"
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

std::vector<StageInfo> describe_stages(const Network& network) {
    std::vector<StageInfo> infos;
    for (const Stage& stage : network.stages()) {
        StageInfo info;
        info.name = "stage" + std::to_string(infos.size());
        info.resource = "accelerator";
        info.macs = stage.macs;
        info.parameter_bytes = stage.parameter_bytes;
        info.activation_bytes = stage.activation_bytes;
        infos.push_back(std::move(info));
    }
    return infos;
}

}  // namespace laxity
