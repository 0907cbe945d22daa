#include "sim/study/timeline_columns.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

#include "sim/study/packed.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

// Numbers one after the other, small ones in few bytes.
class Column {
public:
    void add(std::int64_t value) {
        auto code = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);  // zigzag
        for (; code >= 0x80; code >>= 7) bytes_.push_back(static_cast<std::uint8_t>(code | 0x80));
        bytes_.push_back(static_cast<std::uint8_t>(code));
    }
    std::string text() const { return packed(std::span<const std::uint8_t>(bytes_)); }

private:
    std::vector<std::uint8_t> bytes_;
};

// Columns by name.
using Columns = std::map<std::string, Column>;

Json json_of(std::size_t count, const Columns& columns) {
    Json json = {{"count", count}};
    for (const auto& [name, column] : columns) json[name] = column.text();
    return json;
}

auto order_of_release(const JobRecord& job) { return std::tuple(job.release, job.id.task, job.id.number); }

std::vector<const JobRecord*> jobs_by_release(const RecordList& records) {
    std::vector<const JobRecord*> jobs;
    for (const JobRecord& job : records.jobs) jobs.push_back(&job);
    std::ranges::sort(jobs, {}, [](const JobRecord* job) { return order_of_release(*job); });
    return jobs;
}

Json job_columns(const std::vector<const JobRecord*>& jobs) {
    Columns columns;
    for (const char* name :
         {"task", "number", "release", "deadline", "left", "variant", "depth", "prediction", "flags"})
        columns[name];
    std::map<std::int32_t, std::int64_t> last_number;  // by task
    Time last_release{};
    for (const JobRecord* job : jobs) {
        const auto number = static_cast<std::int64_t>(job->id.number);
        columns["task"].add(std::int64_t{job->id.task});
        columns["number"].add(number - std::exchange(last_number[job->id.task], number));
        columns["release"].add((job->release - std::exchange(last_release, job->release)).count());
        columns["deadline"].add((job->deadline - job->release).count());
        columns["left"].add((job->left - job->release).count());
        columns["variant"].add(std::int64_t{job->variant});
        columns["depth"].add(std::int64_t{job->depth});
        columns["prediction"].add(std::int64_t{job->prediction});
        columns["flags"].add(std::int64_t{job->missed} + 2 * std::int64_t{job->correct});
    }
    return json_of(jobs.size(), columns);
}

// Where a job is in `jobs`; -1 if it isn't.
class JobIndex {
public:
    explicit JobIndex(const std::vector<const JobRecord*>& jobs) {
        for (std::size_t i = 0; i < jobs.size(); ++i)
            places_.push_back({jobs[i]->id.task, jobs[i]->id.number, static_cast<std::int64_t>(i)});
        std::ranges::sort(places_);
    }
    std::int64_t operator()(const JobId& id) const {
        const auto place = std::ranges::lower_bound(places_, Place{id.task, id.number, 0});
        const bool found = place != places_.end() && std::get<0>(*place) == id.task && std::get<1>(*place) == id.number;
        return found ? std::get<2>(*place) : -1;
    }

private:
    using Place = std::tuple<std::int32_t, std::uint64_t, std::int64_t>;
    std::vector<Place> places_;
};

using Track = std::pair<int, int>;  // resource, lane

Track track_of(const StageRecord& stage) { return {stage.resource, stage.lane}; }

std::vector<const StageRecord*> stages_by_track(const RecordList& records) {
    std::vector<const StageRecord*> stages;
    for (const StageRecord& stage : records.stages) stages.push_back(&stage);
    std::ranges::stable_sort(
        stages, {}, [](const StageRecord* stage) { return std::tuple(track_of(*stage), stage->start, stage->end); });
    return stages;
}

Json track_names(const std::vector<const StageRecord*>& stages, const RecordNames& names) {
    Json tracks = Json::array();
    const auto same_track = [](const StageRecord* a, const StageRecord* b) { return track_of(*a) == track_of(*b); };
    for (auto first = stages.begin(); first != stages.end();) {
        const auto last = std::find_if_not(first, stages.end(), std::bind_front(same_track, *first));
        tracks.push_back({names.resources[static_cast<std::size_t>((*first)->resource)], (*first)->lane, last - first});
        first = last;
    }
    return tracks;
}

std::string confidences(const std::vector<const StageRecord*>& stages) {
    std::vector<float> values;
    for (const StageRecord* stage : stages)
        values.push_back(stage->confidence.value_or(std::numeric_limits<float>::quiet_NaN()));
    return packed(std::span<const float>(values));
}

Json stage_columns(const std::vector<const StageRecord*>& stages, const JobIndex& index_of) {
    Columns columns;
    for (const char* name : {"job", "stage", "start", "length", "overrun"}) columns[name];
    std::int64_t last_job = 0;
    Time last_start{};
    for (const StageRecord* stage : stages) {
        const std::int64_t job = index_of(stage->id);
        columns["job"].add(job - std::exchange(last_job, job));
        columns["stage"].add(std::int64_t{stage->stage});
        columns["start"].add((stage->start - std::exchange(last_start, stage->start)).count());
        columns["length"].add((stage->end - stage->start).count());
        columns["overrun"].add((stage->end - stage->counted_until).count());
    }
    Json json = json_of(stages.size(), columns);
    json["confidence"] = confidences(stages);
    return json;
}

// What the stages of one variant were planned to take, as far as some job had them recorded. No place: not known.
struct CostTable {
    std::map<int, Duration> planned, remaining;  // by stage; `remaining` counts it and all deeper ones
};

using CostTables = std::map<std::pair<std::int32_t, int>, CostTable>;  // by task and variant

void note_cost(std::map<int, Duration>& costs, int stage, Duration cost, const std::string& place) {
    const auto [known, is_new] = costs.try_emplace(stage, cost);
    if (!is_new && known->second != cost)
        throw input_error(place, "the planning cost of other jobs, " + std::to_string(known->second.count()) + " ns",
                          std::to_string(cost.count()), "these are not the records of one run");
}

CostTables cost_tables(const std::vector<const StageRecord*>& stages, const std::vector<const JobRecord*>& jobs,
                       const JobIndex& index_of, const RecordNames& names, const std::string& source) {
    CostTables tables;
    for (const StageRecord* stage : stages) {
        const std::int64_t index = index_of(stage->id);
        if (index < 0 || !stage->foresight) continue;
        const JobRecord& job = *jobs[static_cast<std::size_t>(index)];
        const Duration remaining = job.deadline - stage->start - stage->foresight->slack;
        const std::string place = source + "/stages.csv: " + names.tasks[static_cast<std::size_t>(job.id.task)] + "#" +
                                  std::to_string(job.id.number) + ", stage " + std::to_string(stage->stage);
        CostTable& table = tables[{job.id.task, job.variant}];
        note_cost(table.planned, stage->stage, stage->foresight->planned, place);
        note_cost(table.remaining, stage->stage, remaining, place);
        note_cost(table.remaining, stage->stage + 1, remaining - stage->foresight->planned, place);
    }
    return tables;
}

Json json_of(const std::map<int, Duration>& costs) {
    Json json = Json::array();
    for (const auto& [stage, cost] : costs) {
        while (json.size() < static_cast<std::size_t>(stage)) json.push_back(nullptr);
        json.push_back(cost.count());
    }
    return json;
}

Json json_of(const CostTables& tables, std::size_t tasks) {
    Json json = Json::array();
    for (std::size_t task = 0; task < tasks; ++task) json.push_back(Json::array());
    for (const auto& [key, table] : tables) {
        Json& variants = json[static_cast<std::size_t>(key.first)];
        while (variants.size() < static_cast<std::size_t>(key.second)) variants.push_back(nullptr);
        variants.push_back({{"planned", json_of(table.planned)}, {"remaining", json_of(table.remaining)}});
    }
    return json;
}

}  // namespace

std::string timeline_columns(const RecordList& records, const RecordNames& names, const StudyFolder& run,
                             const std::string& manifest) {
    const auto jobs = jobs_by_release(records);
    const auto stages = stages_by_track(records);
    const JobIndex index_of(jobs);
    const Json json = {
        {"label", run.label},
        {"manifest", manifest},
        {"tasks", names.tasks},
        {"tracks", track_names(stages, names)},
        {"jobs", job_columns(jobs)},
        {"stages", stage_columns(stages, index_of)},
        {"costs", json_of(cost_tables(stages, jobs, index_of, names, run.directory), names.tasks.size())}};
    return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

}  // namespace laxity
