#include "traces/base/json_reader.hpp"

#include <algorithm>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"

using namespace laxity;

namespace {

const nlohmann::ordered_json kDocument = parse_json(
    R"({"name": "a", "list": [1, 2.5, -3, "x"], "flag": true, "none": null, "big": 18446744073709551615, "million": 1e6,
        "deep": {"a/b": {"c~d": 1}}})",
    "doc");

JsonReader root() { return JsonReader(kDocument, "doc.json"); }

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

}  // namespace

TEST_CASE("values are read where they are") {
    CHECK(root().at("name").string() == "a");
    CHECK(root().at("flag").boolean());
    CHECK(root().at("list").size() == 4);
    CHECK(root().at("list").items()[1].number() == 2.5);
    CHECK(root().at("list").item(2).integer() == -3);
    CHECK(root().at("million").integer() == 1'000'000);
    CHECK(root().at("name").one_of({"a", "b"}) == "a");
    CHECK(root().at("list").item(0).positive() == 1);
    CHECK(root().has("none"));
    CHECK_FALSE(root().find("none"));
    CHECK_FALSE(root().find("absent"));
    CHECK(root().find("flag")->boolean());
}

TEST_CASE("errors name file, pointer, expectation and finding") {
    const auto list = root().at("list");
    CHECK(error_of([&] { list.string(); }) == "doc.json: /list: expected a string, found an array of 4");
    CHECK(error_of([&] { list.item(3).number(); }) == "doc.json: /list/3: expected a number, found \"x\"");
    CHECK(error_of([&] { list.item(1).integer(); }) == "doc.json: /list/1: expected an integer, found 2.5");
    CHECK(error_of([&] { list.item(0).number(2, 3); }) == "doc.json: /list/0: expected a number in [2, 3], found 1");
    CHECK(error_of([&] { list.item(2).integer(0); }) ==
          "doc.json: /list/2: expected an integer of at least 0, found -3");
    CHECK(error_of([&] { list.item(2).positive(); }) == "doc.json: /list/2: expected a number above 0, found -3");
    CHECK(error_of([&] { list.items(5); }) == "doc.json: /list: expected an array of at least 5, found an array of 4");
    CHECK(error_of([&] { root().at("flag").number(); }) == "doc.json: /flag: expected a number, found true");
    CHECK(error_of([&] { root().at("none").boolean(); }) == "doc.json: /none: expected true or false, found null");
    CHECK_THAT(error_of([&] { root().at("big").integer(); }), ContainsSubstring("found 18446744073709551615"));
    CHECK(error_of([&] { root().at("absent"); }) == "doc.json: expected the key \"absent\", found none");
    CHECK(error_of([&] { list.at("x"); }) == "doc.json: /list: expected an object, found an array of 4");
    CHECK(error_of([&] { root().string(); }) == "doc.json: expected a string, found an object");
    CHECK(error_of([&] { root().problem("is bad"); }) == "doc.json: is bad");
    CHECK(error_of([&] {
              root().at("name").one_of({"at", "of"});
          }) == "doc.json: /name: expected \"at\" or \"of\", found \"a\"");
}

TEST_CASE("pointers escape slashes and tildes") {
    CHECK(root().at("deep").at("a/b").at("c~d").pointer() == "/deep/a~1b/c~0d");
}

TEST_CASE("an unknown key suggests the nearest known one") {
    const auto document = parse_json(R"({"arival": 1})", "doc");
    const JsonReader reader(document, "f");
    CHECK(error_of([&] {
              reader.only_keys({"arrival", "deadline"});
          }) == "f: /arival: unknown key; did you mean \"arrival\"?");
    CHECK(error_of([&] { reader.only_keys({"x", "y"}); }) == "f: /arival: unknown key; known here: x y");
    CHECK_NOTHROW(reader.only_keys({"arival"}));
}

TEST_CASE("a wrong word suggests the nearest") {
    const auto document = parse_json(R"("poison")", "doc");
    CHECK_THAT(error_of([&] {
                   JsonReader(document, "f").one_of({"poisson", "periodic"});
               }),
               ContainsSubstring("did you mean \"poisson\"?"));
}

TEST_CASE("long findings are shortened") {
    const nlohmann::ordered_json document = std::string(100'000, 'x');
    CHECK(error_of([&] { JsonReader(document, "f").number(); }).size() < 100);
}

TEST_CASE("text that is not JSON tells line and column") {
    CHECK_THAT(error_of([] { parse_json("{\n  \"a\": 1,\n}", "f"); }), StartsWith("f: line 3, column 1: not JSON: "));
    CHECK_THAT(error_of([] { parse_json("", "f"); }), StartsWith("f: line 1, column 1: not JSON: "));
    CHECK_THAT(error_of([] { parse_json("[1] 2", "f"); }), StartsWith("f: line 1, column 5: not JSON: "));
    CHECK_THAT(error_of([] { parse_json("[1e999]", "f"); }), ContainsSubstring("1e999"));
    CHECK_THAT(error_of([] { parse_json("[NaN]", "f"); }), StartsWith("f: line 1, column 2: not JSON: "));
}

TEST_CASE("a repeated key is an error") {
    CHECK_THAT(error_of([] { parse_json(R"({"a": [{}, {"b": 1, "c": 2, "b": 3}]})", "f"); }),
               StartsWith("f: /a/1/b: the key appears twice"));
}

TEST_CASE("hostile text is refused in one line") {
    CHECK_THAT(error_of([] { parse_json(nested(65), "f"); }), ContainsSubstring("nested more than 64 levels"));
    CHECK_THAT(error_of([] { parse_json(std::string(1'000'000, '['), "f"); }),
               ContainsSubstring("nested more than 64 levels"));
    CHECK_NOTHROW(parse_json(nested(64), "f"));
    for (const std::string text :
         {"\"\xff\xfe\"", "\xff", "{\"\x01\": 1}", "\"\\ud800\"", "\xef\xbb", "[1,", "{\"a\"", "tru"}) {
        const std::string what = error_of([&] { parse_json(text, "f"); });
        INFO(what);
        CHECK_THAT(what, StartsWith("f: line 1, column "));
        CHECK(std::none_of(what.begin(), what.end(), [](unsigned char c) { return c < 0x20 || c >= 0x7f; }));
    }
    const std::string long_key = "{\"" + std::string(100'000, 'k') + "\": 1, \"" + std::string(100'000, 'k') + "\": 1}";
    CHECK(error_of([&] { parse_json(long_key, "f"); }).size() < 200);
}

TEST_CASE("files that can't be read say so") {
    CHECK(error_of([] { read_json_file("no_such.json", "make it"); }) ==
          "no_such.json: expected a file, found none; make it");
    CHECK(error_of([] { read_json_file("."); }) == ".: expected a file, found a folder");
    CHECK(read_json_file(write_test_file("json_reader_test.json", "\xef\xbb\xbf[1]")).size() == 1);  // byte order mark
}
