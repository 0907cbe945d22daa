// Networks and data of a workload, made ready on a device.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/realtime.hpp"
#include "profiler/measure/dataset.hpp"
#include "profiler/measure/random_schedule.hpp"
#include "sim/live/live_run.hpp"
#include "workloads/workload.hpp"

namespace laxity {

struct LiveServiceOptions {
    std::string device = "auto";
    std::map<std::string, std::string> models;  // network name -> ONNX file; others are looked for, see find_model()
    std::vector<std::string> data;              // data sets as for `laxity profile --data`; others by the trace's name
    int slots = 0;                              // activation slots per network; 0 = from the workload's arrivals
    Wait wait = Wait::kSpin;                    // of the threads of the runs: LiveRun::use()
};

// A network that is ready, as run_schedule() takes it, and the trace that it was found by.
struct MeasurableNetwork {
    const Trace* trace = nullptr;
    ScheduledNetwork network;
};

// Owns the device, one prepared executable per network (with a lane for each slot of the accelerator) and the data
// sets. It may serve several workloads, one after the other: networks of the same trace object are prepared once, with
// the slots and lanes that the most demanding workload needs.
class LiveService {
public:
    // Throws InputError if the workload can't run live here: a synthetic variant, a network stage for the host, a
    // network or data set that isn't there or isn't the one that the trace was made with.
    LiveService(const Workload& workload, const LiveServiceOptions& options);
    // Of at least one; they outlive the service.
    LiveService(const std::vector<const Workload*>& workloads, const LiveServiceOptions& options);
    ~LiveService();

    Device& device() { return *device_; }
    // Of one of the workloads.
    std::vector<LiveTask> tasks(std::size_t workload = 0) const;
    // All that are no pipelines.
    std::vector<MeasurableNetwork> measurable_networks() const;
    // Why planning costs may not hold, one line each: traces of another processor or GPU than this, or of another
    // precision.
    std::vector<std::string> notes() const;

private:
    struct Network;
    struct Served {                                     // one workload
        std::vector<std::vector<Network*>> by_variant;  // [task][variant]
        std::vector<const Dataset*> by_task;
        std::vector<const Trace*> trace_of_task;
    };

    void serve(const Workload& workload, const LiveServiceOptions& options);
    Network& network_for(const Variant& variant, const LiveServiceOptions& options);
    const Dataset& dataset_for(const Trace& trace, const LiveServiceOptions& options);

    std::unique_ptr<Device> device_;
    int slots_ = 0;  // activation slots per network
    int lanes_ = 1;
    std::vector<std::unique_ptr<Dataset>> datasets_;
    std::vector<std::unique_ptr<Network>> networks_;
    std::vector<Served> served_;
};

// The ONNX file of a trace's network: NAME.onnx beside the trace, in ../workloads/models/ of the trace's folder, or in
// workloads/models/ of the current one. Throws InputError listing where it looked, or if the file's SHA-256 is not the
// trace's.
std::string find_model(const Trace& trace, const std::map<std::string, std::string>& models);

// So many jobs are hardly ever active at once: the mean number under the longest deadline and ten standard deviations
// of a Poisson number, or the clients of a closed loop.
int activation_slots(const Workload& workload);

}  // namespace laxity
