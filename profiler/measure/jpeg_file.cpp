// libjpeg tells of errors by a call that must not return. It jumps back into step_*() below, whose frames hold nothing
// that would have to be destroyed.
#include <csetjmp>
#include <cstdio>
#include <memory>

#include <jpeglib.h>

#include "profiler/measure/image_file.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

struct Errors {
    jpeg_error_mgr manager;  // first: libjpeg hands out a pointer to it
    std::jmp_buf back;
    char message[JMSG_LENGTH_MAX];
};

void keep_message(j_common_ptr info, int level) {
    if (level < 0) info->err->format_message(info, reinterpret_cast<Errors*>(info->err)->message);
    if (level < 0) ++info->err->num_warnings;  // libjpeg makes up pixels for what is damaged, and warns
}

[[noreturn]] void jump_back(j_common_ptr info) {
    auto* errors = reinterpret_cast<Errors*>(info->err);
    info->err->format_message(info, errors->message);
    std::longjmp(errors->back, 1);
}

bool step_header(jpeg_decompress_struct* info, Errors* errors, std::FILE* file) {
    if (setjmp(errors->back) != 0) return false;
    jpeg_create_decompress(info);
    jpeg_stdio_src(info, file);
    return jpeg_read_header(info, TRUE) == JPEG_HEADER_OK;
}

bool step_pixels(jpeg_decompress_struct* info, Errors* errors, unsigned char* out, std::size_t row_bytes) {
    if (setjmp(errors->back) != 0) return false;
    jpeg_start_decompress(info);
    while (info->output_scanline < info->output_height) {
        JSAMPROW row = out + info->output_scanline * row_bytes;
        jpeg_read_scanlines(info, &row, 1);
    }
    jpeg_finish_decompress(info);
    return true;
}

class JpegReader {
public:
    explicit JpegReader(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
        if (file_ == nullptr) throw InputError(one_line(path + ": cannot be read"));
        info_.err = jpeg_std_error(&errors_.manager);
        errors_.manager.error_exit = &jump_back;
        errors_.manager.emit_message = &keep_message;
    }
    JpegReader(const JpegReader&) = delete;
    JpegReader& operator=(const JpegReader&) = delete;
    ~JpegReader() { jpeg_destroy_decompress(&info_); }

    Image read() {
        if (!step_header(&info_, &errors_, file_.get())) fail();
        image_file::check_size(path_, info_.image_height, info_.image_width);
        const bool grey = info_.jpeg_color_space == JCS_GRAYSCALE;
        if (!grey && info_.num_components != 3) throw input_error(path_, "a grey or RGB JPEG", "CMYK", "convert it");
        info_.out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
        Image image{grey ? std::size_t{1} : 3, info_.image_height, info_.image_width, {}};
        image.bytes.resize(image.channels * image.height * image.width);
        const bool whole = step_pixels(&info_, &errors_, image.bytes.data(), image.width * image.channels);
        if (!whole || errors_.manager.num_warnings > 0) fail();
        return image;
    }

private:
    [[noreturn]] void fail() const {
        throw input_error(path_, "a whole JPEG image", std::string("a damaged one (") + errors_.message + ")");
    }

    std::string path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    Errors errors_{};
    jpeg_decompress_struct info_{};
};

}  // namespace

Image image_file::read_jpeg(const std::string& path) { return JpegReader(path).read(); }

}  // namespace laxity
