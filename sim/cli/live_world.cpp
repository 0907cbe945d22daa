#include "sim/cli/live_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>

#include "sim/cli/live_options.hpp"
#include "sim/cli/progress.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/base/text.hpp"
#include "traces/history_cells.hpp"

namespace laxity {

namespace {

Duration longest_of(const std::vector<StallRecord>& stalls) {
    Duration longest{};
    for (const StallRecord& stall : stalls) longest = std::max(longest, stall.length);
    return longest;
}

std::uint64_t expected_jobs(const ValidationCase& one, double seconds) {
    double jobs = 0;
    for (const TaskPlan& task : one.tasks.tasks) {
        if (task.period.count() > 0) jobs += seconds * 1e9 / static_cast<double>(task.period.count());
    }
    return static_cast<std::uint64_t>(jobs);
}

}  // namespace

LiveWorld::LiveWorld(const ValidationPlan& plan, LiveService& service, const PolicyDecisions& decisions,
                     const Steadiness& steadiness, LiveWorldOptions options, std::vector<MeasuredAttempt> earlier)
    : plan_(plan),
      service_(service),
      decisions_(decisions),
      steadiness_(steadiness),
      options_(std::move(options)),
      networks_(service.measurable_networks()),
      cores_(plan_cores(options_.wait)),
      runs_(earlier.size()),
      attempts_(std::move(earlier)) {
    if (!attempts_.empty()) windows_ = next_window(std::array{attempts_.back().attempt});
    if (!options_.out.empty()) open_files();
}

void LiveWorld::open_files() {
    constexpr auto kAtEnd = OutputFile::Start::kAtEnd;
    repetitions_csv_.emplace(options_.out, kAtEnd);
    if (options_.explain) budgets_csv_.emplace(options_.out, kAtEnd);
    if (options_.window_seconds > 0 && !networks_.empty()) windows_csv_.emplace(options_.out, kAtEnd);
}

WindowSpeed LiveWorld::window() {
    if (options_.window_seconds <= 0 || networks_.empty()) return {};
    before_ = std::move(after_);
    after_ = measure_window(service_, {Duration(std::llround(options_.window_seconds * 1e9)),
                                       plan_.base().seed + 1'000'003 * (windows_ + 1), cores_});
    if (windows_csv_) windows_csv_->add(windows_, *after_, networks_);
    ++windows_;
    return speed_of(*after_, networks_);
}

std::string LiveWorld::title_of(const LiveTurn& turn, std::size_t left) const {
    const PlannedCell& cell = plan_.cells()[turn.cell];
    const double seconds = static_cast<double>(left) * (plan_.seconds() + options_.window_seconds);
    return "live run " + std::to_string(runs_ + 1) + "/" + std::to_string(runs_ + left) + " (" + clock_text(seconds) +
           " left), " + cell.name.policy + (cell.name.point.empty() ? "" : " at " + cell.name.point) + ", repetition " +
           std::to_string(turn.repetition) + (turn.attempt > 1 ? " again" : "");
}

bool LiveWorld::keeps_records(const LiveTurn& turn) const {
    if (options_.out.empty() || options_.records == KeptRecords::kNone) return false;
    return options_.records == KeptRecords::kAll || turn.repetition == 1;
}

RunOptions LiveWorld::options_of(const LiveTurn& turn, const char* world) const {
    const PlannedCell& cell = plan_.cells()[turn.cell];
    RunOptions options = plan_.points()[cell.point].options;
    const std::string again = turn.attempt > 1 ? "-attempt-" + std::to_string(turn.attempt) : "";
    options.out =
        options_.out + "/" + cell.folder + "/repetition-" + std::to_string(turn.repetition) + again + "/" + world;
    options.seed = plan_.seed_of(turn);
    options.replace = true;  // records that an interrupt cut short are moved aside
    return options;
}

// Null if they are not kept.
std::unique_ptr<RunOutput> LiveWorld::open_records(const LiveTurn& turn, const char* world,
                                                   const std::string& what) const {
    if (!keeps_records(turn)) return nullptr;
    const PlannedCell& cell = plan_.cells()[turn.cell];
    const ValidationCase& one = plan_.case_of(turn);
    auto output = std::make_unique<RunOutput>(options_of(turn, world), plan_.points()[cell.point].inputs);
    output->open(one.workload, one.tasks, what + cell.name.policy);
    output->keep_plan(plan_.plan_of(turn), *cell.policy, one.workload, one.tasks);
    return output;
}

Disturbance LiveWorld::live(const LiveTurn& turn, std::size_t left) {
    const PlannedCell& cell = plan_.cells()[turn.cell];
    const ValidationCase& one = plan_.case_of(turn);
    const auto output = open_records(turn, "live", "a live run of ");
    Pending pending;
    RecordFan fan;
    fan.add(pending.records);
    if (output) fan.add(*output->sink());
    Progress progress(title_of(turn, left), expected_jobs(one, plan_.seconds()), "jobs");
    LiveRun run(one.workload, one.tasks, *cell.policy, plan_.seed_of(turn), service_.device(),
                service_.tasks(plan_.case_index(turn)), plan_.plan_of(turn));
    run.use(options_.wait);
    const Metrics& metrics = run.run(&fan, [&](std::uint64_t gone) { progress.update(gone); });
    progress.finish();
    const LiveReport& report = run.report();
    if (output)
        output->finish(
            run_summary("live", one.workload, cell.name.policy, plan_.seed_of(turn), metrics, report.json()));
    print_report(report);
    if (!report.failure.empty()) throw DeviceError(report.failure);
    if (report.interrupted) throw Interrupted();
    pending.contention = report.contention;
    pending_ = std::move(pending);
    ++runs_;
    return {report.noisy, longest_of(pending_.records.stalls), 0};
}

MeasuredTraces LiveWorld::traces_around() {
    if (!before_ || !after_) return {};
    warn_of_short_windows();
    return traces_of(*before_, *after_, networks_);
}

// Once.
void LiveWorld::warn_of_short_windows() {
    const RarestStage rarest = rarest_stage(*before_, *after_, networks_);
    if (warned_ || rarest.executions >= 2 * kLeastOfCell) return;
    warned_ = true;
    std::cerr << "laxity: warning: stage " << rarest.stage << " of " << rarest.network << " ran " << rarest.executions
              << " times in the two windows around a live run; " << 2 * kLeastOfCell
              << " are needed to tell histories apart: give --window-seconds more than " << options_.window_seconds
              << "\n";
}

void LiveWorld::measured(const Attempt& attempt) {
    const LiveTurn& turn = attempt.turn;
    const PlannedCell& cell = plan_.cells()[turn.cell];
    const ValidationCase& one = plan_.case_of(turn);
    const auto output = open_records(turn, "simulation", "a simulated run of ");
    const MeasuredTraces traces = traces_around();
    const Repetition repetition{one.workload,
                                one.tasks,
                                *cell.policy,
                                plan_.plan_of(turn),
                                plan_.seed_of(turn),
                                traces,
                                decisions_.at(cell.name.policy),
                                options_.lucks,
                                options_.explain};
    FirstSimulation first;
    if (output) {
        first = {
            output->sink(), [&](const Metrics& metrics) {
                output->finish(run_summary("simulation", one.workload, cell.name.policy, repetition.seed, metrics));
            }};
    }
    RepetitionResult result = compare_repetition(repetition, pending_.records, first);
    MeasuredAttempt measured{attempt,     plan_.seed_of(turn), std::move(result.metrics), std::move(result.budget),
                             result.jobs, result.stalled_jobs, pending_.contention};
    if (budgets_csv_) budgets_csv_->add(cell.name, measured);
    if (repetitions_csv_) repetitions_csv_->add(cell.name, measured, steadiness_);
    if (attempt.contended)
        std::cerr << "note: contended (" << steadiness_.reasons(attempt.disturbance) << "): " << cell.name.policy
                  << (cell.name.point.empty() ? "" : " at ") << cell.name.point << ", repetition " << turn.repetition
                  << "\n";
    attempts_.push_back(std::move(measured));
}

void LiveWorld::close() {
    if (repetitions_csv_) repetitions_csv_->close();
    if (budgets_csv_) budgets_csv_->close();
    if (windows_csv_) windows_csv_->close();
}

}  // namespace laxity
