#include "traces/base/npy_header.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string_view>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

struct NamedType {
    std::string_view code;  // without the order of bytes
    ElementType type;
};

constexpr std::array kTypes{NamedType{"b1", ElementType::kBool},    NamedType{"i1", ElementType::kInt8},
                            NamedType{"i2", ElementType::kInt16},   NamedType{"i4", ElementType::kInt32},
                            NamedType{"i8", ElementType::kInt64},   NamedType{"u1", ElementType::kUint8},
                            NamedType{"u2", ElementType::kUint16},  NamedType{"u4", ElementType::kUint32},
                            NamedType{"u8", ElementType::kUint64},  NamedType{"f2", ElementType::kFloat16},
                            NamedType{"f4", ElementType::kFloat32}, NamedType{"f8", ElementType::kFloat64}};

constexpr std::size_t kMostDimensions = 32;  // as NumPy

// Reads the dictionary that a header is: {'descr': '<f4', 'fortran_order': False, 'shape': (10, 3), }. Only what NumPy
// writes is understood.
class DictionaryParser {
public:
    DictionaryParser(std::string_view text, const std::string& name) : text_(text), name_(name) {}

    NpyHeader parse() {
        NpyHeader header;
        bool type = false, order = false, shape = false;
        expect('{');
        while (!take('}')) {
            const std::string key = quoted();
            expect(':');
            if (key == "descr" && !type) {
                parse_type(header);
                type = true;
            } else if (key == "fortran_order" && !order) {
                header.fortran_order = boolean();
                order = true;
            } else if (key == "shape" && !shape) {
                header.shape = extents();
                shape = true;
            } else {
                fail();
            }
            if (!take(',') && !peek('}')) fail();
        }
        if (!type || !order || !shape) fail();
        return header;
    }

private:
    [[noreturn]] void fail() const {
        throw InputError(one_line(name_ + ": its header is damaged or none that NumPy writes; save it again, with "
                                          "numpy.save or numpy.savez"));
    }

    void skip_blanks() { text_.remove_prefix(std::min(text_.size(), text_.find_first_not_of(" \n\t"))); }

    bool peek(char wanted) {
        skip_blanks();
        return text_.starts_with(wanted);
    }

    bool take(char wanted) {
        if (!peek(wanted)) return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char wanted) {
        if (!take(wanted)) fail();
    }

    std::string quoted() {
        skip_blanks();
        const char quote = text_.empty() ? '\0' : text_.front();
        if (quote != '\'' && quote != '"') fail();
        const std::size_t end = text_.find(quote, 1);
        if (end == std::string_view::npos) fail();
        std::string value(text_.substr(1, end - 1));
        text_.remove_prefix(end + 1);
        return value;
    }

    bool boolean() {
        skip_blanks();
        for (const auto& [word, value] :
             {std::pair(std::string_view("True"), true), std::pair(std::string_view("False"), false)}) {
            if (!text_.starts_with(word)) continue;
            text_.remove_prefix(word.size());
            return value;
        }
        fail();
    }

    void parse_type(NpyHeader& header) {
        const bool record = peek('[');
        const std::string code = record ? "a record of several" : quoted();
        const auto named = std::ranges::find(
            kTypes, std::string_view(code).substr(std::min<std::size_t>(1, code.size())), &NamedType::code);
        const bool known =
            !record && named != kTypes.end() && std::string_view("<>|=").find(code[0]) != std::string_view::npos;
        if (!known) {
            throw input_error(name_, "an array of bool, int8 to uint64, float16, float32 or float64",
                              code.starts_with("|O") ? "Python objects" : "elements of type " + code,
                              "convert it with .astype(...) and save it again");
        }
        header.type = named->type;
        header.big_endian = code[0] == '>';
    }

    std::size_t extent() {
        skip_blanks();
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        if (error != std::errc()) fail();
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        take('L');  // of Python 2
        return value;
    }

    std::vector<std::size_t> extents() {
        std::vector<std::size_t> shape;
        expect('(');
        while (!take(')')) {
            if (shape.size() == kMostDimensions) fail();
            shape.push_back(extent());
            if (!take(',') && !peek(')')) fail();
        }
        return shape;
    }

    std::string_view text_;
    const std::string& name_;
};

}  // namespace

NpyHeader parse_npy_header(std::span<const unsigned char> start, const std::string& name) {
    constexpr std::string_view kMagic = "\x93NUMPY";
    const std::string_view text(reinterpret_cast<const char*>(start.data()), start.size());
    if (!text.starts_with(kMagic) || start.size() < 12)
        throw input_error(name, "an array in NumPy's format (.npy)", "something else", "save it with numpy.save");
    const unsigned version = start[6];
    if (version < 1 || version > 3)
        throw input_error(name, "version 1 to 3 of NumPy's format", "version " + std::to_string(version));
    const std::size_t begin = version == 1 ? 10 : 12;
    std::size_t length = start[8] | std::size_t{start[9]} << 8;
    if (version > 1) length |= std::size_t{start[10]} << 16 | std::size_t{start[11]} << 24;
    if (length > start.size() - begin)
        throw input_error(name, "a header of " + std::to_string(length) + " bytes", "fewer",
                          "the file is cut off or damaged");
    NpyHeader header = DictionaryParser(text.substr(begin, length), name).parse();
    header.data = begin + length;
    return header;
}

std::string npy_header(ElementType type, std::span<const std::size_t> shape) {
    const auto named = std::ranges::find(kTypes, type, &NamedType::type);
    const bool single = size_of(type) == 1;
    std::string text = "{'descr': '" + std::string(single ? "|" : "<") + std::string(named->code) +
                       "', 'fortran_order': False, 'shape': (";
    for (const std::size_t extent : shape) text += std::to_string(extent) + ", ";
    text += "), }";
    constexpr std::size_t kAlignment = 64, kBefore = 10;
    text.append(kAlignment - (kBefore + text.size() + 1) % kAlignment, ' ');
    text += '\n';
    const auto length = static_cast<unsigned>(text.size());
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(length & 255U) + static_cast<char>(length >> 8) +
           text;
}

}  // namespace laxity
