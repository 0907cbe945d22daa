#include "tests/cuda_emulation/machine.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace laxity::cuda_emulation {

namespace {

constexpr std::size_t kMostViolations = 100;
constexpr int kGarbage = 0x7F;  // as bytes of a float: a huge number
constexpr int kExecutors = 3;   // as many streams are executed at the same time

thread_local bool is_executor = false;

}  // namespace

void join(Clock& into, const Clock& from) {
    for (const auto& [stream, time] : from) into[stream] = std::max(into[stream], time);
}

Machine& Machine::get() {
    static Machine machine;
    return machine;
}

Machine::Machine() : random_(1) {
    for (int i = 0; i < kExecutors; ++i) executors_.emplace_back([this] { execute_forever(); });
}

Machine::~Machine() {
    {
        const std::scoped_lock lock(mutex_);
        stop_ = true;
        work_.notify_all();
    }
    for (std::thread& executor : executors_) executor.join();
    forget_blocks();
}

void Machine::forget_blocks() {
    for (auto& [address, block] : blocks_) {
        std::free(block.data);
        std::free(block.written);
    }
    blocks_.clear();
}

void Machine::reset(const Settings& settings) {
    hold(false);
    drain();
    const std::scoped_lock lock(mutex_);
    settings_ = settings;
    calls_.clear();
    failing_.clear();
    failed_ = lost_ = failing_for_good_ = false;
    violations_.clear();
    streams_.clear();
    objects_.clear();
    forget_blocks();
    used_ = 0;
    host_clock_.clear();
    random_.seed(settings.seed);
}

void Machine::set_gpu(unsigned core_mhz, unsigned other_processes) {
    const std::scoped_lock lock(mutex_);
    settings_.core_mhz = core_mhz;
    settings_.other_processes = other_processes;
}

bool Machine::enter(const char* function, bool unsafe) {
    const std::scoped_lock lock(mutex_);
    const int call = ++calls_[function];
    if (is_executor) violate(std::string(function) + ": called from a host function");
    const auto here = std::this_thread::get_id();
    const auto captures = [here](cudaStream_t s) { return s->capture != nullptr && s->capturer == here; };
    if (unsafe && std::any_of(streams_.begin(), streams_.end(), captures))
        violate(std::string(function) + ": forbidden while this thread captures a stream");
    if (failing_ == function && call == failing_call_) {
        failed_ = true;
        lost_ = failing_for_good_;
        failing_.clear();
        return true;
    }
    return lost_;
}

void Machine::fail_at(const std::string& function, int call, bool for_good) {
    const std::scoped_lock lock(mutex_);
    failing_ = function;
    failing_call_ = calls_[function] + call;
    failing_for_good_ = for_good;
    failed_ = false;
}

bool Machine::violate(const std::string& message) {
    const std::scoped_lock lock(mutex_);
    if (violations_.size() < kMostViolations) violations_.push_back(message);
    return false;
}

std::vector<std::string> Machine::violations() const {
    const std::scoped_lock lock(mutex_);
    return violations_;
}

bool Machine::alive(const void* object, const char* kind, const char* function) {
    const std::scoped_lock lock(mutex_);
    const auto found = objects_.find(object);
    if (found == objects_.end() || found->second.kind != kind)
        return violate(std::string(function) + ": not a " + kind);
    if (!found->second.alive) return violate(std::string(function) + ": the " + kind + " was destroyed");
    return true;
}

// What was destroyed stays known, so that its use is noticed.
bool Machine::destroy(const void* object, const char* kind, const char* function) {
    drain();
    const std::scoped_lock lock(mutex_);
    if (!alive(object, kind, function)) return false;
    objects_[object].alive = false;
    std::erase(streams_, static_cast<cudaStream_t>(const_cast<void*>(object)));
    return true;
}

std::vector<std::string> Machine::leaks() const {
    const std::scoped_lock lock(mutex_);
    std::map<std::string, int> counts;
    for (const auto& [address, object] : objects_) counts[object.kind] += object.alive ? 1 : 0;
    for (const auto& [address, block] : blocks_)
        counts[block.pinned ? "pinned memory" : "device memory"] += block.alive ? 1 : 0;
    std::vector<std::string> leaks;
    for (const auto& [kind, count] : counts) {
        if (count > 0) leaks.push_back(std::to_string(count) + " x " + kind);
    }
    return leaks;
}

void* Machine::allocate(std::size_t bytes, bool pinned) {
    const std::scoped_lock lock(mutex_);
    if (!pinned && bytes > settings_.memory_bytes - used_) return nullptr;
    Block block{.data = static_cast<std::byte*>(std::malloc(bytes)), .bytes = bytes, .pinned = pinned, .marks = {}};
    if (!pinned) {
        used_ += bytes;
        block.written = static_cast<std::byte*>(std::calloc(bytes, 1));
    }
    // The host's allocator may hand out the address of a block that was released and forgotten.
    void* data = block.data;
    blocks_[reinterpret_cast<std::uintptr_t>(data)] = std::move(block);
    return data;
}

bool Machine::release(void* data, bool pinned, const char* function) {
    drain();  // as cudaFree does
    const std::scoped_lock lock(mutex_);
    const auto found = blocks_.find(reinterpret_cast<std::uintptr_t>(data));
    if (found == blocks_.end() || found->second.pinned != pinned)
        return violate(std::string(function) + ": not the start of " + (pinned ? "pinned" : "device") + " memory");
    Block& block = found->second;
    if (!block.alive) return violate(std::string(function) + ": released twice");
    block.alive = false;
    if (!pinned) used_ -= block.bytes;
    // Its pages are not kept, but its addresses are: nothing else shall get them.
    constexpr std::size_t kSmall = std::size_t{1} << 16;
    if (block.bytes <= kSmall) std::memset(block.data, kGarbage, block.bytes);
    return true;
}

std::size_t Machine::free_bytes() const {
    const std::scoped_lock lock(mutex_);
    return settings_.memory_bytes - used_;
}

Machine::Block* Machine::find(const void* data) {
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    auto after = blocks_.upper_bound(address);
    if (after == blocks_.begin()) return nullptr;
    Block& block = (--after)->second;
    return address < after->first + block.bytes ? &block : nullptr;
}

char Machine::kind_of(const void* data) const {
    const std::scoped_lock lock(mutex_);
    const Block* block = find(data);
    if (block == nullptr) return 'h';
    return block->pinned ? 'p' : 'd';
}

bool Machine::check_access(const std::string& name, const Access& access) {
    const Block* block = find(access.data);
    const std::string where = name + ": ", what = access.write ? "written" : "read";
    if (access.bytes == 0) return true;
    if (block == nullptr) {
        return violate(where +
                       (access.pinned ? "memory that is not pinned is " : "a pointer that is not of the device is ") +
                       what);
    }
    if (!block->alive) return violate(where + "memory that was released is " + what);
    if (block->pinned != access.pinned)
        return violate(where +
                       (block->pinned ? "a pointer of the host, not of the device, is "
                                      : "a pointer of the device, not of the host, is ") +
                       what);
    const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(access.data) - block->data);
    if (offset + access.bytes <= block->bytes) return true;
    return violate(where + std::to_string(access.bytes) + " bytes are " + what + " where the buffer has only " +
                   std::to_string(block->bytes - offset));
}

void Machine::check_order(const std::string& name, const Access& access, const CUstream_st& stream) {
    Block* block = find(access.data);
    if (block == nullptr || access.bytes == 0) return;
    const auto begin = static_cast<std::size_t>(static_cast<const std::byte*>(access.data) - block->data);
    const Mark mark{begin, begin + access.bytes, access.write, stream.id, stream.clock.at(stream.id)};
    const auto known = [&](const Mark& old) {
        const auto time = stream.clock.find(old.stream);
        return time != stream.clock.end() && time->second >= old.time;
    };
    for (const Mark& old : block->marks) {
        const bool overlap = old.begin < mark.end && mark.begin < old.end;
        if (overlap && (old.write || mark.write) && !known(old)) {
            violate(name + ": work of another stream on the same bytes is not ordered before it");
            break;
        }
    }
    // What this one is ordered after and covers says nothing new any more.
    std::erase_if(block->marks, [&](const Mark& old) {
        return old.begin >= mark.begin && old.end <= mark.end && known(old) && (mark.write || !old.write);
    });
    block->marks.push_back(mark);
}

// On an executor's thread, with the lock.
void Machine::check_content(const Work& work) {
    for (const Access& access : work.accesses) {
        if (access.write || access.pinned || access.bytes == 0) continue;
        const Block* block = find(access.data);
        if (block == nullptr || block->written == nullptr) continue;
        const std::byte* flags = block->written + (static_cast<const std::byte*>(access.data) - block->data);
        if (std::memchr(flags, 0, access.bytes) != nullptr)
            violate(work.name + ": reads device memory that nothing has written");
    }
    for (const Access& access : work.accesses) {
        if (!access.write || access.pinned || access.bytes == 0) continue;
        Block* block = find(access.data);
        if (block == nullptr || block->written == nullptr) continue;
        std::memset(block->written + (static_cast<const std::byte*>(access.data) - block->data), 1, access.bytes);
    }
}

namespace {

// Whether the stream is to write there, or does so now.
bool will_write(const CUstream_st& stream, const void* data) {
    const auto writes = [data](const Access& access) { return access.write && access.data == data; };
    return std::ranges::any_of(stream.running, writes) || std::ranges::any_of(stream.queue, [&](const Work& work) {
               return std::ranges::any_of(work.accesses, writes);
           });
}

}  // namespace

void Machine::push(cudaStream_t stream, Work work) {
    join(stream->clock, host_clock_);
    ++stream->clock[stream->id];
    for (const Access& access : work.accesses) check_order(work.name, access, *stream);
    for (const Access& access : work.accesses) {
        // Undefined until the work is done. What is before it in the stream may write the same right now.
        if (access.pinned && access.write && !will_write(*stream, access.data))
            std::memset(const_cast<void*>(access.data), kGarbage, access.bytes);
    }
    stream->queue.push_back(std::move(work));
    work_.notify_one();
}

bool Machine::submit(cudaStream_t stream, Work work) {
    const std::scoped_lock lock(mutex_);
    if (!check_stream(stream, work.name.c_str())) return false;
    for (const Access& access : work.accesses) {
        if (!check_access(work.name, access)) return false;
    }
    if (stream->capture != nullptr) {
        stream->capture->push_back(std::move(work));
    } else {
        push(stream, std::move(work));
    }
    return true;
}

bool Machine::check_stream(cudaStream_t stream, const char* function) {
    if (stream == nullptr) return violate(std::string(function) + ": the default stream, which waits for all others");
    return alive(stream, "stream", function);
}

bool Machine::capturing(cudaStream_t stream, const char* function) {
    const std::scoped_lock lock(mutex_);
    if (stream->capture == nullptr) return false;
    violate(std::string(function) + ": forbidden on a stream that is captured");
    return true;
}

void Machine::begin_capture(cudaStream_t stream) {
    const std::scoped_lock lock(mutex_);
    stream->capture = new std::vector<Work>;
    stream->capturer = std::this_thread::get_id();
}

std::vector<Work> Machine::end_capture(cudaStream_t stream) {
    const std::scoped_lock lock(mutex_);
    const std::unique_ptr<std::vector<Work>> captured(stream->capture);
    stream->capture = nullptr;
    return captured ? std::move(*captured) : std::vector<Work>();
}

void Machine::add_stream(cudaStream_t stream) {
    const std::scoped_lock lock(mutex_);
    static int next = 0;
    stream->id = ++next;
    streams_.push_back(stream);
}

// What hosts may wait for in the middle of a stream.
constexpr const char* kEventRecord = "cudaEventRecord";

void Machine::record(cudaEvent_t event, cudaStream_t stream) {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t time = ++event->recorded;
    push(stream, {kEventRecord,
                  {},
                  [this, event, time] {
                      const std::scoped_lock inner(mutex_);
                      event->reached = time;
                  },
                  {}});
    event->clock = stream->clock;
}

void Machine::wait_event(cudaStream_t stream, cudaEvent_t event) {
    const std::scoped_lock lock(mutex_);
    join(stream->clock, event->clock);
    const std::uint64_t time = event->recorded;
    push(stream, {"cudaStreamWaitEvent", {}, {}, [event, time] { return event->reached >= time; }});
}

bool Machine::idle(cudaStream_t stream) {
    const std::scoped_lock lock(mutex_);
    if (!stream->queue.empty() || stream->busy) return false;
    join(host_clock_, stream->clock);
    return true;
}

bool Machine::reached(cudaEvent_t event) {
    const std::scoped_lock lock(mutex_);
    if (event->reached < event->recorded) return false;
    join(host_clock_, event->clock);
    return true;
}

template <class Condition>
void Machine::wait_until(const Condition& condition) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    done_.wait(lock, condition);
    --waiting_;
}

void Machine::synchronise(cudaStream_t stream) {
    wait_until([&] { return idle(stream); });
}

void Machine::synchronise(cudaEvent_t event) {
    wait_until([&] { return reached(event); });
}

void Machine::drain() {
    if (is_executor) return;
    wait_until([&] {
        return std::all_of(streams_.begin(), streams_.end(), [this](cudaStream_t stream) { return idle(stream); });
    });
}

cudaStream_t Machine::pick() {
    std::vector<cudaStream_t> ready;
    for (cudaStream_t stream : streams_) {
        if (stream->queue.empty() || stream->busy) continue;
        const auto& first = stream->queue.front().ready;
        if (!first || first()) ready.push_back(stream);
    }
    return held_ || ready.empty() ? nullptr : ready[random_() % ready.size()];
}

// The last work of a stream stays "busy" until its body has returned.
void Machine::execute_one(std::unique_lock<std::recursive_mutex>& lock, cudaStream_t stream) {
    constexpr auto kDawdle = std::chrono::microseconds(20);
    constexpr std::uint64_t kOneIn = 16;
    const Work work = std::move(stream->queue.front());
    stream->queue.erase(stream->queue.begin());
    stream->busy = true;
    stream->running = work.accesses;
    check_content(work);
    const bool dawdles = random_() % kOneIn == 0;
    lock.unlock();
    if (dawdles) std::this_thread::sleep_for(kDawdle);
    if (work.body) work.body();
    lock.lock();
    stream->busy = false;
    stream->running.clear();
    // Hosts wait for a stream that is done or for an event: in between there is nothing to wake them for.
    if (waiting_ > 0 && (stream->queue.empty() || work.name == kEventRecord)) done_.notify_all();
    // Other streams may have waited for this event.
    if (work.name == kEventRecord) work_.notify_all();
}

void Machine::execute_forever() {
    is_executor = true;
    std::unique_lock lock(mutex_);
    for (;;) {
        cudaStream_t stream = nullptr;
        work_.wait(lock, [&] { return stop_ || (stream = pick()) != nullptr; });
        if (stop_) return;
        execute_one(lock, stream);
    }
}

void Machine::hold(bool held) {
    const std::scoped_lock lock(mutex_);
    held_ = held;
    work_.notify_all();
}

void Machine::host_reads(const void* data, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    const Block* block = find(data);
    if (block == nullptr || !block->pinned) return;
    const auto begin = static_cast<std::size_t>(static_cast<const std::byte*>(data) - block->data);
    for (const Mark& mark : block->marks) {
        const auto time = host_clock_.find(mark.stream);
        const bool waited = time != host_clock_.end() && time->second >= mark.time;
        if (mark.write && mark.begin < begin + bytes && begin < mark.end && !waited) {
            violate("the host reads memory that a stream writes before it has waited for that");
            return;
        }
    }
}

// --- The control interface ---

void reset(const Settings& settings) { Machine::get().reset(settings); }
void set_gpu(unsigned core_mhz, unsigned other_processes) { Machine::get().set_gpu(core_mhz, other_processes); }
void fail_at(const std::string& function, int call) { Machine::get().fail_at(function, call, false); }
void lose_device_at(const std::string& function, int call) { Machine::get().fail_at(function, call, true); }
bool failed() { return Machine::get().failed(); }
std::map<std::string, int> calls() { return Machine::get().calls(); }
std::vector<std::string> violations() { return Machine::get().violations(); }
std::vector<std::string> leaks() { return Machine::get().leaks(); }
void hold() { Machine::get().hold(true); }
void let_go() { Machine::get().hold(false); }
void host_reads(const void* data, std::size_t bytes) { Machine::get().host_reads(data, bytes); }

}  // namespace laxity::cuda_emulation
