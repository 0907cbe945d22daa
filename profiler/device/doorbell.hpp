// How one thread waits for news from others without missing any, as fast or as cheaply as it may.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "profiler/device/stall_watch.hpp"

namespace laxity {

// One thread waits, any number ring. The waiter spins for a given time, then sleeps in the kernel (a futex), and spins
// again shortly before its time is up, because a wake-up by timer comes late. Ringing costs an atomic increment, and a
// system call only if the waiter sleeps.
//
// A thread that has its core alone spins for kSpinForever: it never sleeps, and learns of a ring within a fraction of a
// microsecond. While it spins it watches for stalls.
class Doorbell {
public:
    using Clock = std::chrono::steady_clock;

    explicit Doorbell(Clock::duration spin) : spin_(spin) {}

    // What was written before ring() is visible to the waiter when it returns from waiting for it.
    void ring();

    // Returns true as soon as ready() is true, or false at `until`. ready() is called often and must not block.
    template <class Ready>
    bool wait_until(Clock::time_point until, Ready ready) {
        return wait_until(until, Clock::time_point::max(), ready);
    }
    // The same for news that is expected at a time: a waiter that has to sleep is awake shortly before.
    template <class Ready>
    bool wait_until(Clock::time_point until, Clock::time_point expected, Ready ready);

    // The last reading of the clock in wait_until(), just before it returned: after ready() if that was true, and not
    // before `until` else. For the thread that waits.
    Clock::time_point woke() const { return woke_; }
    // What the waiter saw while it spun. Its collector is one thread, the waiter or another.
    StallWatch& stalls() { return stalls_; }
    const StallWatch& stalls() const { return stalls_; }

private:
    template <class Ready>
    bool spin_until(Clock::time_point until, Ready& ready);
    template <class Ready>
    bool sleep_until(Clock::time_point until, Ready& ready);
    // Sleeps until a ring after `heard`, until `until`, or for no reason.
    void sleep(std::uint32_t heard, Clock::time_point until);
    static void relax();

    Clock::duration spin_;
    Clock::time_point woke_;
    StallWatch stalls_;
    std::atomic<std::uint32_t> rings_{0};
    std::atomic<bool> asleep_{false};
};

template <class Ready>
bool Doorbell::spin_until(Clock::time_point until, Ready& ready) {
    for (stalls_.start(Clock::now());; relax()) {
        const bool came = ready();
        woke_ = Clock::now();
        stalls_.read(woke_);
        if (came || woke_ >= until) return came;
    }
}

template <class Ready>
bool Doorbell::sleep_until(Clock::time_point until, Ready& ready) {
    while (Clock::now() < until) {
        // A ringer that sees asleep_ == false rang before this store; then `heard` or ready() already knows of it. Both
        // are sequentially consistent, as in ring().
        asleep_.store(true);
        const std::uint32_t heard = rings_.load();
        const bool came = ready();
        if (!came) sleep(heard, until);
        asleep_.store(false, std::memory_order_relaxed);
        if (!came) continue;
        woke_ = Clock::now();
        return true;
    }
    return false;
}

template <class Ready>
bool Doorbell::wait_until(Clock::time_point until, Clock::time_point expected, Ready ready) {
    constexpr Clock::time_point kForever = Clock::time_point::max();
    if (spin_until(std::min(Clock::now() + spin_, until), ready)) return true;
    if (woke_ >= until) return false;
    if (expected < until) {
        if (sleep_until(expected - spin_, ready)) return true;
        // Longer than before it: the thread that it waits for may have had to wake up first.
        if (spin_until(std::min(expected + 4 * spin_, until), ready)) return true;
    }
    if (sleep_until(until == kForever ? until : until - spin_, ready)) return true;
    return spin_until(until, ready);
}

}  // namespace laxity
