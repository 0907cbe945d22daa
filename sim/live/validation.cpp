#include "sim/live/validation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <optional>

#include "sim/results/statistics.hpp"

namespace laxity {

namespace {

constexpr std::size_t kBatches = 20;

// The same job in both worlds.
struct JobPair {
    const JobRecord* simulated;
    const JobRecord* live;
};

using Pairs = std::vector<JobPair>;

enum class Jobs { kAll, kUnstalled };

bool counts(const JobPair& pair, Jobs jobs) {
    return pair.live->scored && (jobs == Jobs::kAll || !(pair.simulated->stalled || pair.live->stalled));
}

Pairs match(const RecordList& simulated, const RecordList& live, Jobs jobs) {
    std::map<std::pair<std::int32_t, std::uint64_t>, const JobRecord*> by_id;
    for (const JobRecord& job : simulated.jobs) by_id[{job.id.task, job.id.number}] = &job;
    Pairs pairs;
    for (const JobRecord& job : live.jobs) {
        const auto same = by_id.find({job.id.task, job.id.number});
        if (same != by_id.end() && counts({same->second, &job}, jobs)) pairs.push_back({same->second, &job});
    }
    std::sort(pairs.begin(), pairs.end(), [](const JobPair& a, const JobPair& b) {
        return std::tuple(a.simulated->release, a.simulated->id.task, a.simulated->id.number) <
               std::tuple(b.simulated->release, b.simulated->id.task, b.simulated->id.number);
    });
    return pairs;
}

std::vector<Pairs> batches_of(const Pairs& pairs) {
    std::vector<Pairs> batches;
    const std::size_t size = pairs.size() / kBatches;
    for (std::size_t batch = 0; size > 0 && batch < kBatches; ++batch) {
        const auto first = pairs.begin() + static_cast<std::ptrdiff_t>(batch * size);
        batches.emplace_back(first, batch + 1 == kBatches ? pairs.end() : first + static_cast<std::ptrdiff_t>(size));
    }
    return batches;
}

using World = const JobRecord* JobPair::*;
using Measured = std::function<std::optional<double>(const Pairs&, World)>;

std::optional<double> mean_of(const Pairs& pairs, World world, double (*value)(const JobRecord&)) {
    double sum = 0;
    for (const JobPair& pair : pairs) sum += value(*(pair.*world));
    return pairs.empty() ? std::nullopt : std::optional(sum / static_cast<double>(pairs.size()));
}

std::optional<double> response_quantile(const Pairs& pairs, World world, double q) {
    std::vector<double> times;
    for (const JobPair& pair : pairs) {
        if (pair.simulated->missed || pair.live->missed) continue;
        times.push_back(to_ms((pair.*world)->exit - (pair.*world)->release));
    }
    if (times.empty()) return std::nullopt;
    const auto rank = static_cast<std::ptrdiff_t>(std::max(0.0, std::ceil(q * static_cast<double>(times.size())) - 1));
    std::nth_element(times.begin(), times.begin() + rank, times.end());
    return times[static_cast<std::size_t>(rank)];
}

std::optional<double> minus(std::optional<double> a, std::optional<double> b) {
    return a && b ? std::optional(*a - *b) : std::nullopt;
}

Comparison compare(const std::string& metric, const std::string& unit, const Pairs& pairs,
                   const std::vector<Pairs>& batches, const Measured& measure) {
    Comparison result{metric, unit, measure(pairs, &JobPair::simulated), measure(pairs, &JobPair::live), {}, {}};
    result.difference = minus(result.live, result.simulated);
    std::vector<double> differences;  // of the batches that have a value in both worlds
    for (const Pairs& batch : batches) {
        const auto difference = minus(measure(batch, &JobPair::live), measure(batch, &JobPair::simulated));
        if (difference) differences.push_back(*difference);
    }
    if (differences.size() > 1) result.ci95 = estimate(differences).half_width;
    return result;
}

// Index of the accelerator; -1 if there is none.
int accelerator_of(const std::vector<Resource>& resources) {
    const auto found = std::ranges::find(resources, "accelerator", &Resource::name);
    return found == resources.end() ? -1 : static_cast<int>(found - resources.begin());
}

// Busy share of a resource of so many slots in each of kBatches equal spans of [0, end).
std::array<double, kBatches> busy_shares(const RecordList& records, Time end, int resource, int slots) {
    std::array<double, kBatches> shares{};
    const double span = static_cast<double>((end - Time{}).count()) / kBatches;
    for (const StageRecord& stage : records.stages) {
        if (stage.resource != resource) continue;
        for (auto i = static_cast<std::size_t>(static_cast<double>(to_ns(stage.start)) / span); i < kBatches; ++i) {
            const double low = std::max(static_cast<double>(to_ns(stage.start)), static_cast<double>(i) * span);
            const double high = std::min(static_cast<double>(to_ns(stage.end)), static_cast<double>(i + 1) * span);
            if (high <= low) break;
            shares[i] += (high - low) / (span * slots);
        }
    }
    return shares;
}

Comparison compare_utilisation(const RecordList& simulated, const RecordList& live,
                               const std::vector<Resource>& resources) {
    Time end{};
    for (const RecordList* records : {&simulated, &live}) {
        for (const StageRecord& stage : records->stages) end = std::max(end, stage.end);
    }
    Comparison result{"utilisation", "1", {}, {}, {}, {}};
    const int accelerator = accelerator_of(resources);
    if (end == Time{} || accelerator < 0) return result;
    const int slots = resources[static_cast<std::size_t>(accelerator)].slots;
    const auto a = busy_shares(simulated, end, accelerator, slots);
    const auto b = busy_shares(live, end, accelerator, slots);
    result.simulated = estimate(a).mean;
    result.live = estimate(b).mean;
    result.difference = minus(result.live, result.simulated);
    result.ci95 = paired_difference(b, a).half_width;
    return result;
}

// All but the utilisation.
std::vector<Comparison> compare_jobs(const Pairs& pairs) {
    const std::vector<Pairs> batches = batches_of(pairs);
    const auto mean = [](double (*value)(const JobRecord&)) {
        return [value](const Pairs& jobs, World world) { return mean_of(jobs, world, value); };
    };
    const auto response = [](double q) {
        return [q](const Pairs& jobs, World world) { return response_quantile(jobs, world, q); };
    };
    return {
        compare("accuracy", "1", pairs, batches, mean([](const JobRecord& job) { return job.correct ? 1.0 : 0.0; })),
        compare("miss_ratio", "1", pairs, batches, mean([](const JobRecord& job) { return job.missed ? 1.0 : 0.0; })),
        compare("mean_depth", "stages", pairs, batches,
                mean([](const JobRecord& job) { return static_cast<double>(job.depth); })),
        compare("response_p50", "ms", pairs, batches, response(0.50)),
        compare("response_p95", "ms", pairs, batches, response(0.95)),
        compare("response_p99", "ms", pairs, batches, response(0.99)),
    };
}

using Value = std::optional<double> Comparison::*;

// The mean of one metric's value over the simulations that have it.
std::optional<double> mean_over(const std::vector<std::vector<Comparison>>& simulations, std::size_t metric,
                                Value value) {
    std::vector<double> values;
    for (const auto& rows : simulations) {
        if (metric < rows.size() && rows[metric].*value) values.push_back(*(rows[metric].*value));
    }
    return estimate(values).mean;
}

}  // namespace

std::vector<Comparison> compare_runs(const RecordList& simulated, const RecordList& live,
                                     const std::vector<Resource>& resources) {
    std::vector<Comparison> rows = compare_jobs(match(simulated, live, Jobs::kAll));
    rows.push_back(compare_utilisation(simulated, live, resources));
    return rows;
}

RepetitionComparison::RepetitionComparison(const RecordList& live, const std::vector<Resource>& resources)
    : live_(live), resources_(resources) {}

void RepetitionComparison::add(const RecordList& simulated) {
    compared_.push_back(compare_runs(simulated, live_, resources_));
    unstalled_.push_back(compare_jobs(match(simulated, live_, Jobs::kUnstalled)));
}

void RepetitionComparison::add_before_drift(const RecordList& simulated) {
    before_drift_.push_back(compare_runs(simulated, live_, resources_));
}

std::vector<RepetitionMetric> RepetitionComparison::rows() const {
    std::vector<RepetitionMetric> rows;
    for (std::size_t i = 0; i < compared_.front().size(); ++i) {
        RepetitionMetric& row = rows.emplace_back();
        row.metric = compared_.front()[i].metric;
        row.unit = compared_.front()[i].unit;
        row.simulated = mean_over(compared_, i, &Comparison::simulated);
        row.live = mean_over(compared_, i, &Comparison::live);
        row.difference = mean_over(compared_, i, &Comparison::difference);
        row.ci95 = mean_over(compared_, i, &Comparison::ci95);
        // (live - user's) - (live - windows') of the same live run.
        row.drift = minus(mean_over(before_drift_, i, &Comparison::difference), row.difference);
        row.unstalled_simulated = mean_over(unstalled_, i, &Comparison::simulated);
        row.unstalled_live = mean_over(unstalled_, i, &Comparison::live);
        row.unstalled_difference = mean_over(unstalled_, i, &Comparison::difference);
    }
    return rows;
}

std::size_t RepetitionComparison::stalled_jobs() const {
    return static_cast<std::size_t>(std::ranges::count(live_.jobs, true, &JobRecord::stalled));
}

}  // namespace laxity
