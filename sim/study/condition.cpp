#include "sim/study/condition.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>
#include <utility>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

// A condition's place in an error.
std::string place_of(const std::string& text) { return "where \"" + shortened(text, 100) + "\""; }

}  // namespace

// `op` is a name, a literal or an operator; leaves have no children.
struct Condition::Node {
    enum class Kind { kLiteral, kName, kNot, kNegate, kBinary } kind = Kind::kLiteral;
    std::string op;  // of kBinary; the name of kName
    ConditionValue literal;
    std::unique_ptr<const Node> left, right;
};

namespace {

using Node = Condition::Node;
using NodePointer = std::unique_ptr<const Node>;
using Lookup = std::function<ConditionValue(const std::string&)>;

NodePointer make_node(Node::Kind kind, std::string op, NodePointer left = {}, NodePointer right = {}) {
    auto node = std::make_unique<Node>();
    node->kind = kind;
    node->op = std::move(op);
    node->left = std::move(left);
    node->right = std::move(right);
    return node;
}

NodePointer make_literal(ConditionValue value) {
    auto node = std::make_unique<Node>();
    node->literal = std::move(value);
    return node;
}

constexpr int kDeepest = 100;  // parentheses and nots within each other

// By recursive descent: a function for each level of binding.
class Parser {
public:
    Parser(const std::string& text, const std::vector<std::string>& names) : text_(text), names_(names) {}

    NodePointer whole() {
        NodePointer node = disjunction();
        skip_spaces();
        if (at_ < text_.size()) fail("the end, or an operator");
        return node;
    }

private:
    NodePointer disjunction() {
        NodePointer node = conjunction();
        while (take_word("or") || take("||"))
            node = make_node(Node::Kind::kBinary, "or", std::move(node), conjunction());
        return node;
    }
    NodePointer conjunction() {
        NodePointer node = negation();
        while (take_word("and") || take("&&"))
            node = make_node(Node::Kind::kBinary, "and", std::move(node), negation());
        return node;
    }
    NodePointer negation() {
        if (!take_word("not")) return comparison();
        const Depth depth(*this);
        return make_node(Node::Kind::kNot, "not", negation());
    }
    NodePointer comparison() {
        NodePointer node = sum();
        for (const char* op : {"<=", ">=", "==", "!=", "<", ">", "="}) {
            if (take(op))
                return make_node(Node::Kind::kBinary, op == std::string("==") ? "=" : op, std::move(node), sum());
        }
        return node;
    }
    NodePointer sum() {
        return left_to_right({"+", "-"}, [this] { return product(); });
    }
    NodePointer product() {
        return left_to_right({"*", "/"}, [this] { return atom(); });
    }

    template <class Operand>
    NodePointer left_to_right(std::initializer_list<const char*> operators, const Operand& operand) {
        NodePointer node = operand();
        for (;;) {
            const auto op = std::find_if(operators.begin(), operators.end(), [&](const char* o) { return take(o); });
            if (op == operators.end()) return node;
            node = make_node(Node::Kind::kBinary, *op, std::move(node), operand());
        }
    }

    NodePointer atom() {
        const Depth depth(*this);
        if (take("(")) {
            NodePointer node = disjunction();
            if (!take(")")) fail("a )");
            return node;
        }
        if (take("-")) return make_node(Node::Kind::kNegate, "-", atom());
        skip_spaces();
        if (at_ >= text_.size()) fail("a name, a number or a string");
        const char c = text_[at_];
        if (c == '"' || c == '\'') return string(c);
        if (is_name(c, true)) return name();
        return number();
    }

    NodePointer string(char quote) {
        const std::size_t end = text_.find(quote, at_ + 1);
        if (end == std::string::npos) fail("a closing quote");
        NodePointer node = make_literal(text_.substr(at_ + 1, end - at_ - 1));
        at_ = end + 1;
        return node;
    }
    NodePointer number() {
        double value = 0;
        const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
        if (error != std::errc()) fail("a name, a number or a string");
        at_ = static_cast<std::size_t>(end - text_.data());
        return make_literal(value);
    }
    NodePointer name() {
        const std::string word = next_word();
        if (std::find(names_.begin(), names_.end(), word) == names_.end()) {
            const std::string near = closest(word, names_);
            std::string all;
            for (const std::string& known : names_) all += (all.empty() ? "" : ", ") + known;
            fail("the name of an axis", near.empty() ? "there is " + all : "did you mean " + near + "?");
        }
        at_ += word.size();
        return make_node(Node::Kind::kName, word);
    }

    static bool is_name(char c, bool first) {
        const auto u = static_cast<unsigned char>(c);
        return std::isalpha(u) != 0 || c == '_' || (!first && (std::isdigit(u) != 0 || c == '.'));
    }
    std::string next_word() {
        skip_spaces();
        std::size_t end = at_;
        while (end < text_.size() && is_name(text_[end], end == at_)) ++end;
        return text_.substr(at_, end - at_);
    }
    void skip_spaces() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    }
    bool take(std::string_view token) {
        skip_spaces();
        if (std::string_view(text_).substr(at_, token.size()) != token) return false;
        at_ += token.size();
        return true;
    }
    bool take_word(std::string_view word) {
        if (next_word() != word) return false;
        at_ += word.size();
        return true;
    }

    // Counts how deep the recursion is.
    class Depth {
    public:
        explicit Depth(Parser& parser) : parser_(parser) {
            if (++parser_.depth_ > kDeepest) parser_.fail("at most " + std::to_string(kDeepest) + " levels");
        }
        ~Depth() { --parser_.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;

    private:
        Parser& parser_;
    };

    [[noreturn]] void fail(const std::string& expected, const std::string& advice = {}) const {
        const std::string found = at_ < text_.size() ? "\"" + shortened(text_.substr(at_), 30) + "\"" : "its end";
        throw input_error(place_of(text_), expected, found, advice);
    }

    const std::string& text_;
    const std::vector<std::string>& names_;
    std::size_t at_ = 0;
    int depth_ = 0;
};

// What an expression comes to: a truth (or that it is unknown), or a value.
using Truth = std::optional<bool>;

class Evaluation {
public:
    Evaluation(const std::string& text, const Lookup& value_of) : text_(text), value_of_(value_of) {}

    Truth truth(const Node& node) const {
        if (node.kind == Node::Kind::kNot) {
            const Truth inner = truth(*node.left);
            return inner ? Truth(!*inner) : inner;
        }
        if (node.kind != Node::Kind::kBinary) fail("a comparison", "a value alone");
        if (node.op == "and" || node.op == "or") return connected(node, node.op == "and");
        return compared(node.op, value(*node.left), value(*node.right));
    }

private:
    // Kleene: one false makes an `and` false, one true an `or` true, whatever is unknown.
    Truth connected(const Node& node, bool conjunction) const {
        const Truth left = truth(*node.left), right = truth(*node.right);
        for (const Truth& side : {left, right}) {
            if (side && *side != conjunction) return side;
        }
        return left && right ? Truth(conjunction) : std::nullopt;
    }

    Truth compared(const std::string& op, const ConditionValue& a, const ConditionValue& b) const {
        if (a.index() == 0 || b.index() == 0) return std::nullopt;
        if (op == "=") return a == b;
        if (op == "!=") return a != b;
        if (a.index() != b.index()) fail("two numbers or two strings beside " + op, "one of each");
        if (op == "<") return a < b;
        if (op == "<=") return a <= b;
        if (op == ">") return a > b;
        if (op == ">=") return a >= b;
        fail("a comparison", "only a calculation");
    }

    ConditionValue value(const Node& node) const {
        switch (node.kind) {
            case Node::Kind::kLiteral:
                return node.literal;
            case Node::Kind::kName:
                return value_of_(node.op);
            case Node::Kind::kNegate: {
                const auto inner = number(*node.left, "-");
                return inner ? ConditionValue(-*inner) : ConditionValue();
            }
            default:
                return calculated(node);
        }
    }

    ConditionValue calculated(const Node& node) const {
        const auto a = number(*node.left, node.op), b = number(*node.right, node.op);
        if (!a || !b) return {};
        if (node.op == "+") return *a + *b;
        if (node.op == "-") return *a - *b;
        if (node.op == "*") return *a * *b;
        if (node.op == "/") return *a / *b;
        fail("a value", "a comparison; use parentheses, and, or");
    }

    std::optional<double> number(const Node& node, const std::string& op) const {
        const ConditionValue operand = value(node);
        if (operand.index() == 0) return std::nullopt;
        if (const double* known = std::get_if<double>(&operand)) return *known;
        fail("numbers beside " + op, "\"" + shortened(std::get<std::string>(operand), 30) + "\"");
    }

    [[noreturn]] void fail(const std::string& expected, const std::string& found) const {
        throw input_error(place_of(text_), expected, found);
    }

    const std::string& text_;
    const Lookup& value_of_;
};

void collect_texts(const Node& node, std::vector<Condition::ComparedText>& texts) {
    const bool equality = node.kind == Node::Kind::kBinary && (node.op == "=" || node.op == "!=");
    for (const auto& [name, literal] :
         {std::pair(node.left.get(), node.right.get()), {node.right.get(), node.left.get()}}) {
        if (!equality || name->kind != Node::Kind::kName || literal->kind != Node::Kind::kLiteral) continue;
        if (const auto* text = std::get_if<std::string>(&literal->literal)) texts.push_back({name->op, *text});
    }
    if (node.left) collect_texts(*node.left, texts);
    if (node.right) collect_texts(*node.right, texts);
}

}  // namespace

Condition::Condition(const std::string& text, const std::vector<std::string>& names)
    : text_(text), root_(Parser(text_, names).whole()) {}
Condition::~Condition() = default;
Condition::Condition(Condition&&) noexcept = default;

std::vector<Condition::ComparedText> Condition::compared_texts() const {
    std::vector<ComparedText> texts;
    collect_texts(*root_, texts);
    return texts;
}

bool Condition::keeps(const Lookup& value_of) const { return Evaluation(text_, value_of).truth(*root_).value_or(true); }

}  // namespace laxity
