#include "traces/base/array_file.hpp"

#include <cmath>
#include <limits>

#include "tests/catch.hpp"
#include "tests/test_files.hpp"

using namespace laxity;
using Catch::Matchers::Equals;

namespace {

using Shape = std::vector<std::size_t>;

// What numpy.savez(scores=numpy.arange(6, dtype=float32).reshape(2, 3) / 4, labels=numpy.array([1, 0])) writes, and
// numpy.savez_compressed of the scores (NumPy 1.24).
const char* const kStored =
    "504b0304140000000000000021000a9c00a498000000980000000a00140073636f7265732e6e7079010010009800000000000000"
    "9800000000000000934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a20"
    "46616c73652c20277368617065273a2028322c2033292c207d202020202020202020202020202020202020202020202020202020"
    "202020202020202020202020202020202020202020202020202020202020200a000000000000803e0000003f0000403f0000803f"
    "0000a03f504b03041400000000000000210071fb39ab90000000900000000a0014006c6162656c732e6e70790100100090000000"
    "000000009000000000000000934e554d5059010076007b276465736372273a20273c6938272c2027666f727472616e5f6f726465"
    "72273a2046616c73652c20277368617065273a2028322c292c207d20202020202020202020202020202020202020202020202020"
    "20202020202020202020202020202020202020202020202020202020202020202020200a01000000000000000000000000000000"
    "504b01021403140000000000000021000a9c00a498000000980000000a000000000000000000000080010000000073636f726573"
    "2e6e7079504b010214031400000000000000210071fb39ab90000000900000000a00000000000000000000008001d40000006c61"
    "62656c732e6e7079504b0506000000000200020070000000a00100000000";

const char* const kPacked =
    "504b0304140000000800000021000a9c00a456000000980000000a00140073636f7265732e6e7079010010009800000000000000"
    "56000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2aea3a09e965f54529498179f5f94920a12774b"
    "cc294e058a17672416a402f91a463a0ac69a3a0ab50a64032e063068b00312f60c0c0e40dc00c40bec01504b0102140314000000"
    "0800000021000a9c00a456000000980000000a000000000000000000000080010000000073636f7265732e6e7079504b05060000"
    "00000100010038000000920000000000";

std::string bytes_of(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2)
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return bytes;
}

// A file as NumPy writes it, of any header.
std::string npy(const std::string& dictionary, const std::string& data, char version = 1) {
    std::string text = std::string("\x93NUMPY", 6) + version + '\0';
    const std::string header = dictionary + "\n";
    text += static_cast<char>(header.size() & 255U);
    text += static_cast<char>(header.size() >> 8);
    if (version > 1) text += std::string(2, '\0');
    return text + header + data;
}

std::string header_of(const std::string& type, const std::string& shape, bool fortran = false) {
    return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }";
}

Array read(const std::string& content, const std::string& name = "array.npy") {
    return read_array(write_test_file(name, content));
}

std::string complaint(const std::string& content) {
    return error_of([&] { read(content); });
}

std::vector<double> numbers(const std::string& type, const std::string& data, const std::string& shape) {
    return read(npy(header_of(type, shape), data)).doubles();
}

using Numbers = std::vector<double>;

}  // namespace

TEST_CASE("every type is read, in either order of bytes") {
    CHECK(numbers("|b1", std::string("\x00\x01", 2), "(2,)") == Numbers{0, 1});
    CHECK(numbers("|i1", "\xFF\x7F", "(2,)") == Numbers{-1, 127});
    CHECK(numbers("|u1", "\xFF\x7F", "(2,)") == Numbers{255, 127});
    CHECK(numbers("<i2", std::string("\xFE\xFF\x00\x01", 4), "(2,)") == Numbers{-2, 256});
    CHECK(numbers(">i2", std::string("\xFF\xFE\x01\x00", 4), "(2,)") == Numbers{-2, 256});
    CHECK(numbers("<u2", "\xFE\xFF", "(1,)") == Numbers{65534});
    CHECK(numbers("<i4", "\xFE\xFF\xFF\xFF", "(1,)") == Numbers{-2});
    CHECK(numbers(">u4", std::string("\x00\x00\x01\x02", 4), "(1,)") == Numbers{258});
    CHECK(numbers("<i8", std::string("\x01\x00\x00\x00\x00\x00\x00\x80", 8), "()") == Numbers{-9223372036854775807.0});
    CHECK(numbers(">f4", std::string("\x3F\xC0\x00\x00", 4), "(1,)") == Numbers{1.5});
    CHECK(numbers("<f8", std::string("\x00\x00\x00\x00\x00\x00\xF8\xBF", 8), "(1,)") == Numbers{-1.5});
    const Numbers halves =
        numbers("<f2", std::string("\x00\x3C\x00\xC0\x01\x00\xFF\x7B\x00\x7C\x00\x7E\x00\x80", 14), "(7,)");
    CHECK(halves[0] == 1);
    CHECK(halves[1] == -2);
    CHECK(halves[2] == std::ldexp(1, -24));
    CHECK(halves[3] == 65504);
    CHECK(std::isinf(halves[4]));
    CHECK(std::isnan(halves[5]));
    CHECK(std::signbit(halves[6]));
}

TEST_CASE("versions, and what is no array of numbers") {
    const std::string header = header_of("|u1", "(2,)");
    for (const char version : {1, 2, 3}) CHECK(read(npy(header, "ab", version)).shape() == Shape{2});
    CHECK_THAT(complaint(npy(header, "ab", 4)),
               ContainsSubstring("expected version 1 to 3 of NumPy's format, found version 4"));
    CHECK_THAT(complaint(npy(header_of("|O", "(2,)"), "ab")),
               ContainsSubstring("found Python objects; convert it with .astype"));
    CHECK_THAT(complaint(npy(header_of("<U3", "(2,)"), "ab")), ContainsSubstring("found elements of type <U3"));
    CHECK_THAT(complaint(npy(header_of("<c8", "(2,)"), "ab")), ContainsSubstring("found elements of type <c8"));
    CHECK_THAT(complaint(npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", "abcd")),
               ContainsSubstring("a record of several"));
    CHECK_THAT(
        complaint("stage0,stage1\n1,2\n"),
        Equals("array.npy: expected an array in NumPy's format (.npy), found something else; save it with numpy.save"));
    CHECK_THAT(complaint(""), ContainsSubstring("found something else"));
    for (const char* damaged : {"", "{", "{}", "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }",
                                "{'descr': '<f4', 'descr': '<f4', 'shape': (1,)}",
                                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
                                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
                                "{'descr': '', 'fortran_order': False}", "{'descr: 1"}) {
        INFO(damaged);
        CHECK_THAT(complaint(npy(damaged, "abcd")), StartsWith("array.npy: "));
    }
}

TEST_CASE("the last axis comes first in memory, whatever the file's order") {
    const std::string data("\x00\x01\x02\x03\x04\x05", 6);
    CHECK(read(npy(header_of("|u1", "(2, 3)"), data)).doubles() == Numbers{0, 1, 2, 3, 4, 5});
    CHECK(read(npy(header_of("|u1", "(2, 3)", true), data)).doubles() == Numbers{0, 2, 4, 1, 3, 5});
    const std::string cube("\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0A\x0B", 12);
    const Array three = read(npy(header_of("|u1", "(2, 3, 2)", true), cube));  // [i][j][k] = i + 2 j + 6 k
    CHECK(three.doubles() == Numbers{0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11});
    CHECK(three.shape_text() == "[2, 3, 2]");
    CHECK(three.place(7) == "array.npy, element [1, 0, 1]");
    CHECK(read(npy(header_of("<f4", "(0, 3)"), "")).elements() == 0);
}

TEST_CASE("elements as whole numbers, and those that are none") {
    CHECK(read(npy(header_of("|i1", "(2,)"), "\xFF\x02")).integers() == std::vector<std::int64_t>{-1, 2});
    const Array floats = read(npy(header_of("<f4", "(1,)"), std::string(4, '\0')));
    CHECK_THAT(error_of([&] { floats.integers(); }),
               ContainsSubstring("expected integers, found elements of type float32; convert"));
    const Array large = read(npy(header_of("<u8", "(2,)"), std::string(8, '\0') + std::string(8, '\xFF')));
    CHECK_THAT(error_of([&] { large.integers(); }),
               Equals("array.npy, element [1]: expected at most 2^63 - 1, found a larger number"));
    const Array nan = read(npy(header_of("<f4", "(1, 2)"), std::string("\x00\x00\x00\x00\x00\x00\xC0\x7F", 8)));
    CHECK_THAT(error_of([&] { nan.check_finite(); }),
               Equals("array.npy, element [0, 1]: expected a finite number, found NaN"));
    CHECK(std::isnan(nan.floats()[1]));
}

TEST_CASE("sizes are checked before anything is allocated") {
    const std::string claims = npy(header_of("<f8", "(1000000, 1000000, 1000)"), "abcdefgh");
    CHECK_THAT(complaint(claims),
               ContainsSubstring("expected an array of at most 8589934592 bytes, found a larger one"));
    CHECK_THAT(complaint(npy(header_of("<f8", "(100000,)"), "abcdefgh")),
               Equals("array.npy: expected 800000 bytes of elements, as its shape says, found 8; the file is cut off "
                      "or damaged"));
    CHECK_THAT(complaint(npy(header_of("|u1", "(2,)"), "abc")), ContainsSubstring("expected 2 bytes"));
    CHECK_THAT(complaint(npy(header_of("<f8", "(18446744073709551615, 18446744073709551615)"), "")),
               ContainsSubstring("a larger one"));
    write_test_file("array.npy", npy(header_of("|u1", "(9,)"), "abcdefghi"));
    CHECK_THAT(error_of([] { read_array("array.npy", 8); }), ContainsSubstring("at most 8 bytes"));
}

TEST_CASE("members of an archive, stored or deflated") {
    write_test_file("stored.npz", bytes_of(kStored));
    write_test_file("packed.npz", bytes_of(kPacked));
    CHECK(array_members("stored.npz") == std::vector<std::string>{"scores", "labels"});
    CHECK(array_members("array.npy").empty());
    const Array scores = read_array("stored.npz:scores");
    CHECK(scores.name() == "stored.npz:scores");
    CHECK(scores.type() == ElementType::kFloat32);
    CHECK(scores.shape() == Shape{2, 3});
    CHECK(scores.floats() == std::vector<float>{0, 0.25F, 0.5F, 0.75F, 1, 1.25F});
    CHECK(read_array("stored.npz:labels.npy").integers() == std::vector<std::int64_t>{1, 0});
    CHECK(read_array("packed.npz").floats() == scores.floats());
    CHECK_THAT(error_of([] { read_array("stored.npz"); }),
               Equals("stored.npz: expected one array, found scores, labels; name one of them: stored.npz:scores"));
    CHECK_THAT(error_of([] { read_array("packed.npz:label"); }),
               StartsWith("packed.npz: expected an array \"label\", found scores"));
    CHECK_THAT(error_of([] { read_array("packed.npz", 8); }), ContainsSubstring("at most 8 bytes"));
    CHECK_THAT(error_of([] { read_array("none.npz"); }), StartsWith("none.npz: expected a file that can be read"));
    CHECK_THAT(error_of([] { read_array("none.npy"); }), StartsWith("none.npy: expected a file that can be read"));
    CHECK_THAT(error_of([] { read_array(write_test_file("text.npz", "stage0\n1\n")); }),
               ContainsSubstring("is no .npz file"));
    CHECK(is_array_path("a.npz:b"));
    CHECK(is_array_path("a.npy"));
    CHECK_FALSE(is_array_path("a.csv"));
}

TEST_CASE("damaged archives and arrays are refused, and never do harm") {
    for (const std::string& whole : {bytes_of(kStored), bytes_of(kPacked)}) {
        for (std::size_t length = 0; length < whole.size(); ++length) {
            write_test_file("cut.npz", whole.substr(0, length));
            INFO(length);
            CHECK_FALSE(error_of([] { read_array("cut.npz:scores"); }).empty());
        }
        std::size_t noticed = 0;
        for (std::size_t at = 0; at < whole.size(); ++at) {
            for (const int change : {1, 0x80, 0xFF}) {
                std::string damaged = whole;
                damaged[at] = static_cast<char>(damaged[at] ^ change);
                write_test_file("damaged.npz", damaged);
                const std::string said = error_of([] {
                    const Array array = read_array("damaged.npz:scores");
                    if (array.elements() != 6) throw InputError("other elements");
                });
                noticed += said.empty() ? 0 : 1;
            }
        }
        CHECK(noticed > whole.size());
    }
    const std::string plain = npy(header_of("<f4", "(2, 3)"), std::string(24, 'x'));
    for (std::size_t length = 0; length < plain.size(); ++length)
        CHECK_FALSE(complaint(plain.substr(0, length)).empty());
}

TEST_CASE("a small member that claims to unpack to much is refused without unpacking it") {
    std::string bomb = bytes_of(kPacked);
    const std::size_t entry = bomb.find("PK\x01\x02");
    for (std::size_t i = 0; i < 4; ++i) bomb[entry + 24 + i] = static_cast<char>(0x7F);  // its size: 2 GiB
    CHECK_THAT(error_of([&] { read_array(write_test_file("bomb.npz", bomb)); }),
               ContainsSubstring("it can't hold as much as it says"));
}

TEST_CASE("what is written is read again") {
    const std::vector<float> floats{0.5F, -1, std::numeric_limits<float>::max(), 0, 1, 2};
    write_array("written.npy", Shape{2, 3}, floats);
    CHECK(read_array("written.npy").floats() == floats);
    CHECK(read_array("written.npy").shape() == Shape{2, 3});
    CHECK(read_file("written.npy").size() == 128 + 24);  // aligned as NumPy aligns
    const std::vector<std::int64_t> labels{std::numeric_limits<std::int64_t>::min(), 7};
    write_array("written.npy", Shape{2}, labels);
    CHECK(read_array("written.npy").integers() == labels);
    const std::vector<double> one{0.1};
    write_array("written.npy", Shape{}, one);
    CHECK(read_array("written.npy").doubles() == one);
}
