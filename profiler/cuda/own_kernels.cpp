#include "profiler/cuda/own_kernels.hpp"

#include <nvrtc.h>

#include <vector>

#include "profiler/cuda/error.hpp"

namespace laxity::cuda {

namespace {

using Program = std::shared_ptr<std::remove_pointer_t<nvrtcProgram>>;

void release_program(nvrtcProgram program) {
    (void)LAXITY_LIBRARY_FUNCTION(kNvrtc, nvrtcDestroyProgram)(&program);
}

std::string log_of(const Program& program) {
    std::size_t bytes = 0;
    LAXITY_NVRTC(nvrtcGetProgramLogSize, program.get(), &bytes);
    std::string log(bytes, '\0');
    if (bytes > 0) LAXITY_NVRTC(nvrtcGetProgramLog, program.get(), log.data());
    return log;
}

Program make_program() {
    nvrtcProgram program = nullptr;
    LAXITY_NVRTC(nvrtcCreateProgram, &program, kKernelSource, "laxity_kernels.cu", 0, nullptr, nullptr);
    return {program, release_program};
}

// Machine code, so that an older driver than NVRTC does not matter.
std::vector<char> compile_kernels(int capability) {
    const Program program = make_program();
    const std::string architecture = architecture_option(capability);
    const char* const options[] = {architecture.c_str(), kKernelOptions[0], kKernelOptions[1]};
    const nvrtcResult result = LAXITY_LIBRARY_FUNCTION(kNvrtc, nvrtcCompileProgram)(program.get(), 3, options);
    if (result == NVRTC_ERROR_COMPILATION)
        throw DeviceError("NVRTC does not compile laxity's kernels with " + architecture + ": " + log_of(program));
    check(result, {"nvrtcCompileProgram", __FILE__, __LINE__});
    std::size_t bytes = 0;
    LAXITY_NVRTC(nvrtcGetCUBINSize, program.get(), &bytes);
    std::vector<char> code(bytes);
    LAXITY_NVRTC(nvrtcGetCUBIN, program.get(), code.data());
    return code;
}

int attribute(cudaDeviceAttr which, int device) {
    int value = 0;
    LAXITY_CUDA(cudaDeviceGetAttribute, &value, which, device);
    return value;
}

}  // namespace

std::string architecture_option(int capability) { return "-arch=sm_" + std::to_string(capability); }

OwnKernels::OwnKernels(int device) {
    const int major = attribute(cudaDevAttrComputeCapabilityMajor, device);
    const int minor = attribute(cudaDevAttrComputeCapabilityMinor, device);
    const std::vector<char> code = compile_kernels(10 * major + minor);
    CUmodule module = nullptr;
    LAXITY_DRIVER(cuModuleLoadData, &module, code.data());
    module_ = {module, [](CUmodule loaded) { (void)LAXITY_LIBRARY_FUNCTION(kDriver, cuModuleUnload)(loaded); }};
}

CUfunction OwnKernels::function(const std::string& name) const {
    CUfunction function = nullptr;
    LAXITY_DRIVER(cuModuleGetFunction, &function, module_.get(), ("laxity_" + name).c_str());
    return function;
}

void OwnKernels::launch(CUfunction kernel, const void* parameters, kernels::Index count, Team team,
                        const Stream& stream) {
    constexpr kernels::Index kThreads = 256, kWarp = 32;
    const kernels::Index each = team == Team::kThread ? 1 : team == Team::kWarp ? kWarp : kThreads;
    const auto blocks = static_cast<unsigned>((count * each + kThreads - 1) / kThreads);
    void* arguments[] = {const_cast<void*>(parameters)};
    LAXITY_DRIVER(cuLaunchKernel, kernel, blocks, 1, 1, static_cast<unsigned>(kThreads), 1, 1, 0, stream.get(),
                  arguments, nullptr);
}

}  // namespace laxity::cuda
