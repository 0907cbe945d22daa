// Plans as JSON, schema "laxity.plan/1".
#include <algorithm>
#include <set>

#include "sim/plan/planning.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "laxity.plan/1";

Json task_json(const TaskPlan& task, const Candidate& candidate, std::size_t t) {
    const TaskChoice& choice = candidate.plan.tasks[t];
    const VariantPlan& variant = task.variants[static_cast<std::size_t>(choice.variant)];
    const double accuracy = variant.mean_accuracy[static_cast<std::size_t>(choice.depth - 1)];
    const double best = task.variants[static_cast<std::size_t>(task.largest)].mean_accuracy.back();
    return {{"task", task.name},
            {"variant", variant.name},
            {"depth", choice.depth},
            {"priority", choice.priority},
            {"accuracy", accuracy},
            {"loss", best - accuracy},
            {"miss_ratio", candidate.miss_ratio[t]}};
}

int read_variant(const JsonReader& reader, const TaskPlan& task) {
    const std::string name = reader.string();
    const auto place = std::find_if(task.variants.begin(), task.variants.end(),
                                    [&](const VariantPlan& variant) { return variant.name == name; });
    if (place == task.variants.end()) reader.fail("a variant of the task \"" + task.name + "\"");
    return static_cast<int>(place - task.variants.begin());
}

TaskChoice read_choice(const JsonReader& reader, const TaskPlan& task, int tasks) {
    reader.only_keys({"task", "variant", "depth", "priority", "accuracy", "loss", "miss_ratio"});
    if (reader.at("task").string() != task.name)
        reader.at("task").fail("\"" + task.name + "\": the workload's tasks in their order");
    TaskChoice choice;
    choice.variant = read_variant(reader.at("variant"), task);
    const int stages = task.variants[static_cast<std::size_t>(choice.variant)].stages();
    choice.depth = static_cast<int>(reader.at("depth").integer(task.mandatory_stages, stages));
    choice.priority = static_cast<int>(reader.at("priority").integer(0, tasks - 1));
    return choice;
}

}  // namespace

std::string plan_json(const PlanSearch& search, const PolicySpec& policy, const Workload& workload,
                      const TaskSet& tasks) {
    Json json = {{"schema", kSchema},
                 {"workload", one_line(workload.path)},
                 {"policy", policy.text},
                 {"miss_bound", policy.arguments.number("miss_bound")},
                 {"feasible", search.best.feasible()},
                 {"loss", search.best.loss},
                 {"violation", search.best.violation},
                 {"storage_bytes", search.best.storage_bytes},
                 {"candidates", search.candidates.size()}};
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t)
        json["tasks"].push_back(task_json(tasks.tasks[t], search.best, t));
    return json.dump(2);
}

std::string followed_plan_json(const Plan& plan, const PolicySpec& policy, const Workload& workload,
                               const TaskSet& tasks) {
    Json json = {{"schema", kSchema}, {"workload", one_line(workload.path)}, {"policy", policy.text}};
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
        const TaskPlan& task = tasks.tasks[t];
        const TaskChoice& choice = plan.tasks[t];
        json["tasks"].push_back({{"task", task.name},
                                 {"variant", task.variants[static_cast<std::size_t>(choice.variant)].name},
                                 {"depth", choice.depth},
                                 {"priority", choice.priority}});
    }
    return json.dump(2);
}

Plan load_plan(const std::string& path, const TaskSet& tasks) {
    const Json document = read_json_file(path, "make it with `laxity plan --workload FILE`");
    const JsonReader root(document, path);
    root.only_keys({"schema", "workload", "policy", "miss_bound", "feasible", "loss", "violation", "storage_bytes",
                    "candidates", "tasks"});
    root.at("schema").one_of({kSchema});
    const JsonReader list = root.at("tasks");
    if (list.size() != tasks.tasks.size())
        list.fail("one entry for each of the workload's " + std::to_string(tasks.tasks.size()) + " tasks");
    Plan plan;
    std::set<int> priorities;
    for (std::size_t t = 0; t < tasks.tasks.size(); ++t) {
        plan.tasks.push_back(read_choice(list.item(t), tasks.tasks[t], static_cast<int>(tasks.tasks.size())));
        if (!priorities.insert(plan.tasks.back().priority).second)
            list.item(t).at("priority").fail("each priority once");
    }
    return plan;
}

}  // namespace laxity
