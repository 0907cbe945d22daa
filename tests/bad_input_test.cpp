// What users get wrong, one row each: a minimal change to a valid file and the words that the error must say.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/json_reader.hpp"
#include "workloads/workload.hpp"

using namespace laxity;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kRemove = "(remove)";

const char* const kTrace = R"({
  "schema": "laxity.trace/1",
  "device": {"kind": "cpu", "name": "EPYC", "backend": "oneDNN", "threads": 1, "details": {"governor": "powersave"}},
  "network": {"name": "net", "sha256": "", "input": [1, 28, 28], "classes": 10, "parameters": 100},
  "protocol": {"warmup": 2, "runs": 2, "clock": "steady_clock", "created": "2024-01-01T00:00:00Z", "tool": "laxity"},
  "stages": [{"name": "a", "resource": "accelerator", "macs": 1, "parameter_bytes": 1, "activation_bytes": 1, "energy_uj": null},
             {"name": "b", "resource": "accelerator", "macs": 1, "parameter_bytes": 1, "activation_bytes": 1}],
  "latency_ns": [[100, 200], [101, 201]],
  "dispatch_ns": [5, 6],
  "host": {"preprocess_ns": [7, 8], "postprocess_ns": [3]},
  "corun": [{"resources": 2, "slowdown": [1.1, 1.2]}],
  "samples": {"dataset": "d", "split": "test", "label": [1, 2, 3], "prediction": [[1, 1], [2, 2], [0, 3]],
              "confidence": [[0.5, 0.6], [1, 0], [0.25, 0.75]]},
  "calibration": {"temperature": [1.5, 1], "fitted_on": "calibration half"}})";

const char* const kWorkload = R"({
  "schema": "laxity.workload/1",
  "resources": [{"name": "accelerator", "slots": 1}],
  "tasks": [
    {"name": "camera", "variants": [{"synthetic": {"stages": [1, 2], "unit": "ms", "accuracy": [0.5, 0.6]}}],
     "arrival": {"process": "poisson", "load": 0.8}, "deadline": {"uniform": [0.5, 4], "unit": "full"},
     "mandatory_stages": 1, "weight": 1},
    {"name": "control", "variants": [{"name": "v", "synthetic": {"stages": [1, 2], "unit": "ms", "accuracy": [0.5, 0.6]}}],
     "arrival": {"process": "periodic", "period": 20, "offset": 0, "jitter": 0, "unit": "ms"},
     "deadline": {"fixed": 20, "unit": "ms"}}],
  "horizon": {"jobs": 1000, "warmup_jobs": 10},
  "planning_quantile": 0.99,
  "energy": {"harvester": {"kind": "bursts", "power": 20, "power_unit": "mW", "on": 4, "off": 6, "slot": 1, "unit": "ms"},
             "capacitor": {"capacity": 0.2, "unit": "J"}, "active_power": 2, "power_unit": "W"},
  "replay": "rows"})";

const char* const kGenerated = R"({
  "schema": "laxity.workload/1",
  "resources": [{"name": "accelerator", "slots": 1}],
  "tasks": [
    {"name": "camera", "variants": [{"synthetic": {"stages": [1, 2], "unit": "ms", "accuracy": [0.5, 0.6]}}],
     "arrival": {"process": "poisson", "load": 0.1}, "deadline": {"uniform": [0.5, 4], "unit": "full"}, "copies": 2}],
  "generate": {"name": "set", "tasks": 4, "utilisation": 0.8, "method": "dirichlet-rescale",
               "min_task_utilisation": 0.05, "max_task_utilisation": 0.5,
               "periods": {"log_uniform": [10, 1000], "granularity": 2, "unit": "ms"},
               "deadlines": {"constrained": [0.7, 1]}, "stages": 3, "mandatory_stages": 2, "mandatory_share": [0.3, 0.6],
               "accuracy": [0.5, 0.6, 0.7], "arrival": "periodic", "offsets": "random"},
  "horizon": {"jobs": 1000}})";

// Sets the value at a pointer, or removes it.
struct Change {
    const char* pointer;
    const char* value;  // JSON, or kRemove
    const char* place;  // JSON pointer in the message
    const char* words;  // of the message
};

const std::vector<Change> kBadTraces = {
    {"/schema", R"("laxity.trace/3")", "/schema",
     R"(expected "laxity.trace/1" or "laxity.trace/2", found "laxity.trace/3")"},
    {"/schema", kRemove, "", R"(expected a trace, with "schema": "laxity.trace/1", found an object)"},
    {"/devices", "{}", "/devices", R"(unknown key; did you mean "device"?)"},
    {"/device", kRemove, "", R"(expected the key "device", found none)"},
    {"/device/kind", R"("gpu")", "/device/kind", R"(expected "cpu" or "cuda" or "other" or "synthetic", found "gpu")"},
    {"/device/name", "7", "/device/name", "expected a string, found 7"},
    {"/device/threads", "0", "/device/threads", "expected an integer in [1, 65536], found 0"},
    {"/device/details", R"({"clock": 3})", "/device/details/clock", "expected a string, found 3"},
    {"/network/sha256", R"("xyz")", "/network/sha256", "expected 64 lower-case hexadecimal digits"},
    {"/network/input", "[0]", "/network/input/0", "expected an integer in [1, 1000000000], found 0"},
    {"/network/classes", "2.5", "/network/classes", "expected an integer"},
    {"/network/classes", "1", "/network/classes", "found 1"},
    {"/protocol/runs", "3", "/latency_ns", "expected as many rows as /protocol/runs says: 3, found an array of 2"},
    {"/stages", "[]", "/stages", "expected an array of at least 1, found an array of 0"},
    {"/stages/1/name", R"("a")", "/stages/1/name", R"(expected a name of its own, found "a")"},
    {"/stages/0/name", R"("")", "/stages/0/name", "expected a name"},
    {"/stages/0/resource", R"("gpu")", "/stages/0/resource", R"(expected "accelerator" or "host", found "gpu")"},
    {"/stages/0/macs", "-1", "/stages/0/macs", "found -1"},
    {"/stages/0/mac", "1", "/stages/0/mac", R"(did you mean "macs"?)"},
    {"/stages/0/energy_uj", "-0.5", "/stages/0/energy_uj", "found -0.5"},
    {"/latency_ns", "{}", "/latency_ns", "expected an array, found an object"},
    {"/latency_ns/1", "[1]", "/latency_ns/1", "expected one value for each of the 2 stages, found an array of 1"},
    {"/latency_ns/1/0", "0", "/latency_ns/1/0", "expected an integer in [1, 999999999999], found 0"},
    {"/latency_ns/0/1", "1e12", "/latency_ns/0/1", "found 1000000000000.0"},
    {"/latency_ns/0/1", "100.5", "/latency_ns/0/1", "expected an integer"},
    {"/latency_ns/0/1", R"("1 ms")", "/latency_ns/0/1", R"(found "1 ms")"},
    {"/dispatch_ns/0", "-5", "/dispatch_ns/0", "found -5"},
    {"/host/preprocess_ns", kRemove, "/host", R"(expected the key "preprocess_ns", found none)"},
    {"/host/postprocess_ns", "[]", "/host/postprocess_ns", "expected 1 to 1000000 rows, found an array of 0"},
    {"/host/preprocess_ns/1", "0", "/host/preprocess_ns/1", "expected an integer in [1, 999999999999], found 0"},
    {"/host/postprocess", "[1]", "/host/postprocess", R"(did you mean "postprocess_ns"?)"},
    {"/corun/0/resources", "1", "/corun/0/resources", "found 1"},
    {"/corun/0/slowdown", "[1]", "/corun/0/slowdown", "expected one value for each stage"},
    {"/corun/0/slowdown/1", "0", "/corun/0/slowdown/1", "expected a number above 0, found 0"},
    {"/samples/label", "[1, 2]", "/samples/label", "expected at least 3 samples"},
    {"/samples/label/1", "10", "/samples/label/1", "expected an integer in [0, 9], found 10"},
    {"/samples/prediction", "[[1, 1], [2, 2]]", "/samples/prediction", "expected one row for each of the 3 labels"},
    {"/samples/prediction/2/1", "-1", "/samples/prediction/2/1", "expected an integer in [0, 9], found -1"},
    {"/samples/prediction/2", "3", "/samples/prediction/2", "expected an array, found 3"},
    {"/samples/confidence/0/0", "1.0001", "/samples/confidence/0/0", "expected a number in [0, 1], found 1.0001"},
    {"/samples/confidence/0/0", "null", "/samples/confidence/0/0", "found null"},
    {"/samples/confidence/0", "[0.5, 0.5, 0.5]", "/samples/confidence/0", "found an array of 3"},
    {"/calibration/temperature", "[1]", "/calibration/temperature",
     "expected one temperature for each of the 2 stages"},
    {"/calibration/temperature/0", "0", "/calibration/temperature/0", "expected a number above 0, found 0"},
};

const std::vector<Change> kBadWorkloads = {
    {"/schema", R"("laxity.trace/1")", "/schema", R"(expected "laxity.workload/1", found "laxity.trace/1")"},
    {"/task", "[]", "/task", R"(did you mean "tasks"?)"},
    {"/tasks", "[]", "/tasks", "expected an array of at least 1"},
    {"/tasks/0", "1", "/tasks/0", "expected an object, found 1"},
    {"/tasks/1/name", R"("camera")", "/tasks/1/name", "expected a name of its own"},
    {"/tasks/0/name", R"("a,b")", "/tasks/0/name", "expected a name of letters, digits"},
    {"/tasks/0/arival", "{}", "/tasks/0/arival", R"(did you mean "arrival"?)"},
    {"/tasks/0/weight", "0", "/tasks/0/weight", "expected a number above 0"},
    {"/tasks/0/mandatory_stages", "3", "/tasks/0/mandatory_stages", "expected an integer in [1, 2], found 3"},
    {"/tasks/0/shared_bytes", "-1", "/tasks/0/shared_bytes", "found -1"},
    {"/tasks/0/pipeline", "1", "/tasks/0/pipeline", "expected true or false, found 1"},
    {"/tasks/0/pipeline", "true", "/tasks/0/variants/0/synthetic", R"(needs the times "preprocess" and "postprocess")"},
    {"/tasks/0/variants/0/exit", "0", "/tasks/0/variants/0/exit", "only a variant of a pipeline has one"},
    {"/tasks/0/variants/0", "{}", "/tasks/0/variants/0", R"(expected exactly one of "trace" and "synthetic")"},
    {"/tasks/0/variants/0", R"({"trace": "no_such.json"})", "/tasks/0/variants/0/trace",
     "measure it with: laxity profile"},
    {"/tasks/0/variants/0/trace", R"("x")", "/tasks/0/variants/0",
     R"(expected exactly one of "trace" and "synthetic")"},
    {"/tasks/0/variants/0/synthetic/accuracy", "[0.5]", "/tasks/0/variants/0/synthetic/accuracy",
     "one accuracy for each of the 2"},
    {"/tasks/0/variants/0/synthetic/stages/0", "0", "/tasks/0/variants/0/synthetic/stages/0",
     "a time of at least 1 ns"},
    {"/tasks/0/variants/0/synthetic/unit", R"("full")", "/tasks/0/variants/0/synthetic/unit",
     R"(expected "ns" or "us" or "ms" or "s")"},
    {"/tasks/0/variants/0/synthetic/resources", R"(["host", "host"])", "/tasks/0/variants/0",
     R"(needs the resource "host"; add it to /resources)"},
    {"/tasks/0/arrival/process", R"("poison")", "/tasks/0/arrival/process", R"(did you mean "poisson"?)"},
    {"/tasks/0/arrival/load", "-1", "/tasks/0/arrival/load", "expected a number above 0, found -1"},
    {"/tasks/0/arrival/load", "1e-20", "/tasks/0/arrival/load", "expected a mean gap in [1 ns, 1e6 s]"},
    {"/tasks/0/arrival/load", kRemove, "/tasks/0/arrival", R"(expected exactly one of "load", "rate", "mean_gap")"},
    {"/tasks/0/arrival/rate", "3", "/tasks/0/arrival", R"(only one of "load" and "rate" can hold)"},
    {"/tasks/0/arrival/cv", "3", "/tasks/0/arrival/cv", "unknown key"},
    {"/tasks/0/arrival", R"({"process": "gamma", "load": 1, "cv": 0})", "/tasks/0/arrival/cv", "found 0"},
    {"/tasks/0/arrival", R"({"process": "closed", "clients": 0})", "/tasks/0/arrival/clients", "found 0"},
    {"/tasks/0/arrival", R"({"process": "closed", "clients": 2, "next": "repply"})", "/tasks/0/arrival/next",
     R"(did you mean "reply"?)"},
    {"/tasks/0/arrival", R"({"process": "log", "file": "no.csv", "unit": "s"})", "/tasks/0/arrival/file",
     "expected an existing file of times"},
    {"/tasks/0/arrival",
     R"({"process": "mmpp", "load": 1, "on_factor": 3, "on_sojourn": 1, "off_sojourn": 1, "unit": "s"})",
     "/tasks/0/arrival/on_factor", "at most (on_sojourn + off_sojourn) / on_sojourn = 2.0"},
    {"/tasks/0/arrival", R"({"process": "sporadic", "minimum_gap": 5, "load": 1, "unit": "ms"})",
     "/tasks/0/arrival/load", R"(a mean gap of at least "minimum_gap")"},
    {"/tasks/1/arrival/unit", kRemove, "/tasks/1/arrival", R"(expected the key "unit", found none)"},
    {"/tasks/1/arrival/unit", R"("min")", "/tasks/1/arrival/unit", R"(found "min")"},
    {"/tasks/1/arrival/jitter", "21", "/tasks/1/arrival/jitter", "expected at most the period"},
    {"/tasks/0/deadline", "5", "/tasks/0/deadline", "expected an object, found 5"},
    {"/tasks/0/deadline/uniform", "[4, 0.5]", "/tasks/0/deadline/uniform/1", "expected at least the shortest deadline"},
    {"/tasks/0/deadline/uniform", "[1, 2, 3]", "/tasks/0/deadline/uniform", "expected [shortest, longest]"},
    {"/tasks/0/deadline/fixed", "1", "/tasks/0/deadline", R"(only one of "fixed" and "uniform" can hold)"},
    {"/tasks/1/deadline/fixed", "1e12", "/tasks/1/deadline/fixed", "a time of at most 1e6 s"},
    {"/resources/0/slots", "0", "/resources/0/slots", "expected an integer in [1, 1024], found 0"},
    {"/resources/0/name", R"("npu")", "/resources/0/name", R"(expected "accelerator" or "host")"},
    {"/horizon", "{}", "/horizon", R"(expected "jobs" or "seconds" or both)"},
    {"/horizon/jobs", R"("many")", "/horizon/jobs", R"(found "many")"},
    {"/horizon/warmup_jobs", "1000", "/horizon/warmup_jobs", R"(fewer than "jobs")"},
    {"/planning_quantile", "99", "/planning_quantile", "expected a number in [0, 1], found 99"},
    {"/energy", "1", "/energy", "expected an object, found 1"},
    {"/energy/harvester", kRemove, "/energy", R"(expected the key "harvester", found none)"},
    {"/energy/harvester/kind", R"("sun")", "/energy/harvester/kind", R"(expected "persistent" or "solar")"},
    {"/energy/harvester/power", "0", "/energy/harvester/power", "expected a number above 0, found 0"},
    {"/energy/harvester/power", "2e6", "/energy/harvester/power", "expected at most 1000 W"},
    {"/energy/harvester/power_unit", R"("kW")", "/energy/harvester/power_unit", R"("uW" or "mW" or "W")"},
    {"/energy/harvester/of", "1", "/energy/harvester/of", "unknown key"},
    {"/energy/harvester/on", "0.5", "/energy/harvester/on", "expected a mean stay of at least one slot"},
    {"/energy/harvester/slot", "1e-6", "/energy/harvester/slot", "at least 1 uJ"},
    {"/energy/harvester/slot", "1e12", "/energy/harvester/slot", "a time in [1 ns, 1e6 s]"},
    {"/energy/harvester/unit", R"("full")", "/energy/harvester/unit", R"("us" or "ms" or "s")"},
    {"/energy/harvester", R"({"kind": "solar", "peak": 1, "power_unit": "W", "day": 10, "slot": 3, "unit": "s"})",
     "/energy/harvester/slot", "expected a whole number of slots in a day"},
    {"/energy/harvester",
     R"({"kind": "solar", "peak": 1, "power_unit": "W", "day": 10, "slot": 1, "unit": "s", "daylight": 0.01})",
     "/energy/harvester", R"(a "daylight")"},
    {"/energy/harvester",
     R"({"kind": "solar", "peak": 1, "power_unit": "W", "day": 10, "slot": 1, "unit": "s", "clouds": 1})",
     "/energy/harvester/clouds", "found 1"},
    {"/energy/harvester", R"({"kind": "record", "file": "no.csv", "power_unit": "W", "unit": "s"})",
     "/energy/harvester/file", "expected an existing file of times"},
    {"/energy/capacitor/capacity", "0", "/energy/capacitor/capacity", "expected a number above 0, found 0"},
    {"/energy/capacitor/capacity", "1e9", "/energy/capacitor/capacity", "expected an amount in [1 nJ, 1 MJ]"},
    {"/energy/capacitor/capacity", "1000", "/energy/capacitor/capacity", "1e6 slots of the harvester"},
    {"/energy/capacitor/capacity", "3e-3", "/energy/capacitor/capacity",
     "expected at least the 4000 uJ that stage camera/synthetic/stage1 takes"},
    {"/energy/capacitor/initial", "0.3", "/energy/capacitor/initial", "expected at most the capacity, found 0.3"},
    {"/energy/capacitor/turn_on", "-1", "/energy/capacitor/turn_on", "found -1"},
    {"/energy/capacitor/unit", R"("F")", "/energy/capacitor/unit", R"("uJ" or "mJ" or "J")"},
    {"/energy/active_power", kRemove, "/energy",
     R"(the trace has no energy for stage camera/synthetic/stage0; state an "active_power")"},
    {"/energy/power_unit", kRemove, "/energy", R"(expected the key "power_unit", found none)"},
    {"/tasks/0/confident_from", "80", "/tasks/0/confident_from", "expected a number in [0, 1], found 80"},
    {"/replay", R"("quantile:2")", "/replay", R"("quantile:Q" with Q in [0, 1])"},
};

const std::vector<Change> kBadGenerated = {
    {"/tasks/0/copies", "0", "/tasks/0/copies", "expected an integer in [1, 10000], found 0"},
    {"/tasks/0/copies", "1.5", "/tasks/0/copies", "expected an integer"},
    {"/tasks/0/name", R"("set")", "/generate", R"(expected a name of its own, found "set1")"},
    {"/generate", "[]", "/generate", "expected an object"},
    {"/generate/task", "4", "/generate/task", R"(unknown key; did you mean "tasks"?)"},
    {"/generate/name", R"("a b")", "/generate/name", "expected a name of letters, digits"},
    {"/generate/tasks", "0", "/generate/tasks", "expected an integer in [1, 1000], found 0"},
    {"/generate/tasks", kRemove, "/generate", R"(expected the key "tasks", found none)"},
    {"/generate/utilisation", kRemove, "/generate", R"(expected the key "utilisation", found none)"},
    {"/generate/utilisation", "0", "/generate/utilisation", "expected a number above 0, found 0"},
    {"/generate/utilisation", "0.1", "/generate/utilisation",
     "expected a sum of 4 utilisations in the bounds of a task, from 0.2 to 2.0, found 0.1"},
    {"/generate/utilisation", "2.1", "/generate/utilisation", "from 0.2 to 2.0, found 2.1"},
    {"/generate/min_task_utilisation", "-0.1", "/generate/min_task_utilisation", "found -0.1"},
    {"/generate/max_task_utilisation", "0.04", "/generate/max_task_utilisation",
     "expected a number in [0.05, 1], found 0.04"},
    {"/generate/max_task_utilisation", "2", "/generate/max_task_utilisation", "found 2"},
    {"/generate/method", R"("uunifast")", "/generate/method",
     R"(expected "uunifast-discard" or "dirichlet-rescale", found "uunifast")"},
    {"/generate/periods", kRemove, "/generate", R"(expected the key "periods", found none)"},
    {"/generate/periods", R"({"unit": "ms"})", "/generate/periods",
     R"(expected exactly one of "log_uniform" and "choose")"},
    {"/generate/periods/choose", "[1]", "/generate/periods", R"(expected exactly one of "log_uniform" and "choose")"},
    {"/generate/periods", R"({"choose": [], "unit": "ms"})", "/generate/periods/choose",
     "expected an array of at least 1"},
    {"/generate/periods", R"({"choose": [10, 0], "unit": "ms"})", "/generate/periods/choose/1",
     "expected a number above 0, found 0"},
    {"/generate/periods/unit", R"("full")", "/generate/periods/unit", R"(expected "ns" or "us" or "ms" or "s")"},
    {"/generate/periods/log_uniform", "[10]", "/generate/periods/log_uniform", "expected [shortest, longest]"},
    {"/generate/periods/log_uniform", "[100, 10]", "/generate/periods/log_uniform/1",
     "expected at least the shortest period, found 10"},
    {"/generate/periods/log_uniform/0", "11", "/generate/periods/log_uniform/0",
     "expected a multiple of the granularity, found 11"},
    {"/generate/periods/log_uniform/1", "1e7", "/generate/periods/log_uniform/1", "expected a period of 1 us to 999 s"},
    {"/generate/periods/granularity", "0", "/generate/periods/granularity", "expected a number above 0, found 0"},
    {"/generate/deadlines", R"("explicit")", "/generate/deadlines", R"(expected "implicit", found "explicit")"},
    {"/generate/deadlines/constrained", "[0.5, 1.5]", "/generate/deadlines/constrained/1",
     "expected a number in [0, 1], found 1.5"},
    {"/generate/deadlines/constrained", "[0.9, 0.5]", "/generate/deadlines/constrained/1",
     "expected at least the first value, found 0.5"},
    {"/generate/stages", "17", "/generate/stages", "expected an integer in [1, 16], found 17"},
    {"/generate/mandatory_stages", "4", "/generate/mandatory_stages", "expected an integer in [1, 3], found 4"},
    {"/generate/mandatory_stages", "3", "/generate/mandatory_share", "all stages are mandatory: remove this key"},
    {"/generate/mandatory_share", "1", "/generate/mandatory_share", "expected a share above 0 and below 1, found 1"},
    {"/generate/mandatory_share", "[0.4]", "/generate/mandatory_share", "expected [least, most]"},
    {"/generate/mandatory_share", "[0, 0.4]", "/generate/mandatory_share/0", "found 0"},
    {"/generate/accuracy", "[0.5]", "/generate/accuracy", "expected one accuracy for each of the 3 stages"},
    {"/generate/accuracy/1", "60", "/generate/accuracy/1", "expected a number in [0, 1], found 60"},
    {"/generate/arrival", R"("poisson")", "/generate/arrival", R"(expected "periodic" or "sporadic")"},
    {"/generate/arrival", R"("sporadic")", "/generate/offsets", "only periodic tasks have offsets"},
    {"/generate/mean_extra", "0.1", "/generate/mean_extra", R"(only for "arrival": "sporadic")"},
    {"/generate/offsets", R"("none")", "/generate/offsets", R"(expected "synchronous" or "random", found "none")"},
    {"/resources/0/name", R"("host")", "/tasks/0/variants/0", R"(needs the resource "accelerator")"},
    {"/horizon", kRemove, "", R"(expected the key "horizon", found none)"},
};

// Overrides of the valid workload, and what is said of them.
struct BadOverride {
    const char* option;
    const char* place;
    const char* words;
};

const std::vector<BadOverride> kBadOverrides = {
    {"/tasks/0/arrival", "--set", "expected /json/pointer=value, found \"/tasks/0/arrival\""},
    {"load=1", "--set", "expected /json/pointer=value, found \"load=1\""},
    {"/=1", "--set /", "expected a JSON pointer"},
    {"/tasks/2/weight=1", "--set /tasks/2/weight=1", "expected an index below 2, found \"2\""},
    {"/tasks/x/weight=1", "--set /tasks/x/weight=1", "expected an index below 2, found \"x\""},
    {"/tasks/0/arival/load=1", "--set /tasks/0/arival/load=1", "found \"arival\"; did you mean \"arrival\"?"},
    {"/schema/x=1", "--set /schema/x=1", "expected a key within an object or array, found \"x\""},
    {"/replay/x=1", "bad_input.json: /replay/x", "unknown key; known here: mode history path stalls decisions"},
    {"/a~2b=1", "--set /a~2b", "expected ~0 or ~1 after the ~"},
    {"/tasks/0/weight=heavy", "bad_input.json: /tasks/0/weight", "expected a number above 0, found \"heavy\""},
    {"/tasks/0/wieght=1", "bad_input.json: /tasks/0/wieght", "did you mean \"weight\"?"},
};

// Texts that are no JSON document at all.
const std::vector<const char*> kBadTexts = {"",           "{",
                                            "[1, 2",      "null",
                                            "[]",         "7",
                                            "\"text\"",   "{\"schema\": }",
                                            "\xff\xfe{}", "{\"schema\": \"laxity.trace/1\" \"device\": 1}",
                                            "<xml/>",     "a,b,c\n1,2,3\n"};

std::string changed(const char* valid, const Change& change) {
    Json document = Json::parse(valid);
    const Json::json_pointer pointer(change.pointer);
    if (std::string_view(change.value) == kRemove) {
        document[pointer.parent_pointer()].erase(pointer.back());
    } else {
        document[pointer] = Json::parse(change.value);
    }
    return document.dump();
}

void check_message(const std::string& what, const std::string& place, const std::string& words) {
    CHECK_THAT(what, StartsWith(place));
    CHECK_THAT(what, ContainsSubstring(words));
    CHECK(std::count(what.begin(), what.end(), '\n') == 0);
    CHECK(what.size() < 400);
}

void check_rejected(const char* valid, const std::vector<Change>& changes, const std::function<void()>& load) {
    REQUIRE(error_of([&] { write_test_file("bad_input.json", valid), load(); }).empty());
    for (const Change& change : changes) {
        INFO(change.pointer << " = " << change.value);
        write_test_file("bad_input.json", changed(valid, change));
        const std::string pointer = *change.place == '\0' ? "" : std::string(": ") + change.place;
        check_message(error_of(load), "bad_input.json" + pointer + ": ", change.words);
    }
}

}  // namespace

TEST_CASE("bad traces are refused with their place") {
    check_rejected(kTrace, kBadTraces, [] { load_trace("bad_input.json"); });
}

TEST_CASE("bad workloads are refused with their place") {
    check_rejected(kWorkload, kBadWorkloads, [] { load_workload("bad_input.json"); });
}

TEST_CASE("bad generated workloads are refused with their place") {
    check_rejected(kGenerated, kBadGenerated, [] { load_workload("bad_input.json"); });
}

TEST_CASE("a set that can't be drawn says what to widen") {
    const auto error = [](const std::vector<Override>& overrides) {
        write_test_file("bad_input.json", kGenerated);
        return error_of([&] { load_workload("bad_input.json", overrides, nullptr, 3); });
    };
    const Override discard{"/generate/method", "uunifast-discard"}, most{"/generate/max_task_utilisation", "0.2000001"};
    check_message(error({discard, most}), "bad_input.json: /generate/utilisation: ",
                  R"(of 100000 draws for seed 3 none had every task within)");
    check_message(error({discard, most}), "bad_input.json", R"(or take "method": "dirichlet-rescale")");
    CHECK(error({most}).empty());
    check_message(error({{"/resources/0/name", "host"}, {"/tasks", "[]"}}), "bad_input.json: /generate: ",
                  R"(generated tasks need the resource "accelerator"; add it to /resources)");
}

TEST_CASE("bad overrides are refused and name the option") {
    write_test_file("bad_input.json", kWorkload);
    for (const BadOverride& row : kBadOverrides) {
        INFO(row.option);
        check_message(error_of([&] { load_workload("bad_input.json", {parse_override(row.option)}); }), row.place,
                      row.words);
    }
}

TEST_CASE("what is no JSON object is refused") {
    for (const char* text : kBadTexts) {
        INFO(text);
        write_test_file("bad_input.json", text);
        check_message(error_of([] { load_trace("bad_input.json"); }), "bad_input.json: ", "");
        check_message(error_of([] { load_workload("bad_input.json"); }), "bad_input.json: ", "");
    }
}

TEST_CASE("variants of one task share their samples") {
    write_test_file("bad_input_trace.json", kTrace);
    const Change change{"/tasks/0/variants/1", R"({"trace": "bad_input_trace.json"})", "", ""};
    write_test_file("bad_input.json", changed(kWorkload, change));
    check_message(error_of([] { load_workload("bad_input.json"); }),
                  "bad_input.json: /tasks/0/variants/1: ", "its labels differ from the first variant's");
}

TEST_CASE("variants of one task have names of their own") {
    const Change change{"/tasks/1/variants/1",
                        R"({"name": "v", "synthetic": {"stages": [1], "unit": "ms", "accuracy": [1]}})", "", ""};
    write_test_file("bad_input.json", changed(kWorkload, change));
    check_message(error_of([] { load_workload("bad_input.json"); }),
                  "bad_input.json: /tasks/1/variants/1: ", "another variant is called \"v\" too");
}

TEST_CASE("a bad log of arrivals names its line") {
    const Change change{"/tasks/0/arrival", R"({"process": "log", "file": "bad_input.csv", "unit": "ms"})", "", ""};
    write_test_file("bad_input.json", changed(kWorkload, change));
    const auto error = [](const std::string& csv) {
        write_test_file("bad_input.csv", csv);
        return error_of([] { load_workload("bad_input.json"); });
    };
    check_message(error("time\n1\nx\n"), "bad_input.csv: line 3, column time: ", "expected a time, found \"x\"");
    check_message(error("1\n-1\n"), "bad_input.csv: line 2, column 1: ", "found \"-1\"");
    check_message(error("1\n3\n2\n"), "bad_input.csv: line 3, column 1: ", "expected ascending times, found \"2\"");
    check_message(error("1\nnan\n"), "bad_input.csv: line 2, column 1: ", "found \"nan\"");
    check_message(error("time\n"), "bad_input.csv: ", "expected at least one time");
}

TEST_CASE("a bad recording of power names its line") {
    const Change change{"/energy/harvester",
                        R"({"kind": "record", "file": "bad_input.csv", "power_unit": "W", "unit": "s"})", "", ""};
    write_test_file("bad_input.json", changed(kWorkload, change));
    const auto error = [](const std::string& csv) {
        write_test_file("bad_input.csv", csv);
        return error_of([] { load_workload("bad_input.json"); });
    };
    CHECK(error("time,power\n0,1\n2,0\n").empty());
    check_message(error("time,power\n0,1\n1\n"), "bad_input.csv: line 3: ", "expected 2 fields");
    check_message(error("0,1\n-1,1\n"), "bad_input.csv: line 2, column 1: ", "found \"-1\"");
    check_message(error("0,1\n0,2\n"), "bad_input.csv: line 2, column 1: ", "expected a later time than the line before");
    check_message(error("0,1\n1,1001\n"), "bad_input.csv: line 2, column 2: ", "expected a power in [0, 1000 W]");
    check_message(error("0,1\n1,nan\n"), "bad_input.csv: line 2, column 2: ", "expected a number");
    check_message(error("0,1\n"), "bad_input.csv: ", "expected at least two lines of time,power");
    check_message(error("0,0\n1,5\n"), "bad_input.json: /energy/harvester/file: ", "a recording with some power");
}

// Whatever one character is changed to, a file is either accepted or refused in one line.
TEST_CASE("damaged files load or are refused, nothing else") {
    const auto damage = [](const std::string& valid, const std::function<void()>& load) {
        constexpr std::string_view kCharacters("\0\"]{-9\xff", 7);
        std::size_t refused = 0;
        for (std::size_t at = 0; at < valid.size(); ++at) {
            std::string text = valid;
            text[at] = kCharacters[at % kCharacters.size()];
            write_test_file("bad_input.json", text);
            const std::string what = error_of(load);
            REQUIRE(std::count(what.begin(), what.end(), '\n') == 0);
            refused += what.empty() ? 0 : 1;
        }
        return refused;
    };
    const std::string trace = Json::parse(kTrace).dump(), workload = Json::parse(kWorkload).dump(),
                      generated = Json::parse(kGenerated).dump();
    CHECK(damage(generated, [] { load_workload("bad_input.json"); }) > generated.size() / 2);
    CHECK(damage(trace, [] { load_trace("bad_input.json"); }) > trace.size() / 2);
    CHECK(damage(workload, [] { load_workload("bad_input.json"); }) > workload.size() / 2);
}
