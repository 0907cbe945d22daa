#include <nlohmann/json.hpp>

#include "traces/base/table_rows.hpp"

namespace laxity {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kDeepest = 16;

// "~" and "/" in a key of a pointer (RFC 6901).
std::string escaped(const std::string& key) {
    std::string text;
    for (const char c : key) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
}

// Hears what one line holds, and keeps the numbers as they are written: a time in nanoseconds since 1970 does not fit
// into a double.
class Members : public nlohmann::json_sax<Json> {
public:
    explicit Members(TableRow& row) : row_(row) {}

    std::string problem;  // what is wrong, if nothing of this line could be used

    bool null() override { return add(""); }
    bool boolean(bool value) override { return add(value ? "true" : "false"); }
    bool number_integer(number_integer_t value) override { return add(std::to_string(value)); }
    bool number_unsigned(number_unsigned_t value) override { return add(std::to_string(value)); }
    bool number_float(number_float_t, const string_t& text) override { return add(text); }
    bool string(string_t& value) override { return add(std::move(value)); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return ++depth_ <= kDeepest || refuse("deeper than 16 levels"); }
    bool end_object() override {
        --depth_;
        if (lists_ == 0 && !path_.empty()) path_.pop_back();
        return true;
    }
    // A list has no columns: what it holds is passed over.
    bool start_array(std::size_t) override {
        if (depth_ == 0) return refuse("a list");
        ++lists_;
        return ++depth_ <= kDeepest || refuse("deeper than 16 levels");
    }
    bool end_array() override {
        --lists_;
        --depth_;
        if (lists_ == 0) path_.pop_back();
        return true;
    }
    bool key(string_t& name) override {
        if (lists_ == 0) path_.push_back(name);
        return true;
    }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
        return refuse("something else at character " + std::to_string(position));
    }

private:
    bool refuse(const std::string& what) {
        if (problem.empty()) problem = what;
        return false;
    }

    std::string name() const {
        if (path_.size() == 1 && !path_.front().starts_with('/')) return path_.front();
        std::string pointer;
        for (const std::string& key : path_) pointer += "/" + escaped(key);
        return pointer;
    }

    bool add(std::string value) {
        if (depth_ == 0) return refuse("a value");
        if (lists_ > 0) return true;
        if (row_.fields.size() == kMostFields) return refuse("more than 65536 values");
        row_.names.push_back(name());
        row_.fields.push_back(std::move(value));
        row_.quoted.push_back(false);
        path_.pop_back();
        return true;
    }

    TableRow& row_;
    std::vector<std::string> path_;
    std::size_t depth_ = 0, lists_ = 0;
};

}  // namespace

bool next_json_row(TextSource& text, TableRow& row) {
    std::string line;
    std::size_t number = 0;
    do {
        if (text.peek() < 0) return false;
        number = text.line();
        line = text.rest_of_line();
    } while (line.find_first_not_of(" \t") == std::string::npos);
    row = {};
    row.line = number;
    Members members(row);
    if (!Json::sax_parse(line, &members)) text.fail(row.line, "one JSON object a line", members.problem);
    return true;
}

}  // namespace laxity
