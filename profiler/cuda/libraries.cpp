#include "profiler/cuda/libraries.hpp"

#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <dlfcn.h>

#include <algorithm>
#include <vector>

#include "profiler/device/device.hpp"

namespace laxity::cuda {

namespace {

struct Loaded {
    void* handle = nullptr;
    std::string file;
    std::string problem;  // why there is no handle
};

// The first of the files that can be opened. Beside the loader's own path, where the toolkit's installer puts them.
Loaded load(const std::string& name, const std::vector<std::string>& files,
            const char* advice = "; install it or add its folder to LD_LIBRARY_PATH") {
    std::string reasons;
    for (const std::string& file : files) {
        for (const char* folder : {"", "/usr/local/cuda/lib64/"}) {
            void* handle = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL);
            if (handle != nullptr) return {handle, file, {}};
            const std::string reason = dlerror();
            if (*folder == '\0') reasons += (reasons.empty() ? "" : "; ") + reason;
        }
    }
    return {nullptr, {}, name + " cannot be loaded (" + reasons + ")" + advice};
}

// A runtime that is newer than the driver is of no use.
bool fits_driver(const Loaded& runtime) {
    int count = 0;
    auto* const count_devices =
        reinterpret_cast<decltype(&cudaGetDeviceCount)>(dlsym(runtime.handle, "cudaGetDeviceCount"));
    return count_devices != nullptr && count_devices(&count) != cudaErrorInsufficientDriver;
}

constexpr const char* kNewestRuntime = "libcudart.so.13";
constexpr const char* kOlderRuntime = "libcudart.so.12";

Loaded load_runtime() {
    const std::string name = "the CUDA runtime";
    const Loaded newest = load(name, {kNewestRuntime});
    if (newest.handle == nullptr) return load(name, {kNewestRuntime, kOlderRuntime});
    if (fits_driver(newest)) return newest;
    const Loaded older = load(name, {kOlderRuntime});
    return older.handle == nullptr ? newest : older;
}

const Loaded& loaded(Library library);

// The one of the CUDA that cuDNN was made for, if it is there: cuDNN wants its other half, cublasLt.
Loaded load_cublas() {
    std::vector<std::string> files = {"libcublas.so.13", "libcublas.so.12"};
    const Loaded& cudnn = loaded(Library::kCudnn);
    if (cudnn.handle != nullptr) {
        auto* const cuda_of_cudnn =
            reinterpret_cast<decltype(&cudnnGetCudartVersion)>(dlsym(cudnn.handle, "cudnnGetCudartVersion"));
        constexpr std::size_t kNewest = 13000;
        if (cuda_of_cudnn != nullptr && cuda_of_cudnn() < kNewest) std::reverse(files.begin(), files.end());
    }
    return load("cuBLAS", files);
}

const Loaded& loaded(Library library) {
    switch (library) {
        case Library::kDriver: {
            static const Loaded driver = load("NVIDIA's driver", {"libcuda.so.1"}, "");
            return driver;
        }
        case Library::kRuntime: {
            static const Loaded runtime = load_runtime();
            return runtime;
        }
        case Library::kCudnn: {
            static const Loaded cudnn = load("cuDNN 9", {"libcudnn.so.9"});
            return cudnn;
        }
        case Library::kCublas: {
            static const Loaded cublas = load_cublas();
            return cublas;
        }
        case Library::kNvrtc: {
            static const Loaded nvrtc = load("NVRTC", {"libnvrtc.so.13", "libnvrtc.so.12"});
            return nvrtc;
        }
        case Library::kNvml:
            break;
    }
    static const Loaded nvml = load("NVML", {"libnvidia-ml.so.1"});
    return nvml;
}

}  // namespace

std::string why_missing(Library library) { return loaded(library).problem; }

void* look_up(Library library, const char* name) {
    const Loaded& from = loaded(library);
    if (from.handle == nullptr) throw DeviceError(from.problem);
    return dlsym(from.handle, name);
}

void* find_function(Library library, const char* name) {
    void* function = look_up(library, name);
    if (function == nullptr) throw DeviceError(loaded(library).file + " has no function " + name);
    return function;
}

}  // namespace laxity::cuda
