#include "profiler/cuda/cuda_device.hpp"

#include <cuda_runtime_api.h>

#include <array>
#include <utility>

#include "profiler/cuda/cuda_executable.hpp"
#include "profiler/cuda/error.hpp"
#include "profiler/cuda/libraries.hpp"
#include "profiler/cuda/nvml.hpp"
#include "profiler/cuda/options.hpp"
#include "profiler/host.hpp"
#include "traces/error.hpp"

namespace laxity {

namespace cuda {

namespace {

std::string version_text(int version) {
    return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

// 9.19.0 is 91900.
std::string cudnn_version() {
    const std::size_t version = LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnGetVersion)();
    return std::to_string(version / 10000) + "." + std::to_string(version % 10000 / 100) + "." +
           std::to_string(version % 100);
}

int runtime_version() {
    int version = 0;
    LAXITY_CUDA(cudaRuntimeGetVersion, &version);
    return version;
}

std::string pci_bus(int device) {
    std::array<char, 32> bus{};
    LAXITY_CUDA(cudaDeviceGetPCIBusId, bus.data(), static_cast<int>(bus.size()), device);
    return bus.data();
}

class CudaDevice final : public Device {
public:
    explicit CudaDevice(const Options& options) : options_(options) {
        use_device(options.device);
        LAXITY_CUDA(cudaGetDeviceProperties, &properties_, options.device);
        nvml_ = Nvml::open(pci_bus(options.device), nvml_missing_);
    }

    DeviceInfo info() const override {
        DeviceInfo info;
        info.kind = "cuda";
        info.name = properties_.name;
        info.backend = "CUDA " + version_text(runtime_version()) + ", cuDNN " + cudnn_version();
        info.threads = 1;
        info.details = host_details();
        info.details["processor"] = cpu_model();
        info.details["compute capability"] =
            std::to_string(properties_.major) + "." + std::to_string(properties_.minor);
        info.details["multiprocessors"] = std::to_string(properties_.multiProcessorCount);
        info.details["GPU memory"] = mebibytes(properties_.totalGlobalMem);
        info.details["GPU driver"] = nvml_ ? nvml_->driver() : "unknown (" + nvml_missing_ + ")";
        if (nvml_) info.details.merge(describe(nvml_->state()));
        info.details.insert(choices_.begin(), choices_.end());
        return info;
    }

    std::unique_ptr<Executable> prepare(const Network& network, const PrepareOptions& options) override {
        auto executable = std::make_unique<CudaExecutable>(network, options, options_);
        choices_ = executable->choices();
        return executable;
    }

    std::vector<std::string> adopt_thread() override {
        use_device(options_.device);
        return {};
    }

    void start_watch() override {
        if (nvml_) before_ = nvml_->state();
    }

    DeviceNoise end_watch() override { return nvml_ ? compare(before_, nvml_->state()) : DeviceNoise{}; }

    std::optional<std::uint64_t> energy_uj() const override {
        return nvml_ ? nvml_->energy_uj() : std::optional<std::uint64_t>();
    }

private:
    Options options_;
    cudaDeviceProp properties_{};
    std::unique_ptr<Nvml> nvml_;
    std::string nvml_missing_;
    std::map<std::string, std::string> choices_;  // of the executable that was prepared last
    GpuState before_;
};

// The number of GPUs that can be used; 0 with the reason if there is none.
int usable_gpus(std::string& reason) {
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess) {
        reason = std::string("no GPU can be used: cudaGetDeviceCount says ") + cudaGetErrorString(status) + " (" +
                 cudaGetErrorName(status) + ")";
        (void)cudaGetLastError();
        return 0;
    }
    if (count == 0) reason = "the driver shows no GPU";
    for (const Library library : {Library::kCudnn, Library::kCublas}) {
        const std::string missing = why_missing(library);
        if (missing.empty() || !reason.empty()) continue;
        reason = "there is a GPU, but " + missing;
    }
    return reason.empty() ? count : 0;
}

}  // namespace

}  // namespace cuda

std::string why_no_cuda() {
    std::string reason;
    cuda::usable_gpus(reason);
    return reason;
}

std::unique_ptr<Device> open_cuda_device(const std::string& text) {
    const cuda::Options options = cuda::parse_options(text);
    std::string reason;
    const int count = cuda::usable_gpus(reason);
    if (count == 0) throw InputError("--device cuda: " + reason + "; use --device cpu, or see README, 'On your GPU'");
    if (options.device >= count) {
        throw input_error("--device cuda", "a GPU from 0 to " + std::to_string(count - 1),
                          std::to_string(options.device));
    }
    return std::make_unique<cuda::CudaDevice>(options);
}

}  // namespace laxity
