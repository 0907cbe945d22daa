// Result folders made by hand, for what reads them.
#pragma once

#include <filesystem>
#include <string>

#include "tests/test_files.hpp"

namespace laxity::test {

// Writes a result folder of a sweep into the folder that the test runs in. `configuration` is the JSON of the
// manifest's entry of that name; schema 1 or 2. No bounds.csv if `bounds` is empty.
inline std::string write_study(const std::string& directory, int schema, const std::string& configuration,
                               const std::string& runs, const std::string& bounds = {}) {
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
    write_test_file(directory + "/manifest.json", R"({"schema": "laxity.manifest/)" + std::to_string(schema) +
                                                      R"(", "configuration": )" + configuration + "}");
    write_test_file(directory + "/runs.csv", runs);
    if (!bounds.empty()) write_test_file(directory + "/bounds.csv", bounds);
    return directory;
}

// The configuration of a sweep of the first schema over one axis.
inline std::string over_load(const std::string& values = "0.5, 1.0") {
    return R"({"axes": {"/tasks/0/arrival/load": [)" + values + R"(]}, "policies": ["edf"], "seeds": [1, 2]})";
}

}  // namespace laxity::test
