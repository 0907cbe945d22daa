// A test double of the CUDA runtime and driver, cuDNN, cuBLAS and NVML: just the entry points that profiler/cuda calls,
// computed on the host in plain arithmetic, and checked far more strictly than the real ones do. It says nothing about
// a GPU's speed: every time it gives is kFakeMilliseconds.
//
// What is put into streams is executed later, by threads of its own that go from stream to stream in a random but
// legal order, side by side, and dawdle. Each of these is a violation, and recorded:
// - a pointer that is of the wrong side (host or device), freed, unknown, or too small for its descriptor;
// - a read of device memory that nothing wrote; a workspace that is too small;
// - work in two streams on the same bytes, one of them writing, that no event or host wait puts in order;
// - calls that a capture forbids; calls from a host function; objects used after they were destroyed;
// - the host reading what a stream still writes (host_reads(); besides, such memory holds garbage until it is written).
// All host threads count as one: what one of them waited for, all may use. Ordering among them is for a thread
// sanitizer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace laxity::cuda_emulation {

inline constexpr const char* kDeviceName = "CUDA emulation (test double)";
inline constexpr float kFakeMilliseconds = 0.111111F;  // between any two events

struct Settings {
    int devices = 1;
    bool driver = true;  // false: what a machine without NVIDIA's driver says
    std::size_t memory_bytes = std::size_t{2} << 30;
    std::uint64_t seed = 1;            // of the order among streams
    bool fuses = true;                 // false: cuDNN has no fused convolutions
    bool libraries = true;             // false: neither cuDNN nor cuBLAS is installed
    int cuda_of_cudnn = 12000;         // the CUDA that cuDNN was made for
    bool nvml = true;                  // false: NVML is not installed
    std::set<std::string> lacks = {};  // functions that NVML does not have
    unsigned core_mhz = 1500;          // NVML's
    unsigned other_processes = 0;      // on the GPU, by NVML, beside this one
};

// Starts anew: every object of before is forgotten, also those that still exist. Not while another thread uses it.
void reset(const Settings& settings = {});
// From now on, for NVML.
void set_gpu(unsigned core_mhz, unsigned other_processes);

// The call-th next call (from 1) of that entry point fails, once. What it would have released is released nevertheless,
// as CUDA's release functions do when they report an error of earlier work.
void fail_at(const std::string& function, int call);
// So does it, and every later call of everything, as after a fault on the device.
void lose_device_at(const std::string& function, int call);
bool failed();  // whether that has happened

std::map<std::string, int> calls();       // since reset(), by entry point
std::vector<std::string> entry_points();  // all that can fail, in alphabetical order
std::vector<std::string> violations();    // one line each
std::vector<std::string> leaks();         // what exists now: "2 x device memory"

// While held, nothing is executed. A host that waits meanwhile waits for ever.
void hold();
void let_go();
// Says that the host reads these bytes now.
void host_reads(const void* data, std::size_t bytes);

}  // namespace laxity::cuda_emulation
