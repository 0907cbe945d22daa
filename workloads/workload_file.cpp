#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "traces/base/json_reader.hpp"
#include "workloads/arrival_log.hpp"
#include "workloads/arrivals_file.hpp"
#include "workloads/energy_file.hpp"
#include "workloads/file_parts.hpp"
#include "workloads/generate_file.hpp"
#include "workloads/pipeline.hpp"
#include "workloads/replay_file.hpp"
#include "workloads/workload.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "laxity.workload/1";
constexpr int kMostCopies = 10'000;

// --- Overrides ---

std::vector<std::string> pointer_tokens(const Override& change) {
    const auto place = "--set " + change.pointer;
    if (!change.pointer.starts_with('/') || change.pointer.size() < 2)
        throw input_error(place, "a JSON pointer such as /tasks/0/arrival/load", "\"" + change.pointer + "\"");
    std::vector<std::string> tokens;
    for (const char c : change.pointer) {
        if (c == '/')
            tokens.emplace_back();
        else
            tokens.back() += c;
    }
    for (std::string& token : tokens) {
        for (std::size_t at = 0; (at = token.find('~', at)) != std::string::npos; ++at) {
            const char code = at + 1 < token.size() ? token[at + 1] : ' ';
            if (code != '0' && code != '1') throw input_error(place, "~0 or ~1 after the ~", "\"" + token + "\"");
            token.replace(at, 2, code == '0' ? "~" : "/");
        }
    }
    return tokens;
}

Json& array_element(Json& array, const std::string& token, const std::string& place) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    if (error != std::errc() || end != token.data() + token.size() || index >= array.size())
        throw input_error(place, "an index below " + std::to_string(array.size()), "\"" + token + "\"");
    return array[index];
}

// The member or element that one token of the pointer names. The last token may be a new key.
Json& step(Json& value, const std::string& token, bool last, const std::string& place) {
    if (value.is_array()) return array_element(value, token, place);
    if (!value.is_object()) throw input_error(place, "a key within an object or array", "\"" + token + "\"");
    if (last || value.contains(token)) return value[token];
    std::vector<std::string> keys;
    for (const auto& [key, member] : value.items()) keys.push_back(key);
    const std::string near = closest(token, keys);
    throw input_error(place, "a key that is there", "\"" + shortened(token) + "\"",
                      near.empty() ? "" : "did you mean \"" + near + "\"?");
}

Json override_value(const Override& change) {
    try {
        return parse_json(change.value, "--set " + change.pointer);
    } catch (const InputError&) {
        return change.value;
    }
}

void apply(const Override& change, Json& document) {
    const std::vector<std::string> tokens = pointer_tokens(change);
    const std::string place = "--set " + change.pointer + "=" + shortened(change.value);
    if (tokens.size() > 1 && tokens.front() == "replay" && document.is_object()) open_replay_section(document);
    Json* value = &document;
    for (std::size_t i = 0; i < tokens.size(); ++i) value = &step(*value, tokens[i], i + 1 == tokens.size(), place);
    *value = override_value(change);
}

// --- Variants ---

Duration read_stage_time(const JsonReader& reader, double unit) {
    const Duration time = read_time(reader, unit);
    if (time >= std::chrono::seconds(1000)) reader.fail("less than 1000 s");
    return time;
}

Trace read_synthetic(const JsonReader& reader, const std::string& name) {
    reader.only_keys({"stages", "unit", "accuracy", "resources", "preprocess", "postprocess"});
    const double unit = unit_ns(reader, 0);
    const JsonReader stages = reader.at("stages"), accuracy = reader.at("accuracy");
    std::vector<Duration> times;
    for (const JsonReader& item : stages.items(1)) times.push_back(read_stage_time(item, unit));
    if (times.size() > kMaxStages) stages.fail("at most " + std::to_string(kMaxStages) + " stages");
    std::vector<double> shares;
    for (const JsonReader& item : accuracy.items()) shares.push_back(item.number(0, 1));
    if (shares.size() != times.size())
        accuracy.fail("one accuracy for each of the " + std::to_string(times.size()) + " stages");
    Trace trace = synthetic_trace(name, times, shares);
    if (const auto resources = reader.find("resources")) {
        if (resources->size() != times.size()) resources->fail("one resource for each stage");
        for (std::size_t k = 0; k < times.size(); ++k)
            trace.stages[k].resource = resources->item(k).one_of({"accelerator", "host"});
    }
    if (const auto time = reader.find("preprocess")) trace.host.preprocess_ns = {read_stage_time(*time, unit).count()};
    if (const auto time = reader.find("postprocess"))
        trace.host.postprocess_ns = {read_stage_time(*time, unit).count()};
    return trace;
}

std::string read_trace_path(const JsonReader& reader) {
    const auto folder = std::filesystem::path(reader.file()).parent_path();
    std::string path = (folder / reader.string()).lexically_normal().string();
    if (!std::filesystem::exists(path))
        reader.fail("an existing trace file, relative to the workload's folder", profile_advice(path));
    return path;
}

// How many of the network's stages a pipeline's inference runs.
int read_network_stages(const JsonReader& reader, const Trace& network) {
    const auto exit = reader.find("exit");
    return exit ? static_cast<int>(exit->integer(0, network.stage_count() - 1)) + 1 : network.stage_count();
}

void check_pipeline(const JsonReader& reader, const Trace& network) {
    for (const StageInfo& stage : network.stages)
        if (stage.resource != "accelerator")
            reader.problem("a pipeline's network runs on the accelerator alone, but its stage \"" + stage.name +
                           "\" is for the " + stage.resource);
    if (!network.host.preprocess_ns.empty() && !network.host.postprocess_ns.empty()) return;
    if (reader.has("synthetic"))
        reader.at("synthetic").problem("a pipeline needs the times \"preprocess\" and \"postprocess\"");
    reader.at("trace").problem("this trace has no measurements of the host's subtasks, which a pipeline needs; " +
                               profile_advice(network.path));
}

Variant read_variant(const JsonReader& reader, const std::string& task, bool pipeline, TraceCache& cache) {
    reader.only_keys({"name", "trace", "synthetic", "exit"});
    if (reader.has("trace") == reader.has("synthetic")) reader.fail("exactly one of \"trace\" and \"synthetic\"");
    if (reader.has("exit") && !pipeline)
        reader.at("exit").problem("only a variant of a pipeline has one: elsewhere the policy chooses among the exits");
    const std::string path = reader.has("trace") ? read_trace_path(reader.at("trace")) : "";
    Variant variant;
    if (path.empty()) {
        variant.trace = std::make_shared<const Trace>(read_synthetic(reader.at("synthetic"), task));
        variant.name = "synthetic";
    } else {
        variant.trace = cache.get(path);
        variant.name = variant.trace->network.name;
    }
    if (pipeline) {
        check_pipeline(reader, *variant.trace);
        variant.network_stages = read_network_stages(reader, *variant.trace);
        const int exit = variant.network_stages - 1;
        variant.trace = path.empty() ? std::make_shared<const Trace>(pipeline_trace(*variant.trace, exit))
                                     : cache.pipeline(path, exit);
    }
    if (const auto name = reader.find("name")) variant.name = read_name(*name);
    return variant;
}

void check_resources(const JsonReader& reader, const Trace& trace, const std::vector<Resource>& resources) {
    for (const StageInfo& stage : trace.stages)
        if (std::none_of(resources.begin(), resources.end(),
                         [&](const Resource& r) { return r.name == stage.resource; }))
            reader.problem("stage \"" + stage.name + "\" needs the resource \"" + stage.resource +
                           "\"; add it to /resources");
}

std::vector<Variant> read_variants(const JsonReader& reader, const std::string& task, bool pipeline,
                                   const std::vector<Resource>& resources, TraceCache& cache) {
    std::vector<Variant> variants;
    std::set<std::string> names;
    for (const JsonReader& item : reader.items(1)) {
        variants.push_back(read_variant(item, task, pipeline, cache));
        const Variant& variant = variants.back();
        check_resources(item, *variant.trace, resources);
        if (!names.insert(variant.name).second)
            item.problem("another variant is called \"" + shortened(variant.name) +
                         "\" too; give it a \"name\" of its own");
        if (variant.trace->samples.label != variants.front().trace->samples.label)
            item.problem("its labels differ from the first variant's; trace both on the same samples");
    }
    return variants;
}

// --- Tasks ---

DeadlineRange read_deadline(const JsonReader& reader, const TaskScale& scale) {
    reader.only_keys({"fixed", "uniform", "unit"});
    const double unit = unit_ns(reader, scale.full_ns);
    if (only_one(reader, {"fixed", "uniform"}) == "fixed") {
        const Duration deadline = read_time(reader.at("fixed"), unit);
        return {deadline, deadline};
    }
    const JsonReader range = reader.at("uniform");
    if (range.size() != 2) range.fail("[shortest, longest]");
    const DeadlineRange deadline{read_time(range.item(0), unit), read_time(range.item(1), unit)};
    if (deadline.low > deadline.high) range.item(1).fail("at least the shortest deadline");
    return deadline;
}

std::size_t replayed_inputs(const Task& task) {
    return replay_half(task.variants.front().trace->samples.count()).size();
}

// When its jobs come, and by when an answer is due: the log's deadlines take the place of stated ones.
void read_timing(const JsonReader& reader, const ArrivalTask& about, Task& task) {
    task.arrivals = read_arrivals(reader.at("arrival"), about);
    auto* log = std::get_if<LogArrivals>(&task.arrivals);
    const bool logged = log != nullptr && !log->deadlines.empty();
    const auto stated = logged ? reader.find("deadline") : reader.at("deadline");
    if (stated) task.deadline = read_deadline(*stated, about.scale);
    if (logged) use_logged_deadlines(reader.at("arrival"), stated.has_value(), *log, task.deadline);
}

int read_mandatory_stages(const JsonReader& reader, const Task& task) {
    if (task.pipeline) reader.problem("all of a pipeline is mandatory: remove this key");
    int fewest = kMaxStages;
    for (const Variant& variant : task.variants) fewest = std::min(fewest, variant.trace->stage_count());
    return static_cast<int>(reader.integer(1, fewest));
}

Task read_task(const JsonReader& reader, const std::vector<Resource>& resources, const std::vector<std::string>& names,
               TraceCache& cache) {
    reader.only_keys({"name", "variants", "pipeline", "arrival", "deadline", "mandatory_stages", "weight",
                      "shared_bytes", "confident_from", "copies"});
    Task task;
    task.name = read_name(reader.at("name"));
    if (const auto pipeline = reader.find("pipeline")) task.pipeline = pipeline->boolean();
    task.variants = read_variants(reader.at("variants"), task.name, task.pipeline, resources, cache);
    const TaskScale scale = task_scale(task.variants, task.pipeline, resources);
    task.largest = scale.largest;
    task.full = nanoseconds_from(scale.full_ns);
    read_timing(reader, {task.name, names, reader.has("copies"), replayed_inputs(task), scale}, task);
    task.mandatory_stages = stages_to_first_exit(*task.variants.front().trace);
    if (const auto stages = reader.find("mandatory_stages"))
        task.mandatory_stages = read_mandatory_stages(*stages, task);
    if (const auto bytes = reader.find("shared_bytes")) task.shared_bytes = bytes->integer(0, std::int64_t{1} << 53);
    if (const auto weight = reader.find("weight")) task.weight = weight->positive();
    if (const auto confident = reader.find("confident_from")) task.confident_from = confident->number(0, 1);
    return task;
}

// The task, or its copies NAME1, NAME2, ... if there is a key "copies".
std::vector<Task> read_copies(const JsonReader& reader, const std::vector<Resource>& resources,
                              const std::vector<std::string>& names, TraceCache& cache) {
    const Task task = read_task(reader, resources, names, cache);
    const auto copies = reader.find("copies");
    if (!copies) return {task};
    std::vector<Task> tasks(static_cast<std::size_t>(copies->integer(1, kMostCopies)), task);
    for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i].name = task.name + std::to_string(i + 1);
    return tasks;
}

// Collects tasks, whose names must differ.
class TaskList {
public:
    void add(std::vector<Task> tasks, const JsonReader& place) {
        for (Task& task : tasks) {
            if (!names_.insert(task.name).second)
                place.problem("expected a name of its own, found \"" + shortened(task.name) + "\"");
            tasks_.push_back(std::move(task));
        }
    }

    std::vector<Task> take() { return std::move(tasks_); }

private:
    std::vector<Task> tasks_;
    std::set<std::string> names_;
};

// The tasks listed, then the generated ones.
std::vector<Task> read_tasks(const JsonReader& reader, const std::vector<Resource>& resources, TraceCache& cache,
                             std::uint64_t seed) {
    TaskList list;
    const auto generate = reader.find("generate");
    const auto listed = generate ? reader.find("tasks") : reader.at("tasks");
    if (listed) {
        const std::vector<JsonReader> items = listed->items(generate ? 0 : 1);
        std::vector<std::string> names;
        for (const JsonReader& item : items) names.push_back(read_name(item.at("name")));
        for (const JsonReader& item : items) list.add(read_copies(item, resources, names, cache), item.at("name"));
    }
    if (generate) list.add(read_generated(*generate, resources, seed), *generate);
    return list.take();
}

std::vector<Resource> read_resources(const JsonReader& reader) {
    std::vector<Resource> resources;
    std::set<std::string> names;
    for (const JsonReader& item : reader.items(1)) {
        item.only_keys({"name", "slots"});
        Resource resource{item.at("name").one_of({"accelerator", "host"}), 1};
        if (const auto slots = item.find("slots")) resource.slots = static_cast<int>(slots->integer(1, 1024));
        if (!names.insert(resource.name).second) item.at("name").fail("each resource once");
        resources.push_back(resource);
    }
    return resources;
}

Horizon read_horizon(const JsonReader& reader) {
    reader.only_keys({"jobs", "seconds", "warmup_jobs"});
    Horizon horizon;
    const auto jobs = reader.find("jobs"), seconds = reader.find("seconds"), warmup = reader.find("warmup_jobs");
    if (!jobs && !seconds) reader.fail("\"jobs\" or \"seconds\" or both");
    if (jobs) horizon.jobs = static_cast<std::uint64_t>(jobs->integer(1));
    if (seconds) {
        if (seconds->positive() > 1e9) seconds->fail("at most 1e9 s");
        horizon.length = nanoseconds_from(seconds->positive() * 1e9);
    }
    if (warmup) horizon.warmup_jobs = static_cast<std::uint64_t>(warmup->integer(0));
    if (horizon.warmup_jobs >= horizon.jobs) warmup->fail("fewer than \"jobs\"");
    return horizon;
}

// The workload that a document describes, for one seed.
Workload read_workload(const Json& document, const std::string& path, std::uint64_t seed, TraceCache& cache) {
    const JsonReader reader(document, path);
    if (!reader.has("schema")) reader.fail("a workload, with \"schema\": \"" + std::string(kSchema) + "\"");
    reader.at("schema").one_of({kSchema});
    reader.only_keys({"schema", "resources", "tasks", "generate", "horizon", "planning_quantile", "replay",
                      "decision_cost_ns", "energy"});
    Workload workload;
    workload.path = path;
    const auto resources = reader.find("resources");
    workload.resources = resources ? read_resources(*resources) : std::vector<Resource>{{"accelerator", 1}};
    workload.horizon = read_horizon(reader.at("horizon"));
    if (const auto q = reader.find("planning_quantile")) workload.planning_quantile = q->number(0, 1);
    if (const auto cost = reader.find("decision_cost_ns"))
        workload.decision_cost = Duration(cost->integer(0, 1'000'000'000));
    if (const auto replay = reader.find("replay")) workload.replay = read_replay(*replay);
    workload.tasks = read_tasks(reader, workload.resources, cache, seed);
    if (const auto energy = reader.find("energy")) workload.energy = read_energy(*energy, workload.tasks);
    return workload;
}

}  // namespace

Override parse_override(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || !text.starts_with('/'))
        throw input_error("--set", "/json/pointer=value", "\"" + shortened(text) + "\"");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

struct WorkloadFile::Document {
    Json json;
};

WorkloadFile::WorkloadFile(const std::string& path)
    : path_(path), document_(std::make_shared<const Document>(Document{read_json_file(path)})) {}

WorkloadFile WorkloadFile::of_json(const std::string& path, const std::string& json) {
    return {path, std::make_shared<const Document>(Document{parse_json(json, path)})};
}

WorkloadFile WorkloadFile::with(const std::vector<Override>& overrides) const {
    if (overrides.empty()) return *this;
    auto changed = std::make_shared<Document>(*document_);
    for (const Override& change : overrides) apply(change, changed->json);
    WorkloadFile file = *this;
    file.document_ = std::move(changed);
    return file;
}

bool WorkloadFile::depends_on_seed() const {
    const auto& json = document_->json;
    return json.is_object() && json.contains("generate") && !json["generate"].is_null();
}

Workload WorkloadFile::load(std::uint64_t seed, TraceCache* cache) const {
    TraceCache own;
    return read_workload(document_->json, path_, seed, cache != nullptr ? *cache : own);
}

// A path in it may be no UTF-8.
std::string WorkloadFile::json() const {
    return document_->json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Workload load_workload(const std::string& path, const std::vector<Override>& overrides, TraceCache* cache,
                       std::uint64_t seed) {
    return WorkloadFile(path).with(overrides).load(seed, cache);
}

std::string resolved_workload_json(const std::string& path, const std::vector<Override>& overrides) {
    return WorkloadFile(path).with(overrides).json();
}

std::vector<std::string> input_files(const Workload& workload) {
    std::set<std::string> files = {workload.path};
    for (const Task& task : workload.tasks) {
        if (const auto* log = std::get_if<LogArrivals>(&task.arrivals)) files.insert(log->file);
        if (const auto* counts = std::get_if<CountArrivals>(&task.arrivals)) files.insert(counts->file);
        for (const Variant& variant : task.variants)
            if (variant.trace->device.kind != "synthetic") files.insert(variant.trace->path);
    }
    files.insert(workload.replay.decisions);
    if (workload.energy)
        if (const auto* record = std::get_if<RecordedPower>(&workload.energy->harvester.source))
            files.insert(record->file);
    files.erase("");  // of what a program made without a file
    return {files.begin(), files.end()};
}

std::shared_ptr<const Trace> TraceCache::get(const std::string& path) {
    const std::lock_guard lock(mutex_);
    return get_locked(path);
}

std::shared_ptr<const Trace> TraceCache::get_locked(const std::string& path) {
    for (const auto& [known, trace] : traces_)
        if (known == path) return trace;
    return traces_.emplace_back(path, std::make_shared<const Trace>(load_trace(path))).second;
}

std::shared_ptr<const Trace> TraceCache::pipeline(const std::string& path, int exit) {
    const std::lock_guard lock(mutex_);
    auto& trace = pipelines_[{path, exit}];
    if (!trace) trace = std::make_shared<const Trace>(pipeline_trace(*get_locked(path), exit));
    return trace;
}

}  // namespace laxity
