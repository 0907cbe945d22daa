#include <nlohmann/json.hpp>
#include <numeric>
#include <ostream>

#include "sim/cli/show.hpp"
#include "sim/cli/text_table.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::string rate_text(double requests, double seconds) {
    return seconds > 0 ? ", " + fixed(requests / seconds, 2) + " 1/s" : "";
}

// What was read, so that a wrong unit or column is seen.
std::string log_text(const LogArrivals& log) {
    std::string text = "log, " + std::to_string(log.releases.size()) + " releases";
    if (log.releases.empty()) return text;
    const double span = to_seconds(log.releases.back() - log.releases.front());
    text += " over " + fixed(span, 3) + " s" + rate_text(static_cast<double>(log.releases.size() - 1), span) +
            ", first at " + fixed(to_seconds(log.releases.front().time_since_epoch()), 3) + " s";
    if (!log.first.empty())
        text += " (\"" + shortened(log.first) + "\" to \"" + shortened(log.last) + "\" in the file)";
    if (!log.deadlines.empty()) text += ", with deadlines";
    if (!log.samples.empty()) text += ", with inputs";
    return text;
}

std::string counts_text(const CountArrivals& counts) {
    const double sum = std::accumulate(counts.counts.begin(), counts.counts.end(), 0.0);
    const double span = to_seconds(counts.interval) * static_cast<double>(counts.counts.size());
    return "counts, " + fixed(sum, 0) + " releases in " + std::to_string(counts.counts.size()) + " intervals of " +
           fixed(to_ms(counts.interval), 3) + " ms, " + fixed(span, 3) + " s" + rate_text(sum, span);
}

struct ArrivalText {
    std::string operator()(const PeriodicArrivals& a) const {
        return "periodic, period " + ms(a.period) + (a.offset > Duration::zero() ? ", offset " + ms(a.offset) : "") +
               (a.jitter > Duration::zero() ? ", jitter " + ms(a.jitter) : "");
    }
    std::string operator()(const SporadicArrivals& a) const {
        return "sporadic, gap " + ms(a.minimum_gap) + " + Exp(" + ms(a.mean_extra) + ")";
    }
    std::string operator()(const PoissonArrivals&) const { return "poisson"; }
    std::string operator()(const MmppArrivals& a) const {
        return "mmpp, on " + ms(nanoseconds_from(a.on_sojourn_ns)) + ", off " + ms(nanoseconds_from(a.off_sojourn_ns));
    }
    std::string operator()(const GammaArrivals& a) const { return "gamma, cv " + fixed(a.cv, 2); }
    std::string operator()(const ClosedArrivals& a) const {
        return "closed, " + std::to_string(a.clients) + " clients, next at the " +
               (a.next_at_deadline ? "deadline" : "reply");
    }
    std::string operator()(const LogArrivals& a) const { return log_text(a); }
    std::string operator()(const CountArrivals& a) const { return counts_text(a); }

    static std::string ms(Duration d) { return fixed(to_ms(d), 3) + " ms"; }
};

// Mean time of a variant's stages on one resource.
double work_ms(const Variant& variant, const std::string& resource) {
    double sum = 0;
    for (int k = 0; k < variant.trace->stage_count(); ++k)
        if (variant.trace->stages[static_cast<std::size_t>(k)].resource == resource)
            sum += to_ms(latency_mean(*variant.trace, k));
    return sum;
}

// Offered work of the task's largest variant at full depth / capacity of the resource; 0 if its rate is not known.
double offered_load(const Task& task, Duration mean_gap, const Resource& resource) {
    if (mean_gap <= Duration::zero()) return 0;
    const Variant& largest = task.variants[static_cast<std::size_t>(task.largest)];
    return work_ms(largest, resource.name) / to_ms(mean_gap) / resource.slots;
}

Json workload_json(const Workload& workload, const TaskSet& set) {
    Json json = {{"file", workload.path}, {"planning_quantile", workload.planning_quantile}};
    for (const Resource& resource : workload.resources)
        json["resources"].push_back({{"name", resource.name}, {"slots", resource.slots}});
    if (workload.energy)
        json["energy"] = {{"mean_power_w", mean_power(workload.energy->harvester)},
                          {"eta", set.energy->eta},
                          {"capacity_nj", set.energy->capacity_nj}};
    for (std::size_t i = 0; i < set.tasks.size(); ++i) {
        const Task& task = workload.tasks[i];
        const TaskPlan& plan = set.tasks[i];
        Json item = {{"name", task.name},
                     {"weight", task.weight},
                     {"pipeline", task.pipeline},
                     {"mandatory_stages", task.mandatory_stages},
                     {"arrival", std::visit(ArrivalText{}, task.arrivals)},
                     {"mean_gap_ms", plan.period > Duration::zero() ? Json(to_ms(plan.period)) : Json()},
                     {"deadline_ms", {to_ms(task.deadline.low), to_ms(task.deadline.high)}},
                     {"full_ms", to_ms(task.full)}};
        for (const Resource& resource : workload.resources)
            item["load"][resource.name] = offered_load(task, plan.period, resource);
        for (const VariantPlan& variant : plan.variants) {
            Json costs = Json::array(), accuracy = Json::array();
            for (const Duration cost : variant.cost) costs.push_back(to_ms(cost));
            for (int k = 0; k < variant.stages(); ++k)
                accuracy.push_back(k < variant.first_exit ? Json()
                                                          : Json(variant.mean_accuracy[static_cast<std::size_t>(k)]));
            item["variants"].push_back(
                {{"name", variant.name}, {"planning_cost_ms", costs}, {"accuracy_calibration_half", accuracy}});
        }
        json["tasks"].push_back(item);
    }
    return json;
}

void print_tasks(std::ostream& out, const Workload& workload, const TaskSet& set) {
    TextTable table("lrrrrl", {"task", "weight", "mandatory", "rate", "deadline", "arrival"},
                    {"", "", "stages", "1/s", "ms", ""});
    for (std::size_t i = 0; i < set.tasks.size(); ++i) {
        const Task& task = workload.tasks[i];
        const double gap_s = to_seconds(set.tasks[i].period);
        const std::string low = fixed(to_ms(task.deadline.low), 3), high = fixed(to_ms(task.deadline.high), 3);
        table.add({task.name, fixed(task.weight, 2), std::to_string(task.mandatory_stages),
                   gap_s > 0 ? fixed(1 / gap_s, 2) : "-", low == high ? low : low + " to " + high,
                   std::visit(ArrivalText{}, task.arrivals)});
    }
    table.print(out);
    out << "\n";
}

void print_loads(std::ostream& out, const Workload& workload, const TaskSet& set) {
    TextTable::Row titles{"load, %"}, total{"total"};
    std::vector<double> sums(workload.resources.size());
    for (const Resource& resource : workload.resources)
        titles.push_back(resource.name + " x" + std::to_string(resource.slots));
    TextTable table("l" + std::string(sums.size(), 'r'), titles, {});
    for (std::size_t i = 0; i < set.tasks.size(); ++i) {
        TextTable::Row row{set.tasks[i].name};
        for (std::size_t r = 0; r < sums.size(); ++r) {
            const double load = offered_load(workload.tasks[i], set.tasks[i].period, workload.resources[r]);
            sums[r] += load;
            row.push_back(set.tasks[i].period > Duration::zero() ? percent(load) : "-");
        }
        table.add(row);
    }
    for (const double sum : sums) total.push_back(percent(sum));
    table.add(total);
    table.print(out);
    out << "\n";
}

void print_variants(std::ostream& out, const Workload& workload, const TaskSet& set) {
    TextTable table("lrrrrl", {"variant", "exit", "planning cost", "up to it", "accuracy", "resource"},
                    {"", "", "ms", "ms", "%", ""});
    for (const TaskPlan& task : set.tasks) {
        for (const VariantPlan& variant : task.variants) {
            for (std::size_t k = 0; k < variant.cost.size(); ++k)
                table.add({k == 0 ? task.name + "/" + variant.name : "", std::to_string(k),
                           fixed(to_ms(variant.cost[k]), 4), fixed(to_ms(variant.cost_to[k + 1]), 4),
                           static_cast<int>(k) < variant.first_exit ? "-" : percent(variant.mean_accuracy[k]),
                           workload.resources[static_cast<std::size_t>(variant.resource[k])].name});
        }
    }
    table.print(out);
    out << "\nPlanning cost: quantile " << fixed(workload.planning_quantile, 3)
        << " of the trace. Accuracy: of the calibration half.\n"
        << "Load: mean work of the largest variant at full depth / capacity.\n";
}

std::string joules(std::int64_t nj) { return fixed(static_cast<double>(nj) * 1e-6, 4) + " mJ"; }

void print_energy(std::ostream& out, const Workload& workload, const TaskSet& set) {
    const EnergyModel& model = *workload.energy;
    out << "\nHarvester: mean power " << fixed(mean_power(model.harvester) * 1e3, 4) << " mW, eta "
        << fixed(set.energy->eta, 3)
        << " (1 = persistent, 0 = chance)\nCapacitor: " << joules(model.capacitor.capacity_nj) << ", at first "
        << joules(model.capacitor.initial_nj) << ", turns on at " << joules(model.capacitor.turn_on_nj) << "\n";
    for (const TaskPlan& task : set.tasks) {
        for (const VariantPlan& variant : task.variants) {
            out << "Stages of " << task.name << "/" << variant.name << " take";
            for (const std::int64_t nj : variant.energy_nj) out << " " << joules(nj);
            out << "\n";
        }
    }
}

}  // namespace

std::string workload_summary_json(const Workload& workload) {
    return workload_json(workload, make_task_set(workload)).dump(2) + "\n";
}

void print_workload(std::ostream& out, const Workload& workload) {
    const TaskSet set = make_task_set(workload);
    out << workload.path << "\n\n";
    print_tasks(out, workload, set);
    print_loads(out, workload, set);
    print_variants(out, workload, set);
    if (workload.energy) print_energy(out, workload, set);
}

}  // namespace laxity
