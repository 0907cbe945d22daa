// How a builder applies functions of one number to tensors.
#include <vector>

#include "profiler/cpu/dnnl_api.hpp"
#include "profiler/cpu/eltwise.hpp"
#include "profiler/cpu/kernels/elementwise.hpp"
#include "profiler/cpu/program_builder.hpp"

namespace laxity::cpu {

namespace {

// All of a tensor that lies in one piece, its padding too, as one row.
Layout row_of(const Layout& layout) {
    const auto elements = static_cast<std::int64_t>(layout.bytes() / sizeof(float));
    return {Shape{elements}, layout.offset(), {1}};
}

// Whether zeros in the padding of blocked tensors stay zeros.
bool keeps_zero(const Elementwise& function) { return laxity::apply(function, 0) == 0; }

}  // namespace

int ProgramBuilder::like(int tensor) {
    const Layout own = layout(tensor);
    return new_tensor(own.is_blocked() ? own : Layout(own.shape(), 0, own.strides()));
}

int ProgramBuilder::apply(const Elementwise& function, int tensor) {
    const int from = in_one_piece(function, tensor);
    return apply_into(function, from, like(from));
}

int ProgramBuilder::apply_in_place(const Elementwise& function, int tensor) {
    const int from = in_one_piece(function, tensor);
    return apply_into(function, from, from);
}

// The tensor, or a dense copy where neither oneDNN nor our kernel could take it as it lies.
int ProgramBuilder::in_one_piece(const Elementwise& function, int tensor) {
    const Layout own = layout(tensor);
    if (own.is_blocked()) return eltwise_of(function).empty() && !keeps_zero(function) ? dense(tensor) : tensor;
    return own.is_permuted() ? tensor : dense(tensor);
}

int ProgramBuilder::apply_into(const Elementwise& function, int from, int to) {
    if (apply_primitives(function, from, to)) return to;
    if (layout(from).is_blocked() && !keeps_zero(function)) {
        const int plain = dense(from);
        return apply_into(function, plain, like(plain));
    }
    const Layout row = row_of(layout(from));
    emit("elementwise", elementwise_kernel(function, row.shape().elements()), {from, to});
    return to;
}

bool ProgramBuilder::apply_primitives(const Elementwise& function, int from, int to) {
    const std::vector<Eltwise> chain = eltwise_of(function);
    const Layout own = layout(from);
    const dnnl::memory::desc desc = own.is_blocked() ? own.desc() : row_of(own).desc();
    std::vector<dnnl::eltwise_forward::primitive_desc> descriptions;
    for (const Eltwise& each : chain) {
        descriptions.push_back(
            describe_eltwise(engine_, plain_attributes(), each.function, desc, each.alpha, each.beta));
        if (!is_fast(descriptions.back())) return false;
    }
    const auto as_row = [&](int tensor) { return own.is_blocked() ? tensor : view(tensor, row_of(layout(tensor))); };
    for (const auto& description : descriptions) {
        emit<dnnl::eltwise_forward>(description, {{DNNL_ARG_SRC, as_row(from)}, {DNNL_ARG_DST, as_row(to)}});
        from = to;
    }
    return !chain.empty();
}

}  // namespace laxity::cpu
