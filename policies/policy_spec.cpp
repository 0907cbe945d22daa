// `name:key=value,...`: parsed strictly, completed with defaults.
#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

#include "policies/registry.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

// The whole text as a number; false if it is none. "inf" is one, "nan" too.
template <class Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

template <class Range>
std::vector<std::string> names_of(const Range& rows) {
    std::vector<std::string> names;
    for (const auto& row : rows) names.push_back(row.name);
    return names;
}

std::string quoted(std::string_view text) { return std::string(1, '"').append(text).append(1, '"'); }

// "did you mean X?", or the whole choice.
std::string suggestion(std::string_view word, const std::vector<std::string>& choices) {
    const std::string nearest = closest(word, choices);
    if (!nearest.empty()) return "did you mean " + nearest + "?";
    return choices.empty() ? "there is none" : "there is " + joined(choices, ", ");
}

const PolicyInfo& find_policy(const std::string& place, std::string_view name) {
    const auto registry = policy_registry();
    const auto found =
        std::find_if(registry.begin(), registry.end(), [&](const auto& row) { return row.name == name; });
    if (found != registry.end()) return *found;
    throw input_error(place, "the name of a policy", quoted(name),
                      suggestion(name, names_of(registry)) + " (`laxity policies` describes them)");
}

const ParameterInfo& find_parameter(const std::string& place, const PolicyInfo& info, std::string_view name) {
    const auto& rows = info.parameters;
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.name == name; });
    if (found != rows.end()) return *found;
    throw input_error(place, "a parameter of " + info.name, quoted(name), suggestion(name, names_of(rows)));
}

bool is_valid(const ParameterInfo& parameter, std::string_view value) {
    switch (parameter.type) {
        case ParameterInfo::Type::kBoolean:
            return value == "true" || value == "false";
        case ParameterInfo::Type::kChoice:
            return std::find(parameter.choices.begin(), parameter.choices.end(), value) != parameter.choices.end();
        case ParameterInfo::Type::kInteger: {
            int number = 0;
            return read_number(value, number) && parameter.low <= number && number <= parameter.high;
        }
        case ParameterInfo::Type::kNumber: {
            double number = 0;
            return read_number(value, number) && parameter.low <= number && number <= parameter.high;
        }
    }
    return false;
}

void check_value(const std::string& place, const ParameterInfo& parameter, std::string_view value) {
    if (is_valid(parameter, value)) return;
    std::string advice;
    if (const std::string nearest = closest(value, parameter.choices); !nearest.empty()) {
        advice = "did you mean " + nearest + "?";
    }
    throw input_error(place + ": " + parameter.name, describe_range(parameter), quoted(value), advice);
}

// Reads one "key=value".
void read_argument(const std::string& place, const PolicyInfo& info, std::string_view text,
                   PolicyArguments& arguments) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
        throw input_error(place, "parameters as key=value, separated by commas", quoted(text));
    }
    const ParameterInfo& parameter = find_parameter(place, info, text.substr(0, equals));
    const std::string_view value = text.substr(equals + 1);
    check_value(place, parameter, value);
    if (arguments.has(parameter.name)) {
        throw input_error(place, "each parameter once", quoted(parameter.name) + " twice");
    }
    arguments.set(parameter.name, std::string(value));
}

bool is_numeric(const ParameterInfo& parameter) {
    return parameter.type == ParameterInfo::Type::kNumber || parameter.type == ParameterInfo::Type::kInteger;
}

// A checked value in its shortest form: 0.10 and 1e-1 become 0.1.
std::string shortest(const ParameterInfo& parameter, const std::string& value) {
    double number = 0;
    if (!is_numeric(parameter) || !read_number(value, number)) return value;
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

}  // namespace

double PolicyArguments::number(const std::string& name) const {
    double value = 0;
    read_number(text(name), value);
    return value;
}

int PolicyArguments::integer(const std::string& name) const {
    int value = 0;
    read_number(text(name), value);
    return value;
}

PolicySpec parse_policy(const std::string& text) {
    const std::string place = "policy " + quoted(text);
    const std::size_t colon = text.find(':');
    PolicySpec spec{text, &find_policy(place, std::string_view(text).substr(0, colon)), {}};
    if (colon != std::string::npos) {
        for (std::string_view rest = std::string_view(text).substr(colon + 1);;) {
            const std::size_t comma = rest.find(',');
            read_argument(place, *spec.info, rest.substr(0, comma), spec.arguments);
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    for (const ParameterInfo& parameter : spec.info->parameters) {
        if (!spec.arguments.has(parameter.name)) spec.arguments.set(parameter.name, parameter.default_value);
    }
    return spec;
}

PolicySpec with_parameter(const PolicySpec& spec, const std::string& parameter, const std::string& value) {
    const std::string place = "policy " + quoted(spec.info->name);
    const ParameterInfo& row = find_parameter(place, *spec.info, parameter);
    check_value(place, row, value);
    PolicySpec changed = spec;
    changed.arguments.set(row.name, value);
    changed.text = normalised(changed);
    return changed;
}

std::string normalised(const PolicySpec& spec) {
    std::string text = spec.info->name;
    char separator = ':';
    for (const ParameterInfo& parameter : spec.info->parameters) {
        const std::string value = shortest(parameter, spec.arguments.text(parameter.name));
        if (value == shortest(parameter, parameter.default_value)) continue;
        text += separator + parameter.name + "=" + value;
        separator = ',';
    }
    return text;
}

}  // namespace laxity
