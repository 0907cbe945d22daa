// Requests counted in intervals.
#include "workloads/arrival_counts.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/workload.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

Workload workload_of(const std::string& csv, const std::string& keys) {
    write_test_file("arrival_counts_test.csv", csv);
    return load_workload(write_test_file("arrival_counts_test.json", R"({"schema": "laxity.workload/1", "tasks": [
        {"name": "t", "variants": [{"synthetic": {"stages": [1, 1], "unit": "ms", "accuracy": [0.7, 0.8]}}],
         "arrival": {"process": "counts", "file": "arrival_counts_test.csv", "interval": 60, "unit": "s")" +
                                                                         keys + R"(},
         "deadline": {"fixed": 20, "unit": "ms"}}], "horizon": {"jobs": 100}})"));
}

CountArrivals counts_of(const std::string& csv, const std::string& keys = "") {
    return std::get<CountArrivals>(workload_of(csv, keys).tasks[0].arrivals);
}

std::string refusal(const std::string& csv, const std::string& keys = "") {
    return error_of([&] { counts_of(csv, keys); });
}

std::vector<Time> releases(const Workload& workload, std::uint64_t seed, std::size_t count) {
    std::vector<Time> times(count);
    make_arrival_stream(workload, 0, seed)->fill(times);
    return times;
}

using Counts = std::vector<std::uint32_t>;
using Catch::Contains;
const std::string kTrace = "HashOwner,HashFunction,1,2,3\no,f,4,0,2\no,g,1,1,1\n";

}  // namespace

TEST_CASE("counts in a column") {
    CHECK(counts_of("3\n0\n2\n").counts == Counts{3, 0, 2});
    CHECK(counts_of("3\n0\n2\n").interval == 60s);
    CHECK(counts_of("minute,requests\n0,3\n1,0\n", R"(, "column": "requests")").counts == Counts{3, 0});
    CHECK(counts_of("requests\n3.0\n1e1\n").counts == Counts{3, 10});
    CHECK_THAT(refusal("minute,requests\n0,3\n1,0\n"), Contains("column"));
    CHECK_THAT(refusal("3\n-1\n"), Contains("line 2"));
    CHECK_THAT(refusal("3\n1.5\n"), Contains("line 2"));
    CHECK_THAT(refusal("3\n1e8\n"), Contains("1e7"));
    CHECK_THAT(refusal("0\n0\n"), Contains("at least one request"));
    CHECK_THAT(refusal(""), Contains("at least one request"));
}

TEST_CASE("counts in a row of many columns") {
    const std::string columns = R"(, "columns": ["1", "3"])";
    CHECK(counts_of(kTrace, columns + R"(, "row": 1)").counts == Counts{4, 0, 2});
    CHECK(counts_of(kTrace, columns + R"(, "row": {"HashFunction": "g"})").counts == Counts{1, 1, 1});
    CHECK(counts_of(kTrace, columns + R"(, "row": {"HashOwner": "o"})").counts == Counts{5, 1, 3});
    CHECK(counts_of(kTrace, R"(, "columns": [2, 3], "row": "all")").counts == Counts{1, 3});
    CHECK_THAT(refusal(kTrace, columns + R"(, "row": 3)"), Contains("/row"));
    CHECK_THAT(refusal(kTrace, columns + R"(, "row": {"HashFunction": "h"})"), Contains("/row"));
    CHECK_THAT(refusal(kTrace, columns), Contains("row"));
    CHECK_THAT(refusal(kTrace, R"(, "row": 1)"), Contains("columns"));
    CHECK_THAT(refusal(kTrace, R"(, "columns": ["3", "1"], "row": 1)"), Contains("/columns"));
    CHECK_THAT(refusal(kTrace, R"(, "columns": ["HashFunction", "1"], "row": 1)"), Contains("line 2"));
}

TEST_CASE("counts are stretched to a load by their intervals") {
    CHECK(counts_of("1\n3\n", R"(, "load": 0.5)").interval == 8ms);
    CHECK(counts_of("1\n3\n", R"(, "rate": 10)").interval == 200ms);
}

TEST_CASE("releases of counts stay in their interval, in order, and follow the seed") {
    const Workload workload = workload_of("3\n0\n40\n", "");
    const std::vector<Time> times = releases(workload, 1, 50);
    CHECK(std::ranges::is_sorted(times));
    CHECK(times[0] >= at_ns(0));
    CHECK(times[2].time_since_epoch() < 60s);
    CHECK(times[3].time_since_epoch() >= 120s);
    CHECK(times[42].time_since_epoch() < 180s);
    CHECK(times[43] == kNever);
    CHECK(releases(workload, 1, 50) == times);
    CHECK(releases(workload, 2, 50) != times);
    const auto early = std::ranges::count_if(times, [](Time time) { return time.time_since_epoch() < 150s; }) - 3;
    CHECK(early > 8);  // of 40, half are expected
    CHECK(early < 32);
}
