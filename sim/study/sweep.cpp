#include "sim/study/sweep.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "sim/bounds/bounds.hpp"
#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "sim/results/csv.hpp"
#include "sim/results/measures.hpp"
#include "sim/results/output.hpp"
#include "sim/results/results.hpp"
#include "traces/base/interrupt.hpp"
#include "traces/base/json_reader.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/sha256.hpp"
#include "traces/base/version.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::string header_of(const SweepPlan& plan) {
    CsvLine line;
    for (const SweepAxis& axis : plan.axes) line.text(axis.pointer);
    line.text("policy").text("seed");
    std::string header = line.take();
    header.back() = ',';
    return header + measures_header();
}

std::string bounds_header_of(const SweepPlan& plan) {
    CsvLine line;
    for (const SweepAxis& axis : plan.axes) line.text(axis.pointer);
    for (const char* column : {"seed", "jobs", "clairvoyant", "fluid", "fluid_d", "fluid_edf", "least"}) {
        line.text(column);
    }
    std::string header = line.take();
    header.pop_back();
    return header;
}

// A point of the grid, ready to run. Built by the first run that needs it, dropped after its last.
struct Point {
    explicit Point(Workload point_workload)
        : workload(std::move(point_workload)), replay(workload), tasks(make_task_set(workload)) {}

    // The plan of one policy of the sweep, made by the first run that needs it: it is the same for all seeds.
    const Plan* plan(const SweepPlan& sweep, std::size_t policy, int threads) const {
        const std::lock_guard lock(planning);
        const auto [place, is_new] = plans.try_emplace(policy);
        if (is_new) {
            try {
                place->second = plan_for(sweep.policies[policy], workload, tasks, {threads, {}});
            } catch (...) {
                plans.erase(place);
                throw;
            }
        }
        return place->second.get();
    }

    Workload workload;
    Replay replay;
    TaskSet tasks;
    mutable std::mutex planning;
    mutable std::map<std::size_t, std::unique_ptr<const Plan>> plans;  // by policy; null = it needs none
};

// The same, ready to be bounded.
struct BoundedPoint {
    explicit BoundedPoint(Workload point_workload)
        : workload(std::move(point_workload)), replay(workload), bounds(replay) {}
    Workload workload;
    Replay replay;
    BoundModel bounds;
};

template <class Point>
class PointCache {
public:
    PointCache(const SweepPlan& plan, TraceCache& cache) : plan_(plan), cache_(cache) {}

    std::shared_ptr<const Point> get(std::size_t point) {
        const std::lock_guard lock(mutex_);
        auto& entry = points_[point];
        if (auto alive = entry.lock()) return alive;
        auto made = std::make_shared<const Point>(plan_.workload_of(point, cache_));
        entry = made;
        return last_ = made;  // keeps it alive until the next point is made
    }

private:
    const SweepPlan& plan_;
    TraceCache& cache_;
    std::mutex mutex_;
    std::map<std::size_t, std::weak_ptr<const Point>> points_;
    std::shared_ptr<const Point> last_;
};

// One run as a line of runs.csv.
std::string run_one(const SweepPlan& plan, PointCache<Point>& points, std::size_t run, int threads) {
    const std::size_t seed = run % plan.seeds.size();
    const std::size_t policy = run / plan.seeds.size() % plan.policies.size();
    const std::size_t point = run / plan.seeds.size() / plan.policies.size();
    const auto shared = points.get(point);
    Simulation simulation(shared->replay, shared->tasks, plan.policies[policy], plan.seeds[seed],
                          shared->plan(plan, policy, threads));
    const Metrics& metrics = simulation.run();
    CsvLine line;
    for (const std::string& value : plan.values_of(point)) line.text(value);
    line.text(plan.policies[policy].text).integer(static_cast<std::int64_t>(plan.seeds[seed]));
    append_measures(line, metrics);
    return line.take();
}

CsvLine& optional_number(CsvLine& line, const std::optional<double>& value) {
    return value ? line.number(*value) : line.empty();
}

// The bounds of one point and seed as a line of bounds.csv; empty where undefined.
std::string bound_one(const SweepPlan& plan, PointCache<BoundedPoint>& points, std::size_t index) {
    const std::size_t point = index / plan.seeds.size();
    const std::uint64_t seed = plan.seeds[index % plan.seeds.size()];
    const Bounds bounds = points.get(point)->bounds.of(seed);
    CsvLine line;
    for (const std::string& value : plan.values_of(point)) line.text(value);
    line.integer(static_cast<std::int64_t>(seed)).integer(static_cast<std::int64_t>(bounds.jobs));
    for (const auto& value : {bounds.accuracy.clairvoyant, bounds.accuracy.fluid, bounds.accuracy.fluid_d,
                              bounds.accuracy.fluid_edf, bounds.accuracy.least()}) {
        optional_number(line, value);
    }
    return line.take();
}

// Makes a range of lines on several threads; finished ones go to the file as soon as all before them have.
class LineRunner {
public:
    // `line(i)` is line i of `total`; lines before `first` are in the file.
    LineRunner(std::function<std::string(std::size_t)> line, std::size_t total, OutputFile& out, std::size_t first)
        : line_(std::move(line)), total_(total), out_(out), next_(first), written_(first) {}

    // Returns false if interrupted. A worker's exception is thrown here.
    bool run(const SweepOptions& options) {
        std::vector<std::jthread> workers;
        for (int i = 0; i < options.threads; ++i) workers.emplace_back([this] { work(); });
        wait(options);
        workers.clear();
        if (error_) std::rethrow_exception(error_);
        return written_ == total_;
    }

private:
    void work() {
        try {
            for (std::size_t i = next_++; i < total_ && !stop_; i = next_++) finish(i, line_(i));
        } catch (const Interrupted&) {
            stop_ = true;
        } catch (...) {
            const std::lock_guard lock(mutex_);
            error_ = std::current_exception();
            stop_ = true;
        }
        changed_.notify_all();
    }

    void finish(std::size_t run, std::string line) {
        const std::lock_guard lock(mutex_);
        finished_[run] = std::move(line);
        while (!finished_.empty() && finished_.begin()->first == written_) {
            out_.write(finished_.begin()->second);
            finished_.erase(finished_.begin());
            ++written_;
        }
        out_.flush();
        changed_.notify_all();
    }

    void wait(const SweepOptions& options) {
        std::unique_lock lock(mutex_);
        while (written_ < total_ && !stop_) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            if (interrupted()) stop_ = true;
            if (options.progress) options.progress(written_ + finished_.size(), total_);
        }
    }

    std::function<std::string(std::size_t)> line_;
    std::size_t total_;
    OutputFile& out_;
    std::atomic<std::size_t> next_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::size_t, std::string> finished_;  // not yet written
    std::size_t written_;
    std::exception_ptr error_;
};

// Keeps the whole lines of an earlier start and returns how many runs they hold.
std::size_t keep_whole_lines(const std::string& path, const std::string& header) {
    std::ifstream in(path, std::ios::binary);
    if (!in) return 0;
    std::string text((std::istreambuf_iterator<char>(in)), {});
    text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
    if (!text.starts_with(header + "\n")) return 0;
    write_file(path, text);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) - 1;
}

// Completes a file of `total` lines below its header. Returns false if it was interrupted.
bool write_lines(std::function<std::string(std::size_t)> line, std::size_t total, const std::string& header,
                 const std::string& path, const SweepOptions& options) {
    const std::size_t done = keep_whole_lines(path, header);
    if (done > total) {
        throw input_error(path, std::to_string(total) + " rows at most", std::to_string(done),
                          "delete the file; was the folder used by two sweeps at once?");
    }
    OutputFile out = done > 0 ? OutputFile(path, OutputFile::Start::kAtEnd) : open_csv(path, header);
    const bool complete = LineRunner(std::move(line), total, out, done).run(options);
    out.close();
    return complete;
}

std::vector<std::uint64_t> read_seeds(const JsonReader& seeds) {
    std::vector<std::uint64_t> list;
    if (seeds.json().is_array()) {
        for (const JsonReader& seed : seeds.items(1)) list.push_back(static_cast<std::uint64_t>(seed.integer(0)));
        return list;
    }
    const std::int64_t count = seeds.integer(1, 100000);
    for (std::int64_t seed = 1; seed <= count; ++seed) list.push_back(static_cast<std::uint64_t>(seed));
    return list;
}

std::vector<SweepAxis> read_axes(const JsonReader& axes) {
    std::vector<SweepAxis> list;
    if (!axes.json().is_object()) axes.fail("an object of JSON pointers and lists of values");
    for (const auto& [pointer, values] : axes.json().items()) {
        if (!pointer.starts_with('/'))
            axes.problem("expected keys that are JSON pointers into the workload, found \"" + pointer +
                         "\"; write \"/tasks/0/arrival/load\", say");
        SweepAxis axis{pointer, {}};
        for (const JsonReader& value : axes.at(pointer).items(1)) axis.values.push_back(value.json().dump());
        list.push_back(std::move(axis));
    }
    return list;
}

void check_overrides(const SweepPlan& plan) {
    for (const Override& change : plan.overrides) {
        const auto same = [&](const SweepAxis& axis) { return axis.pointer == change.pointer; };
        if (std::any_of(plan.axes.begin(), plan.axes.end(), same)) {
            throw input_error("--set " + change.pointer, "a value that the sweep does not vary", "one of its axes",
                              "change the axis in " + plan.path);
        }
    }
}

std::vector<PolicySpec> read_policies(const JsonReader& policies) {
    std::vector<PolicySpec> list;
    for (const JsonReader& policy : policies.items(1)) {
        try {
            list.push_back(parse_policy(policy.string()));
        } catch (const InputError& error) {
            policy.problem(error.what());
        }
        const auto same = [&](const PolicySpec& other) {
            return &other != &list.back() && other.text == list.back().text;
        };
        if (std::any_of(list.begin(), list.end(), same))
            policy.problem("\"" + list.back().text + "\" is named twice; remove one");
    }
    return list;
}

}  // namespace

std::size_t SweepPlan::points() const {
    std::size_t product = 1;
    for (const SweepAxis& axis : axes) product *= axis.values.size();
    return product;
}

std::vector<std::string> SweepPlan::values_of(std::size_t point) const {
    std::vector<std::string> values(axes.size());
    for (std::size_t axis = axes.size(); axis-- > 0;) {
        values[axis] = axes[axis].values[point % axes[axis].values.size()];
        point /= axes[axis].values.size();
    }
    return values;
}

Workload SweepPlan::workload_of(std::size_t point, TraceCache& cache) const {
    std::vector<Override> all = overrides;
    const std::vector<std::string> values = values_of(point);
    for (std::size_t axis = 0; axis < axes.size(); ++axis) all.push_back({axes[axis].pointer, values[axis]});
    return load_workload(workload, all, &cache);
}

std::string SweepPlan::configuration() const {
    Json json;
    json["tool"] = tool();
    json["workload"] = Json::parse(resolved_workload_json(workload, overrides));
    for (const SweepAxis& axis : axes) {
        for (const std::string& value : axis.values) json["axes"][axis.pointer].push_back(Json::parse(value));
    }
    for (const PolicySpec& policy : policies) json["policies"].push_back(policy.text);
    json["seeds"] = seeds;
    json["traces"] = trace_hashes;
    return json.dump();
}

SweepPlan load_sweep(const std::string& path, const std::vector<Override>& overrides, TraceCache& cache) {
    const Json document = read_json_file(path, "see `laxity sweep --help` for an example");
    const JsonReader root(document, path);
    root.only_keys({"schema", "workload", "axes", "policies", "seeds", "bounds"});
    root.at("schema").one_of({"laxity.sweep/1"});
    SweepPlan plan;
    plan.path = path;
    plan.workload =
        (std::filesystem::path(path).parent_path() / root.at("workload").string()).lexically_normal().string();
    plan.overrides = overrides;
    if (const auto axes = root.find("axes")) plan.axes = read_axes(*axes);
    check_overrides(plan);
    plan.policies = read_policies(root.at("policies"));
    if (const auto bounds = root.find("bounds")) plan.bounds = bounds->boolean();
    const auto seeds = root.find("seeds");
    plan.seeds = seeds ? read_seeds(*seeds) : std::vector<std::uint64_t>{1};
    for (std::size_t point = 0; point < plan.points(); ++point) {
        for (const std::string& trace : measured_trace_paths(plan.workload_of(point, cache))) {
            if (plan.trace_hashes.count(trace) == 0) plan.trace_hashes[trace] = sha256_of_file(trace);
        }
    }
    return plan;
}

void check_sweep_folder(const SweepPlan& plan, const std::string& directory) {
    constexpr const char* kAdvice = "choose another folder, or add --replace, which moves this one aside";
    if (!holds_results(directory)) return;
    const std::string existing = manifest_configuration(directory);
    if (existing.empty())  // of whatever: their manifest is gone
        throw input_error("--out " + directory, "a folder without results", describe_results(directory), kAdvice);
    if (existing != plan.configuration())
        throw input_error("--out " + directory, "a new folder or one of this very sweep",
                          "the results of another sweep (" + describe_results(directory) + ")", kAdvice);
}

bool run_sweep(const SweepPlan& plan, TraceCache& cache, const SweepOptions& options) {
    make_result_folder(options.directory);
    check_sweep_folder(plan, options.directory);
    if (!holds_results(options.directory)) {
        std::vector<std::string> traces;
        for (const auto& [trace, hash] : plan.trace_hashes) traces.push_back(trace);
        write_manifest(options.directory, {command_line(), plan.configuration(), traces, "a sweep", plan.trace_hashes});
    }
    PointCache<Point> points(plan, cache);
    return write_lines([&](std::size_t run) { return run_one(plan, points, run, options.threads); }, plan.runs(),
                       header_of(plan), options.directory + "/runs.csv", options);
}

bool run_bounds(const SweepPlan& plan, TraceCache& cache, const SweepOptions& options) {
    PointCache<BoundedPoint> points(plan, cache);
    return write_lines([&](std::size_t index) { return bound_one(plan, points, index); }, plan.bound_lines(),
                       bounds_header_of(plan), options.directory + "/bounds.csv", options);
}

namespace {

// accuracy and misses of one policy: [seed], averaged over the points.
struct SeedMeans {
    std::vector<double> accuracy, miss_ratio;
};

std::map<std::string, SeedMeans> read_runs(const SweepPlan& plan, const std::string& directory, std::uint64_t& runs) {
    CsvReader csv(directory + "/runs.csv", header_of(plan));
    std::map<std::string, SeedMeans> means;
    const auto share = 1.0 / static_cast<double>(plan.points());
    while (csv.next()) {
        for (std::size_t axis = 0; axis < plan.axes.size(); ++axis) csv.text();
        SeedMeans& mean = means[csv.text()];
        mean.accuracy.resize(plan.seeds.size());
        mean.miss_ratio.resize(plan.seeds.size());
        const std::size_t seed = runs++ % plan.seeds.size();
        for (int skipped = 0; skipped < 3; ++skipped) csv.text();  // seed, jobs, missed
        // A run without a scored job has neither; it counts as 0, as it always has.
        mean.miss_ratio[seed] += csv.optional_number().value_or(0) * share;
        mean.accuracy[seed] += csv.optional_number().value_or(0) * share;
    }
    return means;
}

// A bound by seed, averaged over the points.
class SeedMean {
public:
    explicit SeedMean(std::size_t seeds) : mean_(seeds) {}

    void add(std::size_t seed, std::optional<double> value, double share) {
        defined_ = defined_ && value.has_value();
        mean_[seed] += value.value_or(0) * share;
    }
    // Nothing if a point has no value.
    std::optional<Estimate> minus(const std::vector<double>& accuracy) const {
        if (!defined_) return std::nullopt;
        return paired_difference(mean_, accuracy);
    }

private:
    std::vector<double> mean_;
    bool defined_ = true;
};

struct SeedBounds {
    SeedMean least, clairvoyant;
};

SeedBounds read_bounds(const SweepPlan& plan, const std::string& directory) {
    CsvReader csv(directory + "/bounds.csv", bounds_header_of(plan));
    SeedBounds means{SeedMean(plan.seeds.size()), SeedMean(plan.seeds.size())};
    const auto share = 1.0 / static_cast<double>(plan.points());
    for (std::size_t line = 0; csv.next(); ++line) {
        const std::size_t seed = line % plan.seeds.size();
        for (std::size_t skipped = 0; skipped < plan.axes.size() + 2; ++skipped) csv.text();
        means.clairvoyant.add(seed, csv.optional_number(), share);
        for (int skipped = 0; skipped < 3; ++skipped) csv.text();
        means.least.add(seed, csv.optional_number(), share);
    }
    return means;
}

const PolicyScore* best(const std::vector<PolicyScore>& scores) {
    const PolicyScore* winner = nullptr;
    for (const PolicyScore& score : scores) {
        if (!score.live) continue;
        const bool better =
            winner == nullptr || score.accuracy.mean > winner->accuracy.mean ||
            (score.accuracy.mean == winner->accuracy.mean && score.miss_ratio.mean < winner->miss_ratio.mean);
        if (better) winner = &score;
    }
    return winner;
}

Json json_of(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json json_of(const Estimate& estimate) {
    return {{"mean", json_of(estimate.mean)}, {"ci95", json_of(estimate.half_width)}};
}

Json json_of(const SweepSummary& summary) {
    Json json = {{"schema", "laxity.sweep-summary/1"}, {"runs", summary.runs}, {"winner", summary.winner}};
    for (const PolicyScore& score : summary.scores) {
        json["policies"].push_back({{"policy", score.policy},
                                    {"accuracy", json_of(score.accuracy)},
                                    {"miss_ratio", json_of(score.miss_ratio)},
                                    {"behind_winner", json_of(score.behind_winner)},
                                    {"live", score.live}});
        if (score.behind_least) json["policies"].back()["behind_least_bound"] = json_of(*score.behind_least);
        if (score.behind_clairvoyant) {
            json["policies"].back()["behind_clairvoyant"] = json_of(*score.behind_clairvoyant);
        }
    }
    return json;
}

}  // namespace

SweepSummary summarise_sweep(const SweepPlan& plan, const std::string& directory) {
    SweepSummary summary;
    const auto means = read_runs(plan, directory, summary.runs);
    for (const PolicySpec& policy : plan.policies) {
        const SeedMeans& mean = means.at(policy.text);
        summary.scores.push_back(
            {policy.text, estimate(mean.accuracy), estimate(mean.miss_ratio), {}, !policy.needs_oracle(), {}, {}});
    }
    if (const PolicyScore* winner = best(summary.scores)) {
        summary.winner = winner->policy;
        for (PolicyScore& score : summary.scores) {
            score.behind_winner = paired_difference(means.at(summary.winner).accuracy, means.at(score.policy).accuracy);
        }
    }
    if (plan.bounds) {
        const SeedBounds bounds = read_bounds(plan, directory);
        for (PolicyScore& score : summary.scores) {
            score.behind_least = bounds.least.minus(means.at(score.policy).accuracy);
            score.behind_clairvoyant = bounds.clairvoyant.minus(means.at(score.policy).accuracy);
        }
    }
    write_file(directory + "/summary.json", json_of(summary).dump(2) + "\n");
    return summary;
}

std::string sweep_winner(const std::string& directory) {
    const std::string path = directory + "/summary.json";
    const Json document = read_json_file(path, "finish a sweep with `laxity sweep FILE --out " + directory + "` first");
    const JsonReader root(document, path);
    const std::string winner = root.at("winner").string();
    if (winner.empty())
        throw input_error(path, "a winner", "none: every policy of the sweep needs an oracle",
                          "name a policy with --policy");
    return winner;
}

}  // namespace laxity
