// Files of bytes, packed by gzip or not.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "traces/base/error.hpp"

namespace laxity {

// Reads a file from its beginning; a gzip file is unpacked on the way, any other is taken as it is.
class ByteFile {
public:
    ByteFile(const std::string& path, const std::string& advice)
        : path_(path), advice_(advice), file_(gzopen(path.c_str(), "rb"), &gzclose) {
        if (file_ == nullptr || !std::filesystem::is_regular_file(path))
            throw InputError(one_line(path + ": cannot be read; " + advice));
    }

    std::vector<unsigned char> read(std::size_t bytes) {
        std::vector<unsigned char> data(bytes);
        for (std::size_t done = 0; done < bytes;) {
            const auto wanted = static_cast<unsigned>(std::min<std::size_t>(bytes - done, 1 << 26));
            const int got = gzread(file_.get(), data.data() + done, wanted);
            if (got <= 0) throw InputError(one_line(path_ + ": ends too early or is damaged; " + advice_));
            done += static_cast<std::size_t>(got);
        }
        return data;
    }

    std::size_t read_big_endian() {
        const auto bytes = read(4);
        return std::size_t{bytes[0]} << 24 | std::size_t{bytes[1]} << 16 | std::size_t{bytes[2]} << 8 | bytes[3];
    }

private:
    std::string path_, advice_;
    std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

}  // namespace laxity
