#include "workloads/file_parts.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>

namespace laxity {

namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
    });
}

}  // namespace

double unit_ns(const JsonReader& object, double full_ns) {
    const JsonReader reader = object.at("unit");
    const std::string unit =
        full_ns > 0 ? reader.one_of({"ns", "us", "ms", "s", "full"}) : reader.one_of({"ns", "us", "ms", "s"});
    if (unit == "full") return full_ns;
    return unit == "ns" ? 1 : unit == "us" ? 1e3 : unit == "ms" ? 1e6 : 1e9;
}

std::string read_name(const JsonReader& reader) {
    const std::string name = reader.string();
    if (!is_name(name)) reader.fail("a name of letters, digits, \".\", \"_\" and \"-\"");
    return name;
}

double read_ns(const JsonReader& reader, double unit, double lowest_ns) {
    const double ns = reader.number(0) * unit;
    if (ns < lowest_ns) reader.fail("a time of at least 1 ns");
    if (ns > kLongestNs) reader.fail("a time of at most 1e6 s");
    return ns;
}

Duration read_time(const JsonReader& reader, double unit) { return nanoseconds_from(read_ns(reader, unit, 1)); }

Duration read_time_or_zero(const JsonReader& object, std::string_view key, double unit) {
    const auto reader = object.find(key);
    return reader ? nanoseconds_from(read_ns(*reader, unit, 0)) : Duration::zero();
}

std::string only_one(const JsonReader& reader, std::initializer_list<std::string_view> keys) {
    std::string expected = "exactly one of", found;
    for (const std::string_view key : keys) {
        expected.append(key == *keys.begin() ? " \"" : ", \"").append(key).append("\"");
        if (!reader.has(key)) continue;
        if (!found.empty()) reader.problem("only one of \"" + found + "\" and \"" + std::string(key) + "\" can hold");
        found = key;
    }
    if (found.empty()) reader.fail(expected);
    return found;
}

std::string read_file_path(const JsonReader& object, std::string_view what) {
    const JsonReader file = object.at("file");
    const auto folder = std::filesystem::path(object.file()).parent_path();
    std::string path = (folder / file.string()).lexically_normal().string();
    if (!std::filesystem::is_regular_file(path)) file.fail("an existing file of " + std::string(what));
    return path;
}

}  // namespace laxity
