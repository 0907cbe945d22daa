// What Laxity uses of oneDNN and oneDNN 2 and 3 have under different names.
#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <vector>

namespace laxity {

// What a memory descriptor says. Strides count elements; inner blocks are those of blocked layouts (as in nChw8c).
struct Blocking {
    bool complete = false;  // strides and inner blocks say it all
    std::vector<std::int64_t> dims, padded_dims, strides;
    std::vector<std::int64_t> inner_blocks, inner_dims;  // the length of each, and the dimension that it divides
};

// What `describe` returns, or an empty one if oneDNN does not take the arguments at all.
template <class Describe>
auto unless_refused(const Describe& describe) -> decltype(describe()) {
    try {
        return describe();
    } catch (const dnnl::error& error) {
        if (error.status == dnnl_out_of_memory) throw;
        return {};
    }
}

#if DNNL_VERSION_MAJOR >= 3

using PoolingForward = dnnl::pooling_forward;
using SoftmaxForward = dnnl::softmax_forward;

inline constexpr dnnl::cpu_isa kUnlimitedIsa = dnnl::cpu_isa::isa_default;

// The primitive that oneDNN would make, empty if it has none; `arguments` as for Primitive::primitive_desc in oneDNN 3.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
    constexpr bool kAllowEmpty = true;
    return unless_refused(
        [&] { return typename Primitive::primitive_desc(engine, arguments..., attributes, kAllowEmpty); });
}

inline dnnl::eltwise_forward::primitive_desc describe_eltwise(const dnnl::engine& engine,
                                                              const dnnl::primitive_attr& attributes,
                                                              dnnl::algorithm function, const dnnl::memory::desc& desc,
                                                              float alpha, float beta) {
    return describe<dnnl::eltwise_forward>(engine, attributes, dnnl::prop_kind::forward_inference, function, desc, desc,
                                           alpha, beta);
}

inline void append_eltwise(dnnl::post_ops& post_ops, dnnl::algorithm function, float alpha, float beta) {
    post_ops.append_eltwise(function, alpha, beta);
}

// Of x * clip(alpha x + beta, 0, 1) for hardswish, and of log(1 + exp(alpha x)) / alpha.
inline constexpr float kHardSwishAlpha = 1.0F / 6, kHardSwishBeta = 0.5F;
inline constexpr float kSoftplusAlpha = 1;

inline dnnl::concat::primitive_desc describe_concat(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                                    int dimension, const std::vector<dnnl::memory::desc>& parts) {
    return {engine, dimension, parts, attributes};
}

inline Blocking blocking_of(const dnnl::memory::desc& desc) {
    return {desc.get_format_kind() == dnnl::memory::format_kind::blocked,
            desc.get_dims(),
            desc.get_padded_dims(),
            desc.get_strides(),
            desc.get_inner_blks(),
            desc.get_inner_idxs()};
}

inline dnnl::layer_normalization_forward::primitive_desc describe_layer_normalisation(
    const dnnl::engine& engine, const dnnl::primitive_attr& attributes, const dnnl::memory::desc& desc, float epsilon,
    dnnl::normalization_flags flags) {
    return describe<dnnl::layer_normalization_forward>(engine, attributes, dnnl::prop_kind::forward_inference, desc,
                                                       desc, epsilon, flags);
}

inline dnnl::lrn_forward::primitive_desc describe_lrn(const dnnl::engine& engine,
                                                      const dnnl::primitive_attr& attributes,
                                                      const dnnl::memory::desc& desc, int size, float alpha, float beta,
                                                      float bias) {
    return describe<dnnl::lrn_forward>(engine, attributes, dnnl::prop_kind::forward_inference,
                                       dnnl::algorithm::lrn_across_channels, desc, desc, size, alpha, beta, bias);
}

inline dnnl::prelu_forward::primitive_desc describe_prelu(const dnnl::engine& engine,
                                                          const dnnl::primitive_attr& attributes,
                                                          const dnnl::memory::desc& desc,
                                                          const dnnl::memory::desc& factors) {
    return describe<dnnl::prelu_forward>(engine, attributes, dnnl::prop_kind::forward_inference, desc, factors, desc);
}

#else

using PoolingForward = dnnl::pooling_v2_forward;
using SoftmaxForward = dnnl::softmax_v2_forward;

inline constexpr dnnl::cpu_isa kUnlimitedIsa = dnnl::cpu_isa::all;

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
    constexpr bool kAllowEmpty = true;
    return unless_refused([&] {
        return
            typename Primitive::primitive_desc(typename Primitive::desc(arguments...), attributes, engine, kAllowEmpty);
    });
}

inline dnnl::eltwise_forward::primitive_desc describe_eltwise(const dnnl::engine& engine,
                                                              const dnnl::primitive_attr& attributes,
                                                              dnnl::algorithm function, const dnnl::memory::desc& desc,
                                                              float alpha, float beta) {
    return describe<dnnl::eltwise_forward>(engine, attributes, dnnl::prop_kind::forward_inference, function, desc,
                                           alpha, beta);
}

inline void append_eltwise(dnnl::post_ops& post_ops, dnnl::algorithm function, float alpha, float beta) {
    post_ops.append_eltwise(1, function, alpha, beta);
}

inline constexpr float kHardSwishAlpha = 0, kHardSwishBeta = 0;
inline constexpr float kSoftplusAlpha = 0;

inline dnnl::concat::primitive_desc describe_concat(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                                    int dimension, const std::vector<dnnl::memory::desc>& parts) {
    return {dimension, parts, engine, attributes};
}

inline dnnl::layer_normalization_forward::primitive_desc describe_layer_normalisation(
    const dnnl::engine& engine, const dnnl::primitive_attr& attributes, const dnnl::memory::desc& desc, float epsilon,
    dnnl::normalization_flags flags) {
    return describe<dnnl::layer_normalization_forward>(engine, attributes, dnnl::prop_kind::forward_inference, desc,
                                                       epsilon, flags);
}

inline dnnl::lrn_forward::primitive_desc describe_lrn(const dnnl::engine& engine,
                                                      const dnnl::primitive_attr& attributes,
                                                      const dnnl::memory::desc& desc, int size, float alpha, float beta,
                                                      float bias) {
    return describe<dnnl::lrn_forward>(engine, attributes, dnnl::prop_kind::forward_inference,
                                       dnnl::algorithm::lrn_across_channels, desc, size, alpha, beta, bias);
}

inline dnnl::prelu_forward::primitive_desc describe_prelu(const dnnl::engine& engine,
                                                          const dnnl::primitive_attr& attributes,
                                                          const dnnl::memory::desc& desc,
                                                          const dnnl::memory::desc& factors) {
    return describe<dnnl::prelu_forward>(engine, attributes, dnnl::prop_kind::forward_inference, desc, factors);
}

inline Blocking blocking_of(const dnnl::memory::desc& desc) {
    const dnnl_memory_desc_t& data = desc.data;
    const dnnl_blocking_desc_t& blocking = data.format_desc.blocking;
    return {data.format_kind == dnnl_blocked,
            {data.dims, data.dims + data.ndims},
            {data.padded_dims, data.padded_dims + data.ndims},
            {blocking.strides, blocking.strides + data.ndims},
            {blocking.inner_blks, blocking.inner_blks + blocking.inner_nblks},
            {blocking.inner_idxs, blocking.inner_idxs + blocking.inner_nblks}};
}

#endif

}  // namespace laxity
