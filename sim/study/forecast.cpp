#include "sim/study/forecast.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "sim/bounds/bounds.hpp"
#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t kFewJobs = 300;      // of the first round, which is sure to be finished
constexpr std::uint64_t kMostJobs = 20'000;  // of later rounds: longer runs are scaled up
constexpr std::size_t kMostRounds = 64;
constexpr double kGoldenRatio = 0.6180339887498949;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// What was seen of one contender; sums over its samples.
struct Cost {
    double samples = 0;
    double load_s = 0;     // loading a point
    double prepare_s = 0;  // what the first run of a point takes longer than the next: tables that they share
    double run_s = 0;      // a run, scaled to its whole length
    double jobs = 0;       // of a run
};

class Sampler {
public:
    Sampler(const Study& study, int threads, double budget_s)
        : study_(study),
          threads_(threads),
          end_(Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(budget_s))) {}

    // Costs by contender; those that were not reached have no samples.
    std::vector<Cost> sample() {
        costs_.resize(study_.contenders().size());
        measure_plans();
        std::vector<std::jthread> workers;
        for (int i = 0; i < threads_; ++i) workers.emplace_back([this] { work(); });
        workers.clear();
        if (error_) std::rethrow_exception(error_);
        return costs_;
    }

    double seconds_of_plan(std::size_t contender) const {
        const auto plan = plans_.find(contender);
        return plan == plans_.end() ? 0 : plan->second.seconds;
    }

private:
    struct MeasuredPlan {
        std::unique_ptr<const Plan> plan;
        double seconds = 0;
    };

    // A plan is made for a point; what it costs is taken to be the same at the others.
    void measure_plans() {
        for (std::size_t contender = 0; contender < costs_.size(); ++contender) {
            const PolicySpec policy = study_.policy_at(0, contender);
            if (!policy.info->needs_plan) continue;
            const Workload workload = study_.workload_at(0);
            const TaskSet tasks = make_task_set(workload);
            const Clock::time_point start = Clock::now();
            MeasuredPlan measured;
            measured.plan = plan_for(policy, workload, tasks, {threads_, {}});
            measured.seconds = seconds_since(start);
            plans_[contender] = std::move(measured);
        }
    }

    void work() {
        try {
            for (std::size_t i = next_++; i < kMostRounds * costs_.size(); i = next_++) {
                const std::size_t round = i / costs_.size();
                if (interrupted()) throw Interrupted();
                if (round > 0 && Clock::now() > end_) return;
                measure(i % costs_.size(), point_of(i), round == 0 ? kFewJobs : kMostJobs);
            }
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
            next_ = kMostRounds * costs_.size();
        }
    }

    // Spread evenly over the grid, whatever the number of samples; another point in every round and for every
    // contender.
    std::size_t point_of(std::size_t sample) const {
        const double place = std::fmod(0.5 + static_cast<double>(sample) * kGoldenRatio, 1.0);
        return static_cast<std::size_t>(place * static_cast<double>(study_.points()));
    }

    void measure(std::size_t contender, std::size_t point, std::uint64_t most_jobs) {
        const Clock::time_point start = Clock::now();
        Workload workload = study_.workload_at(point);
        const Horizon whole = workload.horizon;
        workload.horizon.jobs = std::min(whole.jobs, std::max(most_jobs, whole.warmup_jobs + 1));
        const Replay replay(workload);
        const TaskSet tasks = make_task_set(workload);
        Cost cost;
        cost.samples = 1;
        cost.load_s = seconds_since(start);
        const double first_s = run(replay, tasks, contender, point, 1, cost);
        cost = {1, cost.load_s, 0, 0, 0};
        const double next_s = run(replay, tasks, contender, point, 2, cost);
        const double released = cost.jobs;
        cost.jobs = jobs_of(whole, released, cost.run_s);
        cost.run_s = next_s * (released > 0 ? cost.jobs / released : 1);
        cost.prepare_s = std::max(0.0, first_s - next_s);
        add(contender, cost, most_jobs == kFewJobs);
    }

    // Seconds that it took; notes its jobs, and in run_s its simulated length.
    double run(const Replay& replay, const TaskSet& tasks, std::size_t contender, std::size_t point, std::uint64_t seed,
               Cost& cost) const {
        const Clock::time_point start = Clock::now();
        const auto plan = plans_.find(contender);
        Simulation simulation(replay, tasks, study_.policy_at(point, contender), seed,
                              plan == plans_.end() ? nullptr : plan->second.plan.get());
        const Metrics& metrics = simulation.run();
        const double seconds = seconds_since(start);
        cost.jobs = static_cast<double>(metrics.total().jobs + replay.workload().horizon.warmup_jobs);
        cost.run_s = static_cast<double>(metrics.length().count()) * 1e-9;
        return seconds;
    }

    // How many jobs the whole run has, of which the shortened one released so many in so long a time.
    static double jobs_of(const Horizon& horizon, double released, double length_s) {
        const double limit = horizon.jobs == kUnlimited ? 1e18 : static_cast<double>(horizon.jobs);
        if (horizon.length == Duration::max() || length_s <= 0) return limit;
        return std::min(limit, released * static_cast<double>(horizon.length.count()) * 1e-9 / length_s);
    }

    // The first round's short runs count only until there is a longer one.
    void add(std::size_t contender, const Cost& cost, bool is_short) {
        const std::lock_guard lock(mutex_);
        Cost& sum = costs_[contender];
        if (!is_short && long_.insert(contender).second) sum = {};
        if (is_short && long_.count(contender) != 0) return;
        sum.samples += cost.samples;
        sum.load_s += cost.load_s;
        sum.prepare_s += cost.prepare_s;
        sum.run_s += cost.run_s;
        sum.jobs += cost.jobs;
    }

    const Study& study_;
    int threads_;
    Clock::time_point end_;
    std::map<std::size_t, MeasuredPlan> plans_;  // by contender
    std::atomic<std::size_t> next_{0};
    std::mutex mutex_;  // of what follows
    std::vector<Cost> costs_;
    std::set<std::size_t> long_;  // contenders with a longer sample
    std::exception_ptr error_;
};

// Seconds that the bounds of one point take, and those of one seed there.
struct BoundCost {
    double point_s = 0, seed_s = 0;
};

BoundCost cost_of_bounds(const Study& study) {
    const Workload workload = study.workload_at(study.points() / 2);
    const Replay replay(workload);
    const Clock::time_point start = Clock::now();
    const BoundModel model(replay);
    const double point_s = seconds_since(start);
    model.of(1);
    return {point_s, seconds_since(start) - point_s};
}

}  // namespace

StudyForecast forecast(const Study& study, const Shard& shard, int threads, double budget_s) {
    Sampler sampler(study, threads, budget_s);
    const std::vector<Cost> costs = sampler.sample();
    const auto seeds = static_cast<double>(study.spec().seeds.size());
    std::vector<std::uint64_t> points_of(costs.size());
    for (std::size_t point = 0; point < study.points(); ++point) {
        for (const std::size_t contender : study.contenders_at(point)) ++points_of[contender];
    }
    StudyForecast sum;
    sum.points = study.points();
    sum.contenders = costs.size();
    sum.cells = study.cells();
    double seconds = 0, jobs = 0, load_s = 0, samples = 0;
    for (std::size_t i = 0; i < costs.size(); ++i) {
        const Cost& cost = costs[i];
        const auto points = static_cast<double>(points_of[i]);
        if (cost.samples == 0) continue;
        seconds += points * (cost.prepare_s + seeds * cost.run_s) / cost.samples;
        jobs += points * seeds * cost.jobs / cost.samples;
        load_s += cost.load_s;
        samples += cost.samples;
        sum.seconds_of_plans += points * sampler.seconds_of_plan(i);
    }
    const double share = 1.0 / static_cast<double>(shard.of);
    if (samples > 0) seconds += static_cast<double>(sum.points) * load_s / samples;
    sum.seconds_of_plans *= share;
    sum.seconds = seconds * share / threads + sum.seconds_of_plans;
    if (study.spec().bounds) {
        const BoundCost bound = cost_of_bounds(study);
        sum.seconds += share * static_cast<double>(sum.points) * (bound.point_s + seeds * bound.seed_s) / threads;
    }
    sum.runs = static_cast<std::uint64_t>(std::llround(share * static_cast<double>(sum.cells) * seeds));
    sum.jobs = static_cast<std::uint64_t>(share * jobs);
    const auto most =
        static_cast<double>(study.spec().until.empty() ? study.spec().seeds.size() : study.spec().max_seeds);
    sum.most_runs = static_cast<std::uint64_t>(std::llround(share * static_cast<double>(sum.cells) * most));
    return sum;
}

}  // namespace laxity
