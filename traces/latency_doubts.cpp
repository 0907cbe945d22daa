// Doubts about the times. Everything is said of medians and ranks, which a single pause does not move.
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>
#include <span>

#include "traces/doubt_parts.hpp"

namespace laxity {

namespace {

using Values = std::vector<std::int64_t>;

constexpr std::size_t kEnoughRows = 1000;                   // 10 lie beyond the 99 % quantile
constexpr std::size_t kBatches = 20;                        // of consecutive rows
constexpr std::size_t kBlock = 32;                          // rows that a replay keeps together
constexpr double kGrid = 0.01;                              // of a stage's median
constexpr double kShortestPass = 1e3, kLongestPass = 60e9;  // ns
constexpr double kHighestRate = 1e6, kLowestRate = 1e-5;    // multiply-accumulates per ns
constexpr double kTrend = 0.05, kStandardErrors = 3;
constexpr double kPause = 10;                              // medians
constexpr double kPausedRows = 0.001, kPausedTime = 0.05;  // shares
constexpr double kRepeated = 0.1;                          // of the rows
constexpr double kLongMemory = 0.5;                        // rank correlation

Values whole_passes(const Trace& trace) {
    Values totals(trace.runs());
    for (std::size_t run = 0; run < totals.size(); ++run)
        for (int stage = 0; stage < trace.stage_count(); ++stage) totals[run] += trace.latency(run, stage);
    return totals;
}

double median(const Values& values) { return static_cast<double>(quantile(values, 0.5)); }

// What every check looks at, made once.
struct Passes {
    const Trace& trace;
    Values totals = whole_passes(trace);
    double typical = median(totals);
};

const std::string& name_of(const Trace& trace, int stage) { return trace.stages[static_cast<std::size_t>(stage)].name; }

std::optional<TraceDoubt> few_rows(const Passes& passes) {
    const std::size_t rows = passes.totals.size();
    if (rows >= kEnoughRows) return {};
    return TraceDoubt{"rows", "", count_text(rows, "row") + ", fewer than 10 of them beyond the 99 % quantile",
                      "policies plan with that quantile, and replays draw the tail from these rows alone",
                      "measure 1000 or more passes"};
}

// Distinct values in ascending order.
Values distinct(Values values) {
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

std::int64_t smallest_gap(const Values& ascending) {
    std::int64_t gap = ascending.back();
    for (std::size_t i = 1; i < ascending.size(); ++i) gap = std::min(gap, ascending[i] - ascending[i - 1]);
    return gap;
}

// Of many values on a fine clock some two are always close to each other; on a coarse one they are equal, or a step
// apart.
bool is_grid(std::size_t rows, const Values& values, double typical) {
    return values.size() > 1 && rows >= 20 && values.size() * 4 <= rows &&
           static_cast<double>(smallest_gap(values)) >= kGrid * typical;
}

std::optional<TraceDoubt> coarse_clock(const Trace& trace, int stage) {
    const Values latencies = stage_latencies(trace, stage), values = distinct(latencies);
    if (!is_grid(latencies.size(), values, median(latencies))) return {};
    const auto step = static_cast<double>(smallest_gap(values));
    return TraceDoubt{"clock", name_of(trace, stage),
                      count_text(values.size(), "value") + " in " + count_text(latencies.size(), "row") +
                          ", never closer than " + time_text(step) + ", which is " +
                          share_text(step / median(latencies)) + " of the median",
                      "the clock is coarser than what it measures, or digits were cut off: quantiles are steps of it",
                      "export more digits, or time with a finer clock (steady_clock, CUDA events)"};
}

std::optional<TraceDoubt> constant_stage(const Trace& trace, int stage) {
    const Values latencies = stage_latencies(trace, stage);
    if (latencies.size() < 2 || std::ranges::count(latencies, latencies.front()) != std::ssize(latencies)) return {};
    return TraceDoubt{
        "constant", name_of(trace, stage),
        "all " + count_text(latencies.size(), "row") + " say " + time_text(static_cast<double>(latencies.front())),
        "a measured time varies: this is a mean or a guess, and its replay knows no tail",
        "export one row for each pass"};
}

std::optional<TraceDoubt> same_stage(const Trace& trace, int stage) {
    if (trace.runs() < 20) return {};
    const Values latencies = stage_latencies(trace, stage);
    for (int earlier = 0; earlier < stage; ++earlier) {
        if (stage_latencies(trace, earlier) != latencies) continue;
        return TraceDoubt{"constant", name_of(trace, stage), "every row is the same as of " + name_of(trace, earlier),
                          "one column was exported twice, and the other stage's times are missing",
                          "see which column belongs to which stage"};
    }
    return {};
}

double work(const Trace& trace) {
    return std::transform_reduce(trace.stages.begin(), trace.stages.end(), 0.0, std::plus<>(),
                                 [](const StageInfo& stage) { return static_cast<double>(stage.macs); });
}

std::optional<TraceDoubt> wrong_unit(const Passes& passes) {
    const double rate = work(passes.trace) / passes.typical;
    const bool known = work(passes.trace) > 0;
    const bool fast = passes.typical < kShortestPass || rate > kHighestRate;
    if (!fast && passes.typical <= kLongestPass && (!known || rate >= kLowestRate)) return {};
    std::string found = "a full pass takes " + time_text(passes.typical) + " (median)";
    if (known) found += ", " + digits(rate * 1e9) + " multiply-accumulates a second";
    return TraceDoubt{"unit", "", found,
                      fast ? "no device is so fast: the times were taken for a smaller unit than they are in"
                           : "hardly any network is so slow: the times were taken for a larger unit than they are in",
                      "import again with the --unit of the file (ns, us, ms, s)"};
}

std::vector<double> batch_medians(const Values& totals) {
    std::vector<double> medians;
    const auto at = [&](std::size_t batch) {
        return totals.begin() + static_cast<std::ptrdiff_t>(batch * totals.size() / kBatches);
    };
    for (std::size_t batch = 0; batch < kBatches; ++batch) medians.push_back(median({at(batch), at(batch + 1)}));
    return medians;
}

// Mann's S (Econometrica 13, 1945) in its standard errors: how many pairs rise rather than fall.
double rising(const std::vector<double>& values) {
    double score = 0;
    for (std::size_t i = 0; i < values.size(); ++i)
        for (std::size_t j = i + 1; j < values.size(); ++j)
            score += values[j] > values[i] ? 1 : values[j] < values[i] ? -1 : 0;
    const auto n = static_cast<double>(values.size());
    return score / std::sqrt(n * (n - 1) * (2 * n + 5) / 18);
}

std::optional<TraceDoubt> trend(const Passes& passes) {
    const std::size_t rows = passes.totals.size();
    if (rows < 5 * kBatches) return {};
    const auto quarter = static_cast<std::ptrdiff_t>(rows / 4);
    const double change = median({passes.totals.end() - quarter, passes.totals.end()}) /
                              median({passes.totals.begin(), passes.totals.begin() + quarter}) -
                          1;
    if (std::abs(change) < kTrend || std::abs(rising(batch_medians(passes.totals))) < kStandardErrors) return {};
    return TraceDoubt{"trend", "",
                      "the last quarter of the rows is " + share_text(std::abs(change)) +
                          (change > 0 ? " slower" : " faster") + " than the first (medians)",
                      change > 0
                          ? "the device was slowing down (heat, clocks, another load): rows are of several devices"
                          : "the device was still warming up: the first rows are not what it does later",
                      change > 0 ? "let it cool, fix its clocks, and measure again"
                                 : "warm up longer, or leave the first rows out (--warmup)"};
}

std::optional<TraceDoubt> pauses(const Passes& passes) {
    double time = 0;
    const double all = std::accumulate(passes.totals.begin(), passes.totals.end(), 0.0);
    std::size_t rows = 0;
    for (const std::int64_t total : passes.totals) {
        if (static_cast<double>(total) <= kPause * passes.typical) continue;
        time += static_cast<double>(total);
        ++rows;
    }
    const auto count = static_cast<double>(passes.totals.size());
    if (rows == 0 || (static_cast<double>(rows) < kPausedRows * count && time < kPausedTime * all)) return {};
    return TraceDoubt{"pauses", "",
                      count_text(rows, "row") + " of " + std::to_string(passes.totals.size()) +
                          " took more than 10 times the median, the longest " +
                          time_text(static_cast<double>(std::ranges::max(passes.totals))) + "; " +
                          share_text(time / all) + " of all time",
                      "something else had the device meanwhile, and replays spread its pauses over all load",
                      "measure again on a quiet machine"};
}

// Rows of a matrix, sorted; how many equal the one before them.
template <class Value>
std::size_t repeated_rows(std::vector<std::span<const Value>> rows) {
    const auto less = [](const auto& a, const auto& b) { return std::ranges::lexicographical_compare(a, b); };
    std::ranges::sort(rows, less);
    std::size_t repeated = 0;
    for (std::size_t i = 1; i < rows.size(); ++i) repeated += std::ranges::equal(rows[i - 1], rows[i]) ? 1 : 0;
    return repeated;
}

// On a clock that is fine enough, passes do not repeat to the nanosecond.
std::optional<TraceDoubt> repeated(const Passes& passes) {
    const std::size_t rows = passes.totals.size(), width = passes.trace.stages.size();
    const Values values = distinct(passes.totals);
    if (values.size() < 2 || is_grid(rows, values, passes.typical)) return {};
    std::vector<std::span<const std::int64_t>> all;
    for (std::size_t run = 0; run < rows; ++run)
        all.push_back(std::span(passes.trace.latency_ns).subspan(run * width, width));
    const std::size_t again = repeated_rows(std::move(all));
    if (rows < 20 || static_cast<double>(again) < kRepeated * static_cast<double>(rows)) return {};
    return TraceDoubt{
        "repeated rows", "",
        std::to_string(again) + " of " + count_text(rows, "row") + " are the same as another, in every stage",
        "a file that was joined to itself has the luck of fewer passes than it says", "export every pass once"};
}

// Of equal values each has the mean of their ranks.
std::vector<double> centred_ranks(const Values& values) {
    Values ascending = values;
    std::ranges::sort(ascending);
    std::vector<double> ranks;
    for (const std::int64_t value : values) {
        const auto [first, last] = std::equal_range(ascending.begin(), ascending.end(), value);
        const std::ptrdiff_t before = first - ascending.begin(), after = ascending.end() - last;
        ranks.push_back(static_cast<double>(before - after) / 2);
    }
    return ranks;
}

double rank_correlation(const Values& values, std::size_t lag) {
    const std::vector<double> ranks = centred_ranks(values);
    const auto ahead = ranks.begin() + static_cast<std::ptrdiff_t>(lag);
    const double squares = std::inner_product(ranks.begin(), ranks.end(), ranks.begin(), 0.0);
    return std::inner_product(ahead, ranks.end(), ranks.begin(), 0.0) / squares;
}

// A trend is correlated over any distance; it is said once.
std::optional<TraceDoubt> long_memory(const Passes& passes) {
    if (passes.totals.size() < 10 * kBlock || distinct(passes.totals).size() < 2 || trend(passes)) return {};
    const double correlation = rank_correlation(passes.totals, kBlock);
    if (correlation < kLongMemory) return {};
    return TraceDoubt{"memory", "",
                      "rows that lie " + std::to_string(kBlock) + " apart are still alike (rank correlation " +
                          digits(correlation) + ")",
                      "replays keep blocks of " + std::to_string(kBlock) +
                          " rows together, and break longer slow spells up: queues look shorter than they are",
                      "fix the device's clocks, or measure much longer than its slow spells"};
}

void add(std::vector<TraceDoubt>& doubts, std::optional<TraceDoubt> doubt) {
    if (doubt) doubts.push_back(std::move(*doubt));
}

}  // namespace

void add_latency_doubts(const Trace& trace, std::vector<TraceDoubt>& doubts) {
    const Passes passes{trace};
    add(doubts, few_rows(passes));
    add(doubts, wrong_unit(passes));
    for (const auto check : {coarse_clock, constant_stage, same_stage})
        for (int stage = 0; stage < trace.stage_count(); ++stage) add(doubts, check(trace, stage));
    for (const auto check : {trend, pauses, repeated, long_memory}) add(doubts, check(passes));
}

}  // namespace laxity
