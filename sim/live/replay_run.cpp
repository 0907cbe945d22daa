#include "sim/live/replay_run.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "sim/core/measured_times.hpp"
#include "sim/live/replayed_world.hpp"
#include "sim/live/scheduler_step.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

std::string ms(Time time) {
    std::array<char, 40> text;
    std::snprintf(text.data(), text.size(), "%.6f ms", static_cast<double>(to_ns(time)) / 1e6);
    return text.data();
}

std::string ms_or_never(Time time) { return time == kNever ? "never" : ms(time); }

// Compares every decision with the record, and stops at the first that is another.
class ComparedWorld final : public ReplayedWorld {
public:
    ComparedWorld(const RecordedRun& run, const PolicySpec& policy, const Plan* plan)
        : ReplayedWorld(run, policy, plan), recording_(run.records) {}

    ReplayReport run() {
        try {
            for (const StepRecord& step : run_.records.steps) take(step);
            drain();
            compare_totals();
        } catch (const ReplayDifference& difference) {
            report_.difference = difference;
        }
        report_.decisions = scheduler_.decisions();
        finish_metrics(last_);
        return report_;
    }
    const Metrics& metrics() const { return metrics_; }

private:
    void take(const StepRecord& live) {
        ++report_.steps;
        in_step_ = true;
        last_ = live.time;
        const StepRecord step = take_step(scheduler_, releases_, resources(), *this, live.time);
        compare_starts(step);
        compare(live.completed, step.completed, "ends of stages");
        compare(live.released, step.released, "releases");
        compare(live.expired, step.expired, "jobs leaving at their deadline");
        compare(live.active, step.active, "active jobs before its decisions");
        compare(live.dispatched, step.dispatched, "stages starting");
    }

    // Whoever was cut short asks nobody any more, and waits for the stages that still run.
    void drain() {
        in_step_ = false;
        releases_.close();
        for (Time end = next_end(); end != kNever; end = next_end()) {
            last_ = end;
            StepRecord step;
            step.time = end;
            tell_completions(scheduler_, *this, step);
        }
    }

    Ending ending_of_stage(const Dispatch& dispatch, const ActiveJob& job, Time time) override {
        ++report_.stages;
        const PathRecord* const live = recorded_start(time, dispatch.ticket);
        if (live == nullptr) return without_record(dispatch, job, time);
        if (live->id != job.id || live->stage != dispatch.stage)
            differ(start_of(live->id, live->stage, live->lane), start_of(job.id, dispatch.stage, dispatch.ticket));
        return {time + live->path.total(), {live->prediction, live->confidence}, live->path};
    }

    // The record has no start on this lane now.
    Ending without_record(const Dispatch& dispatch, const ActiveJob& job, Time time) {
        const Recording::Execution* const elsewhere = recording_.of(job.id, dispatch.stage);
        const std::string replayed = start_of(job.id, dispatch.stage, dispatch.ticket);
        if (elsewhere != nullptr)
            differ("starts it on lane " + std::to_string(elsewhere->record.lane) + " at " + ms(elsewhere->record.start),
                   replayed);
        if (next_of_lane(time, dispatch.ticket) != nullptr)
            differ("starts nothing on lane " + std::to_string(dispatch.ticket), replayed);
        ++report_.unrecorded;
        return {kNever, {}, {}};
    }

    void stage_ended(const StageRecord& record, const PathRecord&) override {
        const auto& stages = run_.records.stages;
        const std::string replayed = end_of(record);
        if (ends_ >= stages.size()) differ("ends no more stages", replayed);
        const StageRecord& live = stages[ends_++];
        const bool same = live.id == record.id && live.stage == record.stage && live.lane == record.lane &&
                          live.resource == record.resource && live.start == record.start && live.end == record.end &&
                          live.counted_until == record.counted_until;
        if (!same) differ(end_of(live), replayed);
    }

    void job_ended(const JobRecord& record) override {
        const auto& jobs = run_.records.jobs;
        const std::string replayed = leaving_of(record);
        if (report_.jobs >= jobs.size()) differ("has no more jobs leaving", replayed);
        const JobRecord& live = jobs[report_.jobs++];
        const bool same = live.id == record.id && live.release == record.release && live.deadline == record.deadline &&
                          live.start == record.start && live.exit == record.exit && live.left == record.left &&
                          live.variant == record.variant && live.depth == record.depth &&
                          live.prediction == record.prediction && live.correct == record.correct &&
                          live.missed == record.missed;
        if (!same) differ(leaving_of(live), replayed);
    }

    // The live run may have started a stage where the replay had none.
    void compare_starts(const StepRecord& step) {
        std::uint32_t started = 0;
        for (auto live = first_start(step.time);
             live != recording_.executions().end() && live->record.start == step.time; ++live)
            ++started;
        if (started > step.dispatched)
            differ("starts " + std::to_string(started) + " stages", "starts " + std::to_string(step.dispatched));
    }

    void compare(std::uint64_t live, std::uint64_t replayed, const std::string& what) {
        if (live != replayed)
            differ("counts " + std::to_string(live) + " " + what, "counts " + std::to_string(replayed) + " " + what);
    }

    void compare_totals() {
        compare(run_.records.stages.size(), ends_, "stages in all");
        compare(run_.records.jobs.size(), report_.jobs, "jobs that left in all");
    }

    using Executions = std::vector<Recording::Execution>;
    Executions::const_iterator first_start(Time time) const {
        return std::ranges::lower_bound(recording_.executions(), time, {},
                                        [](const auto& execution) { return execution.record.start; });
    }
    const PathRecord* recorded_start(Time time, int lane) const {
        for (auto live = first_start(time); live != recording_.executions().end() && live->record.start == time; ++live)
            if (live->record.lane == lane) return &live->record;
        return nullptr;
    }
    const PathRecord* next_of_lane(Time time, int lane) const {
        for (auto live = first_start(time); live != recording_.executions().end(); ++live)
            if (live->record.lane == lane) return &live->record;
        return nullptr;
    }

    [[noreturn]] void differ(const std::string& live, const std::string& replayed) const {
        ReplayDifference difference{scheduler_.decisions(), in_step_ ? report_.steps : 0, last_, live, replayed, {}};
        for (const ActiveJob* job : active_jobs()) difference.active.push_back(line_of(*job));
        throw difference;
    }

    std::string name_of(const JobId& id) const {
        return run_.tasks.tasks[static_cast<std::size_t>(id.task)].name + "#" + std::to_string(id.number);
    }
    std::string start_of(const JobId& id, int stage, int lane) const {
        return "starts stage " + std::to_string(stage) + " of " + name_of(id) + " on lane " + std::to_string(lane);
    }
    std::string end_of(const StageRecord& record) const {
        return "ends stage " + std::to_string(record.stage) + " of " + name_of(record.id) + " on lane " +
               std::to_string(record.lane) + ", from " + ms(record.start) + " to " + ms(record.end) +
               ", counted until " + ms(record.counted_until);
    }
    std::string leaving_of(const JobRecord& record) const {
        return name_of(record.id) + " leaves at " + ms(record.left) + ": released " + ms(record.release) +
               ", deadline " + ms(record.deadline) + ", started " + ms_or_never(record.start) + ", exit " +
               ms_or_never(record.exit) + ", variant " + std::to_string(record.variant) + ", depth " +
               std::to_string(record.depth) + ", prediction " + std::to_string(record.prediction) +
               (record.correct ? ", right" : ", wrong") + (record.missed ? ", missed" : "");
    }
    std::string line_of(const ActiveJob& job) const {
        std::array<char, 64> confidence{};
        if (job.depth > 0) std::snprintf(confidence.data(), confidence.size(), ", confidence %.4f", job.confidence());
        return name_of(job.id) + ": released " + ms(job.release) + ", deadline " + ms(job.deadline) + ", depth " +
               std::to_string(job.depth) + " of " + std::to_string(job.stages()) + confidence.data() +
               (job.running ? ", running" : "");
    }

    const Recording recording_;
    ReplayReport report_;
    std::size_t ends_ = 0;
    Time last_{};
    bool in_step_ = false;
};

// Makes the steps itself, with the times that the record has.
class InsteadWorld final : public ReplayedWorld {
public:
    InsteadWorld(const RecordedRun& run, const PolicySpec& policy, const Plan* plan, RecordSink* sink)
        : ReplayedWorld(run, policy, plan),
          recording_(std::make_shared<Recording>(run.records)),
          times_(recording_, {}, make_measured_times(run.replay, run.seed), &sources_),
          sink_(sink) {}

    WhatIf run(Time until) {
        Time now{};
        for (std::uint64_t steps = 0;; ++steps) {
            if (steps % kStepsBetweenPolls == 0 && interrupted()) throw Interrupted();
            if (releases_.next_time() != kNever && releases_.next_time() > until) releases_.close();
            const Time next = next_step();
            if (next == kNever) break;
            now = std::max(next, steps == 0 ? Time{} : now + Duration(1));
            after_stage_ = next_end() <= now;
            const StepRecord step = take_step(scheduler_, releases_, resources(), *this, now);
            if (sink_ != nullptr) sink_->step(step);
        }
        finish_metrics(now);
        return {metrics_, sources_};
    }

private:
    static constexpr std::uint64_t kStepsBetweenPolls = 1 << 14;

    // When the driver next has something to do. Where nothing runs it waits for a release or a deadline, and is late.
    Time next_step() {
        const Time due = std::min(scheduler_.next_deadline(), releases_.next_time());
        const Time end = next_end(), energy = scheduler_.next_energy_time();
        const bool waits = end == kNever && due <= energy && due != kNever;
        return waits ? due + times_.lateness(due) : std::min({end, due, energy});
    }

    Ending ending_of_stage(const Dispatch& dispatch, const ActiveJob& job, Time time) override {
        Ending ending;
        const StageStart start{
            job,  dispatch.stage, dispatch.ticket, scheduler_.active_jobs(), row_block(dispatch.slot),
            time, after_stage_};
        ending.end = time + times_.occupies(start, &ending.path);
        const Recording::Execution* const own = recording_->of(job.id, dispatch.stage);
        const bool known = own != nullptr && own->variant == job.variant;
        ending.outcome =
            known ? Outcome{own->record.prediction, own->record.confidence} : traced_outcome(job, dispatch.stage);
        return ending;
    }

    void stage_ended(const StageRecord& record, const PathRecord& path) override {
        times_.ended(record.lane, record.end);
        if (sink_ == nullptr) return;
        sink_->stage(record);
        sink_->path(path);
    }
    void job_ended(const JobRecord& record) override {
        if (sink_ != nullptr) sink_->job(record);
    }

    RecordedSources sources_;
    std::shared_ptr<const Recording> recording_;
    RecordedTimes times_;
    RecordSink* sink_;
    bool after_stage_ = false;
};

}  // namespace

ReplayReport replay_decisions(const RecordedRun& run, const PolicySpec& policy, const Plan* plan,
                              std::optional<Metrics>* metrics) {
    ComparedWorld world(run, policy, plan);
    ReplayReport report = world.run();
    if (metrics != nullptr) *metrics = world.metrics();
    return report;
}

WhatIf run_instead(const RecordedRun& run, const PolicySpec& policy, const Plan* plan, RecordSink* sink, Time until) {
    return InsteadWorld(run, policy, plan, sink).run(until);
}

}  // namespace laxity
