// Times of stages that others measured.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace laxity {

struct LatencySource {
    std::string file;                  // one row a pass, one column a stage (number_table.hpp)
    std::string unit;                  // "ns", "us", "ms", "s"; empty if the header says it
    std::vector<std::string> columns;  // of the stages, in order; empty = all
    bool cumulative = false;           // column k holds the time from the pass's start to the end of stage k
    int warmup = 0;                    // the first rows, which are left out
};

struct ImportedLatencies {
    std::vector<std::string> stages;  // the columns' names, without a unit; "stage0", ... if there are none
    std::string unit;
    std::vector<std::int64_t> ns;  // row-major [pass][stage], rounded to whole nanoseconds
};

// A header may end every name in its unit: "stem_ms", "stem (ms)", "stem [ms]". Throws InputError for a unit that
// nobody states or two that differ, for too few or too many stages, and for a time below half a nanosecond or beyond
// 1000 s.
ImportedLatencies import_latencies(const LatencySource& source);

// What a stage costs on the live path beyond its latency: `text` is a number, the same for every stage, or a file of
// one column. In ns. Throws InputError.
std::vector<std::int64_t> import_dispatch(const std::string& text, const std::string& unit);

}  // namespace laxity
