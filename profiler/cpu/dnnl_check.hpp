// The wrapper that every oneDNN call goes through.
#pragma once

#include <dnnl.hpp>
#include <string>

#include "profiler/device/device.hpp"

namespace laxity {

// Calls and returns; a oneDNN error becomes a DeviceError that says what was being done.
template <class Call>
auto checked(const std::string& doing, const Call& call) {
    try {
        return call();
    } catch (const dnnl::error& error) {
        throw DeviceError("oneDNN failed " + doing + ": " + error.what());
    }
}

inline void check(dnnl_status_t status, const std::string& layer) {
    if (status == dnnl_success) return;
    throw DeviceError("oneDNN failed executing '" + layer + "': status " + std::to_string(static_cast<int>(status)));
}

}  // namespace laxity
