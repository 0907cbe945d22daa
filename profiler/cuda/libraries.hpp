// NVIDIA's libraries, opened when they are first called: laxity starts on machines that have none of them, and one
// executable runs with CUDA 12 and with CUDA 13, wherever their files come from (a toolkit, a distribution, the
// packages that PyTorch brings).
#pragma once

#include <string>

namespace laxity::cuda {

enum class Library { kDriver, kRuntime, kCudnn, kCublas, kNvml, kNvrtc };

// The function of that name, or null if the library has none. Throws DeviceError, saying which files were looked for,
// if the library isn't there. Tests link another definition, which finds the emulation's (tests/cuda_emulation).
void* look_up(Library library, const char* name);
// The same, but throws DeviceError instead of returning null.
void* find_function(Library library, const char* name);

// Empty if the library can be loaded, else why not.
std::string why_missing(Library library);

}  // namespace laxity::cuda

// The library's function, typed by its header and looked up once. CUDA 12 and 13 have it with the same arguments.
#define LAXITY_LIBRARY_FUNCTION(library, function)                                       \
    ([]() {                                                                              \
        static const auto library_function = reinterpret_cast<decltype(&function)>(      \
            ::laxity::cuda::find_function(::laxity::cuda::Library::library, #function)); \
        return library_function;                                                         \
    }())
