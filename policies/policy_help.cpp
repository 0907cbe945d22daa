// What `laxity policies` and `laxity policies NAME` print.
#include <algorithm>
#include <sstream>

#include "policies/registry.hpp"

namespace laxity {

namespace {

constexpr std::size_t kLineWidth = 110;

// Shortest form that reads back as the same number: 0.1, 16, inf.
std::string plain(double number) {
    std::ostringstream text;
    text << number;
    return text.str();
}

// `text` broken at spaces so that no line exceeds kLineWidth, every line after the first indented.
std::string wrapped(const std::string& text, std::size_t indent) {
    std::istringstream words(text);
    std::string result, word;
    std::size_t column = indent;
    while (words >> word) {
        if (column > indent && column + 1 + word.size() > kLineWidth) {
            result.append(1, '\n').append(indent, ' ');
            column = indent;
        }
        if (column > indent) result += ' ', ++column;
        result += word;
        column += word.size();
    }
    return result;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(width, text.size()), ' ');
    return text;
}

// Rows of cells as aligned columns, two spaces apart; the last column is wrapped within its own.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    std::string text;
    for (const auto& row : rows) {
        std::string line(indent, ' ');
        for (std::size_t c = 0; c + 1 < row.size(); ++c) line += padded(row[c], widths[c]) + "  ";
        text += line + wrapped(row.back(), line.size()) + "\n";
    }
    return text;
}

std::string usage(const PolicyInfo& info) {
    std::string text = info.name;
    for (const ParameterInfo& parameter : info.parameters) {
        text += (text == info.name ? ":" : ",") + parameter.name + "=" + parameter.default_value;
    }
    return text;
}

std::string describe_oracle(const PolicyInfo& info) {
    if (info.needs_oracle == nullptr) return "no: runs in simulation and live";
    for (const ParameterInfo& parameter : info.parameters) {
        const bool offered = std::count(parameter.choices.begin(), parameter.choices.end(), "oracle") != 0;
        if (offered) return "only with " + parameter.name + "=oracle, which is refused live";
    }
    return "yes: sees unfinished exits and is refused live";
}

}  // namespace

std::string describe_range(const ParameterInfo& parameter) {
    switch (parameter.type) {
        case ParameterInfo::Type::kBoolean:
            return "true or false";
        case ParameterInfo::Type::kInteger:
            return "an integer from " + plain(parameter.low) + " to " + plain(parameter.high);
        case ParameterInfo::Type::kNumber:
            return "a number from " + plain(parameter.low) + " to " + plain(parameter.high);
        case ParameterInfo::Type::kChoice:
            break;
    }
    std::string choices;
    for (const std::string& choice : parameter.choices) choices += (choices.empty() ? "" : " | ") + choice;
    return choices;
}

std::string describe_policies() {
    std::vector<std::vector<std::string>> rows;
    for (const PolicyInfo& info : policy_registry()) {
        rows.push_back({info.name, info.summary, info.source.substr(0, info.source.find(';'))});
    }
    return table(rows, 0);
}

std::string describe_policy(const PolicyInfo& info) {
    std::vector<std::vector<std::string>> facts = {{"source", info.source}, {"oracle", describe_oracle(info)}};
    if (info.parameters.empty()) {
        facts.push_back({"parameters", "none"});
        return info.name + ": " + info.summary + "\n\n" + table(facts, 0);
    }
    std::vector<std::vector<std::string>> parameters;
    for (const ParameterInfo& row : info.parameters) {
        parameters.push_back({row.name, "default " + row.default_value, describe_range(row) + ": " + row.help});
    }
    facts.push_back({"example", usage(info)});
    return info.name + ": " + info.summary + "\n\n" + table(facts, 0) + "\nparameters\n" + table(parameters, 2);
}

}  // namespace laxity
