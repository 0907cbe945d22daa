#include "traces/base/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

constexpr std::size_t kGathered = 65536;  // bytes

// The number of the descriptor that a path such as /dev/stdout or /dev/fd/3 stands for.
std::optional<int> own_descriptor(std::string_view path) {
    if (path == "/dev/stdout") return STDOUT_FILENO;
    if (path == "/dev/stderr") return STDERR_FILENO;
    for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
        if (!path.starts_with(folder)) continue;
        int number = -1;
        const char* const end = path.data() + path.size();
        const auto [last, error] = std::from_chars(path.data() + folder.size(), end, number);
        if (error == std::errc() && last == end) return number;
    }
    return std::nullopt;
}

// What was written to /dev/stdout goes where this process's own output goes on, and does not overwrite it.
Descriptor open_for_writing(const std::string& path, int how) {
    if (const auto own = own_descriptor(path)) return Descriptor(::dup(*own));
    return Descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666));
}

bool is_regular(int file) {
    struct stat status {};
    return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
}

// A new name in a folder is on the disk once the folder is.
void sync_folder_of(const std::string& path) {
    const auto folder = std::filesystem::path(path).parent_path();
    const Descriptor opened(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened) ::fsync(opened.get());
}

std::string advice_for(int error) {
    switch (error) {
        case ENOSPC:
        case EDQUOT:
            return "make room there and start again";
        case EFBIG:
            return "raise the limit (ulimit -f) and start again";
        case ENOENT:
            return "was the folder removed meanwhile?";
        default:
            return "check the folder and the disk";
    }
}

RunError write_error(const std::string& path, int error) {
    return run_error(path, std::string("could not be written: ") + std::strerror(error), advice_for(error));
}

Descriptor opened(const std::string& path, OutputFile::Start start) {
    Descriptor file = open_for_writing(path, start == OutputFile::Start::kEmpty ? O_TRUNC : 0);
    if (!file)
        throw input_error(path, "a file that can be written", std::strerror(errno),
                          "check the folder and its permissions");
    if (start == OutputFile::Start::kAtEnd) ::lseek(file.get(), 0, SEEK_END);
    return file;
}

}  // namespace

bool is_stream(const std::string& path) {
    if (own_descriptor(path)) return true;
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

OutputFile::OutputFile(std::string path, Start start) : path_(std::move(path)), file_(opened(path_, start)) {}

OutputFile::~OutputFile() {
    try {
        if (file_) flush();
    } catch (const RunError&) {
        // Whoever wants to know calls close().
    }
}

void OutputFile::write(std::string_view rows) {
    rows_ += rows;
    if (rows_.size() >= kGathered) flush();
}

void OutputFile::flush() {
    if (rows_.empty()) return;
    check_it_is_there();
    std::size_t written = 0;
    while (written < rows_.size()) {
        const ssize_t count = ::write(file_.get(), rows_.data() + written, rows_.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail(errno, written);
        written += static_cast<std::size_t>(count);
    }
    rows_.clear();
}

void OutputFile::sync() {
    flush();
    check_it_is_there();
    if (!is_regular(file_.get())) return;
    if (::fsync(file_.get()) != 0) fail(errno, 0);
    sync_folder_of(path_);
}

void OutputFile::close() {
    sync();
    if (!file_.close()) throw write_error(path_, errno);
}

// The system takes what is written to a deleted file and gives it to nobody.
void OutputFile::check_it_is_there() const {
    if (!file_) throw RunError(failure_);
    struct stat status {};
    const bool deleted = ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 0;
    if (deleted && !own_descriptor(path_))
        throw run_error(path_, "was deleted while it was being written", "was the folder removed meanwhile?");
}

// `written` bytes of rows_ are in the file: all but the whole rows among them are taken back.
void OutputFile::fail(int error, std::size_t written) {
    const std::size_t end = std::string_view(rows_).substr(0, written).rfind('\n');
    const std::size_t whole = end == std::string_view::npos ? 0 : end + 1;
    if (written > whole && is_regular(file_.get())) {
        const off_t size = ::lseek(file_.get(), 0, SEEK_CUR) - static_cast<off_t>(written - whole);
        if (size >= 0 && ::ftruncate(file_.get(), size) != 0) error = errno;
    }
    rows_.clear();
    file_.close();
    failure_ = write_error(path_, error).what();
    throw RunError(failure_);
}

WholeFile::WholeFile(std::string path)
    : path_(std::move(path)),
      temporary_(is_stream(path_) ? path_ : path_ + ".tmp" + std::to_string(::getpid())),
      out_(path_, open_for_writing(temporary_, O_TRUNC)) {
    if (!out_.file_) throw write_error(path_, errno);
}

WholeFile::~WholeFile() {
    if (committed_ || temporary_ == path_) return;
    out_.rows_.clear();
    std::remove(temporary_.c_str());
}

void WholeFile::commit() {
    out_.close();
    if (temporary_ != path_) {
        if (std::rename(temporary_.c_str(), path_.c_str()) != 0) throw write_error(path_, errno);
        sync_folder_of(path_);
    }
    committed_ = true;
}

void write_file(const std::string& path, std::string_view text) {
    WholeFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace laxity
