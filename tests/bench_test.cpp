#include "sim/bench/bench.hpp"

#include <cstdlib>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>

#include "tests/catch.hpp"

using namespace laxity;

// LAXITY_UPDATE_GOLDEN=1 rewrites the file; the commit that does so says `Bench: <hash>`.
TEST_CASE("INV-7: the behaviour signature is the recorded one") {
    const Signature signature = behaviour_signature();
    std::ostringstream text;
    for (const Signature::Row& row : signature.rows)
        text << row.policy << ' ' << std::hex << std::setw(16) << std::setfill('0') << row.hash << '\n';
    text << "Bench: " << std::hex << std::setw(16) << std::setfill('0') << signature.total << '\n';
    const std::string path = LAXITY_SOURCE_DIR "/tests/golden/bench.txt";
    if (std::getenv("LAXITY_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << text.str();
    std::ifstream in(path);
    CHECK(text.str() == std::string(std::istreambuf_iterator<char>(in), {}));
}
