#include "sim/results/measures.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Needs = Measure::Needs;

MeasureValue value_of(std::optional<double> value) {
    return value ? MeasureValue(*value) : MeasureValue(std::monostate{});
}

MeasureValue ms_of(std::optional<Duration> value) {
    return value_of(value ? std::optional(to_ms(*value)) : std::nullopt);
}

MeasureValue mj_of(std::int64_t nj) { return static_cast<double>(nj) * 1e-6; }

MeasureValue mean_response(const MeasuredJobs& jobs) {
    const auto mean = jobs.response->mean_ns();
    return value_of(mean ? std::optional(*mean * 1e-6) : std::nullopt);
}

MeasureValue depths(const MeasuredJobs& jobs) {
    const auto& depth = jobs.counts.depth;
    return std::vector<std::uint64_t>(depth.begin(), depth.begin() + jobs.stages + 1);
}

// As function pointers, for the rows below.
template <std::uint64_t JobCounts::*kCount>
MeasureValue count(const MeasuredJobs& jobs) {
    return jobs.counts.*kCount;
}
template <std::optional<double> (JobCounts::*kRatio)() const>
MeasureValue ratio(const MeasuredJobs& jobs) {
    return value_of((jobs.counts.*kRatio)());
}
template <JobEnding kHow>
MeasureValue ended(const MeasuredJobs& jobs) {
    return jobs.counts.ending(kHow);
}
template <int kPercent>
MeasureValue response(const MeasuredJobs& jobs) {
    return ms_of(jobs.response->quantile(kPercent / 100.0));
}
template <std::int64_t EnergyTotals::*kSum>
MeasureValue energy(const MeasuredJobs& jobs) {
    return mj_of((*jobs.run.energy()).*kSum);
}

constexpr bool kOfTask = true;
constexpr bool kOfRun = false;

constexpr auto kMeasures = std::to_array<Measure>({
    {"jobs", "jobs", "released jobs, after the warm-up", "/jobs", kOfTask, Needs::kNothing, count<&JobCounts::jobs>},
    {"missed", "jobs", "mandatory part not done by the deadline", "/missed", kOfTask, Needs::kNothing,
     count<&JobCounts::missed>},
    {"miss_ratio", "1", "missed / jobs", "/miss_ratio", kOfTask, Needs::kNothing, ratio<&JobCounts::miss_ratio>},
    {"accuracy", "1", "right answers / jobs (a missed job counts as wrong)", "/accuracy", kOfTask, Needs::kNothing,
     ratio<&JobCounts::accuracy>},
    {"weighted_accuracy", "1", "the same, jobs weighted by their task's weight", "/weighted_accuracy", kOfRun,
     Needs::kNothing, [](const MeasuredJobs& jobs) { return value_of(jobs.run.weighted_accuracy()); }},
    {"mean_depth", "stages", "stages finished in time, per job", "/mean_depth", kOfTask, Needs::kNothing,
     ratio<&JobCounts::mean_depth>},
    {"depth_histogram", "jobs", "jobs that left at depth 0, 1, ... (12;34;... in CSV)", "/depth_histogram", kOfTask,
     Needs::kNothing, depths},
    {"utilisation", "1", "busy time of the accelerator / (slots x length of the run)", "/utilisation", kOfRun,
     Needs::kNothing, [](const MeasuredJobs& jobs) { return value_of(jobs.run.utilisation()); }},
    {"overrun_ms", "ms", "busy time spent on stages whose job had already left", "/overrun_ms", kOfRun, Needs::kNothing,
     [](const MeasuredJobs& jobs) { return MeasureValue(to_ms(jobs.run.overrun())); }},
    {"response_mean_ms", "ms", "release to end of the returned exit, over the jobs not missed", "/response_ms/mean",
     kOfTask, Needs::kResponses, mean_response},
    {"response_p50_ms", "ms", "its median, off by at most 0.1 %", "/response_ms/p50", kOfTask, Needs::kResponses,
     response<50>},
    {"response_p95_ms", "ms", "its 95 % quantile, off by at most 0.1 %", "/response_ms/p95", kOfTask, Needs::kResponses,
     response<95>},
    {"response_p99_ms", "ms", "its 99 % quantile, off by at most 0.1 %", "/response_ms/p99", kOfTask, Needs::kResponses,
     response<99>},
    {"response_max_ms", "ms", "the longest", "/response_ms/max", kOfTask, Needs::kResponses,
     [](const MeasuredJobs& jobs) { return ms_of(jobs.response->max()); }},
    {"decisions", "calls", "calls of the policy, in the whole run", "/decisions", kOfRun, Needs::kNothing,
     [](const MeasuredJobs& jobs) { return MeasureValue(jobs.run.decisions()); }},
    {"length_ms", "ms", "length of the run", "/length_ms", kOfRun, Needs::kNothing,
     [](const MeasuredJobs& jobs) { return MeasureValue(to_ms(jobs.run.length())); }},
    {"confident_ratio", "1",
     "answers as sure as their task's confident_from, or of full depth / jobs; if a task has one", "/confident_ratio",
     kOfTask, Needs::kConfidence, ratio<&JobCounts::confident_ratio>},
    {"complete", "jobs", "ended with the whole network", "/complete", kOfTask, Needs::kNothing,
     ended<JobEnding::kComplete>},
    {"stopped", "jobs", "ended by their policy with the mandatory part done: stopped, or replied early", "/stopped",
     kOfTask, Needs::kNothing, ended<JobEnding::kStopped>},
    {"cut", "jobs", "ended by their deadline with the mandatory part done, but not the rest", "/cut", kOfTask,
     Needs::kNothing, ended<JobEnding::kCut>},
    {"missed_unstarted", "jobs", "missed, and no stage had started", "/missed_unstarted", kOfTask, Needs::kNothing,
     ended<JobEnding::kUnstarted>},
    {"missed_late", "jobs", "missed, although a stage had started", "/missed_late", kOfTask, Needs::kNothing,
     ended<JobEnding::kLate>},
    {"preemptions", "times", "a job with finished stages had to let another go first, in the whole run", "/preemptions",
     kOfRun, Needs::kNothing, [](const MeasuredJobs& jobs) { return MeasureValue(jobs.run.preemptions()); }},
    {"harvested_mj", "mJ", "energy that the harvester offered; with an energy section, as all up to off_ms",
     "/energy/harvested_mj", kOfRun, Needs::kEnergy, energy<&EnergyTotals::harvested_nj>},
    {"used_mj", "mJ", "energy that stages took", "/energy/used_mj", kOfRun, Needs::kEnergy,
     energy<&EnergyTotals::used_nj>},
    {"spilled_mj", "mJ", "energy offered to a full capacitor", "/energy/spilled_mj", kOfRun, Needs::kEnergy,
     energy<&EnergyTotals::spilled_nj>},
    {"left_mj", "mJ", "energy in the capacitor at the end", "/energy/left_mj", kOfRun, Needs::kEnergy,
     energy<&EnergyTotals::level_nj>},
    {"power_failures", "times", "the power failed", "/energy/power_failures", kOfRun, Needs::kEnergy,
     [](const MeasuredJobs& jobs) { return MeasureValue(jobs.run.energy()->failures); }},
    {"off_ms", "ms", "time without power after a failure", "/energy/off_ms", kOfRun, Needs::kEnergy,
     [](const MeasuredJobs& jobs) { return MeasureValue(to_ms(jobs.run.energy()->off)); }},
    {"backlog_trend", "1", "time in the system of the last quarter of the jobs / of the first; from 128 jobs on",
     "/backlog_trend", kOfRun, Needs::kNothing,
     [](const MeasuredJobs& jobs) { return value_of(jobs.run.backlog().ratio()); }},
});

// The value, or nothing where the measure does not apply. What was to be kept and was not is the caller's mistake.
MeasureValue value_in(const Measure& measure, const MeasuredJobs& jobs) {
    if (measure.needs == Needs::kResponses && jobs.response == nullptr)
        throw std::logic_error("the response times of the tasks were not kept: keep_task_responses() before the run");
    return measure.applies_to(jobs) ? measure.of(jobs) : std::monostate{};
}

void append(CsvLine& line, const MeasureValue& value) {
    if (const auto* number = std::get_if<double>(&value)) {
        line.number(*number);
    } else if (const auto* count = std::get_if<std::uint64_t>(&value)) {
        line.integer(static_cast<std::int64_t>(*count));
    } else if (const auto* list = std::get_if<std::vector<std::uint64_t>>(&value)) {
        std::string text;
        for (const std::uint64_t entry : *list) text += (text.empty() ? "" : ";") + std::to_string(entry);
        line.text(text);
    } else {
        line.empty();
    }
}

std::optional<double> number_in(const MeasureValue& value) {
    if (const auto* number = std::get_if<double>(&value)) return *number;
    if (const auto* count = std::get_if<std::uint64_t>(&value)) return static_cast<double>(*count);
    return std::nullopt;
}

std::optional<MeasuredJobs> named_task(const Metrics& metrics, std::string_view name) {
    const auto& facts = metrics.task_facts();
    const auto found = std::ranges::find(facts, name, &Metrics::TaskFacts::name);
    if (found == facts.end()) return std::nullopt;
    return jobs_of_task(metrics, static_cast<std::size_t>(found - facts.begin()));
}

// TASK.MEASURE or MEASURE, in two. Names of tasks may have a dot, those of measures have none.
struct MeasureName {
    explicit MeasureName(std::string_view name) : measure(name) {
        const std::size_t dot = name.rfind('.');
        if (dot == std::string_view::npos) return;
        task = name.substr(0, dot);
        measure = name.substr(dot + 1);
    }
    std::optional<std::string_view> task;
    std::string_view measure;
};

// The row of a name, if it stands for one number.
const Measure* find_numeric(const MeasureName& name) {
    const auto row = std::ranges::find(kMeasures, name.measure, &Measure::name);
    const bool found = row != kMeasures.end() && row->is_numeric() && (!name.task || row->of_task);
    return found ? &*row : nullptr;
}

std::vector<std::string> numeric_names(const std::vector<std::string>& tasks) {
    std::vector<std::string> names;
    for (const Measure& measure : kMeasures) {
        if (measure.is_numeric()) names.emplace_back(measure.name);
    }
    for (const std::string& task : tasks) {
        for (const Measure& measure : kMeasures) {
            if (measure.is_numeric() && measure.of_task) names.push_back(task + "." + std::string(measure.name));
        }
    }
    return names;
}

}  // namespace

bool Measure::applies_to(const MeasuredJobs& jobs) const {
    switch (needs) {
        case Needs::kNothing:
            return true;
        case Needs::kResponses:
            return jobs.response != nullptr;
        case Needs::kConfidence:
            return jobs.asks_confidence;
        case Needs::kEnergy:
            return jobs.run.energy().has_value();
    }
    return false;
}

std::span<const Measure> measures() { return kMeasures; }

MeasuredJobs all_jobs(const Metrics& metrics) {
    return {metrics, metrics.total(), &metrics.response(), metrics.stages(), metrics.asks_confidence()};
}

MeasuredJobs jobs_of_task(const Metrics& metrics, std::size_t task) {
    const Metrics::TaskFacts& facts = metrics.task_facts()[task];
    return {metrics, metrics.tasks()[task], metrics.task_response(task), facts.stages, facts.asks_confidence};
}

std::string measures_header(const std::vector<std::string>& tasks) {
    std::string header;
    for (const Measure& measure : kMeasures) (header += header.empty() ? "" : ",") += measure.name;
    for (const std::string& task : tasks) {
        for (const Measure& measure : kMeasures) {
            if (measure.of_task) header.append(",").append(task).append(".").append(measure.name);
        }
    }
    return header;
}

void append_measures(CsvLine& line, const Metrics& metrics, const std::vector<std::string>& tasks) {
    const MeasuredJobs all = all_jobs(metrics);
    for (const Measure& measure : kMeasures) append(line, value_in(measure, all));
    for (const std::string& task : tasks) {
        const auto jobs = named_task(metrics, task);
        for (const Measure& measure : kMeasures) {
            if (measure.of_task) append(line, jobs ? value_in(measure, *jobs) : std::monostate{});
        }
    }
}

bool is_measure(std::string_view name, const std::vector<std::string>& tasks) {
    const MeasureName parts(name);
    const bool known = !parts.task || std::ranges::find(tasks, *parts.task) != tasks.end();
    return known && find_numeric(parts) != nullptr;
}

void check_measure(std::string_view name, const std::vector<std::string>& tasks, std::string_view place) {
    if (is_measure(name, tasks)) return;
    const std::string nearest = closest(name, numeric_names(tasks));
    throw input_error(place, tasks.empty() ? "a measure" : "a measure, or TASK.MEASURE", "\"" + shortened(name) + "\"",
                      nearest.empty() ? "results/README.md lists them" : "did you mean " + nearest + "?");
}

std::optional<double> measure_value(const Metrics& metrics, std::string_view name) {
    const MeasureName parts(name);
    const Measure* const measure = find_numeric(parts);
    if (measure == nullptr) throw std::logic_error("no measure has the name " + std::string(name));
    if (!parts.task) return number_in(value_in(*measure, all_jobs(metrics)));
    const auto jobs = named_task(metrics, *parts.task);
    return jobs ? number_in(value_in(*measure, *jobs)) : std::nullopt;
}

std::string measures_help() {
    std::string text;
    for (const Measure& measure : kMeasures) {
        std::string name(measure.name), unit(measure.unit);
        name.resize(std::max<std::size_t>(name.size(), 18), ' ');
        unit.resize(std::max<std::size_t>(unit.size(), 7), ' ');
        text.append("  ").append(name).append(unit).append(measure.help).append("\n");
    }
    return text;
}

}  // namespace laxity
