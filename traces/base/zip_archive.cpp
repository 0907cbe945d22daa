#include "traces/base/zip_archive.hpp"

#include <zlib.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "traces/base/error.hpp"

namespace laxity {

namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::uint32_t kMemberHeader = 0x04034b50, kDirectoryEntry = 0x02014b50, kDirectoryEnd = 0x06054b50;
constexpr std::uint32_t kDirectory64 = 0x06064b50, kLocator64 = 0x07064b50;
constexpr std::uint64_t kEndSize = 22, kLocatorSize = 20, kEntrySize = 46, kHeaderSize = 30;
constexpr std::uint64_t kLongestComment = 65535;
constexpr std::uint64_t kMostMembers = 65536, kMostDirectoryBytes = std::uint64_t{1} << 26;
constexpr std::uint64_t kMostDeflated = 1032;  // bytes from one, which is what deflate can do at best
constexpr std::uint32_t kElsewhere32 = 0xFFFFFFFF;

std::uint64_t little_endian(std::span<const unsigned char> bytes, std::size_t at, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
    return value;
}

std::uint32_t u16(std::span<const unsigned char> bytes, std::size_t at) {
    return static_cast<std::uint32_t>(little_endian(bytes, at, 2));
}
std::uint32_t u32(std::span<const unsigned char> bytes, std::size_t at) {
    return static_cast<std::uint32_t>(little_endian(bytes, at, 4));
}
std::uint64_t u64(std::span<const unsigned char> bytes, std::size_t at) { return little_endian(bytes, at, 8); }

// Sizes beyond 32 bits stand in an extra field of id 1, only those that the entry itself has no room for.
void read_zip64(std::span<const unsigned char> extra, ZipMember& member) {
    while (extra.size() >= 4) {
        const std::uint32_t id = u16(extra, 0), size = u16(extra, 2);
        if (extra.size() < 4 + std::size_t{size}) return;
        if (id == 1) {
            std::span<const unsigned char> values = extra.subspan(4, size);
            for (std::uint64_t* value : {&member.size, &member.packed, &member.header}) {
                if (*value != kElsewhere32 || values.size() < 8) continue;
                *value = u64(values, 0);
                values = values.subspan(8);
            }
        }
        extra = extra.subspan(4 + std::size_t{size});
    }
}

bool inflate_into(const Bytes& packed, Bytes& out) {
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
    std::size_t taken = 0, made = 0;
    int state = Z_OK;
    while (state == Z_OK) {
        constexpr std::size_t kStep = std::size_t{1} << 30;
        const std::size_t in = std::min(packed.size() - taken, kStep), room = std::min(out.size() - made, kStep);
        unsigned char nothing = 0;
        stream.next_in = const_cast<unsigned char*>(packed.data()) + taken;
        stream.avail_in = static_cast<uInt>(in);
        stream.next_out = room > 0 ? out.data() + made : &nothing;
        stream.avail_out = static_cast<uInt>(room);
        state = inflate(&stream, Z_NO_FLUSH);
        taken += in - stream.avail_in;
        made += room - stream.avail_out;
    }
    inflateEnd(&stream);
    return state == Z_STREAM_END && made == out.size();
}

std::uint32_t crc_of(const Bytes& bytes) { return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size())); }

}  // namespace

ZipArchive::ZipArchive(const std::string& path) : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
    std::error_code error;
    file_size_ = std::filesystem::file_size(path, error);
    if (!file_ || error) throw input_error(path, "a file that can be read", "none", "check the name");
    read_directory();
}

void ZipArchive::fail(const std::string& problem) const {
    throw InputError(one_line(path_ + ": " + problem + "; save it again, with numpy.savez"));
}

Bytes ZipArchive::bytes_at(std::uint64_t offset, std::uint64_t count) {
    if (count > file_size_ || offset > file_size_ - count) fail("ends too early, or is no .npz file");
    Bytes bytes(count);
    const bool there = std::fseek(file_.get(), static_cast<long>(offset), SEEK_SET) == 0;
    if (!there || std::fread(bytes.data(), 1, count, file_.get()) != count) fail("could not be read");
    return bytes;
}

// Where the directory is, how many entries and bytes it has.
std::uint64_t ZipArchive::find_directory(std::uint64_t& count, std::uint64_t& size) {
    const std::uint64_t tail = std::min(file_size_, kEndSize + kLongestComment);
    const Bytes bytes = bytes_at(file_size_ - tail, tail);
    if (tail < kEndSize) fail("is no .npz file: a ZIP archive of arrays");
    std::uint64_t at = tail - kEndSize;
    while (u32(bytes, at) != kDirectoryEnd || at + kEndSize + u16(bytes, at + 20) > tail) {
        if (at-- == 0) fail("is no .npz file: a ZIP archive of arrays");
    }
    count = u16(bytes, at + 10);
    size = u32(bytes, at + 12);
    const std::uint64_t offset = u32(bytes, at + 16);
    const std::uint64_t end = file_size_ - tail + at;
    if ((count != 0xFFFF && size != kElsewhere32 && offset != kElsewhere32) || end < kLocatorSize) return offset;
    const Bytes locator = bytes_at(end - kLocatorSize, kLocatorSize);
    if (u32(locator, 0) != kLocator64) return offset;
    const Bytes large = bytes_at(u64(locator, 8), 56);
    if (u32(large, 0) != kDirectory64) fail("is damaged: its directory is not where it says");
    count = u64(large, 32);
    size = u64(large, 40);
    return u64(large, 48);
}

void ZipArchive::read_directory() {
    std::uint64_t count = 0, size = 0;
    const std::uint64_t offset = find_directory(count, size);
    if (count > kMostMembers || size > kMostDirectoryBytes) fail("has more than 65536 members");
    const Bytes bytes = bytes_at(offset, size);
    std::span<const unsigned char> rest = bytes;
    for (std::uint64_t i = 0; i < count; ++i) {
        if (rest.size() < kEntrySize || u32(rest, 0) != kDirectoryEntry) fail("is damaged: its directory is cut off");
        const std::size_t name = u16(rest, 28), extra = u16(rest, 30), comment = u16(rest, 32);
        if (rest.size() < kEntrySize + name + extra + comment) fail("is damaged: its directory is cut off");
        ZipMember member{{}, u32(rest, 20), u32(rest, 24), u32(rest, 42), u32(rest, 16), u16(rest, 10), u16(rest, 8)};
        member.name.assign(rest.begin() + kEntrySize, rest.begin() + static_cast<std::ptrdiff_t>(kEntrySize + name));
        read_zip64(rest.subspan(kEntrySize + name, extra), member);
        members_.push_back(std::move(member));
        rest = rest.subspan(kEntrySize + name + extra + comment);
    }
}

Bytes ZipArchive::read(const ZipMember& member, std::uint64_t most) {
    const std::string name = "member " + member.name;
    if ((member.flags & 1U) != 0) fail(name + " is encrypted");
    if (member.method != 0 && member.method != 8) fail(name + " is packed in a way that is not understood");
    if (member.size > most) fail(name + " has more than " + std::to_string(most) + " bytes");
    const bool possible = member.method == 0 ? member.size == member.packed
                                             : member.packed > 0 && member.size / kMostDeflated <= member.packed;
    if (!possible) fail(name + " is damaged: it can't hold as much as it says");
    const Bytes header = bytes_at(member.header, kHeaderSize);
    if (u32(header, 0) != kMemberHeader) fail(name + " is damaged: it is not where the directory says");
    Bytes bytes = bytes_at(member.header + kHeaderSize + u16(header, 26) + u16(header, 28), member.packed);
    if (member.method == 8) {
        Bytes unpacked(member.size);
        if (!inflate_into(bytes, unpacked)) fail(name + " is damaged: it can't be unpacked");
        bytes = std::move(unpacked);
    }
    if (crc_of(bytes) != member.crc) fail(name + " is damaged: its checksum differs");
    return bytes;
}

}  // namespace laxity
