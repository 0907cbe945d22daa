// How a builder brings tensors into other layouts.
#include <algorithm>
#include <string_view>
#include <utility>

#include "profiler/cpu/kernels/copy.hpp"
#include "profiler/cpu/program_builder.hpp"

namespace laxity::cpu {

namespace {

// oneDNN's slowest copy, one element after the other with a division each.
bool is_simple(const dnnl::reorder::primitive_desc& description) {
    const std::string_view implementation = description.impl_info_str();
    return implementation.find("simple") != std::string_view::npos ||
           implementation.find("ref") != std::string_view::npos;
}

}  // namespace

int ProgramBuilder::converted(int tensor, const Layout& wanted) {
    if (layout(tensor) == wanted) return tensor;
    const auto same = [&](const Copy& copy) { return copy.from == tensor && layout(copy.to) == wanted; };
    const auto found = std::find_if(copies_.begin(), copies_.end(), same);
    if (found != copies_.end()) return found->to;
    const int copy = copied(tensor, wanted);
    copies_.push_back({tensor, copy});
    return copy;
}

int ProgramBuilder::copied(int tensor, const Layout& wanted) {
    if (is_constant(tensor)) return copied_now(tensor, wanted);
    if (layout(tensor).is_describable() && wanted.is_describable()) {
        const dnnl::reorder::primitive_desc description(engine_, layout(tensor).desc(), engine_, wanted.desc(),
                                                        plain_attributes(), true);
        if (description && !(is_simple(description) && !wanted.is_blocked() && !layout(tensor).is_blocked())) {
            const int copy = new_tensor(wanted);
            emit<dnnl::reorder>(description, {{DNNL_ARG_FROM, tensor}, {DNNL_ARG_TO, copy}});
            return copy;
        }
    }
    if (wanted.is_blocked() || layout(tensor).is_blocked()) return copied(dense(tensor), wanted);
    const int copy = new_tensor(wanted);
    emit("copy", copy_kernel(layout(tensor), wanted), {tensor, copy});
    return copy;
}

// Of a constant: another constant.
int ProgramBuilder::copied_now(int tensor, const Layout& wanted) {
    if (!layout(tensor).is_dense() || !wanted.is_describable()) {
        const Layout plain(shape(tensor));
        auto values = std::make_shared<std::vector<float>>(static_cast<std::size_t>(plain.shape().elements()));
        float* const operands[] = {const_cast<float*>(at(tensor).constant) + layout(tensor).offset(), values->data()};
        copy_kernel(layout(tensor), plain)(operands);
        const float* data = values->data();
        program_.tensors.push_back({plain, -1, std::move(values), data});
        const int dense = static_cast<int>(program_.tensors.size()) - 1;
        return layout(dense) == wanted ? dense : copied_now(dense, wanted);
    }
    auto* from = const_cast<float*>(at(tensor).constant) + layout(tensor).offset();
    dnnl::memory given(layout(tensor).desc(), engine_, from), to(wanted.desc(), engine_);
    dnnl::stream stream(engine_);
    dnnl::reorder(given, to).execute(stream, given, to);
    stream.wait();
    return new_constant(wanted, std::move(to));
}

int ProgramBuilder::reshaped(int tensor, const Shape& wanted) {
    if (shape(tensor) == wanted) return tensor;
    const Layout& from = layout(tensor);
    if (from.is_blocked()) {
        if (const auto blocked = reshaped_blocks(from, wanted)) return view(tensor, *blocked);
        if (is_contiguous_vector(from)) return view(tensor, Layout(wanted));
    }
    if (!from.is_blocked()) {
        if (auto strides = reshaped_strides(from, wanted))
            return view(tensor, Layout(wanted, from.offset(), std::move(*strides)));
    }
    return view(dense(tensor), Layout(wanted));
}

int ProgramBuilder::to_overwrite(int tensor, const Layout& wanted) {
    const bool others_read = is_constant(tensor) || unread(tensor) > 1;
    if (layout(tensor) == wanted && !others_read) {
        // Copies of it, and it as a copy, no longer hold what they did.
        std::erase_if(copies_, [&](const Copy& copy) {
            return at(copy.from).storage == at(tensor).storage || at(copy.to).storage == at(tensor).storage;
        });
        return tensor;
    }
    if (!is_constant(tensor)) return copied(tensor, wanted);
    const int copy = new_tensor(wanted);
    const int source = converted(tensor, wanted);
    if (wanted.is_blocked()) {
        const dnnl::reorder::primitive_desc description(engine_, wanted.desc(), engine_, wanted.desc(),
                                                        plain_attributes());
        emit<dnnl::reorder>(description, {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, copy}});
    } else {
        emit("copy", copy_kernel(layout(source), wanted), {source, copy});
    }
    return copy;
}

}  // namespace laxity::cpu
