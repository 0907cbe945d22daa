#include "traces/json_rows.hpp"

#include <string_view>

namespace laxity {

using Json = nlohmann::ordered_json;

void read_shares(const JsonReader& reader, std::vector<float>& out) {
    const std::size_t count = reader.size();
    const Json& values = reader.json();
    for (std::size_t i = 0; i < count; ++i) {
        const auto* x = values[i].get_ptr<const Json::number_float_t*>();
        out.push_back(static_cast<float>(x && *x >= 0 && *x <= 1 ? *x : reader.item(i).number(0, 1)));
    }
}

std::vector<std::int64_t> read_integer_rows(const JsonReader& reader, std::span<const ColumnRange> columns) {
    const std::size_t rows = reader.size();
    const Json& values = reader.json();
    std::vector<std::int64_t> all;
    all.reserve(rows * columns.size());
    for (std::size_t row = 0; row < rows; ++row) {
        const Json& items = values[row];
        if (!items.is_array() || items.size() != columns.size())
            reader.item(row).fail("a row of " + std::to_string(columns.size()) + " integers");
        for (std::size_t i = 0; i < columns.size(); ++i) {
            all.push_back(
                plain_integer(items[i], columns[i].low, columns[i].high, [&] { return reader.item(row).item(i); }));
        }
    }
    return all;
}

void append_number(std::string& text, std::int64_t value) {
    std::array<char, 24> buffer;
    text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

void append_number(std::string& text, float value) {
    std::array<char, 64> buffer;
    const auto [last, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, 6);
    std::string_view digits(buffer.data(), static_cast<std::size_t>(last - buffer.data()));
    digits.remove_suffix(digits.size() - digits.find_last_not_of('0') - 1);
    if (digits.back() == '.') digits.remove_suffix(1);
    text += digits;
}

}  // namespace laxity
