#include "profiler/measure/dataset.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <numeric>

#include "profiler/measure/byte_file.hpp"
#include "profiler/measure/prepared_images.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;

// Debian's package, and what the release brings.
constexpr const char* kFashionFolders[] = {"/usr/share/datasets/fashion-mnist", "data/fashion-mnist"};

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

    Dataset data{name, "test", {1, static_cast<std::int64_t>(sizes[1]), static_cast<std::int64_t>(sizes[2])}, 10, {}, {}, {}};
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

}  // namespace

std::int64_t Dataset::elements() const {
    return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

std::string Dataset::shape_text() const {
    std::string text;
    for (const std::int64_t extent : shape) text += (text.empty() ? "" : "x") + std::to_string(extent);
    return text;
}

void Dataset::decode(std::size_t i, std::span<float> out) const {
    if (bytes.empty()) {
        std::ranges::copy(image(i), out.begin());
        return;
    }
    const auto size = static_cast<std::size_t>(elements());
    const auto pixel_of = [](unsigned char byte) { return static_cast<float>(byte) / 255.0F; };
    std::ranges::transform(std::span(bytes).subspan(i * size, size), out.begin(), pixel_of);
    normalize(out.first(size));
}

void Dataset::normalize(std::span<float> sample) const {
    if (mean.empty()) return;
    const auto channels = static_cast<std::size_t>(shape[0]), area = sample.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
        const float middle = mean[mean.size() == 1 ? 0 : c], width = deviation[deviation.size() == 1 ? 0 : c];
        for (float& value : sample.subspan(c * area, area)) value = (value - middle) / width;
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
    } else if (kind == "folder" && !folder.empty()) {
        data = read_image_folder(folder, limit);
    } else if (spec.ends_with(".json")) {
        data = read_descriptor(spec, limit);
    } else {
        throw input_error("--data", "fashion-mnist, fashion-mnist:DIR, idx:DIR, cifar10:DIR, folder:DIR or a descriptor PATH.json",
                          "'" + spec + "'");
    }
    if (data.count() == 0) throw InputError("--data " + spec + ": holds no images");
    return data;
}

}  // namespace laxity
