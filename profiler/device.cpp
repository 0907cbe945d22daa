#include "profiler/device.hpp"

#include "profiler/cpu/cpu_device.hpp"
#include "profiler/network.hpp"
#include "traces/error.hpp"
#ifdef LAXITY_WITH_CUDA
#include "profiler/cuda/cuda_device.hpp"
#endif

namespace laxity {

namespace {

// The number after "cuda:", 0 if there is none.
int cuda_index(const std::string& spec) {
    if (spec == "cuda") return 0;
    const std::string number = spec.substr(5);
    if (number.empty() || number.size() > 3 || number.find_first_not_of("0123456789") != std::string::npos) {
        throw input_error("--device", "'cuda' or 'cuda:N'", "'" + spec + "'");
    }
    return std::stoi(number);
}

#ifndef LAXITY_WITH_CUDA
// What profiler/cuda defines when it is built.
int cuda_device_count() { return 0; }

std::unique_ptr<Device> open_cuda_device(int) {
    throw InputError(
        "--device: this laxity was built without CUDA; configure it again where the CUDA toolkit and cuDNN are "
        "installed, or use --device cpu");
}
#endif

}  // namespace

std::unique_ptr<Device> open_device(const std::string& spec) {
    if (spec == "auto") return cuda_device_count() > 0 ? open_cuda_device(0) : open_cpu_device();
    if (spec == "cpu") return open_cpu_device();
    if (spec == "cuda" || spec.starts_with("cuda:")) return open_cuda_device(cuda_index(spec));
    throw input_error("--device", "'cpu', 'cuda', 'cuda:N' or 'auto'", "'" + one_line(spec) + "'");
}

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
