#include "profiler/measure/import_trace.hpp"

#include <functional>

#include "profiler/device/softmax.hpp"
#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/array_file.hpp"
#include "workloads/philox.hpp"

using namespace laxity;

namespace {

constexpr std::size_t kSamples = 60, kExits = 2, kClasses = 3;

float score(std::size_t i) { return static_cast<float>(6 * unit_interval(draw(3, Draw::kOther, 0, i)[0]) - 3); }

std::vector<float> scores() {
    std::vector<float> values;
    for (std::size_t i = 0; i < kSamples * kExits * kClasses; ++i) values.push_back(score(i));
    return values;
}

std::vector<std::int64_t> labels() {
    std::vector<std::int64_t> values;
    for (std::size_t i = 0; i < kSamples; ++i)
        values.push_back(static_cast<std::int64_t>(3 * unit_interval(draw(4, Draw::kOther, 0, i)[0])));
    return values;
}

// Files that fit each other, and what to make of them.
ImportRequest request() {
    write_array("import_scores.npy", std::vector<std::size_t>{kSamples, kExits, kClasses}, scores());
    write_array("import_labels.npy", std::vector<std::size_t>{kSamples}, labels());
    write_test_file("import_stages.csv", "stem_us,block_us\n1,2\n3,4\n5,6\n");
    ImportRequest request;
    request.latency = {.file = "import_stages.csv", .unit = "", .columns = {}, .cumulative = false, .warmup = 1};
    request.scores = "import_scores.npy";
    request.labels = "import_labels.npy";
    request.info = {"net", "", {}, 0, 0};
    request.device = {"other", "an accelerator", "its runtime 2.1", 1, {}};
    request.dataset = "a set";
    request.split = "test";
    request.clock = "events";
    return request;
}

std::string complaint(const std::function<void(ImportRequest&)>& change) {
    return error_of([&] {
        ImportRequest changed = request();
        change(changed);
        import_trace(changed);
    });
}

}  // namespace

TEST_CASE("a trace of imported files has what they say, and no more") {
    const Trace trace = import_trace(request());
    CHECK(trace.device.kind == "other");
    CHECK(trace.network.classes == 3);
    CHECK(trace.latency_ns == std::vector<std::int64_t>{3000, 4000, 5000, 6000});
    CHECK(trace.protocol.warmup == 1);
    CHECK(trace.protocol.runs == 2);
    CHECK(trace.protocol.clock == "events");
    CHECK(trace.stages[1].name == "block");
    CHECK(trace.stages[1].macs == 0);
    CHECK(trace.dispatch_ns.empty());
    CHECK_FALSE(trace.history.measured());
    CHECK_FALSE(trace.stalls);
    CHECK(trace.samples.count() == kSamples);
    CHECK_THAT(trace.device.details.at("imported latencies"),
               StartsWith("import_stages.csv (SHA-256 ") && ContainsSubstring("...), in us"));
    save_trace(trace, "imported.json");
    const Trace again = load_trace("imported.json");
    CHECK(again.samples.prediction == trace.samples.prediction);
    CHECK(again.network.input.empty());
    CHECK(again.device.details == trace.device.details);
}

TEST_CASE("imported scores are calibrated on the calibration half alone, as measured ones are") {
    const Trace trace = import_trace(request());
    Trace direct;
    for (const std::int64_t label : labels()) direct.samples.label.push_back(static_cast<std::int32_t>(label));
    ExitScores by_exit{kClasses, std::vector<std::vector<float>>(kExits)};
    const std::vector<float> all = scores();
    for (std::size_t i = 0; i < all.size(); ++i) by_exit.by_exit[i / kClasses % kExits].push_back(all[i]);
    calibrate(direct, by_exit);
    CHECK(trace.calibration.temperature == direct.calibration.temperature);
    CHECK(trace.calibration.fitted_on == "calibration half");
    CHECK(trace.samples.prediction == direct.samples.prediction);
    CHECK(trace.samples.confidence == direct.samples.confidence);

    ImportRequest other = request();
    std::vector<std::int64_t> changed = labels();
    for (const std::uint32_t i : replay_half(kSamples)) changed[i] = (changed[i] + 1) % 3;
    write_array("import_labels.npy", std::vector<std::size_t>{kSamples}, changed);
    CHECK(import_trace(other).calibration.temperature == trace.calibration.temperature);
    for (const std::uint32_t i : calibration_half(kSamples)) changed[i] = (changed[i] + 1) % 3;
    write_array("import_labels.npy", std::vector<std::size_t>{kSamples}, changed);
    CHECK(import_trace(other).calibration.temperature != trace.calibration.temperature);
}

TEST_CASE("predictions are taken as they are, at temperature 1") {
    std::string rows = "prediction_0,confidence_0,prediction_1,confidence_1,label\n";
    for (int i = 0; i < 20; ++i) rows += std::to_string(i % 3) + ",0.5,1,0.75," + std::to_string(i % 2) + "\n";
    ImportRequest from = request();
    from.scores.clear();
    from.labels.clear();
    from.predictions = write_test_file("import_answers.csv", rows);
    CHECK_THAT(error_of([&] { import_trace(from); }), ContainsSubstring("expected --classes N, 2 or more"));
    from.info.classes = 3;
    const Trace trace = import_trace(from);
    CHECK(trace.calibration.temperature == std::vector<double>{1, 1});
    CHECK(trace.calibration.fitted_on == "nothing: confidences as they were imported");
    CHECK(trace.outcome(4, 0).prediction == 1);
    CHECK(trace.outcome(4, 1).confidence == 0.75F);
    from.labels = "import_labels.npy";
    CHECK_THAT(error_of([&] { import_trace(from); }),
               ContainsSubstring("expected labels once: a column label, or --labels, found both"));
    from.info.classes = 2;
    from.labels.clear();
    CHECK_THAT(error_of([&] { import_trace(from); }),
               StartsWith("import_answers.csv: line 4, column prediction_0: expected a class from 0 to 1, found 2"));
}

TEST_CASE("numbers of the stages are taken over") {
    ImportRequest from = request();
    from.stages = {{10, 20}, {30, 40}, {50, 60}, {0.5, 1.5}};
    from.dispatch = "0.25";
    from.info.input = {3, 224, 224};
    from.info.parameters = 7;
    const Trace trace = import_trace(from);
    CHECK(trace.stages[1].macs == 20);
    CHECK(trace.stages[0].parameter_bytes == 30);
    CHECK(trace.stages[1].activation_bytes == 60);
    CHECK(trace.stages[1].energy_uj == 1.5);
    CHECK(trace.dispatch_ns == std::vector<std::int64_t>{250});
    CHECK(trace.network.input == std::vector<int>{3, 224, 224});
}

TEST_CASE("files that do not fit each other are refused") {
    CHECK_THAT(complaint([](ImportRequest& r) { r.latency.columns = {"stem_us"}; }),
               ContainsSubstring("import_scores.npy: expected 1 exit, one at the end of each stage, found 2"));
    CHECK_THAT(complaint([](ImportRequest& r) { r.info.classes = 4; }),
               ContainsSubstring("expected 4 classes, as --classes says, found 3"));
    CHECK_THAT(complaint([](ImportRequest& r) { r.stages.macs = {1}; }),
               ContainsSubstring("--macs: expected 2 numbers, one for each stage, found 1"));
    CHECK_THAT(complaint([](ImportRequest&) {
                   write_array("import_labels.npy", std::vector<std::size_t>{2}, std::vector<std::int64_t>{0, 1});
               }),
               ContainsSubstring("import_labels.npy: expected 60 labels, one for each sample, found 2"));
    CHECK_THAT(
        complaint([](ImportRequest&) {
            write_array("import_scores.npy", std::vector<std::size_t>{1, 2, 3}, std::vector<float>{1, 2, 3, 4, 5, 6});
        }),
        ContainsSubstring("expected 3 samples or more, some to calibrate with and some to replay, found 1"));
    CHECK_THAT(complaint([](ImportRequest& r) { r.dispatch = "-1"; }), ContainsSubstring("--dispatch"));
}
