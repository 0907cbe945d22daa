#include "sim/results/timeline.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "traces/base/output_file.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kResourcesProcess = 1;
constexpr int kFirstTaskProcess = 2;

// Writes the events one by one: a long run's timeline never stands in memory as a document.
class EventWriter {
public:
    explicit EventWriter(const std::string& path) : out_(path) {
        out_.write("{\"displayTimeUnit\": \"ms\", \"traceEvents\": [");
    }

    void event(const Json& event) {
        out_.write((first_ ? "\n" : ",\n") + event.dump());
        first_ = false;
    }
    void name_process(int process, const std::string& name) {
        event({{"ph", "M"}, {"name", "process_name"}, {"pid", process}, {"args", {{"name", name}}}});
        event({{"ph", "M"}, {"name", "process_sort_index"}, {"pid", process}, {"args", {{"sort_index", process}}}});
    }
    void name_track(int process, std::uint64_t track, const std::string& name) {
        event({{"ph", "M"}, {"name", "thread_name"}, {"pid", process}, {"tid", track}, {"args", {{"name", name}}}});
    }
    void slice(int process, std::uint64_t track, const std::string& name, const std::string& category, Time from,
               Time to, Json arguments) {
        event({{"ph", "X"},
               {"name", name},
               {"cat", category},
               {"pid", process},
               {"tid", track},
               {"ts", us(from)},
               {"dur", to_us(to - from)},
               {"args", std::move(arguments)}});
    }
    void instant(int process, std::uint64_t track, const std::string& name, const std::string& category, Time when) {
        event({{"ph", "i"},
               {"s", "t"},
               {"name", name},
               {"cat", category},
               {"pid", process},
               {"tid", track},
               {"ts", us(when)}});
    }
    void close() {
        out_.write("\n]}\n");
        out_.commit();
    }

private:
    static double us(Time time) { return to_us(time - Time{}); }

    WholeFile out_;
    bool first_ = true;
};

bool overlaps(const TimeWindow& window, Time from, Time to) { return to >= window.from && from < window.to; }

std::string label(const RecordNames& names, const JobId& id) {
    return names.tasks[static_cast<std::size_t>(id.task)] + "#" + std::to_string(id.number);
}

// What was known has its place only where the records have it.
Json stage_arguments(const StageRecord& stage) {
    Json arguments = {{"stage", stage.stage}};
    if (stage.foresight) {
        arguments["planned_ms"] = to_ms(stage.foresight->planned);
        arguments["slack_ms"] = to_ms(stage.foresight->slack);
    }
    if (stage.confidence) arguments["confidence"] = *stage.confidence;
    return arguments;
}

void write_stage(EventWriter& writer, const StageRecord& stage, const RecordNames& names) {
    const std::string name = label(names, stage.id) + " stage " + std::to_string(stage.stage);
    const auto track = static_cast<std::uint64_t>(stage.lane);
    const Json arguments = stage_arguments(stage);
    if (stage.counted_until > stage.start) {
        writer.slice(kResourcesProcess, track, name, "stage", stage.start, stage.counted_until, arguments);
    }
    if (stage.end > stage.counted_until) {
        writer.slice(kResourcesProcess, track, name + " overrun", "overrun", stage.counted_until, stage.end, arguments);
    }
}

void write_job(EventWriter& writer, const JobRecord& job, const RecordNames& names) {
    const int process = kFirstTaskProcess + job.id.task;
    const std::string name = label(names, job.id) + (job.missed ? " missed" : "");
    Json arguments = {{"depth", job.depth}, {"correct", job.correct}, {"missed", job.missed}, {"variant", job.variant}};
    if (job.prediction >= 0) arguments["prediction"] = job.prediction;
    writer.slice(process, job.id.number, name, job.missed ? "missed" : "job", job.release, job.left,
                 std::move(arguments));
    writer.instant(process, job.id.number, job.missed ? "deadline missed" : "deadline", "deadline", job.deadline);
}

}  // namespace

void write_timeline(const std::string& path, const RecordList& records, const RecordNames& names,
                    const TimeWindow& window) {
    EventWriter writer(path);
    writer.name_process(kResourcesProcess, "resources");
    std::set<std::pair<int, int>> lanes;
    for (const StageRecord& stage : records.stages) lanes.insert({stage.lane, stage.resource});
    for (const auto& [lane, resource] : lanes) {
        writer.name_track(kResourcesProcess, static_cast<std::uint64_t>(lane),
                          names.resources[static_cast<std::size_t>(resource)] + " " + std::to_string(lane));
    }
    for (std::size_t task = 0; task < names.tasks.size(); ++task) {
        writer.name_process(kFirstTaskProcess + static_cast<int>(task), "task " + names.tasks[task]);
    }
    for (const StageRecord& stage : records.stages) {
        if (overlaps(window, stage.start, stage.end)) write_stage(writer, stage, names);
    }
    for (const JobRecord& job : records.jobs) {
        if (overlaps(window, job.release, job.left)) write_job(writer, job, names);
    }
    writer.close();
}

}  // namespace laxity
