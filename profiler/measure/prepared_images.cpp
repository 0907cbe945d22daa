#include "profiler/measure/prepared_images.hpp"

#include <algorithm>
#include <cmath>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

// Where a pixel of the result lies between two pixels of the source.
struct Between {
    std::size_t low, high;
    float share;  // of the higher one
};

std::vector<Between> positions(std::size_t from, std::size_t to) {
    std::vector<Between> all(to);
    const float scale = static_cast<float>(from) / static_cast<float>(to);
    for (std::size_t i = 0; i < to; ++i) {
        const float at = std::max(0.0F, (static_cast<float>(i) + 0.5F) * scale - 0.5F);
        const std::size_t low = std::min(static_cast<std::size_t>(at), from - 1);
        all[i] = {low, std::min(low + 1, from - 1), at - static_cast<float>(low)};
    }
    return all;
}

float mixed(float low, float high, float share) { return low * (1 - share) + high * share; }

std::string list_text(const std::vector<float>& values) {
    std::string text;
    for (const float value : values) {
        std::array<char, 32> number;
        std::snprintf(number.data(), number.size(), "%s%g", text.empty() ? "" : " ", static_cast<double>(value));
        text += number.data();
    }
    return text;
}

void note(Dataset& data, const std::string& step) {
    data.preparation += (data.preparation.empty() ? "" : ", ") + step;
}

}  // namespace

std::size_t limited(std::size_t count, std::size_t limit) { return limit > 0 ? std::min(count, limit) : count; }

void append_bytes(Dataset& data, std::span<const unsigned char> bytes) {
    data.bytes.insert(data.bytes.end(), bytes.begin(), bytes.end());
    for (const unsigned char byte : bytes) data.pixels.push_back(static_cast<float>(byte) / 255.0F);
}

void check_labels(const Dataset& data, const std::string& file) {
    for (std::size_t i = 0; i < data.count(); ++i) {
        if (data.label(i) >= 0 && data.label(i) < data.classes) continue;
        throw input_error(file, "labels from 0 to " + std::to_string(data.classes - 1),
                          std::to_string(data.label(i)) + " for image " + std::to_string(i));
    }
}

void check_memory(const Dataset& data, std::size_t count, const std::string& place) {
    // Extents are checked one by one, so that their product can't overflow.
    std::int64_t room = kMaxPixels;
    for (const std::int64_t extent : data.shape) room /= std::max<std::int64_t>(extent, 1);
    if (count > kMaxImages || static_cast<std::int64_t>(count) > room)
        throw InputError(one_line(place + ": that is more than fits; use --limit"));
}

std::vector<float> resized(std::span<const float> planes, ImageSize from, ImageSize to) {
    const auto rows = positions(from[0], to[0]), columns = positions(from[1], to[1]);
    const std::size_t area = from[0] * from[1];
    std::vector<float> result;
    result.reserve(planes.size() / area * to[0] * to[1]);
    for (std::size_t plane = 0; plane < planes.size(); plane += area) {
        for (const Between& y : rows) {
            const float* above = &planes[plane + y.low * from[1]];
            const float* below = &planes[plane + y.high * from[1]];
            for (const Between& x : columns) {
                result.push_back(mixed(mixed(above[x.low], above[x.high], x.share),
                                       mixed(below[x.low], below[x.high], x.share), y.share));
            }
        }
    }
    return result;
}

void resize_images(Dataset& data, ImageSize to) {
    const ImageSize from = {static_cast<std::size_t>(data.shape[1]), static_cast<std::size_t>(data.shape[2])};
    data.pixels = resized(data.pixels, from, to);
    data.bytes.clear();
    data.shape = {data.shape[0], static_cast<std::int64_t>(to[0]), static_cast<std::int64_t>(to[1])};
    note(data, "resized to " + std::to_string(to[0]) + "x" + std::to_string(to[1]));
}

void normalize(Dataset& data, std::vector<float> mean, std::vector<float> deviation) {
    data.mean = std::move(mean);
    data.deviation = std::move(deviation);
    for (std::size_t i = 0; i < data.count(); ++i) {
        const auto size = static_cast<std::size_t>(data.elements());
        data.normalize(std::span(data.pixels).subspan(i * size, size));
    }
    note(data, "mean " + list_text(data.mean) + ", std " + list_text(data.deviation));
}

}  // namespace laxity
