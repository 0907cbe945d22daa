// Pictures in files: PNG and JPEG.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace laxity {

// Limits that are checked against a picture's header, before memory is taken for its pixels.
inline constexpr std::size_t kMostImageSide = 16'384;
inline constexpr std::size_t kMostImagePixels = std::size_t{1} << 26;  // height * width

// Bytes as stored, [row][column][channel]; 1 channel is grey, 3 are red, green and blue.
struct Image {
    std::size_t channels = 0, height = 0, width = 0;
    std::vector<unsigned char> bytes;
};

// Whether a file's name ends as a picture's that read_image() knows: .png, .jpg, .jpeg in any case.
bool is_image_path(const std::string& path);

// PNG: palettes become colours, 16 bits become 8; transparency is dropped, the colours below it stay (as Pillow's
// convert("RGB") does). JPEG: grey or colour. Throws InputError that names the file: not such a file, damaged, cut off,
// CMYK, beyond the limits above.
Image read_image(const std::string& path);

namespace image_file {
Image read_png(const std::string& path);
Image read_jpeg(const std::string& path);
void check_size(const std::string& path, std::size_t height, std::size_t width);  // throws InputError
}  // namespace image_file

}  // namespace laxity
