#include "sim/bounds/recurrent_task.hpp"

#include <boost/multiprecision/cpp_int.hpp>

namespace laxity {

namespace {

constexpr std::int64_t kLongestNs = 100'000'000'000'000'000;
constexpr int kMostSteps = 100'000;

}  // namespace

int compare_utilisation_with_one(std::span<const RecurrentTask> tasks) {
    double sum = 0;
    for (const RecurrentTask& task : tasks) sum += task.utilisation();
    constexpr double kSure = 1e-9;  // far above the rounding of a sum of a million terms
    if (sum < 1 - kSure) return -1;
    if (sum > 1 + kSure) return 1;
    boost::multiprecision::cpp_rational exact = 0;
    for (const RecurrentTask& task : tasks) exact += boost::multiprecision::cpp_rational(task.wcet_ns(), task.gap_ns);
    return exact < 1 ? -1 : exact > 1 ? 1 : 0;
}

std::int64_t busy_length_ns(std::span<const RecurrentTask> tasks, std::int64_t blocking_ns) {
    std::int64_t length = blocking_ns;
    for (const RecurrentTask& task : tasks) length += task.wcet_ns();
    for (int step = 0; step < kMostSteps && length <= kLongestNs; ++step) {
        std::int64_t next = blocking_ns;
        for (const RecurrentTask& task : tasks) next += task.releases_before(length) * task.wcet_ns();
        if (next == length) return length;
        length = next;
    }
    return -1;
}

}  // namespace laxity
