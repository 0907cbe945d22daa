// The emulated machine behind the entry points: memory, streams, what happens before what, and failures on demand.
#pragma once

#include <cuda_runtime_api.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/cuda_emulation/emulation.hpp"

namespace laxity::cuda_emulation {

// How far each stream's work is known to have come, by stream.
using Clock = std::map<int, std::uint64_t>;

void join(Clock& into, const Clock& from);

struct Access {
    const void* data = nullptr;
    std::size_t bytes = 0;
    bool write = false;
    bool pinned = false;  // memory of the host is right here
};

// One piece of work in a stream. Checked for order when it is submitted, for content when it is executed.
struct Work {
    std::string name;
    std::vector<Access> accesses;
    std::function<void()> body;
    std::function<bool()> ready;  // before that it is not executed; empty = at once
    cudaEvent_t event = nullptr;  // of a graph: instead of all else, this event is recorded
};

}  // namespace laxity::cuda_emulation

// CUDA's opaque types.
struct CUstream_st {
    int id = 0;
    std::vector<laxity::cuda_emulation::Work> queue;  // in order
    laxity::cuda_emulation::Clock clock;
    bool busy = false;
    std::vector<laxity::cuda_emulation::Access> running;  // by the work that is executed now
    std::vector<laxity::cuda_emulation::Work>* capture = nullptr;
    std::thread::id capturer;
};

struct CUevent_st {
    std::uint64_t recorded = 0;  // times it was recorded, and those that were reached
    std::uint64_t reached = 0;
    laxity::cuda_emulation::Clock clock;
};

struct CUgraph_st {
    std::vector<laxity::cuda_emulation::Work> work;
};

struct CUgraphExec_st {
    std::vector<laxity::cuda_emulation::Work> work;
};

namespace laxity::cuda_emulation {

class Machine {
public:
    static Machine& get();
    ~Machine();

    void reset(const Settings& settings);
    const Settings& settings() const { return settings_; }
    void set_gpu(unsigned core_mhz, unsigned other_processes);

    // At the start of every entry point: true if it shall fail. `unsafe` calls are those that a capture forbids.
    bool enter(const char* function, bool unsafe = false);
    void fail_at(const std::string& function, int call, bool for_good);
    bool failed() const { return failed_; }
    bool lost() const { return lost_; }
    std::map<std::string, int> calls() const { return calls_; }

    bool violate(const std::string& message);  // false
    std::vector<std::string> violations() const;

    // Objects that are created and destroyed, by kind.
    template <class T>
    T* create(const char* kind) {
        auto object = std::make_shared<T>();
        const std::scoped_lock lock(mutex_);
        objects_[object.get()] = {kind, object, true};
        return object.get();
    }
    bool alive(const void* object, const char* kind, const char* function);
    bool destroy(const void* object, const char* kind, const char* function);
    std::vector<std::string> leaks() const;

    void* allocate(std::size_t bytes, bool pinned);  // null if there is too little
    bool release(void* data, bool pinned, const char* function);
    std::size_t free_bytes() const;
    bool is_pinned(const void* data) const { return kind_of(data) == 'p'; }
    bool is_device(const void* data) const { return kind_of(data) == 'd'; }

    bool submit(cudaStream_t stream, Work work);
    bool check_stream(cudaStream_t stream, const char* function);
    bool capturing(cudaStream_t stream, const char* function);  // and that is a violation
    void begin_capture(cudaStream_t stream);
    std::vector<Work> end_capture(cudaStream_t stream);
    void add_stream(cudaStream_t stream);
    void record(cudaEvent_t event, cudaStream_t stream);
    void wait_event(cudaStream_t stream, cudaEvent_t event);
    bool idle(cudaStream_t stream);
    bool reached(cudaEvent_t event);
    void synchronise(cudaStream_t stream);
    void synchronise(cudaEvent_t event);
    void drain();  // everything

    void hold(bool held);
    void host_reads(const void* data, std::size_t bytes);

private:
    struct Object {
        std::string kind;
        std::shared_ptr<void> owner;
        bool alive = false;
    };
    struct Mark {  // an access of the past
        std::size_t begin = 0, end = 0;
        bool write = false;
        int stream = 0;
        std::uint64_t time = 0;
    };
    struct Block {
        std::byte* data = nullptr;
        std::byte* written = nullptr;  // a flag by byte
        std::size_t bytes = 0;
        bool pinned = false;
        bool alive = true;
        std::vector<Mark> marks;
    };

    Machine();
    Block* find(const void* data);
    const Block* find(const void* data) const { return const_cast<Machine*>(this)->find(data); }
    char kind_of(const void* data) const;
    bool check_access(const std::string& name, const Access& access);
    void check_order(const std::string& name, const Access& access, const CUstream_st& stream);
    void check_content(const Work& work);
    void push(cudaStream_t stream, Work work);
    cudaStream_t pick();
    void execute_forever();
    void execute_one(std::unique_lock<std::recursive_mutex>& lock, cudaStream_t stream);
    void forget_blocks();
    template <class Condition>
    void wait_until(const Condition& condition);

    mutable std::recursive_mutex mutex_;
    std::condition_variable_any work_;  // there may be some: for the executor
    std::condition_variable_any done_;  // some is: for hosts that wait
    int waiting_ = 0;                   // hosts
    Settings settings_;
    std::map<std::string, int> calls_;
    std::string failing_;
    int failing_call_ = 0;
    bool failing_for_good_ = false, failed_ = false, lost_ = false;
    std::vector<std::string> violations_;
    std::map<const void*, Object> objects_;
    std::map<std::uintptr_t, Block> blocks_;  // by address
    std::size_t used_ = 0;
    std::vector<cudaStream_t> streams_;
    Clock host_clock_;
    std::mt19937_64 random_;
    bool held_ = false, stop_ = false;
    std::vector<std::thread> executors_;
};

// The device's status for a call that broke a rule.
inline constexpr cudaError_t kRefused = cudaErrorInvalidValue;

}  // namespace laxity::cuda_emulation
