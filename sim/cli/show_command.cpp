#include <iostream>

#include "sim/cli/command.hpp"
#include "sim/cli/network_options.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/cli/show.hpp"
#include "sim/cli/show_network.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

namespace po = boost::program_options;

bool is_workload(const std::string& path) {
    const auto document = read_json_file(path, profile_advice(path));
    const auto schema = document.is_object() ? document.find("schema") : document.end();
    return schema != document.end() && *schema == "laxity.workload/1";
}

template <class Shown, class Print, class ToJson>
void show(const Shown& shown, bool as_json, Print print, ToJson to_json) {
    if (as_json) {
        std::cout << to_json(shown);
    } else {
        print(std::cout, shown);
    }
}

// Options that only some files have: refused, not ignored, with the others.
void refuse_options(const po::variables_map& values, std::initializer_list<const char*> names, const char* wanted,
                    const std::string& path) {
    for (const char* name : names)
        if (values.count(name) != 0 && !values[name].defaulted())
            throw input_error("--" + std::string(name), wanted, path);
}

po::options_description show_options() {
    po::options_description options("options");
    options.add_options()("file", po::value<std::string>()->required()->value_name("FILE"),
                          "a trace, a workload or a network (.onnx); may be given without --file")(
        "json", "print JSON")("dot", "draw a network's layers, for Graphviz")(
        "seed,s", po::value<std::int64_t>()->default_value(1)->value_name("N"), "seed of generated tasks")(
        "set", po::value<std::vector<std::string>>()->composing()->value_name("/POINTER=VALUE"),
        "change a value of the workload; may be repeated");
    declare_network_options(options);
    return options;
}

}  // namespace

int show_command(const Arguments& arguments) {
    const auto values = parse_options(arguments, "laxity show FILE [options]", show_options(),
                                      "examples:\n"
                                      "  laxity show traces/fashion-ee-cpu.json\n"
                                      "  laxity show workloads/scenarios/mixed.json --set /tasks/0/arrival/load=0.5\n"
                                      "  laxity show workloads/models/fashion-ee.onnx --dot | dot -Tsvg -o net.svg\n"
                                      "  laxity show workloads/scenarios/task-sets.json --seed 7\n",
                                      "file");
    if (!values) return kExitOk;
    const auto path = (*values)["file"].as<std::string>();
    if (is_network_path(path)) {
        refuse_options(*values, {"set", "seed"}, "a workload", path);
        show_network(std::cout, path, *values);
        return kExitOk;
    }
    refuse_options(*values, {"dot", "input-shape", "exits"}, "a network (.onnx)", path);
    const bool as_json = values->count("json") != 0;
    const std::vector<Override> overrides = override_options(*values);
    if (is_workload(path)) {
        show(load_workload(path, overrides, nullptr, seed_option(*values)), as_json, print_workload,
             workload_summary_json);
    } else {
        if (!overrides.empty()) throw input_error("--set", "a workload to change", path);
        if (!(*values)["seed"].defaulted()) throw input_error("--seed", "a workload with generated tasks", path);
        show(load_trace(path), as_json, print_trace, trace_summary_json);
    }
    return kExitOk;
}

}  // namespace laxity
