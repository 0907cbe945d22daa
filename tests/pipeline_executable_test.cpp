#include "profiler/measure/pipeline.hpp"
#include "tests/catch.hpp"
#include "tests/fake_device.hpp"

using namespace laxity;

namespace {

// Two images of three pixels, stored as bytes.
const Dataset kData{"d", "test", {1, 1, 3}, 3, {1, 2}, {0, 1, 0, 0, 0, 1}, {0, 255, 0, 0, 0, 255}};

}  // namespace

TEST_CASE("A pipeline answers with the network's exit after its third subtask alone", "[pipeline]") {
    FakeExecutable network(3, 2, 3);
    PipelineExecutable pipeline(network, 2, kData, 0.5);
    Executable& chain = pipeline;
    CHECK(chain.stages() == 3);
    CHECK(chain.slots() == 2);
    pipeline.take_sample(0, 0);
    pipeline.take_sample(1, 1);
    for (int stage : {0, 1}) {
        for (int slot : {1, 0}) CHECK(chain.run_stage(slot, stage).prediction == -1);
    }
    const std::vector<float> scores = {0, 2, 0};  // exit 1 of the fake: twice the input
    CHECK(std::ranges::equal(chain.logits(0, 2), scores));
    const Outcome first = chain.run_stage(0, 2), second = chain.run_stage(1, 2);
    CHECK(first.prediction == 1);
    CHECK(first.confidence == outcome_of(scores, 0.5).confidence);
    CHECK(second.prediction == 2);
}

TEST_CASE("A pipeline runs the network in the lane that it is given", "[pipeline]") {
    FakeExecutable network(2, 1, 3);
    PipelineExecutable pipeline(network, 2, kData, 1);
    Executable& chain = pipeline;
    chain.run_stage(0, 0, 5);
    CHECK(network.lanes_used == 0);
    chain.run_stage(0, 1, 1);
    CHECK(network.lanes_used == 2);
}

TEST_CASE("A pipeline decodes its own inputs and has so many slots", "[pipeline]") {
    FakeExecutable network(2, 1, 3);
    PipelineExecutable pipeline(network, 2, kData, 1);
    Executable& chain = pipeline;
    CHECK_THROWS_AS(chain.load_input(0, kData.image(0)), DeviceError);
    CHECK_THROWS_AS(chain.run_stage(1, 0), DeviceError);
}
