// What `laxity policies` and `laxity policies NAME` print.
#include <algorithm>
#include <sstream>
#include <utility>

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

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::size_t> widths_of(const Rows& rows) {
    std::vector<std::size_t> widths(rows.front().size());
    for (const auto& row : rows) {
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    }
    return widths;
}

// One row of cells in columns, two spaces apart; the last column is wrapped within its own.
std::string aligned(const std::vector<std::string>& row, const std::vector<std::size_t>& widths, std::size_t indent) {
    std::string line(indent, ' ');
    for (std::size_t c = 0; c + 1 < row.size(); ++c) line += padded(row[c], widths[c]) + "  ";
    return line + wrapped(row.back(), line.size()) + "\n";
}

std::string table(const Rows& rows, std::size_t indent) {
    const auto widths = widths_of(rows);
    std::string text;
    for (const auto& row : rows) text += aligned(row, widths, indent);
    return text;
}

// The registry is in groups; each begins with this policy.
constexpr std::pair<const char*, const char*> kGroups[] = {
    {"fifo", "classics"},
    {"rtdeepiot", "the systems that this tool unites"},
    {"clockwork", "the core ideas of their neighbours"},
    {"random", "ours"},
};

// "Title:" and, but for the first one, an empty line before; nothing if the policy begins no group.
std::string heading_before(const std::string& policy) {
    for (const auto& [first, title] : kGroups) {
        if (policy == first) return std::string(first == kGroups[0].first ? "" : "\n") + title + ":\n";
    }
    return "";
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
    Rows rows;
    for (const PolicyInfo& info : policy_registry())
        rows.push_back({info.name, info.summary, info.source.substr(0, info.source.find_first_of(";:"))});
    const auto widths = widths_of(rows);
    std::string text;
    for (const auto& row : rows) text += heading_before(row.front()) + aligned(row, widths, 2);
    return text + "\n`laxity policies NAME` describes one in full; `laxity bound` gives what none of them can beat.\n";
}

std::string describe_policy(const PolicyInfo& info) {
    Rows facts = {{"source", info.source}, {"oracle", describe_oracle(info)}};
    if (info.parameters.empty()) {
        facts.push_back({"parameters", "none"});
        return info.name + ": " + info.summary + "\n\n" + table(facts, 0);
    }
    Rows parameters;
    for (const ParameterInfo& row : info.parameters) {
        parameters.push_back({row.name, "default " + row.default_value, describe_range(row) + ": " + row.help});
    }
    facts.push_back({"example", usage(info)});
    return info.name + ": " + info.summary + "\n\n" + table(facts, 0) + "\nparameters\n" + table(parameters, 2);
}

}  // namespace laxity
