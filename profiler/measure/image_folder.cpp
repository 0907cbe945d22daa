// A folder of pictures, one sub-folder a class.
#include <algorithm>
#include <filesystem>

#include "profiler/measure/prepared_images.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

namespace fs = std::filesystem;

template <class Wanted>
std::vector<std::string> sorted_entries(const std::string& folder, Wanted wanted) {
    std::error_code error;
    std::vector<std::string> paths;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const bool hidden = entry->path().filename().string().starts_with('.');
        if (!hidden && wanted(*entry)) paths.push_back(entry->path().string());
    }
    if (error) throw InputError(one_line(folder + ": cannot be read: " + error.message()));
    std::ranges::sort(paths);
    return paths;
}

struct LabelledFile {
    std::size_t rank;  // within its class
    std::int32_t label;
    std::string path;
};

std::vector<LabelledFile> files_of(const std::vector<std::string>& classes) {
    std::vector<LabelledFile> files;
    for (std::size_t label = 0; label < classes.size(); ++label) {
        const auto paths = sorted_entries(
            classes[label], [](const fs::directory_entry& entry) { return is_image_path(entry.path().string()); });
        if (paths.empty()) throw input_error(classes[label], "at least one .png, .jpg or .jpeg", "none");
        for (std::size_t i = 0; i < paths.size(); ++i)
            files.push_back({i, static_cast<std::int32_t>(label), paths[i]});
    }
    std::ranges::stable_sort(files, {}, &LabelledFile::rank);
    return files;
}

// With as many channels as asked for: grey is repeated, colours are not thrown away.
std::vector<unsigned char> planes_of(const Image& image, std::size_t channels, const std::string& path) {
    if (image.channels > channels) {
        throw input_error(path, "a grey image, as the first one is", "one in colour",
                          "say \"channels\": 3 in a descriptor");
    }
    auto planes = channels_first<unsigned char>(image.bytes, image.channels);
    const std::size_t area = planes.size() / image.channels;
    for (std::size_t c = image.channels; c < channels; ++c)
        planes.insert(planes.end(), planes.begin(), planes.begin() + static_cast<std::ptrdiff_t>(area));
    return planes;
}

std::string size_text(std::int64_t height, std::int64_t width) {
    return std::to_string(height) + "x" + std::to_string(width);
}

void check_same_size(const Dataset& data, const Image& image, const std::string& path) {
    const auto height = static_cast<std::int64_t>(image.height), width = static_cast<std::int64_t>(image.width);
    if (data.shape[1] == height && data.shape[2] == width) return;
    throw input_error(path, "an image of " + size_text(data.shape[1], data.shape[2]) + ", as the first one",
                      size_text(height, width), "say \"resize\": [height, width] in a descriptor");
}

void append_resized(Dataset& data, std::span<const unsigned char> planes, ImageSize from, ImageSize to) {
    std::vector<float> values(planes.size());
    std::ranges::transform(planes, values.begin(), [](unsigned char byte) { return static_cast<float>(byte) / 255.0F; });
    const auto result = resized(values, from, to);
    data.pixels.insert(data.pixels.end(), result.begin(), result.end());
}

}  // namespace

Dataset read_image_folder(const std::string& folder, std::size_t limit, std::optional<std::size_t> channels,
                          std::optional<ImageSize> resize) {
    const auto classes =
        sorted_entries(folder, [](const fs::directory_entry& entry) { return entry.is_directory(); });
    if (classes.size() < 2)
        throw input_error(folder, "a sub-folder for each of at least 2 classes", std::to_string(classes.size()));
    auto files = files_of(classes);
    files.resize(limited(files.size(), limit));

    const fs::path path = fs::path(folder).lexically_normal();
    Dataset data;
    data.name = one_line((path.has_filename() ? path : path.parent_path()).filename().string());
    data.split = "test";
    data.classes = static_cast<int>(classes.size());
    for (const LabelledFile& file : files) {
        const Image image = read_image(file.path);
        if (data.shape.empty()) {
            const ImageSize size = resize.value_or(ImageSize{image.height, image.width});
            data.shape = {static_cast<std::int64_t>(channels.value_or(image.channels)),
                          static_cast<std::int64_t>(size[0]), static_cast<std::int64_t>(size[1])};
            check_memory(data, files.size(), folder);
        }
        if (!resize) check_same_size(data, image, file.path);
        const auto planes = planes_of(image, static_cast<std::size_t>(data.shape[0]), file.path);
        if (resize) append_resized(data, planes, {image.height, image.width}, *resize);
        if (!resize) append_bytes(data, planes);
        data.labels.push_back(file.label);
    }
    if (resize) data.preparation = "resized to " + size_text(data.shape[1], data.shape[2]);
    return data;
}

}  // namespace laxity
