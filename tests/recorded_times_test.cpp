#include "sim/live/recorded_times.hpp"

#include "sim/core/measured_times.hpp"
#include "tests/catch.hpp"
#include "tests/sim_fixture.hpp"

using namespace laxity;
using namespace laxity::test;

namespace {

PathRecord executed(std::uint64_t job, int stage, Duration start, Duration latency, Duration stalled = {}) {
    PathRecord record;
    record.id = {0, job};
    record.stage = stage;
    record.start = Time(start);
    record.path = {2us, 3us, latency, 4us, stalled};
    return record;
}

JobRecord left(std::uint64_t number) {
    JobRecord job;
    job.id = {0, number};
    return job;
}

// Jobs 0 and 1 interleave; job 2 runs both its stages in a row.
RecordList three_jobs() {
    RecordList records;
    records.paths = {executed(0, 0, 0us, 10us),   executed(1, 0, 100us, 11us), executed(0, 1, 200us, 20us),
                     executed(1, 1, 300us, 21us), executed(2, 0, 400us, 12us), executed(2, 1, 500us, 15us)};
    for (std::uint64_t job = 0; job < 3; ++job) records.jobs.push_back(left(job));
    return records;
}

Duration latency_of(const Recording::Execution* execution) {
    REQUIRE(execution != nullptr);
    return execution->path.latency;
}

}  // namespace

TEST_CASE("an execution is found by its job and stage, or as the nearest in time of those alike") {
    const Recording recording(three_jobs());
    CHECK(latency_of(recording.of({0, 1}, 1)) == 21us);
    CHECK(recording.of({0, 3}, 0) == nullptr);
    CHECK(recording.of({0, 2}, 2) == nullptr);
    CHECK_FALSE(recording.of({0, 0}, 1)->continued);
    CHECK(recording.of({0, 2}, 1)->continued);

    CHECK(latency_of(recording.nearest(0, 0, 0, false, Time(40us))) == 10us);
    CHECK(latency_of(recording.nearest(0, 0, 0, false, Time(60us))) == 11us);
    CHECK(latency_of(recording.nearest(0, 0, 0, false, Time(50us))) == 10us);  // of two the earlier one
    CHECK(latency_of(recording.nearest(0, 0, 0, false, Time(1ms))) == 12us);
    CHECK(latency_of(recording.nearest(0, 0, 1, false, Time(1ms))) == 21us);
    CHECK(latency_of(recording.nearest(0, 0, 1, true, Time(0us))) == 15us);
    CHECK(latency_of(recording.nearest(0, 0, 0, true, Time(0us))) == 10us);  // none alike: the other kind
    CHECK(recording.nearest(0, 1, 0, false, Time(0us)) == nullptr);
    CHECK(recording.nearest(0, 0, 2, false, Time(0us)) == nullptr);
}

TEST_CASE("executions of jobs that did not leave are nobody's nearest") {
    RecordList records = three_jobs();
    records.jobs.pop_back();
    const Recording recording(records);
    CHECK(recording.of({0, 2}, 0) != nullptr);
    CHECK(latency_of(recording.nearest(0, 0, 0, false, Time(1ms))) == 11us);
}

TEST_CASE("a stall is taken out of the part that it prolonged") {
    // Decision 0-2, submit 2-5, latency 5-105, notice 105-109 us.
    const auto path_with = [](const StallRecord& stall, Duration stalled) {
        RecordList records;
        records.paths = {executed(0, 0, 0us, 100us, stalled)};
        records.stalls = {stall};
        return Recording(records).of({0, 0}, 0)->path;
    };
    const StagePath in_stage = path_with({0, Time(45us), 60us}, 60us);
    CHECK(in_stage.latency == 40us);
    CHECK(in_stage.notice == 4us);
    CHECK(in_stage.stalled == 0us);
    const StagePath in_notice = path_with({-1, Time(100us), 20us}, 3us);  // the driver's; it has no say before 105 us
    CHECK(in_notice.latency == 100us);
    CHECK(in_notice.notice == 1us);
    const StagePath in_submit = path_with({0, Time(3us), 2us}, 2us);
    CHECK(in_submit.submit == 1us);
    CHECK(in_submit.latency == 100us);
    const StagePath another_lane = path_with({1, Time(3us), 2us}, 2us);
    CHECK(another_lane.submit == 3us);
    CHECK(another_lane.latency == 98us);
}

TEST_CASE("lateness is that of the nearest moment at which something was due, and no stage ended") {
    RecordList records;
    CHECK(Recording(records).lateness(Time(5us)) == 0us);
    records.steps = {{Time(11us), 0, 0, 1, 1, 1, {}, 1us},
                     {Time(50us), 1, 0, 1, 1, 1, {}, 9us},
                     {Time(103us), 0, 1, 0, 0, 0, {}, 3us}};
    const Recording recording(records);
    CHECK(recording.lateness(Time(0us)) == 1us);
    CHECK(recording.lateness(Time(45us)) == 1us);
    CHECK(recording.lateness(Time(60us)) == 3us);
}

TEST_CASE("each part is the record's or the base's, and the parts sum up") {
    Workload workload = on_accelerator({constant_task("a", {50us, 60us}, at({0us}), 1ms)});
    workload.decision_cost = 7us;
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    RecordList records = three_jobs();
    records.paths[0].path.stalled = 1us;
    const auto recording = std::make_shared<const Recording>(records);
    ActiveJob job;
    job.plan = &tasks.tasks[0].variants[0];
    const auto total = [&](const RecordedParts& parts) {
        RecordedTimes times(recording, parts, make_measured_times(replay, 1));
        StagePath path;
        const Duration occupied = times.occupies({job, 0, 0, 1, 0, Time(0us), false}, &path);
        CHECK(occupied == path.total());
        return occupied;
    };
    const auto only = [&](bool RecordedParts::*part) {
        RecordedParts parts = RecordedParts::none();
        parts.*part = true;
        return total(parts);
    };
    CHECK(total(RecordedParts::none()) == 57us);
    CHECK(total({}) == 19us);
    CHECK(only(&RecordedParts::latency) == 16us);   // 10 us without the stall of 1 us
    CHECK(only(&RecordedParts::path) == 64us);      // + 3 + 4 us
    CHECK(only(&RecordedParts::decision) == 52us);  // 2 us instead of 7
    CHECK(only(&RecordedParts::stalls) == 58us);
}

TEST_CASE("the sources of stage times are counted") {
    const Workload workload = on_accelerator({constant_task("a", {50us, 60us, 70us}, at({0us}), 1ms)});
    const TaskSet tasks = make_task_set(workload);
    const Replay replay(workload);
    RecordedSources sources;
    RecordedTimes times(std::make_shared<const Recording>(three_jobs()), {}, make_measured_times(replay, 1), &sources);
    ActiveJob job;
    job.plan = &tasks.tasks[0].variants[0];
    const auto latency = [&](std::uint64_t number, int stage, Duration now) {
        job.id = {0, number};
        StagePath path;
        times.occupies({job, stage, 0, 1, 0, Time(now), false}, &path);
        return path.latency;
    };
    CHECK(latency(1, 0, 0us) == 11us);
    CHECK(latency(9, 0, 0us) == 10us);
    CHECK(latency(9, 1, 0us) == 15us);  // its input is fresh from the lane, as job 2's was
    CHECK(latency(1, 1, 0us) == 21us);
    CHECK(latency(1, 2, 0us) == 70us);
    CHECK(sources.recorded == 2);
    CHECK(sources.nearest == 2);
    CHECK(sources.base == 1);
}
