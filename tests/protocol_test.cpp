#include "sim/live/protocol.hpp"

#include <map>
#include <set>
#include <stdexcept>

#include "tests/catch.hpp"

using namespace laxity;
using namespace std::chrono_literals;

namespace {

std::string name_of(const LiveTurn& turn) {
    return std::to_string(turn.cell) + "." + std::to_string(turn.repetition) + "." + std::to_string(turn.attempt);
}

// Notes what it is asked for. `speeds` and `disturbances` are what the test says of windows and runs.
class ScriptedWorld final : public ValidationWorld {
public:
    std::map<std::size_t, double> speeds;             // by window; others 1
    std::map<std::string, Disturbance> disturbances;  // by turn
    std::string breaks_at;                            // a turn that throws
    std::vector<std::string> events;
    std::vector<Attempt> seen;
    std::vector<std::size_t> left;

    WindowSpeed window() override {
        events.emplace_back("window");
        const auto speed = speeds.find(windows_++);
        return {100 * (speed == speeds.end() ? 1 : speed->second), 0, 200};
    }
    Disturbance live(const LiveTurn& turn, std::size_t runs_left) override {
        if (name_of(turn) == breaks_at) throw std::runtime_error("broken");
        events.push_back(name_of(turn));
        left.push_back(runs_left);
        return disturbances[name_of(turn)];
    }
    void measured(const Attempt& attempt) override { seen.push_back(attempt); }

private:
    std::size_t windows_ = 0;
};

std::vector<Attempt> run(const ProtocolPlan& plan, ScriptedWorld& world) {
    std::vector<Attempt> attempts;
    run_protocol(plan, Steadiness(), world, attempts);
    return attempts;
}

const Attempt& find(const std::vector<Attempt>& attempts, const std::string& turn) {
    for (const Attempt& attempt : attempts) {
        if (name_of(attempt.turn) == turn) return attempt;
    }
    FAIL("no attempt " + turn);
    return attempts.front();
}

}  // namespace

TEST_CASE("every repetition of every cell comes once, in an order that the seed alone says") {
    const ProtocolPlan plan{4, 5, 3, 7};
    std::set<std::string> turns;
    for (const LiveTurn& turn : random_order(plan)) turns.insert(name_of(turn));
    CHECK(turns.size() == 20);
    const auto names = [](const ProtocolPlan& of) {
        std::vector<std::string> list;
        for (const LiveTurn& turn : random_order(of)) list.push_back(name_of(turn));
        return list;
    };
    CHECK(names(plan) == names(plan));
    CHECK(names(plan) != names({4, 5, 3, 8}));
    CHECK_FALSE(std::is_sorted(names(plan).begin(), names(plan).end()));
}

TEST_CASE("the first place of the order is any turn's, with the same chance") {
    std::map<std::size_t, int> first;
    for (std::uint64_t seed = 0; seed < 3000; ++seed) ++first[random_order({3, 1, 1, seed}).front().cell];
    for (const auto& [cell, count] : first) CHECK(std::abs(count - 1000) < 130);  // five standard deviations
}

TEST_CASE("a window stands before and after every live run") {
    ScriptedWorld world;
    const auto attempts = run({2, 2, 3, 1}, world);
    REQUIRE(world.events.size() == 9);
    for (std::size_t i = 0; i < world.events.size(); ++i) CHECK((world.events[i] == "window") == (i % 2 == 0));
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        CHECK(attempts[i].window == i);
        CHECK(attempts[i].counts);
        CHECK_FALSE(attempts[i].contended);
    }
    CHECK(world.left == std::vector<std::size_t>{4, 3, 2, 1});
}

TEST_CASE("a run is contended by others, by a stall, or by windows of another speed, and repeated at the end") {
    for (const std::string kind : {"noisy", "stall", "speed"}) {
        INFO(kind);
        ScriptedWorld world;
        const ProtocolPlan plan{3, 2, 3, 1};
        const std::string second = name_of(random_order(plan)[1]);
        if (kind == "noisy") world.disturbances[second].noisy = true;
        if (kind == "stall") world.disturbances[second].longest_stall = 2100us;
        if (kind == "speed") world.speeds[2] = 1.08;  // of two stages one: the median ratio is 1.04
        const auto attempts = run(plan, world);
        const std::size_t repeats = kind == "speed" ? 2 : 1;  // that window is beside two runs
        REQUIRE(attempts.size() == 6 + repeats);
        CHECK(attempts[1].contended);
        CHECK_FALSE(attempts[1].counts);
        CHECK(name_of(attempts[6].turn) == second.substr(0, 4) + "2");
        CHECK(attempts[6].counts);
        CHECK_FALSE(attempts[6].contended);
    }
}

TEST_CASE("what is just below the limits is not contended") {
    ScriptedWorld world;
    const ProtocolPlan plan{1, 1, 3, 1};
    world.disturbances["0.1.1"].longest_stall = 2ms;
    world.speeds[1] = 1.058;
    CHECK(run(plan, world).size() == 1);
    CHECK(world.seen[0].disturbance.speed_change == Approx(0.029));
}

TEST_CASE("the least contended attempt counts if none was clean") {
    ScriptedWorld world;
    world.disturbances["0.1.1"].longest_stall = 9ms;
    world.disturbances["0.1.2"].longest_stall = 3ms;
    world.disturbances["0.1.3"].longest_stall = 5ms;
    const auto attempts = run({1, 1, 3, 1}, world);
    REQUIRE(attempts.size() == 3);
    CHECK(find(attempts, "0.1.2").counts);
    CHECK_FALSE(find(attempts, "0.1.1").counts);
    CHECK_FALSE(find(attempts, "0.1.3").counts);
    for (const Attempt& attempt : attempts) CHECK(attempt.contended);
}

TEST_CASE("what was measured before an end by force is there, and known to count") {
    ScriptedWorld world;
    const ProtocolPlan plan{3, 1, 3, 1};
    world.breaks_at = name_of(random_order(plan)[2]);
    std::vector<Attempt> attempts;
    CHECK_THROWS_AS(run_protocol(plan, Steadiness(), world, attempts), std::runtime_error);
    REQUIRE(attempts.size() == 2);
    CHECK(attempts[0].counts);
    CHECK(attempts[1].counts);
}

TEST_CASE("a protocol that was broken off goes on with what is left, after a window of its own") {
    const ProtocolPlan plan{3, 2, 3, 1};
    ScriptedWorld whole;
    whole.disturbances[name_of(random_order(plan)[1])].noisy = true;  // repeated at the end
    const auto undisturbed = run(plan, whole);
    REQUIRE(undisturbed.size() == 7);
    for (std::size_t broken = 0; broken < undisturbed.size(); ++broken) {
        INFO(broken);
        ScriptedWorld first, second;
        first.disturbances = second.disturbances = whole.disturbances;
        first.breaks_at = name_of(undisturbed[broken].turn);
        std::vector<Attempt> attempts;
        CHECK_THROWS_AS(run_protocol(plan, Steadiness(), first, attempts), std::runtime_error);
        REQUIRE(attempts.size() == broken);
        CHECK(turns_left(plan, attempts).size() == (broken < 2 ? 6 - broken : 7 - broken));
        run_protocol(plan, Steadiness(), second, attempts);
        REQUIRE(attempts.size() == undisturbed.size());
        for (std::size_t i = 0; i < attempts.size(); ++i) {
            CHECK(name_of(attempts[i].turn) == name_of(undisturbed[i].turn));
            CHECK(attempts[i].counts == undisturbed[i].counts);
            CHECK(attempts[i].window == i + (broken > 0 && i >= broken));  // the one after the break is its own
        }
        CHECK(second.events.size() == 2 * (undisturbed.size() - broken) + 1);
        CHECK(second.events.front() == "window");
    }
}

TEST_CASE("of a protocol that is done nothing is measured again") {
    const ProtocolPlan plan{2, 2, 2, 1};
    ScriptedWorld world, again;
    world.disturbances["0.1.1"].noisy = world.disturbances["0.1.2"].noisy = true;  // contended to the last attempt
    auto attempts = run(plan, world);
    REQUIRE(attempts.size() == 5);
    run_protocol(plan, Steadiness(), again, attempts);
    CHECK(again.events.empty());
    CHECK(attempts.size() == 5);
    CHECK(next_window(attempts) == 6);
    CHECK(next_window({}) == 0);
}

TEST_CASE("the change of speed is the median over the stages that ran in both windows") {
    CHECK(speed_change({}, {}) == 0);
    CHECK(speed_change({100, 100, 100}, {110, 101, 90}) == Approx(0.01));
    CHECK(speed_change({100, 0}, {90, 300}) == Approx(-0.1));
    CHECK(speed_change({100, 100}, {110, 130}) == Approx(0.2));
}

TEST_CASE("the reasons are said in words") {
    const Steadiness steadiness;
    CHECK(steadiness.reasons({}).empty());
    CHECK(steadiness.reasons({true, 12300us, -0.041}) ==
          "others used the machine, a stall of 12.3 ms, stages took -4.1 % more in the window after it");
}
