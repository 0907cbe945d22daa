// Quantiles of the standard normal distribution, the same bits on every compiler and machine.
#pragma once

#include <cmath>

#include "workloads/philox.hpp"

namespace laxity {

// z with P(N(0,1) <= z) = p, for p in (1e-5, 1 - 1e-5): relative error about 1e-7. Wichura's PPND7 (algorithm AS 241,
// Applied Statistics 37, 1988).
inline double normal_quantile(double p) {
    const double q = p - 0.5;
    if (std::abs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179) /
               (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1);
    }
    const double r = std::sqrt(-exact_log(q < 0 ? p : 1 - p)) - 1.6;
    const double z = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777) /
                     ((0.12021132975 * r + 0.73700164250) * r + 1);
    return q < 0 ? -z : z;
}

}  // namespace laxity
