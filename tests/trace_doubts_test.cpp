#include "traces/trace_doubts.hpp"

#include <algorithm>
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "workloads/philox.hpp"

using namespace laxity;

namespace {

double chance(std::uint32_t which, std::uint32_t i) { return unit_interval(draw(7, Draw::kOther, which, i)[0]); }

// Two stages of 100 and 200 us +- 5 % on a clock of 1 ns, two exits that get 60 % and 80 % right and say so.
Trace sound_trace(std::uint32_t rows = 1000, std::uint32_t samples = 2000) {
    Trace trace;
    trace.path = "t.json";
    trace.device = {"cpu", "a processor", "a library", 1, {}};
    trace.network = {"net", std::string(64, 'a'), {1, 28, 28}, 10, 1000};
    trace.protocol = {0, static_cast<int>(rows), "steady_clock", "2024-01-02T03:04:05Z", "laxity 0.1"};
    trace.stages = {{"stem", "accelerator", 1'000'000, 10, 20, {}}, {"block", "accelerator", 2'000'000, 10, 20, {}}};
    for (std::uint32_t row = 0; row < rows; ++row) {
        for (std::uint32_t stage = 0; stage < 2; ++stage) {
            const double ns = 100'000.0 * (stage + 1) * (0.95 + 0.1 * chance(stage, row));
            trace.latency_ns.push_back(static_cast<std::int64_t>(ns));
        }
    }
    trace.samples = {"data", "test", {}, {}, {}};
    for (std::uint32_t i = 0; i < samples; ++i) {
        const auto label = static_cast<std::int32_t>(10 * chance(2, i));
        trace.samples.label.push_back(label);
        for (std::uint32_t exit = 0; exit < 2; ++exit) {
            const double share = (exit == 0 ? 0.4 : 0.6) + 0.4 * chance(3 + exit, i);  // 0.6 and 0.8 on average
            const bool right = chance(5 + exit, i) < share;
            trace.samples.prediction.push_back(right ? label : (label + 1) % 10);
            trace.samples.confidence.push_back(static_cast<float>(share));
        }
    }
    trace.calibration = {{1.1, 1.2}, "calibration half"};
    return trace;
}

std::vector<std::string> kinds(const Trace& trace) {
    std::vector<std::string> list;
    for (const TraceDoubt& doubt : trace_doubts(trace))
        list.push_back(doubt.kind + (doubt.where.empty() ? "" : "/" + doubt.where));
    return list;
}

using Kinds = std::vector<std::string>;

std::string only_text(const Trace& trace) {
    const auto doubts = trace_doubts(trace);
    REQUIRE(doubts.size() == 1);
    return text_of(doubts.front());
}

template <class Change>
Trace with(Change change, Trace trace = sound_trace()) {
    change(trace);
    return trace;
}

// latency = change(row, latency) for every entry.
template <class Change>
Trace with_latencies(Change change) {
    return with([&](Trace& trace) {
        for (std::size_t i = 0; i < trace.latency_ns.size(); ++i)
            trace.latency_ns[i] = static_cast<std::int64_t>(change(i / 2, static_cast<double>(trace.latency_ns[i])));
    });
}

}  // namespace

TEST_CASE("a sound trace raises no doubt, and one that knows nothing lacks everything") {
    CHECK(kinds(sound_trace()).empty());
    CHECK(trace_lacks(sound_trace()).size() == 4);
    Trace bare = sound_trace();
    bare.network.sha256.clear();
    bare.network.input.clear();
    for (StageInfo& stage : bare.stages) stage.macs = 0;
    CHECK(trace_lacks(bare).back() ==
          "of the network: SHA-256, shape of the input, multiply-accumulates: 0 or empty in the file, which means not "
          "known");
    bare.dispatch_ns = {100};
    CHECK(trace_lacks(bare).front().starts_with("history: "));
}

TEST_CASE("traces that ship are not doubted") {
    int traces = 0;
    for (const auto& entry : std::filesystem::directory_iterator(LAXITY_SOURCE_DIR "/traces")) {
        if (entry.path().extension() != ".json") continue;
        INFO(entry.path());
        CHECK(kinds(load_trace(entry.path().string())).empty());
        ++traces;
    }
    CHECK(traces >= 9);
}

TEST_CASE("every kind of doubt is in the README's table, in the order of the output") {
    const std::string readme = read_file(LAXITY_SOURCE_DIR "/traces/README.md");
    std::size_t at = readme.find("## Doubts");
    for (const char* kind : {"rows", "unit", "clock", "constant", "trend", "pauses", "repeated rows", "memory",
                             "samples", "calibration half", "labels", "chance", "predictions", "exits get worse",
                             "confidence", "calibration", "temperature", "repeated samples"}) {
        INFO(kind);
        at = readme.find("\n| `" + std::string(kind) + "` |", at);
        REQUIRE(at != std::string::npos);
    }
}

TEST_CASE("constants that nothing measured are not doubted for being constant") {
    const std::vector<Duration> times{Duration(1'000'000), Duration(2'000'000)};
    const std::vector<double> accuracy{0.6, 0.8};
    for (const TraceDoubt& doubt : trace_doubts(synthetic_trace("t", times, accuracy)))
        CHECK(doubt.kind == "confidence");
}

TEST_CASE("too few rows, samples or samples to fit on are said with their number") {
    CHECK(kinds(sound_trace(999)) == Kinds{"rows"});
    CHECK_THAT(only_text(sound_trace(50)), StartsWith("rows: 50 rows, fewer than 10 of them beyond"));
    const Trace small = sound_trace(1000, 700);
    REQUIRE(replay_half(700).size() < 400);
    CHECK_THAT(only_text(small), StartsWith("samples: " + std::to_string(replay_half(700).size()) + " of 700 samples"));
    const Kinds tiny = kinds(sound_trace(1000, 60));
    CHECK(std::ranges::count(tiny, "calibration half") == 1);
}

TEST_CASE("a coarse clock is noticed by its steps") {
    const Trace coarse =
        with_latencies([](std::size_t, double ns) { return 4000 * static_cast<int>(ns / 4000 + 0.5); });
    CHECK(kinds(coarse) == Kinds{"clock/stem", "clock/block"});
    CHECK_THAT(text_of(trace_doubts(coarse).front()),
               StartsWith("clock (stem): 3 values in 1000 rows, never closer than 4 us, which is 4 % of the median"));
    CHECK(kinds(with_latencies([](std::size_t, double ns) {
              return 100 * static_cast<int>(ns / 100 + 0.5);  // 0.1 % of the shorter stage
          })).empty());
}

TEST_CASE("a column of one value, and the same column twice") {
    const Trace constant = with([](Trace& trace) {
        for (std::size_t i = 1; i < trace.latency_ns.size(); i += 2) trace.latency_ns[i] = 250'000;
    });
    CHECK_THAT(only_text(constant), StartsWith("constant (block): all 1000 rows say 250 us;"));
    const Trace twice = with([](Trace& trace) {
        for (std::size_t i = 1; i < trace.latency_ns.size(); i += 2) trace.latency_ns[i] = trace.latency_ns[i - 1];
    });
    CHECK_THAT(only_text(twice), StartsWith("constant (block): every row is the same as of stem;"));
}

TEST_CASE("a unit that is out by a thousand or more is noticed, by the work if it is known") {
    const auto scaled = [](double factor, bool work) {
        Trace trace = with_latencies([&](std::size_t, double ns) { return ns * factor; });
        for (StageInfo& stage : trace.stages) stage.macs *= work ? 1 : 0;
        return trace;
    };
    const Kinds fast = kinds(scaled(1e-3, false));  // 300 ns
    CHECK(fast.front() == "unit");
    CHECK_THAT(text_of(trace_doubts(scaled(1e-5, false)).front()),
               StartsWith("unit: a full pass takes 2 ns (median); no device is so fast:"));
    CHECK(kinds(scaled(1e3, false)).empty());
    CHECK(kinds(scaled(1e6, false)) == Kinds{"unit"});
    CHECK_THAT(only_text(scaled(5e7, true)), StartsWith("unit: a full pass takes 4.17 h (median), 200 multiply-accum"));
    Trace large = sound_trace();
    large.stages[0].macs = 1'000'000'000'000;  // 3.3e15 a second
    CHECK(kinds(large) == Kinds{"unit"});
}

TEST_CASE("a device that slows down or is still warming up") {
    const auto drifting = [](double change) {
        return with_latencies(
            [=](std::size_t row, double ns) { return ns * (1 + change * static_cast<double>(row) / 1000); });
    };
    CHECK_THAT(only_text(drifting(0.1)),
               StartsWith("trend: the last quarter of the rows is ") && ContainsSubstring(" % slower than the first"));
    CHECK_THAT(only_text(drifting(-0.1)),
               ContainsSubstring(" % faster than the first") && ContainsSubstring("--warmup"));
    CHECK(kinds(drifting(0.03)).empty());
}

TEST_CASE("rows in which something else had the device") {
    const auto paused = [](std::size_t every, double factor) {
        return with_latencies([=](std::size_t row, double ns) { return row % every == 7 ? factor * ns : ns; });
    };
    CHECK(kinds(paused(1000, 9)).empty());
    CHECK_THAT(only_text(paused(1000, 20)),
               StartsWith("pauses: 1 row of 1000 took more than 10 times the median, the "));
    CHECK_THAT(only_text(paused(100, 20)), StartsWith("pauses: 10 rows of 1000 took"));
}

TEST_CASE("a file that was joined to itself") {
    Trace joined = sound_trace();
    std::copy_n(joined.latency_ns.begin(), joined.latency_ns.size() / 2,
                joined.latency_ns.begin() + static_cast<std::ptrdiff_t>(joined.latency_ns.size() / 2));
    CHECK_THAT(only_text(joined), StartsWith("repeated rows: 500 of 1000 rows are the same as another"));
}

TEST_CASE("slow spells that are longer than what a replay keeps together") {
    const auto spells = [](std::size_t length) {
        return with_latencies([=](std::size_t row, double ns) { return row / length % 2 == 0 ? ns : 1.2 * ns; });
    };
    CHECK_THAT(only_text(spells(250)),
               StartsWith("memory: rows that lie 32 apart are still alike (rank correlation 0."));
    CHECK(kinds(spells(10)).empty());
}

TEST_CASE("labels that say nothing, or are of other inputs") {
    const Trace constant = with([](Trace& trace) {
        for (std::size_t i = 0; i < trace.samples.count(); ++i) {
            trace.samples.label[i] = 3;
            for (std::size_t exit = 0; exit < 2; ++exit) {
                auto& prediction = trace.samples.prediction[2 * i + exit];
                prediction = chance(5 + static_cast<std::uint32_t>(exit), static_cast<std::uint32_t>(i)) <
                                     static_cast<double>(trace.samples.confidence[2 * i + exit])
                                 ? 3
                                 : 4;
            }
        }
    });
    CHECK_THAT(only_text(constant), StartsWith("labels: all labels are 3;"));
    const Trace shuffled = with([](Trace& trace) {
        auto& label = trace.samples.label;
        std::rotate(label.begin(), label.begin() + 1, label.end());
    });
    const Kinds found = kinds(shuffled);
    CHECK(found.front() == "chance/exit 1");
}

TEST_CASE("an exit that always says the same") {
    const Trace same = with([](Trace& trace) {
        for (std::size_t i = 0; i < trace.samples.count(); ++i) trace.samples.prediction[2 * i] = 7;
    });
    CHECK(kinds(same).front() == "predictions/exit 0");
}

TEST_CASE("an exit that gets worse than the one before, beyond chance") {
    const Trace worse = with([](Trace& trace) {
        for (std::size_t i = 0; i < trace.samples.count(); ++i) {
            std::swap(trace.samples.prediction[2 * i], trace.samples.prediction[2 * i + 1]);
            std::swap(trace.samples.confidence[2 * i], trace.samples.confidence[2 * i + 1]);
        }
    });
    CHECK_THAT(only_text(worse),
               StartsWith("exits get worse (exit 1): ") && ContainsSubstring(" at the exit before it"));
    const Trace equal = with([](Trace& trace) {
        for (std::size_t i = 0; i < trace.samples.count(); ++i)
            trace.samples.prediction[2 * i + 1] = trace.samples.prediction[2 * i];
    });
    const Kinds found = kinds(equal);
    CHECK(std::ranges::count(found, "exits get worse/exit 1") == 0);
}

TEST_CASE("confidences that say nothing, can't be, or are not the chance to be right") {
    const auto said = [](double confidence) {
        return with([=](Trace& trace) {
            for (std::size_t i = 0; i < trace.samples.count(); ++i)
                trace.samples.confidence[2 * i + 1] = static_cast<float>(confidence);
        });
    };
    CHECK(kinds(said(1)) == Kinds{"confidence/exit 1", "calibration/exit 1"});
    CHECK_THAT(text_of(trace_doubts(said(1)).front()), StartsWith("confidence (exit 1): all confidences are 1;"));
    CHECK(kinds(said(0.05)) == Kinds{"confidence/exit 1", "confidence/exit 1", "calibration/exit 1"});
    CHECK_THAT(text_of(trace_doubts(said(0.05))[1]), ContainsSubstring("2000 confidences below 1/10"));
}

TEST_CASE("a temperature at the end of what is fitted") {
    CHECK_THAT(only_text(with([](Trace& trace) { trace.calibration.temperature[0] = 0.05; })),
               StartsWith("temperature (exit 0): the temperature is 0.05, where fitting ends;"));
}

TEST_CASE("inputs that were exported twice") {
    Trace doubled = sound_trace();
    Samples& samples = doubled.samples;
    const auto twice = [](auto& values) {
        std::copy_n(values.begin(), values.size() / 2, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
    };
    twice(samples.label);
    twice(samples.prediction);
    twice(samples.confidence);
    CHECK_THAT(only_text(doubled), StartsWith("repeated samples: 1000 of 2000 samples repeat another's"));
}
