// `laxity import` and `laxity check --file-only` from outside.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/run_laxity.hpp"
#include "traces/base/array_file.hpp"

using command_line::read_all;
using command_line::Result;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

Result run(const std::string& arguments) { return command_line::laxity(arguments); }

constexpr std::size_t kSamples = 40;

std::string gone(const std::string& path) {
    fs::remove(path);
    fs::remove(path + ".old");
    return path;
}

// Two exits, the second of which is right and sure of itself.
void write_files() {
    std::vector<float> scores;
    std::vector<std::int64_t> labels;
    for (std::size_t i = 0; i < kSamples; ++i) {
        labels.push_back(static_cast<std::int64_t>(i % 2));
        const float sure = 1 + static_cast<float>(i) / 10;
        for (const float score : {0.5F, i % 3 == 0 ? 0.F : 1.F, i % 2 == 0 ? sure : 0.F, i % 2 == 0 ? 0.F : sure})
            scores.push_back(score);
    }
    laxity::write_array("cli_scores.npy", std::vector<std::size_t>{kSamples, 2, 2}, scores);
    laxity::write_array("cli_labels.npy", std::vector<std::size_t>{kSamples}, labels);
    std::ofstream("cli_stages.csv") << "a,b\n1.25,2.5\n1.5,2.25\n1.75,2.125\n";
}

const std::string kFiles = "import --latency cli_stages.csv --scores cli_scores.npy --labels cli_labels.npy ";
const std::string kDevice = "--device-kind cuda --device-name 'a GPU' --backend 'TensorRT 8.6' ";

std::string refusal(const std::string& arguments) {
    write_files();
    const Result result = run(arguments + " -o " + gone("cli_never.json"));
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK_FALSE(fs::exists("cli_never.json"));
    return result.err;
}

}  // namespace

TEST_CASE("import writes a trace, says what is doubtful about it and what it lacks") {
    write_files();
    const Result result = run(kFiles + kDevice + "--unit ms -o " + gone("cli_imported.json"));
    INFO(result.err);
    REQUIRE(result.code == 0);
    CHECK_THAT(result.out, StartsWith("cli_imported on a GPU, TensorRT 8.6, from files\n") &&
                               ContainsSubstring("\nwrote cli_imported.json: ") &&
                               ContainsSubstring("\ndoubt: rows: 3 rows, fewer than 10") &&
                               ContainsSubstring("\nlacks: dispatch times: ") &&
                               ContainsSubstring("\nlacks: of the network: SHA-256, "));
    const Json trace = Json::parse(read_all("cli_imported.json"));
    CHECK(trace.at("latency_ns").at(0) == Json::parse("[1250000, 2500000]"));
    CHECK(trace.at("samples").at("dataset") == "not stated");
    CHECK(trace.at("device").at("details").at("threads") == "not stated");
    CHECK(trace.at("network").at("classes") == 2);
    const Result shown = run("show cli_imported.json");
    CHECK(shown.code == 0);
    CHECK_THAT(shown.out, ContainsSubstring("input not known, 2 classes, - parameters"));
}

TEST_CASE("check --file-only says the same, as lines and as JSON, and leaves the exit code 0") {
    write_files();
    REQUIRE(run(kFiles + kDevice + "--unit ms -o " + gone("cli_imported.json")).code == 0);
    const Result first = run("check cli_imported.json --file-only"),
                 second = run("check cli_imported.json --file-only");
    CHECK(first.code == 0);
    CHECK(first.out == second.out);
    CHECK_THAT(first.out, StartsWith("cli_imported.json: ") &&
                              ContainsSubstring(" in 3 rows of 2 stages and 40 samples\ndoubt: rows: "));
    const Json json = Json::parse(run("check cli_imported.json --file-only --json").out);
    CHECK(json.at("trace") == "cli_imported.json");
    CHECK(json.at("doubts").at(0).at("kind") == "rows");
    for (const char* key : {"where", "found", "meaning", "advice"}) CHECK(json.at("doubts").at(0).contains(key));
    CHECK(json.at("lacks").size() == 5);
    const Result mixed = run("check cli_imported.json --file-only --device cpu");
    CHECK(mixed.code == 2);
    CHECK_THAT(mixed.err, ContainsSubstring("--file-only: expected no options of the measurement, found --device"));
    const Result sound = run("check " LAXITY_SOURCE_DIR "/traces/fashion-ee-d3-cpu.json --file-only");
    CHECK_THAT(sound.out,
               ContainsSubstring(": nothing is doubtful in 5000 rows of 3 stages and 10000 samples\nlacks: "));
}

TEST_CASE("a trace that is there is kept, or moved aside") {
    write_files();
    const std::string command = kFiles + kDevice + "--unit ms -o " + gone("cli_imported.json");
    REQUIRE(run(command).code == 0);
    const std::string before = read_all("cli_imported.json");
    const Result refused = run(command);
    CHECK(refused.code == 2);
    CHECK_THAT(refused.err, ContainsSubstring("cli_imported.json: expected") && ContainsSubstring("add --replace"));
    CHECK(read_all("cli_imported.json") == before);
    CHECK(run(command + " --labels none.npy --replace").code == 2);
    CHECK_FALSE(fs::exists("cli_imported.json.old"));
    CHECK(run(command + " --replace").code == 0);
    CHECK(read_all("cli_imported.json.old") == before);
    const Result streamed = run(kFiles + kDevice + "--unit ms -o /dev/stdout 2>/dev/null");
    CHECK_NOTHROW(Json::parse(streamed.out));
}

TEST_CASE("what is not stated is asked for") {
    CHECK_THAT(
        refusal(kFiles + kDevice),
        ContainsSubstring("cli_stages.csv: expected one unit of the times, found none; give --unit ns, us, ms or s"));
    CHECK_THAT(refusal(kFiles + "--unit ms"),
               ContainsSubstring("import: expected what was measured: --device-kind, --device-name and --backend, "
                                 "found no --device-kind, no --device-name, no --backend; as in"));
    CHECK_THAT(refusal(kFiles + "--unit ms --device-kind gpu --device-name x --backend y"),
               ContainsSubstring("--device-kind: expected cpu, cuda or other, found \"gpu\""));
    CHECK_THAT(refusal("import --latency cli_stages.csv --unit ms " + kDevice),
               ContainsSubstring("expected either --scores with --labels, or --predictions, found neither"));
    CHECK_THAT(refusal("import --latency cli_stages.csv --unit ms --scores cli_scores.npy " + kDevice),
               ContainsSubstring("--scores: expected --labels FILE, the true classes, found none"));
    CHECK_THAT(refusal(kFiles + kDevice + "--predictions x.csv --unit ms"), ContainsSubstring("found both"));
    CHECK_THAT(refusal(kFiles + kDevice + "--unit ms --logits --probabilities"),
               ContainsSubstring("expected one of --logits, --probabilities, --log-probabilities"));
}

TEST_CASE("numbers of options are checked") {
    const std::string command = kFiles + kDevice + "--unit ms ";
    CHECK_THAT(refusal(command + "--warmup -1"), ContainsSubstring("--warmup: expected 0 or more, found -1"));
    CHECK_THAT(refusal(command + "--warmup 3"), ContainsSubstring("expected rows after the first 3"));
    CHECK_THAT(refusal(command + "--threads 0"), ContainsSubstring("--threads: expected 1 to 65536, found 0"));
    CHECK_THAT(refusal(command + "--classes 1"), ContainsSubstring("--classes: expected 2 or more, found 1"));
    CHECK_THAT(refusal(command + "--classes 3"), ContainsSubstring("expected 3 classes, as --classes says, found 2"));
    CHECK_THAT(refusal(command + "--macs 1,x"),
               ContainsSubstring("--macs: expected whole numbers from 0 on, as in 12,34, found \"x\""));
    CHECK_THAT(refusal(command + "--macs 1,2,3"),
               ContainsSubstring("--macs: expected 2 numbers, one for each stage, found 3"));
    CHECK_THAT(refusal(command + "--input-shape 0"),
               ContainsSubstring("--input-shape: expected whole numbers from 1 on"));
    CHECK_THAT(refusal(command + "--energy-uj nan,1"), ContainsSubstring("--energy-uj: expected numbers from 0 on"));
    CHECK_THAT(
        refusal(command + "--network " LAXITY_SOURCE_DIR "/workloads/models/fashion-ee.onnx"),
        ContainsSubstring("cli_stages.csv: expected 6 columns, one for each stage of fashion-ee, found 2 columns"));
    CHECK_THAT(refusal(command + "--network " LAXITY_SOURCE_DIR "/workloads/models/fashion-ee.onnx --macs 1,2"),
               ContainsSubstring("--macs: expected nothing that the file of --network says"));
}
