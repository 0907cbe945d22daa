#include "workloads/energy.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "workloads/eta.hpp"
#include "workloads/task_set.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

Harvester persistent(double watts) { return {PersistentPower{watts}, 1s, watts / 2}; }

Harvester bursts(double mean_on_slots, double mean_off_slots) {
    return {BurstyPower{0.02, mean_on_slots, mean_off_slots}, 10ms, 0.005};
}

// A day of 100 slots of 100 ms, half of them light, with a peak of 10 mW.
Harvester solar(double clouds) { return {SolarPower{0.01, 100, 50, clouds}, 100ms, 0.0015}; }

std::vector<Harvester> one_of_each() {
    return {persistent(0.003),
            solar(0.3),
            bursts(5, 8),
            {RecordedPower{{at_ns(0), at_ns(7), at_ns(1007), at_ns(3000)}, {3, 0, 0.25}}, 1us, 0.1}};
}

Workload load_energy(const std::string& energy) {
    return load_workload(write_test_file("energy_test.json", R"({"schema": "laxity.workload/1",
      "tasks": [{"name": "t", "variants": [{"synthetic": {"stages": [1, 2], "unit": "ms", "accuracy": [0.5, 0.6]}}],
                 "arrival": {"process": "poisson", "load": 0.5}, "deadline": {"fixed": 1, "unit": "full"}}],
      "horizon": {"jobs": 10}, "energy": )" + energy + "}"));
}

const std::string kRest = R"("capacitor": {"capacity": 20, "initial": 5, "turn_on": 8, "unit": "mJ"},
                            "active_power": 2, "power_unit": "W"})";

}  // namespace

TEST_CASE("persistent power gives watts x nanoseconds, rounded down") {
    const Harvester harvester = persistent(0.003);
    HarvestCursor cursor(harvester, 1);
    CHECK(cursor.until(Time{}) == 0);
    CHECK(cursor.until(at_ns(999)) == 2);
    CHECK(cursor.until(at_ns(1000)) == 3);
    CHECK(cursor.until(Time(10s + 1ms)) == 30'003'000);
}

TEST_CASE("what was harvested by a time does not depend on when else one asked") {
    for (const Harvester& harvester : one_of_each()) {
        HarvestCursor often(harvester, 7);
        for (std::int64_t ns = 0; ns <= 2'000'000'000; ns += 12'345'679) {
            HarvestCursor once(harvester, 7);
            REQUIRE(often.until(at_ns(ns)) == once.until(at_ns(ns)));
        }
    }
}

TEST_CASE("reaching() is the first instant with so much") {
    for (const Harvester& harvester : one_of_each()) {
        HarvestCursor cursor(harvester, 3);
        for (const std::int64_t nj : {1, 2, 900, 123'457, 4'000'000}) {
            const Time at = cursor.reaching(nj);
            HarvestCursor then(harvester, 3), before(harvester, 3);
            CHECK(then.until(at) >= nj);
            CHECK(before.until(at - 1ns) < nj);
        }
    }
}

TEST_CASE("the mean power is what a long run gives") {
    for (const Harvester& harvester : one_of_each()) {
        HarvestCursor cursor(harvester, 11);
        const double mean_w = static_cast<double>(cursor.until(Time(2000s))) * 1e-9 / 2000;
        CHECK(mean_w == Approx(mean_power(harvester)).epsilon(0.02));
    }
}

TEST_CASE("a recording repeats") {
    const Harvester harvester{RecordedPower{{at_ns(0), at_ns(10), at_ns(40)}, {3, 1}}, 10ns, 1};
    HarvestCursor cursor(harvester, 1);
    CHECK(cursor.until(at_ns(5)) == 15);
    CHECK(cursor.until(at_ns(10)) == 30);
    CHECK(cursor.until(at_ns(40)) == 60);
    CHECK(cursor.until(at_ns(45)) == 75);
    CHECK(cursor.until(at_ns(80)) == 120);
}

TEST_CASE("random harvesters follow the seed") {
    for (const Harvester& harvester : {solar(0.3), bursts(5, 8)}) {
        HarvestCursor one(harvester, 1), two(harvester, 2);
        CHECK(one.until(Time(10s)) != two.until(Time(10s)));
    }
}

// Slots 1 1 0 0 1 1 0 0. P(event) = 4/8. After one event: slots 1, 2, 5, 6 -> 2/4. After one empty slot: 3, 4, 7 ->
// 1/3. After two: slot 4 -> 1. The mean of the first of either side: (1/2 + 1/3) / 2 = 5/12.
TEST_CASE("eta's probabilities and distance by hand") {
    const std::vector<std::uint8_t> slots = {1, 1, 0, 0, 1, 1, 0, 0};
    std::vector<double> h = event_probabilities(slots, 2);
    std::sort(h.begin(), h.end());
    REQUIRE(h.size() == 5);
    const std::vector<double> expected = {1.0 / 3, 5.0 / 12, 0.5, 0.5, 1};
    for (std::size_t i = 0; i < h.size(); ++i) CHECK(h[i] == Approx(expected[i]));
    // Persistent power: 0 0 0 1 1.
    CHECK(distance_to_persistent(h) == Approx((1.0 / 3 + 5.0 / 12 + 0.5 + 0.5 + 0) / 5));
}

TEST_CASE("eta is 1 for persistent power, about 0 for chance, in between for runs") {
    CHECK(eta_of(persistent(1)) == 1);
    CHECK(std::abs(eta_of(bursts(2, 2))) < 0.05);              // stays on with chance 1/2: independent slots
    CHECK(std::abs(eta_of(bursts(1 / 0.7, 1 / 0.3))) < 0.05);  // events in 30 % of independent slots
    const double short_runs = eta_of(bursts(12, 12)), long_runs = eta_of(bursts(60, 60));
    CHECK(short_runs > 0.3);
    CHECK(short_runs < 0.8);
    CHECK(long_runs > 0.85);
    CHECK(eta_of(solar(0)) > eta_of(solar(0.5)));
}

TEST_CASE("eta where every slot is an event, or none") {
    CHECK(eta_of(std::vector<std::uint8_t>{1, 1, 1}) == 1);
    CHECK(eta_of(std::vector<std::uint8_t>{0, 0, 0}) == 0);
}

TEST_CASE("an energy section is resolved") {
    const EnergyModel model =
        *load_energy(R"({"harvester": {"kind": "persistent", "power": 3, "power_unit": "mW"}, )" + kRest).energy;
    CHECK(std::get<PersistentPower>(model.harvester.source).power_w == Approx(0.003));
    CHECK(model.capacitor.capacity_nj == 20'000'000);
    CHECK(model.capacitor.initial_nj == 5'000'000);
    CHECK(model.capacitor.turn_on_nj == 8'000'000);
    CHECK(model.active_power_w == 2);
    const Harvester sun = load_energy(R"({"harvester": {"kind": "solar", "peak": 30, "power_unit": "mW", "day": 2,
        "slot": 0.1, "unit": "s", "daylight": 0.4, "clouds": 0.2}, )" +
                                      kRest)
                              .energy->harvester;
    CHECK(std::get<SolarPower>(sun.source).slots_per_day == 20);
    CHECK(std::get<SolarPower>(sun.source).daylight_slots == 8);
    CHECK(sun.event_power_w == Approx(mean_power(sun) / 2));
    const Harvester radio = load_energy(R"({"harvester": {"kind": "bursts", "power": 9, "power_unit": "mW", "on": 30,
        "off": 60, "slot": 10, "unit": "ms", "event_power": 5}, )" +
                                        kRest)
                                .energy->harvester;
    CHECK(std::get<BurstyPower>(radio.source).mean_on_slots == 3);
    CHECK(radio.event_power_w == Approx(0.005));
    write_test_file("energy_test.csv", "s,mW\n# noon\n10, 3\n11,5\n\n14,0\n");
    const Harvester record = load_energy(R"({"harvester": {"kind": "record", "file": "energy_test.csv",
        "power_unit": "mW", "unit": "s"}, )" +
                                         kRest)
                                 .energy->harvester;
    CHECK(mean_power(record) == Approx((1 * 3e-3 + 3 * 5e-3) / 4));
    CHECK(record.slot == 2s);
}

TEST_CASE("a stage takes what the trace measured, else stated power x mean time") {
    const Workload workload =
        load_energy(R"({"harvester": {"kind": "persistent", "power": 3, "power_unit": "mW"}, )" + kRest);
    const TaskSet tasks = make_task_set(workload);
    CHECK(tasks.tasks[0].variants[0].energy_nj == std::vector<std::int64_t>{2'000'000, 4'000'000});
    CHECK(tasks.energy->capacity_nj == 20'000'000);
    CHECK(tasks.energy->eta == 1);
    Trace trace = *workload.tasks[0].variants[0].trace;
    trace.stages[0].energy_uj = 12.5;
    CHECK(stage_energy_nj(*workload.energy, trace, 0) == 12'500);
}
