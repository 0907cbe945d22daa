// RNN, GRU and LSTM.
#include <algorithm>
#include <iterator>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

struct NamedActivation {
    std::string_view name;
    Function function;
    float alpha, beta;  // unless the node states others
};

constexpr NamedActivation kActivations[] = {
    {"affine", Function::kLinear, 1, 0},
    {"elu", Function::kElu, 1, 0},
    {"hardsigmoid", Function::kHardSigmoid, 0.2F, 0.5F},
    {"leakyrelu", Function::kLeakyRelu, 0.01F, 0},
    {"relu", Function::kRelu, 0, 0},
    {"sigmoid", Function::kSigmoid, 0, 0},
    {"softplus", Function::kSoftplus, 0, 0},
    {"softsign", Function::kSoftsign, 0, 0},
    {"tanh", Function::kTanh, 0, 0},
    {"thresholdedrelu", Function::kThresholdedRelu, 1, 0},
};

bool takes_alpha(Function f) {
    return f == Function::kLinear || f == Function::kElu || f == Function::kHardSigmoid || f == Function::kLeakyRelu ||
           f == Function::kThresholdedRelu;
}
bool takes_beta(Function f) { return f == Function::kLinear || f == Function::kHardSigmoid; }

std::vector<std::string> default_activations(RecurrentKind kind, int directions) {
    std::vector<std::string> one = {"tanh"};
    if (kind == RecurrentKind::kGru) one = {"sigmoid", "tanh"};
    if (kind == RecurrentKind::kLstm) one = {"sigmoid", "tanh", "tanh"};
    std::vector<std::string> all = one;
    if (directions == 2) all.insert(all.end(), one.begin(), one.end());
    return all;
}

std::vector<Elementwise> activations_of(const OnnxNode& node, RecurrentKind kind, int directions) {
    std::vector<std::string> names = node.texts("activations");
    if (names.empty()) names = default_activations(kind, directions);
    const std::vector<float> alphas = node.reals("activation_alpha"), betas = node.reals("activation_beta");
    std::size_t alpha = 0, beta = 0;
    std::vector<Elementwise> functions;
    for (std::string name : names) {
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        const auto row = std::find_if(std::begin(kActivations), std::end(kActivations),
                                      [&](const NamedActivation& each) { return each.name == name; });
        if (row == std::end(kActivations)) throw Refusal("the activation '" + name + "' is not supported");
        Elementwise f{row->function, row->alpha, row->beta};
        if (takes_alpha(f.function) && alpha < alphas.size()) f.alpha = alphas[alpha++];
        if (takes_beta(f.function) && beta < betas.size()) f.beta = betas[beta++];
        functions.push_back(f);
    }
    return functions;
}

Direction direction_of(const OnnxNode& node) {
    const std::string text = node.text("direction", "forward");
    if (text == "forward") return Direction::kForward;
    if (text == "reverse") return Direction::kReverse;
    if (text == "bidirectional") return Direction::kBidirectional;
    throw Refusal("expected the direction forward, reverse or bidirectional, found " + text);
}

// Sequences shorter than the input would end early.
void check_lengths(const OnnxNode& node, std::int64_t times) {
    if (!node.has_input(4)) return;
    for (const std::int64_t length : node.integers(4, "the lengths of sequences")) {
        if (length != times)
            throw Refusal("reads sequences of " + std::to_string(length) + " of " + std::to_string(times) + " steps",
                          "cut the input to what is read");
    }
}

bool is_zero(const OnnxValue& value) {
    return value.is_constant() && std::all_of(value.value.constant->values.begin(), value.value.constant->values.end(),
                                              [](double x) { return x == 0; });
}

// Cuts the packed result into the operator's outputs.
OnnxValues unpacked(const OnnxNode& node, const Value& packed, bool lstm, const Shape& all, const Shape& last,
                    bool batch_first) {
    const auto part = [&](std::int64_t first, const Shape& shape) {
        const Value cut = slice(node.builder(), node.name(), packed, 0, first, 1, shape.elements());
        return node.reshaped(cut, shape);
    };
    Value y = part(0, all), h = part(all.elements(), last);
    if (batch_first) y = node.permuted(y, {2, 0, 1, 3}), h = node.permuted(h, {1, 0, 2});
    OnnxValues outputs = {{y, node.input(0).type}, {h, node.input(0).type}};
    if (!lstm) return outputs;
    Value c = part(all.elements() + last.elements(), last);
    outputs.push_back({batch_first ? node.permuted(c, {1, 0, 2}) : c, node.input(0).type});
    return outputs;
}

}  // namespace

OnnxValues import_recurrent(const OnnxNode& node) {
    Recurrent r;
    r.kind = node.type() == "LSTM"  ? RecurrentKind::kLstm
             : node.type() == "GRU" ? RecurrentKind::kGru
                                    : RecurrentKind::kRnn;
    r.direction = direction_of(node);
    const int directions = r.direction == Direction::kBidirectional ? 2 : 1;
    const bool lstm = r.kind == RecurrentKind::kLstm, batch_first = node.integer("layout", 0) != 0;
    if (node.integer("input_forget", 0) != 0)
        throw Refusal("couples its input and forget gates, which is not supported");
    if (node.shape(0).rank() != 3) throw Refusal("expected time, batch and features, found " + node.shape(0).text());
    r.input_weights = node.weights(1, "the input's weights");
    r.recurrent_weights = node.weights(2, "the state's weights");
    if (r.recurrent_weights.shape.rank() != 3) throw Refusal("expected weights with three axes");
    r.hidden = static_cast<int>(r.recurrent_weights.shape[2]);
    if (node.has_input(3)) r.bias = node.weights(3, "the bias");
    if (node.has_input(7)) r.peepholes = node.weights(7, "the peepholes");
    r.activations = activations_of(node, r.kind, directions);
    r.linear_before_reset = node.integer("linear_before_reset", 0) != 0;
    r.clip = node.real("clip", 0);
    const Value x = batch_first ? node.permuted(node.value(0), {1, 0, 2}) : node.value(0);
    const Shape shape = node.builder().shape(x);
    check_lengths(node, shape[0]);
    std::vector<Value> inputs = {x};
    const Shape last = {directions, shape[1], r.hidden}, all = {shape[0], directions, shape[1], r.hidden};
    const auto state = [&](std::size_t i) {
        if (!node.has_input(i))
            return node.builder().constant({last, std::vector<double>(static_cast<std::size_t>(last.elements()), 0)});
        return batch_first ? node.permuted(node.value(i), {1, 0, 2}) : node.value(i);
    };
    const auto given = [&](std::size_t i) { return node.has_input(i) && !is_zero(node.input(i)); };
    if (given(5) || (lstm && given(6))) inputs.push_back(state(5));
    if (lstm && given(6)) inputs.push_back(state(6));
    const Value packed = node.add(std::move(r), inputs);
    return unpacked(node, packed, lstm, all, last, batch_first);
}

}  // namespace laxity
