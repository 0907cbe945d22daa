// NVML's entry points.
#include <atomic>
#include <cstdio>

#include "profiler/cuda/nvml_api.hpp"
#include "tests/cuda_emulation/machine.hpp"

namespace emulation = laxity::cuda_emulation;
using emulation::Machine;

struct nvmlDevice_st {};

namespace {

constexpr nvmlReturn_t kUnknown = 999;

Machine& machine() { return Machine::get(); }

nvmlReturn_t answer(const char* function, unsigned* value, unsigned truth) {
    if (machine().enter(function)) return kUnknown;
    *value = truth;
    return NVML_SUCCESS;
}

nvmlReturn_t processes_of(const char* function, unsigned* count, nvmlProcessInfo_t* processes) {
    if (machine().enter(function)) return kUnknown;
    *count = 1 + machine().settings().other_processes;  // with this process, whatever its number
    for (unsigned i = 0; i < *count; ++i) processes[i] = {1 + i, 0, 0, 0};
    return NVML_SUCCESS;
}

std::atomic<unsigned long long> consumed{0};  // mJ

}  // namespace

extern "C" {

nvmlReturn_t nvmlInit_v2() { return machine().enter("nvmlInit_v2") ? kUnknown : NVML_SUCCESS; }
nvmlReturn_t nvmlShutdown() { return machine().enter("nvmlShutdown") ? kUnknown : NVML_SUCCESS; }
const char* nvmlErrorString(nvmlReturn_t) { return "an error of the emulated NVML"; }

nvmlReturn_t nvmlSystemGetDriverVersion(char* version, unsigned length) {
    if (machine().enter("nvmlSystemGetDriverVersion")) return kUnknown;
    std::snprintf(version, length, "%s", "none (test double)");
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByPciBusId_v2(const char*, nvmlDevice_t* device) {
    static nvmlDevice_st only;
    if (machine().enter("nvmlDeviceGetHandleByPciBusId_v2")) return kUnknown;
    *device = &only;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetClockInfo(nvmlDevice_t, int clock, unsigned* megahertz) {
    constexpr unsigned kMemory = 1000;
    return answer("nvmlDeviceGetClockInfo", megahertz,
                  clock == NVML_CLOCK_SM ? machine().settings().core_mhz : kMemory);
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t, int, unsigned* celsius) {
    return answer("nvmlDeviceGetTemperature", celsius, 40);
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t, unsigned* milliwatts) {
    return answer("nvmlDeviceGetPowerUsage", milliwatts, 100'000);
}

// A joule more at each call.
nvmlReturn_t nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t, unsigned long long* millijoules) {
    if (machine().enter("nvmlDeviceGetTotalEnergyConsumption")) return kUnknown;
    *millijoules = consumed += 1000;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCurrentClocksEventReasons(nvmlDevice_t, unsigned long long* reasons) {
    if (machine().enter("nvmlDeviceGetCurrentClocksEventReasons")) return kUnknown;
    *reasons = 0;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetCurrentClocksThrottleReasons(nvmlDevice_t, unsigned long long* reasons) {
    if (machine().enter("nvmlDeviceGetCurrentClocksThrottleReasons")) return kUnknown;
    *reasons = 0;
    return NVML_SUCCESS;
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t, unsigned* count, nvmlProcessInfo_t* processes) {
    return processes_of("nvmlDeviceGetComputeRunningProcesses_v2", count, processes);
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t, unsigned* count, nvmlProcessInfo_t* processes) {
    return processes_of("nvmlDeviceGetComputeRunningProcesses_v3", count, processes);
}

}  // extern "C"
