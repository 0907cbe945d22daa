#include "traces/base/output_file.hpp"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"

using namespace laxity;

namespace {

namespace fs = std::filesystem;

// No file may grow beyond `bytes` while it lives, as with `ulimit -f`.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

std::string fresh(const std::string& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

// What the RunError says that `action` throws; empty if it throws none.
template <class Action>
std::string run_error_of(Action action) {
    try {
        action();
    } catch (const RunError& error) {
        return error.what();
    }
    return "";
}

// Row i, of 10 bytes.
std::string row(int i) { return "row," + std::to_string(10000 + i) + "\n"; }

std::string rows(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += row(i);
    return text;
}

std::string fill(const std::string& path) {
    return run_error_of([&] {
        OutputFile out(path);
        for (int i = 0; i < 100'000; ++i) out.write(row(i));
        out.close();
    });
}

}  // namespace

TEST_CASE("rows are written as they came, and an end can be gone on from") {
    {
        OutputFile out("output_file_rows.csv");
        for (int i = 0; i < 20'000; ++i) out.write(row(i));
        out.close();
    }
    CHECK(read_file("output_file_rows.csv") == rows(20'000));
    {
        OutputFile out("output_file_rows.csv", OutputFile::Start::kAtEnd);
        out.write("more\n");  // no close(): the destructor flushes
    }
    CHECK(read_file("output_file_rows.csv") == rows(20'000) + "more\n");
    CHECK_THAT(error_of([] { OutputFile("no_such_folder/a.csv"); }),
               StartsWith("no_such_folder/a.csv: expected a file that can be written, found "));
}

TEST_CASE("a file that may not grow is one clear error, and keeps whole rows") {
    const std::string path = fresh("output_file_limit") + "/rows.csv";
    for (const rlim_t limit : {rlim_t{0}, rlim_t{9}, rlim_t{10}, rlim_t{65'536}, rlim_t{123'456}}) {
        const FileSizeLimit small(limit);
        CHECK_THAT(fill(path), StartsWith(path + ": could not be written: File too large; "));
        CHECK(read_file(path) == rows(static_cast<int>(limit / 10)));
    }
}

TEST_CASE("a full disk is one clear error, and keeps whole rows") {
    OutputFile full("/dev/full");
    full.write("row\n");
    const std::string said = run_error_of([&] { full.flush(); });
    CHECK_THAT(said, StartsWith("/dev/full: could not be written: No space left on device; "));
    full.write("another row\n");
    CHECK(run_error_of([&] { full.flush(); }) == said);  // as another thread may find
    CHECK(run_error_of([&] { full.close(); }) == said);
    CHECK(fill("/dev/full") == said);
    const std::string folder = fresh("output_file_tmpfs");
    if (::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") != 0) {
        WARN("no tmpfs can be mounted here: only /dev/full was tried");
        return;
    }
    const std::string error = fill(folder + "/rows.csv"), kept = read_file(folder + "/rows.csv");
    const std::string whole = run_error_of([&] { write_file(folder + "/whole.json", std::string(100'000, ' ')); });
    const auto files = std::distance(fs::directory_iterator(folder), {});
    ::umount(folder.c_str());
    CHECK_THAT(error, ContainsSubstring("/rows.csv: could not be written: No space left on device; "));
    CHECK(kept == rows(static_cast<int>(kept.size() / 10)));
    CHECK(kept.size() > 10'000);
    CHECK_THAT(whole, ContainsSubstring("/whole.json: could not be written: No space left on device; "));
    CHECK(files == 1);
}

TEST_CASE("a file that was deleted while it is written is noticed") {
    const std::string folder = fresh("output_file_removed");
    OutputFile out(folder + "/rows.csv");
    out.write(row(0));
    out.flush();
    fs::remove_all(folder);
    out.write(row(1));
    const auto said = StartsWith(folder + "/rows.csv: was deleted while it was being written");
    CHECK_THAT(run_error_of([&] { out.flush(); }), said);
    CHECK_THAT(run_error_of([&] { out.close(); }), said);
    CHECK_FALSE(fs::exists(folder));
}

TEST_CASE("a whole file is all there or not at all") {
    const std::string folder = fresh("output_file_whole"), path = folder + "/a.json";
    write_file(path, "first");
    {
        WholeFile file(path);
        file.write("sec");  // never committed
    }
    CHECK(read_file(path) == "first");
    {
        const FileSizeLimit small(10);
        CHECK_THAT(run_error_of([&] { write_file(path, std::string(11, 'x')); }),
                   StartsWith(path + ": could not be written: File too large; "));
    }
    CHECK(read_file(path) == "first");
    write_file(path, "second");
    CHECK(read_file(path) == "second");
    CHECK(std::distance(fs::directory_iterator(folder), {}) == 1);
    CHECK_THAT(run_error_of([] { write_file("no_such_folder/a.json", "x"); }),
               StartsWith("no_such_folder/a.json: could not be written: No such file or directory"));
}

TEST_CASE("what is no file is written as it is, and stays what it is") {
    struct stat before {
    }, after{};
    REQUIRE(::stat("/dev/null", &before) == 0);
    write_file("/dev/null", "gone");
    REQUIRE(::stat("/dev/null", &after) == 0);
    CHECK(after.st_rdev == before.st_rdev);
    CHECK(S_ISCHR(after.st_mode));
    for (const char* stream : {"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/2"})
        CHECK(is_stream(stream));
    write_test_file("output_file_plain", "");
    for (const char* file : {"output_file_plain", "no_such_file", ".", "/dev/fd/x", "/dev/fd"})
        CHECK_FALSE(is_stream(file));
}
