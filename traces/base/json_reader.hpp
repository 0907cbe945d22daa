// Strict reading of JSON. Internal to the loaders (trace, workload, sweep): no public header includes this one.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/base/error.hpp"

namespace laxity {

// Parses a file. Throws InputError if it can't be read (the advice is appended: "make it with ...") or isn't JSON
// (line, column and what the parser expected). A repeated key is an error.
nlohmann::ordered_json read_json_file(const std::string& path, std::string_view advice_if_missing = {});

// The same for text in memory; `file` is what errors call it. Nesting beyond 64 levels is an error too.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& file);

// One value inside a document, with the file's name and the JSON pointer that leads to it, so that every error can
// say where it is: `traces/a.json: /stages/2/name: expected a string, found 7`. The document must outlive it.
class JsonReader {
public:
    JsonReader(const nlohmann::ordered_json& document, std::string file);

    const std::string& file() const { return file_; }
    const std::string& pointer() const { return pointer_; }
    const nlohmann::ordered_json& json() const { return *value_; }

    // Requires an object whose keys are all among `known`; an unknown key is an error that suggests the nearest.
    void only_keys(std::initializer_list<std::string_view> known) const;
    bool has(std::string_view key) const;
    JsonReader at(std::string_view key) const;                   // a missing key is an error
    std::optional<JsonReader> find(std::string_view key) const;  // nullopt if missing or null

    JsonReader item(std::size_t index) const;                       // an element of an array; index < size()
    std::vector<JsonReader> items(std::size_t at_least = 0) const;  // the elements of an array
    std::size_t size() const;                                       // of an array
    std::string string() const;
    bool boolean() const;
    double number(double low = std::numeric_limits<double>::lowest(),
                  double high = std::numeric_limits<double>::max()) const;  // finite and in [low, high]
    std::int64_t integer(std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                         std::int64_t high = std::numeric_limits<std::int64_t>::max()) const;
    // A positive number; "expected a number above 0".
    double positive() const;
    std::string one_of(std::initializer_list<std::string_view> choices) const;

    // Throws `FILE: POINTER: expected EXPECTED, found <this value, shortened>[; ADVICE]`.
    [[noreturn]] void fail(std::string_view expected, std::string_view advice = {}) const;
    // Throws `FILE: POINTER: PROBLEM`.
    [[noreturn]] void problem(std::string_view text) const;

private:
    JsonReader(const nlohmann::ordered_json& value, std::string file, std::string pointer);
    std::string place() const;  // "FILE: POINTER", or the file alone at the root

    const nlohmann::ordered_json* value_;
    std::string file_;
    std::string pointer_;
};

}  // namespace laxity
