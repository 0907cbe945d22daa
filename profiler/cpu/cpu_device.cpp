#include "profiler/cpu/cpu_device.hpp"

#include <map>
#include <utility>
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "profiler/cpu/cpu_executable.hpp"
#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/device/host.hpp"
#include "profiler/network/network.hpp"

namespace laxity {

namespace {

std::string instruction_set() {
    switch (dnnl::get_effective_cpu_isa()) {
        case dnnl::cpu_isa::sse41:
            return "SSE4.1";
        case dnnl::cpu_isa::avx:
            return "AVX";
        case dnnl::cpu_isa::avx2:
        case dnnl::cpu_isa::avx2_vnni:
            return "AVX2";
        case kUnlimitedIsa:
            return "unknown";
        default:
            return "AVX-512";
    }
}

class CpuDevice final : public Device {
public:
    CpuDevice() : engine_(checked("opening the processor", [] { return dnnl::engine(dnnl::engine::kind::cpu, 0); })) {}

    DeviceInfo info() const override {
        const dnnl_version_t* version = dnnl_version();
        DeviceInfo info;
        info.kind = "cpu";
        info.name = cpu_model();
        info.backend = "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                       std::to_string(version->patch);
        info.threads = 1;
        info.details = host_details();
        info.details["instruction set"] = instruction_set();
        info.details.insert(choices_.begin(), choices_.end());
        return info;
    }

    std::unique_ptr<Executable> prepare(const Network& network, const PrepareOptions& options) override {
        cpu::use_one_thread();
        auto executable = std::make_unique<cpu::CpuExecutable>(network, engine_, options);
        choices_ = executable->choices();
        return executable;
    }

    // Numbers too small to be normal would cost a hundred times as much, and are zero for every purpose here.
    std::vector<std::string> adopt_thread() override {
        cpu::use_one_thread();
#if defined(__SSE2__)
        constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
        _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
#endif
        return {};
    }

private:
    dnnl::engine engine_;
    std::map<std::string, std::string> choices_;  // of the executable that was prepared last
};

}  // namespace

std::unique_ptr<Device> open_cpu_device() { return std::make_unique<CpuDevice>(); }

}  // namespace laxity
