// `laxity report --html` on recorded runs, from outside.
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/run_laxity.hpp"

using namespace command_line;

namespace {

std::string recorded() {
    std::filesystem::remove_all("timeline_command_run");
    REQUIRE(laxity("simulate " + workload() + "--policy edf --out timeline_command_run").code == 0);
    std::filesystem::remove("timeline_command.html");
    return "timeline_command_run ";
}

}  // namespace

TEST_CASE("a recorded run becomes a page, which is not written over") {
    const std::string run = recorded();
    const Result written = laxity("report " + run + "--html timeline_command.html");
    CHECK(written.code == 0);
    CHECK_THAT(written.out, StartsWith("wrote timeline_command.html: "));
    const std::string page = read_all("timeline_command.html");
    CHECK_THAT(page, ContainsSubstring("a simulated run of edf"));
    CHECK(laxity("report " + run + "--html timeline_command.html").code == 2);
    CHECK(read_all("timeline_command.html") == page);
    CHECK(laxity("report " + run + "--html timeline_command.html --replace").code == 0);
    CHECK(read_all("timeline_command.html") == page);
}

TEST_CASE("of a recorded run there is no table, and nothing to choose for one") {
    const std::string run = recorded();
    const Result table = laxity("report " + run);
    CHECK(table.code == 2);
    CHECK(table.err ==
          "laxity: timeline_command_run: expected a folder that `laxity sweep` wrote, found the records of a run; see "
          "them "
          "with --html FILE\n");
    const Result metric = laxity("report " + run + "--metric accuracy --html timeline_command.html");
    CHECK(metric.code == 2);
    CHECK(metric.err ==
          "laxity: --metric: expected a sweep to choose it for, found recorded runs alone; leave it out\n");
    CHECK_FALSE(std::filesystem::exists("timeline_command.html"));
}
