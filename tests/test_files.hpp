// Files and errors in tests.
#pragma once

#include <fstream>
#include <string>

#include "traces/base/error.hpp"

namespace laxity {

// Writes a file into the folder that the test runs in (of the build, not of the sources) and returns its path.
inline std::string write_test_file(const std::string& name, const std::string& text) {
    std::ofstream file(name, std::ios::binary);
    file << text;
    return name;
}

inline std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The indented lines of a README from the first that starts with `start` up to the next empty one.
inline std::string readme_block(const std::string& path, const std::string& start) {
    const std::string text = read_file(path);
    const std::size_t begin = text.find("\n    " + start);
    return begin == std::string::npos ? "" : text.substr(begin, text.find("\n\n", begin) - begin);
}

// What the InputError says that `action` throws; empty if it throws none.
template <class Action>
std::string error_of(Action action) {
    try {
        action();
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

}  // namespace laxity
