#include "profiler/measure/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <memory>

#include "traces/base/error.hpp"
#include "traces/base/json_reader.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "raw float32 files are little-endian");

// Debian's package, and what the release brings.
constexpr const char* kFashionFolders[] = {"/usr/share/datasets/fashion-mnist", "data/fashion-mnist"};
constexpr std::size_t kMaxImages = 10'000'000;
constexpr std::int64_t kMaxPixels = std::int64_t{1} << 30;  // of all images together

// Reads a file from its beginning; a gzip file is unpacked on the way, any other is taken as it is.
class ByteFile {
public:
    ByteFile(const std::string& path, const std::string& advice)
        : path_(path), advice_(advice), file_(gzopen(path.c_str(), "rb"), &gzclose) {
        if (file_ == nullptr || !fs::is_regular_file(path))
            throw InputError(one_line(path + ": cannot be read; " + advice));
    }

    std::vector<unsigned char> read(std::size_t bytes) {
        std::vector<unsigned char> data(bytes);
        for (std::size_t done = 0; done < bytes;) {
            const auto wanted = static_cast<unsigned>(std::min<std::size_t>(bytes - done, 1 << 26));
            const int got = gzread(file_.get(), data.data() + done, wanted);
            if (got <= 0) throw InputError(one_line(path_ + ": ends too early or is damaged; " + advice_));
            done += static_cast<std::size_t>(got);
        }
        return data;
    }

    std::size_t read_big_endian() {
        const auto bytes = read(4);
        return std::size_t{bytes[0]} << 24 | std::size_t{bytes[1]} << 16 | std::size_t{bytes[2]} << 8 | bytes[3];
    }

private:
    std::string path_, advice_;
    std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

std::size_t limited(std::size_t count, std::size_t limit) { return limit > 0 ? std::min(count, limit) : count; }

float pixel_of(unsigned char byte) { return static_cast<float>(byte) / 255.0F; }

void append_bytes(Dataset& data, std::span<const unsigned char> bytes) {
    data.bytes.insert(data.bytes.end(), bytes.begin(), bytes.end());
    std::transform(bytes.begin(), bytes.end(), std::back_inserter(data.pixels), pixel_of);
}

void check_labels(const Dataset& data, const std::string& file) {
    for (std::size_t i = 0; i < data.count(); ++i) {
        if (data.label(i) < data.classes) continue;
        throw input_error(file, "labels from 0 to " + std::to_string(data.classes - 1),
                          std::to_string(data.label(i)) + " for image " + std::to_string(i));
    }
}

// MNIST's format

std::string idx_file(const fs::path& folder, const std::string& name) {
    const fs::path plain = folder / name;
    return fs::exists(plain) ? plain.string() : plain.string() + ".gz";
}

// The sizes after the header, which names the type of the elements (8 = bytes) and the number of dimensions.
std::vector<std::size_t> idx_sizes(ByteFile& file, const std::string& path, std::size_t dimensions) {
    if (file.read_big_endian() != (0x800U | dimensions)) {
        throw input_error(path, "an IDX file of " + std::to_string(dimensions) + " dimensions of bytes",
                          "something else");
    }
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < dimensions; ++i) sizes.push_back(file.read_big_endian());
    return sizes;
}

Dataset read_idx(const std::string& name, const fs::path& folder, std::size_t limit, const std::string& advice) {
    const std::string image_path = idx_file(folder, "t10k-images-idx3-ubyte");
    const std::string label_path = idx_file(folder, "t10k-labels-idx1-ubyte");
    ByteFile images(image_path, advice), labels(label_path, advice);
    const auto sizes = idx_sizes(images, image_path, 3);
    const std::size_t label_count = idx_sizes(labels, label_path, 1)[0];
    if (sizes[0] != label_count) {
        throw input_error(label_path, std::to_string(sizes[0]) + " labels, one per image", std::to_string(label_count));
    }
    const bool sane = sizes[0] <= kMaxImages && sizes[1] >= 1 && sizes[1] <= 4096 && sizes[2] >= 1 && sizes[2] <= 4096;
    if (!sane) throw InputError(image_path + ": has impossible sizes");
    const std::size_t count = limited(sizes[0], limit), size = sizes[1] * sizes[2];

    Dataset data{name, "test", {1, static_cast<int>(sizes[1]), static_cast<int>(sizes[2])}, 10, {}, {}, {}};
    for (std::size_t i = 0; i < count; ++i) append_bytes(data, images.read(size));
    for (const unsigned char label : labels.read(count)) data.labels.push_back(label);
    check_labels(data, label_path);
    return data;
}

Dataset read_fashion_mnist(const std::string& folder, std::size_t limit) {
    const bool packaged = fs::exists(kFashionFolders[0]) || !fs::exists(kFashionFolders[1]);
    return read_idx("fashion-mnist", folder.empty() ? kFashionFolders[packaged ? 0 : 1] : folder, limit,
                    "install Debian's package dataset-fashion-mnist, or put t10k-images-idx3-ubyte(.gz) and "
                    "t10k-labels-idx1-ubyte(.gz) into a folder and give --data fashion-mnist:DIR");
}

Dataset read_idx_folder(const std::string& folder, std::size_t limit) {
    const fs::path path = fs::path(folder).lexically_normal();
    const std::string name = path.has_filename() ? path.filename().string() : path.parent_path().filename().string();
    return read_idx(name, path, limit,
                    "idx:DIR needs t10k-images-idx3-ubyte(.gz) and t10k-labels-idx1-ubyte(.gz) in DIR");
}

// CIFAR-10's binary version: one byte of label, then 32x32 bytes for each of red, green and blue

Dataset read_cifar10(const std::string& folder, std::size_t limit) {
    constexpr std::size_t kImages = 10'000, kImageBytes = std::size_t{3} * 32 * 32;
    const std::string path = (fs::path(folder) / "test_batch.bin").string();
    ByteFile file(path,
                  "unpack cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html and give "
                  "--data cifar10:DIR with the folder that holds test_batch.bin");
    Dataset data{"cifar10", "test", {3, 32, 32}, 10, {}, {}, {}};
    const std::size_t count = limited(kImages, limit);
    for (std::size_t i = 0; i < count; ++i) {
        const auto record = file.read(1 + kImageBytes);
        data.labels.push_back(record[0]);
        append_bytes(data, std::span(record).subspan(1));
    }
    check_labels(data, path);
    return data;
}

// Raw files with a descriptor

TensorShape read_shape(const JsonReader& reader) {
    const auto sizes = reader.items(3);
    if (sizes.size() != 3) reader.fail("[channels, height, width]");
    const auto size = [&](std::size_t i) { return static_cast<int>(sizes[i].integer(1, 4096)); };
    return {size(0), size(1), size(2)};
}

void append_pixels(Dataset& data, const std::vector<unsigned char>& bytes, bool floats, const std::string& path) {
    if (!floats) return append_bytes(data, bytes);
    data.pixels.resize(bytes.size() / sizeof(float));
    if (!bytes.empty()) std::memcpy(data.pixels.data(), bytes.data(), bytes.size());
    const auto finite = [](float pixel) { return std::isfinite(pixel); };
    if (!std::all_of(data.pixels.begin(), data.pixels.end(), finite)) {
        throw InputError(path + ": holds numbers that are not finite");
    }
}

// A label is a byte: arrays of other integers are the usual mistake. A packed file's size says nothing.
void check_counts(const std::string& label_path, const std::string& image_path, std::size_t image_bytes) {
    const std::size_t labels = fs::file_size(label_path), bytes = fs::file_size(image_path);
    if (labels == 0 || bytes == labels * image_bytes || image_path.ends_with(".gz")) return;
    throw InputError(one_line(label_path + ": holds " + std::to_string(labels) + " labels of one byte each, but " +
                              image_path + " has " + std::to_string(bytes) + " bytes, expected " +
                              std::to_string(labels * image_bytes) + " for as many images of " +
                              std::to_string(image_bytes) + " bytes; check the type of both, and the shape"));
}

Dataset read_raw(const std::string& path, std::size_t limit) {
    const auto document =
        read_json_file(path, "--data takes fashion-mnist, idx:DIR, cifar10:DIR or a descriptor .json");
    const JsonReader reader(document, path);
    reader.only_keys({"schema", "name", "split", "shape", "classes", "type", "images", "labels"});
    reader.at("schema").one_of({"laxity.dataset/1"});
    Dataset data{reader.at("name").string(),
                 reader.at("split").string(),
                 read_shape(reader.at("shape")),
                 static_cast<int>(reader.at("classes").integer(2, 256)),
                 {},
                 {},
                 {}};
    const bool floats = reader.at("type").one_of({"uint8", "float32"}) == "float32";
    const fs::path folder = fs::path(path).parent_path();
    const std::string image_path = (folder / reader.at("images").string()).string();
    const std::string label_path = (folder / reader.at("labels").string()).string();

    ByteFile labels(label_path, "/labels of " + path + " names it"),
        images(image_path, "/images of " + path + " names it");
    const std::size_t count = limited(fs::file_size(label_path), limit);
    if (count > kMaxImages || static_cast<std::int64_t>(count) * data.shape.elements() > kMaxPixels) {
        throw InputError(label_path + ": that is more than fits; use --limit");
    }
    for (const unsigned char label : labels.read(count)) data.labels.push_back(label);
    const std::size_t image_bytes = static_cast<std::size_t>(data.shape.elements()) * (floats ? sizeof(float) : 1);
    check_counts(label_path, image_path, image_bytes);
    append_pixels(data, images.read(count * image_bytes), floats, image_path);
    check_labels(data, label_path);
    return data;
}

}  // namespace

void Dataset::decode(std::size_t i, std::span<float> out) const {
    const auto size = static_cast<std::size_t>(shape.elements());
    if (bytes.empty()) {
        std::ranges::copy(image(i), out.begin());
    } else {
        std::ranges::transform(std::span(bytes).subspan(i * size, size), out.begin(), pixel_of);
    }
}

Dataset open_dataset(const std::string& spec, std::size_t limit) {
    const std::size_t colon = spec.find(':');
    const std::string kind = spec.substr(0, colon), folder = colon == std::string::npos ? "" : spec.substr(colon + 1);
    Dataset data;
    if (kind == "fashion-mnist") {
        data = read_fashion_mnist(folder, limit);
    } else if (kind == "idx" && !folder.empty()) {
        data = read_idx_folder(folder, limit);
    } else if (kind == "cifar10" && !folder.empty()) {
        data = read_cifar10(folder, limit);
    } else if (spec.ends_with(".json")) {
        data = read_raw(spec, limit);
    } else {
        throw input_error("--data", "fashion-mnist, fashion-mnist:DIR, idx:DIR, cifar10:DIR or a descriptor PATH.json",
                          "'" + spec + "'");
    }
    if (data.count() == 0) throw InputError("--data " + spec + ": holds no images");
    return data;
}

}  // namespace laxity
