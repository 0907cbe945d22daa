#include "profiler/measure/image_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

std::string ending_of(const std::string& path) {
    std::string ending = std::filesystem::path(path).extension().string();
    std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return ending;
}

// The first two bytes tell the formats apart, whatever the name says.
std::array<unsigned char, 2> signature_of(const std::string& path) {
    std::array<char, 2> bytes{};
    std::ifstream file(path, std::ios::binary);
    if (!file || !std::filesystem::is_regular_file(path)) throw InputError(one_line(path + ": cannot be read"));
    file.read(bytes.data(), bytes.size());
    return {static_cast<unsigned char>(bytes[0]), static_cast<unsigned char>(bytes[1])};
}

}  // namespace

bool is_image_path(const std::string& path) {
    const std::string ending = ending_of(path);
    return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

Image read_image(const std::string& path) {
    const auto signature = signature_of(path);
    if (signature[0] == 0x89 && signature[1] == 'P') return image_file::read_png(path);
    if (signature[0] == 0xFF && signature[1] == 0xD8) return image_file::read_jpeg(path);
    throw input_error(path, "a PNG or JPEG image", "something else");
}

void image_file::check_size(const std::string& path, std::size_t height, std::size_t width) {
    const bool fits = height >= 1 && width >= 1 && height <= kMostImageSide && width <= kMostImageSide &&
                      height * width <= kMostImagePixels;
    if (fits) return;
    throw input_error(path,
                      "an image of at most " + std::to_string(kMostImagePixels) + " pixels, " +
                          std::to_string(kMostImageSide) + " on a side",
                      std::to_string(height) + "x" + std::to_string(width));
}

}  // namespace laxity
