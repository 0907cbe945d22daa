#include "workloads/philox.hpp"

#include <cassert>

namespace laxity {

// x = n ln 2 + r with |r| <= ln(2) / 2, and Taylor's series of exp(r), whose 14th term is below 1e-17.
double exact_exp(double x) {
    constexpr double kLn2High = 6.93147180369123816490e-01, kLn2Low = 1.90821492927058770002e-10;
    constexpr double kInverseLn2 = 1.44269504088896338700;
    assert(x <= 700);
    if (x < -700) return 0;
    const auto n = static_cast<std::int64_t>(x * kInverseLn2 + (x < 0 ? -0.5 : 0.5));
    const auto k = static_cast<double>(n);
    const double r = (x - k * kLn2High) - k * kLn2Low;
    double sum = 1;
    for (int term = 13; term >= 1; --term) sum = 1 + sum * r / term;
    return sum * std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

}  // namespace laxity
