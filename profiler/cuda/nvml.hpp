// What the GPU says of itself while it is measured. Only reads: no clock, mode or setting is ever changed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "profiler/device/device.hpp"

namespace laxity::cuda {

// The GPU as it is at one moment; what it doesn't tell is missing.
struct GpuState {
    std::optional<unsigned> core_mhz, memory_mhz, celsius;
    std::optional<double> watts;
    std::optional<std::uint64_t> slowdowns;  // NVML's bits of why clocks are not higher
    std::optional<int> other_processes;      // that compute on it beside this one, which has opened the GPU
};

class Nvml {
public:
    // Null, with the reason, if the library or the GPU isn't there.
    static std::unique_ptr<Nvml> open(const std::string& pci_bus, std::string& reason);
    ~Nvml();
    Nvml(const Nvml&) = delete;
    Nvml& operator=(const Nvml&) = delete;

    std::string driver() const;
    GpuState state() const;
    // Consumed since the driver was loaded, by the whole board; nothing if there is no counter.
    std::optional<std::uint64_t> energy_uj() const;

private:
    Nvml() = default;
    void* device_ = nullptr;
};

std::map<std::string, std::string> describe(const GpuState& state);
// What changed in between so that latencies are not to be trusted.
DeviceNoise compare(const GpuState& before, const GpuState& after);

}  // namespace laxity::cuda
