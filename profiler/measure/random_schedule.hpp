// Schedules drawn at random, as a scheduler would run them, to measure how long stages take after what: whole passes
// over a network know one history of each stage only, that in which all the others have just run.
//
// A schedule is bursts with idle gaps between them. Every burst draws how many jobs are in flight (one to all), how
// much they are interleaved (a share of steps at which the next stage is any job's instead of the same job's, 0 in some
// bursts, which then are whole passes), and for how long it lasts; every job draws a network, an input and the depth to
// which it runs. Gaps are log-uniform up to 100 ms, and kept to about a third of the time. Most begin when all jobs are
// done, some with jobs left in flight.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/realtime.hpp"
#include "profiler/measure/dataset.hpp"
#include "traces/base/time.hpp"
#include "traces/history.hpp"
#include "traces/trace.hpp"

namespace laxity {

// A stage to run now. Jobs are numbered over all networks; a job keeps its slot.
struct LaneStage {
    std::size_t network = 0;
    int slot = 0;
    int stage = 0;
    std::uint64_t job = 0;
    std::uint64_t image = 0;  // drawn; any of the network's inputs, modulo their number
};

// What came of it. Handed over at the moment of the call, it started after `submit`, took `latency`, and its end was
// noticed after `notice`.
struct LaneRun {
    Duration submit{}, latency{}, notice{};
    bool stalled = false;
};

// What runs a schedule's stages, one at a time: a device's thread, or a law of stage times in virtual time.
class ScheduleLane {
public:
    virtual ~ScheduleLane() = default;
    virtual Time now() = 0;
    // Returns once the end has been noticed; now() then is that moment. Throws DeviceError if the stage failed.
    virtual LaneRun run(const LaneStage& stage) = 0;
    // Idles until `due`, and returns the moment at which that was noticed.
    virtual Time wait_until(Time due) = 0;
};

// A network that takes part.
struct ScheduledNetwork {
    Executable* executable = nullptr;  // at least one slot; more than ScheduleOptions::jobs_in_flight are not used
    const Dataset* data = nullptr;     // of the network's shape, at least one image
    std::vector<StageInfo> stages;     // bytes of an execution: parameter_bytes + activation_bytes
};

struct ScheduleOptions {
    Duration length{};                           // of the schedule; a stage that has begun is ended
    std::uint64_t most_executions = UINT64_MAX;  // of all networks together
    int jobs_in_flight = 6;                      // at most, of all networks together
    std::uint64_t seed = 1;                      // of every draw
    CorePlan cores{};                            // of a device: the driver is pinned by its caller
    bool raise_priority = true;                  // of the device's thread
};

struct ScheduleResult {
    std::vector<std::vector<Execution>> executions;  // by network, in the order in which they ran
    std::vector<std::int64_t> release_lateness_ns;   // after every gap: how late the driver noticed that it was over
    Stalls stalls;
    Stalls driver_stalls;
    std::vector<std::string> refusals;  // what the device's thread was refused, one line each
    std::string failure;                // if not empty: why the device failed; what ran before it is kept
};

// Told of virtual or real time spent, and of the length, in milliseconds.
using ScheduleProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

// Draws and runs a schedule of networks with these stages (`slots`: of each network). An interrupt ends it after the
// stage that runs. Throws std::invalid_argument without a network, a stage, a slot or jobs in flight.
ScheduleResult draw_schedule(ScheduleLane& lane, std::span<const std::vector<StageInfo>> networks,
                             std::span<const int> slots, const ScheduleOptions& options,
                             const ScheduleProgress& progress = {});

// The same on a device: on a DeviceWorker, as live runs do. The executables' slots are free before and after.
ScheduleResult run_schedule(Device& device, std::span<const ScheduledNetwork> networks, const ScheduleOptions& options,
                            const ScheduleProgress& progress = {});

}  // namespace laxity
