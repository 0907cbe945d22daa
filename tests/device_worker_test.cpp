#include "profiler/device/device_worker.hpp"

#include <atomic>
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/fake_device.hpp"

using namespace laxity;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto kForever = Clock::time_point::max();

// With and without spinning: the two ways that a hand-over goes.
DeviceWorkerOptions quiet(std::chrono::nanoseconds spin) {
    return {.core = -1, .capacity = 4, .spin = spin, .raise_priority = false};
}

const std::vector<float> kInput = {0.5F, 2, 1};

}  // namespace

TEST_CASE("A ring hands entries over in order and knows when it is full", "[worker]") {
    SpscRing<int> ring(3);  // rounded up to 4
    int entry = 0;
    CHECK(ring.empty());
    CHECK_FALSE(ring.pop(entry));
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 4; ++i) CHECK(ring.push(10 * round + i));
        CHECK_FALSE(ring.push(99));
        for (int i = 0; i < 4; ++i) {
            REQUIRE(ring.pop(entry));
            CHECK(entry == 10 * round + i);
        }
        CHECK(ring.empty());
    }
}

TEST_CASE("A ring between two threads loses and reorders nothing", "[worker]") {
    SpscRing<std::uint64_t> ring(8);
    constexpr std::uint64_t kCount = 20'000;
    std::thread producer([&] {
        for (std::uint64_t i = 0; i < kCount;) {
            if (ring.push(i)) {
                ++i;
            } else {
                std::this_thread::yield();
            }
        }
    });
    std::uint64_t expected = 0, entry = 0;
    bool in_order = true;
    while (expected < kCount) {
        if (!ring.pop(entry)) {
            std::this_thread::yield();
            continue;
        }
        in_order = in_order && entry == expected;
        ++expected;
    }
    producer.join();
    CHECK(in_order);
}

TEST_CASE("A doorbell is never missed, and gives up when the time has come", "[worker]") {
    for (const auto spin : {std::chrono::nanoseconds(0), std::chrono::nanoseconds(20'000), kSpinForever}) {
        Doorbell bell(spin), answer(spin);
        std::atomic<int> ball{0};
        constexpr int kRounds = 2000;
        std::thread other([&] {
            for (int i = 0; i < kRounds; ++i) {
                bell.wait_until(kForever, [&] { return ball.load() == 2 * i + 1; });
                ball.store(2 * i + 2);
                answer.ring();
            }
        });
        for (int i = 0; i < kRounds; ++i) {
            ball.store(2 * i + 1);
            bell.ring();
            REQUIRE(answer.wait_until(kForever, [&] { return ball.load() == 2 * i + 2; }));
        }
        other.join();
        const auto until = Clock::now() + std::chrono::milliseconds(2);
        CHECK_FALSE(bell.wait_until(until, [] { return false; }));
        CHECK(Clock::now() >= until);
        CHECK(bell.wait_until(Clock::time_point{}, [] { return true; }));  // ready wins over a time long past
    }
}

TEST_CASE("A doorbell that was told when to expect news hears it before, then and after", "[worker]") {
    for (const auto spin : {std::chrono::nanoseconds(0), std::chrono::nanoseconds(50'000), kSpinForever}) {
        Doorbell bell(spin);
        for (const auto expected : {-1ms, 0ms, 1ms, 20ms}) {
            const auto start = Clock::now();
            std::atomic<bool> news{false};
            std::thread other([&] {
                std::this_thread::sleep_until(start + 2ms);
                news.store(true);
                bell.ring();
            });
            CHECK(bell.wait_until(kForever, start + expected, [&] { return news.load(); }));
            CHECK(bell.woke() >= start + 2ms);
            other.join();
            CHECK_FALSE(bell.wait_until(start, start + expected, [] { return false; }));
        }
    }
}

TEST_CASE("A completion can be looked at before it is taken", "[worker]") {
    FakeDevice device;
    FakeExecutable executable(1, 1, 3);
    Doorbell news{kSpinForever};
    DeviceWorker worker(device, news, quiet({}));
    CHECK(worker.peek() == nullptr);
    worker.submit({.executable = &executable, .slot = 0, .stage = 0, .ticket = 3, .input = kInput});
    REQUIRE(news.wait_until(kForever, [&] { return worker.has_completion(); }));
    REQUIRE(worker.peek() != nullptr);
    CHECK((worker.peek()->ticket == 3 && worker.peek()->finished <= news.woke()));
    CHECK(worker.in_flight() == 1);
    CHECK(worker.poll()->ticket == 3);
    CHECK(worker.peek() == nullptr);
}

TEST_CASE("The worker runs stages in order on its own thread", "[worker]") {
    for (const auto spin : {std::chrono::nanoseconds(0), std::chrono::nanoseconds(50'000), kSpinForever}) {
        FakeDevice device;
        FakeExecutable executable(2, 1, 3);
        std::vector<std::pair<int, int>> ran;
        std::thread::id ran_on;
        executable.on_stage = [&](int slot, int stage) {
            ran.emplace_back(slot, stage);
            ran_on = std::this_thread::get_id();
        };
        Doorbell news(spin);
        DeviceWorker worker(device, news, quiet(spin));
        CHECK(device.adopted != std::this_thread::get_id());
        CHECK(worker.refusals() == std::vector<std::string>{"the fake device refuses something"});
        CHECK_FALSE(worker.has_completion());

        const auto before = Clock::now();
        worker.submit({.executable = &executable, .slot = 0, .stage = 0, .ticket = 7, .input = kInput});
        worker.submit({.executable = &executable, .slot = 0, .stage = 1, .ticket = 8});
        const auto first = worker.wait_until(kForever), second = worker.wait_until(kForever);
        REQUIRE((first && second));
        CHECK((first->ticket == 7 && second->ticket == 8));
        CHECK_FALSE((first->failed || second->failed));
        CHECK(first->outcome.prediction == 1);
        CHECK(second->outcome.confidence > first->outcome.confidence);
        CHECK((before <= first->started && first->started <= first->finished && first->finished <= second->started));
        CHECK(ran == std::vector<std::pair<int, int>>{{0, 0}, {0, 1}});
        CHECK(ran_on == device.adopted);
        CHECK(worker.in_flight() == 0);
        CHECK_FALSE(worker.wait_until(Clock::now() + std::chrono::milliseconds(1)));
        CHECK_FALSE(worker.poll());
    }
}

TEST_CASE("One doorbell serves the workers of several resources", "[worker]") {
    FakeDevice device;
    FakeExecutable left(1, 1, 3), right(1, 1, 3);
    Doorbell news{std::chrono::nanoseconds(0)};
    DeviceWorker a(device, news, quiet({})), b(device, news, quiet({}));
    int collected = 0;
    for (int round = 0; round < 200; ++round) {
        a.submit({.executable = &left, .slot = 0, .stage = 0, .ticket = round, .input = kInput});
        b.submit({.executable = &right, .slot = 0, .stage = 0, .ticket = round, .input = kInput});
        while (a.in_flight() + b.in_flight() > 0) {
            REQUIRE(news.wait_until(kForever, [&] { return a.has_completion() || b.has_completion(); }));
            for (DeviceWorker* worker : {&a, &b}) {
                if (const auto completion = worker->poll()) collected += completion->ticket == round ? 1 : 0;
            }
        }
    }
    CHECK(collected == 400);
}

TEST_CASE("A full worker says so and takes more once completions are collected", "[worker]") {
    FakeDevice device;
    FakeExecutable executable(1, 1, 3);
    Doorbell news{std::chrono::nanoseconds(0)};
    DeviceWorker worker(device, news, quiet({}));
    const StageRequest request{.executable = &executable, .slot = 0, .stage = 0, .ticket = 0, .input = kInput};
    for (int i = 0; i < 4; ++i) worker.submit(request);
    CHECK_THROWS_AS(worker.submit(request), std::length_error);
    REQUIRE(worker.wait_until(kForever));
    CHECK_NOTHROW(worker.submit(request));
    for (int i = 0; i < 4; ++i) CHECK(worker.wait_until(kForever));
}

TEST_CASE("After a stage has failed, the rest fails too and the reason is kept", "[worker]") {
    FakeDevice device;
    FakeExecutable executable(1, 1, 3);
    int calls = 0;
    executable.on_stage = [&](int, int) {
        if (++calls == 2) throw DeviceError("the fan fell off");
        if (calls > 2) throw DeviceError("never reached");
    };
    Doorbell news{std::chrono::nanoseconds(0)};
    DeviceWorker worker(device, news, quiet({}));
    for (int i = 0; i < 3; ++i)
        worker.submit({.executable = &executable, .slot = 0, .stage = 0, .ticket = i, .input = kInput});
    CHECK_FALSE(worker.wait_until(kForever)->failed);
    CHECK(worker.wait_until(kForever)->failed);
    CHECK(worker.wait_until(kForever)->failed);
    CHECK(worker.error() == "the fan fell off");
    CHECK(calls == 2);
}

TEST_CASE("A device that can't adopt the thread fails every stage", "[worker]") {
    FakeDevice device;
    device.adoption_fails = true;
    FakeExecutable executable(1, 1, 3);
    Doorbell news{std::chrono::nanoseconds(0)};
    DeviceWorker worker(device, news, quiet({}));
    worker.submit({.executable = &executable, .slot = 0, .stage = 0, .ticket = 1, .input = kInput});
    CHECK(worker.wait_until(kForever)->failed);
    CHECK(worker.error() == "no context");
}

TEST_CASE("A worker can be destroyed with work in flight", "[worker]") {
    for (int i = 0; i < 50; ++i) {
        FakeDevice device;
        FakeExecutable executable(1, 1, 3);
        Doorbell news{std::chrono::nanoseconds(0)};
        DeviceWorker worker(device, news, quiet(std::chrono::microseconds(i % 3)));
        for (int k = 0; k < i % 5; ++k) {
            worker.submit({.executable = &executable, .slot = 0, .stage = 0, .ticket = k, .input = kInput});
        }
    }
}
