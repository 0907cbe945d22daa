// Random numbers for tests: the same everywhere, which the standard distributions are not.
#pragma once

#include <cstdint>
#include <random>

namespace laxity::test {

class Draws {
public:
    explicit Draws(std::uint64_t seed) : bits_(seed) {}
    double real() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
    double real(double low, double high) { return low + (high - low) * real(); }
    std::int64_t integer(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(bits_() % static_cast<std::uint64_t>(high - low + 1));
    }

private:
    std::mt19937_64 bits_;
};

}  // namespace laxity::test
