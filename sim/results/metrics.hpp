// From job records to the numbers of a run. Where there is no number (a ratio of no jobs, a response time where none
// was answered) there is none: std::nullopt, never 0.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/backlog_trend.hpp"
#include "sim/results/energy_totals.hpp"
#include "sim/results/job_record.hpp"
#include "sim/results/log_histogram.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// Counts over the scored jobs of one task, or of all tasks. The ratios are nothing without jobs.
struct JobCounts {
    std::uint64_t jobs = 0;
    std::uint64_t missed = 0;                     // mandatory part not done by the deadline
    std::uint64_t correct = 0;                    // right and not missed
    std::uint64_t confident = 0;                  // returned an answer as sure as their task asks, or of full depth
    std::array<std::uint64_t, kEndings> ended{};  // jobs by JobEnding
    std::array<std::uint64_t, kMaxStages + 1> depth{};  // jobs that left at each depth

    std::uint64_t ending(JobEnding how) const { return ended[static_cast<std::size_t>(how)]; }
    std::optional<double> miss_ratio() const { return ratio(missed); }
    std::optional<double> confident_ratio() const { return ratio(confident); }
    std::optional<double> accuracy() const { return ratio(correct); }
    std::optional<double> mean_depth() const;

    JobCounts& operator+=(const JobCounts& other);

private:
    std::optional<double> ratio(std::uint64_t part) const {
        return jobs == 0 ? std::nullopt : std::optional(static_cast<double>(part) / static_cast<double>(jobs));
    }
};

// How long one resource was used, over the whole run, warm-up included.
struct ResourceUse {
    std::string name;
    int slots = 1;
    Duration busy{};
    Duration overrun{};  // part of busy: spent on stages of jobs that had left
    std::uint64_t stages = 0;

    // Of its slots; nothing in a run without length.
    std::optional<double> utilisation(Duration length) const {
        if (length.count() == 0) return std::nullopt;
        return static_cast<double>(busy.count()) / (static_cast<double>(length.count()) * slots);
    }
};

// The running totals of one run. Memory does not grow with the number of jobs. What is of jobs is of the scored ones;
// utilisation, overrun, decisions, preemptions, energy and length are of the whole run.
class Metrics {
public:
    // What is known of a task before the run.
    struct TaskFacts {
        std::string name;
        double weight = 1;
        int stages = 0;  // of its deepest variant
        bool asks_confidence = false;
    };

    explicit Metrics(const TaskSet& tasks);

    // Before the first job: keep the response times of every task, not only those of all together.
    void keep_task_responses() { task_responses_.resize(tasks_.size()); }

    void add(const JobRecord& record, JobEnding ending) {
        if (!record.scored) return;
        const auto task = static_cast<std::size_t>(record.id.task);
        count(tasks_[task], record, ending);
        trend_.add(record.left - record.release);
        if (record.missed) return;
        const Duration response = record.exit - record.release;
        response_.add(response);
        if (!task_responses_.empty()) task_responses_[task].add(response);
    }
    void stage(int resource, Duration busy, Duration overrun) {
        ResourceUse& use = resources_[static_cast<std::size_t>(resource)];
        use.busy += busy;
        use.overrun += overrun;
        ++use.stages;
    }
    // After the last job. total() has no jobs before.
    void finish(Duration length, std::uint64_t decisions, std::uint64_t preemptions);

    void energy(const EnergyTotals& totals) { energy_ = totals; }

    const JobCounts& total() const { return total_; }
    const std::vector<JobCounts>& tasks() const { return tasks_; }
    const std::vector<TaskFacts>& task_facts() const { return facts_; }
    const std::vector<ResourceUse>& resources() const { return resources_; }
    // Of the resource that runs inference: the one named "accelerator", else the first.
    std::optional<double> utilisation() const { return resources_[accelerator_].utilisation(length_); }
    Duration overrun() const;
    // From release to the end of the returned exit, over the jobs that were not missed.
    const LogHistogram& response() const { return response_; }
    // The same of one task; null without keep_task_responses().
    const LogHistogram* task_response(std::size_t task) const {
        return task_responses_.empty() ? nullptr : &task_responses_[task];
    }
    const BacklogTrend& backlog() const { return trend_; }
    const std::optional<EnergyTotals>& energy() const { return energy_; }  // none on mains power
    Duration length() const { return length_; }
    std::uint64_t decisions() const { return decisions_; }
    std::uint64_t preemptions() const { return preemptions_; }  // see Scheduler::preemptions()
    // Right answers weighted by task weight / all jobs weighted by task weight.
    std::optional<double> weighted_accuracy() const;
    int stages() const;  // of the deepest task
    bool asks_confidence() const;

    // The summary as one JSON object: every measure of sim/results/measures.hpp that applies (null where there is no
    // number), the resources, and the tasks with theirs.
    std::string json(int indent = 2) const;

private:
    static void count(JobCounts& counts, const JobRecord& record, JobEnding ending) {
        ++counts.jobs;
        counts.missed += record.missed;
        counts.correct += record.correct;
        counts.confident += record.confident;
        ++counts.ended[static_cast<std::size_t>(ending)];
        ++counts.depth[static_cast<std::size_t>(record.depth)];
    }

    std::vector<TaskFacts> facts_;
    std::optional<EnergyPlan> energy_plan_;
    JobCounts total_;
    std::vector<JobCounts> tasks_;
    std::vector<ResourceUse> resources_;
    std::size_t accelerator_ = 0;
    LogHistogram response_;
    std::vector<LogHistogram> task_responses_;  // by task; empty if not kept
    BacklogTrend trend_;
    Duration length_{};
    std::uint64_t decisions_ = 0;
    std::uint64_t preemptions_ = 0;
    std::optional<EnergyTotals> energy_;
};

}  // namespace laxity
