// Multiplications and additions of constants go into the weights of what stands before or after them.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "profiler/network/graph_editor.hpp"
#include "profiler/network/shape_error.hpp"

namespace laxity {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// What a layer does to each channel of its first input `x`: times scale, plus shift. One number, or one a channel.
struct Affine {
    int x = 0;
    std::vector<double> scale, shift;
};

double of_channel(const std::vector<double>& values, std::int64_t channel) {
    return values[values.size() == 1 ? 0 : at(channel)];
}

// The constant's numbers along `axis` of a tensor of shape `shape`; nothing if it differs along others too, or would
// stretch the tensor.
std::optional<std::vector<double>> along(const Layer& layer, const Shape& shape, int axis) {
    const Constant* constant = layer.as<Constant>();
    if (constant == nullptr || layer.shape.rank() > shape.rank()) return std::nullopt;
    const int missing = shape.rank() - layer.shape.rank();
    for (int i = 0; i < layer.shape.rank(); ++i) {
        const std::int64_t extent = layer.shape[i];
        if (extent != 1 && (i + missing != axis || extent != shape[axis])) return std::nullopt;
    }
    const std::vector<float>& values = *constant->value.values;
    return std::vector<double>(values.begin(), values.end());
}

std::optional<Affine> affine_of(BinaryKind kind, int x, std::vector<double> values, bool constant_first) {
    const auto each = [&](auto function) { std::transform(values.begin(), values.end(), values.begin(), function); };
    switch (kind) {
        case BinaryKind::kAdd:
            return Affine{x, {1}, std::move(values)};
        case BinaryKind::kMultiply:
            return Affine{x, std::move(values), {0}};
        case BinaryKind::kSubtract:
            if (!constant_first) each([](double value) { return -value; });
            return Affine{x, {constant_first ? -1.0 : 1.0}, std::move(values)};
        case BinaryKind::kDivide:
            if (constant_first) return std::nullopt;
            each([](double value) { return 1 / value; });
            return Affine{x, std::move(values), {0}};
        default:
            return std::nullopt;
    }
}

// The layer as a multiplication and addition along `axis` of its output, counted from the end if it is negative.
std::optional<Affine> affine(const GraphEditor& editor, int i, int axis) {
    const Layer& layer = editor.layer(i);
    if (axis < 0) axis += layer.shape.rank();
    if (const Elementwise* linear = function_of(layer, Function::kLinear))
        return Affine{layer.inputs[0], {linear->alpha}, {linear->beta}};
    const Binary* binary = plain<Binary>(layer);
    if (binary == nullptr) return std::nullopt;
    for (const std::size_t which : {1U, 0U}) {
        const int x = layer.inputs[1 - which];
        if (!(editor.layer(x).shape == layer.shape) || editor.layer(x).as<Constant>()) continue;
        if (auto values = along(editor.input(layer, which), layer.shape, axis))
            return affine_of(binary->kind, x, std::move(*values), which == 0);
    }
    return std::nullopt;
}

bool finite(const std::vector<float>& values) {
    return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
}

Weights rounded(const Shape& shape, const std::vector<double>& values) {
    return make_weights(shape, {values.begin(), values.end()});
}

std::vector<double> exact(const Weights& weights, std::int64_t count) {
    if (weights.empty()) return std::vector<double>(at(count), 0);
    return {weights.values->begin(), weights.values->end()};
}

// Weights seen as [output][input of its group][window], wherever they lie.
struct LinearWeights {
    std::int64_t outputs = 0, inputs = 0, window = 1, groups = 1;  // outputs and inputs of all groups
    bool transposed = false;

    std::int64_t inputs_each() const { return inputs / groups; }
    std::int64_t input(std::int64_t output, std::int64_t i) const {
        return output / (outputs / groups) * inputs_each() + i;
    }
    std::size_t first(std::int64_t output, std::int64_t i) const {
        const std::int64_t outputs_each = outputs / groups;
        return at((transposed ? input(output, i) * outputs_each + output % outputs_each : output * inputs_each() + i) *
                  window);
    }
};

// A convolution or dense layer whose weights are being changed.
struct Linear {
    LinearWeights form;
    Weights* weights = nullptr;
    Weights* bias = nullptr;
    bool padded = false;  // zeros are read that are not the input's

    explicit Linear(Layer& layer) {
        if (Convolution* c = std::get_if<Convolution>(&layer.operation)) {
            const Shape& shape = c->weights.shape;
            form = {c->transposed ? shape[1] * c->groups : shape[0], c->transposed ? shape[0] : shape[1] * c->groups,
                    shape.elements(2, shape.rank()), c->groups, c->transposed};
            weights = &c->weights;
            bias = &c->bias;
            // Transposed, the windows' ends see fewer inputs than its middle.
            padded = c->transposed || std::any_of(c->windows.begin(), c->windows.end(),
                                                  [](const Window& w) { return w.pad_begin > 0 || w.pad_end > 0; });
        } else if (Dense* dense = std::get_if<Dense>(&layer.operation)) {
            form = {dense->weights.shape[0], dense->weights.shape[1], 1, 1, false};
            weights = &dense->weights;
            bias = &dense->bias;
        }
    }

    explicit operator bool() const { return weights != nullptr; }
    // False, and nothing done, if a weight would not be finite.
    bool set(const std::vector<double>& new_weights, const std::vector<double>& new_bias) const {
        Weights w = rounded(weights->shape, new_weights), b = rounded(Shape{form.outputs}, new_bias);
        if (!finite(*w.values) || !finite(*b.values)) return false;
        const bool keeps_none =
            bias->empty() && std::all_of(b.values->begin(), b.values->end(), [](float value) { return value == 0; });
        *weights = std::move(w);
        if (!keeps_none) *bias = std::move(b);
        return true;
    }

    bool apply_after(const Affine& affine) const {
        std::vector<double> w = exact(*weights, 0), b = exact(*bias, form.outputs);
        for (std::int64_t o = 0; o < form.outputs; ++o) {
            const double scale = of_channel(affine.scale, o);
            b[at(o)] = b[at(o)] * scale + of_channel(affine.shift, o);
            for (std::int64_t i = 0; i < form.inputs_each(); ++i) {
                for (std::int64_t k = 0; k < form.window; ++k) w[form.first(o, i) + at(k)] *= scale;
            }
        }
        return set(w, b);
    }

    bool apply_before(const Affine& affine) const {
        std::vector<double> w = exact(*weights, 0), b = exact(*bias, form.outputs);
        for (std::int64_t o = 0; o < form.outputs; ++o) {
            for (std::int64_t i = 0; i < form.inputs_each(); ++i) {
                const std::int64_t input = form.input(o, i);
                for (std::int64_t k = 0; k < form.window; ++k) {
                    double& weight = w[form.first(o, i) + at(k)];
                    b[at(o)] += weight * of_channel(affine.shift, input);
                    weight *= of_channel(affine.scale, input);
                }
            }
        }
        return set(w, b);
    }
};

bool is_zero(const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return value == 0; });
}

int channel_axis(const Layer& layer) { return layer.as<Convolution>() ? 1 : -1; }

// What stands after a convolution or dense layer.
bool fold_after(GraphEditor& editor, int i) {
    for (const int axis : {1, -1}) {
        if (axis >= editor.layer(i).shape.rank()) continue;
        const auto change = affine(editor, i, axis);
        if (!change || !editor.used_once(change->x)) continue;
        Layer merged = editor.layer(change->x);
        const Linear linear(merged);
        if (!linear || merged.activation || merged.inputs.size() > 1 || channel_axis(merged) != axis) continue;
        if (!linear.apply_after(*change)) continue;
        editor.replace(i, std::move(merged));
        return true;
    }
    return false;
}

// What stands before one.
bool fold_before(GraphEditor& editor, int i) {
    Layer merged = editor.layer(i);
    const Linear linear(merged);
    if (!linear || !editor.used_once(merged.inputs[0])) return false;
    const auto change = affine(editor, merged.inputs[0], channel_axis(merged));
    if (!change || (linear.padded && !is_zero(change->shift))) return false;
    if (!linear.apply_before(*change)) return false;
    merged.inputs[0] = change->x;
    editor.replace(i, std::move(merged));
    return true;
}

// Two functions alpha x + beta in a row.
bool fold_linear_functions(GraphEditor& editor, int i) {
    const Elementwise* second = function_of(editor.layer(i), Function::kLinear);
    if (second == nullptr) return false;
    const int before = editor.layer(i).inputs[0];
    const Elementwise* first = function_of(editor.layer(before), Function::kLinear);
    if (first == nullptr || !editor.used_once(before)) return false;
    Layer merged = editor.layer(before);
    const double scale = second->alpha;
    merged.operation = Unary{{Function::kLinear, static_cast<float>(scale * first->alpha),
                              static_cast<float>(scale * first->beta + second->beta)}};
    editor.replace(i, std::move(merged));
    return true;
}

// The constant as weights that suit a Normalise of this shape.
bool suits(const Layer& constant, const Shape& shape) {
    if (!constant.as<Constant>() || constant.shape.rank() > shape.rank()) return false;
    const Shape both[] = {constant.shape, shape};
    try {
        return broadcast(both) == shape;
    } catch (const ShapeError&) {
        return false;
    }
}

bool fold_normalise(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    const bool product = is_binary(layer, BinaryKind::kMultiply), sum = is_binary(layer, BinaryKind::kAdd);
    if (!product && !sum) return false;
    for (const std::size_t which : {0U, 1U}) {
        const Layer& constant = editor.input(layer, which);
        const int x = layer.inputs[1 - which];
        const Normalise* before = plain<Normalise>(editor.layer(x));
        if (before == nullptr || !editor.used_once(x) || !suits(constant, editor.layer(x).shape)) continue;
        Normalise normalise = *before;
        Weights& place = product ? normalise.scale : normalise.bias;
        if (!place.empty() || (product && !normalise.bias.empty())) continue;
        place = constant.as<Constant>()->value;
        Layer merged = editor.layer(x);
        merged.operation = std::move(normalise);
        editor.replace(i, std::move(merged));
        return true;
    }
    return false;
}

// A product with a constant matrix is a dense layer.
bool make_dense(GraphEditor& editor, int i) {
    const Layer& layer = editor.layer(i);
    const MatMul* product = plain<MatMul>(layer);
    if (product == nullptr || product->transpose_a) return false;
    const Constant* constant = editor.input(layer, 1).as<Constant>();
    const Shape& x = editor.input(layer, 0).shape;
    if (constant == nullptr || constant->value.shape.rank() != 2) return false;
    const Shape& shape = constant->value.shape;
    const std::int64_t in = shape[product->transpose_b ? 1 : 0], out = shape[product->transpose_b ? 0 : 1];
    std::vector<float> weights(at(in * out));
    for (std::int64_t o = 0; o < out; ++o) {
        for (std::int64_t k = 0; k < in; ++k)
            weights[at(o * in + k)] =
                product->scale * (*constant->value.values)[at(product->transpose_b ? o * in + k : k * out + o)];
    }
    if (x.elements() == 0) return false;
    Layer dense = layer;
    dense.operation = Dense{make_weights(Shape{out, in}, std::move(weights)), {}};
    dense.inputs = {layer.inputs[0]};
    editor.replace(i, std::move(dense));
    return true;
}

// The factor of a Linear without shift.
std::optional<float> factor(const Layer& layer) {
    const Elementwise* linear = function_of(layer, Function::kLinear);
    return linear != nullptr && linear->beta == 0 ? std::optional<float>(linear->alpha) : std::nullopt;
}

bool scale_product_after(GraphEditor& editor, int i) {
    const auto by = factor(editor.layer(i));
    if (!by) return false;
    const int before = editor.layer(i).inputs[0];
    const MatMul* product = plain<MatMul>(editor.layer(before));
    if (product == nullptr || !editor.used_once(before)) return false;
    Layer merged = editor.layer(before);
    std::get<MatMul>(merged.operation).scale *= *by;
    editor.replace(i, std::move(merged));
    return true;
}

bool scale_product_before(GraphEditor& editor, int i) {
    if (!editor.layer(i).as<MatMul>()) return false;
    Layer merged = editor.layer(i);
    bool changed = false;
    for (int& input : merged.inputs) {
        const auto by = factor(editor.layer(input));
        if (!by || !editor.used_once(input)) continue;
        std::get<MatMul>(merged.operation).scale *= *by;
        input = editor.layer(input).inputs[0];
        changed = true;
    }
    if (changed) editor.replace(i, std::move(merged));
    return changed;
}

}  // namespace

bool fold_linear(LayerGraph& graph) {
    GraphEditor editor(graph);
    bool changed = false;
    for (int i = 1; i < editor.count(); ++i) {
        if (!editor.alive(i)) continue;
        changed |= make_dense(editor, i) || scale_product_after(editor, i) || scale_product_before(editor, i) ||
                   fold_linear_functions(editor, i) || fold_normalise(editor, i) || fold_after(editor, i) ||
                   fold_before(editor, i);
    }
    return changed;
}

}  // namespace laxity
