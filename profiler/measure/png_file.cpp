// libpng's simplified interface, which returns errors: no longjmp comes out of it.
#include <png.h>

#include "profiler/measure/image_file.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

// Frees what libpng holds, also where reading stopped half-way.
class PngReader {
public:
    explicit PngReader(const std::string& path) : path_(path) {
        image_.version = PNG_IMAGE_VERSION;
        if (png_image_begin_read_from_file(&image_, path.c_str()) == 0) fail();
        image_file::check_size(path, image_.height, image_.width);
        image_.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16 bits are scaled like 8, not taken for linear light
    }
    PngReader(const PngReader&) = delete;
    PngReader& operator=(const PngReader&) = delete;
    ~PngReader() { png_image_free(&image_); }

    Image read() {
        const bool colour = (image_.format & PNG_FORMAT_FLAG_COLOR) != 0;
        Image result{colour ? std::size_t{3} : 1, image_.height, image_.width, {}};
        image_.format = colour ? PNG_FORMAT_RGBA : PNG_FORMAT_GA;  // with alpha, or libpng blends with a background
        std::vector<unsigned char> bytes(PNG_IMAGE_SIZE(image_));
        if (png_image_finish_read(&image_, nullptr, bytes.data(), 0, nullptr) == 0) fail();
        if ((image_.warning_or_error & PNG_IMAGE_WARNING) != 0 && is_damage()) fail();
        drop_alpha(bytes, result.channels);
        result.bytes = std::move(bytes);
        return result;
    }

private:
    // Warnings about text and colour profiles do no harm to pixels.
    bool is_damage() const { return std::string(image_.message).find("IDAT") != std::string::npos; }

    static void drop_alpha(std::vector<unsigned char>& bytes, std::size_t channels) {
        const std::size_t pixels = bytes.size() / (channels + 1);
        for (std::size_t i = 0; i < pixels; ++i) {
            for (std::size_t c = 0; c < channels; ++c) bytes[i * channels + c] = bytes[i * (channels + 1) + c];
        }
        bytes.resize(pixels * channels);
    }

    [[noreturn]] void fail() const {
        throw input_error(path_, "a whole PNG image", std::string("a damaged one (") + image_.message + ")");
    }

    std::string path_;
    png_image image_{};
};

}  // namespace

Image image_file::read_png(const std::string& path) { return PngReader(path).read(); }

}  // namespace laxity
