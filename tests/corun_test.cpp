#include "profiler/measure/corun.hpp"

#include <array>
#include <atomic>
#include <thread>

#include "profiler/open_device.hpp"
#include "tests/catch.hpp"
#include "tests/fake_device.hpp"
#include "tests/onnx_builder.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

using namespace laxity;

namespace {

// Two stages, three classes, inputs of 2 x 5 x 6.
Network network() {
    OnnxBuilder builder;
    builder.convolution("input", "a", 2, 16).head("a", 16).convolution("a", "b", 16, 16).head("b", 16);
    return builder.import();
}

Dataset dataset() {
    return {"random", "test", {2, 5, 6}, 3, {0, 1, 2, 0}, OnnxBuilder::numbers(std::size_t{4} * 60), {}};
}

CorunOptions unpinned(std::vector<int> counts) {
    return {.counts = std::move(counts), .cores = {-1, -1, -1}, .passes = 20, .raise_priority = false};
}

// A stage's slot is its lane.
struct SlotsSeen {
    explicit SlotsSeen(FakeDevice& device) {
        device.on_stage = [this](int slot, int) { seen[static_cast<std::size_t>(slot)] = true; };
    }
    std::array<std::atomic<bool>, 3> seen{};
};

}  // namespace

TEST_CASE("Each count of stages side by side has its neighbours and gives a slowdown by stage", "[corun]") {
    FakeDevice device;
    const SlotsSeen slots(device);
    const auto coruns = measure_corun(device, network(), dataset(), unpinned({3, 2}));
    REQUIRE(coruns.size() == 2);
    CHECK((coruns[0].resources == 3 && coruns[1].resources == 2));
    for (const Corun& corun : coruns) {
        REQUIRE(corun.slowdown.size() == 2);
        for (const double slowdown : corun.slowdown) CHECK(slowdown >= 1);
    }
    CHECK((slots.seen[0] && slots.seen[1] && slots.seen[2]));
}

TEST_CASE("A stage that waits for its neighbour's is slowed down by it, another is not", "[corun]") {
    FakeDevice device;
    std::atomic<int> running{0};  // stages, in every lane: each is the measured one in turn
    device.on_stage = [&](int, int stage) {
        const bool slowed = ++running > 1 && stage == 0;
        // Long enough that what the system does beside it is small: 1 ms alone, 20 ms while the neighbour runs.
        std::this_thread::sleep_for(std::chrono::milliseconds(slowed ? 20 : 1));
        --running;
    };
    CorunOptions options = unpinned({2});
    options.passes = 10;
    const Corun corun = measure_corun(device, network(), dataset(), options).at(0);
    CHECK(corun.slowdown[0] > 1.5);
    CHECK(corun.slowdown[1] < corun.slowdown[0]);
}

TEST_CASE("What a neighbour's stage throws ends the measurement", "[corun]") {
    FakeDevice device;
    device.on_stage = [](int slot, int) {
        if (slot == 1) throw DeviceError("the neighbour moved out");
    };
    CHECK_THROWS_AS(measure_corun(device, network(), dataset(), unpinned({2})), DeviceError);
}

TEST_CASE("An interrupted measurement of slowdowns gives none, and more threads than cores are refused", "[corun]") {
    FakeDevice device;
    set_interrupted(true);
    const auto none = [&] { return measure_corun(device, network(), dataset(), unpinned({2})); };
    CHECK(none().empty());
    set_interrupted(false);
    CHECK(none().size() == 1);
    CHECK_THROWS_AS(measure_corun(device, network(), dataset(), unpinned({4})), InputError);
}

TEST_CASE("The processor runs stages side by side", "[corun]") {
    const auto device = open_device("cpu");
    CHECK(measure_corun(*device, network(), dataset(), unpinned({2})).at(0).slowdown.size() == 2);
}
