#include "profiler/cpu/program_builder.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/eltwise.hpp"
#include "profiler/cpu/kernels/copy.hpp"
#include "profiler/cpu/kernels/elementwise.hpp"

namespace laxity::cpu {

namespace {

std::size_t index_of(int i) { return static_cast<std::size_t>(i); }

}  // namespace

ProgramBuilder::ProgramBuilder(const Network& network, const dnnl::engine& engine)
    : network_(network), engine_(engine), tensor_of_(network.layers().size(), -1), readers_(tensor_of_.size(), 0) {
    count_readers();
    program_.input = new_tensor(network.input_shape());
    tensor_of_[0] = program_.input;
    unread(program_.input) = readers_[0];
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        if (const Constant* c = network.layers()[i].as<Constant>()) tensor_of_[i] = constant(c->value);
    }
}

void ProgramBuilder::count_readers() {
    for (const Stage& stage : network_.stages()) {
        for (const int i : stage.layers) {
            for (const int input : network_.layer(i).inputs) ++readers_[index_of(input)];
        }
        ++readers_[index_of(stage.exit)];
    }
}

bool ProgramBuilder::is_read_by_dense_layers_only() const {
    for (const Stage& stage : network_.stages()) {
        if (stage.exit == current_) return false;
        for (const int i : stage.layers) {
            const std::vector<int>& inputs = network_.layer(i).inputs;
            const bool reads = std::find(inputs.begin(), inputs.end(), current_) != inputs.end();
            if (reads && network_.layer(i).as<Dense>() == nullptr) return false;
        }
    }
    return true;
}

// ---- Stages and layers ----------------------------------------------------------------------------------------------

void ProgramBuilder::begin_stage() {
    program_.stages.emplace_back();
    copies_.clear();
}

void ProgramBuilder::begin_layer(int layer) {
    current_ = layer;
    activation_applied_ = false;
}

void ProgramBuilder::end_layer(int tensor) {
    const int result = activated(tensor);
    for (const int input : layer().inputs) {
        if (!is_constant(tensor_of(input))) --unread(tensor_of(input));
    }
    tensor_of_[index_of(current_)] = result;
    if (!is_constant(result)) unread(result) += readers_[index_of(current_)];
}

void ProgramBuilder::end_stage(const Stage& stage) {
    current_ = stage.exit;
    StageProgram& program = program_.stages.back();
    for (const int i : stage.reads) program.reads.push_back(tensor_of(i));
    for (const int i : stage.carried) program.carried.push_back(tensor_of(i));
    program.scores = as_scores(tensor_of(stage.exit), stage);
}

// The exit's scores, where nothing lies that outlives the stage.
int ProgramBuilder::as_scores(int tensor, const Stage& stage) {
    const Layout wanted(Shape{shape(tensor).elements()});
    const int scores = reshaped(tensor, wanted.shape());
    const auto shared = [&](int layer) {
        const int other = tensor_of(layer);
        return at(other).storage >= 0 && at(other).storage == at(scores).storage;
    };
    const bool alias = std::any_of(stage.carried.begin(), stage.carried.end(), shared) ||
                       std::any_of(stage.reads.begin(), stage.reads.end(), shared);
    if (layout(scores).is_dense() && !alias && !is_constant(scores)) return scores;
    return copied(scores, wanted);
}

Program ProgramBuilder::finish() {
    const auto storages_of = [this](const std::vector<int>& tensors) {
        std::vector<int> storages;
        for (const int tensor : tensors) {
            if (at(tensor).storage >= 0) storages.push_back(at(tensor).storage);
        }
        return storages;
    };
    std::vector<StageStorages> stages;
    for (const StageProgram& stage : program_.stages) {
        stages.push_back({{}, storages_of(stage.reads), storages_of(stage.carried), at(stage.scores).storage});
        for (const Step& step : stage.steps) {
            std::vector<int> touched;
            for (const Argument& argument : step.arguments) touched.push_back(argument.tensor);
            stages.back().steps.push_back(storages_of(touched));
        }
    }
    // The input may be loaded while the scores of the slot's last job are still being read.
    stages.front().reads.push_back(at(program_.input).storage);
    for (StageStorages& stage : stages) stage.carried.push_back(at(program_.input).storage);
    program_.arenas = place_storages(program_.storages, stages);
    return std::move(program_);
}

// ---- Tensors --------------------------------------------------------------------------------------------------------

int ProgramBuilder::new_tensor(const Layout& layout) {
    program_.storages.push_back({layout.bytes(), Arena::kScratch, 0});
    unread_.push_back(0);
    program_.tensors.push_back({layout, static_cast<int>(program_.storages.size()) - 1, nullptr, nullptr});
    return static_cast<int>(program_.tensors.size()) - 1;
}

int ProgramBuilder::view(int tensor, const Layout& layout) {
    Tensor viewed = at(tensor);
    viewed.layout = layout;
    program_.tensors.push_back(std::move(viewed));
    return static_cast<int>(program_.tensors.size()) - 1;
}

int ProgramBuilder::constant(const Weights& weights) {
    const auto [found, is_new] = constants_.emplace(weights.values.get(), static_cast<int>(program_.tensors.size()));
    if (is_new) {
        program_.tensors.push_back({Layout(weights.shape), -1, weights.values, weights.values->data()});
        return found->second;
    }
    return shape(found->second) == weights.shape ? found->second : view(found->second, Layout(weights.shape));
}

std::optional<float> ProgramBuilder::constant_number(int tensor) const {
    if (!is_constant(tensor) || shape(tensor).elements() != 1) return {};
    return at(tensor).constant[layout(tensor).offset()];
}

int ProgramBuilder::new_constant(const Layout& layout, dnnl::memory memory) {
    const auto* data = static_cast<const float*>(memory.get_data_handle());
    program_.tensors.push_back({layout, -1, std::make_shared<dnnl::memory>(std::move(memory)), data});
    return static_cast<int>(program_.tensors.size()) - 1;
}

int ProgramBuilder::weights(const Weights& weights, const dnnl::memory::desc& given, const dnnl::memory::desc& wanted) {
    dnnl::memory from(given, engine_, const_cast<float*>(weights.values->data())), to(wanted, engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(from, to).execute(stream, from, to);
    stream.wait();
    return new_constant(Layout(weights.shape, wanted), std::move(to));
}

int ProgramBuilder::bias(const Weights& weights, std::int64_t count) {
    if (!weights.empty()) return constant(weights);
    const auto zeros = std::make_shared<const std::vector<float>>(static_cast<std::size_t>(count), 0.0F);
    program_.tensors.push_back({Layout(Shape{count}), -1, zeros, zeros->data()});
    return static_cast<int>(program_.tensors.size()) - 1;
}

// ---- Steps ----------------------------------------------------------------------------------------------------------

void ProgramBuilder::add_primitive(const dnnl::primitive& primitive, const char* implementation,
                                   const dnnl::memory::desc& scratchpad, std::vector<Argument> arguments) {
    program_.scratchpad_bytes = std::max(program_.scratchpad_bytes, scratchpad.get_size());
    program_.stages.back().steps.push_back(
        {layer().name, implementation, primitive, nullptr, std::move(arguments), scratchpad});
}

void ProgramBuilder::emit(const std::string& implementation, Kernel kernel, const std::vector<int>& tensors) {
    Step step{layer().name, "own:" + implementation, {}, std::move(kernel), {}, {}};
    for (const int tensor : tensors) step.arguments.push_back({0, tensor});
    program_.stages.back().steps.push_back(std::move(step));
}

void ProgramBuilder::note_slow(const std::string& why) {
    program_.slow.push_back("'" + layer().name + "' (" + operation_name(layer().operation) + "): " + why);
}

dnnl::primitive_attr ProgramBuilder::plain_attributes() {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

dnnl::primitive_attr ProgramBuilder::attributes(const Fused& fused) const {
    dnnl::post_ops post_ops;
    if (fused.scale != 1) append_eltwise(post_ops, dnnl::algorithm::eltwise_linear, fused.scale, 0);
    if (fused.sum) post_ops.append_sum(1);
    if (fused.activation && layer().activation) {
        for (const Eltwise& each : eltwise_of(*layer().activation))
            append_eltwise(post_ops, each.function, each.alpha, each.beta);
    }
    dnnl::primitive_attr attributes = plain_attributes();
    attributes.set_post_ops(post_ops);
    return attributes;
}

bool ProgramBuilder::can_fuse_activation() const {
    return !layer().activation || !eltwise_of(*layer().activation).empty();
}

int ProgramBuilder::activated(int tensor) {
    if (!layer().activation || activation_applied_) return tensor;
    return apply_in_place(*layer().activation, tensor);
}

}  // namespace laxity::cpu
