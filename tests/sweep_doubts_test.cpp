#include "sim/study/sweep_doubts.hpp"

#include "tests/catch.hpp"
#include "tests/study_files.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

const std::string kColumns = "/tasks/0/arrival/load,policy,seed,jobs,missed,accuracy,miss_ratio,backlog_trend\n";

RunTable table_of(const std::string& rows) {
    return load_run_table(write_study("doubted", 1, over_load("0.5, 2"), kColumns + rows));
}

}  // namespace

TEST_CASE("a sweep of long, steady runs with enough misses is not doubted") {
    CHECK(doubts(table_of("0.5,edf,1,5000,20,0.9,0.004,1.01\n0.5,edf,2,5000,30,0.9,0.006,0.99\n"
                          "2,edf,1,5000,900,0.7,0.18,1.1\n2,edf,2,5000,950,0.7,0.19,1.2\n"))
              .empty());
    CHECK(doubts(table_of("0.5,edf,1,5000,0,0.9,0,1\n")).empty());  // no miss at all is no doubtful ratio
}

TEST_CASE("each kind of doubt is one line, with the worst place") {
    const auto lines =
        doubts(table_of("0.5,edf,1,900,3,0.9,0.004,1.0\n0.5,edf,2,900,1,0.9,0.004,1.0\n"
                        "2,edf,1,800,400,0.7,0.5,1.9\n2,edf,2,5000,2500,0.7,0.5,2.1\n"));
    REQUIRE(lines.size() == 3);
    CHECK_THAT(lines[0], ContainsSubstring("1 of 2 pairs") && ContainsSubstring("load=0.5 edf: 4"));
    CHECK_THAT(lines[1], ContainsSubstring("2 of 2 pairs") && ContainsSubstring("load=2 edf: 800"));
    CHECK_THAT(lines[2], ContainsSubstring("1 of 2 pairs") && ContainsSubstring("load=2 edf: 2"));
}

TEST_CASE("what was not reached is said with the half-width that was") {
    const RunTable table = table_of(
        "0.5,edf,1,5000,20,0.9,0.004,1\n0.5,edf,2,5000,20,0.9,0.004,1\n"
        "2,edf,1,5000,900,0.7,0.18,1\n2,edf,2,5000,900,0.8,0.18,1\n");
    CHECK(unreached(table, {parse_precision("accuracy=1", "until"), parse_precision("miss_ratio=0.001", "until")})
              .empty());
    const auto lines = unreached(table, {parse_precision("accuracy=0.01", "until")});
    REQUIRE(lines.size() == 1);  // t(1) = 12.706, standard error 0.05
    CHECK_THAT(lines[0], ContainsSubstring("1 of 2 pairs") && ContainsSubstring("accuracy is not known to +-0.01") &&
                             ContainsSubstring("load=2 edf: 0.6353"));
}
