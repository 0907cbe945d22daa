// Builds the layers of a network one operation at a time.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "profiler/network/interpreter.hpp"
#include "profiler/network/layer.hpp"

namespace laxity {

// What an operation reads or gives while a graph is being built: a layer's output, or a constant that is known already,
// in double precision so that arithmetic on shapes is exact.
struct Value {
    int layer = -1;                          // -1: a constant
    std::shared_ptr<const Tensor> constant;  // null: a layer

    bool is_constant() const { return constant != nullptr; }
};

// Infers shapes, and folds what is constant: an operation whose inputs are all constants is executed at once and
// becomes no layer. A constant that a layer reads becomes a Constant layer, once.
class GraphBuilder {
public:
    explicit GraphBuilder(const Shape& input);  // [1][...]

    Value input() const { return {0, nullptr}; }
    static Value constant(Tensor tensor);
    // Throws ShapeError if the inputs do not suit the operation, or InputError if a tensor would have more than 2^28
    // elements. `wanted` is for the operations whose shape is not given by their inputs (infer_shape).
    Value add(const std::string& name, Operation operation, std::span<const Value> inputs, const Shape& wanted = {});
    const Shape& shape(const Value& value) const;
    // Layers folded away so far: "Shape-Gather-Concat", for `laxity show`.
    int folded() const { return folded_; }

    std::span<const Layer> layers() const { return layers_; }

    // Ends the building. The layer of a value that exits have: a constant becomes a Constant layer.
    int layer_of(const Value& value);
    std::vector<Layer> take_layers() { return std::move(layers_); }

private:
    std::vector<Layer> layers_;
    std::vector<std::pair<std::shared_ptr<const Tensor>, int>> constants_;
    int folded_ = 0;
};

// ---- Often wanted, each one operation (or two) of the above --------------------------------------------------------

Value reshape(GraphBuilder& builder, const std::string& name, const Value& x, const Shape& shape);
Value transpose(GraphBuilder& builder, const std::string& name, const Value& x, std::span<const int> permutation);
// Along one axis: elements first, first + step, ... (count of them); step may be negative.
Value slice(GraphBuilder& builder, const std::string& name, const Value& x, int axis, std::int64_t first,
            std::int64_t step, std::int64_t count);
Value expand(GraphBuilder& builder, const std::string& name, const Value& x, const Shape& shape);
Value unary(GraphBuilder& builder, const std::string& name, Elementwise function, const Value& x);
Value binary(GraphBuilder& builder, const std::string& name, BinaryKind kind, const Value& a, const Value& b);

}  // namespace laxity
