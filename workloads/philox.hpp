// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). A number is a pure function of a key and a counter, so the fate of a job does not depend on the
// order in which jobs are simulated, on threads or on the policy.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace laxity {

using PhiloxBlock = std::array<std::uint32_t, 4>;

constexpr PhiloxBlock philox4x32(PhiloxBlock counter, std::array<std::uint32_t, 2> key) {
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = std::uint64_t{0xD2511F53} * counter[0];
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * counter[2];
        counter = {
            static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(product1),
            static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(product0)};
        key[0] += 0x9E3779B9;
        key[1] += 0xBB67AE85;
    }
    return counter;
}

// What a number is drawn for; part of the counter, so that draws for different purposes are independent.
enum class Draw : std::uint32_t {
    kJob = 0,
    kRowBlock = 1,
    kArrival = 2,
    kClient = 3,
    kTaskSet = 4,
    kOther = 5,
    kHarvest = 6,
    kStall = 7,
    kLateness = 8
};

// The block for item `index` of task `task` under `seed`.
constexpr PhiloxBlock draw(std::uint64_t seed, Draw purpose, std::uint32_t task, std::uint64_t index) {
    return philox4x32({static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), task,
                       static_cast<std::uint32_t>(purpose)},
                      {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)});
}

// Uniform in (0, 1), never 0 or 1, with 32 random bits.
constexpr double unit_interval(std::uint32_t bits) { return (static_cast<double>(bits) + 0.5) * 0x1p-32; }
// Uniform integer in [0, n), n >= 1 (multiply-shift; bias below n / 2^32).
constexpr std::uint32_t below(std::uint32_t bits, std::uint32_t n) {
    return static_cast<std::uint32_t>((std::uint64_t{bits} * n) >> 32);
}

// Natural logarithm of a positive, normal x from + - * / and operations on bits only, so that every compiler and
// machine gives the same bits (built without contraction). Relative error below 1e-14 for x in (0, 1). The method and
// constants are those of fdlibm's e_log.c (Sun Microsystems, 1993): x = 2^k (1 + f), s = f / (2 + f), a polynomial in
// s^2.
inline double exact_log(double x) {
    constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
    constexpr std::uint64_t kSqrtHalf = 0x3FE6A09E00000000;  // bits of sqrt(1/2), rounded down
    const auto bits = std::bit_cast<std::uint64_t>(x);
    const auto exponent = static_cast<std::int32_t>(static_cast<std::int64_t>(bits - kSqrtHalf) >> 52);
    const std::uint64_t exponent_bits = static_cast<std::uint64_t>(std::int64_t{exponent}) << 52;
    const double f = std::bit_cast<double>(bits - exponent_bits) - 1;  // in [sqrt(1/2) - 1, sqrt(2) - 1)
    const double s = f / (2 + f), z = s * s, w = z * z;
    const double odd =
        z * (6.666666666666735130e-01 +
             w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
    const double even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
    const double half_square = 0.5 * f * f, k = exponent;
    return k * kLn2High - ((half_square - (s * (half_square + (odd + even)) + k * kLn2Low)) - f);
}

// Exponential function, likewise, for x in [-700, 700]; 0 below. Relative error below 1e-14.
double exact_exp(double x);

// Exponentially distributed with mean 1, from 32 random bits; at most 22.9.
inline double exponential(std::uint32_t bits) { return -exact_log(unit_interval(bits)); }

}  // namespace laxity
