#include "profiler/cuda/options.hpp"

#include <optional>
#include <sstream>

#include "traces/base/error.hpp"

namespace laxity::cuda {

namespace {

constexpr int kMostDigits = 5;

std::optional<int> number_in(const std::string& text) {
    if (text.empty() || text.size() > kMostDigits || text.find_first_not_of("0123456789") != std::string::npos)
        return {};
    return std::stoi(text);
}

[[noreturn]] void refuse(const std::string& expected, const std::string& found) {
    throw input_error("--device cuda", expected, "'" + one_line(found) + "'");
}

// The value's place in the list.
template <class Choice>
Choice choice(const std::string& value, std::initializer_list<const char*> names, const std::string& expected) {
    int index = 0;
    for (const char* name : names) {
        if (value == name) return static_cast<Choice>(index);
        ++index;
    }
    refuse(expected, value);
}

void set(Options& options, const std::string& key, const std::string& value) {
    if (key == "precision") {
        options.precision = choice<Precision>(value, {"fp32", "tf32", "fp16"}, "precision=fp32, tf32 or fp16");
    } else if (key == "completion") {
        options.completion =
            choice<Completion>(value, {"measured", "poll", "callback"}, "completion=measured, poll or callback");
    } else if (key == "graph") {
        options.graph = choice<int>(value, {"off", "on"}, "graph=on or off") == 1;
    } else if (key == "workspace") {
        const auto number = number_in(value);
        if (!number) refuse("workspace=MiB, a whole number up to 99999", value);
        options.workspace_bytes = static_cast<std::size_t>(*number) << 20;
    } else {
        refuse("precision, completion, graph or workspace", key);
    }
}

}  // namespace

Options parse_options(const std::string& text) {
    Options options;
    if (text.empty()) return options;
    const std::string first = text.substr(0, text.find(':'));
    std::string rest = text;
    if (first.find('=') == std::string::npos) {
        const auto device = number_in(first);
        if (!device) refuse("'cuda', 'cuda:N', 'cuda:KEY=VALUE,...' or 'cuda:N:KEY=VALUE,...'", "cuda:" + text);
        options.device = *device;
        if (first.size() == text.size()) return options;
        rest = text.substr(first.size() + 1);
    }
    std::istringstream list(rest + ",");
    for (std::string item; std::getline(list, item, ',');) {
        const std::size_t equals = item.find('=');
        if (equals == std::string::npos) refuse("KEY=VALUE", item);
        set(options, item.substr(0, equals), item.substr(equals + 1));
    }
    return options;
}

const char* name_of(Precision precision) {
    switch (precision) {
        case Precision::kTf32:
            return "tf32";
        case Precision::kFp16:
            return "fp16";
        case Precision::kFp32:
            break;
    }
    return "fp32";
}

}  // namespace laxity::cuda
