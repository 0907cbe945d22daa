// From job records to the numbers of a run.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/energy_totals.hpp"
#include "sim/results/job_record.hpp"
#include "sim/results/log_histogram.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// Counts over the scored jobs of one task, or of all tasks.
struct JobCounts {
    std::uint64_t jobs = 0;
    std::uint64_t missed = 0;     // mandatory part not done by the deadline
    std::uint64_t correct = 0;    // right and not missed
    std::uint64_t confident = 0;  // returned an answer as sure as their task asks, or of full depth
    std::uint64_t depth_sum = 0;
    std::array<std::uint64_t, kMaxStages + 1> depth{};  // jobs that left at each depth

    double miss_ratio() const { return ratio(missed); }
    double confident_ratio() const { return ratio(confident); }
    double accuracy() const { return ratio(correct); }
    double mean_depth() const { return ratio(depth_sum); }

private:
    double ratio(std::uint64_t part) const {
        return jobs == 0 ? 0 : static_cast<double>(part) / static_cast<double>(jobs);
    }
};

// How long one resource was used.
struct ResourceUse {
    std::string name;
    int slots = 1;
    Duration busy{};
    Duration overrun{};  // part of busy: spent on stages of jobs that had left
    std::uint64_t stages = 0;

    double utilisation(Duration length) const {
        return length.count() == 0 ? 0
                                   : static_cast<double>(busy.count()) / (static_cast<double>(length.count()) * slots);
    }
};

// The running totals of one run. Memory does not grow with the number of jobs.
class Metrics {
public:
    explicit Metrics(const TaskSet& tasks);

    void add(const JobRecord& record) {
        if (!record.scored) return;
        count(total_, record);
        count(tasks_[static_cast<std::size_t>(record.id.task)], record);
        if (!record.missed) response_.add(record.exit - record.release);
    }
    void stage(int resource, Duration busy, Duration overrun) {
        ResourceUse& use = resources_[static_cast<std::size_t>(resource)];
        use.busy += busy;
        use.overrun += overrun;
        ++use.stages;
    }
    void finish(Duration length, std::uint64_t decisions) { length_ = length, decisions_ = decisions; }

    void energy(const EnergyTotals& totals) { energy_ = totals; }

    const JobCounts& total() const { return total_; }
    const std::vector<JobCounts>& tasks() const { return tasks_; }
    const std::vector<ResourceUse>& resources() const { return resources_; }
    // Of the resource that runs inference: the one named "accelerator", else the first.
    double utilisation() const { return resources_[accelerator_].utilisation(length_); }
    Duration overrun() const;
    // From release to the end of the returned exit, over the jobs that were not missed.
    const LogHistogram& response() const { return response_; }
    const std::optional<EnergyTotals>& energy() const { return energy_; }  // none on mains power
    Duration length() const { return length_; }
    std::uint64_t decisions() const { return decisions_; }
    // Right answers weighted by task weight / all jobs weighted by task weight.
    double weighted_accuracy() const;

    // The summary as one JSON object; keys as in `laxity simulate --help`. Times in milliseconds.
    std::string json(int indent = 2) const;

private:
    bool asks_confidence() const;
    static void count(JobCounts& counts, const JobRecord& record) {
        ++counts.jobs;
        counts.missed += record.missed;
        counts.correct += record.correct;
        counts.confident += record.confident;
        counts.depth_sum += static_cast<std::uint64_t>(record.depth);
        ++counts.depth[static_cast<std::size_t>(record.depth)];
    }

    const TaskSet* task_set_;
    JobCounts total_;
    std::vector<JobCounts> tasks_;
    std::vector<ResourceUse> resources_;
    std::size_t accelerator_ = 0;
    LogHistogram response_;
    Duration length_{};
    std::uint64_t decisions_ = 0;
    std::optional<EnergyTotals> energy_;
};

}  // namespace laxity
