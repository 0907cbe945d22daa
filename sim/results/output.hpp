// Where a command writes. One rule for all of them: what is there is never lost.
//
// A folder that holds results is not written into, unless a sweep goes on with the very same study; a file that is
// there is not written over. Both are refused in a line that names what is there, unless --replace was given, which
// moves it aside: DIR to DIR.old, then DIR.old.2, ... Nothing is ever deleted.
#pragma once

#include <string>

#include "traces/base/descriptor.hpp"

namespace laxity {

// A result folder that this process alone writes into, for as long as this object lives.
//
// The lock is the system's (flock on DIR/.lock, which says who holds it): it goes with its process, also after
// `kill -9`, so that none is ever stale. On a file system without locks a warning takes its place.
class ResultFolder {
public:
    // Makes the folder where it is missing, its parents too, and takes the lock. Throws InputError if it can't be made
    // or written, or if another process has it: that one's number, host, start and command are named.
    explicit ResultFolder(std::string directory);
    // Gives the lock back, and removes a folder that this object made and nothing was put into.
    ~ResultFolder();
    ResultFolder(const ResultFolder&) = delete;
    ResultFolder& operator=(const ResultFolder&) = delete;

    const std::string& path() const { return path_; }

    bool occupied() const;         // as holds_results()
    std::string contents() const;  // as describe_results()

    // Makes sure that the folder holds no results: moves it aside if it does and `replace`, says on stderr where it
    // went, and goes on with a new one. Throws InputError if it does and not `replace`.
    void claim(bool replace);
    // Throws what claim() would throw for the results that are there, and moves nothing: for commands that have long or
    // uncertain work to do before they write.
    void check(bool replace) const;

private:
    void lock();

    std::string path_;
    bool made_ = false;
    Descriptor lock_;
};

// Whether a folder holds a file (or `figures`) that one of our commands writes. False if there is no such folder.
bool holds_results(const std::string& directory);

// What a folder holds, for a message: "a sweep made 2026-11-25 10:02 UTC, 120 rows", as its manifest.json says; without
// one, the names of the files.
std::string describe_results(const std::string& directory);

// Throws InputError if a file can't be written here, or is there already and not `replace`. A stream (is_stream)
// passes. Before anything is measured.
void check_file(const std::string& path, bool replace);

// The same, and moves a file that is there aside. When the new one is about to be written.
void claim_file(const std::string& path, bool replace);

// Renames a file or folder to PATH.old, PATH.old.2, ... whichever is free, and returns the new name. Throws InputError.
std::string move_aside(const std::string& path);

}  // namespace laxity
