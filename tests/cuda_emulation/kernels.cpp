// NVRTC and the driver's modules: "compiling" gives a mark, and a kernel is the same source compiled for the host, run
// over all pieces of its work.
#include <cuda.h>
#include <cuda_fp16.h>
#include <nvrtc.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "profiler/cuda/kernels/parameters.hpp"
#include "tests/cuda_emulation/machine.hpp"

namespace laxity::cuda::kernels {

inline float half_to_float(unsigned short bits) { return __half2float(std::bit_cast<__half>(bits)); }
inline unsigned short float_to_half(float value) { return std::bit_cast<unsigned short>(__float2half_rn(value)); }

using Run = void(const void* parameters);
struct EmulatedKernel {
    const char* name;
    std::size_t bytes;
    Run* run;
};

}  // namespace laxity::cuda::kernels

#define LAXITY_KERNEL(NAME, PARAMETERS, MEMBERS)                                                                    \
    namespace laxity::cuda::kernels {                                                                              \
    const EmulatedKernel emulated_##NAME = {"laxity_" #NAME, sizeof(PARAMETERS), [](const void* bytes) {            \
                                                const auto& p = *static_cast<const PARAMETERS*>(bytes);             \
                                                for (Index i = 0; i < p.common.count; ++i) NAME(p, i, Team{});      \
                                            }};                                                                    \
    }
#include "profiler/cuda/kernels/kernels.inc"

namespace emulation = laxity::cuda_emulation;
namespace kernels = laxity::cuda::kernels;
using emulation::Machine;

struct _nvrtcProgram {
    bool compiled = false;
};
struct CUmod_st {};
struct CUfunc_st {
    kernels::EmulatedKernel kernel;
};

namespace {

Machine& machine() { return Machine::get(); }

constexpr char kCode[] = "code of the emulation";

CUfunc_st functions[] = {
    {kernels::emulated_elementwise}, {kernels::emulated_gather},      {kernels::emulated_pad},
    {kernels::emulated_pooling},     {kernels::emulated_convolution}, {kernels::emulated_local_response},
    {kernels::emulated_taps},        {kernels::emulated_reduce},      {kernels::emulated_cumulative_sum},
    {kernels::emulated_softmax},     {kernels::emulated_normalise},   {kernels::emulated_recurrent}};

// Operand 0 is written, operand 7 is scratch memory; the others are read.
std::vector<emulation::Access> accesses_of(const kernels::Common& common) {
    std::vector<emulation::Access> accesses;
    for (int i = 0; i < kernels::kOperands; ++i) {
        const kernels::Operand& operand = common.operand[i];
        if (operand.data == nullptr) continue;
        accesses.push_back({operand.data, static_cast<std::size_t>(operand.bytes), i == 0 || i == 7});
    }
    return accesses;
}

CUresult refuse(const std::string& message) {
    machine().violate(message);
    return CUDA_ERROR_INVALID_VALUE;
}

}  // namespace

extern "C" {

const char* nvrtcGetErrorString(nvrtcResult) { return "an error of the emulated NVRTC"; }

nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char*, const char*, int, const char* const*,
                               const char* const*) {
    if (machine().enter("nvrtcCreateProgram")) return NVRTC_ERROR_OUT_OF_MEMORY;
    *program = machine().create<_nvrtcProgram>("program");
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
    const bool fails = machine().enter("nvrtcDestroyProgram");
    if (!machine().destroy(*program, "program", "nvrtcDestroyProgram")) return NVRTC_ERROR_INVALID_PROGRAM;
    return fails ? NVRTC_ERROR_INTERNAL_ERROR : NVRTC_SUCCESS;
}

nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int, const char* const*) {
    if (machine().enter("nvrtcCompileProgram", true)) return NVRTC_ERROR_COMPILATION;
    program->compiled = true;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram, std::size_t* bytes) {
    if (machine().enter("nvrtcGetProgramLogSize")) return NVRTC_ERROR_INTERNAL_ERROR;
    *bytes = 1;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLog(nvrtcProgram, char* log) {
    if (machine().enter("nvrtcGetProgramLog")) return NVRTC_ERROR_INTERNAL_ERROR;
    *log = '\0';
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, std::size_t* bytes) {
    if (machine().enter("nvrtcGetCUBINSize") || !program->compiled) return NVRTC_ERROR_INTERNAL_ERROR;
    *bytes = sizeof kCode;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char* code) {
    if (machine().enter("nvrtcGetCUBIN") || !program->compiled) return NVRTC_ERROR_INTERNAL_ERROR;
    std::memcpy(code, kCode, sizeof kCode);
    return NVRTC_SUCCESS;
}

CUresult cuGetErrorString(CUresult, const char** text) {
    *text = "an error of the emulated driver";
    return CUDA_SUCCESS;
}

CUresult cuModuleLoadData(CUmodule* module, const void* code) {
    if (machine().enter("cuModuleLoadData", true)) return CUDA_ERROR_UNKNOWN;
    if (std::strcmp(static_cast<const char*>(code), kCode) != 0) return refuse("cuModuleLoadData: not what NVRTC gave");
    *module = machine().create<CUmod_st>("module");
    return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
    const bool fails = machine().enter("cuModuleUnload", true);
    if (!machine().destroy(module, "module", "cuModuleUnload")) return CUDA_ERROR_INVALID_VALUE;
    return fails ? CUDA_ERROR_UNKNOWN : CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
    if (machine().enter("cuModuleGetFunction")) return CUDA_ERROR_UNKNOWN;
    if (!machine().alive(module, "module", "cuModuleGetFunction")) return CUDA_ERROR_INVALID_VALUE;
    const auto found = std::find_if(std::begin(functions), std::end(functions), [&](const CUfunc_st& known) {
        return std::strcmp(known.kernel.name, name) == 0;
    });
    if (found == std::end(functions)) return CUDA_ERROR_NOT_FOUND;
    *function = found;
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned blocks, unsigned, unsigned, unsigned threads, unsigned, unsigned,
                        unsigned, CUstream stream, void** arguments, void**) {
    const kernels::EmulatedKernel kernel = function->kernel;
    if (machine().enter("cuLaunchKernel")) return CUDA_ERROR_UNKNOWN;
    if (!machine().check_stream(stream, "cuLaunchKernel")) return CUDA_ERROR_INVALID_VALUE;
    std::string parameters(static_cast<const char*>(arguments[0]), kernel.bytes);
    kernels::Common common;
    std::memcpy(static_cast<void*>(&common), parameters.data(), sizeof common);
    if (blocks == 0 || threads == 0 || threads > 1024) return refuse("cuLaunchKernel: no such grid");
    if (static_cast<kernels::Index>(blocks) * threads < common.count) return refuse("cuLaunchKernel: too small a grid");
    const auto body = [kernel, parameters] { kernel.run(parameters.data()); };
    return machine().submit(stream, {kernel.name, accesses_of(common), body, {}}) ? CUDA_SUCCESS
                                                                                  : CUDA_ERROR_INVALID_VALUE;
}

}  // extern "C"
