#include "sim/study/capacity.hpp"

#include <fstream>

#include "tests/catch.hpp"
#include "tests/study_fixture.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

// One periodic task: a stage of 4 ms every `period` ms, due within 6 ms; it never misses on its own. A second one of 1
// ms comes every 10 ms. Under fifo both are in time exactly as long as what they ask of the accelerator fits.
std::string write_periodic() {
    std::ofstream("capacity_workload.json") << R"({"schema": "laxity.workload/1", "tasks": [
        {"name": "a", "variants": [{"synthetic": {"stages": [4], "unit": "ms", "accuracy": [1]}}],
         "arrival": {"process": "periodic", "period": 10, "unit": "ms"}, "deadline": {"fixed": 10, "unit": "ms"}, "copies": 1}],
        "horizon": {"jobs": 1000}})";
    return "capacity_workload.json";
}

StudySpec spec_of(const std::string& workload, const std::vector<std::string>& policies, std::uint64_t seeds = 3) {
    StudySpec spec;
    spec.workload = workload;
    spec.policies = policies;
    spec.seeds = count_of_seeds(seeds);
    return spec;
}

}  // namespace

TEST_CASE("the number of tasks that fit is found exactly") {
    const Study study(spec_of(write_periodic(), {"fifo"}));
    const CapacityQuestion question{"/tasks/0/copies", 1, 20, true, 0.01, {{"miss_ratio", 0, true}}};
    const auto rows = capacity(study, question, {2, {}});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].mean.mean == 2);  // 2 x 4 ms within 10 ms, 3 do not fit
    CHECK(rows[0].mean.half_width == 0);
    CHECK_FALSE(rows[0].seeds[0].again);
}

TEST_CASE("a capacity lies between a value that holds and one that does not") {
    const Study study(spec_of(write_two_tasks(4000), {"edf", "edf:depth=m"}));
    const CapacityQuestion question{"camera.load", 0.1, 12, false, 0.01, {{"miss_ratio", 0.2, true}}};
    const auto rows = capacity(study, question, {2, {}});
    REQUIRE(rows.size() == 2);
    for (const CapacityRow& row : rows) {
        REQUIRE(row.mean.mean);
        CHECK(*row.mean.mean > 0.1);
        CHECK(*row.mean.mean < 12);
    }
    CHECK_FALSE(rows[0].difference.mean);
    CHECK(*rows[1].difference.mean > 0);  // mandatory parts alone leave room
    const auto again = capacity(study, question, {1, {}});
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t seed = 0; seed < rows[i].seeds.size(); ++seed) {
            CHECK(rows[i].seeds[seed].value == again[i].seeds[seed].value);
        }
    }
}

TEST_CASE("what holds nowhere or everywhere has no capacity in the range, and says which") {
    const Study study(spec_of(write_periodic(), {"fifo"}, 2));
    const auto row = [&](double low, double high, std::vector<Requirement> requirements) {
        return capacity(study, {"/tasks/0/copies", low, high, true, 0.01, std::move(requirements)}, {1, {}}).at(0);
    };
    const CapacityRow below = row(3, 9, {{"miss_ratio", 0, true}});
    CHECK(below.seeds[0].below);
    CHECK_FALSE(below.mean.mean);
    const CapacityRow above = row(1, 2, {{"miss_ratio", 0, true}});
    CHECK(above.seeds[1].above);
    CHECK_FALSE(above.mean.mean);
    CHECK(row(1, 9, {{"response_p99_ms", 4, true}}).mean.mean == 1);
    CHECK(row(1, 9, {{"accuracy", 1, false}, {"a1.miss_ratio", 0, true}}).mean.mean == 2);
    CHECK(row(1, 9, {{"confident_ratio", 0, false}}).seeds[0].below);  // which no task asks for: it has no value
}

TEST_CASE("the capacity of drawn task sets is their breakdown utilisation") {
    const Study study(
        spec_of(std::string(LAXITY_SOURCE_DIR) + "/workloads/scenarios/task-sets.json", {"edf", "rm"}, 4));
    const CapacityQuestion question{"utilisation", 0.1, 1, false, 0.05, {{"miss_ratio", 0, true}}};
    for (const CapacityRow& row : capacity(study, question, {2, {}})) {
        for (const SeedCapacity& seed : row.seeds) CHECK((seed.value || seed.above || seed.below));
    }
}

TEST_CASE("what is raised must be one thing of the workload") {
    const Study study(spec_of(write_two_tasks(), {"edf"}));
    const auto along = [&](const std::string& target) {
        return capacity(study, {target, 1, 2, false, 0.1, {{"miss_ratio", 0, true}}}, {1, {}});
    };
    CHECK_THROWS_WITH(along("load"), ContainsSubstring("a name of one thing"));
    CHECK_THROWS_AS(along("edf/threshold"), InputError);
}
