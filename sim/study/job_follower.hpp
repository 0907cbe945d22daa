// The jobs of a recorded run while it is made.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/results/log_histogram.hpp"
#include "sim/results/statistics.hpp"
#include "sim/study/growing_csv.hpp"

namespace laxity {

// The mean of a long sequence with an interval by batch means: neighbours depend on each other, batches of them hardly.
// Keeps 20 to 39 batches of equal size, in constant memory: with the 40th, neighbours are joined and the size doubles.
class BatchMean {
public:
    void add(double value);
    // Of all values; the interval of the whole batches. No interval before there are 20.
    Estimate estimate(double level = kUsualLevel) const;

private:
    std::vector<double> sums_;  // by whole batch
    std::size_t size_ = 1, filled_ = 0;
    double filling_ = 0, total_ = 0;
    std::uint64_t count_ = 0;
};

// The jobs of one task, or of all.
struct JobTally {
    std::string task;
    std::uint64_t jobs = 0;
    BatchMean misses, accuracy;  // shares of the jobs
    LogHistogram responses;      // of those that were not missed
};

// Follows jobs.csv. What is in it counts, the jobs of the warm-up too: the file does not say which they are.
class JobFollower {
public:
    explicit JobFollower(const std::string& directory) : file_(directory + "/jobs.csv") {}

    // Reads the rows that are new. False if the file was replaced or cut: begin anew. Throws InputError for a row that
    // is none.
    bool read_on();

    const JobTally& all() const { return all_; }
    const std::vector<JobTally>& tasks() const { return tasks_; }  // in order of appearance
    std::int64_t last_ns() const { return last_ns_; }              // when the last job left

private:
    void add(const CsvColumns& csv);

    GrowingCsv file_;
    std::vector<std::size_t> columns_;  // of the fields that are read; empty until there is a header
    JobTally all_{"all", 0, {}, {}, {}};
    std::vector<JobTally> tasks_;
    std::int64_t last_ns_ = 0;
};

}  // namespace laxity
