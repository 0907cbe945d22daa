// The thread that runs stages, and the queues to and from it. Profiling and live runs use the same one, so that what is
// measured is what will be run.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/doorbell.hpp"
#include "profiler/device/realtime.hpp"
#include "profiler/device/spsc_ring.hpp"
#include "profiler/device/stall_watch.hpp"

namespace laxity {

struct StageRequest {
    Executable* executable = nullptr;
    std::int32_t slot = 0;
    std::int32_t stage = 0;
    std::int32_t ticket = 0;            // comes back with the completion
    std::span<const float> input = {};  // loaded into the slot first, if not empty: part of the first stage
};

struct StageCompletion {
    std::int32_t ticket = 0;
    bool failed = false;  // DeviceWorker::error() says why; the outcome means nothing
    Outcome outcome;
    std::optional<Duration> device_time;             // by the device's own clock, if it has one
    std::chrono::steady_clock::time_point started;   // before the input is loaded
    std::chrono::steady_clock::time_point finished;  // after the stage has ended
};

struct DeviceWorkerOptions {
    int core = -1;                     // to pin the worker to; -1 = none
    std::size_t capacity = 64;         // requests that were submitted and whose completions were not collected yet
    std::chrono::nanoseconds spin{0};  // before it sleeps for lack of work; CorePlan::spin, kSpinForever = never
    bool raise_priority = true;
    int lane = 0;  // of the executables: each worker that shares them has its own
};

// Owns one thread, which runs the submitted stages in order, one at a time. All members are for one other thread, the
// driver. After a stage has failed, the requests that follow fail too.
//
//     const CorePlan plan = plan_cores();
//     Doorbell news(plan.spin);
//     DeviceWorker worker(device, news, {.core = plan.device, .spin = plan.spin});
//     worker.submit({.executable = &executable, .slot = 0, .stage = 0, .ticket = 7, .input = image});
//     if (news.wait_until(deadline, [&] { return worker.has_completion(); })) use(*worker.poll());
class DeviceWorker {
public:
    // Returns when the thread is ready. `news` is rung at every completion and may be shared by several workers; it
    // and the device outlive the worker.
    DeviceWorker(Device& device, Doorbell& news, const DeviceWorkerOptions& options = {});
    // Waits for the stage that is running; requests behind it are dropped.
    ~DeviceWorker();
    DeviceWorker(const DeviceWorker&) = delete;
    DeviceWorker& operator=(const DeviceWorker&) = delete;

    // Never blocks and allocates nothing. The executable and the input outlive the completion. Throws std::length_error
    // beyond the capacity.
    void submit(const StageRequest& request);
    bool has_completion() const { return !completions_.empty(); }
    // The completion that poll() would give, until then; null if there is none.
    const StageCompletion* peek() const { return completions_.front(); }
    std::optional<StageCompletion> poll();
    // The next completion, or nothing at `until`; `expected` is for a driver that parks, see Doorbell. For a driver
    // with a single worker; news.woke() is when it noticed.
    std::optional<StageCompletion> wait_until(
        std::chrono::steady_clock::time_point until,
        std::chrono::steady_clock::time_point expected = std::chrono::steady_clock::time_point::max());
    std::size_t in_flight() const { return in_flight_; }

    // What the operating system and the device refused when the thread started, one line each.
    const std::vector<std::string>& refusals() const { return refusals_; }
    // Why a stage failed. To be read after its completion.
    const std::string& error() const { return error_; }
    // How often the thread lost its core to another one so far.
    long preemptions() const { return preemptions_of_thread(thread_id_); }
    // What the thread saw while it spun between stages. The driver collects its gaps.
    StallWatch& stalls() { return requested_.stalls(); }
    const StallWatch& stalls() const { return requested_.stalls(); }

private:
    void work(const DeviceWorkerOptions& options);
    void settle(const DeviceWorkerOptions& options);
    StageCompletion execute(const StageRequest& request, int lane);

    Device& device_;
    Doorbell& news_;
    Doorbell requested_;
    SpscRing<StageRequest> requests_;
    SpscRing<StageCompletion> completions_;
    std::size_t capacity_;
    std::size_t in_flight_ = 0;
    std::vector<std::string> refusals_;
    std::string error_;
    bool failed_ = false;  // the thread's own
    int thread_id_ = 0;    // the kernel's
    std::atomic<bool> ready_{false}, stop_{false};
    std::thread thread_;  // last: it uses all the others
};

}  // namespace laxity
