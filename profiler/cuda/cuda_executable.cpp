#include "profiler/cuda/cuda_executable.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>
#include <utility>

#include "profiler/cuda/error.hpp"
#include "profiler/network/network.hpp"
#include "traces/base/error.hpp"

namespace laxity::cuda {

namespace {

using Clock = std::chrono::steady_clock;

// The lane of slot 0 is the most urgent; there are fewer priorities than lanes may be.
int priority_of(int lane) {
    int least = 0, greatest = 0;
    LAXITY_CUDA(cudaDeviceGetStreamPriorityRange, &least, &greatest);
    return std::min(greatest + lane, least);
}

// A step failed.
class StepError : public DeviceError {
public:
    StepError(const std::string& layer, const CallError& error)
        : DeviceError(layer + (error.not_supported() ? " cannot be executed by cuDNN: " : " failed: ") + error.what()),
          not_supported_(error.not_supported()) {}
    bool not_supported() const { return not_supported_; }

private:
    bool not_supported_;
};

void CUDART_CB count_end(void* ended) {
    static_cast<std::atomic<std::uint64_t>*>(ended)->fetch_add(1, std::memory_order_release);
}

std::size_t free_memory() {
    std::size_t free = 0, total = 0;
    LAXITY_CUDA(cudaMemGetInfo, &free, &total);
    return free;
}

std::string microseconds(Duration duration) {
    const std::string tenths = std::to_string(duration.count() / 100);
    return (tenths.size() > 1 ? tenths.substr(0, tenths.size() - 1) : "0") + "." + tenths.back() + " us";
}

}  // namespace

CudaExecutable::CudaExecutable(const Network& network, const PrepareOptions& prepare, const Options& options)
    : options_(options),
      info_(describe_stages(network)),
      temperature_(prepare.temperature),
      input_elements_(static_cast<std::size_t>(network.input_shape().elements())),
      classes_(static_cast<std::size_t>(network.classes())) {
    use_device(options.device);
    temperature_.resize(info_.size(), 1.0);
    lanes_.push_back(std::make_unique<Lane>(priority_of(0)));
    service_ = make_stream(priority_of(0));
    program_ = compile(network, temperature_, options, lanes_.front()->queue);
    lanes_.front()->queue.workspace = {};
    check_memory(network, prepare);
    add_lanes(prepare.lanes);
    for (int i = 0; i < prepare.slots; ++i) add_slot();
    try_steps(network);
    if (options.graph) record_graphs();
    choose_completion();
    choices_["precision"] = name_of(options.precision);
    choices_["workspace limit"] = mebibytes(options.workspace_bytes);
    choices_["execution"] = options.graph ? "one CUDA graph per stage" : "one call after the other";
    for (const std::string& implementation : program_.implementations) {
        std::string& list = choices_["convolutions"];
        list += (list.empty() ? "" : "; ") + implementation;
    }
}

CudaExecutable::Lane::Lane(int priority)
    : queue(priority), start(make_event(Timing::kOn)), end(make_event(Timing::kOn)), done(make_event(Timing::kOff)) {}

CudaExecutable::Lane::~Lane() { (void)LAXITY_CUDA_FUNCTION(cudaStreamSynchronize)(queue.stream.get()); }

// Weights and the first lane's part for cuBLAS are there already.
void CudaExecutable::check_memory(const Network& network, const PrepareOptions& prepare) const {
    const std::size_t free_bytes = free_memory(), cublas = lanes_.front()->queue.cublas_workspace.bytes();
    const std::size_t slot = program_.arena_bytes.slot + program_.outcome_bytes;
    const std::size_t lane = program_.arena_bytes.scratch + program_.workspace_bytes + cublas;
    const std::size_t fixed = static_cast<std::size_t>(prepare.lanes) * lane - cublas;
    if (fixed + static_cast<std::size_t>(prepare.slots) * slot <= free_bytes) return;
    const std::size_t fitting = fixed < free_bytes ? (free_bytes - fixed) / slot : 0;
    throw OutOfMemory("out of memory on the GPU: '" + network.name() + "' asks " + mebibytes(program_.weight_bytes) +
                      " for weights, " + mebibytes(lane) + " for each of " + std::to_string(prepare.lanes) +
                      " lanes and " + mebibytes(slot) + " for each of " + std::to_string(prepare.slots) +
                      " slots; free are " + mebibytes(free_bytes) + ", in which " + std::to_string(fitting) +
                      " slots would fit");
}

void CudaExecutable::add_lanes(int count) {
    for (int i = 0; i < count; ++i) {
        if (i > 0) lanes_.push_back(std::make_unique<Lane>(priority_of(i)));
        Lane& lane = *lanes_.back();
        lane.queue.reserve(program_.workspace_bytes);
        lane.scratch = Buffer(Buffer::Place::kDevice, program_.arena_bytes.scratch, "activations");
    }
}

void CudaExecutable::add_slot() {
    constexpr auto kDevice = Buffer::Place::kDevice, kHost = Buffer::Place::kHost;
    Slot slot;
    slot.arena = Buffer(kDevice, program_.arena_bytes.slot, "a slot");
    slot.input = Buffer(kHost, input_elements_ * element_bytes(options_.precision), "an input");
    slot.device_outcome = Buffer(kDevice, program_.outcome_bytes, "an answer");
    // The copy to the host takes what lies between the two numbers with it.
    LAXITY_CUDA(cudaMemsetAsync, slot.device_outcome.data(), 0, slot.device_outcome.bytes(), service_.get());
    LAXITY_CUDA(cudaStreamSynchronize, service_.get());
    slot.host_outcome = Buffer(kHost, sizeof(DeviceOutcome), "an answer");
    slot.scores = Buffer(kHost, classes_ * sizeof(float), "scores");
    for (const auto& lane : lanes_) {
        std::vector<std::byte*>& addresses = slot.storages.emplace_back();
        for (const Storage& storage : program_.storages) {
            const Buffer& arena = storage.arena == Arena::kSlot ? slot.arena : lane->scratch;
            addresses.push_back(arena.data() + storage.offset);
        }
    }
    slots_.push_back(std::move(slot));
}

void CudaExecutable::enqueue_stage(const Slot& slot, int stage, std::size_t lane_index) const {
    const Lane& lane = *lanes_[lane_index];
    const StageProgram& program = program_.stages[static_cast<std::size_t>(stage)];
    cudaStream_t stream = lane.queue.stream.get();
    const std::vector<std::byte*>& storages = slot.storages[lane_index];
    if (stage == 0) {
        LAXITY_CUDA(cudaMemcpyAsync, storages[static_cast<std::size_t>(program_.input)], slot.input.data(),
                    slot.input.bytes(), cudaMemcpyHostToDevice, stream);
    }
    const Operands operands{lane.queue, storages, slot.device_outcome.data()};
    for (const Step& step : program.steps) {
        try {
            step.enqueue(operands);
        } catch (const CallError& error) {
            throw StepError("'" + step.layer + "'", error);
        }
    }
    LAXITY_CUDA(cudaMemcpyAsync, slot.host_outcome.data(), slot.device_outcome.data(), sizeof(DeviceOutcome),
                cudaMemcpyDeviceToHost, stream);
}

// Once each, one after the other, in every lane: libraries set themselves up at a function's first call, which takes
// long and which a capture forbids. What cuDNN does not have shows here.
void CudaExecutable::try_steps(const Network& network) const {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        try {
            for (int stage = 0; stage < stages(); ++stage) enqueue_stage(slots_.front(), stage, lane);
        } catch (const StepError& error) {
            if (!error.not_supported()) throw;
            const NetworkOrigin& origin = network.origin();
            throw InputError(one_line((origin.file.empty() ? origin.name : origin.file) + ": " + error.what()));
        }
        LAXITY_CUDA(cudaStreamSynchronize, lanes_[lane]->queue.stream.get());
    }
}

GraphExecutable CudaExecutable::record_stage(const Slot& slot, int stage, std::size_t lane_index) const {
    const Lane& lane = *lanes_[lane_index];
    cudaStream_t stream = lane.queue.stream.get();
    try {
        return record(lane.queue.stream, [&] {
            LAXITY_CUDA(cudaEventRecordWithFlags, lane.start.get(), stream, cudaEventRecordExternal);
            enqueue_stage(slot, stage, lane_index);
            LAXITY_CUDA(cudaEventRecordWithFlags, lane.end.get(), stream, cudaEventRecordExternal);
        });
    } catch (const DeviceError& error) {
        throw DeviceError("recording stage " + std::to_string(stage) + " as a CUDA graph: " + error.what() +
                          "; --device cuda:graph=off does without graphs");
    }
}

void CudaExecutable::record_graphs(Slot& slot) const {
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        const Stream& stream = lanes_[lane]->queue.stream;
        for (int stage = 0; stage < stages(); ++stage) {
            slot.graphs.push_back(record_stage(slot, stage, lane));
            LAXITY_CUDA(cudaGraphUpload, slot.graphs.back().get(), stream.get());
        }
        LAXITY_CUDA(cudaStreamSynchronize, stream.get());
    }
}

// How much memory a graph takes is not documented: the first slot's tell.
void CudaExecutable::record_graphs() {
    const std::size_t before = free_memory();
    record_graphs(slots_.front());
    const std::size_t after = free_memory(), each = before > after ? before - after : 0;
    if (each * (slots_.size() - 1) > after) {
        throw OutOfMemory("out of memory on the GPU: the CUDA graphs of each of " + std::to_string(slots_.size()) +
                          " slots take " + mebibytes(each) + "; free are " + mebibytes(after) + ", in which those of " +
                          std::to_string(after / each) +
                          " more would fit; --device cuda:graph=off does without graphs");
    }
    for (Slot& slot : std::span(slots_).subspan(1)) record_graphs(slot);
}

// Once through the whole network, in slot 0.
void CudaExecutable::pass(int lane) {
    slots_.front().next_stage = 0;
    for (int stage = 0; stage < stages(); ++stage) run_stage(0, stage, lane);
    slots_.front().next_stage = -1;
}

// The median over some passes through the whole network, in slot 0 and lane 0.
Duration CudaExecutable::time_passes() {
    constexpr int kWarmUps = 5, kPasses = 21;
    std::vector<Duration> times;
    for (int i = 0; i < kWarmUps + kPasses; ++i) {
        const Clock::time_point start = Clock::now();
        pass(0);
        if (i >= kWarmUps) times.push_back(Clock::now() - start);
    }
    std::nth_element(times.begin(), times.begin() + kPasses / 2, times.end());
    return times[kPasses / 2] / stages();
}

void CudaExecutable::choose_completion() {
    if (options_.completion == Completion::kMeasured) {
        options_.completion = Completion::kPoll;
        const Duration polled = time_passes();
        options_.completion = Completion::kCallback;
        const Duration called = time_passes();
        if (polled <= called) options_.completion = Completion::kPoll;
        choices_["completion measured"] =
            "polled event " + microseconds(polled) + ", host callback " + microseconds(called) + " a stage";
    }
    // In every lane, and first of all from this thread: the driver's own thread, which calls back, inherits what the
    // first one to use it has, and the device's thread may be pinned.
    for (int lane = 0; lane < static_cast<int>(lanes_.size()); ++lane) pass(lane);
    choices_["completion"] = options_.completion == Completion::kPoll ? "polled event" : "host callback";
}

void CudaExecutable::launch(Slot& slot, int stage, std::size_t lane_index) {
    Lane& lane = *lanes_[lane_index];
    cudaStream_t stream = lane.queue.stream.get();
    if (slot.graphs.empty()) {
        LAXITY_CUDA(cudaEventRecord, lane.start.get(), stream);
        enqueue_stage(slot, stage, lane_index);
        LAXITY_CUDA(cudaEventRecord, lane.end.get(), stream);
    } else {
        const std::size_t graph = lane_index * program_.stages.size() + static_cast<std::size_t>(stage);
        LAXITY_CUDA(cudaGraphLaunch, slot.graphs[graph].get(), stream);
    }
    if (options_.completion == Completion::kCallback) {
        LAXITY_CUDA(cudaLaunchHostFunc, stream, count_end, &lane.ended);
        ++lane.launched;
    } else {
        LAXITY_CUDA(cudaEventRecord, lane.done.get(), stream);
    }
}

void CudaExecutable::poll(const Lane& lane) const {
    for (;;) {
        const cudaError_t status = LAXITY_CUDA_FUNCTION(cudaEventQuery)(lane.done.get());
        if (status == cudaSuccess) return;
        if (status != cudaErrorNotReady) check(status, {"cudaEventQuery", __FILE__, __LINE__});
        std::this_thread::yield();
    }
}

// A callback is not called after an error of the device, so the stream is looked at now and then. It is called by a
// thread of the driver's, which may need this very core: yielding is not enough where this thread has a real-time
// priority.
void CudaExecutable::wait_for(Lane& lane) const {
    if (options_.completion != Completion::kCallback) return poll(lane);
    constexpr int kSpins = 10'000, kPatience = 100 * kSpins;
    constexpr std::chrono::microseconds kNap(20);
    for (int spins = 1; lane.ended.load(std::memory_order_acquire) < lane.launched; ++spins) {
        if (spins % kSpins != 0) continue;
        const cudaError_t status = LAXITY_CUDA_FUNCTION(cudaStreamQuery)(lane.queue.stream.get());
        if (status != cudaSuccess && status != cudaErrorNotReady)
            check(status, {"cudaStreamQuery", __FILE__, __LINE__});
        if (spins < kPatience) {
            std::this_thread::yield();
            continue;
        }
        spins = kPatience - kSpins;  // from now on after every few spins
        std::this_thread::sleep_for(kNap);
    }
}

const CudaExecutable::Slot& CudaExecutable::slot_at(int slot) const {
    if (slot < 0 || slot >= slots()) throw DeviceError("there is no slot " + std::to_string(slot));
    return slots_[static_cast<std::size_t>(slot)];
}

CudaExecutable::Slot& CudaExecutable::slot_at(int slot) {
    return const_cast<Slot&>(std::as_const(*this).slot_at(slot));
}

void CudaExecutable::load_input(int slot, std::span<const float> input) {
    Slot& loaded = slot_at(slot);
    if (input.size() != input_elements_) throw DeviceError("an input of a wrong size was loaded");
    convert(input, options_.precision, loaded.input.data());
    loaded.next_stage = 0;
}

Outcome CudaExecutable::run_stage(int slot, int stage, int lane) {
    Slot& running = slot_at(slot);
    if (stage != running.next_stage || stage >= stages()) {
        throw DeviceError("stage " + std::to_string(stage) + " is not the next one of slot " + std::to_string(slot));
    }
    if (lane < 0 || lane >= static_cast<int>(lanes_.size()))
        throw DeviceError("there is no lane " + std::to_string(lane));
    use_device(options_.device);
    Lane& used = *lanes_[static_cast<std::size_t>(lane)];
    launch(running, stage, static_cast<std::size_t>(lane));
    wait_for(used);
    float milliseconds = 0;
    LAXITY_CUDA(cudaEventElapsedTime, &milliseconds, used.start.get(), used.end.get());
    running.device_time = Duration(std::llround(static_cast<double>(milliseconds) * 1e6));
    running.next_stage = stage + 1;
    DeviceOutcome outcome;
    std::memcpy(&outcome, running.host_outcome.data(), sizeof outcome);
    return {static_cast<std::int32_t>(outcome.prediction), outcome.confidence};
}

std::span<const float> CudaExecutable::logits(int slot, int stage) const {
    const Slot& from = slot_at(slot);
    if (stage < 0 || stage + 1 != from.next_stage)
        throw DeviceError("stage " + std::to_string(stage) + " was not the last one");
    use_device(options_.device);
    const auto scores = static_cast<std::size_t>(program_.stages[static_cast<std::size_t>(stage)].scores);
    LAXITY_CUDA(cudaMemcpyAsync, from.scores.data(), from.storages.front()[scores], classes_ * sizeof(float),
                cudaMemcpyDeviceToHost, service_.get());
    LAXITY_CUDA(cudaStreamSynchronize, service_.get());
    return {reinterpret_cast<const float*>(from.scores.data()), classes_};
}

std::optional<Duration> CudaExecutable::device_time(int slot) const { return slot_at(slot).device_time; }

}  // namespace laxity::cuda
