#include "traces/base/table_file.hpp"

#include "tests/catch.hpp"
#include "tests/test_files.hpp"
#include "traces/base/number_text.hpp"

using namespace laxity;
using Catch::Matchers::Equals;

namespace {

using Fields = std::vector<std::vector<std::string>>;
using Names = std::vector<std::string>;

TableFile open(const std::string& text, std::optional<bool> header = {}) {
    return TableFile(write_test_file("table.csv", text), header);
}

Fields fields(TableFile& table) {
    Fields rows;
    while (table.next()) {
        rows.emplace_back();
        for (std::size_t i = 0; i < table.width(); ++i) rows.back().emplace_back(table.field(i));
    }
    return rows;
}

Fields fields(const std::string& text) {
    TableFile table = open(text);
    return fields(table);
}

// What reading every number of every row says.
std::string complaint(const std::string& text) {
    return error_of([&] {
        TableFile table = open(text);
        while (table.next())
            for (std::size_t i = 0; i < table.width(); ++i) table.number(i);
    });
}

}  // namespace

TEST_CASE("fields are apart by commas, semicolons or tabs") {
    const Fields expected{{"1", "2"}, {"3", "4"}};
    CHECK(fields("1,2\n3,4\n") == expected);
    CHECK(fields("1;2\n3;4") == expected);
    CHECK(fields("1\t2\r\n3\t4\r\n") == expected);
    CHECK(fields("1 , 2\n 3,\t4\n") == expected);
    CHECK(fields("1\n2\n") == Fields{{"1"}, {"2"}});
    CHECK(fields("0,5;2\n1,5;3\n") == Fields{{"0,5", "2"}, {"1,5", "3"}});
}

TEST_CASE("a byte order mark, blank lines and comments are passed over") {
    TableFile table = open("\xEF\xBB\xBF# recorded\n\n \ntime,size\n\n1,2\n# pause\n3,4\n");
    CHECK(table.columns() == Names{"time", "size"});
    CHECK(table.next());
    CHECK(table.line() == 6);
    CHECK(table.next());
    CHECK(table.line() == 8);
    CHECK_FALSE(table.next());
    CHECK_FALSE(table.next());
}

TEST_CASE("quotes hold delimiters, quotes and lines") {
    CHECK(fields("1,\"a, \"\"b\"\"\nc\" ,2\n") == Fields{{"1", "a, \"b\"\nc", "2"}});
    CHECK(fields("\"1;5\",x\n") == Fields{{"1;5", "x"}});
    CHECK(fields("1,5\" disk\n") == Fields{{"1", "5\" disk"}});
    CHECK_THAT(complaint("1,2\n3,\"4\n5,6\n"),
               Equals("table.csv: line 2: expected a quote that is closed, found the end of the file"));
    CHECK_THAT(complaint("1,\"2\"3\n"), ContainsSubstring("line 1: expected the end of the field after its quotes"));
}

TEST_CASE("a first row without a number is a header") {
    CHECK(open("a,b\n1,2\n").columns() == Names{"a", "b"});
    CHECK(open(",arrival\n0,0.5\n").columns() == Names{"", "arrival"});
    CHECK(open("TIMESTAMP\n2023-11-16 18:15:46.68\n").columns() == Names{"TIMESTAMP"});
    for (const char* text :
         {"a,0.5\nb,0.7\n", "2023-11-16 18:15:46\n", "\"0.5\",\"x\"\n", "nan,nan\n1,2\n", "-1\n2\n", ".5\n"}) {
        INFO(text);
        CHECK(open(text).columns().empty());
    }
    CHECK(open("a,1,2\nb,3,4\n", true).columns() == Names{"a", "1", "2"});
    CHECK(open("a\nb\n", false).columns().empty());
}

TEST_CASE("columns are found by name, else by number") {
    const TableFile named = open("id,2,time\n1,0.5,3\n", true), plain = open("1,2\n");
    CHECK(named.column("time") == 2);
    CHECK(named.column("2") == 1);
    CHECK(named.column("1") == 0);
    CHECK(plain.column("2") == 1);
    CHECK_THAT(error_of([&] { named.column("end"); }),
               Equals("table.csv: expected a column \"end\", found the columns \"id\", \"2\", \"time\""));
    CHECK_THAT(error_of([&] { plain.column("3"); }), ContainsSubstring("found columns 1 to 2 without names"));
    CHECK_THAT(error_of([&] { plain.column("0"); }), ContainsSubstring("expected a column \"0\""));
    CHECK_THAT(error_of([&] { open("a,a\n1,2\n").column("a"); }), ContainsSubstring("one column \"a\", found several"));
}

TEST_CASE("JSON lines are rows too, whatever the order of their keys") {
    TableFile table = open(
        "{\"t\": 1700000000.123456789, \"r\": {\"n/1\": -2, \"tags\": [1, {\"x\": 2}, [3]]}, \"s\": \"x\", \"z\": "
        "null}\n\n"
        "{\"z\": true, \"r\": {\"n/1\": 3}, \"s\": \"y\", \"t\": 123456789012345678901}\n");
    CHECK(table.is_json_lines());
    CHECK(table.columns() == Names{"t", "/r/n~11", "s", "z"});
    CHECK(fields(table) ==
          Fields{{"1700000000.123456789", "-2", "x", ""}, {"123456789012345678901", "3", "y", "true"}});
    CHECK(table.line() == 3);
    CHECK_THAT(complaint("{\"a\": 1}\n{\"b\": 1}\n"), Equals("table.csv: line 2: expected the key \"a\", found none"));
    CHECK_THAT(complaint("{\"a\": 1}\n[1]\n"),
               Equals("table.csv: line 2: expected one JSON object a line, found a list"));
    CHECK_THAT(complaint("{\"a\": 1}\n7\n"),
               ContainsSubstring("line 2: expected one JSON object a line, found a value"));
    CHECK_THAT(complaint("{\"a\": 1}\n{\"a\": 1"), ContainsSubstring("line 2: expected one JSON object a line"));
    CHECK_THAT(complaint("{\"a\": 1} {\"a\": 2}\n"), ContainsSubstring("line 1: expected one JSON object a line"));
    CHECK_THAT(complaint(std::string(30, '[').insert(0, "{\"a\":")), ContainsSubstring("deeper than 16 levels"));
    CHECK(open("{\"a\": 1, \"l\": [[], {}, {\"b\": {}}], \"c\": 2}\n").columns() == Names{"a", "c"});
}

TEST_CASE("numbers are read strictly, and what is wrong is named with its place") {
    CHECK(strict_number("2.5e-1") == 0.25);
    CHECK(strict_number("+5E-1") == 0.5);
    CHECK(strict_number("-.5") == -0.5);
    for (const char* text : {"", " 1", "1 ", "0,25", "1,000.5", "1'000", "nan", "NaN", "inf", "-Infinity", "0x1p3",
                             "1e999", "++1", "+-1", "1.2.3", "12ms", "e5"}) {
        INFO(text);
        CHECK_FALSE(strict_number(text));
    }
    CHECK(strict_integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
    CHECK_FALSE(strict_integer("9223372036854775808"));
    CHECK_FALSE(strict_integer("1.0"));
    CHECK_THAT(complaint("t\n0.5\nsoon\n"), Equals("table.csv: line 3, column t: expected a number, found \"soon\""));
    CHECK_THAT(
        complaint("1;2,5\n"),
        ContainsSubstring("line 1, column 2: expected a number, found \"2,5\"; write a decimal point, not a comma"));
    CHECK_THAT(complaint("1,\n"), ContainsSubstring("column 2: expected a number, found nothing; leave the row out"));
    CHECK_THAT(complaint("1,NaN\n"), ContainsSubstring("found \"NaN\"; leave out rows without a value"));
    CHECK_THAT(complaint("1,0x1F\n"), ContainsSubstring("write it in decimal digits"));
}

TEST_CASE("decimal commas that look like two columns can be noticed") {
    const auto maybe = [](const std::string& text) {
        TableFile table = open(text);
        while (table.next()) {
        }
        return table.maybe_decimal_commas();
    };
    CHECK(maybe("0,25\n0,50\n"));
    CHECK_FALSE(maybe("0,25\n0,5.5\n"));
    CHECK_FALSE(maybe("a,b\n0,50\n"));
    CHECK_FALSE(maybe("0;25\n"));
    CHECK_FALSE(maybe("0,1,2\n"));
}

TEST_CASE("what is no table is refused at once") {
    CHECK_THAT(complaint("1,2\n3\n"), Equals("table.csv: line 2: expected 2 fields, as in the first row, found 1"));
    CHECK_THAT(complaint("1\n2,3\n"), ContainsSubstring("line 2"));
    CHECK_THAT(complaint(std::string("1\0002\n", 4)), ContainsSubstring("found NUL bytes"));
    CHECK_THAT(complaint("\xFF\xFE"
                         "1\n"),
               ContainsSubstring("found UTF-16; save it as UTF-8"));
    CHECK_THAT(complaint("1," + std::string((std::size_t{1} << 24) + 1, '2')),
               ContainsSubstring("a row of at most 16 MiB"));
    CHECK_THAT(complaint(std::string(70'000, ',')), ContainsSubstring("at most 65536 fields"));
    CHECK_THAT(error_of([] { TableFile("no-such-table.csv"); }),
               StartsWith("no-such-table.csv: expected a file that can be read"));
    CHECK_THAT(error_of([] { TableFile("."); }), ContainsSubstring("a file that can be read"));
    TableFile empty = open("# nothing\n\n");
    CHECK(empty.width() == 0);
    CHECK_FALSE(empty.next());
}

TEST_CASE("rows that lie across the edges of what is read at once stay whole") {
    std::string text = "value,text\n";
    for (int i = 0; i < 40'000; ++i) text += std::to_string(i) + ",\"a\nb\"\n";
    TableFile table = open(text);
    for (int i = 0; i < 40'000; ++i) {
        REQUIRE(table.next());
        REQUIRE(table.integer(0) == i);
        REQUIRE(table.field(1) == "a\nb");
    }
    CHECK(table.line() == 2 + 2 * 39'999);
    CHECK_FALSE(table.next());
}
