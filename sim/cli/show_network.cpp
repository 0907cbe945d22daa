#include "sim/cli/show_network.hpp"

#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "profiler/onnx/onnx_import.hpp"
#include "profiler/open_device.hpp"
#include "sim/cli/network_options.hpp"
#include "sim/cli/text_table.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

std::int64_t all_macs(const Network& network) {
    std::int64_t sum = 0;
    for (const Stage& stage : network.stages()) sum += stage.macs;
    return sum;
}

std::string in_millions(std::int64_t count) { return fixed(static_cast<double>(count) * 1e-6, 3); }
std::string in_kib(std::int64_t bytes) { return fixed(static_cast<double>(bytes) / 1024, 1); }

std::int64_t bytes_of(const Layer& layer) { return layer.shape.elements() * 4; }

// How many layers there are of each operation, after constants were folded and passes run.
std::map<std::string, int> operations(const Network& network) {
    std::map<std::string, int> counts;
    for (const Stage& stage : network.stages())
        for (const int layer : stage.layers) ++counts[operation_name(network.layer(layer).operation)];
    return counts;
}

template <class Counts>
std::string listed(const Counts& counts) {
    std::string text;
    for (const auto& [name, count] : counts)
        text += (text.empty() ? "" : ", ") + one_line(name) + " " + std::to_string(count);
    return text.empty() ? "none" : text;
}

// Why a device can't run the network; empty if it can.
std::string device_refusal(const std::string& device, const Network& network) {
    try {
        open_device(device)->prepare(network, {});
        return {};
    } catch (const InputError& error) {
        return error.what();
    } catch (const DeviceError& error) {
        return error.what();
    }
}

std::map<std::string, std::string> device_refusals(const Network& network) {
    std::map<std::string, std::string> refusals;
    for (const char* device : {"cpu", "cuda"}) refusals[device] = device_refusal(device, network);
    return refusals;
}

// --- For people ---

void print_stages(std::ostream& out, const OnnxImport& import) {
    const Network& network = import.network;
    TextTable table("lrrrrl", {"stage", "layers", "MACs", "parameters", "carried", "exit"},
                    {"", "", "millions", "", "KiB", ""});
    for (std::size_t k = 0; k < network.stages().size(); ++k) {
        const Stage& stage = network.stages()[k];
        table.add({std::to_string(k), std::to_string(stage.layers.size()), in_millions(stage.macs),
                   std::to_string(stage.parameter_bytes / 4), in_kib(stage.activation_bytes),
                   one_line(import.report.exits[k])});
    }
    table.print(out);
}

void print_cuts(std::ostream& out, const Network& network) {
    TextTable table("lrlr", {"past stage", "layer", "shape", "carried"}, {"", "", "", "KiB"});
    for (std::size_t k = 0; k + 1 < network.stages().size(); ++k)
        for (const int carried : network.stages()[k].carried) {
            const Layer& layer = network.layer(carried);
            table.add({std::to_string(k), one_line(layer.name), layer.shape.text(), in_kib(bytes_of(layer))});
        }
    if (network.stages().size() > 1) table.print(out << "\nwhat crosses the cuts\n");
}

void print_devices(std::ostream& out, const Network& network) {
    for (const auto& [device, refusal] : device_refusals(network))
        out << "on " << device << ": " << (refusal.empty() ? "every layer runs" : refusal) << "\n";
}

void print_report(std::ostream& out, const OnnxReport& report) {
    out << "operators in the file (opset " << report.opset << "): " << listed(report.operators) << "\n"
        << "folded: " << report.folded << " operations on constants; left out: " << report.unneeded
        << " nodes that no exit needs\n";
    for (const std::string& remark : report.remarks) out << "note: " << one_line(remark) << "\n";
}

// --- For programs ---

Json stage_json(const OnnxImport& import, std::size_t k) {
    const Stage& stage = import.network.stages()[k];
    Json json = {{"exit", one_line(import.report.exits[k])},
                 {"layers", stage.layers.size()},
                 {"macs", stage.macs},
                 {"parameter_bytes", stage.parameter_bytes},
                 {"activation_bytes", stage.activation_bytes},
                 {"carried", Json::array()}};
    for (const int carried : stage.carried) {
        const Layer& layer = import.network.layer(carried);
        json["carried"].push_back(
            {{"name", one_line(layer.name)}, {"shape", layer.shape.extents()}, {"bytes", bytes_of(layer)}});
    }
    return json;
}

Json counts_json(const std::vector<std::pair<std::string, int>>& counts) {
    Json json = Json::object();
    for (const auto& [name, count] : counts) json[one_line(name)] = count;
    return json;
}

}  // namespace

bool is_network_path(const std::string& path) { return path.ends_with(".onnx"); }

void print_network(std::ostream& out, const OnnxImport& import) {
    const Network& network = import.network;
    out << one_line(network.name()) << ": input " << network.input_shape().without_batch().text() << ", "
        << network.classes() << " classes, " << network.parameters() << " parameters, "
        << in_millions(all_macs(network)) << " million multiply-accumulates\n\n";
    print_stages(out, import);
    print_cuts(out, network);
    out << "\nlayers: " << listed(operations(network)) << "\n";
    print_report(out, import.report);
    print_devices(out, network);
}

std::string network_summary_json(const OnnxImport& import) {
    const auto& [network, report] = import;
    Json json = {{"file", one_line(network.origin().file)},
                 {"name", one_line(network.name())},
                 {"sha256", network.origin().sha256},
                 {"input", network.input_shape().without_batch().extents()},
                 {"classes", network.classes()},
                 {"parameters", network.parameters()},
                 {"macs", all_macs(network)},
                 {"opset", report.opset},
                 {"operators", counts_json(report.operators)},
                 {"layers", operations(network)},
                 {"folded", report.folded},
                 {"unneeded", report.unneeded},
                 {"remarks", Json::array()},
                 {"stages", Json::array()},
                 {"cannot_run", Json::object()}};
    for (const std::string& remark : report.remarks) json["remarks"].push_back(one_line(remark));
    for (std::size_t k = 0; k < network.stages().size(); ++k) json["stages"].push_back(stage_json(import, k));
    for (const auto& [device, refusal] : device_refusals(network))
        if (!refusal.empty()) json["cannot_run"][device] = one_line(refusal);
    return json.dump(2) + "\n";
}

void show_network(std::ostream& out, const std::string& path, const boost::program_options::variables_map& values) {
    const OnnxImport import = read_onnx(path, network_options(values));
    if (values.count("dot") != 0) {
        draw_network(out, import.network);
    } else if (values.count("json") != 0) {
        out << network_summary_json(import);
    } else {
        print_network(out, import);
    }
}

}  // namespace laxity
