#include "sim/live/recorded_times.hpp"

#include <algorithm>

namespace laxity {

namespace {

// The gaps of each thread, in order, none overlapping another of the same.
class Gaps {
public:
    explicit Gaps(const std::vector<StallRecord>& stalls) {
        for (const StallRecord& stall : stalls) by_lane_[stall.lane].push_back({stall.at, stall.at + stall.length});
        for (auto& [lane, gaps] : by_lane_) std::ranges::sort(gaps);
    }

    Duration within(int lane, Time from, Time to) const {
        const auto found = by_lane_.find(lane);
        if (found == by_lane_.end()) return {};
        Duration sum{};
        const auto ends_before = [](const auto& gap, Time time) { return gap.second <= time; };
        for (auto gap = std::lower_bound(found->second.begin(), found->second.end(), from, ends_before);
             gap != found->second.end() && gap->first < to; ++gap)
            sum += std::min(gap->second, to) - std::max(gap->first, from);
        return sum;
    }

private:
    std::map<int, std::vector<std::pair<Time, Time>>> by_lane_;  // -1: the scheduler's
};

// Takes up to `excess` out of `part`, and returns what it did not find there.
Duration take_out(Duration& part, Duration excess) {
    const Duration taken = std::clamp(excess, Duration::zero(), part);
    part -= taken;
    return excess - taken;
}

// A gap of the lane's thread before the stage prolonged the handing over, one of the scheduler's after it the notice;
// what is left of `stalled` prolonged the stage itself.
StagePath without_stalls(const PathRecord& record, const Gaps& gaps) {
    StagePath path = record.path;
    if (path.stalled <= Duration::zero()) return path;
    const Time handed = record.start + path.decision, started = handed + path.submit;
    const Time finished = started + path.latency, noticed = finished + path.notice;
    const Duration before = std::min(path.stalled, gaps.within(record.lane, handed, started));
    const Duration after = std::min(path.stalled - before, gaps.within(-1, finished, noticed));
    Duration left = path.stalled - before - after;
    left += take_out(path.submit, before);
    left += take_out(path.notice, after);
    for (Duration* part : {&path.latency, &path.notice, &path.submit, &path.decision}) left = take_out(*part, left);
    path.stalled = {};
    return path;
}

// The same of a simulated path: a stall of the driver is in the notice, which is much shorter without one; one of the lane
// prolonged the stage first.
StagePath without_stalls(StagePath path) {
    Duration left = path.stalled;
    if (path.notice >= left) left = take_out(path.notice, left);
    for (Duration* part : {&path.latency, &path.decision, &path.notice, &path.submit}) left = take_out(*part, left);
    path.stalled = {};
    return path;
}

}  // namespace

Recording::Recording(const RecordList& records) {
    const Gaps gaps(records.stalls);
    for (const PathRecord& record : records.paths) executions_.push_back({record, without_stalls(record, gaps)});
    std::ranges::sort(executions_, {}, [](const Execution& execution) {
        return std::pair(execution.record.start, execution.record.lane);
    });
    find_continued();
    index(records);
    for (const StepRecord& step : records.steps) {
        if (step.completed == 0 && step.released + step.expired > 0)
            lateness_.emplace_back(step.time - step.lateness, step.lateness);
    }
    std::ranges::sort(lateness_);
}

void Recording::find_continued() {
    std::map<int, const PathRecord*> last;  // by lane
    for (Execution& execution : executions_) {
        const PathRecord*& before = last[execution.record.lane];
        execution.continued =
            before != nullptr && before->id == execution.record.id && before->stage + 1 == execution.record.stage;
        before = &execution.record;
    }
}

void Recording::index(const RecordList& records) {
    std::map<std::pair<std::int32_t, std::uint64_t>, int> variant;
    for (const JobRecord& job : records.jobs) variant[{job.id.task, job.id.number}] = job.variant;
    for (std::uint32_t place = 0; place < executions_.size(); ++place) {
        Execution& execution = executions_[place];
        const PathRecord& record = execution.record;
        auto& stages = by_job_[{record.id.task, record.id.number}];
        stages.resize(std::max(stages.size(), static_cast<std::size_t>(record.stage) + 1), -1);
        stages[static_cast<std::size_t>(record.stage)] = static_cast<std::int32_t>(place);
        const auto job = variant.find({record.id.task, record.id.number});
        if (job == variant.end()) continue;
        execution.variant = job->second;
        alike_[{record.id.task, execution.variant, record.stage, execution.continued}].push_back(place);
    }
}

const Recording::Execution* Recording::of(const JobId& id, int stage) const {
    const auto job = by_job_.find({id.task, id.number});
    const auto place = static_cast<std::size_t>(stage);
    if (job == by_job_.end() || place >= job->second.size() || job->second[place] < 0) return nullptr;
    return &executions_[static_cast<std::size_t>(job->second[place])];
}

const Recording::Execution* Recording::nearest(int task, int variant, int stage, bool continued, Time now) const {
    const Execution* const same = nearest_of({task, variant, stage, continued}, now);
    return same != nullptr ? same : nearest_of({task, variant, stage, !continued}, now);
}

const Recording::Execution* Recording::nearest_of(const Key& key, Time now) const {
    const auto found = alike_.find(key);
    if (found == alike_.end()) return nullptr;
    const Places& places = found->second;
    const auto start = [&](std::uint32_t place) { return executions_[place].record.start; };
    const auto after = std::ranges::lower_bound(places, now, {}, start);
    if (after == places.begin()) return &executions_[*after];
    const auto before = std::prev(after);
    const bool earlier = after == places.end() || now - start(*before) <= start(*after) - now;
    return &executions_[earlier ? *before : *after];
}

Duration Recording::lateness(Time due) const {
    if (lateness_.empty()) return {};
    const auto after = std::ranges::lower_bound(lateness_, due, {}, &std::pair<Time, Duration>::first);
    if (after == lateness_.begin()) return after->second;
    const auto before = std::prev(after);
    const bool earlier = after == lateness_.end() || due - before->first < after->first - due;
    return earlier ? before->second : after->second;
}

RecordedTimes::RecordedTimes(std::shared_ptr<const Recording> recording, RecordedParts parts,
                             std::unique_ptr<StageTimes> base, RecordedSources* sources)
    : recording_(std::move(recording)), parts_(parts), base_(std::move(base)), sources_(sources) {}

Duration RecordedTimes::occupies(const StageStart& start, StagePath* path) {
    const auto ticket = static_cast<std::size_t>(start.ticket);
    if (ticket >= lanes_.size()) lanes_.resize(ticket + 1);
    Lane& lane = lanes_[ticket];
    StagePath times;
    base_->occupies(start, &times);
    const Recording::Execution* const execution = recorded(start, lane);
    if (execution != nullptr) times = mixed(times, *execution);
    times.latency += std::max(Duration(1) - times.total(), Duration::zero());
    lane.job = start.job.id;
    lane.stage = start.stage;
    if (path != nullptr) *path = times;
    return times.total();
}

const Recording::Execution* RecordedTimes::recorded(const StageStart& start, const Lane& lane) {
    const JobId& id = start.job.id;
    const Recording::Execution* execution = recording_->of(id, start.stage);
    const bool own = execution != nullptr && execution->variant == start.job.variant;
    const bool continued = lane.job == id && lane.stage + 1 == start.stage;
    if (!own) execution = recording_->nearest(id.task, start.job.variant, start.stage, continued, start.now);
    if (sources_ != nullptr) ++(own ? sources_->recorded : execution != nullptr ? sources_->nearest : sources_->base);
    return execution;
}

StagePath RecordedTimes::mixed(const StagePath& base, const Recording::Execution& execution) const {
    const StagePath usual = without_stalls(base);
    const StagePath& seen = execution.path;
    StagePath path;
    path.latency = parts_.latency ? seen.latency : usual.latency;
    path.submit = parts_.path ? seen.submit : usual.submit;
    path.notice = parts_.path ? seen.notice : usual.notice;
    path.decision = parts_.decision ? seen.decision : usual.decision;
    path.stalled = parts_.stalls ? execution.record.path.stalled : base.stalled;
    path.latency += path.stalled;
    return path;
}

}  // namespace laxity
