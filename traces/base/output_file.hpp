// Files that are written: every error is noticed, and what was written stays whole.
//
// What survives what: rows that were flushed survive the end of this process, however it ends; what was synced survives
// a power failure. WholeFile and write_file() sync before the file appears under its name, OutputFile when it is closed
// and when sync() is called.
#pragma once

#include <string>
#include <string_view>

#include "traces/base/descriptor.hpp"

namespace laxity {

// Whether there is nothing at `path` that could be lost: a device, a pipe, a socket, or one of this process's own
// descriptors (/dev/stdout, /dev/stderr, /dev/fd/N), wherever that leads.
bool is_stream(const std::string& path);

// A file of whole rows, written in order. Rows are gathered, and handed to the system at flush() or 64 KiB at a time.
//
// An error is a RunError that names the file: no room, a limit on the sizes of files (main() ignores SIGXFSZ, so that
// it is an error and not the end), a file that was deleted meanwhile, with its folder perhaps. The file is then cut
// after its last whole row and takes no more: every further call throws the same error.
class OutputFile {
public:
    enum class Start { kEmpty, kAtEnd };

    // Makes the file, or empties it, or goes on at its end. Throws InputError if it can't be opened.
    explicit OutputFile(std::string path, Start start = Start::kEmpty);
    OutputFile(OutputFile&&) noexcept = default;
    ~OutputFile();  // flushes; an error is lost, so call close()

    void write(std::string_view rows);  // whole ones
    void flush();
    void sync();   // flush, and wait for the disk. Slow: never while a live run is on
    void close();  // flush, sync and close

private:
    friend class WholeFile;
    OutputFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

    void check_it_is_there() const;
    [[noreturn]] void fail(int error, std::size_t written);

    std::string path_;
    Descriptor file_;
    std::string rows_;     // not yet handed to the system
    std::string failure_;  // why the file was given up
};

// A file that appears under its name with everything in it, or not at all: it is written beside its place and moved
// there by commit(). What was there before stays until then. A stream (is_stream) is written directly. Errors are
// RunError.
class WholeFile {
public:
    explicit WholeFile(std::string path);
    ~WholeFile();  // without commit(), nothing is left
    WholeFile(const WholeFile&) = delete;
    WholeFile& operator=(const WholeFile&) = delete;

    void write(std::string_view text) { out_.write(text); }
    void commit();

private:
    std::string path_, temporary_;  // the same for a stream
    OutputFile out_;
    bool committed_ = false;
};

// A WholeFile of this text.
void write_file(const std::string& path, std::string_view text);

}  // namespace laxity
