// A network in the processor's memory, ready to run. Internal to profiler/cpu.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "profiler/cpu/program.hpp"
#include "profiler/device/device.hpp"

namespace laxity::cpu {

// Zeroed memory for activations; zeroing also makes the pages present.
class Buffer {
public:
    explicit Buffer(std::size_t bytes);
    char* data() const { return data_.get(); }

private:
    struct Delete {
        void operator()(char* data) const;
    };
    std::unique_ptr<char, Delete> data_;
};

// oneDNN would start as many threads as there are cores.
void use_one_thread();

class CpuExecutable final : public Executable {
public:
    CpuExecutable(const Network& network, const dnnl::engine& engine, const PrepareOptions& options);

    int stages() const override { return static_cast<int>(program_.stages.size()); }
    int slots() const override { return static_cast<int>(slots_.size()); }
    void load_input(int slot, std::span<const float> input) override;
    Outcome run_stage(int slot, int stage, int lane) override;
    std::span<const float> logits(int slot, int stage) const override;
    std::vector<StageInfo> stage_info() const override { return info_; }

    // For the trace: which implementations run, and which layers are slow.
    std::map<std::string, std::string> choices() const;

private:
    // A step with the addresses that it has in one slot and lane.
    struct Call {
        const Step* step = nullptr;
        std::vector<dnnl_exec_arg_t> arguments;  // of a primitive
        std::vector<float*> tensors;             // of a kernel
    };
    struct Slot {
        Buffer arena;
        std::vector<std::vector<Call>> calls;  // [lane * stages + stage]
        int next_stage = -1;                   // -1: no input was loaded
    };
    // What runs one stage after the other: memory that holds nothing between stages.
    struct Lane {
        dnnl::stream stream;
        Buffer arena, scratchpad;
    };

    Lane make_lane() const;
    Slot make_slot();
    Call make_call(const Step& step, const Slot& slot, const Lane& lane);
    dnnl_memory_t memory_for(const dnnl::memory::desc& desc, void* data);
    // Of the tensor's first element.
    float* address(const Slot& slot, const Lane& lane, int tensor) const;
    const Tensor& tensor(int i) const { return program_.tensors[static_cast<std::size_t>(i)]; }
    void execute(const Call& call, const Lane& lane) const;
    const Slot& slot_at(int slot) const;
    Slot& slot_at(int slot) { return const_cast<Slot&>(std::as_const(*this).slot_at(slot)); }

    dnnl::engine engine_;
    std::vector<StageInfo> info_;
    std::vector<double> temperature_;
    std::size_t input_elements_, classes_;
    Program program_;
    std::vector<Lane> lanes_;
    // Slots and steps share the memory objects of equal address and layout.
    std::map<void*, std::vector<dnnl::memory>> memories_;
    std::vector<Slot> slots_;
    std::vector<std::vector<const float*>> scores_;  // [slot][stage]
};

}  // namespace laxity::cpu
