// Enough runs, not a number of runs: seeds are added to a point until its means are known well enough.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace laxity {

// How well a measure's mean over the seeds is to be known at every point, for every policy.
struct Precision {
    std::string measure;    // a numeric column of runs.csv
    double half_width = 0;  // of the 95 % interval of the mean
    bool relative = false;  // half_width is a share of the mean
    std::string text;       // of the half-width, as given: "0.001", "5%"
};

// Parses "accuracy=0.001" or "response_p99_ms=2%"; `place` begins the error. Throws InputError if it is neither.
Precision parse_precision(const std::string& text, const std::string& place);

// Whether these values (one per seed, undefined ones left out) are enough. Never with fewer than two values, except
// that a measure which no run defines asks for nothing.
bool is_enough(const Precision& precision, std::span<const std::optional<double>> values);

// How many seeds a point should have next, if it has `seeds` now and the values are not enough: what the spread so far
// foretells, at least one more and at most twice as many, and never more than `most`.
std::uint64_t next_seeds(const Precision& precision, std::span<const std::optional<double>> values, std::uint64_t seeds,
                         std::uint64_t most);

}  // namespace laxity
