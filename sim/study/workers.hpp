// Threads that share a piece of work.
#pragma once

#include <atomic>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "traces/base/interrupt.hpp"

namespace laxity {

// Runs one function on several threads. The first exception stops all of them and is thrown by join(); Interrupted
// stops them too, and is only noted. The work looks at stopped() between its parts.
class Workers {
public:
    // `changed` is notified when a thread has ended, for those who wait for the work to advance.
    explicit Workers(std::condition_variable& changed) : changed_(changed) {}

    void start(int threads, const std::function<void()>& work) {
        for (int i = 0; i < threads; ++i) threads_.emplace_back([this, work] { guarded(work); });
    }
    void stop() { stop_ = true; }
    bool stopped() const { return stop_; }
    // Waits for all threads. Throws what one of them threw.
    void join() {
        threads_.clear();
        if (error_) std::rethrow_exception(error_);
    }

private:
    void guarded(const std::function<void()>& work) {
        try {
            work();
        } catch (const Interrupted&) {
            stop_ = true;
        } catch (...) {
            const std::lock_guard lock(mutex_);
            if (!error_) error_ = std::current_exception();
            stop_ = true;
        }
        changed_.notify_all();
    }

    std::condition_variable& changed_;
    std::atomic<bool> stop_{false};
    std::mutex mutex_;
    std::exception_ptr error_;
    std::vector<std::jthread> threads_;  // the last: they end before what they use
};

}  // namespace laxity
