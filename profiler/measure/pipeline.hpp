// One job as a chain of three subtasks: pre-processing on the host, inference on the accelerator, post-processing on
// the host. The stages of the network run as one, and only the last subtask answers.
#pragma once

#include <cstdint>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/measure/dataset.hpp"

namespace laxity {

// Stage 0 decodes an image from its stored bytes; stage 1 loads it and runs the network up to an exit; stage 2 makes
// that exit's scores a prediction and a confidence. Stages without an answer give the prediction -1 and the confidence
// 0. The host's stages need no lane: any number of threads may run them, of different slots, beside the network's.
class PipelineExecutable final : public Executable {
public:
    static constexpr int kStages = 3;

    // `network` runs its first `network_stages` stages and, like `data`, outlives this; it has a slot for each of this.
    // `temperature` is that of the last of these exits.
    PipelineExecutable(Executable& network, int network_stages, const Dataset& data, double temperature);

    int stages() const override { return kStages; }
    int slots() const override { return static_cast<int>(slots_.size()); }
    // The image that stage 0 of this slot will decode; O(1). To be called by the thread that submits it, before it
    // does.
    void take_sample(int slot, std::uint32_t sample);
    // An input that was decoded elsewhere: not for a pipeline. Throws DeviceError.
    void load_input(int slot, std::span<const float> input) override;
    Outcome run_stage(int slot, int stage, int lane) override;
    std::span<const float> logits(int slot, int stage) const override;
    std::vector<StageInfo> stage_info() const override;

private:
    struct Slot {
        std::uint32_t sample = 0;
        std::vector<float> image;
        std::vector<float> scores;
    };

    Slot& slot_at(int slot);
    void infer(int index, Slot& slot, int lane);

    Executable& network_;
    int network_stages_;
    const Dataset& data_;
    double temperature_;
    std::vector<Slot> slots_;
};

}  // namespace laxity
