#include "profiler/cpu/kernels/recurrent.hpp"

#include <dnnl.h>

#include <algorithm>

#include "profiler/cpu/dnnl_check.hpp"
#include "profiler/cpu/kernels/elementwise.hpp"

namespace laxity::cpu {

namespace {

// to [rows][columns] = from [rows][inner] * weights [columns][inner]^T + keep * to.
void multiply(const float* from, const float* weights, float* to, std::int64_t rows, std::int64_t columns,
              std::int64_t inner, std::int64_t to_distance, float keep) {
    check(dnnl_sgemm('N', 'T', rows, columns, inner, 1, from, inner, weights, inner, keep, to, to_distance),
          "a recurrent layer");
}

// Where the parts of the layer lie and how large they are. Scratch holds the gates of all times of one direction, then
// for each sequence what a GRU needs for its candidate twice, state and cell.
struct Extents {
    std::int64_t times, batch, inputs, hidden, gates, directions;

    Extents(const Recurrent& layer, const Shape& x)
        : times(x[0]),
          batch(x[1]),
          inputs(x[2]),
          hidden(layer.hidden),
          gates(gate_count(layer.kind)),
          directions(layer.direction == Direction::kBidirectional ? 2 : 1) {}
    std::int64_t gate_row() const { return gates * hidden; }
    std::int64_t state() const { return batch * hidden; }
};

// One direction.
class Pass {
public:
    Pass(const Recurrent& layer, const Extents& extents, std::int64_t direction, float* scratch)
        : r_(layer),
          e_(extents),
          direction_(direction),
          all_gates_(scratch),
          gated_(all_gates_ + e_.times * e_.batch * e_.gate_row()),
          candidate_(gated_ + e_.state()),
          state_(candidate_ + e_.state()),
          cell_(state_ + e_.state()) {}

    void begin(const float* x, const float* state, const float* cell);
    // Leaves the state of this time in state().
    void step(std::int64_t time);
    const float* state() const { return state_; }
    const float* cell() const { return cell_; }

private:
    const float* recurrent_weights() const {
        return r_.recurrent_weights.values->data() + direction_ * e_.gate_row() * e_.hidden;
    }
    float bias(std::int64_t row) const {
        return r_.bias.empty() ? 0 : (*r_.bias.values)[static_cast<std::size_t>(direction_ * 2 * e_.gate_row() + row)];
    }
    const float* peephole(std::int64_t gate) const {
        return r_.peepholes.empty() ? nullptr : r_.peepholes.values->data() + (direction_ * 3 + gate) * e_.hidden;
    }
    void apply(std::int64_t which, float* values, std::int64_t count) const;
    void add_bias();
    void step_rnn(float* gates);
    void step_gru(float* gates);
    void step_lstm(float* gates);
    void add_peephole(std::int64_t gate, float* values) const;

    const Recurrent& r_;
    const Extents& e_;
    std::int64_t direction_;
    float *all_gates_, *gated_, *candidate_, *state_, *cell_;
};

void Pass::begin(const float* x, const float* state, const float* cell) {
    const float* weights = r_.input_weights.values->data() + direction_ * e_.gate_row() * e_.inputs;
    multiply(x, weights, all_gates_, e_.times * e_.batch, e_.gate_row(), e_.inputs, e_.gate_row(), 0);
    add_bias();
    const auto copy = [&](const float* from, float* to) {
        if (from != nullptr)
            std::copy_n(from + direction_ * e_.state(), e_.state(), to);
        else
            std::fill_n(to, e_.state(), 0.0F);
    };
    copy(state, state_);
    copy(cell, cell_);
}

// Both biases, but for that of a GRU's candidate that the reset gate multiplies.
void Pass::add_bias() {
    if (r_.bias.empty()) return;
    const bool apart = r_.kind == RecurrentKind::kGru && r_.linear_before_reset;
    const std::int64_t joined = apart ? 2 * e_.hidden : e_.gate_row();
    for (std::int64_t row = 0; row < e_.times * e_.batch; ++row) {
        float* gates = all_gates_ + row * e_.gate_row();
        for (std::int64_t i = 0; i < e_.gate_row(); ++i)
            gates[i] += bias(i) + (i < joined ? bias(e_.gate_row() + i) : 0);
    }
}

void Pass::apply(std::int64_t which, float* values, std::int64_t count) const {
    if (r_.clip > 0) {
        for (std::int64_t i = 0; i < count; ++i) values[i] = std::clamp(values[i], -r_.clip, r_.clip);
    }
    const auto per_direction = static_cast<std::int64_t>(r_.activations.size()) / e_.directions;
    apply_function(r_.activations[static_cast<std::size_t>(direction_ * per_direction + which)], values, values, count);
}

void Pass::step(std::int64_t time) {
    float* gates = all_gates_ + time * e_.batch * e_.gate_row();
    const bool gru = r_.kind == RecurrentKind::kGru;
    const std::int64_t rows = gru ? 2 * e_.hidden : e_.gate_row();
    multiply(state_, recurrent_weights(), gates, e_.batch, rows, e_.hidden, e_.gate_row(), 1);
    if (gru) return step_gru(gates);
    if (r_.kind == RecurrentKind::kLstm) return step_lstm(gates);
    step_rnn(gates);
}

void Pass::step_rnn(float* gates) {
    apply(0, gates, e_.state());
    std::copy_n(gates, e_.state(), state_);
}

void Pass::step_gru(float* gates) {
    const float* weights = recurrent_weights() + 2 * e_.hidden * e_.hidden;
    for (std::int64_t n = 0; n < e_.batch; ++n) apply(0, gates + n * e_.gate_row(), 2 * e_.hidden);
    const auto reset = [&](std::int64_t n) { return gates + n * e_.gate_row() + e_.hidden; };
    if (!r_.linear_before_reset) {
        for (std::int64_t n = 0; n < e_.batch; ++n) {
            for (std::int64_t u = 0; u < e_.hidden; ++u)
                gated_[n * e_.hidden + u] = reset(n)[u] * state_[n * e_.hidden + u];
        }
    }
    const float* source = r_.linear_before_reset ? state_ : gated_;
    multiply(source, weights, candidate_, e_.batch, e_.hidden, e_.hidden, e_.hidden, 0);
    for (std::int64_t n = 0; n < e_.batch; ++n) {
        float *row = candidate_ + n * e_.hidden, *state = state_ + n * e_.hidden;
        const float *update = gates + n * e_.gate_row(), *input = update + 2 * e_.hidden;
        for (std::int64_t u = 0; u < e_.hidden; ++u) {
            if (r_.linear_before_reset) row[u] = reset(n)[u] * (row[u] + bias(e_.gate_row() + 2 * e_.hidden + u));
            row[u] += input[u];
        }
        apply(1, row, e_.hidden);
        for (std::int64_t u = 0; u < e_.hidden; ++u) state[u] = (1 - update[u]) * row[u] + update[u] * state[u];
    }
}

void Pass::add_peephole(std::int64_t gate, float* values) const {
    const float* weights = peephole(gate);
    if (weights == nullptr) return;
    for (std::int64_t n = 0; n < e_.batch; ++n) {
        for (std::int64_t u = 0; u < e_.hidden; ++u)
            values[n * e_.gate_row() + u] += weights[u] * cell_[n * e_.hidden + u];
    }
}

void Pass::step_lstm(float* gates) {
    const std::int64_t h = e_.hidden;
    add_peephole(0, gates);
    add_peephole(2, gates + 2 * h);
    for (std::int64_t n = 0; n < e_.batch; ++n) {
        float *input = gates + n * e_.gate_row(), *forget = input + 2 * h, *candidate = input + 3 * h;
        apply(0, input, h);
        apply(0, forget, h);
        apply(1, candidate, h);
        float* cell = cell_ + n * h;
        for (std::int64_t u = 0; u < h; ++u) cell[u] = forget[u] * cell[u] + input[u] * candidate[u];
    }
    add_peephole(1, gates + h);
    for (std::int64_t n = 0; n < e_.batch; ++n) {
        float *output = gates + n * e_.gate_row() + h, *state = state_ + n * h;
        apply(0, output, h);
        const auto per_direction = static_cast<std::int64_t>(r_.activations.size()) / e_.directions;
        apply_function(r_.activations[static_cast<std::size_t>(direction_ * per_direction + 2)], cell_ + n * h, state,
                       h);
        for (std::int64_t u = 0; u < h; ++u) state[u] *= output[u];
    }
}

void run_direction(const Recurrent& layer, const Extents& e, std::int64_t direction, std::span<float* const> tensors,
                   std::size_t states) {
    Pass pass(layer, e, direction, tensors[states + 2]);
    pass.begin(tensors[0], states > 0 ? tensors[1] : nullptr, states > 1 ? tensors[2] : nullptr);
    const bool backwards = layer.direction == Direction::kReverse || direction == 1;
    float* all = tensors[states + 1];
    for (std::int64_t step = 0; step < e.times; ++step) {
        const std::int64_t time = backwards ? e.times - 1 - step : step;
        pass.step(time);
        std::copy_n(pass.state(), e.state(), all + (time * e.directions + direction) * e.state());
    }
    float* last = all + e.times * e.directions * e.state();
    std::copy_n(pass.state(), e.state(), last + direction * e.state());
    if (layer.kind == RecurrentKind::kLstm)
        std::copy_n(pass.cell(), e.state(), last + (e.directions + direction) * e.state());
}

}  // namespace

std::int64_t recurrent_scratch(const Recurrent& layer, const Shape& x) {
    const Extents e(layer, x);
    return e.times * e.batch * e.gate_row() + 4 * e.state();
}

Kernel recurrent_kernel(const Recurrent& layer, const Shape& x, std::size_t initial_states) {
    return [layer, e = Extents(layer, x), initial_states](std::span<float* const> tensors) {
        for (std::int64_t d = 0; d < e.directions; ++d) run_direction(layer, e, d, tensors, initial_states);
    };
}

}  // namespace laxity::cpu
