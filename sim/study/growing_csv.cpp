#include "sim/study/growing_csv.hpp"

#include <sys/stat.h>

#include <fstream>

namespace laxity {

namespace {

bool has_header(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string line;
    return std::getline(in, line) && !in.eof();
}

}  // namespace

bool GrowingCsv::look() {
    if (csv_) {
        if (!is_the_same()) return false;
        csv_->look_again();
        return true;
    }
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0 || !has_header(path_)) return true;
    device_ = status.st_dev;
    inode_ = status.st_ino;
    csv_ = std::make_unique<CsvColumns>(path_);
    return true;
}

bool GrowingCsv::is_the_same() const {
    struct stat status {};
    return ::stat(path_.c_str(), &status) == 0 && status.st_dev == device_ && status.st_ino == inode_ &&
           static_cast<std::uint64_t>(status.st_size) >= csv_->offset();
}

}  // namespace laxity
