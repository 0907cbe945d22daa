#include "sim/results/inputs.hpp"

#include <filesystem>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/sha256.hpp"
#include "traces/trace.hpp"
#include "workloads/workload.hpp"

using namespace laxity;

namespace {

// A workload that reads a trace, a log of arrivals and a recording of power; a second task has no file.
std::string workload_of_files() {
    const std::vector<Duration> times = {Duration(1'000'000)};
    const std::vector<double> accuracy = {0.9};
    Trace trace = synthetic_trace("measured", times, accuracy);
    trace.device.kind = "cpu";
    save_trace(trace, "inputs_trace.json");
    write_test_file("inputs_log.csv", "time\n1\n2\n9\n");
    write_test_file("inputs_power.csv", "time,power\n0,1\n2,1\n");
    return write_test_file("inputs_workload.json", R"({"schema": "laxity.workload/1", "tasks": [
        {"name": "a", "variants": [{"trace": "inputs_trace.json"}], "deadline": {"fixed": 9, "unit": "ms"},
         "arrival": {"process": "log", "file": "inputs_log.csv", "unit": "ms"}},
        {"name": "b", "variants": [{"synthetic": {"stages": [1], "unit": "ms", "accuracy": [1]}}],
         "deadline": {"fixed": 9, "unit": "ms"}, "arrival": {"process": "poisson", "load": 0.1}}],
        "energy": {"harvester": {"kind": "record", "file": "inputs_power.csv", "power_unit": "W", "unit": "s"},
                   "capacitor": {"capacity": 1, "unit": "J"}, "active_power": 1, "power_unit": "W"},
        "horizon": {"jobs": 10}})");
}

}  // namespace

TEST_CASE("a workload names every file that it was read from, and no other") {
    const Workload workload = load_workload(workload_of_files());
    CHECK(input_files(workload) ==
          std::vector<std::string>{"inputs_log.csv", "inputs_power.csv", "inputs_trace.json", "inputs_workload.json"});
}

TEST_CASE("files are known by what they hold, not by when they were written") {
    const InputHashes then = hashes_of(input_files(load_workload(workload_of_files())));
    CHECK(then.at("inputs_log.csv") == sha256("time\n1\n2\n9\n"));
    CHECK(changed(then) == "");
    workload_of_files();  // the same bytes, written again
    CHECK(changed(then) == "");
    for (const std::string file : {"inputs_log.csv", "inputs_power.csv", "inputs_trace.json", "inputs_workload.json"}) {
        workload_of_files();
        write_test_file(file, read_file(file) + " ");
        CHECK(changed(then) == file + " has changed");
        std::filesystem::remove(file);
        CHECK(changed(then) == file + " is gone");
    }
}

TEST_CASE("two lists of inputs say which file makes the difference") {
    const InputHashes then = {{"a", "1"}, {"b", "2"}};
    CHECK(changed(then, then) == "");
    CHECK(changed(then, {{"a", "1"}, {"b", "3"}}) == "b has changed");
    CHECK(changed(then, {{"b", "2"}}) == "a is not used any more");
    CHECK(changed(then, {{"a", "1"}, {"b", "2"}, {"c", "3"}}) == "c is new");
}

TEST_CASE("an input that can't be read is named") {
    CHECK_THAT(error_of([] { hashes_of({"no_such_input"}); }), StartsWith("no_such_input: "));
}
