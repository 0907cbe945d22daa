#include "sim/study/depth_counts.hpp"

#include "tests/catch.hpp"
#include "tests/study_files.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using laxity::test::over_load;
using laxity::test::write_study;

namespace {

using Counts = std::vector<std::uint64_t>;

std::vector<DepthCounts> counts_of(const std::string& columns, const std::string& rows) {
    return read_depth_counts(load_run_table(write_study(
        "depth_counts", 1, over_load(), "/tasks/0/arrival/load,policy,seed,accuracy" + columns + "\n" + rows)));
}

}  // namespace

TEST_CASE("jobs by depth are added up over the seeds, run by run of a policy at a point, and by task") {
    const auto counts = counts_of(",depth_histogram,camera.depth_histogram",
                                  "0.5,edf,1,1,1;2;3,1;2\n0.5,edf,2,1,10;20;30;40,\n0.5,lcf,1,1,5,0;7\n1,lcf,1,1,6,8\n");
    REQUIRE(counts.size() == 2);
    CHECK(counts[0].task.empty());
    CHECK(counts[1].task == "camera");
    CHECK(counts[0].cells == std::vector<Counts>{{11, 22, 33, 40}, {5}, {}, {6}});
    CHECK(counts[1].cells == std::vector<Counts>{{1, 2}, {0, 7}, {}, {8}});
}

TEST_CASE("no histogram, no counts; a field that is none is refused by its place") {
    CHECK(counts_of("", "0.5,edf,1,1\n").empty());
    for (const std::string field : {"1;x", ";1", "1;", "-1", "1;;2"}) {
        INFO(field);
        CHECK_THROWS_AS(counts_of(",depth_histogram", "0.5,edf,1,1," + field + "\n"), InputError);
    }
    const std::string error = error_of([] { counts_of(",depth_histogram", "0.5,edf,1,1,1;x\n"); });
    CHECK_THAT(error, StartsWith("depth_counts/runs.csv:2"));
    CHECK_THAT(error, ContainsSubstring("depth_histogram") && ContainsSubstring("1;x"));
}
