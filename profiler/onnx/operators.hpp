// What each ONNX operator becomes. Internal to profiler/onnx.
//
// A new operator is a function here, in the file of its family, and a row in operator_table.cpp. It is given a node
// whose inputs are layers or constants, and returns what its outputs are; constants fold by themselves.
#pragma once

#include <string_view>
#include <vector>

#include "profiler/onnx/onnx_node.hpp"

namespace laxity {

using OnnxValues = std::vector<OnnxValue>;
using ImportOperator = OnnxValues (*)(const OnnxNode&);

struct OnnxOperator {
    std::string_view name;
    ImportOperator import;
    std::string_view attributes;  // that it understands, separated by blanks; others are refused
};

// Null for an operator that is not understood.
const OnnxOperator* find_operator(std::string_view name);
// What may help a user whose network has an operator that is not understood.
std::string operator_advice(std::string_view name);

// One output of the type of the first input.
OnnxValues single(const OnnxNode& node, Value value);
OnnxValues single(Value value, int type);

// operators_elementwise.cpp
OnnxValues import_unary(const OnnxNode&);  // those without parameters, by their name
OnnxValues import_leaky_relu(const OnnxNode&);
OnnxValues import_elu(const OnnxNode&);
OnnxValues import_selu(const OnnxNode&);
OnnxValues import_celu(const OnnxNode&);
OnnxValues import_thresholded_relu(const OnnxNode&);
OnnxValues import_hard_sigmoid(const OnnxNode&);
OnnxValues import_shrink(const OnnxNode&);
OnnxValues import_gelu(const OnnxNode&);
OnnxValues import_clip(const OnnxNode&);
OnnxValues import_binary(const OnnxNode&);
OnnxValues import_comparison(const OnnxNode&);
OnnxValues import_divide(const OnnxNode&);
OnnxValues import_modulo(const OnnxNode&);
OnnxValues import_variadic(const OnnxNode&);
OnnxValues import_where(const OnnxNode&);
OnnxValues import_cast(const OnnxNode&);
OnnxValues import_cast_like(const OnnxNode&);
OnnxValues import_identity(const OnnxNode&);
OnnxValues import_quantize(const OnnxNode&);
OnnxValues import_dequantize(const OnnxNode&);

// operators_movement.cpp
OnnxValues import_transpose(const OnnxNode&);
OnnxValues import_reshape(const OnnxNode&);
OnnxValues import_flatten(const OnnxNode&);
OnnxValues import_squeeze(const OnnxNode&);
OnnxValues import_unsqueeze(const OnnxNode&);
OnnxValues import_expand(const OnnxNode&);
OnnxValues import_tile(const OnnxNode&);
OnnxValues import_slice(const OnnxNode&);
OnnxValues import_split(const OnnxNode&);
OnnxValues import_concat(const OnnxNode&);
OnnxValues import_gather(const OnnxNode&);
OnnxValues import_pad(const OnnxNode&);
OnnxValues import_depth_to_space(const OnnxNode&);
OnnxValues import_space_to_depth(const OnnxNode&);

// operators_resize.cpp
OnnxValues import_resize(const OnnxNode&);
OnnxValues import_upsample(const OnnxNode&);

// operators_reduction.cpp
OnnxValues import_reduce(const OnnxNode&);
OnnxValues import_arg(const OnnxNode&);
OnnxValues import_softmax(const OnnxNode&);
OnnxValues import_cumulative_sum(const OnnxNode&);

// operators_normalisation.cpp
OnnxValues import_batch_normalisation(const OnnxNode&);
OnnxValues import_layer_normalisation(const OnnxNode&);
OnnxValues import_group_normalisation(const OnnxNode&);
OnnxValues import_instance_normalisation(const OnnxNode&);
OnnxValues import_local_response(const OnnxNode&);
OnnxValues import_lp_normalisation(const OnnxNode&);
OnnxValues import_mean_variance(const OnnxNode&);

// operators_window.cpp
OnnxValues import_convolution(const OnnxNode&);
OnnxValues import_transposed_convolution(const OnnxNode&);
OnnxValues import_pooling(const OnnxNode&);
OnnxValues import_global_pooling(const OnnxNode&);

// operators_product.cpp
OnnxValues import_matrix_product(const OnnxNode&);
OnnxValues import_gemm(const OnnxNode&);
OnnxValues import_einsum(const OnnxNode&);

// operators_recurrent.cpp
OnnxValues import_recurrent(const OnnxNode&);

// operators_constant.cpp
OnnxValues import_constant(const OnnxNode&);
OnnxValues import_shape(const OnnxNode&);
OnnxValues import_size(const OnnxNode&);
OnnxValues import_constant_of_shape(const OnnxNode&);
OnnxValues import_range(const OnnxNode&);
OnnxValues import_non_zero(const OnnxNode&);
OnnxValues import_one_hot(const OnnxNode&);
OnnxValues import_eye_like(const OnnxNode&);
OnnxValues import_triangle(const OnnxNode&);

}  // namespace laxity
