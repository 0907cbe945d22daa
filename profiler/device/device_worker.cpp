#include "profiler/device/device_worker.hpp"

#include <exception>
#include <stdexcept>

namespace laxity {

using Clock = std::chrono::steady_clock;

DeviceWorker::DeviceWorker(Device& device, Doorbell& news, const DeviceWorkerOptions& options)
    : device_(device),
      news_(news),
      requested_(options.spin),
      requests_(options.capacity),
      completions_(options.capacity),
      capacity_(options.capacity),
      thread_([this, options] { work(options); }) {
    news_.wait_until(Clock::time_point::max(), [this] { return ready_.load(); });
}

DeviceWorker::~DeviceWorker() {
    stop_.store(true);
    requested_.ring();
    thread_.join();
}

void DeviceWorker::submit(const StageRequest& request) {
    if (in_flight_ == capacity_) throw std::length_error("more stages were submitted than the worker holds");
    ++in_flight_;
    requests_.push(request);
    requested_.ring();
}

std::optional<StageCompletion> DeviceWorker::poll() {
    StageCompletion completion;
    if (!completions_.pop(completion)) return std::nullopt;
    --in_flight_;
    return completion;
}

std::optional<StageCompletion> DeviceWorker::wait_until(Clock::time_point until, Clock::time_point expected) {
    news_.wait_until(until, expected, [this] { return has_completion(); });
    return poll();
}

void DeviceWorker::settle(const DeviceWorkerOptions& options) {
    const auto note = [this](const Refusal& refusal) {
        if (refusal) refusals_.push_back(*refusal);
    };
    thread_id_ = this_thread_id();
    note(pin_this_thread(options.core));
    if (options.raise_priority) note(raise_this_thread(ThreadLoad::kMayStayBusy, "device"));
    try {
        for (std::string& line : device_.adopt_thread()) refusals_.push_back(std::move(line));
    } catch (const std::exception& error) {
        failed_ = true;
        error_ = error.what();
    }
}

void DeviceWorker::work(const DeviceWorkerOptions& options) {
    settle(options);
    ready_.store(true);
    news_.ring();
    const auto called = [this] { return stop_.load(std::memory_order_relaxed) || !requests_.empty(); };
    while (true) {
        requested_.wait_until(Clock::time_point::max(), called);
        StageRequest request;
        if (stop_.load() || !requests_.pop(request)) return;
        completions_.push(execute(request, options.lane));
        news_.ring();
    }
}

StageCompletion DeviceWorker::execute(const StageRequest& request, int lane) {
    StageCompletion completion;
    completion.ticket = request.ticket;
    completion.started = Clock::now();
    if (!failed_) {
        try {
            if (!request.input.empty()) request.executable->load_input(request.slot, request.input);
            completion.outcome = request.executable->run_stage(request.slot, request.stage, lane);
            completion.device_time = request.executable->device_time(request.slot);
        } catch (const std::exception& error) {
            failed_ = true;
            error_ = error.what();
        }
    }
    completion.failed = failed_;
    completion.finished = Clock::now();
    return completion;
}

}  // namespace laxity
