#include "workloads/generate_file.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "workloads/file_parts.hpp"
#include "workloads/task_generator.hpp"

namespace laxity {

namespace {

constexpr double kShortestPeriodNs = 1e3, kLongestPeriodNs = 999e9;  // so that stages and deadlines are in their ranges
constexpr int kMostTasks = 1000;

// --- Utilisations ---

void read_utilisations(const JsonReader& reader, GeneratorOptions& options) {
    if (const auto least = reader.find("min_task_utilisation")) options.min_task_utilisation = least->number(0, 1);
    if (const auto most = reader.find("max_task_utilisation"))
        options.max_task_utilisation = most->number(options.min_task_utilisation, 1);
    const JsonReader total = reader.at("utilisation");
    options.utilisation = total.positive();
    const double least = options.tasks * options.min_task_utilisation;
    const double most = options.tasks * options.max_task_utilisation;
    if (options.utilisation < least || options.utilisation > most)
        total.fail("a sum of " + std::to_string(options.tasks) + " utilisations in the bounds of a task, from " +
                   nlohmann::json(least).dump() + " to " + nlohmann::json(most).dump());
    const auto method = reader.find("method");
    if (method && method->one_of({"uunifast-discard", "dirichlet-rescale"}) == "dirichlet-rescale")
        options.method = UtilisationMethod::kDirichletRescale;
}

// --- Periods and deadlines ---

Duration read_period(const JsonReader& reader, double unit) {
    const double ns = reader.positive() * unit;
    if (ns < kShortestPeriodNs || ns > kLongestPeriodNs) reader.fail("a period of 1 us to 999 s");
    return nanoseconds_from(ns);
}

std::int64_t read_units(const JsonReader& reader, double unit, Duration granularity) {
    const Duration period = read_period(reader, unit);
    if (period % granularity != Duration::zero()) reader.fail("a multiple of the granularity");
    return period / granularity;
}

void read_log_uniform(const JsonReader& reader, double unit, GeneratorOptions& options) {
    reader.only_keys({"log_uniform", "granularity", "unit"});
    const JsonReader range = reader.at("log_uniform");
    if (range.size() != 2) range.fail("[shortest, longest]");
    if (const auto granularity = reader.find("granularity")) {
        const double ns = granularity->positive() * unit;
        if (ns < 1 || ns > kLongestPeriodNs) granularity->fail("a time of 1 ns to 999 s");
        options.granularity = nanoseconds_from(ns);
    }
    options.shortest = read_units(range.item(0), unit, options.granularity);
    options.longest = read_units(range.item(1), unit, options.granularity);
    if (options.longest < options.shortest) range.item(1).fail("at least the shortest period");
}

void read_periods(const JsonReader& reader, GeneratorOptions& options) {
    const double unit = unit_ns(reader, 0);
    if (reader.has("log_uniform") == reader.has("choose")) reader.fail("exactly one of \"log_uniform\" and \"choose\"");
    if (reader.has("log_uniform")) return read_log_uniform(reader, unit, options);
    reader.only_keys({"choose", "unit"});
    for (const JsonReader& item : reader.at("choose").items(1)) options.choose.push_back(read_period(item, unit));
}

// [low, high], both allowed by `check`, which throws for what is not.
template <class Check>
Range read_range(const JsonReader& reader, Check check) {
    if (reader.size() != 2) reader.fail("[least, most]");
    const Range range{check(reader.item(0)), check(reader.item(1))};
    if (range.high < range.low) reader.item(1).fail("at least the first value");
    return range;
}

Range read_deadlines(const JsonReader& reader) {
    if (!reader.json().is_object()) return reader.one_of({"implicit"}), Range{1, 1};
    reader.only_keys({"constrained"});
    return read_range(reader.at("constrained"), [](const JsonReader& item) { return item.number(0, 1); });
}

// --- Stages ---

double read_open_share(const JsonReader& reader) {
    const double share = reader.number();
    if (!(share > 0 && share < 1)) reader.fail("a share above 0 and below 1");
    return share;
}

void read_stages(const JsonReader& reader, GeneratorOptions& options) {
    if (const auto stages = reader.find("stages")) options.stages = static_cast<int>(stages->integer(1, kMaxStages));
    if (const auto mandatory = reader.find("mandatory_stages"))
        options.mandatory_stages = static_cast<int>(mandatory->integer(1, options.stages));
    const auto share = reader.find("mandatory_share");
    if (!share) return;
    if (options.mandatory_stages == options.stages)
        share->problem("all stages are mandatory: remove this key, or give more \"stages\"");
    if (share->json().is_array()) {
        options.mandatory_share = read_range(*share, read_open_share);
    } else {
        const double fixed = read_open_share(*share);
        options.mandatory_share = Range{fixed, fixed};
    }
}

// What each further stage brings is half of what the one before brought: 0.5, 0.725, 0.8375, ... towards 0.95.
std::vector<double> default_accuracy(int stages) {
    std::vector<double> accuracy;
    double missing = 0.45;
    for (int k = 0; k < stages; ++k, missing /= 2) accuracy.push_back(0.95 - missing);
    return accuracy;
}

std::vector<double> read_accuracy(const JsonReader& reader, int stages) {
    const auto given = reader.find("accuracy");
    if (!given) return default_accuracy(stages);
    std::vector<double> accuracy;
    for (const JsonReader& item : given->items()) accuracy.push_back(item.number(0, 1));
    if (static_cast<int>(accuracy.size()) != stages)
        given->fail("one accuracy for each of the " + std::to_string(stages) + " stages");
    return accuracy;
}

// --- Arrivals ---

struct ArrivalOptions {
    bool sporadic = false;
    double mean_extra = 0;  // of sporadic ones, as a share of the period
};

ArrivalOptions read_arrival(const JsonReader& reader, GeneratorOptions& options) {
    ArrivalOptions arrival;
    const auto process = reader.find("arrival"), offsets = reader.find("offsets"), extra = reader.find("mean_extra");
    arrival.sporadic = process && process->one_of({"periodic", "sporadic"}) == "sporadic";
    if (arrival.sporadic && offsets) offsets->problem("only periodic tasks have offsets");
    if (!arrival.sporadic && extra) extra->problem("only for \"arrival\": \"sporadic\"");
    options.random_offsets = offsets && offsets->one_of({"synchronous", "random"}) == "random";
    if (arrival.sporadic) arrival.mean_extra = extra ? extra->number(0, 1000) : 0.1;
    return arrival;
}

Arrivals arrivals_of(const GeneratedTask& task, const ArrivalOptions& options) {
    if (!options.sporadic) return PeriodicArrivals{task.period, task.offset, Duration::zero()};
    const double extra_ns = options.mean_extra * static_cast<double>(task.period.count());
    return SporadicArrivals{task.period, Duration(static_cast<std::int64_t>(extra_ns))};
}

GeneratorOptions read_options(const JsonReader& reader) {
    reader.only_keys({"name", "tasks", "utilisation", "method", "min_task_utilisation", "max_task_utilisation",
                      "periods", "deadlines", "stages", "mandatory_stages", "mandatory_share", "accuracy", "arrival",
                      "mean_extra", "offsets"});
    GeneratorOptions options;
    if (const auto name = reader.find("name")) options.name = read_name(*name);
    options.tasks = static_cast<int>(reader.at("tasks").integer(1, kMostTasks));
    read_utilisations(reader, options);
    read_periods(reader.at("periods"), options);
    if (const auto deadlines = reader.find("deadlines")) options.deadline_share = read_deadlines(*deadlines);
    read_stages(reader, options);
    return options;
}

std::vector<GeneratedTask> draw_set(const JsonReader& reader, const GeneratorOptions& options, std::uint64_t seed) {
    if (auto set = generate_tasks(options, seed)) return std::move(*set);
    const bool rescale = options.method == UtilisationMethod::kDirichletRescale;
    reader.at("utilisation")
        .problem("of 100000 draws for seed " + std::to_string(seed) +
                 " none had every task within \"min_task_utilisation\" and \"max_task_utilisation\"; " +
                 (rescale ? "widen them" : "widen them, or take \"method\": \"dirichlet-rescale\""));
}

// `prototype` has the samples that all of the set share.
Task make_task(const GeneratedTask& generated, const GeneratorOptions& options, const ArrivalOptions& arrival,
               const Trace& prototype) {
    Trace trace = prototype;
    trace.network.name = generated.name;
    trace.latency_ns.clear();
    for (const Duration stage : generated.stages) trace.latency_ns.push_back(stage.count());
    Task task;
    task.name = generated.name;
    task.variants.push_back({"synthetic", std::make_shared<const Trace>(std::move(trace)), 0});
    task.arrivals = arrivals_of(generated, arrival);
    task.deadline = {generated.deadline, generated.deadline};
    task.mandatory_stages = options.mandatory_stages;
    task.full = generated.wcet();
    return task;
}

}  // namespace

std::vector<Task> read_generated(const JsonReader& reader, const std::vector<Resource>& resources, std::uint64_t seed) {
    GeneratorOptions options = read_options(reader);
    const ArrivalOptions arrival = read_arrival(reader, options);
    const std::vector<double> accuracy = read_accuracy(reader, options.stages);
    if (std::none_of(resources.begin(), resources.end(), [](const Resource& r) { return r.name == "accelerator"; }))
        reader.problem("generated tasks need the resource \"accelerator\"; add it to /resources");
    const std::vector<Duration> unit_stages(accuracy.size(), Duration(1));
    const Trace prototype = synthetic_trace(options.name, unit_stages, accuracy);
    std::vector<Task> tasks;
    for (const GeneratedTask& generated : draw_set(reader, options, seed))
        tasks.push_back(make_task(generated, options, arrival, prototype));
    return tasks;
}

}  // namespace laxity
