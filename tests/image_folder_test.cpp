#include <unistd.h>

#include <cstdio>  // before jpeglib.h, which takes it for granted
#include <filesystem>
#include <fstream>

#include <jpeglib.h>
#include <png.h>

#include "profiler/measure/dataset.hpp"
#include "profiler/measure/image_file.hpp"
#include "profiler/measure/prepared_images.hpp"
#include "tests/catch.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

struct Folder {
    fs::path path = fs::temp_directory_path() / ("laxity-images-" + std::to_string(getpid()));
    Folder() {
        fs::create_directories(path / "a");
        fs::create_directories(path / "b\xE9");  // a name that is no UTF-8
    }
    ~Folder() { fs::remove_all(path); }
    std::string file(const std::string& name) const { return (path / name).string(); }

    void png(const std::string& name, unsigned format, unsigned width, std::vector<unsigned char> bytes) const {
        png_image image{};
        image.version = PNG_IMAGE_VERSION;
        image.format = format;
        image.width = width;
        image.height = 1;
        REQUIRE(png_image_write_to_file(&image, file(name).c_str(), 0, bytes.data(), 0, nullptr) != 0);
    }
    void jpeg(const std::string& name, int channels, unsigned size) const {
        jpeg_error_mgr errors{};
        jpeg_compress_struct info{};
        info.err = jpeg_std_error(&errors);
        jpeg_create_compress(&info);
        std::FILE* out = std::fopen(file(name).c_str(), "wb");
        jpeg_stdio_dest(&info, out);
        info.image_width = info.image_height = size;
        info.input_components = channels;
        info.in_color_space = channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_CMYK;
        jpeg_set_defaults(&info);
        jpeg_start_compress(&info, TRUE);
        std::vector<unsigned char> row(size * static_cast<unsigned>(channels), 128);
        JSAMPROW rows = row.data();
        while (info.next_scanline < size) jpeg_write_scanlines(&info, &rows, 1);
        jpeg_finish_compress(&info);
        jpeg_destroy_compress(&info);
        std::fclose(out);
    }
    void cut(const std::string& name) const { fs::resize_file(file(name), fs::file_size(file(name)) * 2 / 3); }
};

}  // namespace

TEST_CASE("PNG images are read without their transparency", "[image]") {
    const Folder folder;
    folder.png("a/1.png", PNG_FORMAT_RGBA, 1, {10, 20, 30, 0});
    CHECK(read_image(folder.file("a/1.png")).bytes == std::vector<unsigned char>{10, 20, 30});
    folder.png("a/1.png", PNG_FORMAT_GRAY, 2, {10, 20});
    const Image grey = read_image(folder.file("a/1.png"));
    CHECK((grey.channels == 1 && grey.width == 2 && grey.bytes == std::vector<unsigned char>{10, 20}));
    folder.cut("a/1.png");
    CHECK(contains(error_of([&] { read_image(folder.file("a/1.png")); }), "a/1.png: expected a whole PNG"));
}

TEST_CASE("JPEG images are read, CMYK and damage refused", "[image]") {
    const Folder folder;
    const std::string path = folder.file("a/1.jpg");
    folder.jpeg("a/1.jpg", 1, 32);
    CHECK(read_image(path).bytes == std::vector<unsigned char>(1024, 128));
    folder.jpeg("a/1.jpg", 3, 32);
    CHECK(read_image(path).channels == 3);
    folder.cut("a/1.jpg");
    CHECK(contains(error_of([&] { read_image(path); }), "a whole JPEG"));
    folder.jpeg("a/1.jpg", 4, 32);
    CHECK(contains(error_of([&] { read_image(path); }), "CMYK"));
    std::ofstream(path) << "text";
    CHECK(contains(error_of([&] { read_image(path); }), "a PNG or JPEG image"));
    folder.jpeg("a/1.jpg", 1, 20'000);
    CHECK(contains(error_of([&] { read_image(path); }), "20000x20000"));
}

TEST_CASE("A folder of images is a class a sub-folder", "[image]") {
    const Folder folder;
    folder.png("a/1.png", PNG_FORMAT_RGB, 1, {0, 51, 255});
    folder.png("a/2.png", PNG_FORMAT_GRAY, 1, {51});
    CHECK(contains(error_of([&] { open_dataset("folder:" + folder.path.string()); }), "at least one .png"));
    folder.png("b\xE9/1.png", PNG_FORMAT_RGB, 1, {255, 255, 255});
    const Dataset data = open_dataset("folder:" + folder.path.string());
    CHECK(data.labels == std::vector<std::int32_t>{0, 1, 0});
    CHECK(data.image(2)[2] == 0.2F);  // grey, repeated
    CHECK(open_dataset("folder:" + folder.path.string(), 2).labels == std::vector<std::int32_t>{0, 1});

    folder.png("a/2.png", PNG_FORMAT_GRAY, 2, {0, 255});
    CHECK(contains(error_of([&] { open_dataset("folder:" + folder.path.string()); }), "resize"));
    CHECK(read_image_folder(folder.path.string(), 0, {}, ImageSize{1, 2}).shape == std::vector<std::int64_t>{3, 1, 2});
}
