// The policies by name, with their parameters: one explicit table.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/parts/plan.hpp"
#include "policies/policy.hpp"

namespace laxity {

// The values of a policy's parameters, checked against its row and completed with the defaults: a factory may ask for
// each parameter of its row, by its type.
class PolicyArguments {
public:
    void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }
    bool has(const std::string& name) const { return values_.count(name) != 0; }
    const std::string& text(const std::string& name) const { return values_.at(name); }
    double number(const std::string& name) const;
    int integer(const std::string& name) const;
    bool boolean(const std::string& name) const { return text(name) == "true"; }

private:
    std::map<std::string, std::string> values_;
};

struct ParameterInfo {
    enum class Type { kNumber, kInteger, kBoolean, kChoice };
    std::string name;
    Type type = Type::kNumber;
    double low = 0, high = 0;          // of a number or an integer, inclusive
    std::vector<std::string> choices;  // of a choice
    std::string default_value;
    std::string help;
};

// What a policy is built from.
struct PolicyContext {
    const TaskSet& tasks;            // outlives the policy
    const Oracle* oracle = nullptr;  // set if needs_oracle(arguments)
    const Plan* plan = nullptr;      // set if needs_plan; plan_for() of sim/plan/planning.hpp makes it
};

// "a number from 0 to 1", "true or false", "exp | max".
std::string describe_range(const ParameterInfo& parameter);

// One row of the registry.
struct PolicyInfo {
    std::string name;
    std::string summary;  // one line
    std::string source;   // the paper; after a semicolon, what is our reading of it
    std::vector<ParameterInfo> parameters;
    bool (*needs_oracle)(const PolicyArguments&) = nullptr;  // null = never
    std::unique_ptr<Policy> (*make)(const PolicyContext&, const PolicyArguments&) = nullptr;
    bool needs_plan = false;  // it follows a plan that is made before the run
};

std::span<const PolicyInfo> policy_registry();

// A policy named on the command line, `name:key=value,...`, checked.
struct PolicySpec {
    std::string text;  // as given
    const PolicyInfo* info = nullptr;
    PolicyArguments arguments;

    bool needs_oracle() const { return info->needs_oracle != nullptr && info->needs_oracle(arguments); }
};

// Throws InputError: unknown policy or parameter (with the nearest name), wrong type, out of range.
PolicySpec parse_policy(const std::string& text);

// The same policy with this value of this parameter, checked; `text` is then normalised.
PolicySpec with_parameter(const PolicySpec& spec, const std::string& parameter, const std::string& value);

// The one text of all specs that mean the same policy: parameters in the order of their row, those at their default
// left out, numbers in their shortest form. "edf:skip=false" becomes "edf".
std::string normalised(const PolicySpec& spec);

std::unique_ptr<Policy> make_policy(const PolicySpec& spec, const PolicyContext& context);

// `laxity policies` and `laxity policies NAME`.
std::string describe_policies();
std::string describe_policy(const PolicyInfo& info);

}  // namespace laxity
