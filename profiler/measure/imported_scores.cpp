#include "profiler/measure/imported_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "traces/base/array_file.hpp"
#include "traces/base/error.hpp"
#include "traces/outcome.hpp"

namespace laxity {

namespace {

constexpr std::size_t kMostClasses = 1'000'000'000;
constexpr double kSumTolerance = 1e-3;  // of probabilities in float16 and of those that were printed

std::string place_of(const std::string& file, std::size_t sample, std::size_t exit) {
    return file + ": sample " + std::to_string(sample) + ", exit " + std::to_string(exit);
}

// --- What kind of scores they are ---

double sum_of(std::span<const float> row) {
    double sum = 0;
    for (const float value : row) sum += static_cast<double>(value);
    return sum;
}

bool are_probabilities(std::span<const float> row) {
    return std::ranges::all_of(row, [](float value) { return value >= 0; }) &&
           std::abs(sum_of(row) - 1) <= kSumTolerance;
}

bool are_logarithms(std::span<const float> row) {
    double sum = 0;
    for (const float value : row) sum += std::exp(static_cast<double>(value));
    return std::abs(sum - 1) <= kSumTolerance;
}

// Calls visit(exit, sample, row) for every row of scores, which it may change.
template <class Visit>
void for_each_row(ExitScores& scores, Visit visit) {
    const auto width = static_cast<std::size_t>(scores.classes);
    for (std::size_t exit = 0; exit < scores.by_exit.size(); ++exit) {
        const std::span<float> all = scores.by_exit[exit];
        for (std::size_t sample = 0; sample * width < all.size(); ++sample)
            visit(exit, sample, all.subspan(sample * width, width));
    }
}

void check_finite(const std::string& file, ExitScores& scores) {
    for_each_row(scores, [&](std::size_t exit, std::size_t sample, std::span<const float> row) {
        const auto wrong = std::ranges::find_if(row, [](float value) { return !std::isfinite(value); });
        if (wrong == row.end()) return;
        throw input_error(place_of(file, sample, exit), "finite numbers",
                          (std::isnan(*wrong) ? "NaN" : "infinity") + std::string(" for class ") +
                              std::to_string(wrong - row.begin()));
    });
}

void check_they_are_scores(const std::string& file, ExitScores& scores) {
    bool probabilities = true;
    for_each_row(scores, [&](std::size_t, std::size_t, std::span<const float> row) {
        probabilities = probabilities && are_probabilities(row);
    });
    if (!probabilities) return;
    throw input_error(file, "scores before a softmax", "rows that all sum to 1, as probabilities do",
                      "say --probabilities, or --logits if they are not");
}

// The softmax of logarithms of probabilities is the probabilities.
void take_logarithms(const std::string& file, ExitScores& scores) {
    for_each_row(scores, [&](std::size_t exit, std::size_t sample, std::span<float> row) {
        if (!are_probabilities(row)) {
            throw input_error(place_of(file, sample, exit), "probabilities that sum to 1",
                              "numbers that sum to " + std::to_string(sum_of(row)) + " or a negative one",
                              "scores before a softmax need no --probabilities");
        }
        for (float& value : row) value = std::log(std::max(value, std::numeric_limits<float>::min()));
    });
}

void check_logarithms(const std::string& file, ExitScores& scores) {
    for_each_row(scores, [&](std::size_t exit, std::size_t sample, std::span<const float> row) {
        if (are_logarithms(row)) return;
        throw input_error(place_of(file, sample, exit), "natural logarithms of probabilities that sum to 1", "others",
                          "scores before a softmax need no --log-probabilities");
    });
}

void settle_kind(const std::string& file, ExitScores& scores, std::optional<ScoreKind> kind) {
    if (kind == ScoreKind::kLogProbabilities) {
        for_each_row(scores, [](std::size_t, std::size_t, std::span<float> row) {
            std::ranges::replace(row, -std::numeric_limits<float>::infinity(),
                                 std::log(std::numeric_limits<float>::min()));
        });
    }
    check_finite(file, scores);
    if (!kind) check_they_are_scores(file, scores);
    if (kind == ScoreKind::kProbabilities) take_logarithms(file, scores);
    if (kind == ScoreKind::kLogProbabilities) check_logarithms(file, scores);
}

// --- Arrays of scores ---

void check_width(const std::string& file, std::size_t exits, std::size_t classes, const std::string& shape) {
    if (exits >= 1 && exits <= kMaxStages && classes >= 2 && classes <= kMostClasses) return;
    throw input_error(
        file, "scores [samples][exits][classes] of 1 to " + std::to_string(kMaxStages) + " exits and 2 or more classes",
        "an array of " + shape);
}

// [samples][exits][classes] taken apart by exit.
ExitScores by_exit(const Array& array) {
    const std::vector<std::size_t>& shape = array.shape();
    if (shape.size() != 3)
        throw input_error(array.name(), "scores [samples][exits][classes]", "an array of " + array.shape_text());
    check_width(array.name(), shape[1], shape[2], array.shape_text());
    ExitScores scores{static_cast<int>(shape[2]), std::vector<std::vector<float>>(shape[1])};
    const std::vector<float> all = array.floats();
    for (std::size_t at = 0; at < all.size(); at += shape[2]) {
        auto& exit = scores.by_exit[at / shape[2] % shape[1]];
        exit.insert(exit.end(), all.begin() + static_cast<std::ptrdiff_t>(at),
                    all.begin() + static_cast<std::ptrdiff_t>(at + shape[2]));
    }
    return scores;
}

void check_floats(const Array& array) {
    if (is_floating_point(array.type())) return;
    throw input_error(array.name(), "floating-point scores", std::string("elements of type ") + name_of(array.type()),
                      "predictions without scores go into --predictions");
}

ExitScores read_one(const std::string& path) {
    const Array array = read_array(path);
    check_floats(array);
    return by_exit(array);
}

// Members exit0, exit1, ... of [samples][classes] each.
ExitScores read_members(const std::string& path, std::size_t exits) {
    ExitScores scores;
    std::vector<std::size_t> first;
    for (std::size_t exit = 0; exit < exits; ++exit) {
        const Array array = read_array(path + ":exit" + std::to_string(exit));
        check_floats(array);
        if (array.shape().size() != 2)
            throw input_error(array.name(), "scores [samples][classes]", "an array of " + array.shape_text());
        if (exit == 0) first = array.shape();
        if (array.shape() != first)
            throw input_error(array.name(), "as many samples and classes as exit0 has",
                              "an array of " + array.shape_text());
        check_width(array.name(), exits, first[1], array.shape_text());
        scores.classes = static_cast<int>(first[1]);
        scores.by_exit.push_back(array.floats());
    }
    return scores;
}

// How many of exit0, exit1, ... there are, none missing between.
std::size_t count_exits(const std::vector<std::string>& members) {
    std::size_t exits = 0;
    while (std::ranges::count(members, "exit" + std::to_string(exits)) > 0) ++exits;
    return exits;
}

ExitScores read_scores(const std::string& path) {
    const std::vector<std::string> members = array_members(path);
    if (std::ranges::count(members, "scores") > 0) return read_one(path + ":scores");
    if (const std::size_t exits = count_exits(members); exits > 0) return read_members(path, exits);
    return read_one(path);
}

}  // namespace

ExitScores import_scores(const std::string& path, std::optional<ScoreKind> kind) {
    if (!is_array_path(path))
        throw input_error(path, "an array .npy or .npz", "another file",
                          "predictions as a table go into --predictions");
    ExitScores scores = read_scores(path);
    if (scores.by_exit.front().empty()) throw input_error(path, "scores of samples", "none");
    settle_kind(path, scores, kind);
    return scores;
}

}  // namespace laxity
