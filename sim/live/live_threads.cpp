#include "sim/live/live_threads.hpp"

#include <algorithm>
#include <map>

namespace laxity {

namespace {

// Slots of a resource; none if it is not there or no stage needs it.
int lanes_of(const std::string& resource, const TaskSet& tasks) {
    for (std::size_t index = 0; index < tasks.resources.size(); ++index) {
        const auto used = [&](int of_stage) { return of_stage == static_cast<int>(index); };
        const auto uses = [&](const VariantPlan& variant) { return std::ranges::any_of(variant.resource, used); };
        const auto needed = [&](const TaskPlan& task) { return std::ranges::any_of(task.variants, uses); };
        if (tasks.resources[index].name == resource && std::ranges::any_of(tasks.tasks, needed))
            return tasks.resources[index].slots;
    }
    return 0;
}

}  // namespace

ThreadPlan LiveThreads::plan(const TaskSet& tasks, Wait wait) {
    return plan_threads(allowed_cores(), lanes_of("accelerator", tasks), lanes_of("host", tasks), wait);
}

LiveThreads::LiveThreads(Device& device, const TaskSet& tasks, const Scheduler& scheduler, const ThreadPlan& plan)
    : news_(plan.driver.spin), workers_(static_cast<std::size_t>(scheduler.tickets())) {
    std::map<int, int> lanes;  // by resource, so many so far
    for (std::int32_t ticket = 0; ticket < scheduler.tickets(); ++ticket) {
        const int resource = scheduler.resource_of(ticket), lane = lanes[resource]++;
        const bool is_host = tasks.resources[static_cast<std::size_t>(resource)].name == "host";
        const std::vector<ThreadPlace>& places = is_host ? plan.hosts : plan.accelerators;
        if (places.empty()) continue;
        const ThreadPlace& place = places[static_cast<std::size_t>(lane)];
        auto& worker = workers_[static_cast<std::size_t>(ticket)];
        worker = std::make_unique<DeviceWorker>(
            device, news_, DeviceWorkerOptions{.core = place.core, .spin = place.spin, .lane = lane});
        for (const std::string& line : worker->refusals()) {
            if (std::ranges::find(refusals_, line) == refusals_.end()) refusals_.push_back(line);
        }
    }
}

bool LiveThreads::has_completion() const {
    return std::ranges::any_of(workers_, [](const auto& worker) { return worker && worker->has_completion(); });
}

bool LiveThreads::ended_by(Doorbell::Clock::time_point time) const {
    return std::ranges::any_of(workers_, [time](const auto& worker) {
        const StageCompletion* const completion = worker ? worker->peek() : nullptr;
        return completion != nullptr && completion->finished <= time;
    });
}

bool LiveThreads::in_flight() const {
    return std::ranges::any_of(workers_, [](const auto& worker) { return worker && worker->in_flight() > 0; });
}

long LiveThreads::preemptions() const {
    long count = 0;
    for (const auto& worker : workers_) count += worker ? worker->preemptions() : 0;
    return count;
}

Duration LiveThreads::watched() const {
    Duration sum = news_.stalls().watched();
    for (const auto& worker : workers_) sum += worker ? worker->stalls().watched() : Duration(0);
    return sum;
}

std::optional<StallRecord> LiveThreads::next_gap(Doorbell::Clock::time_point began) {
    for (std::int32_t lane = -1; lane < tickets(); ++lane) {
        if (lane >= 0 && worker(lane) == nullptr) continue;
        StallWatch& watch = lane < 0 ? news_.stalls() : worker(lane)->stalls();
        while (const auto gap = watch.poll()) {
            if (gap->end() > began) return StallRecord{lane, Time(gap->at - began), gap->length};
        }
    }
    return std::nullopt;
}

}  // namespace laxity
