#include "profiler/measure/imported_latencies.hpp"

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/array_file.hpp"

using namespace laxity;
using Catch::Matchers::Equals;

namespace {

using Names = std::vector<std::string>;
using Times = std::vector<std::int64_t>;

LatencySource source(const std::string& text, const std::string& unit = "") {
    return {.file = write_test_file("stages.csv", text), .unit = unit, .columns = {}};
}

std::string complaint(const LatencySource& from) {
    return error_of([&] { import_latencies(from); });
}

}  // namespace

TEST_CASE("times are rounded to whole nanoseconds of any unit") {
    CHECK(import_latencies(source("a,b\n1,2\n3,4\n", "ns")).ns == Times{1, 2, 3, 4});
    CHECK(import_latencies(source("a,b\n1.5,0.0254\n", "us")).ns == Times{1500, 25});
    CHECK(import_latencies(source("a;b\n0.123456;2e-3\n", "ms")).ns == Times{123456, 2000});
    CHECK(import_latencies(source("a\tb\n0.000000001\t999\n", "s")).ns == Times{1, 999'000'000'000});
    CHECK(import_latencies(source("{\"a\": 7, \"b\": 8}\n", "us")).ns == Times{7000, 8000});
}

TEST_CASE("a header may say the unit, and then its names are without it") {
    for (const char* header : {"stem_ms,block 1_ms", "stem (ms),block 1 (ms)", "stem [ms],block 1[ms]"}) {
        INFO(header);
        const ImportedLatencies read = import_latencies(source(std::string(header) + "\n1,2\n"));
        CHECK(read.stages == Names{"stem", "block 1"});
        CHECK(read.unit == "ms");
        CHECK(read.ns == Times{1'000'000, 2'000'000});
    }
    const ImportedLatencies both = import_latencies(source("a_us,b_us\n1,2\n", "us"));
    CHECK(both.stages == Names{"a", "b"});
    const ImportedLatencies one =
        import_latencies(source("stage_s,block\n1,2\n", "us"));  // one of them is only called so
    CHECK(one.stages == Names{"stage_s", "block"});
    CHECK_THAT(complaint(source("a_us,b_us\n1,2\n", "ms")),
               StartsWith("stages.csv: expected one unit of the times, found several (ms, us); give --unit"));
    CHECK_THAT(complaint(source("a_us,b_ms\n1,2\n")), ContainsSubstring("found several (ms, us)"));
    CHECK_THAT(complaint(source("a,b\n1,2\n")), ContainsSubstring("expected one unit of the times, found none"));
    CHECK_THAT(complaint(source("a,b\n1,2\n", "min")), Equals("--unit: expected ns, us, ms or s, found \"min\""));
}

TEST_CASE("columns are chosen and ordered by name or number") {
    LatencySource chosen = source("run,total,b,a\n0,7,3,4\n1,9,4,5\n", "ns");
    chosen.columns = {"a", "b"};
    CHECK(import_latencies(chosen).stages == Names{"a", "b"});
    CHECK(import_latencies(chosen).ns == Times{4, 3, 5, 4});
    chosen.columns = {"c"};
    CHECK_THAT(complaint(chosen),
               ContainsSubstring("expected a column \"c\", found the columns \"run\", \"total\", \"b\", \"a\""));
    CHECK_THAT(complaint(source(",a,b\n0,1,2\n", "ns")),
               ContainsSubstring("none for the first, which may number the rows; choose the columns"));
    CHECK_THAT(complaint(source("a,a\n1,2\n", "ns")), ContainsSubstring("expected a name of its own for every stage"));
}

TEST_CASE("without a header stages are numbered, unless it might be decimal commas") {
    const ImportedLatencies plain = import_latencies(source("1.5,2,3\n4,5,6\n", "ns"));
    CHECK(plain.stages == Names{"stage0", "stage1", "stage2"});
    CHECK(plain.ns == Times{2, 2, 3, 4, 5, 6});
    CHECK_THAT(complaint(source("0,25\n0,50\n", "ms")), ContainsSubstring("decimal comma"));
    CHECK_THAT(complaint(source("a;b\n0,25;0,5\n", "ms")),
               ContainsSubstring("line 2, column a: expected a number, found \"0,25\"; write a decimal point"));
    const std::vector<double> values{1, 2, 3, 4, 5, 6};
    write_array("stages.npy", std::vector<std::size_t>{3, 2}, values);
    const ImportedLatencies array = import_latencies({.file = "stages.npy", .unit = "us", .columns = {}, .warmup = 1});
    CHECK(array.stages == Names{"stage0", "stage1"});
    CHECK(array.ns == Times{3000, 4000, 5000, 6000});
    const ImportedLatencies second = import_latencies({.file = "stages.npy", .unit = "us", .columns = {"2"}});
    CHECK(second.ns == Times{2000, 4000, 6000});
}

TEST_CASE("cumulative times become the times of stages") {
    LatencySource ends = source("a,b,c\n1,3,6\n2,4,7\n", "ns");
    ends.cumulative = true;
    CHECK(import_latencies(ends).ns == Times{1, 2, 3, 2, 2, 3});
    LatencySource single = source("a,b\n1,3\n5,4\n", "ns");
    single.cumulative = true;
    CHECK_THAT(complaint(single), Equals("stages.csv: line 3, column b: expected more than the column before it "
                                         "(--cumulative): 5, found 4; is each column the time of one stage?"));
}

TEST_CASE("the first rows are left out as warm-up") {
    LatencySource warm = source("a\n100\n50\n10\n11\n", "ns");
    warm.warmup = 2;
    CHECK(import_latencies(warm).ns == Times{10, 11});
    warm.warmup = 4;
    CHECK_THAT(complaint(warm), Equals("stages.csv: expected rows after the first 4 (--warmup), found 4 in all"));
}

TEST_CASE("what is no time of a stage is refused with its place") {
    for (const auto& [value, found] :
         {std::pair("0.4", "found 0.4 ns"), {"0", "found 0 ns"}, {"-5", "found -5 ns"}, {"1e12", "found 1e+12 ns"}}) {
        INFO(value);
        CHECK_THAT(complaint(source(std::string("a\n1\n") + value + "\n", "ns")),
                   StartsWith("stages.csv: line 3, column a: expected a time from 1 ns to less than 1000 s, ") &&
                       ContainsSubstring(found) && ContainsSubstring("is the unit right?"));
    }
    CHECK_THAT(complaint(source("a,b\n1,nan\n", "ns")),
               ContainsSubstring("line 2, column b: expected a number, found \"nan\""));
    CHECK_THAT(complaint(source("a,b\n1\n", "ns")), ContainsSubstring("line 2: expected 2 fields"));
    CHECK_THAT(complaint(source("a,b\n", "ns")),
               Equals("stages.csv: expected at least one row of numbers, found none"));
    CHECK_THAT(complaint(source("", "ns")), ContainsSubstring("at least one row"));
    CHECK_THAT(complaint(source("1.0" + std::string(16 * 2, ',') + "\n", "ns")), ContainsSubstring("found nothing"));
    std::string wide = "1.5";
    for (int i = 0; i < 16; ++i) wide += ",2";
    CHECK_THAT(complaint(source(wide + "\n", "ns")),
               ContainsSubstring("expected one column a stage, at most 16, found 17 columns; choose"));
    const std::vector<float> nan{1, std::numeric_limits<float>::quiet_NaN()};
    write_array("stages.npy", std::vector<std::size_t>{1, 2}, nan);
    CHECK_THAT(complaint({.file = "stages.npy", .unit = "ns", .columns = {}}),
               Equals("stages.npy, element [0, 1]: expected a finite number, found NaN"));
}

TEST_CASE("dispatch times are one number or a column") {
    CHECK(import_dispatch("4.5", "us") == Times{4500});
    CHECK(import_dispatch("0", "us") == Times{0});
    CHECK(import_dispatch(write_test_file("dispatch.csv", "dispatch\n1\n2\n"), "us") == Times{1000, 2000});
    CHECK_THAT(error_of([] { import_dispatch("-1", "us"); }),
               StartsWith("--dispatch, row 1, column 1: expected a time from 0 to less than 1000 s, found -1 us"));
    CHECK_THAT(error_of([] { import_dispatch(write_test_file("dispatch.csv", "a,b\n1,2\n"), "us"); }),
               ContainsSubstring("expected one column of dispatch times, found 2 columns"));
    CHECK_THAT(error_of([] { import_dispatch("soon", "us"); }), StartsWith("soon: expected a file that can be read"));
}
