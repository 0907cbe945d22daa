#include "traces/base/json_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <unordered_set>

namespace laxity {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;

// As much of a number as tells it from its neighbours: 0.1, 3, 1e+30.
std::string number_text(double x) {
    const std::string text = Json(x).dump();
    return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

std::string escaped(std::string_view key) {
    std::string token;
    for (const char c : key) {
        if (c == '~')
            token += "~0";
        else if (c == '/')
            token += "~1";
        else
            token += c;
    }
    return token;
}

// Keys get a pointer of readable length even in hostile files.
std::string child(const std::string& pointer, std::string_view key) {
    return pointer + "/" + shortened(escaped(key), 80);
}

std::string found_text(const Json& value) {
    if (value.is_array()) return "an array of " + std::to_string(value.size());
    if (value.is_object()) return "an object";
    if (value.is_string()) return shortened("\"" + value.get_ref<const std::string&>().substr(0, 60) + "\"");
    return shortened(value.dump());
}

std::string position_text(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, std::min(offset, text.size()));
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t line_start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    return "line " + std::to_string(line) + ", column " + std::to_string(std::max<std::size_t>(offset - line_start, 1));
}

// Builds the document while it is parsed. Unlike the parser of the library it refuses repeated keys and deep nesting,
// so that nothing that walks the result needs to fear either.
class DocumentBuilder : public nlohmann::json_sax<Json> {
public:
    DocumentBuilder(std::string_view text, const std::string& file) : text_(text), file_(file) {}

    Json take() { return std::move(root_); }

    bool null() override { return add(Json(nullptr)); }
    bool boolean(bool value) override { return add(Json(value)); }
    bool number_integer(number_integer_t value) override { return add(Json(value)); }
    bool number_unsigned(number_unsigned_t value) override { return add(Json(value)); }
    bool number_float(number_float_t value, const string_t&) override { return add(Json(value)); }
    bool string(string_t& value) override { return add(Json(std::move(value))); }
    bool binary(binary_t&) override { return false; }

    bool start_object(std::size_t) override { return open(Json::object()); }
    bool end_object() override { return close(); }
    bool start_array(std::size_t) override { return open(Json::array()); }
    bool end_array() override { return close(); }

    bool key(string_t& name) override {
        Level& level = open_.back();
        if (!level.keys.insert(name).second)
            throw InputError(one_line(file_ + ": " + child(pointer(), name) + ": the key appears twice; remove one"));
        level.key = std::move(name);
        return true;
    }

    bool parse_error(std::size_t offset, const std::string&, const nlohmann::detail::exception& error) override {
        // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing value - ..."
        std::string_view what = error.what();
        for (const std::string_view introduction : {"] ", ": syntax error ", " - "})
            if (const std::size_t at = what.find(introduction); at != std::string_view::npos)
                what.remove_prefix(at + introduction.size());
        throw InputError(one_line(file_ + ": " + position_text(text_, offset) + ": not JSON: ") + shortened(what, 200));
    }

private:
    struct Level {
        Json* value;
        std::string key;                       // of the member being read
        std::unordered_set<std::string> keys;  // read so far
    };

    std::string pointer() const {
        std::string text;
        for (std::size_t i = 0; i + 1 < open_.size(); ++i) {
            const Level& level = open_[i];
            text = child(text, level.value->is_array() ? std::to_string(level.value->size() - 1) : level.key);
        }
        return text;
    }

    Json* place(Json value) {
        if (open_.empty()) {
            root_ = std::move(value);
            return &root_;
        }
        Level& level = open_.back();
        if (level.value->is_array()) {
            level.value->push_back(std::move(value));
            return &level.value->back();
        }
        auto& members = level.value->get_ref<Json::object_t&>();  // appended unchecked: key() has looked
        members.Container::emplace_back(level.key, std::move(value));
        return &members.back().second;
    }

    bool add(Json value) {
        place(std::move(value));
        return true;
    }

    bool open(Json value) {
        if (open_.size() == kMaxDepth)
            throw InputError(one_line(file_ + ": nested more than " + std::to_string(kMaxDepth) + " levels deep"));
        open_.push_back({place(std::move(value)), {}, {}});
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    std::string_view text_;
    const std::string& file_;
    Json root_;
    std::vector<Level> open_;
};

std::string read_text(const std::string& path, std::string_view advice_if_missing) {
    std::error_code ignored;
    const auto status = std::filesystem::status(path, ignored);
    if (!std::filesystem::exists(status)) throw input_error(path, "a file", "none", advice_if_missing);
    if (std::filesystem::is_directory(status)) throw input_error(path, "a file", "a folder");
    std::ifstream file(path, std::ios::binary);
    if (!file) throw input_error(path, "a readable file", std::strerror(errno));
    std::string text;
    char buffer[1 << 16];
    while (file.read(buffer, sizeof buffer), file.gcount() > 0) {
        text.append(buffer, static_cast<std::size_t>(file.gcount()));
        if (text.size() > kMaxFileBytes)
            throw input_error(path, "at most " + std::to_string(kMaxFileBytes >> 20) + " MiB", "more");
    }
    return text;
}

std::string range_text(std::string_view kind, const std::string& low, const std::string& high) {
    std::string text(kind);
    if (!low.empty() && !high.empty()) return text + " in [" + low + ", " + high + "]";
    if (!low.empty()) return text + " of at least " + low;
    if (!high.empty()) return text + " of at most " + high;
    return text;
}

template <class Number, class Text>
std::string range_text(std::string_view kind, Number low, Number high, Text text) {
    using Limits = std::numeric_limits<Number>;
    return range_text(kind, low == Limits::lowest() ? "" : text(low), high == Limits::max() ? "" : text(high));
}

}  // namespace

nlohmann::ordered_json parse_json(std::string_view text, const std::string& file) {
    DocumentBuilder builder(text, file);
    Json::sax_parse(text.begin(), text.end(), &builder);
    return builder.take();
}

nlohmann::ordered_json read_json_file(const std::string& path, std::string_view advice_if_missing) {
    return parse_json(read_text(path, advice_if_missing), path);
}

JsonReader::JsonReader(const Json& document, std::string file) : JsonReader(document, std::move(file), "") {}

JsonReader::JsonReader(const Json& value, std::string file, std::string pointer)
    : value_(&value), file_(std::move(file)), pointer_(std::move(pointer)) {}

void JsonReader::only_keys(std::initializer_list<std::string_view> known) const {
    if (!value_->is_object()) fail("an object");
    for (const auto& [key, value] : value_->items()) {
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        const std::string near = closest(key, known);
        std::string text = "unknown key";
        if (!near.empty()) {
            text.append("; did you mean \"").append(near).append("\"?");
        } else {
            text += "; known here:";
            for (const std::string_view word : known) text.append(" ").append(word);
        }
        JsonReader(value, file_, child(pointer_, key)).problem(text);
    }
}

bool JsonReader::has(std::string_view key) const { return value_->is_object() && value_->contains(key); }

JsonReader JsonReader::at(std::string_view key) const {
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    if (found == value_->end()) throw input_error(place(), "the key \"" + std::string(key) + "\"", "none");
    return JsonReader(*found, file_, child(pointer_, key));
}

std::optional<JsonReader> JsonReader::find(std::string_view key) const {
    if (!value_->is_object()) fail("an object");
    const auto found = value_->find(key);
    if (found == value_->end() || found->is_null()) return std::nullopt;
    return JsonReader(*found, file_, child(pointer_, key));
}

JsonReader JsonReader::item(std::size_t index) const {
    return JsonReader((*value_)[index], file_, pointer_ + "/" + std::to_string(index));
}

std::vector<JsonReader> JsonReader::items(std::size_t at_least) const {
    if (size() < at_least) fail("an array of at least " + std::to_string(at_least));
    std::vector<JsonReader> readers;
    readers.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) readers.push_back(item(i));
    return readers;
}

std::size_t JsonReader::size() const {
    if (!value_->is_array()) fail("an array");
    return value_->size();
}

std::string JsonReader::string() const {
    if (!value_->is_string()) fail("a string");
    return value_->get<std::string>();
}

bool JsonReader::boolean() const {
    if (!value_->is_boolean()) fail("true or false");
    return value_->get<bool>();
}

double JsonReader::number(double low, double high) const {
    const double x = value_->is_number() ? value_->get<double>() : std::numeric_limits<double>::quiet_NaN();
    if (!std::isfinite(x) || x < low || x > high) fail(range_text("a number", low, high, number_text));
    return x;
}

std::int64_t JsonReader::integer(std::int64_t low, std::int64_t high) const {
    const auto in_range = [&](std::int64_t n) { return n >= low && n <= high; };
    constexpr double kExact = 0x1p53;  // 1e6 is an integer too
    if (value_->is_number_float()) {
        const double x = value_->get<double>();
        if (std::abs(x) <= kExact && x == std::floor(x) && in_range(static_cast<std::int64_t>(x)))
            return static_cast<std::int64_t>(x);
    } else if (value_->is_number_unsigned()) {
        const auto n = value_->get<std::uint64_t>();
        if (n <= std::uint64_t{std::numeric_limits<std::int64_t>::max()} && in_range(static_cast<std::int64_t>(n)))
            return static_cast<std::int64_t>(n);
    } else if (value_->is_number_integer() && in_range(value_->get<std::int64_t>())) {
        return value_->get<std::int64_t>();
    }
    fail(range_text("an integer", low, high, [](std::int64_t n) { return std::to_string(n); }));
}

double JsonReader::positive() const {
    if (!value_->is_number() || !(value_->get<double>() > 0) || !std::isfinite(value_->get<double>()))
        fail("a number above 0");
    return value_->get<double>();
}

std::string JsonReader::one_of(std::initializer_list<std::string_view> choices) const {
    if (value_->is_string()) {
        const std::string& word = value_->get_ref<const std::string&>();
        if (std::find(choices.begin(), choices.end(), word) != choices.end()) return word;
    }
    std::string expected;
    for (const std::string_view choice : choices)
        expected.append(expected.empty() ? "\"" : " or \"").append(choice).append("\"");
    std::string advice;
    const std::string near = value_->is_string() ? closest(value_->get_ref<const std::string&>(), choices) : "";
    if (!near.empty() && choices.size() > 1) advice.append("did you mean \"").append(near).append("\"?");
    fail(expected, advice);
}

void JsonReader::fail(std::string_view expected, std::string_view advice) const {
    throw input_error(place(), expected, found_text(*value_), advice);
}

void JsonReader::problem(std::string_view text) const {
    throw InputError(one_line(place() + ": " + std::string(text)));
}

std::string JsonReader::place() const { return pointer_.empty() ? file_ : file_ + ": " + pointer_; }

}  // namespace laxity
