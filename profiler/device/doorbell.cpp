#include "profiler/device/doorbell.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <ctime>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace laxity {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t), "the kernel reads it as a plain word");

void Doorbell::ring() {
    rings_.fetch_add(1);
    if (asleep_.load()) syscall(SYS_futex, &rings_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

// The steady clock is CLOCK_MONOTONIC here, which is what the kernel takes absolute times on.
void Doorbell::sleep(std::uint32_t heard, Clock::time_point until) {
    const auto since_boot = until.time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    const timespec time{seconds.count(), std::chrono::nanoseconds(since_boot - seconds).count()};
    const bool forever = until == Clock::time_point::max();
    syscall(SYS_futex, &rings_, FUTEX_WAIT_BITSET_PRIVATE, heard, forever ? nullptr : &time, nullptr,
            FUTEX_BITSET_MATCH_ANY);
}

void Doorbell::relax() {
#if defined(__SSE2__)
    _mm_pause();
#endif
}

}  // namespace laxity
