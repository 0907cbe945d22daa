#include "profiler/measure/pipeline.hpp"

#include <algorithm>
#include <string>

#include "profiler/device/softmax.hpp"

namespace laxity {

PipelineExecutable::PipelineExecutable(Executable& network, int network_stages, const Dataset& data, double temperature)
    : network_(network), network_stages_(network_stages), data_(data), temperature_(temperature) {
    slots_.resize(static_cast<std::size_t>(network.slots()));
    for (Slot& slot : slots_) {
        slot.image.resize(static_cast<std::size_t>(data.elements()));
        slot.scores.resize(static_cast<std::size_t>(data.classes));
    }
}

PipelineExecutable::Slot& PipelineExecutable::slot_at(int slot) {
    if (slot < 0 || slot >= slots()) throw DeviceError("there is no slot " + std::to_string(slot));
    return slots_[static_cast<std::size_t>(slot)];
}

void PipelineExecutable::take_sample(int slot, std::uint32_t sample) { slot_at(slot).sample = sample; }

void PipelineExecutable::load_input(int, std::span<const float>) {
    throw DeviceError("a pipeline decodes its own inputs");
}

Outcome PipelineExecutable::run_stage(int slot, int stage, int lane) {
    Slot& running = slot_at(slot);
    if (stage == 0) {
        data_.decode(running.sample, running.image);
    } else if (stage == 1) {
        infer(slot, running, lane);
    } else {
        return outcome_of(running.scores, temperature_);
    }
    return {-1, 0};
}

void PipelineExecutable::infer(int index, Slot& slot, int lane) {
    network_.load_input(index, slot.image);
    for (int stage = 0; stage < network_stages_; ++stage) network_.run_stage(index, stage, lane);
    std::ranges::copy(network_.logits(index, network_stages_ - 1), slot.scores.begin());
}

std::span<const float> PipelineExecutable::logits(int slot, int) const {
    return slots_.at(static_cast<std::size_t>(slot)).scores;
}

std::vector<StageInfo> PipelineExecutable::stage_info() const {
    StageInfo before, inference, after;
    before.name = "preprocess", inference.name = "inference", after.name = "postprocess";
    before.resource = after.resource = "host";
    inference.resource = "accelerator";
    return {before, inference, after};
}

}  // namespace laxity
