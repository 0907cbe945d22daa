#include "profiler/device/device.hpp"

#include "profiler/network/network.hpp"

namespace laxity {

std::vector<StageInfo> describe_stages(const Network& network) {
    std::vector<StageInfo> infos;
    for (const Stage& stage : network.stages()) {
        StageInfo info;
        info.name = "stage" + std::to_string(infos.size());
        info.resource = "accelerator";
        info.macs = stage.macs;
        info.parameter_bytes = stage.parameter_bytes;
        info.activation_bytes = stage.activation_bytes;
        infos.push_back(std::move(info));
    }
    return infos;
}

NetworkInfo describe_network(const Network& network) {
    const TensorShape input = network.input_shape();
    return {network.name(),
            network.origin().sha256,
            {input.channels, input.height, input.width},
            network.classes(),
            network.parameters()};
}

}  // namespace laxity
