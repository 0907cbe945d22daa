#include <filesystem>

#include "traces/base/error.hpp"
#include "traces/base/table_rows.hpp"

namespace laxity {

namespace {

constexpr std::size_t kChunk = std::size_t{1} << 16;
constexpr std::size_t kMostBytes = std::size_t{1} << 36;  // of a file

}  // namespace

TextSource::TextSource(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
    std::error_code error;
    if (!file_ || std::filesystem::is_directory(path, error))
        throw input_error(path, "a file that can be read", "none", "check the name");
    if (ahead().starts_with("\xEF\xBB\xBF")) at_ = 3;
    if (ahead().starts_with("\xFF\xFE") || ahead().starts_with("\xFE\xFF"))
        throw input_error(path, "text in UTF-8", "UTF-16", "save it as UTF-8");
}

bool TextSource::fill() {
    buffer_.resize(kChunk);
    buffer_.resize(std::fread(buffer_.data(), 1, kChunk, file_.get()));
    at_ = 0;
    total_ += buffer_.size();
    if (std::ferror(file_.get()) != 0) throw input_error(path_, "a file that can be read", "an error of the disk");
    if (total_ > kMostBytes) throw input_error(path_, "at most 64 GiB", "more");
    if (buffer_.find('\0') != std::string::npos)
        throw input_error(path_, "text", "NUL bytes", "save it as text in UTF-8");
    return !buffer_.empty();
}

int TextSource::get() {
    const int next = peek();
    if (next < 0) return next;
    ++at_;
    if (next == '\n') ++line_;
    return next;
}

std::string_view TextSource::ahead() {
    peek();
    return std::string_view(buffer_).substr(at_);
}

std::string TextSource::rest_of_line() {
    std::string line;
    for (int next = get(); next >= 0 && next != '\n'; next = get()) {
        if (line.size() == kMostRowBytes) fail(line_, "a row of at most 16 MiB", "a longer one", "is it a table?");
        line += static_cast<char>(next);
    }
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

void TextSource::fail(std::size_t line, const std::string& expected, const std::string& found,
                      const std::string& advice) const {
    throw input_error(path_ + ": line " + std::to_string(line), expected, found, advice);
}

}  // namespace laxity
