#include "profiler/cuda/nvml.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>
#include <vector>

#include "profiler/cuda/libraries.hpp"
#include "profiler/cuda/nvml_api.hpp"

namespace laxity::cuda {

namespace {

// Calls a function of NVML, if this driver's has it: some versions lack some.
template <class Function, class... Arguments>
nvmlReturn_t call(const char* name, Arguments... arguments) {
    auto* const function = reinterpret_cast<Function*>(look_up(Library::kNvml, name));
    return function == nullptr ? NVML_ERROR_FUNCTION_NOT_FOUND : function(arguments...);
}
#define LAXITY_NVML(function, ...) call<decltype(function)>(#function __VA_OPT__(, ) __VA_ARGS__)

std::string meaning_of(nvmlReturn_t status) {
    auto* const text = reinterpret_cast<decltype(&nvmlErrorString)>(look_up(Library::kNvml, "nvmlErrorString"));
    return text == nullptr ? "error " + std::to_string(status) : text(status);
}

nvmlDevice_t handle(void* device) { return static_cast<nvmlDevice_t>(device); }

// NVML's bits for clocks below what was asked for (nvmlClocksEventReasons); idle and the user's own limits are none.
constexpr std::array<std::pair<std::uint64_t, const char*>, 5> kSlowdowns = {{{0x4, "power cap"},
                                                                              {0x8, "hardware slowdown"},
                                                                              {0x20, "software thermal slowdown"},
                                                                              {0x40, "hardware thermal slowdown"},
                                                                              {0x80, "power brake"}}};

std::string slowdown_text(std::uint64_t bits) {
    std::string text;
    for (const auto& [bit, name] : kSlowdowns) {
        if ((bits & bit) != 0) text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text.empty() ? "none" : text;
}

// The function has had two names.
std::optional<std::uint64_t> slowdowns_of(nvmlDevice_t device) {
    unsigned long long reasons = 0;
    nvmlReturn_t status = LAXITY_NVML(nvmlDeviceGetCurrentClocksEventReasons, device, &reasons);
    if (status == NVML_ERROR_FUNCTION_NOT_FOUND)
        status = LAXITY_NVML(nvmlDeviceGetCurrentClocksThrottleReasons, device, &reasons);
    return status == NVML_SUCCESS ? std::optional<std::uint64_t>(reasons) : std::nullopt;
}

// One of those that compute is this one. It can't be told by its number, which is another one inside a container.
std::optional<int> count_other_processes(nvmlDevice_t device) {
    constexpr std::size_t kMost = 256;
    std::vector<nvmlProcessInfo_t> processes(kMost);
    auto count = static_cast<unsigned>(processes.size());
    nvmlReturn_t status = LAXITY_NVML(nvmlDeviceGetComputeRunningProcesses_v3, device, &count, processes.data());
    if (status == NVML_ERROR_FUNCTION_NOT_FOUND)
        status = LAXITY_NVML(nvmlDeviceGetComputeRunningProcesses_v2, device, &count, processes.data());
    if (status != NVML_SUCCESS && status != NVML_ERROR_INSUFFICIENT_SIZE) return {};
    return std::max(0, static_cast<int>(count) - 1);
}

}  // namespace

std::unique_ptr<Nvml> Nvml::open(const std::string& pci_bus, std::string& reason) {
    reason = why_missing(Library::kNvml);
    if (!reason.empty()) return nullptr;
    const auto failed = [&](nvmlReturn_t status) {
        if (status != NVML_SUCCESS) reason = "NVML: " + meaning_of(status);
        return status != NVML_SUCCESS;
    };
    if (failed(LAXITY_NVML(nvmlInit_v2))) return nullptr;
    std::unique_ptr<Nvml> nvml(new Nvml);
    nvmlDevice_t device = nullptr;
    if (failed(LAXITY_NVML(nvmlDeviceGetHandleByPciBusId_v2, pci_bus.c_str(), &device))) return nullptr;
    nvml->device_ = device;
    return nvml;
}

Nvml::~Nvml() { LAXITY_NVML(nvmlShutdown); }

std::string Nvml::driver() const {
    std::array<char, 96> version{};
    const auto length = static_cast<unsigned>(version.size());
    return LAXITY_NVML(nvmlSystemGetDriverVersion, version.data(), length) == NVML_SUCCESS ? version.data() : "unknown";
}

GpuState Nvml::state() const {
    GpuState state;
    unsigned value = 0;
    if (LAXITY_NVML(nvmlDeviceGetClockInfo, handle(device_), NVML_CLOCK_SM, &value) == NVML_SUCCESS)
        state.core_mhz = value;
    if (LAXITY_NVML(nvmlDeviceGetClockInfo, handle(device_), NVML_CLOCK_MEM, &value) == NVML_SUCCESS)
        state.memory_mhz = value;
    if (LAXITY_NVML(nvmlDeviceGetTemperature, handle(device_), NVML_TEMPERATURE_GPU, &value) == NVML_SUCCESS)
        state.celsius = value;
    if (LAXITY_NVML(nvmlDeviceGetPowerUsage, handle(device_), &value) == NVML_SUCCESS) state.watts = value / 1e3;
    state.slowdowns = slowdowns_of(handle(device_));
    state.other_processes = count_other_processes(handle(device_));
    return state;
}

std::optional<std::uint64_t> Nvml::energy_uj() const {
    unsigned long long millijoules = 0;
    if (LAXITY_NVML(nvmlDeviceGetTotalEnergyConsumption, handle(device_), &millijoules) != NVML_SUCCESS) return {};
    return std::uint64_t{millijoules} * 1000;
}

std::map<std::string, std::string> describe(const GpuState& state) {
    std::map<std::string, std::string> details;
    const auto add = [&](const char* key, const auto& value, const char* unit) {
        if (value) details[key] = std::to_string(*value) + unit;
    };
    add("core clock", state.core_mhz, " MHz");
    add("memory clock", state.memory_mhz, " MHz");
    add("GPU temperature", state.celsius, " C");
    if (state.watts) {
        std::array<char, 32> text{};
        std::snprintf(text.data(), text.size(), "%.1f W", *state.watts);
        details["GPU power"] = text.data();
    }
    if (state.slowdowns) details["GPU slowdown"] = slowdown_text(*state.slowdowns);
    add("other GPU processes", state.other_processes, "");
    return details;
}

DeviceNoise compare(const GpuState& before, const GpuState& after) {
    constexpr double kMoved = 0.02;  // of the clock; less is the counter's own rounding
    DeviceNoise noise;
    for (const auto& [key, value] : describe(before)) noise.details[key + " before"] = value;
    for (const auto& [key, value] : describe(after)) noise.details[key + " after"] = value;
    if (before.core_mhz && after.core_mhz) {
        const double first = *before.core_mhz, last = *after.core_mhz;
        if (last < first * (1 - kMoved) || last > first * (1 + kMoved)) {
            noise.reasons.push_back("the GPU's clock moved from " + std::to_string(*before.core_mhz) + " to " +
                                    std::to_string(*after.core_mhz) + " MHz");
        }
    }
    const std::uint64_t slowdowns = before.slowdowns.value_or(0) | after.slowdowns.value_or(0);
    if (slowdown_text(slowdowns) != "none")
        noise.reasons.push_back("the GPU held its clock back: " + slowdown_text(slowdowns));
    if (before.other_processes.value_or(0) + after.other_processes.value_or(0) > 0)
        noise.reasons.push_back("another process used the GPU");
    return noise;
}

}  // namespace laxity::cuda
