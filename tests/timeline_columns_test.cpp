#include "sim/study/timeline_columns.hpp"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"
#include "traces/base/error.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

using Json = nlohmann::json;

std::vector<std::uint8_t> bytes_of(const std::string& base64) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    int count = 0;
    for (const char c : base64) {
        if (c == '=') break;
        bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
        if ((count += 6) >= 8) bytes.push_back(static_cast<std::uint8_t>(bits >> (count -= 8)));
    }
    return bytes;
}

// As the page reads a column.
std::vector<std::int64_t> numbers_of(const Json& column) {
    std::vector<std::int64_t> numbers;
    std::uint64_t code = 0;
    int shift = 0;
    for (const std::uint8_t byte : bytes_of(column)) {
        code |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        shift += 7;
        if (byte & 0x80) continue;
        numbers.push_back(static_cast<std::int64_t>(code >> 1) ^ -static_cast<std::int64_t>(code & 1));
        code = 0;
        shift = 0;
    }
    return numbers;
}

std::vector<float> floats_of(const Json& column) {
    const std::vector<std::uint8_t> bytes = bytes_of(column);
    std::vector<float> floats(bytes.size() / sizeof(float));
    std::memcpy(floats.data(), bytes.data(), bytes.size());
    return floats;
}

using Numbers = std::vector<std::int64_t>;

// Under EDF, a's two jobs run at 0-4-14 and 14-18-28 us, the second beyond its deadline at 23 us; b's only job, due at
// 2 us, never.
Workload workload() {
    Workload workload = on_accelerator(
        {constant_task("a", {4us, 10us}, at({0us, 3us}), 20us), constant_task("b", {2us}, at({1us}), 1us)});
    const std::vector<Duration> stages = {4us, 10us};
    const std::vector<double> accuracy = {0.6, 1.0};
    workload.tasks[0].variants[0].trace = std::make_shared<const Trace>(synthetic_trace("a", stages, accuracy));
    return workload;
}

Json columns_of(const RecordList& records) {
    return Json::parse(timeline_columns(records, names_of(make_task_set(workload())), {"folder", "edf"}, "{}"));
}

}  // namespace

TEST_CASE("a run as columns: jobs by release, stages by track, numbers as differences") {
    const Json run = columns_of(test::run(workload(), "edf").records);
    CHECK(run.at("label") == "edf");
    CHECK(run.at("manifest") == "{}");
    CHECK(run.at("tasks") == Json{"a", "b"});
    CHECK(run.at("tracks") == Json::parse(R"([["accelerator", 0, 4]])"));

    const Json& jobs = run.at("jobs");
    CHECK(jobs.at("count") == 3);
    CHECK(numbers_of(jobs.at("task")) == Numbers{0, 1, 0});
    CHECK(numbers_of(jobs.at("number")) == Numbers{0, 0, 1});
    CHECK(numbers_of(jobs.at("release")) == Numbers{0, 1000, 2000});
    CHECK(numbers_of(jobs.at("deadline")) == Numbers{20000, 1000, 20000});
    CHECK(numbers_of(jobs.at("left")) == Numbers{14000, 1000, 20000});
    CHECK(numbers_of(jobs.at("depth")) == Numbers{2, 0, 1});
    CHECK((numbers_of(jobs.at("flags"))[1] & 1) == 1);
    CHECK(numbers_of(jobs.at("prediction"))[1] == -1);

    const Json& stages = run.at("stages");
    CHECK(stages.at("count") == 4);
    CHECK(numbers_of(stages.at("job")) == Numbers{0, 0, 2, 0});
    CHECK(numbers_of(stages.at("stage")) == Numbers{0, 1, 0, 1});
    CHECK(numbers_of(stages.at("start")) == Numbers{0, 4000, 10000, 4000});
    CHECK(numbers_of(stages.at("length")) == Numbers{4000, 10000, 4000, 10000});
    CHECK(numbers_of(stages.at("overrun")) == Numbers{0, 0, 0, 5000});
    const std::vector<float> confidence = floats_of(stages.at("confidence"));
    REQUIRE(confidence.size() == 4);
    CHECK(confidence[0] == 0.6F);
    CHECK(std::isnan(confidence[3]));
}

TEST_CASE("planning costs come from what was recorded, and are null where nothing was") {
    RecordList records = test::run(workload(), "edf").records;
    CHECK(columns_of(records).at("costs") ==
          Json::parse(R"([[{"planned": [4000, 10000], "remaining": [14000, 10000, 0]}], []])"));
    std::erase_if(records.stages, [](const StageRecord& stage) { return stage.stage == 0; });
    CHECK(columns_of(records).at("costs") ==
          Json::parse(R"([[{"planned": [null, 10000], "remaining": [null, 10000, 0]}], []])"));
    for (StageRecord& stage : records.stages) stage.foresight.reset();
    CHECK(columns_of(records).at("costs") == Json::parse("[[], []]"));
}

TEST_CASE("records that can't be of one run are refused") {
    RecordList records = test::run(workload(), "edf").records;
    records.stages[2].foresight->planned = 5us;
    CHECK_THROWS_WITH(columns_of(records),
                      ContainsSubstring("folder/stages.csv: a#1, stage 0: expected the planning cost") &&
                          ContainsSubstring("4000 ns, found 5000"));
}

TEST_CASE("a stage whose job left no record stands alone; a run without records is one of no jobs") {
    RecordList records = test::run(workload(), "edf").records;
    std::erase_if(records.jobs, [](const JobRecord& job) { return job.id.number == 1; });
    CHECK(numbers_of(columns_of(records).at("stages").at("job")) == Numbers{0, 0, -1, 0});
    const Json none = columns_of({});
    CHECK(none.at("jobs").at("count") == 0);
    CHECK(none.at("jobs").at("release") == "");
    CHECK(none.at("tracks") == Json::array());
}

TEST_CASE("numbers of any size and sign survive") {
    RecordList records = test::run(workload(), "edf").records;
    records.jobs[0].left = at_ns(9'000'000'000'000'001);
    const auto left = numbers_of(columns_of(records).at("jobs").at("left"));
    CHECK(std::ranges::count(left, 9'000'000'000'000'001 - to_ns(records.jobs[0].release)) == 1);
}
