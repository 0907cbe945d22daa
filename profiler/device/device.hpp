// The hardware behind one interface: what profiling and live runs need of a device.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "traces/base/time.hpp"
#include "traces/outcome.hpp"
#include "traces/trace.hpp"

namespace laxity {

class Network;  // profiler/network/network.hpp

// The device failed, or was used against its contract. what() is one line.
class DeviceError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct PrepareOptions {
    int slots = 1;                    // jobs whose activations are held at the same time
    int lanes = 1;                    // threads that run stages at the same time, each of another slot
    std::vector<double> temperature;  // one per exit, for the confidences; empty = all 1
};

// A network made ready on a device: weights loaded, memory for every slot allocated, nothing allocated while running.
// A lane is what one thread needs besides the slot to run a stage (scratch memory, a stream): one thread at a time uses
// a lane, and one a slot, so as many stages run side by side as there are lanes. A job may change its lane between
// stages. Different threads may use different Executables. Throws DeviceError if the device fails, if there is no such
// slot or lane, or if a stage is not the slot's next one.
class Executable {
public:
    virtual ~Executable() = default;

    virtual int stages() const = 0;
    virtual int slots() const = 0;
    // Copies one input (channels x height x width floats, pixel / 255 for images) into the slot and resets it to depth
    // 0.
    virtual void load_input(int slot, std::span<const float> input) = 0;
    // Executes one stage, the slot's next one (stage 0 after load_input), and returns when it has ended. Softmax and
    // argmax of the exit are part of the stage.
    virtual Outcome run_stage(int slot, int stage, int lane = 0) = 0;
    // The exit's raw scores after run_stage(slot, stage): one per class. Valid until the slot's next run_stage.
    virtual std::span<const float> logits(int slot, int stage) const = 0;
    // How long the slot's last stage took by the device's own clock, without what the host does before and after;
    // nothing on a device that has none.
    virtual std::optional<Duration> device_time(int) const { return {}; }
    // What each stage is made of, for the trace: name, resource, macs, bytes; energy where the device has a counter.
    virtual std::vector<StageInfo> stage_info() const = 0;
};

// What a device saw between two moments.
struct DeviceNoise {
    std::map<std::string, std::string> details;  // for the trace: clocks before and after ...
    std::vector<std::string> reasons;  // why latencies measured meanwhile are not to be trusted; a phrase each
};

class Device {
public:
    virtual ~Device() = default;
    // Kind, name, backend, threads and the environment as it is now (governor, clocks, temperature ...).
    virtual DeviceInfo info() const = 0;
    // Throws InputError naming the operator if the network can't run here.
    virtual std::unique_ptr<Executable> prepare(const Network& network, const PrepareOptions& options) = 0;
    // Called once on the thread that will run the stages, which its owner has pinned: sets what the device wants of it.
    // Returns what could not be had, one line each.
    virtual std::vector<std::string> adopt_thread() { return {}; }
    // Around a measurement.
    virtual void start_watch() {}
    virtual DeviceNoise end_watch() { return {}; }
    // Microjoules consumed since some moment in the past; nothing without a counter.
    virtual std::optional<std::uint64_t> energy_uj() const { return {}; }
};

// What every Executable::stage_info() says of the stages before it adds what the device knows.
std::vector<StageInfo> describe_stages(const Network& network);
// What a trace says of the network.
NetworkInfo describe_network(const Network& network);

}  // namespace laxity
