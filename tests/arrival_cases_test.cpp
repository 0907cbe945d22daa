// Runs the cases of the folder that the environment variable LAXITY_CASES names, if it is set: of each folder in it the
// workload.json, which must give the releases, or the error, of its expect.json.
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "workloads/arrivals.hpp"
#include "workloads/workload.hpp"

using namespace laxity;

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::int64_t> releases_of(const Workload& workload) {
    std::vector<Time> releases(256);
    make_arrival_stream(workload, 0, 1)->fill(releases);
    std::vector<std::int64_t> ns;
    for (const Time release : releases)
        if (release != kNever) ns.push_back(to_ns(release));
    return ns;
}

void check_refusal(const Json& expect, const std::string& error) {
    CHECK_FALSE(error.empty());
    for (const Json& word : expect["message_mentions"])
        CHECK_THAT(error, Catch::Contains(word.get<std::string>(), Catch::CaseSensitive::No));
}

void check_case(const std::filesystem::path& folder) {
    const Json expect = Json::parse(read_file((folder / "expect.json").string()));
    std::vector<std::int64_t> releases;
    const std::string error =
        error_of([&] { releases = releases_of(load_workload((folder / "workload.json").string())); });
    INFO(folder.filename().string() << ": " << error);
    if (expect.value("refused", false)) return check_refusal(expect, error);
    CHECK(error.empty());
    if (expect.contains("releases_ns")) CHECK(releases == expect["releases_ns"].get<std::vector<std::int64_t>>());
}

}  // namespace

TEST_CASE("the cases of LAXITY_CASES give what they expect") {
    const char* folder = std::getenv("LAXITY_CASES");
    if (folder == nullptr) return;
    std::size_t cases = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (!std::filesystem::exists(entry.path() / "expect.json")) continue;
        check_case(entry.path());
        ++cases;
    }
    REQUIRE(cases > 0);
}
