// Descriptors of data sets, schema laxity.dataset/1: raw files, arrays, folders of images.
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>

#include "profiler/measure/byte_file.hpp"
#include "profiler/measure/prepared_images.hpp"
#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "raw float32 files are little-endian");

constexpr std::int64_t kMostClasses = 1'000'000;

std::vector<std::int64_t> read_shape(const JsonReader& reader) {
    std::vector<std::int64_t> shape;
    for (const JsonReader& extent : reader.items(1)) shape.push_back(extent.integer(1, kMaxPixels));
    if (shape.size() > 7) reader.fail("at most 7 extents");
    return shape;
}

std::string path_of(const JsonReader& reader, const std::string& key) {
    return (fs::path(reader.file()).parent_path() / reader.at(key).string()).string();
}

// Labels

std::vector<std::int32_t> array_labels(const std::string& path) {
    const Array array = read_array(path);
    const auto& shape = array.shape();
    if (shape.size() != 1 && !(shape.size() == 2 && shape[1] == 1))
        throw input_error(array.name(), "labels [samples]", "an array of " + array.shape_text());
    std::vector<std::int32_t> labels;
    for (const std::int64_t label : array.integers()) {
        if (label < 0 || label >= kMostClasses)
            throw input_error(array.place(labels.size()), "a label, at least 0", std::to_string(label));
        labels.push_back(static_cast<std::int32_t>(label));
    }
    return labels;
}

std::vector<std::int32_t> read_labels(const JsonReader& reader, const std::string& path, std::size_t limit) {
    if (is_array_path(path)) return array_labels(path);
    ByteFile file(path, "/labels of " + reader.file() + " names it");
    const std::size_t count = limited(fs::file_size(path), limit);
    if (count > kMaxImages) throw InputError(one_line(path + ": that is more than fits; use --limit"));
    const auto bytes = file.read(count);
    return {bytes.begin(), bytes.end()};
}

// Raw files

// A label is a byte: arrays of other integers are the usual mistake. A packed file's size says nothing.
void check_counts(const std::string& label_path, const std::string& image_path, std::size_t image_bytes) {
    if (is_array_path(label_path)) return;
    const std::size_t labels = fs::file_size(label_path), bytes = fs::file_size(image_path);
    if (labels == 0 || bytes == labels * image_bytes || image_path.ends_with(".gz")) return;
    throw InputError(one_line(label_path + ": holds " + std::to_string(labels) + " labels of one byte each, but " +
                              image_path + " has " + std::to_string(bytes) + " bytes, expected " +
                              std::to_string(labels * image_bytes) + " for as many images of " +
                              std::to_string(image_bytes) + " bytes; check the type of both, and the shape"));
}

void check_finite(const std::vector<float>& values, const std::string& path) {
    for (const float value : values) {
        if (!std::isfinite(value)) throw InputError(one_line(path + ": holds numbers that are not finite"));
    }
}

void read_raw_images(Dataset& data, const JsonReader& reader, const std::string& path) {
    data.shape = read_shape(reader.at("shape"));
    const bool floats = reader.at("type").one_of({"uint8", "float32"}) == "float32";
    check_memory(data, data.count(), path);
    ByteFile images(path, "/images of " + reader.file() + " names it");
    const std::size_t image_bytes = static_cast<std::size_t>(data.elements()) * (floats ? sizeof(float) : 1);
    check_counts(path_of(reader, "labels"), path, image_bytes);
    const auto bytes = images.read(data.count() * image_bytes);
    if (!floats) return append_bytes(data, bytes);
    data.pixels.resize(bytes.size() / sizeof(float));
    if (!bytes.empty()) std::memcpy(data.pixels.data(), bytes.data(), bytes.size());
    check_finite(data.pixels, path);
}

// Arrays

void check_stated(const JsonReader& reader, const Dataset& data, const Array& array) {
    if (const auto shape = reader.find("shape"); shape && read_shape(*shape) != data.shape)
        shape->fail("the shape of a sample of " + array.name() + ", which is an array of " + array.shape_text());
    if (const auto type = reader.find("type"); type && type->string() != name_of(array.type()))
        type->fail(name_of(array.type()), "that is what " + array.name() + " holds");
}

void read_array_images(Dataset& data, const JsonReader& reader, const std::string& path, std::size_t limit) {
    const Array array = read_array(path);
    const auto& shape = array.shape();
    if (shape.size() < 2) throw input_error(array.name(), "[samples][...]", "an array of " + array.shape_text());
    const std::size_t count = limited(shape[0], limit);
    if (limit == 0 ? shape[0] != data.count() : count > data.count()) {
        throw input_error(array.name(), std::to_string(data.count()) + " samples, one per label",
                          std::to_string(shape[0]));
    }
    data.labels.resize(count);
    data.shape.assign(shape.begin() + 1, shape.end());
    check_stated(reader, data, array);
    check_memory(data, count, path);
    const std::size_t elements = count * static_cast<std::size_t>(data.elements());
    if (array.type() == ElementType::kUint8) return append_bytes(data, array.bytes().first(elements));
    data.pixels = array.floats();
    data.pixels.resize(elements);
    check_finite(data.pixels, array.name());
}

// Preparation

void put_channels_first(Dataset& data) {
    const auto channels = static_cast<std::size_t>(data.shape[2]), size = static_cast<std::size_t>(data.elements());
    const auto turn = [&](auto& values) {
        using Value = typename std::remove_reference_t<decltype(values)>::value_type;
        for (std::size_t at = 0; at < values.size(); at += size) {
            const auto planes = channels_first<Value>(std::span<const Value>(values).subspan(at, size), channels);
            std::ranges::copy(planes, values.begin() + static_cast<std::ptrdiff_t>(at));
        }
    };
    turn(data.pixels);
    turn(data.bytes);
    data.shape = {data.shape[2], data.shape[0], data.shape[1]};
}

std::optional<ImageSize> read_resize(const JsonReader& reader) {
    const auto resize = reader.find("resize");
    if (!resize) return std::nullopt;
    const auto sizes = resize->items(2);
    if (sizes.size() != 2) resize->fail("[height, width]");
    const auto size = [&](std::size_t i) { return static_cast<std::size_t>(sizes[i].integer(1, 4096)); };
    return ImageSize{size(0), size(1)};
}

std::vector<float> read_channels(const JsonReader& reader, const Dataset& data, float otherwise, double low) {
    const auto& json = reader;
    std::vector<float> values;
    for (const JsonReader& value : json.items(1)) values.push_back(static_cast<float>(value.number(low)));
    if (values.size() != 1 && static_cast<std::int64_t>(values.size()) != data.shape[0])
        json.fail("one number, or one for each of " + std::to_string(data.shape[0]) + " channels");
    return values.empty() ? std::vector<float>{otherwise} : values;
}

void read_normalization(Dataset& data, const JsonReader& reader) {
    const auto mean = reader.find("mean"), deviation = reader.find("std");
    if (!mean && !deviation) return;
    constexpr double kLeastDeviation = 1e-12;
    normalize(data, mean ? read_channels(*mean, data, 0, -std::numeric_limits<float>::max()) : std::vector<float>{0},
              deviation ? read_channels(*deviation, data, 1, kLeastDeviation) : std::vector<float>{1});
}

void read_layout(Dataset& data, const JsonReader& reader) {
    const auto layout = reader.find("layout");
    if (!layout || layout->one_of({"NCHW", "NHWC"}) == "NCHW") return;
    if (data.shape.size() != 3) layout->problem("is for images, samples of three axes");
    put_channels_first(data);
}

Dataset read_folder(const JsonReader& reader, const std::string& folder, std::size_t limit) {
    for (const char* key : {"labels", "layout", "type", "shape"})
        if (reader.has(key)) reader.at(key).problem("is not for a folder of images, whose sub-folders are the classes");
    std::optional<std::size_t> channels;
    if (const auto asked = reader.find("channels")) {
        channels = static_cast<std::size_t>(asked->integer(1, 3));
        if (channels == 2) asked->fail("1 (grey) or 3 (red, green, blue)");
    }
    return read_image_folder(folder, limit, channels, read_resize(reader));
}

Dataset read_files(const JsonReader& reader, const std::string& images, std::size_t limit) {
    if (const auto channels = reader.find("channels")) channels->problem("is for folders of images; say it in /shape");
    Dataset data;
    const std::string label_path = path_of(reader, "labels");
    data.labels = read_labels(reader, label_path, limit);
    data.labels.resize(limited(data.labels.size(), limit));
    data.classes = static_cast<int>(reader.at("classes").integer(2, kMostClasses));
    if (is_array_path(images)) {
        read_array_images(data, reader, images, limit);
    } else {
        read_raw_images(data, reader, images);
    }
    check_labels(data, label_path);
    read_layout(data, reader);
    if (const auto resize = read_resize(reader)) {
        if (data.shape.size() != 3) reader.at("resize").problem("is for images, samples of three axes");
        resize_images(data, *resize);
    }
    return data;
}

}  // namespace

Dataset read_descriptor(const std::string& path, std::size_t limit) {
    const auto document = read_json_file(
        path, "--data takes fashion-mnist, idx:DIR, cifar10:DIR, folder:DIR or a descriptor .json");
    const JsonReader reader(document, path);
    reader.only_keys({"schema", "name", "split", "shape", "classes", "type", "images", "inputs", "labels", "layout",
                      "channels", "mean", "std", "resize"});
    reader.at("schema").one_of({"laxity.dataset/1"});
    if (reader.has("images") && reader.has("inputs")) reader.at("inputs").problem("is another word for /images");
    const std::string images = path_of(reader, reader.has("inputs") ? "inputs" : "images");
    Dataset data = fs::is_directory(images) ? read_folder(reader, images, limit) : read_files(reader, images, limit);
    data.name = reader.at("name").string();
    data.split = reader.at("split").string();
    if (const auto classes = reader.find("classes"); classes && classes->integer(2, kMostClasses) != data.classes)
        classes->fail(std::to_string(data.classes) + ", the number of sub-folders");
    read_normalization(data, reader);
    return data;
}

}  // namespace laxity
