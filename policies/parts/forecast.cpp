#include "policies/parts/forecast.hpp"

#include <algorithm>
#include <cmath>

#include "policies/parts/normal_quantile.hpp"

namespace laxity {

namespace {

// z with P(N > z) = share, within what few samples can tell.
double protection_quantile(double share) {
    constexpr double kTail = 0.00134989803163;  // P(N > 3)
    return normal_quantile(1 - std::clamp(share, kTail, 1 - kTail));
}

// Deadlines are resolved up to here: at least twice the longest.
Duration horizon_of(const TaskPlan& task) { return std::max({8 * task.full, 2 * task.longest_deadline, Duration(1)}); }

}  // namespace

Forecast::Forecast(const TaskSet& tasks, const Outlooks& outlooks, const ForecastOptions& options)
    : inflation_(options.inflation) {
    for (std::size_t k = 0; k < tasks.tasks.size(); ++k) {
        fresh_.push_back(
            fresh_jobs(tasks.tasks[k], outlooks.network(static_cast<int>(k), 0), outlooks.prices(), options));
    }
}

Forecast::Fresh Forecast::fresh_jobs(const TaskPlan& task, const NetworkOutlook& network,
                                     std::span<const double> prices, const ForecastOptions& options) {
    const StoppingTables& tables = *network.tables;
    Fresh fresh{Traffic(horizon_of(task), options.memory, options.fast_memory)};
    for (int stage = 0; stage < task.mandatory_stages; ++stage) {
        fresh.mandatory_ns += static_cast<double>(charged_time(task.variants[0], stage).count());
    }
    fresh.mandatory_value = network.weight * tables.fresh_value(task.mandatory_stages, StoppingTables::kPrices - 1);
    fresh.work.push_back(0);  // nothing pays more than the highest price
    fresh.square.push_back(0);
    fresh.quantile.push_back(0);
    fresh.margin.push_back(0);
    for (std::size_t level = 1; level < prices.size(); ++level) {
        const int above = tables.price_at_most(prices[level - 1] / network.weight);
        const double work = tables.fresh_work(above);
        const double density = work > 0 ? network.weight * tables.fresh_value(tables.stages(), above) / work : 0;
        fresh.work.push_back(static_cast<float>(work));
        fresh.square.push_back(static_cast<float>(tables.fresh_square(above)));
        fresh.quantile.push_back(density > 0 ? static_cast<float>(protection_quantile(prices[level] / density)) : 0.0F);
        fresh.margin.push_back(fresh.quantile.back() * std::sqrt(fresh.square.back()));
    }
    return fresh;
}

void Forecast::arrived(const ActiveJob& job) {
    fresh_[static_cast<std::size_t>(job.id.task)].traffic.arrived(job.release, job.relative_deadline());
}

void Forecast::look_at(Time now) {
    for (Fresh& fresh : fresh_) fresh.rate = fresh.traffic.rate(now);
}

double Forecast::longest_mean_deadline() const {
    double longest = 0;
    for (const Fresh& fresh : fresh_) longest = std::max(longest, fresh.traffic.mean_deadline());
    return longest;
}

void Forecast::count_due(std::span<const float> within) {
    for (Fresh& fresh : fresh_) {
        fresh.due.resize(within.size());
        fresh.root_due.resize(within.size());
        const double rate = inflation_ * fresh.rate;
        for (std::size_t j = 0; j < within.size(); ++j) {
            fresh.due[j] = static_cast<float>(rate * fresh.traffic.due_within(static_cast<double>(within[j])));
        }
        for (std::size_t j = 0; j < within.size(); ++j) fresh.root_due[j] = std::sqrt(fresh.due[j]);
    }
    mean_.resize(within.size());
    variance_.resize(within.size());
    weighted_quantile_.resize(within.size());
}

void Forecast::reserve(int level, std::span<float> reserved) {
    if (fresh_.size() == 1) {
        reserve_for(fresh_.front(), static_cast<std::size_t>(level), reserved);
    } else {
        reserve_for_all(static_cast<std::size_t>(level), reserved);
    }
}

// The same for one task, without a root or a division per deadline.
void Forecast::reserve_for(const Fresh& fresh, std::size_t level, std::span<float> reserved) const {
    const float work = fresh.work[level], margin = fresh.margin[level];
    const float* const due = fresh.due.data();
    const float* const root_due = fresh.root_due.data();
    float* const into = reserved.data();
    for (std::size_t j = 0; j < reserved.size(); ++j) {
        into[j] = std::max(into[j], work * due[j] + margin * root_due[j]);
    }
}

void Forecast::reserve_for_all(std::size_t g, std::span<float> reserved) {
    std::fill(mean_.begin(), mean_.end(), 0.0F);
    std::fill(variance_.begin(), variance_.end(), 0.0F);
    std::fill(weighted_quantile_.begin(), weighted_quantile_.end(), 0.0F);
    const std::size_t count = reserved.size();
    for (const Fresh& fresh : fresh_) {
        const float work = fresh.work[g], square = fresh.square[g], quantile = fresh.quantile[g];
        for (std::size_t j = 0; j < count; ++j) {
            const float wanted = work * fresh.due[j];
            mean_[j] += wanted;
            variance_[j] += square * fresh.due[j];
            weighted_quantile_[j] += quantile * wanted;
        }
    }
    for (std::size_t j = 0; j < count; ++j) {
        const float level_now = mean_[j] + weighted_quantile_[j] / std::max(mean_[j], 1e-9F) * std::sqrt(variance_[j]);
        reserved[j] = std::max(reserved[j], level_now);
    }
}

double Forecast::lost_during(double stage_ns) const {
    double lost = 0;
    for (const Fresh& fresh : fresh_) {
        const double p = fresh.mandatory_ns;
        const double late = fresh.traffic.due_within(stage_ns + p) - fresh.traffic.due_within(p) -
                            stage_ns * fresh.traffic.share_due_by(p);
        lost += fresh.rate * fresh.mandatory_value * std::max(0.0, late);
    }
    return lost;
}

}  // namespace laxity
