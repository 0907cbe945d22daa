#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/trace.hpp"
#include "workloads/philox.hpp"

using namespace laxity;

namespace {

Trace measured_trace() {
    Trace trace;
    trace.device = {"cpu", "AMD EPYC \"9R14\"", "oneDNN 2.6.3", 2, {{"governor", "performance"}, {"pinning", "π"}}};
    trace.network = {"net", std::string(64, 'a'), {1, 28, 28}, 10, 693000};
    trace.protocol = {200, 3, "steady_clock", "2024-01-02T03:04:05Z", "laxity 0.1"};
    trace.stages = {{"stage0", "accelerator", 1234567, 10, 20, 0.1}, {"stage1", "host", 7, 8, 9, std::nullopt}};
    trace.latency_ns = {22001, 113002, 22003, 999'999'999'999, 1, 113006};
    trace.device_ns = {1, 2, 3, 4, 5, 999'999'999'999};
    trace.dispatch_ns = {0, 1500, 1600};
    trace.host = {{410, 1}, {118, 999'999'999'999, 117}};
    trace.corun = {{2, {1.25, 1.5}}, {3, {1.75, 2.0}}};
    trace.samples = {"fashion-mnist", "test", {}, {}, {}};
    for (std::uint32_t i = 0; i < 8; ++i) {
        trace.samples.label.push_back(static_cast<int>(i));
        for (std::uint32_t exit = 0; exit < 2; ++exit) {
            const PhiloxBlock words = draw(1, Draw::kOther, exit, i);
            trace.samples.prediction.push_back(static_cast<int>(below(words[0], 10)));
            trace.samples.confidence.push_back(static_cast<float>(unit_interval(words[1])));
        }
    }
    trace.calibration = {{1.0 / 3, 1.7}, "calibration half"};
    return trace;
}

// With what schema laxity.trace/2 adds.
Trace trace_with_history() {
    Trace trace = measured_trace();
    constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();
    trace.history.schedule = "drawn at random";
    trace.history.explained = 0.1 + 0.2;
    trace.history.cells = {{{0, kNoLimit, 0, 3000, std::nullopt, 2},
                            {0, 1000, 3000, kNoLimit, std::nullopt, 1},
                            {1000, kNoLimit, 3000, kNoLimit, std::nullopt, 1}},
                           {{0, kNoLimit, 0, kNoLimit, false, 1}, {0, kNoLimit, 0, kNoLimit, true, 1}}};
    trace.history.executions = {{0, {Duration(5000), 0, false}, Duration(22001), Duration(310), Duration(0), false},
                                {1, {Duration(0), 30, true}, Duration(113002), Duration(290), Duration(180), false},
                                {0, {Duration(0), 3000, false}, Duration(22003), Duration(0), Duration(190), true},
                                {0, {Duration(1000), 4000, false}, Duration(1), Duration(0), Duration(190), false},
                                {1, {Duration(0), 2999, false}, Duration(113006), Duration(0), Duration(190), false},
                                {0, {Duration(999), 2999, false}, Duration(22005), Duration(0), Duration(190), false}};
    trace.release_lateness_ns = {0, 150, 60};
    trace.stalls = Stalls{Duration(50'000), Duration(9'000'000'000), {{at_ns(17), Duration(50'000)}}};
    trace.driver_stalls = Stalls{Duration(50'000), Duration(8'000'000'000), {{at_ns(99), Duration(70'000)}}};
    return trace;
}

void check_equal(const Trace& a, const Trace& b) {
    CHECK(a.device.name == b.device.name);
    CHECK(a.device.details == b.device.details);
    CHECK(a.device.threads == b.device.threads);
    CHECK(a.network.sha256 == b.network.sha256);
    CHECK(a.network.input == b.network.input);
    CHECK(a.network.parameters == b.network.parameters);
    CHECK(a.protocol.runs == b.protocol.runs);
    CHECK(a.protocol.created == b.protocol.created);
    REQUIRE(a.stages.size() == b.stages.size());
    for (std::size_t k = 0; k < a.stages.size(); ++k) {
        CHECK(a.stages[k].name == b.stages[k].name);
        CHECK(a.stages[k].resource == b.stages[k].resource);
        CHECK(a.stages[k].macs == b.stages[k].macs);
        CHECK(a.stages[k].energy_uj == b.stages[k].energy_uj);
    }
    CHECK(a.latency_ns == b.latency_ns);
    CHECK(a.device_ns == b.device_ns);
    CHECK(a.dispatch_ns == b.dispatch_ns);
    CHECK(a.host.preprocess_ns == b.host.preprocess_ns);
    CHECK(a.host.postprocess_ns == b.host.postprocess_ns);
    REQUIRE(a.corun.size() == b.corun.size());
    for (std::size_t i = 0; i < a.corun.size(); ++i) CHECK(a.corun[i].slowdown == b.corun[i].slowdown);
    CHECK(a.samples.dataset == b.samples.dataset);
    CHECK(a.samples.label == b.samples.label);
    CHECK(a.samples.prediction == b.samples.prediction);
    CHECK(a.calibration.temperature == b.calibration.temperature);
}

}  // namespace

TEST_CASE("a trace survives the file, confidences to six decimals") {
    const Trace saved = measured_trace();
    save_trace(saved, "trace_file_test.json");
    const Trace loaded = load_trace("trace_file_test.json");
    CHECK(loaded.path == "trace_file_test.json");
    check_equal(saved, loaded);
    for (std::size_t i = 0; i < saved.samples.confidence.size(); ++i)
        CHECK(std::abs(saved.samples.confidence[i] - loaded.samples.confidence[i]) <= 1e-6F);
}

TEST_CASE("a loaded trace is saved to the same bytes") {
    save_trace(measured_trace(), "trace_file_once.json");
    save_trace(load_trace("trace_file_once.json"), "trace_file_twice.json");
    CHECK(read_file("trace_file_once.json") == read_file("trace_file_twice.json"));
}

TEST_CASE("histories, lateness and stalls survive the file, which then is of schema 2", "[history]") {
    const Trace saved = trace_with_history();
    save_trace(saved, "trace_file_history.json");
    CHECK_THAT(read_file("trace_file_history.json"), StartsWith("{\"schema\":\"laxity.trace/2\","));
    CHECK_THAT(
        read_file("trace_file_history.json"),
        ContainsSubstring("[0,5000,0,0,22001,310,0,0],\n[1,0,30,1,113002,290,180,0],\n[0,0,3000,0,22003,0,190,1]"));
    const Trace loaded = load_trace("trace_file_history.json");
    check_equal(saved, loaded);
    CHECK(loaded.history.schedule == saved.history.schedule);
    CHECK(loaded.history.explained == saved.history.explained);
    CHECK(loaded.history.cells[0][1].idle_below_ns == 1000);
    CHECK(loaded.history.cells[0][1].bytes_below == std::numeric_limits<std::int64_t>::max());
    CHECK(loaded.history.cells[1][1].continued == true);
    CHECK(loaded.history.executions[2].stalled);
    CHECK(loaded.release_lateness_ns == saved.release_lateness_ns);
    REQUIRE(loaded.stalls);
    CHECK(loaded.stalls->watched == saved.stalls->watched);
    CHECK(loaded.stalls->gaps[0].length == Duration(50'000));
    REQUIRE(loaded.driver_stalls);
    CHECK(loaded.driver_stalls->watched == saved.driver_stalls->watched);
    CHECK(loaded.driver_stalls->gaps[0].length == Duration(70'000));
    save_trace(loaded, "trace_file_history_again.json");
    CHECK(read_file("trace_file_history.json") == read_file("trace_file_history_again.json"));
}

TEST_CASE("how long a stage was away survives the file, and a file without it stays as it is", "[history]") {
    Trace saved = trace_with_history();
    auto& cells = saved.history.cells[1];
    cells[0].away_below_ns = 700;
    cells.push_back({0, cells[0].idle_below_ns, 0, cells[0].bytes_below, false, 1, 700});
    saved.history.executions.push_back(
        {1, {Duration(0), 2999, false, Duration(700)}, Duration(113009), Duration(0), Duration(190), false});
    save_trace(saved, "trace_file_away.json");
    CHECK_THAT(read_file("trace_file_away.json"), ContainsSubstring("[1,0,2999,0,113009,0,190,0,700]"));
    const Trace loaded = load_trace("trace_file_away.json");
    CHECK(loaded.history.executions.back().before.away == Duration(700));
    CHECK(loaded.history.executions.front().before.away == Duration(0));
    CHECK(loaded.history.cells[1][0].away_below_ns == 700);
    CHECK(loaded.history.cells[1][2].away_from_ns == 700);
    save_trace(loaded, "trace_file_away_again.json");
    CHECK(read_file("trace_file_away.json") == read_file("trace_file_away_again.json"));
    std::string text = read_file("trace_file_away.json");
    text.replace(text.find("190,0,700]"), 10, "190,0]");
    write_test_file("trace_file_ragged.json", text);
    CHECK_THAT(error_of([] { load_trace("trace_file_ragged.json"); }), ContainsSubstring("a row of 9 integers"));
    cells[1].count = 1, cells.back().away_from_ns = 800;
    CHECK_THAT(error_of([&] { save_trace(saved, "trace_file_hole.json"); }), ContainsSubstring("away_ns 700"));
}

TEST_CASE("a trace of schema 2 may lack everything that came with it, and one of schema 1 may not have it") {
    save_trace(measured_trace(), "trace_file_plain.json");
    std::string text = read_file("trace_file_plain.json");
    CHECK_THAT(text, StartsWith("{\"schema\":\"laxity.trace/1\""));
    const std::size_t at = text.find("trace/1");
    write_test_file("trace_file_two.json", text.replace(at, 7, "trace/2"));
    CHECK_FALSE(load_trace("trace_file_two.json").history.measured());
    save_trace(trace_with_history(), "trace_file_history.json");
    text = read_file("trace_file_history.json");
    write_test_file("trace_file_one.json", text.replace(text.find("trace/2"), 7, "trace/1"));
    CHECK_THAT(error_of([] { load_trace("trace_file_one.json"); }), ContainsSubstring("unknown key"));
}

TEST_CASE("histories that are wrong are refused, and the error says where", "[history]") {
    Trace trace = trace_with_history();
    auto& cells = trace.history.cells;
    std::string where;
    SECTION("a count") {
        cells[0][1].count = 2;
        where = "/history/cells/0/1/count: expected the 1 executions of this stage that the box holds, found 2";
    }
    SECTION("a gap between boxes") {
        cells[0][2].idle_from_ns = 1001;
        where =
            "/history/cells/0: expected boxes of which exactly one holds each history, found 0 that hold idle_ns "
            "1000, bytes 3000, continued false";
    }
    SECTION("boxes that overlap") {
        cells[1][0].continued.reset();
        where = "/history/cells/1: expected boxes of which exactly one holds each history, found 2";
    }
    SECTION("an empty box") {
        cells[0][1].idle_below_ns = 0;
        where = "/history/cells/0/1/idle_ns/1: expected an integer";
    }
    SECTION("no boxes for a stage") {
        cells.pop_back();
        where = "/history/cells: expected a list of boxes for each of the 2 stages";
    }
    SECTION("a stage that isn't there") {
        trace.history.executions[1].stage = 2;
        where = "/history/executions/1/0: expected an integer";
    }
    SECTION("no time at all") {
        trace.history.executions[3].latency = Duration(0);
        where = "/history/executions/3/4: expected an integer";
    }
    SECTION("a share above 1") {
        trace.history.explained = 1.5;
        where = "/history/explained: expected a number";
    }
    SECTION("negative lateness") {
        trace.release_lateness_ns[1] = -1;
        where = "/release_lateness_ns/1: expected an integer";
    }
    SECTION("a gap below the threshold") {
        trace.stalls->gaps[0].length = Duration(49'999);
        where = "/stalls/gaps/0/1: expected an integer";
    }
    CHECK_THAT(error_of([&] { save_trace(trace, "trace_file_refused.json"); }), ContainsSubstring(where));
}

TEST_CASE("rows and keys of histories are checked", "[history]") {
    save_trace(trace_with_history(), "trace_file_history.json");
    const std::string text = read_file("trace_file_history.json");
    const auto with = [&](const std::string& from, const std::string& to) {
        std::string changed = text;
        changed.replace(changed.find(from), from.size(), to);
        write_test_file("trace_file_changed.json", changed);
        return error_of([] { load_trace("trace_file_changed.json"); });
    };
    CHECK_THAT(with("[0,5000,0,0,22001,310,0,0]", "[0,5000,0,0,22001,310,0]"),
               ContainsSubstring("/history/executions/0: expected a row of 9 integers"));
    CHECK_THAT(with("[0,5000,0,0,22001,310,0,0]", "7"), ContainsSubstring("/history/executions/0: expected a row"));
    CHECK_THAT(with("[0,5000,0,0", "[0,0.5,0,0"), ContainsSubstring("/history/executions/0/1: expected an integer"));
    CHECK_THAT(with("\"explained\"", "\"explains\""), ContainsSubstring("/history/explains: unknown key"));
    CHECK_THAT(with("\"watched_ns\"", "\"watch_ns\""), ContainsSubstring("/stalls/watch_ns: unknown key"));
    CHECK_THAT(with("\"continued\"", "\"goes_on\""), ContainsSubstring("/history/cells/0/0/goes_on: unknown key"));
    CHECK_THAT(with("\"schedule\":\"drawn at random\"", "\"schedule\":7"),
               ContainsSubstring("/history/schedule: expected a string"));
}

TEST_CASE("a trace without host costs has none after loading, and no key in its file") {
    Trace trace = measured_trace();
    trace.host = {};
    save_trace(trace, "trace_file_no_host.json");
    CHECK_FALSE(load_trace("trace_file_no_host.json").host.measured());
    CHECK(read_file("trace_file_no_host.json").find("preprocess_ns") == std::string::npos);
}

TEST_CASE("the ends of the confidence range survive") {
    Trace trace = measured_trace();
    trace.samples.confidence.assign(16, 1.0F);
    trace.samples.confidence[3] = 0.0F;
    trace.samples.confidence[4] = 1e-9F;
    trace.samples.confidence[5] = std::nextafter(1.0F, 0.0F);
    save_trace(trace, "trace_file_ends.json");
    const auto confidence = load_trace("trace_file_ends.json").samples.confidence;
    CHECK(confidence[0] == 1.0F);
    CHECK(confidence[3] == 0.0F);
    CHECK(confidence[4] == 0.0F);
    CHECK(confidence[5] == 1.0F);
}

TEST_CASE("latency rows are lines of the file") {
    save_trace(measured_trace(), "trace_file_rows.json");
    CHECK_THAT(read_file("trace_file_rows.json"),
               ContainsSubstring("\"latency_ns\":[\n[22001,113002],\n[22003,999999999999],\n[1,113006]],\n"));
}

TEST_CASE("what load_trace would refuse is not written") {
    std::filesystem::remove("trace_file_refused.json");
    Trace trace = measured_trace();
    SECTION("a confidence that is no number") { trace.samples.confidence[1] = std::numeric_limits<float>::quiet_NaN(); }
    SECTION("a latency of zero") { trace.latency_ns[2] = 0; }
    SECTION("a pre-processing time of zero") { trace.host.preprocess_ns[1] = 0; }
    SECTION("no post-processing beside the pre-processing") { trace.host.postprocess_ns.clear(); }
    SECTION("a missing row") { trace.protocol.runs = 4; }
    SECTION("a temperature that is no number") {
        trace.calibration.temperature[0] = std::numeric_limits<double>::infinity();
    }
    CHECK_THROWS_AS(save_trace(trace, "trace_file_refused.json"), InputError);
    CHECK_FALSE(std::filesystem::exists("trace_file_refused.json"));
}

TEST_CASE("a trace that can't be written says so and leaves nothing behind") {
    CHECK_THROWS_WITH(save_trace(measured_trace(), "no_such_folder/a.json"),
                      StartsWith("no_such_folder/a.json: could not be written: "));
    std::filesystem::create_directories("trace_file_folder/a.json");
    CHECK_THROWS_AS(save_trace(measured_trace(), "trace_file_folder/a.json"), RunError);
    CHECK(std::distance(std::filesystem::directory_iterator("trace_file_folder"), {}) == 1);
}

TEST_CASE("a missing trace names the command that makes one") {
    CHECK(error_of([] { load_trace("no_such_trace.json"); }) ==
          "no_such_trace.json: expected a file, found none; measure it with: " + std::string("laxity profile ") +
              "--model NETWORK.onnx --data DATA --out no_such_trace.json");
}

TEST_CASE("the traces that ship load") {
    for (const auto& entry : std::filesystem::directory_iterator(LAXITY_SOURCE_DIR "/traces"))
        if (entry.path().extension() == ".json") CHECK(load_trace(entry.path().string()).runs() > 0);
}

TEST_CASE("the README's trace loads") {
    const std::string text = readme_block(LAXITY_SOURCE_DIR "/traces/README.md", R"({"schema": "laxity.trace/2")");
    const Trace trace = load_trace(write_test_file("trace_file_readme.json", text));
    CHECK(trace.runs() == 3);
    CHECK(trace.samples.count() == 3);
    CHECK(trace.history.executions.size() == 3);
    CHECK(trace.stalls->gaps.size() == 1);
}
