#include <algorithm>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

constexpr std::string_view kWindow = "auto_pad dilations group kernel_shape pads strides";
constexpr std::string_view kPool =
    "auto_pad ceil_mode count_include_pad dilations kernel_shape pads storage_order strides p";
constexpr std::string_view kRecurrent =
    "activation_alpha activation_beta activations clip direction hidden_size input_forget layout linear_before_reset";
constexpr std::string_view kReduce = "axes keepdims noop_with_empty_axes";

// Sorted by name.
constexpr OnnxOperator kOperators[] = {
    {"Abs", import_unary, ""},
    {"Add", import_binary, ""},
    {"And", import_comparison, ""},
    {"ArgMax", import_arg, "axis keepdims select_last_index"},
    {"ArgMin", import_arg, "axis keepdims select_last_index"},
    {"AveragePool", import_pooling, kPool},
    {"BatchNormalization", import_batch_normalisation, "epsilon momentum spatial training_mode"},
    {"Cast", import_cast, "to saturate"},
    {"CastLike", import_cast_like, "saturate"},
    {"Ceil", import_unary, ""},
    {"Celu", import_celu, "alpha"},
    {"Clip", import_clip, "min max"},
    {"Concat", import_concat, "axis"},
    {"Constant", import_constant, "value value_float value_floats value_int value_ints"},
    {"ConstantOfShape", import_constant_of_shape, "value"},
    {"Conv", import_convolution, kWindow},
    {"ConvTranspose", import_transposed_convolution,
     "auto_pad dilations group kernel_shape output_padding output_shape pads strides"},
    {"Cos", import_unary, ""},
    {"CumSum", import_cumulative_sum, "exclusive reverse"},
    {"DepthToSpace", import_depth_to_space, "blocksize mode"},
    {"DequantizeLinear", import_dequantize, "axis block_size"},
    {"Div", import_divide, ""},
    {"Dropout", import_identity, "ratio seed"},
    {"Einsum", import_einsum, "equation"},
    {"Elu", import_elu, "alpha"},
    {"Equal", import_comparison, ""},
    {"Erf", import_unary, ""},
    {"Exp", import_unary, ""},
    {"Expand", import_expand, ""},
    {"EyeLike", import_eye_like, "dtype k"},
    {"Flatten", import_flatten, "axis"},
    {"Floor", import_unary, ""},
    {"GRU", import_recurrent, kRecurrent},
    {"Gather", import_gather, "axis"},
    {"Gelu", import_gelu, "approximate"},
    {"Gemm", import_gemm, "alpha beta transA transB"},
    {"GlobalAveragePool", import_global_pooling, ""},
    {"GlobalLpPool", import_global_pooling, "p"},
    {"GlobalMaxPool", import_global_pooling, ""},
    {"Greater", import_comparison, ""},
    {"GreaterOrEqual", import_comparison, ""},
    {"GroupNormalization", import_group_normalisation, "epsilon num_groups stash_type"},
    {"HardSigmoid", import_hard_sigmoid, "alpha beta"},
    {"HardSwish", import_unary, ""},
    {"Identity", import_identity, ""},
    {"InstanceNormalization", import_instance_normalisation, "epsilon"},
    {"LRN", import_local_response, "alpha beta bias size"},
    {"LSTM", import_recurrent, kRecurrent},
    {"LayerNormalization", import_layer_normalisation, "axis epsilon stash_type"},
    {"LeakyRelu", import_leaky_relu, "alpha"},
    {"Less", import_comparison, ""},
    {"LessOrEqual", import_comparison, ""},
    {"Log", import_unary, ""},
    {"LogSoftmax", import_softmax, "axis"},
    {"LpNormalization", import_lp_normalisation, "axis p"},
    {"LpPool", import_pooling, kPool},
    {"MatMul", import_matrix_product, ""},
    {"Max", import_variadic, ""},
    {"MaxPool", import_pooling, kPool},
    {"Mean", import_variadic, ""},
    {"MeanVarianceNormalization", import_mean_variance, "axes"},
    {"Min", import_variadic, ""},
    {"Mish", import_unary, ""},
    {"Mod", import_modulo, "fmod"},
    {"Mul", import_binary, ""},
    {"Neg", import_unary, ""},
    {"NonZero", import_non_zero, ""},
    {"Not", import_unary, ""},
    {"OneHot", import_one_hot, "axis"},
    {"Or", import_comparison, ""},
    {"PRelu", import_binary, ""},
    {"Pad", import_pad, "mode pads value"},
    {"Pow", import_binary, ""},
    {"QuantizeLinear", import_quantize, "axis block_size output_dtype precision saturate"},
    {"RNN", import_recurrent, kRecurrent},
    {"Range", import_range, ""},
    {"Reciprocal", import_unary, ""},
    {"ReduceL1", import_reduce, kReduce},
    {"ReduceL2", import_reduce, kReduce},
    {"ReduceLogSum", import_reduce, kReduce},
    {"ReduceLogSumExp", import_reduce, kReduce},
    {"ReduceMax", import_reduce, kReduce},
    {"ReduceMean", import_reduce, kReduce},
    {"ReduceMin", import_reduce, kReduce},
    {"ReduceProd", import_reduce, kReduce},
    {"ReduceSum", import_reduce, kReduce},
    {"ReduceSumSquare", import_reduce, kReduce},
    {"Relu", import_unary, ""},
    {"Reshape", import_reshape, "allowzero"},
    {"Resize", import_resize,
     "antialias axes coordinate_transformation_mode cubic_coeff_a exclude_outside extrapolation_value "
     "keep_aspect_ratio_policy mode nearest_mode"},
    {"Round", import_unary, ""},
    {"Selu", import_selu, "alpha gamma"},
    {"Shape", import_shape, "end start"},
    {"Shrink", import_shrink, "bias lambd"},
    {"Sigmoid", import_unary, ""},
    {"Sign", import_unary, ""},
    {"Sin", import_unary, ""},
    {"Size", import_size, ""},
    {"Slice", import_slice, "axes ends starts"},
    {"Softmax", import_softmax, "axis"},
    {"Softplus", import_unary, ""},
    {"Softsign", import_unary, ""},
    {"SpaceToDepth", import_space_to_depth, "blocksize"},
    {"Split", import_split, "axis num_outputs split"},
    {"Sqrt", import_unary, ""},
    {"Squeeze", import_squeeze, "axes"},
    {"Sub", import_binary, ""},
    {"Sum", import_variadic, ""},
    {"Tanh", import_unary, ""},
    {"ThresholdedRelu", import_thresholded_relu, "alpha"},
    {"Tile", import_tile, ""},
    {"Transpose", import_transpose, "perm"},
    {"Trilu", import_triangle, "upper"},
    {"Unsqueeze", import_unsqueeze, "axes"},
    {"Upsample", import_upsample, "mode scales"},
    {"Where", import_where, ""},
    {"Xor", import_comparison, ""},
};

}  // namespace

const OnnxOperator* find_operator(std::string_view name) {
    const auto found =
        std::lower_bound(std::begin(kOperators), std::end(kOperators), name,
                         [](const OnnxOperator& row, std::string_view wanted) { return row.name < wanted; });
    return found != std::end(kOperators) && found->name == name ? found : nullptr;
}

std::string operator_advice(std::string_view name) {
    if (name.starts_with("QLinear") || name.ends_with("Integer") || name == "DynamicQuantizeLinear")
        return "quantise in the QDQ format (QuantizeLinear and DequantizeLinear around float operators)";
    if (name == "Loop" || name == "Scan" || name.starts_with("Sequence") || name.starts_with("Split"))
        return "export with fixed shapes, so that loops are unrolled";
    if (name == "NonMaxSuppression" || name == "TopK" || name == "RoiAlign")
        return "export the classifier without its post-processing";
    if (name.starts_with("Random") || name == "Bernoulli" || name == "Multinomial")
        return "export in evaluation mode (model.eval())";
    return "express it by operators that profiler/README.md lists";
}

OnnxValues single(const OnnxNode& node, Value value) { return single(std::move(value), node.input(0).type); }

OnnxValues single(Value value, int type) { return {{std::move(value), type}}; }

}  // namespace laxity
