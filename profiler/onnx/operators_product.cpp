// Products of matrices and of tensors of any rank.
#include <algorithm>
#include <map>
#include <numeric>

#include "profiler/onnx/operators.hpp"

namespace laxity {

namespace {

Value swapped(const OnnxNode& node, const Value& x) { return node.permuted(x, {1, 0}); }

}  // namespace

// A vector is a row on the left and a column on the right; its axis goes afterwards.
OnnxValues import_matrix_product(const OnnxNode& node) {
    const Shape a = node.shape(0), b = node.shape(1);
    if (a.rank() == 0 || b.rank() == 0) throw Refusal("multiplies a matrix with a number");
    const Value left = a.rank() == 1 ? node.reshaped(node.value(0), {1, a[0]}) : node.value(0);
    const Value right = b.rank() == 1 ? node.reshaped(node.value(1), {b[0], 1}) : node.value(1);
    const Value product = node.add(MatMul{}, {left, right});
    const Shape full = node.builder().shape(product);
    std::vector<int> drop;
    if (a.rank() == 1) drop.push_back(full.rank() - 2);
    if (b.rank() == 1) drop.push_back(full.rank() - 1);
    return single(node, node.reshaped(product, without_axes(full, drop)));
}

// alpha A' B' + beta C
OnnxValues import_gemm(const OnnxNode& node) {
    Value a = node.value(0), b = node.value(1);
    if (node.shape(0).rank() != 2 || node.shape(1).rank() != 2)
        throw Refusal("expected two matrices, found " + node.shape(0).text() + " and " + node.shape(1).text());
    if (node.integer("transA", 0) != 0) a = swapped(node, a);
    MatMul product;
    product.transpose_b = node.integer("transB", 0) != 0;
    if (b.is_constant() && product.transpose_b) {
        b = swapped(node, b);
        product.transpose_b = false;
    }
    product.scale = node.real("alpha", 1);
    Value y = node.add(product, {a, b});
    const float beta = node.real("beta", 1);
    if (!node.has_input(2) || beta == 0) return single(node, y);
    const Value c = beta == 1 ? node.value(2) : node.add(BinaryKind::kMultiply, node.value(2), node.number(beta));
    return single(node, node.add(BinaryKind::kAdd, y, c));
}

namespace {

// An operand of an Einstein sum: a tensor and a letter per axis.
struct Operand {
    Value value;
    std::string letters;
};

std::string without(const std::string& letters, const std::string& dropped) {
    std::string rest;
    std::copy_if(letters.begin(), letters.end(), std::back_inserter(rest),
                 [&](char c) { return dropped.find(c) == std::string::npos; });
    return rest;
}

std::string common(const std::string& a, const std::string& b) {
    std::string both;
    std::copy_if(a.begin(), a.end(), std::back_inserter(both), [&](char c) { return b.find(c) != std::string::npos; });
    return both;
}

class Einsum {
public:
    explicit Einsum(const OnnxNode& node) : node_(node) { parse(); }

    Value run() {
        Operand sum = operands_[0];
        for (std::size_t i = 1; i < operands_.size(); ++i) sum = product(sum, operands_[i], wanted_after(i));
        return ordered(summed(sum, output_), output_);
    }

private:
    void parse();
    std::string expanded(std::string letters, int rank);
    // Letters that the output or an operand after `i` has.
    std::string wanted_after(std::size_t i) const {
        std::string wanted = output_;
        for (std::size_t k = i + 1; k < operands_.size(); ++k) wanted += operands_[k].letters;
        return wanted;
    }
    Operand summed(const Operand& x, const std::string& wanted) const;
    Operand product(const Operand& a, const Operand& b, const std::string& wanted) const;
    Value ordered(const Operand& x, const std::string& order) const;
    Value grouped(const Operand& x, const std::string& batch, const std::string& first,
                  const std::string& second) const;
    std::int64_t extent(const Operand& x, char letter) const {
        return node_.builder().shape(x.value)[static_cast<int>(x.letters.find(letter))];
    }
    std::int64_t extents(const Operand& x, const std::string& letters) const {
        std::int64_t count = 1;
        for (const char letter : letters) count *= extent(x, letter);
        return count;
    }

    const OnnxNode& node_;
    std::vector<Operand> operands_;
    std::string output_;
};

// "..." stands for the axes that have no letter; they get capital ones... of their own, from the right.
std::string Einsum::expanded(std::string letters, int rank) {
    const std::size_t dots = letters.find("...");
    if (dots == std::string::npos) return letters;
    std::string axes;
    for (int i = rank - static_cast<int>(letters.size() - 3); i > 0; --i) axes += static_cast<char>('0' + i);
    return letters.replace(dots, 3, axes);
}

void Einsum::parse() {
    std::string equation = node_.text("equation", "");
    std::erase(equation, ' ');
    const std::size_t arrow = equation.find("->");
    std::string left = equation.substr(0, arrow);
    int broad = 0;
    for (std::size_t i = 0; i < node_.input_count(); ++i) {
        const std::size_t comma = left.find(',');
        if ((comma == std::string::npos) != (i + 1 == node_.input_count()))
            throw Refusal("the equation '" + equation + "' does not suit its inputs");
        const int rank = node_.shape(i).rank();
        const std::string given = left.substr(0, comma), letters = expanded(given, rank);
        if (given.size() != letters.size() || given.find("...") != std::string::npos)
            broad = std::max(broad, rank - static_cast<int>(given.size()) + 3);
        if (static_cast<int>(letters.size()) != rank)
            throw Refusal("the equation '" + equation + "' does not suit its inputs");
        for (const char letter : letters) {
            if (std::count(letters.begin(), letters.end(), letter) > 1)
                throw Refusal("diagonals ('" + letters + "') are not supported");
        }
        operands_.push_back({node_.value(i), letters});
        left = comma == std::string::npos ? "" : left.substr(comma + 1);
    }
    if (arrow != std::string::npos) {
        const std::string given = equation.substr(arrow + 2);
        output_ = expanded(given, static_cast<int>(given.size()) - 3 + broad);
    } else {  // every letter that occurs once, in alphabetical order
        std::map<char, int> counts;
        for (const Operand& operand : operands_) {
            for (const char letter : operand.letters) ++counts[letter];
        }
        for (const auto& [letter, count] : counts) {
            if (count == 1 || letter < 'A') output_ += letter;
        }
    }
    for (const char letter : output_) {
        const bool known = std::any_of(operands_.begin(), operands_.end(),
                                       [&](const Operand& o) { return o.letters.find(letter) != std::string::npos; });
        if (!known) throw Refusal("the output of '" + equation + "' has a letter that no input has");
    }
}

Operand Einsum::summed(const Operand& x, const std::string& wanted) const {
    const std::string dropped = without(x.letters, wanted);
    if (dropped.empty()) return x;
    std::vector<int> axes;
    for (std::size_t i = 0; i < x.letters.size(); ++i) {
        if (dropped.find(x.letters[i]) != std::string::npos) axes.push_back(static_cast<int>(i));
    }
    const Value sum = node_.add(Reduce{ReduceKind::kSum, axes}, {x.value});
    return {node_.reshaped(sum, without_axes(node_.builder().shape(sum), axes)), without(x.letters, dropped)};
}

Value Einsum::ordered(const Operand& x, const std::string& order) const {
    std::vector<int> permutation;
    for (const char letter : order) permutation.push_back(static_cast<int>(x.letters.find(letter)));
    return std::is_sorted(permutation.begin(), permutation.end()) ? x.value : node_.permuted(x.value, permutation);
}

// As a batch of matrices.
Value Einsum::grouped(const Operand& x, const std::string& batch, const std::string& first,
                      const std::string& second) const {
    const Value y = ordered(x, batch + first + second);
    return node_.reshaped(y, {extents(x, batch), extents(x, first), extents(x, second)});
}

Operand Einsum::product(const Operand& left, const Operand& right, const std::string& wanted) const {
    const Operand a = summed(left, wanted + right.letters), b = summed(right, wanted + left.letters);
    const std::string both = common(a.letters, b.letters), batch = common(both, wanted), inner = without(both, batch);
    for (const char letter : both) {
        if (extent(a, letter) != extent(b, letter))
            throw Refusal(std::string("the extents of '") + letter + "' differ");
    }
    const std::string rows = without(a.letters, both), columns = without(b.letters, both);
    const Value y = node_.add(MatMul{}, {grouped(a, batch, rows, inner), grouped(b, batch, inner, columns)});
    std::vector<std::int64_t> shape;
    for (const char letter : batch + rows) shape.push_back(extent(a, letter));
    for (const char letter : columns) shape.push_back(extent(b, letter));
    if (shape.size() > kMaxRank) throw Refusal("would give " + std::to_string(shape.size()) + " axes on the way");
    return {node_.reshaped(y, Shape(shape)), batch + rows + columns};
}

}  // namespace

OnnxValues import_einsum(const OnnxNode& node) {
    if (node.input_count() == 0) throw Refusal("has no input");
    return single(node, Einsum(node).run());
}

}  // namespace laxity
