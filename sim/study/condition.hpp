// Conditions that leave points out of a study: `--where 'load * clients < 8 and policy != "edf"'`.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace laxity {

// A number, a string, or nothing: an axis that a policy does not have.
using ConditionValue = std::variant<std::monostate, double, std::string>;

// An expression over the axes' names:
//   or, and, not        in this order of binding, the loosest first
//   = == != < <= > >=   of two numbers or two strings; = and != of any two values
//   + - * / and ( )     of numbers
//   load  camera.load   names: letters, digits, _ and ., beginning with a letter or _
//   0.5  "edf"          numbers and strings
// A comparison with nothing is neither true nor false, nor is what depends on it alone (Kleene's three-valued logic):
// `delta < 0.1` leaves no policy out that has no delta.
class Condition {
public:
    // Throws InputError at what can't be understood, and at a name that `names` does not hold (with the nearest).
    Condition(const std::string& text, const std::vector<std::string>& names);
    ~Condition();
    Condition(Condition&&) noexcept;

    // Whether what the names stand for is kept: everything but what is false. Throws InputError where a string is
    // calculated with or compared by order with a number.
    bool keeps(const std::function<ConditionValue(const std::string& name)>& value_of) const;

    const std::string& text() const { return text_; }

    // What a name is compared with by = or !=, where that is a string: {"policy", "edf"}. One that the name never
    // stands for is a slip of the pen.
    struct ComparedText {
        std::string name, text;
    };
    std::vector<ComparedText> compared_texts() const;

    struct Node;  // of the syntax tree

private:
    std::string text_;
    std::unique_ptr<const Node> root_;
};

}  // namespace laxity
