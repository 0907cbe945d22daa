#include <set>

#include "traces/base/json_reader.hpp"
#include "traces/base/output_file.hpp"
#include "traces/history_file.hpp"
#include "traces/json_rows.hpp"
#include "traces/trace.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kSchema = "laxity.trace/1";
constexpr std::string_view kSchemaWithHistory = "laxity.trace/2";
constexpr std::int64_t kMaxLatencyNs = 999'999'999'999;  // a stage takes less than 1000 s
constexpr std::size_t kMaxRows = 1'000'000;
constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;  // what every JSON reader holds exactly

// --- Reading ---

int read_int(const JsonReader& reader, int low, int high = 1'000'000'000) {
    return static_cast<int>(reader.integer(low, high));
}

DeviceInfo read_device(const JsonReader& reader) {
    reader.only_keys({"kind", "name", "backend", "threads", "details"});
    DeviceInfo device;
    device.kind = reader.at("kind").one_of({"cpu", "cuda", "other", "synthetic"});
    device.name = reader.at("name").string();
    device.backend = reader.at("backend").string();
    device.threads = read_int(reader.at("threads"), 1, 65536);
    if (const auto details = reader.find("details")) {
        if (!details->json().is_object()) details->fail("an object of strings");
        for (const auto& [key, value] : details->json().items()) device.details[key] = details->at(key).string();
    }
    return device;
}

std::string read_sha256(const JsonReader& reader) {
    const std::string hash = reader.string();
    const bool is_hex = hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!hash.empty() && (hash.size() != 64 || !is_hex)) reader.fail("64 lower-case hexadecimal digits, or \"\"");
    return hash;
}

NetworkInfo read_network(const JsonReader& reader) {
    reader.only_keys({"name", "sha256", "input", "classes", "parameters"});
    NetworkInfo network;
    network.name = reader.at("name").string();
    network.sha256 = read_sha256(reader.at("sha256"));
    for (const JsonReader& item : reader.at("input").items()) network.input.push_back(read_int(item, 1));
    network.classes = read_int(reader.at("classes"), 2);
    network.parameters = reader.at("parameters").integer(0, kMaxCount);
    return network;
}

Protocol read_protocol(const JsonReader& reader) {
    reader.only_keys({"warmup", "runs", "clock", "created", "tool"});
    return {read_int(reader.at("warmup"), 0), read_int(reader.at("runs"), 1), reader.at("clock").string(),
            reader.at("created").string(), reader.at("tool").string()};
}

StageInfo read_stage(const JsonReader& reader) {
    reader.only_keys({"name", "resource", "macs", "parameter_bytes", "activation_bytes", "energy_uj"});
    StageInfo stage;
    stage.name = reader.at("name").string();
    if (stage.name.empty()) reader.at("name").fail("a name");
    stage.resource = reader.at("resource").one_of({"accelerator", "host"});
    stage.macs = reader.at("macs").integer(0, kMaxCount);
    stage.parameter_bytes = reader.at("parameter_bytes").integer(0, kMaxCount);
    stage.activation_bytes = reader.at("activation_bytes").integer(0, kMaxCount);
    if (const auto energy = reader.find("energy_uj")) stage.energy_uj = energy->number(0, 1e15);
    return stage;
}

std::vector<StageInfo> read_stages(const JsonReader& reader) {
    std::vector<StageInfo> stages;
    std::set<std::string> names;
    if (reader.size() > kMaxStages) reader.fail("at most " + std::to_string(kMaxStages) + " stages");
    for (const JsonReader& item : reader.items(1)) {
        stages.push_back(read_stage(item));
        if (!names.insert(stages.back().name).second) item.at("name").fail("a name of its own");
    }
    return stages;
}

// The rows of a matrix, each handed to `read_row` once its length has been checked.
template <class ReadRow>
void read_rows(const JsonReader& reader, std::size_t columns, ReadRow read_row) {
    for (std::size_t row = 0; row < reader.size(); ++row) {
        const JsonReader values = reader.item(row);
        if (values.size() != columns) values.fail("one value for each of the " + std::to_string(columns) + " stages");
        read_row(values);
    }
}

std::vector<std::int64_t> read_latencies(const JsonReader& reader, std::size_t stages, int runs) {
    if (reader.size() > kMaxRows) reader.fail("at most " + std::to_string(kMaxRows) + " rows");
    if (reader.size() != static_cast<std::size_t>(runs))
        reader.fail("as many rows as /protocol/runs says: " + std::to_string(runs));
    std::vector<std::int64_t> latencies;
    latencies.reserve(reader.size() * stages);
    read_rows(reader, stages, [&](const JsonReader& row) { read_integers(row, 1, kMaxLatencyNs, latencies); });
    return latencies;
}

std::vector<std::int64_t> read_host_costs(const JsonReader& reader) {
    if (reader.size() == 0 || reader.size() > kMaxRows) reader.fail("1 to " + std::to_string(kMaxRows) + " rows");
    std::vector<std::int64_t> rows;
    read_integers(reader, 1, kMaxLatencyNs, rows);
    return rows;
}

HostCosts read_host(const JsonReader& reader) {
    reader.only_keys({"preprocess_ns", "postprocess_ns"});
    return {read_host_costs(reader.at("preprocess_ns")), read_host_costs(reader.at("postprocess_ns"))};
}

std::vector<Corun> read_corun(const JsonReader& reader, std::size_t stages) {
    std::vector<Corun> coruns;
    std::set<int> seen;
    for (const JsonReader& item : reader.items()) {
        item.only_keys({"resources", "slowdown"});
        Corun corun{read_int(item.at("resources"), 2, 1024), {}};
        if (!seen.insert(corun.resources).second) item.at("resources").fail("each number once");
        if (item.at("slowdown").size() != stages) item.at("slowdown").fail("one value for each stage");
        for (const JsonReader& value : item.at("slowdown").items()) {
            if (value.positive() > 1e6) value.fail("a slowdown of at most 1e6");
            corun.slowdown.push_back(value.positive());
        }
        coruns.push_back(std::move(corun));
    }
    return coruns;
}

void check_length(const JsonReader& reader, std::size_t samples) {
    if (reader.size() != samples) reader.fail("one row for each of the " + std::to_string(samples) + " labels");
}

Samples read_samples(const JsonReader& reader, std::size_t stages, int classes) {
    reader.only_keys({"dataset", "split", "label", "prediction", "confidence"});
    const JsonReader label = reader.at("label"), prediction = reader.at("prediction"),
                     confidence = reader.at("confidence");
    Samples samples{reader.at("dataset").string(), reader.at("split").string(), {}, {}, {}};
    if (calibration_half(label.size()).empty() || replay_half(label.size()).empty())
        label.fail("at least 3 samples, so that there are some to calibrate with and some to replay");
    read_integers(label, 0, classes - 1, samples.label);
    check_length(prediction, samples.count());
    check_length(confidence, samples.count());
    samples.prediction.reserve(samples.count() * stages);
    samples.confidence.reserve(samples.count() * stages);
    read_rows(prediction, stages,
              [&](const JsonReader& row) { read_integers(row, 0, classes - 1, samples.prediction); });
    read_rows(confidence, stages, [&](const JsonReader& row) { read_shares(row, samples.confidence); });
    return samples;
}

Calibration read_calibration(const JsonReader& reader, std::size_t stages) {
    reader.only_keys({"temperature", "fitted_on"});
    Calibration calibration{{}, reader.at("fitted_on").string()};
    const JsonReader temperature = reader.at("temperature");
    if (temperature.size() != stages)
        temperature.fail("one temperature for each of the " + std::to_string(stages) + " stages");
    for (const JsonReader& item : temperature.items()) calibration.temperature.push_back(item.positive());
    return calibration;
}

Trace read_trace(const Json& document, const std::string& path) {
    const JsonReader reader(document, path);
    if (!reader.has("schema")) reader.fail("a trace, with \"schema\": \"" + std::string(kSchema) + "\"");
    const bool may_have_history = reader.at("schema").one_of({kSchema, kSchemaWithHistory}) == kSchemaWithHistory;
    if (may_have_history) {
        reader.only_keys({"schema", "device", "network", "protocol", "stages", "latency_ns", "device_ns", "dispatch_ns",
                          "history", "release_lateness_ns", "stalls", "driver_stalls", "host", "corun", "samples",
                          "calibration"});
    } else {
        reader.only_keys({"schema", "device", "network", "protocol", "stages", "latency_ns", "device_ns", "dispatch_ns",
                          "host", "corun", "samples", "calibration"});
    }
    Trace trace;
    trace.path = path;
    trace.device = read_device(reader.at("device"));
    trace.network = read_network(reader.at("network"));
    trace.protocol = read_protocol(reader.at("protocol"));
    trace.stages = read_stages(reader.at("stages"));
    const std::size_t stages = trace.stages.size();
    trace.latency_ns = read_latencies(reader.at("latency_ns"), stages, trace.protocol.runs);
    if (const auto device = reader.find("device_ns"))
        trace.device_ns = read_latencies(*device, stages, trace.protocol.runs);
    if (const auto dispatch = reader.find("dispatch_ns")) read_integers(*dispatch, 0, kMaxLatencyNs, trace.dispatch_ns);
    if (const auto history = reader.find("history")) trace.history = read_history(*history, stages);
    if (const auto lateness = reader.find("release_lateness_ns"))
        read_integers(*lateness, 0, kMaxLatencyNs, trace.release_lateness_ns);
    if (const auto stalls = reader.find("stalls")) trace.stalls = read_stalls(*stalls);
    if (const auto stalls = reader.find("driver_stalls")) trace.driver_stalls = read_stalls(*stalls);
    if (const auto host = reader.find("host")) trace.host = read_host(*host);
    if (const auto corun = reader.find("corun")) trace.corun = read_corun(*corun, stages);
    trace.samples = read_samples(reader.at("samples"), stages, trace.network.classes);
    trace.calibration = read_calibration(reader.at("calibration"), stages);
    return trace;
}

// --- Writing ---

Json device_json(const DeviceInfo& device) {
    return {{"kind", device.kind},
            {"name", device.name},
            {"backend", device.backend},
            {"threads", device.threads},
            {"details", Json(device.details)}};
}

Json network_json(const NetworkInfo& network) {
    return {{"name", network.name},
            {"sha256", network.sha256},
            {"input", network.input},
            {"classes", network.classes},
            {"parameters", network.parameters}};
}

Json protocol_json(const Protocol& protocol) {
    return {{"warmup", protocol.warmup},
            {"runs", protocol.runs},
            {"clock", protocol.clock},
            {"created", protocol.created},
            {"tool", protocol.tool}};
}

Json stage_json(const StageInfo& stage) {
    return {{"name", stage.name},
            {"resource", stage.resource},
            {"macs", stage.macs},
            {"parameter_bytes", stage.parameter_bytes},
            {"activation_bytes", stage.activation_bytes},
            {"energy_uj", stage.energy_uj ? Json(*stage.energy_uj) : Json()}};
}

std::string stages_text(const std::vector<StageInfo>& stages) {
    std::string text = "[";
    for (std::size_t k = 0; k < stages.size(); ++k) text += (k == 0 ? "\n" : ",\n") + stage_json(stages[k]).dump();
    return text + "]";
}

std::string corun_text(const std::vector<Corun>& coruns) {
    Json list = Json::array();
    for (const Corun& corun : coruns) list.push_back({{"resources", corun.resources}, {"slowdown", corun.slowdown}});
    return list.dump();
}

std::string host_text(const HostCosts& host) {
    return "{\"preprocess_ns\":" + list_text(host.preprocess_ns) +
           ",\n\"postprocess_ns\":" + list_text(host.postprocess_ns) + "}";
}

std::string samples_text(const Samples& samples, std::size_t stages) {
    return "{\"dataset\":" + Json(samples.dataset).dump() + ",\"split\":" + Json(samples.split).dump() +
           ",\n\"label\":" + list_text(samples.label) + ",\n\"prediction\":" + matrix_text(samples.prediction, stages) +
           ",\n\"confidence\":" + matrix_text(samples.confidence, stages) + "}";
}

// Without anything that came with it, the older schema: a trace keeps its bytes.
std::string_view schema_of(const Trace& trace) {
    const bool plain =
        !trace.history.measured() && trace.release_lateness_ns.empty() && !trace.stalls && !trace.driver_stalls;
    return plain ? kSchema : kSchemaWithHistory;
}

std::string trace_text(const Trace& trace) {
    const Json calibration = {{"temperature", trace.calibration.temperature},
                              {"fitted_on", trace.calibration.fitted_on}};
    std::string text = "{\"schema\":\"" + std::string(schema_of(trace)) + "\"";
    const auto member = [&](std::string_view key, const std::string& value) {
        text.append(",\n\"").append(key).append("\":").append(value);
    };
    member("device", device_json(trace.device).dump());
    member("network", network_json(trace.network).dump());
    member("protocol", protocol_json(trace.protocol).dump());
    member("stages", stages_text(trace.stages));
    member("calibration", calibration.dump());
    if (!trace.corun.empty()) member("corun", corun_text(trace.corun));
    member("latency_ns", matrix_text(trace.latency_ns, trace.stages.size()));
    if (!trace.device_ns.empty()) member("device_ns", matrix_text(trace.device_ns, trace.stages.size()));
    member("dispatch_ns", list_text(trace.dispatch_ns));
    if (trace.history.measured()) member("history", history_text(trace.history));
    if (!trace.release_lateness_ns.empty()) member("release_lateness_ns", list_text(trace.release_lateness_ns));
    if (trace.stalls) member("stalls", stalls_text(*trace.stalls));
    if (trace.driver_stalls) member("driver_stalls", stalls_text(*trace.driver_stalls));
    if (trace.host.measured()) member("host", host_text(trace.host));
    member("samples", samples_text(trace.samples, trace.stages.size()));
    return text + "}\n";
}

}  // namespace

std::string profile_advice(const std::string& path) {
    return "measure it with: laxity profile --model NETWORK.onnx --data DATA --out " + path;
}

Trace load_trace(const std::string& path) { return read_trace(read_json_file(path, profile_advice(path)), path); }

void save_trace(const Trace& trace, const std::string& path) {
    const std::string text = trace_text(trace);
    read_trace(parse_json(text, path), path);  // nothing is written that load_trace would refuse
    write_file(path, text);
}

}  // namespace laxity
