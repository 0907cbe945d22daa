// What each ONNX operator becomes. One function per operator, listed in the table at the end.
#include <algorithm>
#include <cmath>
#include <limits>

#include "profiler/onnx/onnx_graph.hpp"

namespace laxity {

namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::int64_t kMaxWindow = 1 << 12;

Layer make_layer(LayerKind kind, std::vector<int> inputs, TensorShape shape) {
    Layer layer;
    layer.kind = kind;
    layer.inputs = std::move(inputs);
    layer.shape = shape;
    return layer;
}

void require_image(const OnnxNode& node) {
    if (node.activation(0).rank != 4) node.fail("expected an input of 1 x channels x height x width");
}

// Windows of convolutions and poolings

// Two integers for height and width, each in [low, kMaxWindow].
Integers pair_attribute(const OnnxNode& node, const char* name, std::int64_t low, const Integers& otherwise) {
    Integers values = node.integers(name, otherwise);
    if (values.size() != 2) node.fail(std::string("'") + name + "' must have 2 values: only images are supported");
    for (const std::int64_t v : values) {
        if (v < low || v > kMaxWindow)
            node.fail(std::string("'") + name + "' holds the impossible value " + std::to_string(v));
    }
    return values;
}

// Pads so that the output has ceil(size / stride) elements (auto_pad = SAME_UPPER, SAME_LOWER).
void pad_same(Window& window, int size, bool more_at_end) {
    const int output = (size + window.stride - 1) / window.stride;
    const int padding = std::max(0, (output - 1) * window.stride + window.extent() - size);
    window.pad_begin = more_at_end ? padding / 2 : padding - padding / 2;
    window.pad_end = padding - window.pad_begin;
}

void pad_explicitly(const OnnxNode& node, Layer& layer) {
    const Integers pads = node.integers("pads", {0, 0, 0, 0});
    if (pads.size() != 4) node.fail("'pads' must have 4 values: only images are supported");
    for (const std::int64_t pad : pads) {
        if (pad < 0 || pad > kMaxWindow) node.fail("'pads' holds the impossible value " + std::to_string(pad));
    }
    layer.vertical.pad_begin = static_cast<int>(pads[0]);
    layer.horizontal.pad_begin = static_cast<int>(pads[1]);
    layer.vertical.pad_end = static_cast<int>(pads[2]);
    layer.horizontal.pad_end = static_cast<int>(pads[3]);
}

// Sets the windows from the node's attributes; `kernel` is used if there is no kernel_shape.
void set_windows(const OnnxNode& node, Layer& layer, const TensorShape& input, const Integers& kernel) {
    const Integers kernels = pair_attribute(node, "kernel_shape", 1, kernel);
    const Integers strides = pair_attribute(node, "strides", 1, {1, 1});
    const Integers dilations = pair_attribute(node, "dilations", 1, {1, 1});
    const auto window = [&](std::size_t axis) {
        return Window{static_cast<int>(kernels[axis]), static_cast<int>(strides[axis]),
                      static_cast<int>(dilations[axis]), 0, 0};
    };
    layer.vertical = window(0);
    layer.horizontal = window(1);
    const std::string auto_pad = node.text("auto_pad", "NOTSET");
    if (auto_pad == "NOTSET") {
        pad_explicitly(node, layer);
    } else if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
        pad_same(layer.vertical, input.height, auto_pad == "SAME_UPPER");
        pad_same(layer.horizontal, input.width, auto_pad == "SAME_UPPER");
    } else if (auto_pad != "VALID") {
        node.fail("'auto_pad' has the unknown value '" + auto_pad + "'");
    }
}

// How often the window fits; 0 if it is larger than the padded input.
int output_size(const Window& window, int size) {
    const int room = size + window.pad_begin + window.pad_end - window.extent();
    return room < 0 ? 0 : room / window.stride + 1;
}

// A last window that fits only partly is kept if it starts inside the input or the padding before it.
void round_up(Window& window, int size) {
    const int room = size + window.pad_begin + window.pad_end - window.extent();
    const int partial = (room + window.stride - 1) / window.stride;
    if (room < 0 || partial * window.stride >= size + window.pad_begin) return;
    window.pad_end = std::max(window.pad_end, partial * window.stride + window.extent() - size - window.pad_begin);
}

// Convolutions and what is folded into them

OnnxValue import_conv(const OnnxNode& node) {
    node.only_attributes({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
    require_image(node);
    const TensorShape input = node.shape(0);
    const std::int64_t groups = node.integer("group", 1);
    if (groups < 1 || input.channels % groups != 0) node.fail("'group' does not divide the input's channels");
    const OnnxValue& weights = node.value(1);
    if (weights.constant == nullptr || weights.rank != 4) node.fail("expected constant weights of 4 dimensions");
    const std::int64_t outputs = weights.constant->dims(0);
    const Integers kernel = {weights.constant->dims(2), weights.constant->dims(3)};

    Layer layer = make_layer(LayerKind::kConvolution, {node.activation(0).layer}, {});
    set_windows(node, layer, input, kernel);
    layer.groups = static_cast<int>(groups);
    layer.weights = node.floats(1, {outputs, input.channels / groups, layer.vertical.kernel, layer.horizontal.kernel});
    if (outputs < 1 || outputs % groups != 0) node.fail("'group' does not divide the output's channels");
    layer.bias = node.has_input(2) ? node.floats(2, {outputs}) : std::vector<float>(static_cast<std::size_t>(outputs));
    layer.shape = {static_cast<int>(outputs), output_size(layer.vertical, input.height),
                   output_size(layer.horizontal, input.width)};
    return node.graph().add(node, std::move(layer), 4);
}

// weight * x + bias with one weight and bias per channel, as a depthwise 1x1 convolution. fuse() folds it if it can.
OnnxValue add_scale(const OnnxNode& node, int input, std::vector<float> weights, std::vector<float> bias) {
    const OnnxValue& source = node.activation(input);
    Layer layer = make_layer(LayerKind::kConvolution, {source.layer}, node.shape(input));
    layer.groups = layer.shape.channels;
    layer.weights = std::move(weights);
    layer.bias = std::move(bias);
    return node.graph().add(node, std::move(layer), source.rank);
}

OnnxValue import_batch_normalization(const OnnxNode& node) {
    node.only_attributes({"epsilon", "momentum", "spatial", "training_mode"});
    if (node.integer("training_mode", 0) != 0) node.fail("is in training mode", "export after network.eval()");
    if (node.integer("spatial", 1) != 1) node.fail("'spatial' = 0 is not supported");
    const std::int64_t channels = node.shape(0).channels;
    std::vector<float> scale = node.floats(1, {channels}), shift = node.floats(2, {channels});
    const std::vector<float> mean = node.floats(3, {channels}), variance = node.floats(4, {channels});
    const double epsilon = node.real("epsilon", 1e-5F);
    for (std::size_t c = 0; c < scale.size(); ++c) {
        const double deviation = std::sqrt(variance[c] + epsilon);
        if (!(deviation > 0)) node.fail("the variance of channel " + std::to_string(c) + " is negative or zero");
        const double factor = scale[c] / deviation;
        scale[c] = static_cast<float>(factor);
        shift[c] = static_cast<float>(shift[c] - factor * mean[c]);
    }
    return add_scale(node, 0, std::move(scale), std::move(shift));
}

// Whether a constant of these dimensions adds one number per channel, or a single number.
bool is_per_channel(const onnx::TensorProto& constant, int rank, int channels) {
    const Integers dimensions(constant.dims().begin(), constant.dims().end());
    const auto is_one = [](std::int64_t d) { return d == 1; };
    if (std::all_of(dimensions.begin(), dimensions.end(), is_one)) return true;
    Integers padded(static_cast<std::size_t>(rank), 1);
    if (dimensions.size() > padded.size()) return false;
    std::copy_backward(dimensions.begin(), dimensions.end(), padded.end());
    Integers expected(static_cast<std::size_t>(rank), 1);
    expected[1] = channels;
    return padded == expected;
}

OnnxValue add_bias(const OnnxNode& node, int activation, int constant) {
    const int channels = node.shape(activation).channels;
    if (!is_per_channel(*node.value(constant).constant, node.activation(activation).rank, channels)) {
        node.fail("a constant can only be added per channel or as a single number");
    }
    std::vector<float> bias = node.floats(constant, Integers(static_cast<std::size_t>(node.value(constant).rank), -1));
    if (bias.empty()) node.fail("the constant to add is empty");
    bias.resize(static_cast<std::size_t>(channels), bias[0]);
    std::vector<float> ones(bias.size(), 1.0F);
    return add_scale(node, activation, std::move(ones), std::move(bias));
}

OnnxValue import_add(const OnnxNode& node) {
    node.only_attributes({});
    if (node.value(1).constant != nullptr) return add_bias(node, 0, 1);
    if (node.value(0).constant != nullptr) return add_bias(node, 1, 0);
    const OnnxValue &first = node.activation(0), &second = node.activation(1);
    if (node.shape(0) != node.shape(1) || first.rank != second.rank) {
        node.fail("adds " + node.shape(0).text() + " and " + node.shape(1).text() +
                  ", but only equal shapes can be added");
    }
    return node.graph().add(node, make_layer(LayerKind::kAdd, {first.layer, second.layer}, node.shape(0)), first.rank);
}

// Dense layers

OnnxValue add_dense(const OnnxNode& node, std::vector<float> weights, std::vector<float> bias) {
    const int outputs = static_cast<int>(bias.size());
    Layer layer = make_layer(LayerKind::kDense, {node.activation(0).layer}, {outputs, 1, 1});
    layer.weights = std::move(weights);
    layer.bias = std::move(bias);
    return node.graph().add(node, std::move(layer), 2);
}

std::vector<float> transposed(const std::vector<float>& matrix, std::size_t rows, std::size_t columns) {
    std::vector<float> result(matrix.size());
    for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns; ++c) result[c * rows + r] = matrix[r * columns + c];
    }
    return result;
}

// The matrix that input 1 holds, as [out][in], for an activation that is a vector.
std::vector<float> dense_weights(const OnnxNode& node, bool transposed_already) {
    if (node.activation(0).rank != 2) node.fail("expected an input of 1 x features", "put a Flatten before it");
    const std::int64_t inputs = node.shape(0).channels;
    const Integers expected = transposed_already ? Integers{-1, inputs} : Integers{inputs, -1};
    std::vector<float> weights = node.floats(1, expected);
    if (weights.empty()) node.fail("has no outputs");
    if (transposed_already) return weights;
    const auto rows = static_cast<std::size_t>(inputs);
    return transposed(weights, rows, weights.size() / rows);
}

OnnxValue import_gemm(const OnnxNode& node) {
    node.only_attributes({"alpha", "beta", "transA", "transB"});
    if (node.integer("transA", 0) != 0) node.fail("'transA' is not supported");
    std::vector<float> weights = dense_weights(node, node.integer("transB", 0) != 0);
    const std::size_t outputs = weights.size() / static_cast<std::size_t>(node.shape(0).channels);
    const float alpha = node.real("alpha", 1), beta = node.real("beta", 1);
    std::vector<float> bias(outputs, 0.0F);
    if (node.has_input(2)) {
        const onnx::TensorProto* constant = node.value(2).constant;
        if (constant == nullptr) node.fail("input 2 is computed, but only a constant bias is supported");
        if (!is_per_channel(*constant, 2, static_cast<int>(outputs))) node.fail("the bias has a wrong shape");
        bias = node.floats(2, Integers(static_cast<std::size_t>(constant->dims_size()), -1));
        bias.resize(outputs, bias.at(0));
    }
    for (float& w : weights) w *= alpha;
    for (float& b : bias) b *= beta;
    return add_dense(node, std::move(weights), std::move(bias));
}

OnnxValue import_mat_mul(const OnnxNode& node) {
    node.only_attributes({});
    std::vector<float> weights = dense_weights(node, false);
    const std::size_t outputs = weights.size() / static_cast<std::size_t>(node.shape(0).channels);
    return add_dense(node, std::move(weights), std::vector<float>(outputs, 0.0F));
}

// Pooling

OnnxValue import_pool(const OnnxNode& node) {
    const bool max = node.type() == "MaxPool";
    if (max) {
        node.only_attributes(
            {"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
    } else {
        node.only_attributes(
            {"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
    }
    require_image(node);
    if (!node.has_attribute("kernel_shape")) node.fail("'kernel_shape' is missing");
    const TensorShape input = node.shape(0);
    Layer layer = make_layer(max ? LayerKind::kMaxPool : LayerKind::kAveragePool, {node.activation(0).layer}, {});
    set_windows(node, layer, input, {});
    if (layer.vertical.dilation != 1 || layer.horizontal.dilation != 1) node.fail("'dilations' are not supported");
    layer.count_padding = node.integer("count_include_pad", 0) != 0;
    if (node.integer("ceil_mode", 0) != 0) {
        if (layer.count_padding) node.fail("'ceil_mode' together with 'count_include_pad' is not supported");
        round_up(layer.vertical, input.height);
        round_up(layer.horizontal, input.width);
    }
    for (const Window& w : {layer.vertical, layer.horizontal}) {
        if (std::max(w.pad_begin, w.pad_end) >= w.kernel) node.fail("'pads' are as large as the window");
    }
    layer.shape = {input.channels, output_size(layer.vertical, input.height),
                   output_size(layer.horizontal, input.width)};
    return node.graph().add(node, std::move(layer), 4);
}

OnnxValue add_global_average(const OnnxNode& node) {
    require_image(node);
    const TensorShape input = node.shape(0);
    Layer layer = make_layer(LayerKind::kAveragePool, {node.activation(0).layer}, {input.channels, 1, 1});
    layer.vertical.kernel = layer.vertical.stride = input.height;
    layer.horizontal.kernel = layer.horizontal.stride = input.width;
    return node.graph().add(node, std::move(layer), 4);
}

OnnxValue import_global_average_pool(const OnnxNode& node) {
    node.only_attributes({});
    return add_global_average(node);
}

OnnxValue import_reduce_mean(const OnnxNode& node) {
    node.only_attributes({"axes", "keepdims", "noop_with_empty_axes"});
    Integers axes = node.has_input(1) ? node.integers(1) : node.integers("axes", {});
    for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
    std::sort(axes.begin(), axes.end());
    if (axes != Integers{2, 3}) node.fail("only the mean over height and width (axes 2 and 3) is supported");
    OnnxValue mean = add_global_average(node);
    mean.rank = node.integer("keepdims", 1) != 0 ? 4 : 2;
    return mean;
}

// Shapes

OnnxValue add_reshape(const OnnxNode& node, TensorShape shape, int rank) {
    return node.graph().add(node, make_layer(LayerKind::kReshape, {node.activation(0).layer}, shape), rank);
}

OnnxValue import_flatten(const OnnxNode& node) {
    node.only_attributes({"axis"});
    const std::int64_t axis = node.integer("axis", 1);
    if (axis != 1 && axis != 1 - node.activation(0).rank) node.fail("only 'axis' = 1 is supported");
    return add_reshape(node, {static_cast<int>(node.shape(0).elements()), 1, 1}, 2);
}

// The target dimensions with 0 (copy) and -1 (the rest) replaced.
Integers target_dimensions(const OnnxNode& node, Integers target) {
    const TensorShape input = node.shape(0);
    const Integers old = {1, input.channels, input.height, input.width};
    std::int64_t known = 1;
    for (std::size_t i = 0; i < target.size(); ++i) {
        if (target[i] == 0 && i < static_cast<std::size_t>(node.activation(0).rank)) target[i] = old[i];
        if (target[i] < -1 || target[i] == 0 || target[i] > input.elements())
            node.fail("cannot reshape " + input.text());
        if (target[i] > 0) known *= target[i];
        if (known > input.elements()) node.fail("reshapes " + input.text() + " to more elements");
    }
    const auto rest = std::find(target.begin(), target.end(), -1);
    if (rest != target.end()) *rest = input.elements() / known, known *= *rest;
    if (known != input.elements() || std::count(target.begin(), target.end(), -1) > 0) {
        node.fail("reshapes " + input.text() + " to another number of elements");
    }
    return target;
}

OnnxValue import_reshape(const OnnxNode& node) {
    node.only_attributes({"allowzero"});
    Integers target = node.integers(1);
    if (target.size() != 2 && target.size() != 4) node.fail("only shapes of 2 or 4 dimensions are supported");
    target = target_dimensions(node, std::move(target));
    if (target[0] != 1) node.fail("changes the batch size");
    const int rank = static_cast<int>(target.size());
    target.resize(4, 1);
    return add_reshape(node, {static_cast<int>(target[1]), static_cast<int>(target[2]), static_cast<int>(target[3])},
                       rank);
}

OnnxValue import_concat(const OnnxNode& node) {
    node.only_attributes({"axis"});
    const int rank = node.activation(0).rank;
    const std::int64_t axis = node.integer("axis", 1);
    if (axis != 1 && axis != 1 - rank) node.fail("only 'axis' = 1, the channels, is supported");
    Layer layer = make_layer(LayerKind::kConcat, {}, {0, node.shape(0).height, node.shape(0).width});
    for (int i = 0; i < node.input_count(); ++i) {
        const TensorShape part = node.shape(i);
        if (part.height != layer.shape.height || part.width != layer.shape.width || node.activation(i).rank != rank) {
            node.fail("joins " + node.shape(0).text() + " and " + part.text() +
                      ", which differ in more than the channels");
        }
        layer.shape.channels += part.channels;
        layer.inputs.push_back(node.activation(i).layer);
    }
    return node.graph().add(node, std::move(layer), rank);
}

// Elementwise functions

OnnxValue add_activation(const OnnxNode& node, Activation activation) {
    const OnnxValue& input = node.activation(0);
    Layer layer = make_layer(LayerKind::kActivation, {input.layer}, node.shape(0));
    layer.activation = activation;
    return node.graph().add(node, std::move(layer), input.rank);
}

OnnxValue import_relu(const OnnxNode& node) {
    node.only_attributes({});
    return add_activation(node, {ActivationKind::kRelu});
}

OnnxValue import_sigmoid(const OnnxNode& node) {
    node.only_attributes({});
    return add_activation(node, {ActivationKind::kSigmoid});
}

OnnxValue import_hard_swish(const OnnxNode& node) {
    node.only_attributes({});
    return add_activation(node, {ActivationKind::kHardSwish});
}

float scalar_input(const OnnxNode& node, int i, float otherwise) {
    if (!node.has_input(i)) return otherwise;
    const std::vector<float> values = node.floats(i, Integers(static_cast<std::size_t>(node.value(i).rank), 1));
    return values.at(0);
}

// Bounds are attributes up to operator set 10 and inputs since.
OnnxValue import_clip(const OnnxNode& node) {
    node.only_attributes({"max", "min"});
    constexpr float kLargest = std::numeric_limits<float>::max();
    const float low = scalar_input(node, 1, node.real("min", -kLargest));
    const float high = scalar_input(node, 2, node.real("max", kLargest));
    if (!(low <= high)) node.fail("the lower bound is above the upper one");
    return add_activation(node, {ActivationKind::kClip, low, high});
}

// At an exit the scores before the softmax are wanted: they are calibrated later.
OnnxValue import_softmax(const OnnxNode& node) {
    node.only_attributes({"axis"});
    const std::int64_t axis = node.integer("axis", node.graph().opset() < 13 ? 1 : -1);
    if (!node.graph().is_exit_only(node.output())) node.fail("is only supported as the last operator of an exit");
    if (node.activation(0).rank != 2 || (axis != 1 && axis != -1)) node.fail("expected an input of 1 x classes");
    return node.activation(0);
}

// Aliases and constants

OnnxValue import_identity(const OnnxNode& node) { return node.value(0); }

OnnxValue import_constant(const OnnxNode& node) {
    node.only_attributes({"value", "value_float", "value_floats", "value_int", "value_ints"});
    onnx::TensorProto tensor;
    if (node.has_attribute("value")) {
        tensor = *node.tensor("value");
    } else if (node.has_attribute("value_float")) {
        tensor.set_data_type(onnx::TensorProto::FLOAT);
        tensor.add_float_data(node.real("value_float", 0));
    } else if (node.has_attribute("value_int")) {
        tensor.set_data_type(onnx::TensorProto::INT64);
        tensor.add_int64_data(node.integer("value_int", 0));
    } else if (node.has_attribute("value_ints")) {
        tensor.set_data_type(onnx::TensorProto::INT64);
        for (const std::int64_t v : node.integers("value_ints", {})) tensor.add_int64_data(v);
        tensor.add_dims(tensor.int64_data_size());
    } else {
        node.fail("holds no tensor or number");
    }
    if (tensor.name().empty()) tensor.set_name(node.output());
    return node.graph().add_constant(std::move(tensor));
}

struct Operator {
    const char* type;
    OnnxValue (*import)(const OnnxNode& node);
};

constexpr Operator kOperators[] = {
    {"Add", import_add},
    {"AveragePool", import_pool},
    {"BatchNormalization", import_batch_normalization},
    {"Clip", import_clip},
    {"Concat", import_concat},
    {"Constant", import_constant},
    {"Conv", import_conv},
    {"Dropout", import_identity},
    {"Flatten", import_flatten},
    {"Gemm", import_gemm},
    {"GlobalAveragePool", import_global_average_pool},
    {"HardSwish", import_hard_swish},
    {"Identity", import_identity},
    {"MatMul", import_mat_mul},
    {"MaxPool", import_pool},
    {"ReduceMean", import_reduce_mean},
    {"Relu", import_relu},
    {"Reshape", import_reshape},
    {"Sigmoid", import_sigmoid},
    {"Softmax", import_softmax},
};

}  // namespace

OnnxValue import_operator(const OnnxNode& node) {
    const auto is_it = [&](const Operator& o) { return node.type() == o.type; };
    const auto* found = std::find_if(std::begin(kOperators), std::end(kOperators), is_it);
    if (found != std::end(kOperators)) return found->import(node);
    std::string supported;
    for (const Operator& o : kOperators) supported += (supported.empty() ? "" : ", ") + std::string(o.type);
    node.fail("the operator is not supported", "export a network of " + supported);
}

}  // namespace laxity
