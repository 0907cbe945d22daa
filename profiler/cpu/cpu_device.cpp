#include "profiler/cpu/cpu_device.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <new>
#include <utility>
#ifdef _OPENMP
#include <omp.h>
#endif
#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/cpu/program.hpp"
#include "profiler/device/host.hpp"
#include "profiler/device/softmax.hpp"
#include "profiler/network/network.hpp"

namespace laxity {

namespace {

// Zeroed memory for activations; zeroing also makes the pages present.
class Buffer {
public:
    explicit Buffer(std::size_t bytes) : data_(static_cast<char*>(operator new(bytes, kAlignment))) {
        std::memset(data_.get(), 0, bytes);
    }
    char* data() const { return data_.get(); }

private:
    static constexpr std::align_val_t kAlignment{64};  // a cache line, and the widest vector
    struct Delete {
        void operator()(char* data) const { operator delete(data, kAlignment); }
    };
    std::unique_ptr<char, Delete> data_;
};

// oneDNN would start as many threads as there are cores.
void use_one_thread() {
#ifdef _OPENMP  // else oneDNN was built without threads
    omp_set_num_threads(1);
#endif
}

class CpuExecutable final : public Executable {
public:
    CpuExecutable(const Network& network, const dnnl::engine& engine, const PrepareOptions& options);

    int stages() const override { return static_cast<int>(program_.stages.size()); }
    int slots() const override { return static_cast<int>(slots_.size()); }
    void load_input(int slot, std::span<const float> input) override;
    Outcome run_stage(int slot, int stage, int lane) override;
    std::span<const float> logits(int slot, int stage) const override;
    std::vector<StageInfo> stage_info() const override { return info_; }

private:
    struct Call {
        dnnl_primitive_t primitive = nullptr;
        std::vector<dnnl_exec_arg_t> arguments;
        const std::string* layer = nullptr;
    };
    struct Slot {
        std::vector<Buffer> buffers;
        std::vector<std::vector<Call>> calls;  // [lane * stages + stage]
        int next_stage = -1;                   // -1: no input was loaded
    };
    // What runs one stage after the other: memory that holds nothing between stages.
    struct Lane {
        dnnl::stream stream;
        std::vector<Buffer> scratch;  // by buffer, less kSlotBuffers; then the scratchpad
    };

    Lane make_lane() const;
    Slot make_slot();
    Call make_call(const Step& step, const Slot& slot, const Lane& lane);
    dnnl_memory_t memory_for(const dnnl::memory::desc& desc, char* data);
    char* address(const Slot& slot, const Lane& lane, int tensor) const;
    const Slot& slot_at(int slot) const;
    Slot& slot_at(int slot) { return const_cast<Slot&>(std::as_const(*this).slot_at(slot)); }

    dnnl::engine engine_;
    std::vector<StageInfo> info_;
    std::vector<double> temperature_;
    std::size_t input_elements_, classes_;
    Program program_;
    std::vector<Lane> lanes_;
    // Slots and steps share the memory objects of equal address and layout.
    std::map<char*, std::vector<dnnl::memory>> memories_;
    std::vector<Slot> slots_;
};

CpuExecutable::CpuExecutable(const Network& network, const dnnl::engine& engine, const PrepareOptions& options)
    : engine_(engine),
      info_(describe_stages(network)),
      temperature_(options.temperature),
      input_elements_(static_cast<std::size_t>(network.input_shape().elements())),
      classes_(static_cast<std::size_t>(network.classes())),
      program_(compile(network, engine)) {
    temperature_.resize(info_.size(), 1.0);
    for (int i = 0; i < options.lanes; ++i) lanes_.push_back(make_lane());
    for (int i = 0; i < options.slots; ++i) slots_.push_back(make_slot());
}

CpuExecutable::Lane CpuExecutable::make_lane() const {
    Lane lane{checked("opening a stream", [this] { return dnnl::stream(engine_); }), {}};
    for (std::size_t b = kSlotBuffers; b < program_.buffer_bytes.size(); ++b)
        lane.scratch.emplace_back(program_.buffer_bytes[b]);
    lane.scratch.emplace_back(program_.scratchpad_bytes);
    return lane;
}

CpuExecutable::Slot CpuExecutable::make_slot() {
    Slot slot;
    for (int b = 0; b < kSlotBuffers; ++b)
        slot.buffers.emplace_back(program_.buffer_bytes[static_cast<std::size_t>(b)]);
    for (const Lane& lane : lanes_) {
        for (const StageProgram& stage : program_.stages) {
            slot.calls.emplace_back();
            for (const Step& step : stage.steps) slot.calls.back().push_back(make_call(step, slot, lane));
        }
    }
    return slot;
}

CpuExecutable::Call CpuExecutable::make_call(const Step& step, const Slot& slot, const Lane& lane) {
    Call call{step.primitive.get(), {}, &step.layer};
    for (const Argument& argument : step.arguments) {
        dnnl_memory_t memory = argument.constant.get(true);
        if (argument.tensor >= 0) {
            const auto& desc = program_.tensors[static_cast<std::size_t>(argument.tensor)].desc;
            memory = memory_for(desc, address(slot, lane, argument.tensor));
        }
        call.arguments.push_back({argument.name, memory});
    }
    if (step.scratchpad.get_size() > 0) {
        call.arguments.push_back({DNNL_ARG_SCRATCHPAD, memory_for(step.scratchpad, lane.scratch.back().data())});
    }
    return call;
}

dnnl_memory_t CpuExecutable::memory_for(const dnnl::memory::desc& desc, char* data) {
    std::vector<dnnl::memory>& there = memories_[data];
    const auto same = [&](const dnnl::memory& memory) { return memory.get_desc() == desc; };
    const auto found = std::find_if(there.begin(), there.end(), same);
    if (found != there.end()) return found->get();
    there.push_back(checked("placing an activation", [&] { return dnnl::memory(desc, engine_, data); }));
    return there.back().get();
}

char* CpuExecutable::address(const Slot& slot, const Lane& lane, int tensor) const {
    const int storage = program_.tensors[static_cast<std::size_t>(tensor)].storage;
    const auto buffer = static_cast<std::size_t>(program_.storages[static_cast<std::size_t>(storage)].buffer);
    return buffer < kSlotBuffers ? slot.buffers[buffer].data() : lane.scratch[buffer - kSlotBuffers].data();
}

const CpuExecutable::Slot& CpuExecutable::slot_at(int slot) const {
    if (slot < 0 || slot >= slots()) throw DeviceError("there is no slot " + std::to_string(slot));
    return slots_[static_cast<std::size_t>(slot)];
}

void CpuExecutable::load_input(int slot, std::span<const float> input) {
    Slot& loaded = slot_at(slot);
    if (input.size() != input_elements_) throw DeviceError("an input of a wrong size was loaded");
    std::memcpy(loaded.buffers[0].data(), input.data(), input.size_bytes());
    loaded.next_stage = 0;
}

Outcome CpuExecutable::run_stage(int slot, int stage, int lane) {
    Slot& running = slot_at(slot);
    if (stage != running.next_stage || stage >= stages()) {
        throw DeviceError("stage " + std::to_string(stage) + " is not the next one of slot " + std::to_string(slot));
    }
    if (lane < 0 || lane >= static_cast<int>(lanes_.size())) {
        throw DeviceError("there is no lane " + std::to_string(lane));
    }
    use_one_thread();
    const dnnl::stream& stream = lanes_[static_cast<std::size_t>(lane)].stream;
    for (const Call& call : running.calls[static_cast<std::size_t>(lane * stages() + stage)]) {
        check(dnnl_primitive_execute(call.primitive, stream.get(), static_cast<int>(call.arguments.size()),
                                     call.arguments.data()),
              *call.layer);
    }
    running.next_stage = stage + 1;
    return outcome_of(logits(slot, stage), temperature_[static_cast<std::size_t>(stage)]);
}

std::span<const float> CpuExecutable::logits(int slot, int stage) const {
    const Slot& from = slot_at(slot);
    if (stage < 0 || stage + 1 != from.next_stage)
        throw DeviceError("stage " + std::to_string(stage) + " was not the last one");
    return {reinterpret_cast<const float*>(from.buffers[kScoresBuffer].data()), classes_};
}

std::string instruction_set() {
    switch (dnnl::get_effective_cpu_isa()) {
        case dnnl::cpu_isa::sse41:
            return "SSE4.1";
        case dnnl::cpu_isa::avx:
            return "AVX";
        case dnnl::cpu_isa::avx2:
        case dnnl::cpu_isa::avx2_vnni:
            return "AVX2";
        case kUnlimitedIsa:
            return "unknown";
        default:
            return "AVX-512";
    }
}

class CpuDevice final : public Device {
public:
    CpuDevice() : engine_(checked("opening the processor", [] { return dnnl::engine(dnnl::engine::kind::cpu, 0); })) {}

    DeviceInfo info() const override {
        const dnnl_version_t* version = dnnl_version();
        DeviceInfo info;
        info.kind = "cpu";
        info.name = cpu_model();
        info.backend = "oneDNN " + std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
                       std::to_string(version->patch);
        info.threads = 1;
        info.details = host_details();
        info.details["instruction set"] = instruction_set();
        return info;
    }

    std::unique_ptr<Executable> prepare(const Network& network, const PrepareOptions& options) override {
        use_one_thread();
        return std::make_unique<CpuExecutable>(network, engine_, options);
    }

    // Numbers too small to be normal would cost a hundred times as much, and are zero for every purpose here.
    std::vector<std::string> adopt_thread() override {
        use_one_thread();
#if defined(__SSE2__)
        constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
        _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
#endif
        return {};
    }

private:
    dnnl::engine engine_;
};

}  // namespace

std::unique_ptr<Device> open_cpu_device() { return std::make_unique<CpuDevice>(); }

}  // namespace laxity
