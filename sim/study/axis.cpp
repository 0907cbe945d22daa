#include "sim/study/axis.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "sim/study/axis_values.hpp"
#include "traces/base/error.hpp"
#include "traces/base/text.hpp"

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;
using Tokens = std::vector<std::string>;

std::string place_of(const AxisSpec& spec) { return "axis " + shortened(spec.target); }

bool is_index(const std::string& token) {
    return !token.empty() &&
           std::all_of(token.begin(), token.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

Tokens split(const std::string& text, char separator) {
    Tokens tokens(1);
    for (const char c : text) {
        if (c == separator) {
            tokens.emplace_back();
        } else {
            tokens.back() += c;
        }
    }
    return tokens;
}

// A column's name holds letters, digits, _ and . only.
std::string as_name(std::string text) {
    for (char& c : text) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '.') c = '_';
    }
    if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) text.insert(0, 1, '_');
    return text;
}

bool is_name(const std::string& text) { return !text.empty() && as_name(text) == text; }

// --- What there is to set in a workload ---

// The tokens that lead to a value, as they are and as people say them: a task's name in place of its index.
struct Place {
    Tokens tokens, spoken;
    std::string pointer() const {
        std::string text;
        for (const std::string& token : tokens) {
            text += '/';
            for (const char c : token) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        }
        return text;
    }
};

void collect(const Json& value, const Place& place, std::vector<Place>& places) {
    if (!place.tokens.empty()) places.push_back(place);
    if (!value.is_structured()) return;
    for (const auto& [key, inner] : value.items()) {
        Place next = place;
        next.tokens.push_back(key);
        const bool is_task = place.tokens.size() == 1 && place.tokens[0] == "tasks" && inner.is_object();
        next.spoken.push_back(
            is_task && inner.contains("name") && inner["name"].is_string() ? inner["name"].get<std::string>() : key);
        collect(inner, next, places);
    }
}

// Every value of the workload, and the keys at its top that it may leave out.
std::vector<Place> places_of(const Json& document) {
    std::vector<Place> places;
    collect(document, {}, places);
    for (const char* key : {"planning_quantile", "replay", "decision_cost_ns"}) {
        if (!document.contains(key)) places.push_back({{key}, {key}});
    }
    return places;
}

// Whether the words end with the place's last token and come in its order.
bool is_called(const Place& place, const Tokens& words) {
    if (place.spoken.back() != words.back()) return false;
    std::size_t word = 0;
    for (std::size_t i = 0; i < place.spoken.size() && word < words.size(); ++i) {
        const bool last = word + 1 == words.size();
        if (place.spoken[i] == words[word] && (!last || i + 1 == place.spoken.size())) ++word;
    }
    return word == words.size();
}

// The pointers that one with * stands for. A last token that is no * may be a new key of an existing object.
void expand(const Json& value, const Tokens& tokens, std::size_t at, Place place, std::vector<std::string>& pointers) {
    if (at == tokens.size()) {
        pointers.push_back(place.pointer());
        return;
    }
    const auto step = [&](const std::string& key, const Json& inner) {
        Place next = place;
        next.tokens.push_back(key);
        expand(inner, tokens, at + 1, next, pointers);
    };
    if (tokens[at] == "*") {
        if (!value.is_structured()) return;
        for (const auto& [key, inner] : value.items()) step(key, inner);
    } else if (value.is_array()) {
        if (is_index(tokens[at]) && tokens[at].size() < 9 && std::stoul(tokens[at]) < value.size()) {
            step(tokens[at], value[std::stoul(tokens[at])]);
        }
    } else if (value.is_object() && (value.contains(tokens[at]) || at + 1 == tokens.size())) {
        step(tokens[at], value.contains(tokens[at]) ? value[tokens[at]] : Json());
    }
}

Tokens tokens_of(const std::string& pointer) {
    Tokens tokens = split(pointer.substr(1), '/');
    for (std::string& token : tokens) {
        for (const auto& [code, plain] : {std::pair("~1", "/"), std::pair("~0", "~")}) {
            for (std::size_t at = 0; (at = token.find(code, at)) != std::string::npos; ++at)
                token.replace(at, 2, plain);
        }
    }
    return tokens;
}

// --- Policies ---

bool has_parameter(const PolicyInfo& info, const std::string& parameter) {
    return std::any_of(info.parameters.begin(), info.parameters.end(),
                       [&](const ParameterInfo& row) { return row.name == parameter; });
}

// "rtdeepiot/delta" for every policy of the study that has a parameter of this name.
std::vector<std::string> parameters_called(const std::string& name, const std::vector<PolicySpec>& policies) {
    std::set<std::string> found;
    for (const PolicySpec& policy : policies) {
        if (has_parameter(*policy.info, name)) found.insert(policy.info->name + "/" + name);
    }
    return {found.begin(), found.end()};
}

class Resolver {
public:
    Resolver(const Json& document, const std::vector<PolicySpec>& policies)
        : document_(document), places_(places_of(document)), policies_(policies) {}

    Axis resolve(const AxisSpec& spec) const {
        Axis axis;
        axis.name = spec.name;
        axis.target = spec.target.find('/') == std::string::npos ? target_called(spec) : spec.target;
        axis.values = spec.values;
        if (axis.target.starts_with('/')) {
            expand(document_, tokens_of(axis.target), 0, {}, axis.pointers);
            if (axis.pointers.empty()) names_nothing(spec);
        } else {
            set_parameter(spec, axis);
        }
        return axis;
    }

    // A name for the column, from the shortest (0) to kLongestName.
    static constexpr int kLongestName = 2;
    std::string name_of(const Axis& axis, int length) const {
        if (axis.of_policy()) {
            return as_name(length == 0 ? axis.parameter
                                       : (axis.policy == "*" ? "any" : axis.policy) + "." + axis.parameter);
        }
        const Tokens spoken = spoken_of(axis);
        std::size_t first = spoken.size() - 1;
        while (first > 0 && is_index(spoken[first])) --first;
        Tokens words(spoken.begin() + static_cast<std::ptrdiff_t>(length < 2 ? first : 0), spoken.end());
        if (length == 1 && first > 0) words.insert(words.begin(), first > 1 ? spoken[1] : spoken[0]);
        std::erase(words, "*");
        return as_name(joined(words, "."));
    }

private:
    Tokens spoken_of(const Axis& axis) const {
        const auto place =
            std::find_if(places_.begin(), places_.end(), [&](const Place& p) { return p.pointer() == axis.target; });
        return place == places_.end() ? tokens_of(axis.target) : place->spoken;
    }

    // What a bare name stands for.
    std::string target_called(const AxisSpec& spec) const {
        const Tokens words = split(spec.target, '.');
        std::vector<std::string> found = parameters_called(spec.target, policies_);
        for (const Place& place : places_) {
            if (is_called(place, words)) found.push_back(place.pointer());
        }
        if (found.empty()) names_nothing(spec);
        if (found.size() == 1) return found[0];
        throw input_error(place_of(spec), "a name of one thing",
                          std::to_string(found.size()) + ": " + shortened(joined(found, ", "), 200),
                          "write one of these, or one with * for several");
    }

    void set_parameter(const AxisSpec& spec, Axis& axis) const {
        const std::size_t slash = axis.target.find('/');
        axis.policy = axis.target.substr(0, slash);
        axis.parameter = axis.target.substr(slash + 1);
        const auto named = [&](const PolicySpec& policy) {
            return axis.policy == "*" || policy.info->name == axis.policy;
        };
        if (std::none_of(policies_.begin(), policies_.end(), named)) {
            throw input_error(place_of(spec), "a policy of the study", "\"" + shortened(axis.policy) + "\"",
                              "add it with --policy, or leave the axis out");
        }
        bool varied = false;
        for (const PolicySpec& policy : policies_) {
            if (axis.policy != "*" && policy.info->name != axis.policy) continue;
            if (axis.policy != "*" || has_parameter(*policy.info, axis.parameter)) {
                for (const std::string& value : axis.values) with_parameter(policy, axis.parameter, column_text(value));
            }
            varied = varied || axis.varies(policy);
        }
        if (!varied) names_nothing(spec);
    }

    [[noreturn]] void names_nothing(const AxisSpec& spec) const {
        std::set<std::string> known;
        for (const Place& place : places_) {
            if (!is_index(place.spoken.back())) known.insert(place.spoken.back());
        }
        for (const PolicySpec& policy : policies_) {
            for (const ParameterInfo& row : policy.info->parameters) known.insert(policy.info->name + "/" + row.name);
        }
        const std::string near = closest(spec.target, known);
        throw input_error(place_of(spec), "a value of the workload or a parameter of a policy that is in the study",
                          "nothing of this name",
                          near.empty() ? "see `laxity sweep --help`" : "did you mean " + near + "?");
    }

    const Json& document_;
    std::vector<Place> places_;
    const std::vector<PolicySpec>& policies_;
};

void check_values(const Axis& axis, bool zipped) {
    if (axis.values.empty()) throw input_error("axis " + axis.name, "at least one value", "none");
    std::set<std::string> seen;
    for (const std::string& value : axis.values) {
        if (!seen.insert(value).second && !zipped) {
            throw input_error("axis " + axis.name, "each value once", shortened(value) + " twice");
        }
    }
}

void check_targets(const std::vector<Axis>& axes) {
    std::set<std::string> seen;
    for (const Axis& axis : axes) {
        const std::vector<std::string> one = {axis.target};
        for (const std::string& target : axis.of_policy() ? one : axis.pointers) {
            if (!seen.insert(target).second) {
                throw input_error("axis " + target, "a thing that no other axis varies", "two axes that do");
            }
        }
    }
}

void check_given_names(const std::vector<AxisSpec>& specs, std::set<std::string>& taken) {
    for (const AxisSpec& spec : specs) {
        if (spec.name.empty()) continue;
        const std::string found = "\"" + shortened(spec.name) + "\"";
        if (!is_name(spec.name)) throw input_error(place_of(spec), "a name of letters, digits, _ and .", found);
        if (!taken.insert(spec.name).second)
            throw input_error(place_of(spec), "a name that no other column has", found);
    }
}

// Names the axes that have none: the shortest form that no other axis shares and no other column has.
void derive_names(std::vector<Axis>& axes, const Resolver& resolver, std::set<std::string>& taken) {
    for (int length = 0; length <= Resolver::kLongestName; ++length) {
        std::multiset<std::string> wanted;
        for (const Axis& axis : axes) {
            if (axis.name.empty()) wanted.insert(resolver.name_of(axis, length));
        }
        for (Axis& axis : axes) {
            if (!axis.name.empty()) continue;
            const std::string name = resolver.name_of(axis, length);
            if (wanted.count(name) == 1 && taken.insert(name).second) axis.name = name;
        }
    }
    for (Axis& axis : axes) {
        for (int number = 1; axis.name.empty(); ++number) {
            const std::string name = resolver.name_of(axis, Resolver::kLongestName) + "_" + std::to_string(number);
            if (taken.insert(name).second) axis.name = name;
        }
    }
}

}  // namespace

bool Axis::varies(const PolicySpec& spec) const {
    if (!of_policy() || (policy != "*" && spec.info->name != policy)) return false;
    const auto& rows = spec.info->parameters;
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](const ParameterInfo& r) { return r.name == parameter; });
    return row != rows.end() && spec.arguments.text(parameter) == row->default_value;
}

AxisSpec parse_axis(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw input_error("--axis", "[NAME:]TARGET=VALUES, as load=0.5..2:0.25 or rtdeepiot/delta=0.02,0.1",
                          "\"" + shortened(text) + "\"");
    }
    AxisSpec spec;
    spec.target = text.substr(0, equals);
    const std::size_t colon = spec.target.find(':');
    if (colon != std::string::npos && is_name(spec.target.substr(0, colon))) {
        spec.name = spec.target.substr(0, colon);
        spec.target.erase(0, colon + 1);
    }
    spec.values = parse_axis_values(std::string_view(text).substr(equals + 1), "--axis " + shortened(spec.target));
    return spec;
}

std::string axis_target(const AxisSpec& spec, const std::string& workload, const std::vector<PolicySpec>& policies) {
    const Json document = Json::parse(workload);
    return Resolver(document, policies).resolve(spec).target;
}

std::vector<Axis> resolve_axes(const std::vector<AxisSpec>& specs, const std::string& workload,
                               const std::vector<PolicySpec>& policies, const std::vector<std::string>& zipped,
                               const std::vector<std::string>& reserved) {
    const Json document = Json::parse(workload);
    const Resolver resolver(document, policies);
    std::vector<Axis> axes;
    for (const AxisSpec& spec : specs) axes.push_back(resolver.resolve(spec));

    std::set<std::string> taken(reserved.begin(), reserved.end());
    check_given_names(specs, taken);
    derive_names(axes, resolver, taken);
    for (const Axis& axis : axes)
        check_values(axis, std::find(zipped.begin(), zipped.end(), axis.name) != zipped.end());
    check_targets(axes);
    return axes;
}

}  // namespace laxity
