// Long arrays of numbers in JSON, read and written in bulk. Internal to the loaders of traces, as json_reader.hpp is.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "traces/base/json_reader.hpp"

namespace laxity {

// One integer in [low, high]. The reader of the element, which knows its pointer, is made only if it is wrong.
template <class MakeReader>
std::int64_t plain_integer(const nlohmann::ordered_json& value, std::int64_t low, std::int64_t high,
                           MakeReader reader) {
    const auto* n = value.get_ptr<const nlohmann::ordered_json::number_unsigned_t*>();
    const bool plain = n && *n <= static_cast<std::uint64_t>(high) && static_cast<std::int64_t>(*n) >= low;
    return plain ? static_cast<std::int64_t>(*n) : reader().integer(low, high);
}

// Appends the integers of one array, each in [low, high].
template <class Integer>
void read_integers(const JsonReader& reader, std::int64_t low, std::int64_t high, std::vector<Integer>& out) {
    const std::size_t count = reader.size();
    const nlohmann::ordered_json& values = reader.json();
    for (std::size_t i = 0; i < count; ++i)
        out.push_back(static_cast<Integer>(plain_integer(values[i], low, high, [&] { return reader.item(i); })));
}

// Numbers in [0, 1].
void read_shares(const JsonReader& reader, std::vector<float>& out);

// The range of a column of integers.
struct ColumnRange {
    std::int64_t low = 0, high = 0;
};

// Rows of as many integers as there are columns, each in its column's range, one after the other.
std::vector<std::int64_t> read_integer_rows(const JsonReader& reader, std::span<const ColumnRange> columns);

void append_number(std::string& text, std::int64_t value);
inline void append_number(std::string& text, std::int32_t value) { append_number(text, std::int64_t{value}); }
// Six decimals without trailing zeros: within 1e-6 of the value, and the same again after a round trip.
void append_number(std::string& text, float value);

// One row a line, so that differences between traces can be read.
template <class Number>
std::string matrix_text(const std::vector<Number>& values, std::size_t columns) {
    std::string text = "[";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i % columns == 0) text += i == 0 ? "\n[" : "],\n[";
        if (i % columns != 0) text += ',';
        append_number(text, values[i]);
    }
    return text + (values.empty() ? "]" : "]]");
}

template <class Number>
std::string list_text(const std::vector<Number>& values) {
    constexpr std::size_t kPerLine = 25;
    std::string text = "[";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) text += i % kPerLine == 0 ? ",\n" : ",";
        append_number(text, values[i]);
    }
    return text + "]";
}

}  // namespace laxity
