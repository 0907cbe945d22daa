// What a process asks of the operating system before it measures or runs live. Each request that is refused comes back
// as a line of text that says so; nothing here throws, and everything works without them, only less evenly.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace laxity {

using Refusal = std::optional<std::string>;  // nothing = granted

// Cores that the calling thread may use, ascending.
std::vector<int> allowed_cores();

// How threads wait for each other: kSpin reads memory and the clock without a pause and never sleeps, which only a
// thread that has its core to itself may do; kPark sleeps in the kernel (profiler/device/doorbell.hpp).
enum class Wait : std::uint8_t { kSpin, kPark };
std::string text_of(Wait wait);  // "spin", "park"

// Of a thread that never sleeps: so long that nothing it waits for comes later.
inline constexpr std::chrono::nanoseconds kSpinForever = std::chrono::hours(1);

// The thread that drives (scheduler or measurement) and the one that runs stages get a core each: the first and the
// last that the calling thread may use. To be asked before it is pinned. With a single core both are -1, not pinned,
// and park whatever is asked for: spinning would only keep the other thread from running.
struct CorePlan {
    int driver = -1;
    int device = -1;
    std::chrono::nanoseconds spin{0};  // before either sleeps: what Doorbell and DeviceWorkerOptions take
    Wait wait = Wait::kPark;           // what is done
};
CorePlan plan_cores(Wait wait = Wait::kSpin);

// The same for a driver beside several threads that run stages: accelerator lanes from the last core down, host lanes
// from the first that is left up. Where there are fewer cores than threads some share one, the driver's among them, and
// those that share park, without spinning before.
struct ThreadPlace {
    int core = -1;
    std::chrono::nanoseconds spin{0};
    Wait wait = Wait::kPark;
};
struct ThreadPlan {
    ThreadPlace driver;
    std::vector<ThreadPlace> accelerators, hosts;
    bool shared = false;  // some threads share a core
    // What is done: "spin", "park", or by thread where they differ, as "scheduler park, accelerator spin, host park".
    std::string wait() const;
};
ThreadPlan plan_threads(const std::vector<int>& cores, int accelerators, int hosts, Wait wait = Wait::kSpin);

// That some threads park although `asked` was to spin, and why; nothing if none does.
Refusal why_parked(Wait asked, const ThreadPlan& plan);
Refusal why_parked(Wait asked, const CorePlan& plan);

// Where a thread that only looks on (progress) disturbs least: the cores that the plan leaves free, else the driver's;
// never those of stages alone. Empty: anywhere, as nothing is pinned.
std::vector<int> onlooker_cores(const std::vector<int>& cores, const ThreadPlan& plan);

// Keeps the calling thread on some cores while it exists; none = where it may run now. What is refused is left.
class StayOnCores {
public:
    explicit StayOnCores(const std::vector<int>& cores);
    ~StayOnCores();
    StayOnCores(const StayOnCores&) = delete;
    StayOnCores& operator=(const StayOnCores&) = delete;

private:
    std::vector<int> before_;
};

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
