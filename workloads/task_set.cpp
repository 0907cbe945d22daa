#include "workloads/task_set.hpp"

#include <algorithm>
#include <map>

#include "workloads/eta.hpp"
#include "workloads/pipeline.hpp"

namespace laxity {

namespace {

std::shared_ptr<const CalibrationData> calibration_data(const Trace& trace) {
    auto data = std::make_shared<CalibrationData>();
    data->exits = trace.stage_count();
    for (const std::uint32_t sample : calibration_half(trace.samples.count())) {
        for (int exit = 0; exit < data->exits; ++exit) {
            data->confidence.push_back(trace.outcome(sample, exit).confidence);
            data->correct.push_back(trace.correct(sample, exit) ? 1 : 0);
        }
    }
    return data;
}

// What a stage costs on average where it is executed one after another: its latency and its dispatch.
std::vector<Duration> mean_costs(const Trace& trace) {
    double dispatch_ns = 0;
    for (const std::int64_t ns : trace.dispatch_ns) dispatch_ns += static_cast<double>(ns);
    if (!trace.dispatch_ns.empty()) dispatch_ns /= static_cast<double>(trace.dispatch_ns.size());
    std::vector<Duration> costs;
    for (int k = 0; k < trace.stage_count(); ++k) {
        costs.push_back(latency_mean(trace, k) + nanoseconds_from(dispatch_ns));
    }
    return costs;
}

std::vector<double> mean_accuracy(const Trace& trace) {
    const std::vector<std::uint32_t> samples = calibration_half(trace.samples.count());
    std::vector<double> means;
    for (int exit = 0; exit < trace.stage_count(); ++exit) means.push_back(accuracy(trace, samples, exit));
    return means;
}

int resource_index(const Workload& workload, const std::string& name) {
    const auto found = std::find_if(workload.resources.begin(), workload.resources.end(),
                                    [&](const Resource& resource) { return resource.name == name; });
    return static_cast<int>(found - workload.resources.begin());
}

struct MeanGap {
    Duration operator()(const PeriodicArrivals& a) const { return a.period; }
    Duration operator()(const SporadicArrivals& a) const { return a.minimum_gap + a.mean_extra; }
    Duration operator()(const PoissonArrivals& a) const { return nanoseconds_from(a.mean_gap_ns); }
    Duration operator()(const MmppArrivals& a) const {
        const double cycle_ns = a.on_sojourn_ns + a.off_sojourn_ns;
        return nanoseconds_from(cycle_ns / (a.on_sojourn_ns / a.on_gap_ns + a.off_sojourn_ns / a.off_gap_ns));
    }
    Duration operator()(const GammaArrivals& a) const { return nanoseconds_from(a.mean_gap_ns); }
    Duration operator()(const ClosedArrivals&) const { return Duration::zero(); }
    Duration operator()(const LogArrivals&) const { return Duration::zero(); }
    Duration operator()(const CountArrivals&) const { return Duration::zero(); }
};

// Builds plans; what depends on a trace alone is made once for each.
class Planner {
public:
    explicit Planner(const Workload& workload) : workload_(workload) {}

    TaskPlan task(const Task& task) {
        TaskPlan plan;
        plan.name = task.name;
        for (const Variant& v : task.variants) plan.variants.push_back(variant(v));
        plan.weight = task.weight;
        plan.mandatory_stages = task.mandatory_stages;
        plan.shared_bytes = task.shared_bytes;
        plan.largest = task.largest;
        plan.confident_from = task.confident_from;
        plan.full = task.full;
        plan.period = mean_gap(task.arrivals);
        plan.shortest_deadline = task.deadline.low;
        plan.longest_deadline = task.deadline.high;
        return plan;
    }

private:
    VariantPlan variant(const Variant& variant) {
        const auto [place, is_new] = by_trace_.try_emplace(variant.trace.get());
        if (is_new) place->second = plan(*variant.trace);
        VariantPlan named = place->second;
        named.name = variant.name;
        return named;
    }

    VariantPlan plan(const Trace& trace) const {
        VariantPlan plan;
        plan.cost_to.push_back(Duration::zero());
        for (int k = 0; k < trace.stage_count(); ++k) {
            plan.cost.push_back(latency_quantile(trace, k, workload_.planning_quantile));
            plan.cost_to.push_back(plan.cost_to.back() + plan.cost.back());
            const StageInfo& stage = trace.stages[static_cast<std::size_t>(k)];
            plan.resource.push_back(resource_index(workload_, stage.resource));
            plan.parameter_bytes.push_back(stage.parameter_bytes);
            plan.slowdown.push_back(slowdown(trace, k, plan.resource.back()));
            if (workload_.energy) plan.energy_nj.push_back(stage_energy_nj(*workload_.energy, trace, k));
        }
        plan.first_exit = stages_to_first_exit(trace) - 1;
        plan.mean_cost = mean_costs(trace);
        plan.mean_accuracy = mean_accuracy(trace);
        plan.calibration = calibration_data(trace);
        return plan;
    }

    // Company never makes a stage faster: a measured factor below 1 is noise, and would void the bounds.
    std::vector<double> slowdown(const Trace& trace, int stage, int resource) const {
        std::vector<double> by_count;
        const int slots = workload_.resources[static_cast<std::size_t>(resource)].slots;
        for (int count = 1; count <= slots; ++count)
            by_count.push_back(std::max(1.0, corun_slowdown(trace, stage, count)));
        return by_count;
    }

    const Workload& workload_;
    std::map<const Trace*, VariantPlan> by_trace_;
};

}  // namespace

Duration mean_gap(const Arrivals& arrivals) { return std::visit(MeanGap{}, arrivals); }

TaskSet make_task_set(const Workload& workload) {
    Planner planner(workload);
    TaskSet set;
    set.resources = workload.resources;
    for (const Task& task : workload.tasks) set.tasks.push_back(planner.task(task));
    if (workload.energy)
        set.energy = EnergyPlan{workload.energy->capacitor.capacity_nj, eta_of(workload.energy->harvester)};
    return set;
}

int busiest_resource(const TaskSet& tasks) {
    std::vector<Duration> work(tasks.resources.size());
    for (const TaskPlan& task : tasks.tasks) {
        for (const VariantPlan& variant : task.variants) {
            for (std::size_t s = 0; s < variant.cost.size(); ++s)
                work[static_cast<std::size_t>(variant.resource[s])] += variant.cost[s];
        }
    }
    return static_cast<int>(std::max_element(work.begin(), work.end()) - work.begin());
}

}  // namespace laxity
