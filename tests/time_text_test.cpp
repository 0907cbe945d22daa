#include "traces/base/time_text.hpp"

#include "tests/catch.hpp"

using namespace laxity;

TEST_CASE("numbers are scaled exactly, and rounded to the nearest") {
    CHECK(scaled_integer("0.25", 9) == 250'000'000);
    CHECK(scaled_integer("2.5e-1", 9) == 250'000'000);
    CHECK(scaled_integer("5E-1", 9) == 500'000'000);
    CHECK(scaled_integer("1700000000.123456789", 9) == 1'700'000'000'123'456'789);
    CHECK(scaled_integer("1.4999", 0) == 1);
    CHECK(scaled_integer("1.5", 0) == 2);
    CHECK(scaled_integer("-1.5", 0) == -2);
    CHECK(scaled_integer("0.05", 0) == 0);
    CHECK(scaled_integer("+7", 3) == 7000);
    CHECK(scaled_integer("0e300", 9) == 0);
    CHECK(scaled_integer("9223372036854775807", 0) == 9'223'372'036'854'775'807);
}

TEST_CASE("what is no number, or too large, is not scaled") {
    for (const char* text : {"", "x", "0,25", "nan", "inf", "0x10", "1 ", "9223372036854775808", "1e30", "1e300"})
        CHECK_FALSE(scaled_integer(text, 0));
}

TEST_CASE("calendar times to the nanosecond, with offsets") {
    CHECK(calendar_ns("1970-01-01") == 0);
    CHECK(calendar_ns("1970-01-01T00:00") == 0);
    CHECK(calendar_ns("1970-01-02 00:00:01") == 86'401'000'000'000);
    CHECK(calendar_ns("2023-11-16 18:15:46.6805900") == 1'700'158'546'680'590'000);
    CHECK(calendar_ns("2023-11-16T18:15:46.123456789Z") == 1'700'158'546'123'456'789);
    CHECK(calendar_ns("2023-11-16T19:15:46.5+01:00") == 1'700'158'546'500'000'000);
    CHECK(calendar_ns("2023-11-16T12:45:46-0530") == 1'700'158'546'000'000'000);
    CHECK(calendar_ns("2023-11-16 18:15:46 +0000 UTC") == 1'700'158'546'000'000'000);
    CHECK(calendar_ns("2024-02-29T00:00:00Z") == 1'709'164'800'000'000'000);
    CHECK(calendar_ns("1969-12-31T23:59:59Z") == -1'000'000'000);
}

TEST_CASE("what is no calendar time") {
    for (const char* text : {"", "2023", "2023-13-01", "2023-02-29", "2023-1-1", "2023-11-16T", "2023-11-16T24:00",
                             "2023-11-16T18:60", "2023-11-16T18:15:60", "2023-11-16T18:15:46.",
                             "2023-11-16T18:15:46.1234567890", "2023-11-16T18:15:46+", "2023-11-16T18:15:46 x",
                             "16.11.2023", "1000-01-01", "2023-11-16T18:15:46Zx", "2023-11-16T18:15:46,5"})
        CHECK_FALSE(calendar_ns(text));
    CHECK(starts_as_date("2023-11-16T"));
    CHECK_FALSE(starts_as_date("1700000000"));
}
