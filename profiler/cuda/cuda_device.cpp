#include "profiler/cuda/cuda_device.hpp"

#include <cuda.h>
#include <cuda_runtime_api.h>

#include <array>
#include <utility>

#include "profiler/cuda/cuda_executable.hpp"
#include "profiler/cuda/error.hpp"
#include "profiler/cuda/libraries.hpp"
#include "profiler/cuda/nvml.hpp"
#include "profiler/cuda/options.hpp"
#include "profiler/device/host.hpp"
#include "traces/base/error.hpp"

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

std::string runtime_version() {
    int version = 0;
    LAXITY_CUDA(cudaRuntimeGetVersion, &version);
    return version_text(version);
}

// From the driver: the runtime has it only in a structure that differs between CUDA 12 and 13.
std::string gpu_name(int device) {
    std::array<char, 256> name{};
    const CUresult result =
        LAXITY_LIBRARY_FUNCTION(kDriver, cuDeviceGetName)(name.data(), static_cast<int>(name.size()), device);
    return result == CUDA_SUCCESS ? name.data() : "unknown GPU";
}

int attribute(cudaDeviceAttr which, int device) {
    int value = 0;
    LAXITY_CUDA(cudaDeviceGetAttribute, &value, which, device);
    return value;
}

std::size_t memory_bytes() {
    std::size_t free = 0, total = 0;
    LAXITY_CUDA(cudaMemGetInfo, &free, &total);
    return total;
}

// What does not change.
DeviceInfo describe_gpu(int device) {
    DeviceInfo info;
    info.kind = "cuda";
    info.name = gpu_name(device);
    info.backend = "CUDA " + runtime_version() + ", cuDNN " + cudnn_version();
    info.threads = 1;
    info.details["processor"] = cpu_model();
    info.details["compute capability"] = std::to_string(attribute(cudaDevAttrComputeCapabilityMajor, device)) + "." +
                                         std::to_string(attribute(cudaDevAttrComputeCapabilityMinor, device));
    info.details["multiprocessors"] = std::to_string(attribute(cudaDevAttrMultiProcessorCount, device));
    info.details["GPU memory"] = mebibytes(memory_bytes());
    return info;
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
        gpu_ = describe_gpu(options.device);
        nvml_ = Nvml::open(pci_bus(options.device), nvml_missing_);
    }

    DeviceInfo info() const override {
        DeviceInfo info = gpu_;
        info.details.merge(host_details());
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
    DeviceInfo gpu_;
    std::unique_ptr<Nvml> nvml_;
    std::string nvml_missing_;
    std::map<std::string, std::string> choices_;  // of the executable that was prepared last
    GpuState before_;
};

// "cudaGetDeviceCount says ..."
std::string explain(const char* function, cudaError_t status) {
    (void)LAXITY_CUDA_FUNCTION(cudaGetLastError)();
    return std::string(function) + " says " + LAXITY_CUDA_FUNCTION(cudaGetErrorString)(status) + " (" +
           LAXITY_CUDA_FUNCTION(cudaGetErrorName)(status) + ")";
}

// A driver runs what was made for its own CUDA and for older ones. Empty if it is new enough for both the runtime and
// cuDNN, which has a runtime of its own inside.
std::string why_driver_is_too_old(cudaError_t count_status) {
    int driver = 0;
    const cudaError_t status = LAXITY_CUDA_FUNCTION(cudaDriverGetVersion)(&driver);
    if (status != cudaSuccess) return explain("cudaDriverGetVersion", status);
    const std::string of_driver = "the driver is for CUDA " + version_text(driver);
    if (count_status == cudaErrorInsufficientDriver) {
        int runtime = 0;
        (void)LAXITY_CUDA_FUNCTION(cudaRuntimeGetVersion)(&runtime);
        return of_driver + " and the runtime that was found for " + version_text(runtime) +
               "; update the driver, or add the folder of an older runtime to LD_LIBRARY_PATH";
    }
    constexpr int kMajor = 1000;
    const auto cudnn = static_cast<int>(LAXITY_LIBRARY_FUNCTION(kCudnn, cudnnGetCudartVersion)());
    if (cudnn / kMajor <= driver / kMajor) return "";
    return of_driver + " and the cuDNN that was found for " + version_text(cudnn) +
           "; update the driver, or add the folder of a cuDNN for an older CUDA to LD_LIBRARY_PATH";
}

std::string first_missing(std::initializer_list<Library> libraries) {
    for (const Library library : libraries) {
        if (const std::string missing = why_missing(library); !missing.empty()) return missing;
    }
    return "";
}

// The number of GPUs that can be used; 0 with the reason if there is none.
int usable_gpus(std::string& reason) {
    reason = first_missing({Library::kDriver, Library::kRuntime});
    if (!reason.empty()) return 0;
    int count = 0;
    const cudaError_t status = LAXITY_CUDA_FUNCTION(cudaGetDeviceCount)(&count);
    if (status != cudaSuccess) {
        reason = "no GPU can be used: " + explain("cudaGetDeviceCount", status);
        if (status == cudaErrorInsufficientDriver) reason += ": " + why_driver_is_too_old(status);
        return 0;
    }
    if (count == 0) reason = "the driver shows no GPU";
    if (reason.empty()) reason = first_missing({Library::kCudnn, Library::kCublas});
    if (reason.empty()) reason = why_driver_is_too_old(status);
    if (reason.empty()) return count;
    if (count > 0) reason = "there is a GPU, but " + reason;
    return 0;
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
