#include "sim/results/metrics.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

int deepest(const TaskPlan& task) {
    int stages = 0;
    for (const VariantPlan& variant : task.variants) stages = std::max(stages, variant.stages());
    return stages;
}

Json depth_histogram(const JobCounts& counts, int stages) {
    return Json(std::vector<std::uint64_t>(counts.depth.begin(), counts.depth.begin() + stages + 1));
}

void put_counts(Json& json, const JobCounts& counts, int stages, bool asks_confidence) {
    json["jobs"] = counts.jobs;
    json["missed"] = counts.missed;
    json["miss_ratio"] = counts.miss_ratio();
    json["accuracy"] = counts.accuracy();
    if (asks_confidence) json["confident_ratio"] = counts.confident_ratio();
    json["mean_depth"] = counts.mean_depth();
    json["depth_histogram"] = depth_histogram(counts, stages);
}

double to_mj(std::int64_t nj) { return static_cast<double>(nj) * 1e-6; }

Json energy_json(const EnergyTotals& energy, const EnergyPlan& plan) {
    return {{"eta", plan.eta},
            {"capacity_mj", to_mj(plan.capacity_nj)},
            {"initial_mj", to_mj(energy.initial_nj)},
            {"harvested_mj", to_mj(energy.harvested_nj)},
            {"used_mj", to_mj(energy.used_nj)},
            {"spilled_mj", to_mj(energy.spilled_nj)},
            {"left_mj", to_mj(energy.level_nj)},
            {"power_failures", energy.failures},
            {"off_ms", to_ms(energy.off)}};
}

}  // namespace

Metrics::Metrics(const TaskSet& tasks) : task_set_(&tasks), tasks_(tasks.tasks.size()) {
    for (const Resource& resource : tasks.resources) {
        if (resource.name == "accelerator") accelerator_ = resources_.size();
        resources_.push_back({resource.name, resource.slots, {}, {}, 0});
    }
}

Duration Metrics::overrun() const {
    Duration sum{};
    for (const ResourceUse& use : resources_) sum += use.overrun;
    return sum;
}

bool Metrics::asks_confidence() const {
    return std::any_of(task_set_->tasks.begin(), task_set_->tasks.end(),
                       [](const TaskPlan& task) { return task.confident_from > 0; });
}

double Metrics::weighted_accuracy() const {
    double right = 0;
    double all = 0;
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
        const double weight = task_set_->tasks[task].weight;
        right += weight * static_cast<double>(tasks_[task].correct);
        all += weight * static_cast<double>(tasks_[task].jobs);
    }
    return all == 0 ? 0 : right / all;
}

std::string Metrics::json(int indent) const {
    int stages = 0;
    for (const TaskPlan& task : task_set_->tasks) stages = std::max(stages, deepest(task));
    Json json;
    put_counts(json, total_, stages, asks_confidence());
    json["weighted_accuracy"] = weighted_accuracy();
    json["utilisation"] = utilisation();
    json["overrun_ms"] = to_ms(overrun());
    json["response_ms"] = {{"mean", response_.mean_ns() * 1e-6},
                           {"p50", to_ms(response_.quantile(0.50))},
                           {"p95", to_ms(response_.quantile(0.95))},
                           {"p99", to_ms(response_.quantile(0.99))},
                           {"max", to_ms(response_.max())}};
    json["decisions"] = decisions_;
    json["length_ms"] = to_ms(length_);
    if (energy_) json["energy"] = energy_json(*energy_, *task_set_->energy);
    for (const ResourceUse& use : resources_) {
        json["resources"].push_back({{"name", use.name},
                                     {"utilisation", use.utilisation(length_)},
                                     {"stages", use.stages},
                                     {"overrun_ms", to_ms(use.overrun)}});
    }
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
        Json row;
        row["name"] = task_set_->tasks[task].name;
        put_counts(row, tasks_[task], deepest(task_set_->tasks[task]), task_set_->tasks[task].confident_from > 0);
        json["tasks"].push_back(std::move(row));
    }
    return json.dump(indent);
}

}  // namespace laxity
