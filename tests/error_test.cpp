#include "traces/base/error.hpp"

#include <array>

#include "tests/catch.hpp"

using namespace laxity;

TEST_CASE("an input error is one line of place, expectation, finding and advice") {
    CHECK(std::string(input_error("a.json: /x", "a string", "7").what()) == "a.json: /x: expected a string, found 7");
    CHECK(std::string(input_error("a", "b", "c", "do d").what()) == "a: expected b, found c; do d");
    CHECK(std::string(input_error("a", "b", "").what()) == "a: expected b");
    CHECK(std::string(input_error("a\nb", "c", "d").what()) == "a\\x0ab: expected c, found d");
}

TEST_CASE("one_line keeps UTF-8 and escapes what is none") {
    CHECK(one_line("naïve π 🦉") == "naïve π 🦉");
    CHECK(one_line("tab\there\x7f") == "tab\\x09here\\x7f");
    CHECK(one_line("\xff\xfe") == "\\xff\\xfe");
    CHECK(one_line("\xc3") == "\\xc3");                    // cut short
    CHECK(one_line("\xc0\xaf") == "\\xc0\\xaf");           // overlong
    CHECK(one_line("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // a surrogate
}

TEST_CASE("shortened keeps to its limit without cutting a character") {
    CHECK(shortened("short") == "short");
    CHECK(shortened(std::string(60, 'a')) == std::string(60, 'a'));
    CHECK(shortened(std::string(61, 'a')) == std::string(57, 'a') + "...");
    CHECK(shortened("aaaaéé", 8) == "aaaaéé");
    CHECK(shortened("aaaaééé", 8) == "aaaa...");
    CHECK(shortened(std::string(60, '\n')).size() == 60);
    CHECK(shortened(std::string(60, '\xff')).size() == 60);
}

TEST_CASE("edit_distance counts insertions, deletions and substitutions") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("sitting", "kitten") == 3);
}

TEST_CASE("closest suggests a near word only") {
    const std::array<std::string_view, 3> words{"arrival", "deadline", "weight"};
    CHECK(closest("arival", words) == "arrival");
    CHECK(closest("dedline", words) == "deadline");
    CHECK(closest("xyz", words).empty());
    CHECK(closest("", words).empty());
}
