#include "profiler/cuda/libraries.hpp"

#include <dlfcn.h>

#include <array>
#include <vector>

#include "profiler/device.hpp"

namespace laxity::cuda {

namespace {

struct Files {
    const char* name;
    std::vector<const char*> candidates;  // newest first
};

const Files& files_of(Library library) {
    static const std::array<Files, 3> kFiles = {{{"cuDNN 9", {"libcudnn.so.9"}},
                                                 {"cuBLAS", {"libcublas.so.13", "libcublas.so.12"}},
                                                 {"NVML", {"libnvidia-ml.so.1"}}}};
    return kFiles[static_cast<std::size_t>(library)];
}

struct Loaded {
    void* handle = nullptr;
    std::string problem;
};

// Beside the loader's own path, where the toolkit's installer puts them.
Loaded load(const Files& files) {
    Loaded loaded;
    for (const char* file : files.candidates) {
        for (const std::string& folder : {std::string(), std::string("/usr/local/cuda/lib64/")}) {
            loaded.handle = dlopen((folder + file).c_str(), RTLD_NOW | RTLD_LOCAL);
            if (loaded.handle != nullptr) return {loaded.handle, {}};
            if (folder.empty()) loaded.problem = dlerror();
        }
    }
    loaded.problem = std::string(files.name) + " cannot be loaded (" + loaded.problem +
                     "); install it or add its folder to LD_LIBRARY_PATH";
    return loaded;
}

const Loaded& loaded(Library library) {
    static const std::array<Loaded, 3> kLoaded = {load(files_of(Library::kCudnn)), load(files_of(Library::kCublas)),
                                                  load(files_of(Library::kNvml))};
    return kLoaded[static_cast<std::size_t>(library)];
}

}  // namespace

std::string why_missing(Library library) { return loaded(library).problem; }

void* find_function(Library library, const char* name) {
    const Loaded& from = loaded(library);
    if (from.handle == nullptr) throw DeviceError(from.problem);
    void* function = dlsym(from.handle, name);
    if (function == nullptr) throw DeviceError(std::string(files_of(library).name) + " has no function " + name);
    return function;
}

}  // namespace laxity::cuda
