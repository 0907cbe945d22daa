// A device whose outcomes are a function of the input, for tests of what uses devices.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "profiler/device/device.hpp"
#include "profiler/device/softmax.hpp"
#include "profiler/network/network.hpp"

namespace laxity {

// Exit k's scores are the first inputs, times k + 1.
class FakeExecutable final : public Executable {
public:
    FakeExecutable(int stages, int slots, int classes)
        : stages_(stages),
          inputs_(static_cast<std::size_t>(slots)),
          scores_(static_cast<std::size_t>(slots)),
          classes_(classes) {}

    std::function<void(int slot, int stage)> on_stage;  // called at the start of every stage
    std::atomic<int> lanes_used{0};                     // the highest lane so far, plus 1

    int stages() const override { return stages_; }
    int slots() const override { return static_cast<int>(inputs_.size()); }
    void load_input(int slot, std::span<const float> input) override {
        inputs_[static_cast<std::size_t>(slot)].assign(input.begin(), input.begin() + classes_);
    }
    Outcome run_stage(int slot, int stage, int lane) override {
        for (int seen = lanes_used; seen <= lane && !lanes_used.compare_exchange_weak(seen, lane + 1);) {
        }
        if (on_stage) on_stage(slot, stage);
        auto& scores = scores_[static_cast<std::size_t>(slot)];
        scores = inputs_[static_cast<std::size_t>(slot)];
        for (float& score : scores) score *= static_cast<float>(stage + 1);
        return outcome_of(scores, 1);
    }
    std::span<const float> logits(int slot, int) const override { return scores_[static_cast<std::size_t>(slot)]; }
    std::vector<StageInfo> stage_info() const override {
        std::vector<StageInfo> infos(static_cast<std::size_t>(stages_));
        for (std::size_t k = 0; k < infos.size(); ++k)
            infos[k] = {"stage" + std::to_string(k), "accelerator", 10, 4, 4, {}};
        return infos;
    }

private:
    int stages_;
    std::vector<std::vector<float>> inputs_, scores_;
    int classes_;
};

class FakeDevice final : public Device {
public:
    std::function<void(int slot, int stage)> on_stage;
    std::thread::id adopted;
    bool adoption_fails = false;

    DeviceInfo info() const override { return {"cpu", "fake", "none", 1, {}}; }
    std::unique_ptr<Executable> prepare(const Network& network, const PrepareOptions& options) override {
        auto executable = std::make_unique<FakeExecutable>(static_cast<int>(network.stages().size()), options.slots,
                                                           network.classes());
        executable->on_stage = on_stage;
        return executable;
    }
    std::vector<std::string> adopt_thread() override {
        if (adoption_fails) throw DeviceError("no context");
        adopted = std::this_thread::get_id();
        return {"the fake device refuses something"};
    }
};

}  // namespace laxity
