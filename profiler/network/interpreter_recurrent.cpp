// Recurrent layers in double precision, after the equations of ONNX's RNN, GRU and LSTM.
#include <algorithm>

#include "profiler/network/interpreter_parts.hpp"

namespace laxity {

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// One direction of one sequence.
class Cell {
public:
    Cell(const Recurrent& layer, int direction, std::int64_t inputs)
        : r_(layer), direction_(direction), hidden_(layer.hidden), inputs_(inputs), gates_(gate_count(layer.kind)) {}

    std::vector<double> state, cell;

    void step(const double* x);

private:
    double function(int which, double value) const {
        const auto per_direction =
            static_cast<int>(r_.activations.size()) / (r_.direction == Direction::kBidirectional ? 2 : 1);
        return apply(r_.activations[at(direction_ * per_direction + which)], value);
    }
    double clipped(double value) const {
        return r_.clip > 0 ? std::clamp(value, -static_cast<double>(r_.clip), static_cast<double>(r_.clip)) : value;
    }
    double input_bias(std::int64_t row) const { return bias(row); }
    double state_bias(std::int64_t row) const { return bias(gates_ * hidden_ + row); }
    double bias(std::int64_t row) const {
        return r_.bias.empty() ? 0 : (*r_.bias.values)[at(direction_ * 2 * gates_ * hidden_ + row)];
    }
    double peephole(int gate, std::int64_t unit) const {
        return r_.peepholes.empty() ? 0 : (*r_.peepholes.values)[at((direction_ * 3 + gate) * hidden_ + unit)];
    }
    double from_input(std::int64_t row, const double* x) const {
        return dot(r_.input_weights, row, x, inputs_) + input_bias(row);
    }
    double from_state(std::int64_t row, const std::vector<double>& h) const {
        return dot(r_.recurrent_weights, row, h.data(), hidden_);
    }
    double dot(const Weights& weights, std::int64_t row, const double* x, std::int64_t count) const {
        const float* w = weights.values->data() + (direction_ * gates_ * hidden_ + row) * count;
        double sum = 0;
        for (std::int64_t i = 0; i < count; ++i) sum += w[i] * x[i];
        return sum;
    }
    double gate(int number, std::int64_t unit, const double* x) const {
        const std::int64_t row = number * hidden_ + unit;
        return from_input(row, x) + from_state(row, state) + state_bias(row);
    }
    void step_lstm(const double* x);
    void step_gru(const double* x);

    const Recurrent& r_;
    int direction_;
    std::int64_t hidden_, inputs_, gates_;
};

void Cell::step(const double* x) {
    if (r_.kind == RecurrentKind::kLstm) return step_lstm(x);
    if (r_.kind == RecurrentKind::kGru) return step_gru(x);
    std::vector<double> next(state.size());
    for (std::int64_t u = 0; u < hidden_; ++u) next[at(u)] = function(0, clipped(gate(0, u, x)));
    state = std::move(next);
}

void Cell::step_lstm(const double* x) {
    std::vector<double> next(state.size());
    for (std::int64_t u = 0; u < hidden_; ++u) {
        const double before = cell[at(u)];
        const double i = function(0, clipped(gate(0, u, x) + peephole(0, u) * before));
        const double f = function(0, clipped(gate(2, u, x) + peephole(2, u) * before));
        const double c = function(1, clipped(gate(3, u, x)));
        cell[at(u)] = f * before + i * c;
        const double o = function(0, clipped(gate(1, u, x) + peephole(1, u) * cell[at(u)]));
        next[at(u)] = o * function(2, cell[at(u)]);
    }
    state = std::move(next);
}

void Cell::step_gru(const double* x) {
    std::vector<double> update(state.size()), reset(state.size()), gated(state.size()), next(state.size());
    for (std::int64_t u = 0; u < hidden_; ++u) {
        update[at(u)] = function(0, clipped(gate(0, u, x)));
        reset[at(u)] = function(0, clipped(gate(1, u, x)));
        gated[at(u)] = reset[at(u)] * state[at(u)];
    }
    for (std::int64_t u = 0; u < hidden_; ++u) {
        const std::int64_t row = 2 * hidden_ + u;
        const double recurrent = r_.linear_before_reset ? reset[at(u)] * (from_state(row, state) + state_bias(row))
                                                        : from_state(row, gated) + state_bias(row);
        const double candidate = function(1, clipped(from_input(row, x) + recurrent));
        next[at(u)] = (1 - update[at(u)]) * candidate + update[at(u)] * state[at(u)];
    }
    state = std::move(next);
}

}  // namespace

Tensor interpret_recurrent(const Recurrent& r, std::span<const Tensor* const> inputs, const Shape& shape) {
    const Tensor& x = *inputs[0];
    const std::int64_t times = x.shape[0], batch = x.shape[1], features = x.shape[2], hidden = r.hidden;
    const int directions = r.direction == Direction::kBidirectional ? 2 : 1;
    const std::int64_t last_states = times * directions * batch * hidden,
                       last_cells = last_states + directions * batch * hidden;
    Tensor result{shape, std::vector<double>(at(shape.elements()), 0)};
    for (int d = 0; d < directions; ++d) {
        const bool backwards = r.direction == Direction::kReverse || d == 1;
        for (std::int64_t n = 0; n < batch; ++n) {
            Cell cell(r, d, features);
            const std::int64_t own = (d * batch + n) * hidden;
            const auto initial = [&](std::size_t input) {
                if (inputs.size() <= input) return std::vector<double>(at(hidden), 0);
                const auto from = inputs[input]->values.begin() + own;
                return std::vector<double>(from, from + hidden);
            };
            cell.state = initial(1);
            cell.cell = initial(2);
            for (std::int64_t step = 0; step < times; ++step) {
                const std::int64_t time = backwards ? times - 1 - step : step;
                cell.step(x.values.data() + (time * batch + n) * features);
                std::copy(cell.state.begin(), cell.state.end(),
                          result.values.begin() + ((time * directions + d) * batch + n) * hidden);
            }
            std::copy(cell.state.begin(), cell.state.end(), result.values.begin() + last_states + own);
            if (r.kind == RecurrentKind::kLstm)
                std::copy(cell.cell.begin(), cell.cell.end(), result.values.begin() + last_cells + own);
        }
    }
    return result;
}

}  // namespace laxity
