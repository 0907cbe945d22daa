#include "sim/cli/import_options.hpp"

#include <charconv>
#include <filesystem>
#include <sstream>

#include "profiler/onnx/onnx_import.hpp"
#include "sim/cli/command.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

std::string text_option(const po::variables_map& values, const char* name) { return values[name].as<std::string>(); }

// Not stated is said, not guessed.
std::string stated(const po::variables_map& values, const char* name) {
    const std::string text = one_line(text_option(values, name));
    return text.empty() ? "not stated" : text;
}

std::vector<std::string> list_option(const po::variables_map& values, const char* name) {
    std::vector<std::string> items;
    const std::string text = text_option(values, name);
    std::istringstream list(text.empty() ? text : text + ",");
    for (std::string item; std::getline(list, item, ',');) items.push_back(item);
    return items;
}

// "12,34", each in [low, high].
template <class Number>
std::vector<Number> number_list(const po::variables_map& values, const char* name, Number low, Number high) {
    std::vector<Number> numbers;
    for (const std::string& item : list_option(values, name)) {
        Number number{};
        const auto [end, error] = std::from_chars(item.data(), item.data() + item.size(), number);
        const bool whole = error == std::errc() && end == item.data() + item.size();
        if (!whole || !(number >= low && number <= high)) {
            const std::string kind = std::is_integral_v<Number> ? "whole numbers" : "numbers";
            throw input_error("--" + std::string(name),
                              kind + " from " + std::to_string(static_cast<int>(low)) + " on, as in 12,34",
                              "\"" + item + "\"");
        }
        numbers.push_back(number);
    }
    return numbers;
}

std::optional<ScoreKind> score_kind(const po::variables_map& values) {
    std::optional<ScoreKind> kind;
    for (const auto& [name, meant] :
         {std::pair("logits", ScoreKind::kScores), std::pair("probabilities", ScoreKind::kProbabilities),
          std::pair("log-probabilities", ScoreKind::kLogProbabilities)}) {
        if (!values[name].as<bool>()) continue;
        if (kind)
            throw input_error("--" + std::string(name), "one of --logits, --probabilities, --log-probabilities",
                              "several");
        kind = meant;
    }
    return kind;
}

// All at once: nobody wants to be asked three times.
void check_device_options(const po::variables_map& values) {
    std::vector<std::string> missing;
    for (const char* name : {"device-kind", "device-name", "backend"})
        if (text_option(values, name).empty()) missing.push_back("--" + std::string(name));
    if (missing.empty()) return;
    throw input_error("import", "what was measured: --device-kind, --device-name and --backend",
                      "no " + joined(missing, ", no "),
                      "as in --device-kind cuda --device-name 'Jetson AGX Orin' "
                      "--backend 'TensorRT 8.6'");
}

DeviceInfo device_of(const po::variables_map& values) {
    check_device_options(values);
    DeviceInfo device{
        text_option(values, "device-kind"), stated(values, "device-name"), stated(values, "backend"), 1, {}};
    if (device.kind != "cpu" && device.kind != "cuda" && device.kind != "other")
        throw input_error("--device-kind", "cpu, cuda or other", "\"" + one_line(device.kind) + "\"");
    if (values.count("threads") == 0) {
        device.details["threads"] = "not stated";
        return device;
    }
    device.threads = values["threads"].as<int>();
    if (device.threads < 1 || device.threads > 65536)
        throw input_error("--threads", "1 to 65536", std::to_string(device.threads));
    return device;
}

NetworkInfo info_of(const po::variables_map& values) {
    NetworkInfo info{one_line(text_option(values, "network-name")), "",
                     number_list<int>(values, "input-shape", 1, 1'000'000'000), values["classes"].as<int>(),
                     values["parameters"].as<std::int64_t>()};
    if (info.classes != 0 && (info.classes < 2 || info.classes > 1'000'000'000))
        throw input_error("--classes", "2 or more", std::to_string(info.classes));
    if (info.parameters < 0) throw input_error("--parameters", "0 or more", std::to_string(info.parameters));
    return info;
}

// What the file of the network says need not be said again, and may not be contradicted.
void check_network_options(const po::variables_map& values) {
    if (text_option(values, "network").empty()) return;
    for (const char* name : {"input-shape", "parameters", "macs", "parameter-bytes", "activation-bytes"}) {
        if (!values[name].defaulted())
            throw input_error("--" + std::string(name), "nothing that the file of --network says", "a value",
                              "leave one of the two out");
    }
}

void check_outcome_options(const po::variables_map& values) {
    const bool scores = !text_option(values, "scores").empty(),
               predictions = !text_option(values, "predictions").empty();
    if (scores == predictions)
        throw input_error("import", "either --scores with --labels, or --predictions", scores ? "both" : "neither");
    if (scores && text_option(values, "labels").empty())
        throw input_error("--scores", "--labels FILE, the true classes", "none");
    if (predictions && score_kind(values))
        throw input_error("--predictions", "confidences in [0, 1], of which nothing needs to be said",
                          "what --scores are");
}

StageNumbers stage_numbers(const po::variables_map& values) {
    constexpr std::int64_t kMost = std::int64_t{1} << 53;
    const auto whole = [&](const char* name) { return number_list<std::int64_t>(values, name, 0, kMost); };
    return {whole("macs"), whole("parameter-bytes"), whole("activation-bytes"),
            number_list<double>(values, "energy-uj", 0, 1e15)};
}

LatencySource latency_of(const po::variables_map& values) {
    LatencySource source{text_option(values, "latency"), text_option(values, "unit"), list_option(values, "columns"),
                         values["cumulative"].as<bool>(), values["warmup"].as<int>()};
    if (source.warmup < 0) throw input_error("--warmup", "0 or more", std::to_string(source.warmup));
    return source;
}

}  // namespace

po::options_description import_options() {
    po::options_description options("options");
    const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
    const auto optional = [](const char* name) {
        return po::value<std::string>()->default_value("")->value_name(name);
    };
    auto add = options.add_options();
    add("latency", text("FILE")->required(), "times of the stages: one row a pass, one column a stage");
    add("unit,u", optional("UNIT"), "of these times: ns, us, ms, s; needed unless the names of the columns end in it");
    add("columns", optional("NAME,..."), "the columns of the stages, in order; default: all");
    add("cumulative", po::bool_switch(),
        "each column holds the time from the start of the pass to the end of the stage");
    add("warmup", po::value<int>()->default_value(0)->value_name("N"), "leave the first N rows out");
    add("dispatch", optional("NUMBER|FILE"),
        "what a stage costs beyond its latency, in the same unit: one number, or a file of one column");
    add("scores,s", optional("FILE"),
        "scores of the exits: array [samples][exits][classes], or members exit0, exit1, ... of a .npz");
    add("logits", po::bool_switch(),
        "they are scores before a softmax (default; rows that sum to 1 are refused unless this is said)");
    add("probabilities", po::bool_switch(), "they are probabilities");
    add("log-probabilities", po::bool_switch(), "they are natural logarithms of probabilities");
    add("labels,l", optional("FILE"), "true classes: array [samples], or a table of one column");
    add("predictions,p", optional("FILE"),
        "in place of scores: a table with columns prediction_0, confidence_0, prediction_1, ... and label");
    add("device-kind", optional("KIND"), "cpu, cuda or other: what ran it");
    add("device-name", optional("NAME"), "processor, GPU or accelerator");
    add("backend", optional("NAME"), "the library that ran the layers, with its version");
    add("threads", po::value<int>()->value_name("N"),
        "threads of the inference; default 1, and the trace says that nobody stated it");
    add("clock", optional("NAME"), "what timed it");
    add("network", optional("FILE.onnx"),
        "the network that ran: its name, hash, input, classes, parameters and the work of each stage are read from it");
    add("network-name", optional("NAME"), "default: of --network, else of the trace's file");
    add("input-shape", optional("N,..."), "channels, height, width");
    add("classes", po::value<int>()->default_value(0)->value_name("N"), "needed with --predictions");
    add("parameters", po::value<std::int64_t>()->default_value(0)->value_name("N"), "of the network");
    add("macs", optional("N,..."), "multiply-accumulates of each stage");
    add("parameter-bytes", optional("N,..."), "weights of each stage");
    add("activation-bytes", optional("N,..."), "what each stage hands to the next one");
    add("energy-uj", optional("X,..."), "microjoules of each stage");
    add("dataset", optional("NAME"),
        "where the inputs are from; `laxity check` and `live` look for a data set of that name");
    add("split", optional("NAME"), "which part of it: test, validation ...");
    add("out,o", text("TRACE.json")->required(), "the trace to write");
    declare_replace_option(options);
    return options;
}

ImportRequest import_request(const po::variables_map& values) {
    check_outcome_options(values);
    check_network_options(values);
    ImportRequest request;
    request.latency = latency_of(values);
    request.dispatch = text_option(values, "dispatch");
    request.scores = text_option(values, "scores");
    request.score_kind = score_kind(values);
    request.predictions = text_option(values, "predictions");
    request.labels = text_option(values, "labels");
    request.info = info_of(values);
    request.stages = stage_numbers(values);
    request.device = device_of(values);
    request.dataset = stated(values, "dataset");
    request.split = stated(values, "split");
    request.clock = stated(values, "clock");
    if (const std::string file = text_option(values, "network"); !file.empty())
        request.network = import_onnx(file);
    else if (request.info.name.empty())
        request.info.name = one_line(fs::path(text_option(values, "out")).stem().string());
    return request;
}

}  // namespace laxity
