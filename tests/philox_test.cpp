#include "workloads/philox.hpp"

#include <cmath>

#include "tests/catch.hpp"

using namespace laxity;

// Known answers of Philox4x32-10, from kat_vectors of Random123 1.14.
TEST_CASE("philox gives its known answers") {
    CHECK(philox4x32({0, 0, 0, 0}, {0, 0}) == PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    CHECK(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
          PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    CHECK(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
          PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("seed, purpose, task and index all matter") {
    const PhiloxBlock block = draw(1, Draw::kJob, 2, 3);
    CHECK(draw(2, Draw::kJob, 2, 3) != block);
    CHECK(draw(1 + (std::uint64_t{1} << 32), Draw::kJob, 2, 3) != block);
    CHECK(draw(1, Draw::kArrival, 2, 3) != block);
    CHECK(draw(1, Draw::kJob, 3, 3) != block);
    CHECK(draw(1, Draw::kJob, 2, 4) != block);
    CHECK(draw(1, Draw::kJob, 2, 3 + (std::uint64_t{1} << 32)) != block);
    static_assert(draw(1, Draw::kJob, 2, 3) == draw(1, Draw::kJob, 2, 3));
}

TEST_CASE("uniforms stay inside their ranges") {
    CHECK(unit_interval(0) > 0);
    CHECK(unit_interval(0xffffffff) < 1);
    CHECK(below(0, 7) == 0);
    CHECK(below(0xffffffff, 7) == 6);
    CHECK(below(0xffffffff, 1) == 0);
}

TEST_CASE("exact_log agrees with the logarithm to 1e-14") {
    double worst = 0;
    for (std::uint64_t bits = 0; bits < (std::uint64_t{1} << 32); bits += 99'991) {
        const double x = unit_interval(static_cast<std::uint32_t>(bits));
        worst = std::max(worst, std::abs(exact_log(x) / std::log(x) - 1));
    }
    for (const double x : {unit_interval(0), unit_interval(0xffffffff), 0.5, std::sqrt(0.5), 1e-300, 1e300, 2.0})
        worst = std::max(worst, std::abs(exact_log(x) / std::log(x) - 1));
    CHECK(worst < 1e-14);
    CHECK(exact_log(1.0) == 0);
}

TEST_CASE("exact_exp agrees with the exponential to 1e-14") {
    double worst = 0;
    for (double x = -700; x <= 700; x += 0.0123) worst = std::max(worst, std::abs(exact_exp(x) / std::exp(x) - 1));
    CHECK(worst < 1e-14);
    CHECK(exact_exp(0) == 1);
    CHECK(exact_exp(-1e9) == 0);
}

// Same bits on every machine and compiler: a change here changes every simulation.
TEST_CASE("exact_log and exact_exp keep their bits") {
    CHECK(exact_log(0.3) == -0x1.34378fcbda721p+0);
    CHECK(exact_log(0x1p-33) == -0x1.6dfb516f20bbfp+4);
    CHECK(exact_exp(-1.5) == 0x1.c8f87724b5c1dp-3);
}
