// Reads ZIP archives (PKWARE's APPNOTE 6.3: members stored or deflated, ZIP64), in which NumPy keeps arrays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

namespace laxity {

struct ZipMember {
    std::string name;
    std::uint64_t packed = 0, size = 0;  // bytes
    std::uint64_t header = 0;            // where it starts
    std::uint32_t crc = 0;
    unsigned method = 0, flags = 0;
};

class ZipArchive {
public:
    // Reads the directory. Throws InputError if the file can't be read, or is no archive or a damaged one.
    explicit ZipArchive(const std::string& path);

    const std::vector<ZipMember>& members() const { return members_; }
    // The bytes of a member. Throws InputError if it is larger than `most` or can't hold what it says, is damaged
    // (CRC-32), encrypted, or packed in another way. No more is allocated than the member's size.
    std::vector<unsigned char> read(const ZipMember& member, std::uint64_t most);

private:
    std::vector<unsigned char> bytes_at(std::uint64_t offset, std::uint64_t count);
    std::uint64_t find_directory(std::uint64_t& count, std::uint64_t& size);
    void read_directory();
    [[noreturn]] void fail(const std::string& problem) const;

    std::string path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
    std::uint64_t file_size_ = 0;
    std::vector<ZipMember> members_;
};

}  // namespace laxity
