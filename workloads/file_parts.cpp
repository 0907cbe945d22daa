#include "workloads/file_parts.hpp"

#include <algorithm>
#include <cctype>

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

}  // namespace laxity
