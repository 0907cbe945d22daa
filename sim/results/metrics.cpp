#include "sim/results/metrics.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/results/measures.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

int deepest(const TaskPlan& task) {
    int stages = 0;
    for (const VariantPlan& variant : task.variants) stages = std::max(stages, variant.stages());
    return stages;
}

Json json_of(const MeasureValue& value) {
    return std::visit(
        [](const auto& content) {
            if constexpr (std::is_same_v<std::decay_t<decltype(content)>, std::monostate>) {
                return Json();
            } else {
                return Json(content);
            }
        },
        value);
}

Json json_of(std::optional<double> value) { return value ? Json(*value) : Json(); }

void put_measures(Json& json, const MeasuredJobs& jobs, bool of_task) {
    for (const Measure& measure : measures()) {
        if ((of_task && !measure.of_task) || !measure.applies_to(jobs)) continue;
        json[Json::json_pointer(std::string(measure.json))] = json_of(measure.of(jobs));
    }
}

double to_mj(std::int64_t nj) { return static_cast<double>(nj) * 1e-6; }

}  // namespace

std::optional<double> JobCounts::mean_depth() const {
    std::uint64_t stages = 0;
    for (std::size_t k = 0; k < depth.size(); ++k) stages += k * depth[k];
    return ratio(stages);
}

JobCounts& JobCounts::operator+=(const JobCounts& other) {
    jobs += other.jobs;
    missed += other.missed;
    correct += other.correct;
    confident += other.confident;
    for (std::size_t i = 0; i < ended.size(); ++i) ended[i] += other.ended[i];
    for (std::size_t i = 0; i < depth.size(); ++i) depth[i] += other.depth[i];
    return *this;
}

Metrics::Metrics(const TaskSet& tasks) : energy_plan_(tasks.energy), tasks_(tasks.tasks.size()) {
    for (const TaskPlan& task : tasks.tasks)
        facts_.push_back({task.name, task.weight, deepest(task), task.confident_from > 0});
    for (const Resource& resource : tasks.resources) {
        if (resource.name == "accelerator") accelerator_ = resources_.size();
        resources_.push_back({resource.name, resource.slots, {}, {}, 0});
    }
}

void Metrics::finish(Duration length, std::uint64_t decisions, std::uint64_t preemptions) {
    length_ = length;
    decisions_ = decisions;
    preemptions_ = preemptions;
    total_ = {};
    for (const JobCounts& task : tasks_) total_ += task;
}

Duration Metrics::overrun() const {
    Duration sum{};
    for (const ResourceUse& use : resources_) sum += use.overrun;
    return sum;
}

int Metrics::stages() const {
    int stages = 0;
    for (const TaskFacts& task : facts_) stages = std::max(stages, task.stages);
    return stages;
}

bool Metrics::asks_confidence() const { return std::ranges::any_of(facts_, &TaskFacts::asks_confidence); }

std::optional<double> Metrics::weighted_accuracy() const {
    double right = 0;
    double all = 0;
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
        right += facts_[task].weight * static_cast<double>(tasks_[task].correct);
        all += facts_[task].weight * static_cast<double>(tasks_[task].jobs);
    }
    return all == 0 ? std::nullopt : std::optional(right / all);
}

std::string Metrics::json(int indent) const {
    Json json;
    put_measures(json, all_jobs(*this), false);
    if (energy_) {
        json["energy"]["eta"] = energy_plan_->eta;
        json["energy"]["capacity_mj"] = to_mj(energy_plan_->capacity_nj);
        json["energy"]["initial_mj"] = to_mj(energy_->initial_nj);
    }
    for (const ResourceUse& use : resources_) {
        json["resources"].push_back({{"name", use.name},
                                     {"utilisation", json_of(use.utilisation(length_))},
                                     {"stages", use.stages},
                                     {"overrun_ms", to_ms(use.overrun)}});
    }
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
        Json row = {{"name", facts_[task].name}};
        put_measures(row, jobs_of_task(*this, task), true);
        json["tasks"].push_back(std::move(row));
    }
    return json.dump(indent);
}

}  // namespace laxity
