// What Laxity uses of oneDNN and oneDNN 2 and 3 have under different names.
#pragma once

#include <cstdint>
#include <dnnl.hpp>
#include <vector>

namespace laxity {

// How a tensor lies in memory. Strides count elements; inner blocks are those of blocked layouts (as in nChw8c).
struct Layout {
    bool blocked = false;  // strides and inner blocks say it all
    std::vector<std::int64_t> dims, padded_dims, strides;
    std::vector<std::int64_t> inner_blocks, inner_dims;  // the length of each, and the dimension that it divides
};

#if DNNL_VERSION_MAJOR >= 3

using PoolingForward = dnnl::pooling_forward;

inline constexpr dnnl::cpu_isa kUnlimitedIsa = dnnl::cpu_isa::isa_default;

// The primitive that oneDNN would make, empty if it has none; `arguments` as for Primitive::primitive_desc in oneDNN 3.
template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
    constexpr bool kAllowEmpty = true;
    return typename Primitive::primitive_desc(engine, arguments..., attributes, kAllowEmpty);
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

inline dnnl::concat::primitive_desc describe_concat(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                                    int dimension, const std::vector<dnnl::memory::desc>& parts) {
    return {engine, dimension, parts, attributes};
}

inline Layout layout_of(const dnnl::memory::desc& desc) {
    return {desc.get_format_kind() == dnnl::memory::format_kind::blocked,
            desc.get_dims(),
            desc.get_padded_dims(),
            desc.get_strides(),
            desc.get_inner_blks(),
            desc.get_inner_idxs()};
}

#else

using PoolingForward = dnnl::pooling_v2_forward;

inline constexpr dnnl::cpu_isa kUnlimitedIsa = dnnl::cpu_isa::all;

template <class Primitive, class... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
    constexpr bool kAllowEmpty = true;
    return typename Primitive::primitive_desc(typename Primitive::desc(arguments...), attributes, engine, kAllowEmpty);
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

inline dnnl::concat::primitive_desc describe_concat(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                                    int dimension, const std::vector<dnnl::memory::desc>& parts) {
    return {dimension, parts, engine, attributes};
}

inline Layout layout_of(const dnnl::memory::desc& desc) {
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
