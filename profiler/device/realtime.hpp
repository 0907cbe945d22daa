// What a process asks of the operating system before it measures or runs live. Each request that is refused comes back
// as a line of text that says so; nothing here throws, and everything works without them, only less evenly.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace laxity {

using Refusal = std::optional<std::string>;  // nothing = granted

// Cores that the calling thread may use, ascending.
std::vector<int> allowed_cores();

// The thread that drives (scheduler or measurement) and the one that runs stages get a core each: the first and the
// last that the calling thread may use. To be asked before it is pinned. With a single core both are -1, not pinned,
// and spinning would only keep the other thread from running.
struct CorePlan {
    int driver = -1;
    int device = -1;
    std::chrono::nanoseconds spin{0};
};
CorePlan plan_cores();

// The same for a driver beside several threads that run stages: accelerator lanes from the last core down, host lanes
// from the first that is left up. Where there are fewer cores than threads some share one, the driver's among them, and
// those that share don't spin.
struct ThreadPlace {
    int core = -1;
    std::chrono::nanoseconds spin{0};
};
struct ThreadPlan {
    ThreadPlace driver;
    std::vector<ThreadPlace> accelerators, hosts;
    bool shared = false;  // some threads share a core
};
ThreadPlan plan_threads(const std::vector<int>& cores, int accelerators, int hosts);

// A negative core does nothing.
Refusal pin_this_thread(int core);

// Raises the calling thread above ordinary work. A thread that blocks most of the time gets SCHED_FIFO. One that may
// stay busy gets it only where kernel.sched_rt_runtime_us is -1, since the kernel would stop it for 50 ms each second
// otherwise, and the highest ordinary priority elsewhere. `who` is for the message.
enum class ThreadLoad { kBlocks, kMayStayBusy };
Refusal raise_this_thread(ThreadLoad load, const std::string& who);

// Timers of this thread fire on time instead of up to 50 us late.
void sharpen_timers();

// Keeps all memory of the process in RAM, present and future, while it exists: one at a time.
class MemoryLock {
public:
    MemoryLock();
    ~MemoryLock();
    MemoryLock(const MemoryLock&) = delete;
    MemoryLock& operator=(const MemoryLock&) = delete;
    const Refusal& refusal() const { return refusal_; }

private:
    Refusal refusal_;
};

// The kernel's number of the calling thread.
int this_thread_id();

// How often a thread of this process lost its core to another one so far; 0 if the kernel doesn't tell.
long preemptions_of_thread(int thread_id);

}  // namespace laxity
