#include "profiler/device/realtime.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>

namespace laxity {

namespace {

constexpr std::chrono::microseconds kSpinBeforeSleep{50};  // of a thread that parks on a core of its own

std::string reason() { return std::strerror(errno); }

// -1 = real-time threads are never stopped; 0 if the kernel doesn't tell.
long real_time_budget_us() {
    long budget = 0;
    std::ifstream("/proc/sys/kernel/sched_rt_runtime_us") >> budget;
    return budget;
}

Refusal use_fifo(const std::string& who) {
    const sched_param parameter{.sched_priority = 50};
    // Children do not inherit it.
    if (sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &parameter) == 0) return std::nullopt;
    return "SCHED_FIFO was not permitted for the " + who + " thread (" + reason() +
           "); run as root or grant CAP_SYS_NICE";
}

bool restrict_to(const std::vector<int>& cores) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int core : cores) {
        if (core < CPU_SETSIZE) CPU_SET(core, &set);
    }
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

// What sched_setattr(2) takes; glibc 2.36 does not declare it.
struct SchedulingAttributes {
    std::uint32_t size = sizeof(SchedulingAttributes);
    std::uint32_t policy = SCHED_OTHER;
    std::uint64_t flags = 0;
    std::int32_t nice = 0;
    std::uint32_t priority = 0;
    std::uint64_t runtime_ns = 0;
    std::uint64_t deadline_ns = 0;
    std::uint64_t period_ns = 0;
};

// Since Linux 6.12 an ordinary thread of a short time slice takes its core from others as soon as it wakes; older
// kernels ignore the slice.
Refusal use_highest_priority(const std::string& who) {
    SchedulingAttributes attributes;
    attributes.nice = -20;
    attributes.runtime_ns = 100'000;
    if (syscall(SYS_sched_setattr, 0, &attributes, 0) == 0) return std::nullopt;
    return "a higher priority was not permitted for the " + who + " thread (" + reason() +
           "); run as root or grant CAP_SYS_NICE";
}

}  // namespace

std::vector<int> allowed_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<int> cores;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return {0};
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &set)) cores.push_back(core);
    }
    return cores;
}

std::string text_of(Wait wait) { return wait == Wait::kSpin ? "spin" : "park"; }

CorePlan plan_cores(Wait wait) {
    const ThreadPlan plan = plan_threads(allowed_cores(), 1, 0, wait);
    return {plan.driver.core, plan.accelerators.front().core, plan.driver.spin, plan.driver.wait};
}

ThreadPlan plan_threads(const std::vector<int>& cores, int accelerators, int hosts, Wait wait) {
    const auto available = static_cast<int>(cores.size()), threads = 1 + accelerators + hosts;
    ThreadPlan plan;
    plan.accelerators.resize(static_cast<std::size_t>(accelerators));
    plan.hosts.resize(static_cast<std::size_t>(hosts));
    plan.shared = available < threads;
    if (available < 2) return plan;
    std::map<int, int> users;  // of a core
    const auto place = [&](ThreadPlace& thread, int index) {
        thread.core = cores[static_cast<std::size_t>(index)];
        ++users[thread.core];
    };
    place(plan.driver, 0);
    for (int i = 0; i < accelerators; ++i)
        place(plan.accelerators[static_cast<std::size_t>(i)], available - 1 - i % available);
    for (int i = 0; i < hosts; ++i)
        place(plan.hosts[static_cast<std::size_t>(i)], (i + (plan.shared ? 0 : 1)) % available);
    const auto settle = [&](ThreadPlace& thread) {
        if (users[thread.core] > 1) return;
        thread.wait = wait;
        thread.spin = wait == Wait::kSpin ? kSpinForever : std::chrono::nanoseconds(kSpinBeforeSleep);
    };
    settle(plan.driver);
    std::ranges::for_each(plan.accelerators, settle);
    std::ranges::for_each(plan.hosts, settle);
    return plan;
}

namespace {

// "spin" or "park" if all do the same, "mixed" else.
std::string wait_of(const std::vector<ThreadPlace>& places) {
    const auto differs = [&](const ThreadPlace& place) { return place.wait != places.front().wait; };
    return std::ranges::any_of(places, differs) ? "mixed" : text_of(places.front().wait);
}

}  // namespace

std::string ThreadPlan::wait() const {
    std::string text = text_of(driver.wait), all = "scheduler " + text;
    bool differ = false;
    const auto add = [&](const char* kind, const std::vector<ThreadPlace>& places) {
        if (places.empty()) return;
        differ = differ || wait_of(places) != text;
        all += std::string(", ") + kind + " " + wait_of(places);
    };
    add("accelerator", accelerators);
    add("host", hosts);
    return differ ? all : text;
}

Refusal why_parked(Wait asked, const ThreadPlan& plan) {
    if (!plan.shared) return std::nullopt;
    return "fewer cores than the " + std::to_string(1 + plan.accelerators.size() + plan.hosts.size()) +
           " threads of scheduler and resources: some share one, and wait for each other" +
           (asked == Wait::kSpin ? "; those that do park instead of spinning" : "");
}

Refusal why_parked(Wait asked, const CorePlan& plan) {
    if (asked == plan.wait) return std::nullopt;
    return "a single core for the driver and the device: they share it, and park instead of spinning";
}

std::vector<int> onlooker_cores(const std::vector<int>& cores, const ThreadPlan& plan) {
    if (plan.driver.core < 0) return {};
    std::vector<int> free = cores;
    const auto take = [&](const ThreadPlace& thread) { std::erase(free, thread.core); };
    take(plan.driver);
    std::ranges::for_each(plan.accelerators, take);
    std::ranges::for_each(plan.hosts, take);
    return free.empty() ? std::vector<int>{plan.driver.core} : free;
}

StayOnCores::StayOnCores(const std::vector<int>& cores) : before_(allowed_cores()) {
    if (!cores.empty()) restrict_to(cores);
}

StayOnCores::~StayOnCores() { restrict_to(before_); }

Refusal pin_this_thread(int core) {
    if (core < 0 || restrict_to({core})) return std::nullopt;
    return "pinning to core " + std::to_string(core) + " was not permitted (" + reason() + ")";
}

Refusal raise_this_thread(ThreadLoad load, const std::string& who) {
    if (load == ThreadLoad::kBlocks || real_time_budget_us() == -1) return use_fifo(who);
    if (Refusal refusal = use_highest_priority(who)) return refusal;
    return "SCHED_FIFO is not used for the " + who +
           " thread: the kernel would stop it for 50 ms of each busy second; `sysctl kernel.sched_rt_runtime_us=-1` "
           "lifts that";
}

void sharpen_timers() { prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL); }

MemoryLock::MemoryLock() {
    if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0) return;
    refusal_ = "locking memory was not permitted (" + reason() + "); raise the limit with `ulimit -l unlimited`";
}

MemoryLock::~MemoryLock() { munlockall(); }

int this_thread_id() { return static_cast<int>(syscall(SYS_gettid)); }

long preemptions_of_thread(int thread_id) {
    std::ifstream status("/proc/self/task/" + std::to_string(thread_id) + "/status");
    for (std::string key; status >> key;) {
        long count = 0;
        if (key == "nonvoluntary_ctxt_switches:" && status >> count) return count;
    }
    return 0;
}

}  // namespace laxity
