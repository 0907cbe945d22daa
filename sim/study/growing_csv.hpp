// A CSV file that another process appends to, read as far as it has got.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/study/csv_columns.hpp"

namespace laxity {

// Every look reads what was appended since the last one: whole rows, a half-written last one is left for later. The
// file need not be there yet. It is opened for reading and never locked.
class GrowingCsv {
public:
    explicit GrowingCsv(std::string path) : path_(std::move(path)) {}

    const std::string& path() const { return path_; }
    // Looks at the file as it is now. False if it is no longer the one that was read, or shorter: what was read of it
    // no longer counts. Throws InputError at a header that is none.
    bool look();
    // Null until there is a header.
    CsvColumns* csv() { return csv_.get(); }

private:
    bool is_the_same() const;

    std::string path_;
    std::unique_ptr<CsvColumns> csv_;
    std::uint64_t device_ = 0, inode_ = 0;
};

}  // namespace laxity
