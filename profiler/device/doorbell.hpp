// How one thread waits for news from others without missing any, cheaply where the news comes soon.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace laxity {

// One thread waits, any number ring. The waiter spins for a bounded time, then sleeps in the kernel (a futex), and
// spins again shortly before its time is up, because a wake-up by timer comes late. Ringing costs an atomic increment,
// and a system call only if the waiter sleeps.
class Doorbell {
public:
    using Clock = std::chrono::steady_clock;

    explicit Doorbell(Clock::duration spin) : spin_(spin) {}

    // What was written before ring() is visible to the waiter when it returns from waiting for it.
    void ring();

    // Returns true as soon as ready() is true, or false at `until`. ready() is called often and must not block.
    template <class Ready>
    bool wait_until(Clock::time_point until, Ready ready);

private:
    template <class Ready>
    static bool spin_until(Clock::time_point until, Ready& ready);
    // Sleeps until a ring after `heard`, until `until`, or for no reason.
    void sleep(std::uint32_t heard, Clock::time_point until);
    static void relax();

    Clock::duration spin_;
    std::atomic<std::uint32_t> rings_{0};
    std::atomic<bool> asleep_{false};
};

template <class Ready>
bool Doorbell::spin_until(Clock::time_point until, Ready& ready) {
    do {
        if (ready()) return true;
        relax();
    } while (Clock::now() < until);
    return ready();
}

template <class Ready>
bool Doorbell::wait_until(Clock::time_point until, Ready ready) {
    const Clock::time_point spin_end = Clock::now() + spin_;
    if (spin_until(spin_end < until ? spin_end : until, ready)) return true;
    const bool forever = until == Clock::time_point::max();
    const Clock::time_point wake = forever ? until : until - spin_;
    while (Clock::now() < wake) {
        // A ringer that sees asleep_ == false rang before this store; then `heard` or ready() already knows of it. Both
        // are sequentially consistent, as in ring().
        asleep_.store(true);
        const std::uint32_t heard = rings_.load();
        const bool came = ready();
        if (!came) sleep(heard, wake);
        asleep_.store(false, std::memory_order_relaxed);
        if (came) return true;
    }
    return spin_until(until, ready);
}

}  // namespace laxity
