#include "sim/core/releases.hpp"

#include <array>
#include <variant>

namespace laxity {

struct Releases::OpenTask {
    std::unique_ptr<ArrivalStream> stream;
    std::array<Time, kRowBlockLength> releases;
    std::array<JobFate, kRowBlockLength> fates;
};

namespace {

std::size_t count_sources(const Workload& workload) {
    std::size_t sources = 0;
    for (const Task& task : workload.tasks) {
        const auto* closed = std::get_if<ClosedArrivals>(&task.arrivals);
        sources += closed == nullptr ? 1 : static_cast<std::size_t>(closed->clients);
    }
    return sources;
}

}  // namespace

Releases::Releases(const Workload& workload, std::uint64_t seed) : workload_(workload), next_(count_sources(workload)) {
    for (int task = 0; task < static_cast<int>(workload.tasks.size()); ++task) {
        fates_.emplace_back(workload, task, seed);
        next_number_.push_back(0);
        open_.emplace_back();
        if (const auto* closed =
                std::get_if<ClosedArrivals>(&workload.tasks[static_cast<std::size_t>(task)].arrivals)) {
            for (int client = 0; client < closed->clients; ++client) {
                sources_.push_back({task, client});
                schedule(static_cast<std::uint32_t>(sources_.size() - 1), first_request(workload, task, client, seed));
            }
            continue;
        }
        OpenTask& open = *(open_.back() = std::make_unique<OpenTask>());
        open.stream = make_arrival_stream(workload, task, seed);
        open.stream->fill(open.releases);
        fates_.back().fill(0, open.fates);
        sources_.push_back({task, -1});
        schedule(static_cast<std::uint32_t>(sources_.size() - 1), open.releases[0]);
    }
}

Releases::~Releases() = default;

void Releases::schedule(std::uint32_t source, Time time) {
    const bool beyond = time.time_since_epoch() >= workload_.horizon.length;
    next_.set(source, beyond ? kNever : time);
}

Release Releases::take() {
    const auto source = static_cast<std::uint32_t>(next_.top());
    const auto [task, client] = sources_[source];
    Release release;
    release.id = {task, next_number_[static_cast<std::size_t>(task)]++};
    release.time = next_.top_time();
    release.source = source;
    release.scored = released_ >= workload_.horizon.warmup_jobs;
    if (client < 0) {
        release.fate = take_open(source, task, release.id.number);
    } else {
        release.fate = fates_[static_cast<std::size_t>(task)].at(release.id.number);
        next_.set(source, kNever);  // until job_left()
    }
    if (++released_ >= workload_.horizon.jobs) close();
    return release;
}

JobFate Releases::take_open(std::uint32_t source, std::int32_t task, std::uint64_t number) {
    OpenTask& open = *open_[static_cast<std::size_t>(task)];
    const std::size_t place = number % kRowBlockLength;
    const JobFate fate = open.fates[place];
    if (place + 1 == kRowBlockLength) {
        open.stream->fill(open.releases);
        fates_[static_cast<std::size_t>(task)].fill(number + 1, open.fates);
    }
    schedule(source, open.releases[(place + 1) % kRowBlockLength]);
    return fate;
}

void Releases::job_left(std::uint32_t source, const ActiveJob& job, LeaveReason reason, Time now) {
    if (job.answered > 0) return;  // the client may be waiting for its next job by now
    const Task& task = workload_.tasks[static_cast<std::size_t>(job.id.task)];
    const bool no_reply = reason == LeaveReason::kStopped && job.depth < task.mandatory_stages;
    ask_again(source, job, no_reply ? job.deadline : now);
}

void Releases::job_replied(std::uint32_t source, const ActiveJob& job, Time now) { ask_again(source, job, now); }

void Releases::ask_again(std::uint32_t source, const ActiveJob& job, Time now) {
    if (sources_[source].client < 0 || closed_) return;
    const Task& task = workload_.tasks[static_cast<std::size_t>(job.id.task)];
    const bool at_deadline = std::get<ClosedArrivals>(task.arrivals).next_at_deadline;
    schedule(source, at_deadline ? job.deadline : now);
}

void Releases::close() {
    closed_ = true;
    for (std::size_t source = 0; source < sources_.size(); ++source) next_.set(source, kNever);
}

}  // namespace laxity
