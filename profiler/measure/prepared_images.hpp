// What the formats of data sets share: how samples are brought into the form that a network takes.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "profiler/measure/dataset.hpp"
#include "profiler/measure/image_file.hpp"

namespace laxity {

inline constexpr std::size_t kMaxImages = 10'000'000;
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 30;  // of all images together

// Height and width.
using ImageSize = std::array<std::size_t, 2>;

// `count`, but at most `limit` unless that is 0.
std::size_t limited(std::size_t count, std::size_t limit);

void append_bytes(Dataset& data, std::span<const unsigned char> bytes);

// Throws InputError that names `file` unless every label is in [0, classes).
void check_labels(const Dataset& data, const std::string& file);

// Throws InputError that names `place` if samples of data.shape are more than fit.
void check_memory(const Dataset& data, std::size_t count, const std::string& place);

// [row][column][channel] becomes [channel][row][column].
template <class T>
std::vector<T> channels_first(std::span<const T> image, std::size_t channels) {
    std::vector<T> planes(image.size());
    const std::size_t area = image.size() / channels;
    for (std::size_t i = 0; i < area; ++i) {
        for (std::size_t c = 0; c < channels; ++c) planes[c * area + i] = image[i * channels + c];
    }
    return planes;
}

// Bilinear interpolation between pixel centres at half-integers, the border repeated outwards, no smoothing when it
// shrinks: torch.nn.functional.interpolate(mode="bilinear", align_corners=False, antialias=False).
std::vector<float> resized(std::span<const float> planes, ImageSize from, ImageSize to);

// Replaces all images, [channels][height][width], by resized ones. `bytes` are gone: they are floats from now on.
void resize_images(Dataset& data, ImageSize to);

// Subtracts the mean and divides by the deviation of each channel (axis 0 of a sample); one value is for all channels.
void normalize(Dataset& data, std::vector<float> mean, std::vector<float> deviation);

// The formats.
Dataset read_descriptor(const std::string& path, std::size_t limit);
// One sub-folder a class, sorted by the bytes of their names; files within them likewise. The first of each class come
// first, then the second ones, so that a limit leaves no class out. `channels` is 1, 3, or that of the first image; grey
// images are repeated for 3.
Dataset read_image_folder(const std::string& folder, std::size_t limit, std::optional<std::size_t> channels = {},
                          std::optional<ImageSize> resize = {});

}  // namespace laxity
