#include "traces/base/array_file.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <optional>

#include "traces/base/error.hpp"
#include "traces/base/npy_header.hpp"
#include "traces/base/output_file.hpp"
#include "traces/base/text.hpp"
#include "traces/base/zip_archive.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<unsigned char>;

// --- From the file's order to ours ---

void swap_bytes(Bytes& bytes, std::size_t size) {
    for (std::size_t at = 0; at < bytes.size(); at += size)
        std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + size));
}

// Fortran's order has the first axis contiguous.
Bytes in_c_order(const Bytes& bytes, const std::vector<std::size_t>& shape, std::size_t size) {
    Bytes result(bytes.size());
    std::vector<std::size_t> stride(shape.size()), index(shape.size());
    for (std::size_t axis = 0, step = size; axis < shape.size(); step *= shape[axis++]) stride[axis] = step;
    std::size_t from = 0;
    for (std::size_t to = 0; to < bytes.size(); to += size) {
        std::memcpy(result.data() + to, bytes.data() + from, size);
        for (std::size_t axis = shape.size(); axis-- > 0;) {
            from += stride[axis];
            if (++index[axis] < shape[axis]) break;
            from -= stride[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    return result;
}

// Bytes of all elements; none if they are more than `most`.
std::optional<std::size_t> byte_count(const NpyHeader& header, std::size_t most) {
    std::size_t count = size_of(header.type);
    if (std::ranges::count(header.shape, std::size_t{0}) > 0) return 0;
    for (const std::size_t extent : header.shape) {
        if (extent > most / count) return {};
        count *= extent;
    }
    return count;
}

void check_size(const NpyHeader& header, std::size_t there, std::size_t most, const std::string& name) {
    const auto count = byte_count(header, most);
    if (!count) throw input_error(name, "an array of at most " + std::to_string(most) + " bytes", "a larger one");
    if (*count == there) return;
    throw input_error(name, std::to_string(*count) + " bytes of elements, as its shape says", std::to_string(there),
                      "the file is cut off or damaged");
}

Array make_array(const NpyHeader& header, Bytes elements, std::string name) {
    const std::size_t size = size_of(header.type);
    if (header.big_endian) swap_bytes(elements, size);
    if (header.fortran_order && header.shape.size() > 1) elements = in_c_order(elements, header.shape, size);
    return {std::move(name), header.type, header.shape, std::move(elements)};
}

Array parse_npy(Bytes bytes, std::string name, std::size_t most) {
    const std::span<const unsigned char> start(bytes.data(), std::min(bytes.size(), kMostHeaderBytes));
    const NpyHeader header = parse_npy_header(start, name);
    check_size(header, bytes.size() - header.data, most, name);
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(header.data));
    return make_array(header, std::move(bytes), std::move(name));
}

// --- Files ---

// "FILE.npz:MEMBER" in two parts; the second is empty where there is none.
struct ArrayPath {
    std::string file, member;
    bool is_archive = false;
};

ArrayPath split_path(const std::string& path) {
    const std::size_t at = path.rfind(".npz:");
    if (at != std::string::npos) return {path.substr(0, at + 4), path.substr(at + 5), true};
    return {path, "", path.ends_with(".npz")};
}

std::string without_ending(const std::string& name) {
    return name.ends_with(".npy") ? name.substr(0, name.size() - 4) : name;
}

Array read_npy(const std::string& path, std::size_t most) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(path, error);
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file || error) throw input_error(path, "a file that can be read", "none", "check the name");
    Bytes start(std::min<std::uint64_t>(size, kMostHeaderBytes));
    start.resize(std::fread(start.data(), 1, start.size(), file.get()));
    const NpyHeader header = parse_npy_header(start, path);
    check_size(header, size - header.data, most, path);
    Bytes elements(size - header.data);
    const bool there = std::fseek(file.get(), static_cast<long>(header.data), SEEK_SET) == 0;
    if (!there || std::fread(elements.data(), 1, elements.size(), file.get()) != elements.size())
        throw input_error(path, "a file that can be read", "an error of the disk");
    return make_array(header, std::move(elements), path);
}

std::vector<std::string> names_of(const ZipArchive& archive) {
    std::vector<std::string> names;
    for (const ZipMember& member : archive.members()) names.push_back(without_ending(member.name));
    return names;
}

const ZipMember& find_member(const ZipArchive& archive, const ArrayPath& path) {
    const auto names = names_of(archive);
    if (path.member.empty() && names.size() == 1) return archive.members().front();
    const auto found = std::ranges::find(names, without_ending(path.member));
    if (!path.member.empty() && found != names.end())
        return archive.members()[static_cast<std::size_t>(found - names.begin())];
    const std::string advice = names.empty() ? "" : "name one of them: " + path.file + ":" + names.front();
    throw input_error(path.file, path.member.empty() ? "one array" : "an array \"" + path.member + "\"",
                      names.empty() ? "none" : shortened(joined(names, ", "), 400), advice);
}

template <class Number>
void write_numbers(const std::string& path, ElementType type, std::span<const std::size_t> shape,
                   std::span<const Number> values) {
    assert(std::accumulate(shape.begin(), shape.end(), std::size_t{1}, std::multiplies<>()) == values.size());
    WholeFile file(path);
    file.write(npy_header(type, shape));
    file.write({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    file.commit();
}

}  // namespace

bool is_array_path(const std::string& path) { return path.ends_with(".npy") || split_path(path).is_archive; }

Array read_array(const std::string& path, std::size_t most) {
    const ArrayPath parts = split_path(path);
    if (!parts.is_archive) return read_npy(path, most);
    ZipArchive archive(parts.file);
    const ZipMember& member = find_member(archive, parts);
    Bytes bytes = archive.read(member, std::uint64_t{most} + kMostHeaderBytes);
    return parse_npy(std::move(bytes), parts.file + ":" + without_ending(member.name), most);
}

std::vector<std::string> array_members(const std::string& path) {
    return path.ends_with(".npz") ? names_of(ZipArchive(path)) : std::vector<std::string>();
}

void write_array(const std::string& path, std::span<const std::size_t> shape, std::span<const float> values) {
    write_numbers(path, ElementType::kFloat32, shape, values);
}
void write_array(const std::string& path, std::span<const std::size_t> shape, std::span<const double> values) {
    write_numbers(path, ElementType::kFloat64, shape, values);
}
void write_array(const std::string& path, std::span<const std::size_t> shape, std::span<const std::int64_t> values) {
    write_numbers(path, ElementType::kInt64, shape, values);
}

}  // namespace laxity
