// What the operations are compiled with: it makes tensors and steps, and brings tensors into the layouts that steps
// want. Internal to profiler/cpu.
#pragma once

#include <dnnl.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "profiler/cpu/program.hpp"

namespace laxity::cpu {

// What a primitive does with its result before it writes it, in this order.
struct Fused {
    bool activation = false;  // the layer's
    bool sum = false;         // adds what the destination holds
    float scale = 1;
};

// Of the layer that is being compiled. Numbers are tensors of the program.
class ProgramBuilder {
public:
    ProgramBuilder(const Network& network, const dnnl::engine& engine);

    Program finish();

    // ---- What the compiler says -------------------------------------------------------------------------------------
    void begin_stage();
    void begin_layer(int layer);
    void end_layer(int tensor);  // that holds the layer's output
    void end_stage(const Stage& stage);

    // ---- What operations ask ----------------------------------------------------------------------------------------
    const dnnl::engine& engine() const { return engine_; }
    const Layer& layer() const { return network_.layer(current_); }
    const Layer& layer(int i) const { return network_.layer(i); }
    // Whether all that reads the layer are dense layers, and no exit.
    bool is_read_by_dense_layers_only() const;
    int input(std::size_t i) const { return tensor_of(layer().inputs[i]); }
    Layout layout(int tensor) const { return at(tensor).layout; }
    Shape shape(int tensor) const { return at(tensor).layout.shape(); }
    bool is_constant(int tensor) const { return at(tensor).is_constant(); }

    // The value of a constant tensor of one element; nothing if it is no such tensor.
    std::optional<float> constant_number(int tensor) const;

    int new_tensor(const Layout& layout);
    int new_tensor(const Shape& shape) { return new_tensor(Layout(shape)); }
    // Of the same layout, but with nothing before its first element.
    int like(int tensor);
    // The same memory read under another layout.
    int view(int tensor, const Layout& layout);
    int constant(const Weights& weights);
    // Weights that lie as `given`, in the layout that oneDNN wants.
    int weights(const Weights& weights, const dnnl::memory::desc& given, const dnnl::memory::desc& wanted);
    // One number an output; zeros if there are none.
    int bias(const Weights& weights, std::int64_t count);

    // The tensor itself if it lies so already; else a copy, which may be shared with other layers that asked for it.
    int converted(int tensor, const Layout& layout);
    int dense(int tensor) { return layout(tensor).is_dense() ? tensor : converted(tensor, Layout(shape(tensor))); }
    int plain(int tensor) { return layout(tensor).is_blocked() ? dense(tensor) : tensor; }
    // Its elements in row-major order under another shape of as many, copied only where need be.
    int reshaped(int tensor, const Shape& shape);
    // A tensor with the content of `tensor` in this layout that the layer may overwrite: itself if no one else will
    // read it.
    int to_overwrite(int tensor, const Layout& layout);

    // ---- Steps ------------------------------------------------------------------------------------------------------
    template <class Primitive, class Description>
    void emit(const Description& description, std::vector<Argument> arguments, const Fused& fused = {}) {
        add_primitive(Primitive(description), description.impl_info_str(), description.scratchpad_desc(),
                      std::move(arguments));
        activation_applied_ |= fused.activation;
    }
    void emit(const std::string& implementation, Kernel kernel, const std::vector<int>& tensors);
    // Says that the layer runs on code that is slow.
    void note_slow(const std::string& why);
    // A new tensor with the function of each element.
    int apply(const Elementwise& function, int tensor);

    // ---- Attributes of primitives -----------------------------------------------------------------------------------
    bool can_fuse_activation() const;
    dnnl::primitive_attr attributes(const Fused& fused) const;
    // The scratchpad is ours, so that primitives allocate nothing when they run.
    static dnnl::primitive_attr plain_attributes();

private:
    const Tensor& at(int tensor) const { return program_.tensors[static_cast<std::size_t>(tensor)]; }
    int tensor_of(int layer) const { return tensor_of_[static_cast<std::size_t>(layer)]; }
    int& unread(int tensor) { return unread_[static_cast<std::size_t>(at(tensor).storage)]; }
    int activated(int tensor);
    int apply_in_place(const Elementwise& function, int tensor);
    int in_one_piece(const Elementwise& function, int tensor);
    int apply_into(const Elementwise& function, int from, int to);
    // By oneDNN; false if it has nothing fast.
    bool apply_primitives(const Elementwise& function, int from, int to);
    int copied(int tensor, const Layout& layout);
    int copied_now(int tensor, const Layout& layout);
    int new_constant(const Layout& layout, dnnl::memory memory);
    void add_primitive(const dnnl::primitive& primitive, const char* implementation,
                       const dnnl::memory::desc& scratchpad, std::vector<Argument> arguments);
    int as_scores(int tensor, const Stage& stage);
    void count_readers();

    const Network& network_;
    const dnnl::engine& engine_;
    Program program_;
    std::vector<int> tensor_of_;  // by layer
    std::vector<int> readers_;    // by layer
    std::vector<int> unread_;     // by storage: reads that are still to come
    struct Copy {
        int from, to;
    };
    std::vector<Copy> copies_;              // of this stage, which layers may share
    std::map<const void*, int> constants_;  // by their values
    bool activation_applied_ = false;       // to the current layer's output
    int current_ = 0;                       // layer
};

// Whether oneDNN has it and more than its reference code, which is 100 times slower.
template <class Description>
bool is_fast(const Description& description) {
    return description && std::string_view(description.impl_info_str()).find("ref") == std::string_view::npos;
}

}  // namespace laxity::cpu
