#include "sim/study/packed.hpp"

#include <string_view>
#include <vector>

#include "tests/catch.hpp"

using namespace laxity;

namespace {

std::string base64_of(std::string_view text) { return base64(std::as_bytes(std::span(text))); }

}  // namespace

TEST_CASE("base64: the examples of RFC 4648, section 10") {
    CHECK(base64_of("").empty());
    CHECK(base64_of("f") == "Zg==");
    CHECK(base64_of("fo") == "Zm8=");
    CHECK(base64_of("foo") == "Zm9v");
    CHECK(base64_of("foob") == "Zm9vYg==");
    CHECK(base64_of("fooba") == "Zm9vYmE=");
    CHECK(base64_of("foobar") == "Zm9vYmFy");
    CHECK(base64_of("\xfb\xff\xfe") == "+//+");
}

TEST_CASE("packed numbers are little-endian") {
    const std::vector<float> one = {1.0F};  // 0x3f800000
    CHECK(packed(std::span(one)) == base64_of(std::string_view("\0\0\x80\x3f", 4)));
    CHECK(packed(std::span<const double>()).empty());
}
