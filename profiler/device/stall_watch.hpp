// Gaps in which a thread did not get to read the clock although nothing of ours kept it from it: an interrupt, another
// thread, the kernel, or the host below the guest.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "profiler/device/spsc_ring.hpp"
#include "traces/history.hpp"

namespace laxity {

// A thread that spins is its own watchdog: it reads the clock all the time, so that a long way between two readings is
// a stall. A watchdog beside it would take the core that it watches, and on a core of its own watch the wrong one.
//
// One thread reads, one thread (the same or another) collects. Memory is fixed: gaps that nobody collects in time are
// counted and otherwise lost. All O(1), without locks and system calls.
class StallWatch {
public:
    using Clock = std::chrono::steady_clock;
    struct Gap {
        Clock::time_point at;
        std::chrono::nanoseconds length{};
        Clock::time_point end() const { return at + length; }
    };
    static constexpr std::chrono::microseconds kThreshold{50};  // shorter gaps are not counted
    static constexpr std::size_t kCapacity = 1024;

    StallWatch() : gaps_(kCapacity) {}

    // The thread that reads begins to: what was before this reading is not watched.
    void start(Clock::time_point now) { last_ = now; }
    // The next reading.
    void read(Clock::time_point now) {
        const std::chrono::nanoseconds since = now - last_;
        watched_.store(watched_.load(std::memory_order_relaxed) + since.count(), std::memory_order_relaxed);
        if (since > kThreshold && !gaps_.push({last_, since}))
            lost_.store(lost_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        last_ = now;
    }

    // For the thread that collects: the next gap, or nothing.
    std::optional<Gap> poll() {
        Gap gap;
        return gaps_.pop(gap) ? std::optional(gap) : std::nullopt;
    }
    // How long the clock was read so far, gaps included.
    std::chrono::nanoseconds watched() const {
        return std::chrono::nanoseconds(watched_.load(std::memory_order_relaxed));
    }
    std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

private:
    SpscRing<Gap> gaps_;
    Clock::time_point last_;
    std::atomic<std::int64_t> watched_{0};  // ns
    std::atomic<std::uint64_t> lost_{0};
};

// Moves the gaps that ended after `began` to `stalls`, with their times since then. To be called now and then, as the
// watch holds kCapacity of them; who is done adds watch.watched() to stalls.watched.
void collect_gaps(StallWatch& watch, StallWatch::Clock::time_point began, Stalls& stalls);

// What of a stage's latency counts as stalled, for a stage reads no clock: all beyond its p50, if it took more than 50
// us beyond 1.5 x its p99; else nothing. Our rule: no cache and no clock frequency does that to a stage, and what does
// is not the stage.
constexpr Duration stall_in_stage(Duration latency, Duration p50, Duration p99) {
    return latency > p99 + p99 / 2 + StallWatch::kThreshold ? latency - p50 : Duration(0);
}

}  // namespace laxity
