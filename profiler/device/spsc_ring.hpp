// A queue between exactly two threads.
#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <vector>

namespace laxity {

// One thread pushes, another pops; neither locks, waits or allocates. Both O(1).
template <class T>
class SpscRing {
public:
    // Room for at least `capacity` entries.
    explicit SpscRing(std::size_t capacity) : entries_(std::bit_ceil(capacity)), mask_(entries_.size() - 1) {}

    // Returns false if the ring is full.
    bool push(const T& entry) {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_.load(std::memory_order_acquire) == entries_.size()) return false;
        entries_[tail & mask_] = entry;
        tail_.store(tail + 1, std::memory_order_release);
        return true;
    }

    // Returns false if the ring is empty.
    bool pop(T& entry) {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head == tail_.load(std::memory_order_acquire)) return false;
        entry = entries_[head & mask_];
        head_.store(head + 1, std::memory_order_release);
        return true;
    }

    // For the thread that pops: the entry that pop() would give; null if the ring is empty.
    const T* front() const { return empty() ? nullptr : &entries_[head_.load(std::memory_order_relaxed) & mask_]; }
    // For the thread that pops.
    bool empty() const { return head_.load(std::memory_order_relaxed) == tail_.load(std::memory_order_acquire); }

private:
    static constexpr std::size_t kCacheLine = 64;

    std::vector<T> entries_;
    std::size_t mask_;
    alignas(kCacheLine) std::atomic<std::size_t> head_{0};  // next to pop; written by the popping thread only
    alignas(kCacheLine) std::atomic<std::size_t> tail_{0};  // next to fill; written by the pushing thread only
};

}  // namespace laxity
