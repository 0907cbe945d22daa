// Golden files: expected texts in tests/golden/, reviewed as a diff. LAXITY_UPDATE_GOLDEN=1 in the environment makes
// the tests write them instead of comparing.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/catch.hpp"

namespace laxity::test {

inline void check_golden(const std::string& name, const std::string& text) {
    const std::string path = std::string(LAXITY_SOURCE_DIR) + "/tests/golden/" + name;
    if (std::getenv("LAXITY_UPDATE_GOLDEN") != nullptr) {
        std::ofstream file(path);
        file << text;
        REQUIRE(file.flush());
        return;
    }
    std::ifstream file(path);
    INFO(path << " (LAXITY_UPDATE_GOLDEN=1 writes it)");
    REQUIRE(file);
    std::ostringstream expected;
    expected << file.rdbuf();
    CHECK(text == expected.str());
}

}  // namespace laxity::test
