// A network on a GPU. Internal to profiler/cuda.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "profiler/cuda/handles.hpp"
#include "profiler/cuda/options.hpp"
#include "profiler/cuda/program.hpp"
#include "profiler/device/device.hpp"

namespace laxity::cuda {

// Every slot has memory for its input, what is carried, and scores; every lane a stream, handles and scratch memory.
// For each slot, lane and stage one graph holds the copy of the input (first stage), the layers, the softmax and the
// copy of the answer, so that running a stage is one launch between two events. Nothing is allocated after
// construction.
class CudaExecutable final : public Executable {
public:
    CudaExecutable(const Network& network, const PrepareOptions& prepare, const Options& options);

    int stages() const override { return static_cast<int>(program_.stages.size()); }
    int slots() const override { return static_cast<int>(slots_.size()); }
    void load_input(int slot, std::span<const float> input) override;
    Outcome run_stage(int slot, int stage, int lane) override;
    std::span<const float> logits(int slot, int stage) const override;
    std::vector<StageInfo> stage_info() const override { return info_; }
    std::optional<Duration> device_time(int slot) const override;

    // What was chosen when the network was prepared, for the trace.
    const std::map<std::string, std::string>& choices() const { return choices_; }

private:
    struct Lane {
        explicit Lane(int priority);
        // Nothing goes away while the device may still use it.
        ~Lane();
        Queue queue;
        Event start, end;             // around the stage; in its graph, if it is one
        Event done;                   // to be polled
        Buffer scratch;               // Arena::kScratch
        // Of Completion::kCallback: stages launched by the host, and ended by the device's account.
        std::uint64_t launched = 0;
        std::atomic<std::uint64_t> ended{0};
    };
    struct Slot {
        Buffer arena;                 // Arena::kSlot
        Buffer input;                 // pinned, in the device's precision
        Buffer device_outcome, host_outcome;
        Buffer scores;                                  // pinned; a copy on demand
        std::vector<std::vector<std::byte*>> storages;  // addresses by lane and storage
        std::vector<GraphExecutable> graphs;            // [lane * stages + stage]; empty if they are off
        int next_stage = -1;                            // -1: no input was loaded
        Duration device_time{};
    };

    void check_memory(const Network& network, const PrepareOptions& prepare) const;
    void add_lanes(int count);
    void add_slot();
    void try_steps(const Network& network) const;
    void record_graphs();
    void record_graphs(Slot& slot) const;
    GraphExecutable record_stage(const Slot& slot, int stage, std::size_t lane_index) const;
    void choose_completion();
    void pass(int lane);
    Duration time_passes();
    void enqueue_stage(const Slot& slot, int stage, std::size_t lane_index) const;
    void launch(Slot& slot, int stage, std::size_t lane_index);
    void wait_for(Lane& lane) const;
    void poll(const Lane& lane) const;
    const Slot& slot_at(int slot) const;
    Slot& slot_at(int slot);

    Options options_;
    std::vector<StageInfo> info_;
    std::vector<double> temperature_;
    std::size_t input_elements_, classes_;
    std::map<std::string, std::string> choices_;
    Stream service_;  // of logits()
    Program program_;
    std::vector<Slot> slots_;
    std::vector<std::unique_ptr<Lane>> lanes_;  // last: they wait for what uses the others
};

}  // namespace laxity::cuda
