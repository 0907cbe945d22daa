#include "sim/results/doubts.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <cstdio>
#include <optional>

namespace laxity {

namespace {

constexpr std::uint64_t kFewestBeyond = 10;
constexpr std::uint64_t kFewestForP95 = kFewestBeyond * 20;
constexpr std::uint64_t kFewestForP99 = kFewestBeyond * 100;

using Doubt = std::optional<std::string>;

std::string number(const char* format, double value) {
    char text[32];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

Doubt of_quantiles(std::uint64_t responses) {
    if (responses == 0) return "no scored job was answered in time: there are no response times";
    const std::string count = std::to_string(responses);
    if (responses < kFewestForP95) {
        return "response p95 and p99 from " + count + " responses: fewer than 10 lie beyond them (200 and 1000 needed)";
    }
    if (responses < kFewestForP99)
        return "response p99 from " + count + " responses: fewer than 10 lie beyond it (1000 needed)";
    return std::nullopt;
}

Doubt of_misses(const JobCounts& counts) {
    using Binomial = boost::math::binomial_distribution<>;
    if (counts.missed == 0 || counts.missed >= kFewestBeyond) return std::nullopt;
    const auto jobs = static_cast<double>(counts.jobs), missed = static_cast<double>(counts.missed);
    const double low = Binomial::find_lower_bound_on_p(jobs, missed, 0.025);
    const double high = Binomial::find_upper_bound_on_p(jobs, missed, 0.025);
    return "misses: " + std::to_string(counts.missed) + " of " + std::to_string(counts.jobs) +
           ": the miss ratio may be anything from " + number("%.2g", low) + " to " + number("%.2g", high) +
           " (95 %, even if jobs missed independently)";
}

Doubt of_backlog(const BacklogTrend& backlog) {
    if (!backlog.grows()) return std::nullopt;
    return "the backlog grew: the last quarter of the jobs stayed " + number("%.1f", *backlog.ratio()) +
           " times as long as the first: an unstable queue, or too short a run";
}

}  // namespace

std::vector<std::string> doubts(const Metrics& metrics) {
    if (metrics.total().jobs == 0) return {"no job was scored; see /horizon of the workload"};
    std::vector<std::string> lines;
    for (const Doubt& doubt :
         {of_quantiles(metrics.response().count()), of_misses(metrics.total()), of_backlog(metrics.backlog())}) {
        if (doubt) lines.push_back(*doubt);
    }
    return lines;
}

}  // namespace laxity
