#include "sim/bounds/schedulability.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "policies/parts/depth_limit.hpp"
#include "sim/bounds/processor_demand.hpp"
#include "sim/bounds/response_time.hpp"
#include "sim/core/history_table.hpp"
#include "sim/core/replay.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

const std::vector<std::string> kTestedPolicies = {
    "rm:depth=m", "dm:depth=m", "edf:depth=m", "rm:mandfirst=true", "dm:mandfirst=true", "dnnsam", "rm", "dm", "edf"};

namespace {

// Why there is no verdict.
class NoVerdict : public std::invalid_argument {
public:
    using std::invalid_argument::invalid_argument;
};

// What a policy's name and parameters say of the model.
struct Reading {
    enum class Order { kPeriod, kDeadline, kEarliestDeadline } order = Order::kEarliestDeadline;
    bool mandatory_first = false;
    bool smallest_variant = false;
    bool plans = false;      // decides by planning costs
    bool may_leave = false;  // before all its foreground is done, having answered
    std::string depth = "0";

    bool fixed_priority() const { return order != Order::kEarliestDeadline; }
};

bool is(const PolicyArguments& arguments, const std::string& name, const std::string& value) {
    return arguments.has(name) && arguments.text(name) == value;
}

Reading reading_of(const PolicySpec& policy) {
    const std::string& name = policy.info->name;
    const PolicyArguments& arguments = policy.arguments;
    Reading reading;
    if (name == "rm")
        reading.order = Reading::Order::kPeriod;
    else if (name == "dm")
        reading.order = Reading::Order::kDeadline;
    else if (name != "edf" && !(name == "dnnsam" && is(arguments, "order", "mandfirst")))
        throw NoVerdict("there is no test for " + policy.text + ", only for rm, dm, edf and dnnsam:order=mandfirst");
    reading.mandatory_first = name == "dnnsam" || is(arguments, "mandfirst", "true");
    reading.smallest_variant = is(arguments, "variant", "smallest");
    reading.plans = name == "dnnsam" || is(arguments, "skip", "true");
    reading.may_leave = arguments.has("threshold") && arguments.number("threshold") > 0;
    if (arguments.has("depth")) reading.depth = arguments.text("depth");
    return reading;
}

// --- Stage times ---

struct StageTimes {
    std::vector<std::int64_t> worst_ns;
    bool constant = true;
};

// The worst case of a stage holds after whatever history: it is the longest execution of any cell that can be drawn.
void add_histories(StageTimes& times, const ReplayMode& mode, const Trace& trace) {
    if (mode.kind != ReplayMode::Kind::kRows || !mode.parts.history || !trace.history.measured()) return;
    const HistoryTable table(trace, mode.parts.path, !(mode.parts.stalls && trace.stalls));
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        if (!table.measured(stage)) continue;
        std::int64_t least = std::numeric_limits<std::int64_t>::max(), most = 0;
        for (const HistoryTable::Cell& cell : table.all_cells(stage)) {
            for (std::size_t place = cell.first; place < std::size_t{cell.first} + cell.count; ++place) {
                least = std::min<std::int64_t>(least, table.took(place).count());
                most = std::max<std::int64_t>(most, table.took(place).count());
            }
        }
        times.worst_ns[static_cast<std::size_t>(stage)] = most;
        times.constant = times.constant && least == most;
    }
}

StageTimes stage_times(const Workload& workload, const Trace& trace, const Reading& reading) {
    const auto stages = static_cast<std::size_t>(trace.stage_count());
    const std::vector<std::int64_t> rows = replayed_durations_ns(trace, workload.replay);
    StageTimes times{std::vector<std::int64_t>(rows.begin(), rows.begin() + trace.stage_count()), true};
    for (std::size_t i = stages; i < rows.size(); ++i) {
        std::int64_t& worst = times.worst_ns[i % stages];
        times.constant = times.constant && rows[i] == worst;
        worst = std::max(worst, rows[i]);
    }
    add_histories(times, workload.replay, trace);
    for (std::size_t k = 0; k < stages; ++k) {
        times.worst_ns[k] += workload.decision_cost.count();
        if (!reading.plans) continue;
        const Duration planned = latency_quantile(trace, static_cast<int>(k), workload.planning_quantile);
        times.worst_ns[k] = std::max(times.worst_ns[k], planned.count());
    }
    return times;
}

// The variant that the policy serves the task with.
const Trace& served(const Workload& workload, const Task& task, bool smallest) {
    const auto planned = [&](const Variant& variant) {
        Duration sum{};
        for (int k = 0; k < variant.trace->stage_count(); ++k)
            sum += latency_quantile(*variant.trace, k, workload.planning_quantile);
        return sum;
    };
    if (!smallest) return *task.variants.front().trace;
    return *std::min_element(task.variants.begin(), task.variants.end(), [&](const Variant& a, const Variant& b) {
                return planned(a) < planned(b);
            })->trace;
}

// --- Arrivals ---

void set_gaps(RecurrentTask& model, const Task& task) {
    if (const auto* periodic = std::get_if<PeriodicArrivals>(&task.arrivals)) {
        model.gap_ns = periodic->period.count();
        model.jitter_ns = periodic->jitter.count();
    } else if (const auto* sporadic = std::get_if<SporadicArrivals>(&task.arrivals)) {
        model.gap_ns = sporadic->minimum_gap.count();
    } else {
        throw NoVerdict("the arrivals of task " + task.name +
                        " have no least gap: only those of periodic and sporadic tasks have one");
    }
}

// --- The model ---

void check_machine(const Workload& workload) {
    if (workload.energy) throw NoVerdict("the workload has an energy section: power may fail at any time");
    for (const Resource& resource : workload.resources)
        if (resource.name == "accelerator" && resource.slots > 1)
            throw NoVerdict("the accelerator has " + std::to_string(resource.slots) + " slots: the tests are for one");
}

struct Model {
    std::vector<RecurrentTask> tasks;
    bool constant = true;  // every stage takes the same time in every run
};

class ModelMaker {
public:
    ModelMaker(const Workload& workload, const Reading& reading) : workload_(workload), reading_(reading) {}

    Model make() {
        check_machine(workload_);
        for (const Task& task : workload_.tasks) model_.tasks.push_back(model(task));
        return std::move(model_);
    }

private:
    RecurrentTask model(const Task& task) {
        RecurrentTask model;
        model.name = task.name;
        set_gaps(model, task);
        model.deadline_ns = task.deadline.low.count();
        model.longest_deadline_ns = task.deadline.high.count();
        model.priority = priority(task);
        set_stages(model, task);
        return model;
    }

    std::int64_t priority(const Task& task) const {
        if (reading_.order == Reading::Order::kPeriod) return mean_gap(task.arrivals).count();
        if (reading_.order == Reading::Order::kDeadline && task.deadline.low != task.deadline.high)
            throw NoVerdict("the deadlines of task " + task.name +
                            " are drawn from a range: dm then has no fixed priorities");
        return task.deadline.low.count();
    }

    void set_stages(RecurrentTask& model, const Task& task) {
        const Trace& trace = served(workload_, task, reading_.smallest_variant);
        for (const StageInfo& stage : trace.stages)
            if (stage.resource != "accelerator")
                throw NoVerdict("task " + task.name + " has stages on the " + stage.resource +
                                ": the tests are for one resource");
        const StageTimes times = stage_times(workload_, trace, reading_);
        model_.constant = model_.constant && times.constant;
        const auto end = static_cast<std::ptrdiff_t>(
            std::min(trace.stage_count(), depth_limit(task.mandatory_stages, reading_.depth)));
        const std::ptrdiff_t foreground =
            reading_.mandatory_first ? std::min<std::ptrdiff_t>(end, task.mandatory_stages) : end;
        const auto first = times.worst_ns.begin();
        model.stages_ns.assign(first, first + foreground);
        if (foreground < end) model.longest_background_ns = *std::max_element(first + foreground, first + end);
    }

    const Workload& workload_;
    const Reading& reading_;
    Model model_;
};

// --- Verdicts ---

bool distinct_priorities(const std::vector<RecurrentTask>& tasks) {
    std::vector<std::int64_t> priorities;
    for (const RecurrentTask& task : tasks) priorities.push_back(task.priority);
    std::sort(priorities.begin(), priorities.end());
    return std::adjacent_find(priorities.begin(), priorities.end()) == priorities.end();
}

bool exact(const Model& model, const Reading& reading) {
    if (!model.constant || reading.plans || reading.may_leave) return false;
    for (const RecurrentTask& task : model.tasks) {
        if (task.jitter_ns > 0 || task.longest_background_ns > 0 || task.deadline_ns != task.longest_deadline_ns)
            return false;
        if (!reading.fixed_priority() && task.stages_ns.size() > 1) return false;
    }
    return !reading.fixed_priority() || distinct_priorities(model.tasks);
}

std::optional<bool> decided(Answer answer) {
    if (answer == Answer::kUndecided) return std::nullopt;
    return answer == Answer::kYes;
}

std::string ms(std::int64_t ns) {  // whole microseconds are enough for a sentence
    const std::string fraction = std::to_string(1000 + (ns / 1000) % 1000).substr(1);
    return std::to_string(ns / 1'000'000) + "." + fraction + " ms";
}

constexpr const char* kTooLong = "the utilisation is so close to 1 that the interval to look at is too long";

void judge_fixed_priorities(const Model& model, const Reading& reading, Verdict& verdict) {
    verdict.test = "response times";
    verdict.schedulable = true;
    const std::vector<ResponseBound> bounds = response_time_analysis(model.tasks);
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        TaskVerdict& task = verdict.tasks[i];
        task.blocking = Duration(bounds[i].blocking_ns);
        task.in_time = decided(bounds[i].in_time);
        if (bounds[i].response_ns) task.response = Duration(*bounds[i].response_ns);
        if (bounds[i].in_time == Answer::kNo && verdict.schedulable != false) {
            verdict.schedulable = false;
            verdict.reason =
                "task " + task.name + " may end later than its deadline of " + ms(model.tasks[i].deadline_ns);
        } else if (!task.in_time && verdict.schedulable == true) {
            verdict.schedulable = std::nullopt;
            verdict.reason = "task " + task.name + ": " + kTooLong;
        }
    }
    if (reading.order != Reading::Order::kPeriod) return;
    const UtilisationBounds quick = utilisation_bounds(model.tasks);
    verdict.liu_layland = quick.liu_layland;
    verdict.hyperbolic = quick.hyperbolic;
}

void judge_earliest_deadline(const Model& model, Verdict& verdict) {
    verdict.test = "processor demand";
    const DemandTest test = processor_demand_test(model.tasks);
    verdict.schedulable = decided(test.in_time);
    if (test.in_time == Answer::kUndecided) verdict.reason = kTooLong;
    if (test.in_time != Answer::kNo) return;
    if (!test.interval_ns) {
        verdict.reason = "the utilisation is above 1";
        return;
    }
    verdict.reason = "within " + ms(*test.interval_ns) + " may be due " + ms(test.demand_ns) + " of work, after " +
                     ms(test.blocking_ns) + " of a stage that can't be preempted";
}

}  // namespace

Verdict schedulable(const Workload& workload, const PolicySpec& policy) {
    Verdict verdict;
    verdict.policy = policy.text;
    try {
        const Reading reading = reading_of(policy);
        const Model model = ModelMaker(workload, reading).make();
        for (const RecurrentTask& task : model.tasks)
            verdict.tasks.push_back({task.name, Duration(task.wcet_ns()), {}, {}, {}});
        if (reading.fixed_priority())
            judge_fixed_priorities(model, reading, verdict);
        else
            judge_earliest_deadline(model, verdict);
        if (verdict.schedulable == true && !reading.fixed_priority())
            for (TaskVerdict& task : verdict.tasks) task.in_time = true;
        verdict.exact = verdict.schedulable.has_value() && exact(model, reading);
    } catch (const NoVerdict& why) {
        verdict.reason = why.what();
    }
    return verdict;
}

std::vector<RecurrentTask> recurrent_tasks(const Workload& workload, const PolicySpec& policy) {
    const Reading reading = reading_of(policy);
    return ModelMaker(workload, reading).make().tasks;
}

}  // namespace laxity
