#include <algorithm>
#include <cstring>
#include <utility>

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/cpu/program.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

using dnnl::algorithm;
using dnnl::memory;
using Dims = memory::dims;
using Tag = memory::format_tag;

constexpr auto kFloat = memory::data_type::f32;
constexpr auto kInference = dnnl::prop_kind::forward_inference;

Dims dims_of(const TensorShape& shape) { return {1, shape.channels, shape.height, shape.width}; }

memory::desc any_layout(const Dims& dims) { return {dims, kFloat, Tag::any}; }

memory::desc vector_desc(int channels) { return {{1, channels}, kFloat, Tag::nc}; }

// Whether a tensor of 1x1 pixels lies in memory as its channels in a row.
bool is_contiguous_vector(const memory::desc& desc) {
    const Layout layout = layout_of(desc);
    const std::int64_t channels = layout.dims[1];
    if (!layout.blocked || layout.padded_dims[1] != channels) return false;
    if (layout.inner_blocks.empty()) return layout.strides[1] == 1 || channels == 1;
    return layout.inner_blocks.size() == 1 && layout.inner_dims[0] == 1 && layout.strides[1] == layout.inner_blocks[0];
}

struct Eltwise {
    algorithm function = algorithm::undef;
    float alpha = 0;
    float beta = 0;
};

Eltwise eltwise_of(const Activation& activation) {
    switch (activation.kind) {
        case ActivationKind::kRelu:
            return {algorithm::eltwise_relu};
        case ActivationKind::kClip:
            return {algorithm::eltwise_clip, activation.low, activation.high};
        case ActivationKind::kSigmoid:
            return {algorithm::eltwise_logistic};
        case ActivationKind::kHardSwish:
            return {algorithm::eltwise_hardswish};
        case ActivationKind::kNone:
            break;
    }
    return {};
}

// The scratchpad is ours, so that primitives allocate nothing when they run.
dnnl::primitive_attr attributes(const Activation& activation, bool add_to_destination = false) {
    dnnl::post_ops post_ops;
    if (add_to_destination) post_ops.append_sum(1);
    const Eltwise eltwise = eltwise_of(activation);
    if (eltwise.function != algorithm::undef) append_eltwise(post_ops, eltwise.function, eltwise.alpha, eltwise.beta);
    dnnl::primitive_attr attributes;
    attributes.set_post_ops(post_ops);
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

class Compiler {
public:
    Compiler(const Network& network, const dnnl::engine& engine)
        : network_(network),
          engine_(engine),
          tensor_of_(network.layers().size(), -1),
          readers_(network.layers().size(), 0) {}

    Program run();

private:
    const Layer& layer(int i) const { return network_.layers()[static_cast<std::size_t>(i)]; }
    int& tensor_of(int i) { return tensor_of_[static_cast<std::size_t>(i)]; }
    Tensor& tensor(int t) { return program_.tensors[static_cast<std::size_t>(t)]; }
    int source(int i) { return tensor_of(layer(current_).inputs[static_cast<std::size_t>(i)]); }
    int& unread(int t) { return unread_[static_cast<std::size_t>(tensor(t).storage)]; }

    void place();
    void count_readers();
    void compile_stage(const Stage& stage);
    void compile_layer(int index);
    int compile_kind();
    int convolution();
    int dense();
    int pooling();
    int addition();
    int activation();
    int concatenation();
    int reshape();
    int as_scores(int t);

    int new_tensor(const memory::desc& desc);
    int view(int t, const memory::desc& desc);
    int converted(int t, const memory::desc& desc);
    int copied(int t, const memory::desc& desc);
    int as_vector(int t);
    int to_overwrite(int t, const memory::desc& desc);
    memory weights(const std::vector<float>& values, const memory::desc& plain, const memory::desc& wanted);
    dnnl::inner_product_forward::primitive_desc dense_primitive(const memory::desc& from, const Dims& weights);

    template <class Description>
    void emit(const dnnl::primitive& primitive, const Description& description, std::vector<Argument> arguments);
    template <class Description>
    void refuse_absent(const Description& description) const;
    template <class Description>
    void refuse_reference(const Description& description) const;
    [[noreturn]] void fail(const std::string& problem) const;

    const Network& network_;
    const dnnl::engine& engine_;
    Program program_;
    std::vector<int> tensor_of_;  // by layer
    std::vector<int> readers_;    // by layer
    std::vector<int> unread_;     // by storage: reads that are still to come
    StageProgram* stage_ = nullptr;
    int current_ = 0;  // layer
};

Program Compiler::run() {
    count_readers();
    const TensorShape input = network_.input_shape();
    // With one channel both layouts are the same; this one spares a reorder.
    tensor_of(0) = new_tensor({dims_of(input), kFloat, input.channels == 1 ? Tag::nhwc : Tag::nchw});
    unread(tensor_of(0)) = readers_[0];
    for (const Stage& stage : network_.stages()) compile_stage(stage);
    place();
    return std::move(program_);
}

void Compiler::place() {
    const auto storage_of = [this](int t) { return t < 0 ? -1 : tensor(t).storage; };
    std::vector<StageStorages> stages;
    for (const StageProgram& stage : program_.stages) {
        stages.push_back({{}, storage_of(stage.input), storage_of(stage.carried), storage_of(stage.scores)});
        for (const Step& step : stage.steps) {
            std::vector<int>& touched = stages.back().steps.emplace_back();
            for (const Argument& argument : step.arguments) {
                if (argument.tensor >= 0) touched.push_back(storage_of(argument.tensor));
            }
        }
    }
    program_.buffer_bytes = place_storages(program_.storages, stages);
}

void Compiler::count_readers() {
    for (const Stage& stage : network_.stages()) {
        for (const int i : stage.layers) {
            for (const int input : layer(i).inputs) ++readers_[static_cast<std::size_t>(input)];
        }
        ++readers_[static_cast<std::size_t>(stage.exit)];
    }
}

void Compiler::compile_stage(const Stage& stage) {
    program_.stages.emplace_back();
    stage_ = &program_.stages.back();
    for (const int i : stage.layers) compile_layer(i);
    current_ = stage.exit;
    stage_->input = tensor_of(stage.input);
    stage_->carried = stage.carried < 0 ? -1 : tensor_of(stage.carried);
    stage_->scores = as_scores(tensor_of(stage.exit));
}

int Compiler::compile_kind() {
    switch (layer(current_).kind) {
        case LayerKind::kConvolution:
            return convolution();
        case LayerKind::kDense:
            return dense();
        case LayerKind::kAdd:
            return addition();
        case LayerKind::kConcat:
            return concatenation();
        case LayerKind::kMaxPool:
        case LayerKind::kAveragePool:
            return pooling();
        case LayerKind::kActivation:
            return activation();
        case LayerKind::kReshape:
            return reshape();
        case LayerKind::kInput:
            break;
    }
    fail("is an input amid the network");
}

void Compiler::compile_layer(int index) {
    current_ = index;
    int result = -1;
    try {
        result = compile_kind();
    } catch (const dnnl::error& error) {
        if (error.status == dnnl_out_of_memory) throw DeviceError("out of memory for '" + layer(index).name + "'");
        fail(std::string("cannot be executed by oneDNN: ") + error.what());
    }
    for (const int input : layer(index).inputs) --unread(tensor_of(input));
    tensor_of(index) = result;
    unread(result) += readers_[static_cast<std::size_t>(index)];
}

void Compiler::fail(const std::string& problem) const {
    const NetworkOrigin& origin = network_.origin();
    throw InputError(
        one_line((origin.file.empty() ? origin.name : origin.file) + ": '" + layer(current_).name + "' " + problem));
}

template <class Description>
void Compiler::refuse_absent(const Description& description) const {
    if (!description) fail("cannot be executed by oneDNN");
}

template <class Description>
void Compiler::refuse_reference(const Description& description) const {
    const std::string implementation = description.impl_info_str();
    if (implementation.find("ref") == std::string::npos) return;
    fail("has only a reference implementation (" + implementation +
         ") in oneDNN on this processor, which is 100 times slower; use groups of 1 or of one channel each, and "
         "channels "
         "in multiples of 16");
}

int Compiler::new_tensor(const memory::desc& desc) {
    program_.storages.push_back({desc.get_size(), -1});
    unread_.push_back(0);
    program_.tensors.push_back({desc, static_cast<int>(program_.storages.size()) - 1});
    return static_cast<int>(program_.tensors.size()) - 1;
}

int Compiler::view(int t, const memory::desc& desc) {
    program_.tensors.push_back({desc, tensor(t).storage});
    return static_cast<int>(program_.tensors.size()) - 1;
}

template <class Description>
void Compiler::emit(const dnnl::primitive& primitive, const Description& description, std::vector<Argument> arguments) {
    const memory::desc scratchpad = description.scratchpad_desc();
    program_.scratchpad_bytes = std::max(program_.scratchpad_bytes, scratchpad.get_size());
    stage_->steps.push_back({layer(current_).name, primitive, std::move(arguments), scratchpad});
}

int Compiler::copied(int t, const memory::desc& desc) {
    const dnnl::reorder::primitive_desc description(engine_, tensor(t).desc, engine_, desc, attributes({}));
    const int copy = new_tensor(desc);
    emit(dnnl::reorder(description), description, {{DNNL_ARG_FROM, t, {}}, {DNNL_ARG_TO, copy, {}}});
    return copy;
}

int Compiler::converted(int t, const memory::desc& desc) { return tensor(t).desc == desc ? t : copied(t, desc); }

// A tensor of 1x1 pixels as its channels in a row.
int Compiler::as_vector(int t) {
    const Dims dims = layout_of(tensor(t).desc).dims;
    const int channels = static_cast<int>(dims[1]);
    if (dims.size() == 2) return converted(t, vector_desc(channels));
    if (is_contiguous_vector(tensor(t).desc)) return view(t, vector_desc(channels));
    return view(copied(t, {{1, channels, 1, 1}, kFloat, Tag::nchw}), vector_desc(channels));
}

// A tensor with the content of `t` that the current layer may overwrite: `t` itself if nothing else will read it.
int Compiler::to_overwrite(int t, const memory::desc& desc) {
    const int same_layout = converted(t, desc);
    return same_layout == t && unread(t) > 1 ? copied(t, desc) : same_layout;
}

memory Compiler::weights(const std::vector<float>& values, const memory::desc& plain, const memory::desc& wanted) {
    memory given(plain, engine_, const_cast<float*>(values.data())), result(wanted, engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(given, result).execute(stream, given, result);
    stream.wait();
    return result;
}

int Compiler::convolution() {
    const Layer& l = layer(current_);
    const Window &v = l.vertical, &h = l.horizontal;
    const bool residual = l.inputs.size() == 2;
    const std::int64_t inputs = layer(l.inputs[0]).shape.channels, outputs = l.shape.channels, groups = l.groups;
    const Dims kernel = groups == 1 ? Dims{outputs, inputs, v.kernel, h.kernel}
                                    : Dims{groups, outputs / groups, inputs / groups, v.kernel, h.kernel};
    const auto description = describe<dnnl::convolution_forward>(
        engine_, attributes(l.activation, residual), kInference, algorithm::convolution_direct,
        any_layout(dims_of(layer(l.inputs[0]).shape)), any_layout(kernel), any_layout({outputs}),
        any_layout(dims_of(l.shape)), Dims{v.stride, h.stride}, Dims{v.dilation - 1, h.dilation - 1},
        Dims{v.pad_begin, h.pad_begin}, Dims{v.pad_end, h.pad_end});
    refuse_absent(description);
    refuse_reference(description);
    const int from = converted(source(0), description.src_desc());
    const int to = residual ? view(to_overwrite(source(1), description.dst_desc()), description.dst_desc())
                            : new_tensor(description.dst_desc());
    const memory w =
        weights(l.weights, {kernel, kFloat, groups == 1 ? Tag::oihw : Tag::goihw}, description.weights_desc());
    const memory b = weights(l.bias, {{outputs}, kFloat, Tag::a}, description.bias_desc());
    emit(dnnl::convolution_forward(description), description,
         {{DNNL_ARG_SRC, from, {}}, {DNNL_ARG_WEIGHTS, -1, w}, {DNNL_ARG_BIAS, -1, b}, {DNNL_ARG_DST, to, {}}});
    return to;
}

// With the source as it lies if oneDNN has a fast implementation for that, else with the layout it prefers.
dnnl::inner_product_forward::primitive_desc Compiler::dense_primitive(const memory::desc& from, const Dims& weights) {
    const Layer& l = layer(current_);
    const auto with_source = [&](const memory::desc& source) {
        return describe<dnnl::inner_product_forward>(engine_, attributes(l.activation), kInference, source,
                                                     any_layout(weights), any_layout({weights[0]}),
                                                     vector_desc(l.shape.channels));
    };
    auto description = with_source(from);
    if (description && std::strstr(description.impl_info_str(), "ref") == nullptr) return description;
    description = with_source(any_layout(layout_of(from).dims));
    refuse_absent(description);
    refuse_reference(description);
    return description;
}

int Compiler::dense() {
    const Layer& l = layer(current_);
    const TensorShape shape = layer(l.inputs[0]).shape;
    const bool vector = shape.area() == 1;
    const int t = vector ? as_vector(source(0)) : source(0);
    Dims dims = dims_of(shape);
    dims[0] = l.shape.channels;
    if (vector) dims.resize(2);
    const auto description = dense_primitive(tensor(t).desc, dims);
    const int from = converted(t, description.src_desc());
    const int to = new_tensor(description.dst_desc());
    const memory w = weights(l.weights, {dims, kFloat, vector ? Tag::oi : Tag::oihw}, description.weights_desc());
    const memory b = weights(l.bias, {{dims[0]}, kFloat, Tag::a}, description.bias_desc());
    emit(dnnl::inner_product_forward(description), description,
         {{DNNL_ARG_SRC, from, {}}, {DNNL_ARG_WEIGHTS, -1, w}, {DNNL_ARG_BIAS, -1, b}, {DNNL_ARG_DST, to, {}}});
    return to;
}

int Compiler::pooling() {
    const Layer& l = layer(current_);
    const Window &v = l.vertical, &h = l.horizontal;
    const algorithm average =
        l.count_padding ? algorithm::pooling_avg_include_padding : algorithm::pooling_avg_exclude_padding;
    const auto description = describe<PoolingForward>(
        engine_, attributes({}), kInference, l.kind == LayerKind::kMaxPool ? algorithm::pooling_max : average,
        tensor(source(0)).desc, any_layout(dims_of(l.shape)), Dims{v.stride, h.stride}, Dims{v.kernel, h.kernel},
        Dims{0, 0}, Dims{v.pad_begin, h.pad_begin}, Dims{v.pad_end, h.pad_end});
    refuse_absent(description);
    const int to = new_tensor(description.dst_desc());
    emit(PoolingForward(description), description, {{DNNL_ARG_SRC, source(0), {}}, {DNNL_ARG_DST, to, {}}});
    return to;
}

int Compiler::addition() {
    const Layer& l = layer(current_);
    const memory::desc desc = tensor(source(0)).desc;
    const auto description =
        describe<dnnl::binary>(engine_, attributes(l.activation), algorithm::binary_add, desc, desc, desc);
    refuse_absent(description);
    const int second = converted(source(1), description.src1_desc());
    const int to = new_tensor(description.dst_desc());
    emit(dnnl::binary(description), description,
         {{DNNL_ARG_SRC_0, source(0), {}}, {DNNL_ARG_SRC_1, second, {}}, {DNNL_ARG_DST, to, {}}});
    return to;
}

int Compiler::activation() {
    const Eltwise eltwise = eltwise_of(layer(current_).activation);
    const auto description = describe_eltwise(engine_, attributes({}), eltwise.function, tensor(source(0)).desc,
                                              eltwise.alpha, eltwise.beta);
    refuse_absent(description);
    const int to = new_tensor(description.dst_desc());
    emit(dnnl::eltwise_forward(description), description, {{DNNL_ARG_SRC, source(0), {}}, {DNNL_ARG_DST, to, {}}});
    return to;
}

int Compiler::concatenation() {
    std::vector<memory::desc> descs;
    std::vector<Argument> arguments;
    for (std::size_t i = 0; i < layer(current_).inputs.size(); ++i) {
        const int part = source(static_cast<int>(i));
        descs.push_back(tensor(part).desc);
        arguments.push_back({DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i), part, {}});
    }
    const dnnl::concat::primitive_desc description = describe_concat(engine_, attributes({}), 1, descs);
    const int to = new_tensor(description.dst_desc());
    arguments.push_back({DNNL_ARG_DST, to, {}});
    emit(dnnl::concat(description), description, std::move(arguments));
    return to;
}

int Compiler::reshape() {
    const Layer& l = layer(current_);
    const int plain = converted(source(0), {dims_of(layer(l.inputs[0]).shape), kFloat, Tag::nchw});
    return view(plain, {dims_of(l.shape), kFloat, Tag::nchw});
}

// The exit's scores, where nothing that is carried lies.
int Compiler::as_scores(int t) {
    const int scores = as_vector(t);
    const auto shared = [&](int other) { return other >= 0 && tensor(other).storage == tensor(scores).storage; };
    return shared(stage_->input) || shared(stage_->carried) ? copied(scores, tensor(scores).desc) : scores;
}

}  // namespace

Program compile(const Network& network, const dnnl::engine& engine) { return Compiler(network, engine).run(); }

}  // namespace laxity
