#include "profiler/cpu/cpu_executable.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <set>
#include <utility>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/device/softmax.hpp"

namespace laxity::cpu {

namespace {

constexpr std::align_val_t kAlignment{kStorageAlignment};  // a cache line, and the widest vector

}  // namespace

Buffer::Buffer(std::size_t bytes) : data_(static_cast<char*>(operator new(bytes, kAlignment))) {
    std::memset(data_.get(), 0, bytes);
}

void Buffer::Delete::operator()(char* data) const { operator delete(data, kAlignment); }

void use_one_thread() {
#ifdef _OPENMP  // else oneDNN was built without threads
    omp_set_num_threads(1);
#endif
}

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
    for (const Slot& slot : slots_) {
        scores_.emplace_back();
        for (const StageProgram& stage : program_.stages)
            scores_.back().push_back(address(slot, lanes_.front(), stage.scores));
    }
}

// ---- Memory ---------------------------------------------------------------------------------------------------------

CpuExecutable::Lane CpuExecutable::make_lane() const {
    return {checked("opening a stream", [this] { return dnnl::stream(engine_); }), Buffer(program_.arenas.scratch),
            Buffer(program_.scratchpad_bytes)};
}

CpuExecutable::Slot CpuExecutable::make_slot() {
    Slot slot{Buffer(program_.arenas.slot), {}, -1};
    for (const Lane& lane : lanes_) {
        for (const StageProgram& stage : program_.stages) {
            slot.calls.emplace_back();
            for (const Step& step : stage.steps) slot.calls.back().push_back(make_call(step, slot, lane));
        }
    }
    return slot;
}

CpuExecutable::Call CpuExecutable::make_call(const Step& step, const Slot& slot, const Lane& lane) {
    Call call{&step, {}, {}};
    for (const Argument& argument : step.arguments) {
        float* const data = address(slot, lane, argument.tensor);
        if (step.kernel)
            call.tensors.push_back(data);
        else
            call.arguments.push_back({argument.name, memory_for(tensor(argument.tensor).layout.desc(), data)});
    }
    if (!step.kernel && step.scratchpad.get_size() > 0)
        call.arguments.push_back({DNNL_ARG_SCRATCHPAD, memory_for(step.scratchpad, lane.scratchpad.data())});
    return call;
}

dnnl_memory_t CpuExecutable::memory_for(const dnnl::memory::desc& desc, void* data) {
    std::vector<dnnl::memory>& there = memories_[data];
    const auto same = [&](const dnnl::memory& memory) { return memory.get_desc() == desc; };
    const auto found = std::find_if(there.begin(), there.end(), same);
    if (found != there.end()) return found->get();
    there.push_back(checked("placing an activation", [&] { return dnnl::memory(desc, engine_, data); }));
    return there.back().get();
}

float* CpuExecutable::address(const Slot& slot, const Lane& lane, int i) const {
    const Tensor& t = tensor(i);
    if (t.is_constant()) return const_cast<float*>(t.constant) + t.layout.offset();
    const Storage& storage = program_.storages[static_cast<std::size_t>(t.storage)];
    char* arena = storage.arena == Arena::kSlot ? slot.arena.data() : lane.arena.data();
    return reinterpret_cast<float*>(arena + storage.offset) + t.layout.offset();
}

// ---- Running --------------------------------------------------------------------------------------------------------

const CpuExecutable::Slot& CpuExecutable::slot_at(int slot) const {
    if (slot < 0 || slot >= slots()) throw DeviceError("there is no slot " + std::to_string(slot));
    return slots_[static_cast<std::size_t>(slot)];
}

void CpuExecutable::load_input(int slot, std::span<const float> input) {
    Slot& loaded = slot_at(slot);
    if (input.size() != input_elements_) throw DeviceError("an input of a wrong size was loaded");
    std::memcpy(address(loaded, lanes_.front(), program_.input), input.data(), input.size_bytes());
    loaded.next_stage = 0;
}

void CpuExecutable::execute(const Call& call, const Lane& lane) const {
    if (call.step->kernel) {
        call.step->kernel(call.tensors);
        return;
    }
    check(dnnl_primitive_execute(call.step->primitive.get(), lane.stream.get(), static_cast<int>(call.arguments.size()),
                                 call.arguments.data()),
          call.step->layer);
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
    for (const Call& call : running.calls[static_cast<std::size_t>(lane * stages() + stage)])
        execute(call, lanes_[static_cast<std::size_t>(lane)]);
    running.next_stage = stage + 1;
    return outcome_of(logits(slot, stage), temperature_[static_cast<std::size_t>(stage)]);
}

std::span<const float> CpuExecutable::logits(int slot, int stage) const {
    if (stage < 0 || stage + 1 != slot_at(slot).next_stage)
        throw DeviceError("stage " + std::to_string(stage) + " was not the last one");
    return {scores_[static_cast<std::size_t>(slot)][static_cast<std::size_t>(stage)], classes_};
}

// ---- What was chosen ------------------------------------------------------------------------------------------------

std::map<std::string, std::string> CpuExecutable::choices() const {
    std::set<std::string> names;
    for (const StageProgram& stage : program_.stages) {
        for (const Step& step : stage.steps) names.insert(step.implementation);
    }
    std::map<std::string, std::string> choices;
    const auto append = [&](const std::string& key, const std::string& what) {
        std::string& list = choices[key];
        list += (list.empty() ? "" : "; ") + what;
    };
    for (const std::string& name : names) append("implementations", name);
    for (const std::string& layer : program_.slow) append("slow layers", layer);
    return choices;
}

}  // namespace laxity::cpu
