#include <variant>

#include "profiler/cpu/operations.hpp"
#include "profiler/device/device.hpp"

namespace laxity::cpu {

namespace {

struct Compile {
    ProgramBuilder& builder;

    // A checked network has them nowhere in its stages.
    int operator()(const Input&) const { return -1; }
    int operator()(const Constant&) const { return -1; }
    template <class Operation>
    int operator()(const Operation& operation) const {
        return compile(builder, operation);
    }
};

void compile_layer(ProgramBuilder& builder, int layer) {
    builder.begin_layer(layer);
    try {
        builder.end_layer(std::visit(Compile{builder}, builder.layer().operation));
    } catch (const dnnl::error& error) {
        const std::string where = "'" + builder.layer().name + "'";
        if (error.status == dnnl_out_of_memory) throw DeviceError("out of memory for " + where);
        throw DeviceError("oneDNN failed compiling " + where + ": " + error.what());
    }
}

}  // namespace

Program compile(const Network& network, const dnnl::engine& engine) {
    ProgramBuilder builder(network, engine);
    for (const Stage& stage : network.stages()) {
        builder.begin_stage();
        for (const int layer : stage.layers) compile_layer(builder, layer);
        builder.end_stage(stage);
    }
    return builder.finish();
}

}  // namespace laxity::cpu
