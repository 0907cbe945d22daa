// Errors that are told in one line: what a user can mend, and what went wrong while running.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

namespace laxity {

// Something the user gave (a file, an option, a data set, a network) can't be used. what() is one line that names
// the place, what was expected, what was found and what to do. The command line prints it and exits with code 2.
class InputError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// The run itself failed, though nothing was wrong with what the user gave: no room on the disk, a folder that was
// removed meanwhile. what() is one line that names the place and what to do. The command line prints it and exits with
// code 1.
class RunError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// "place: expected X, found Y; advice". What was found and the advice may be empty.
InputError input_error(std::string_view place, std::string_view expected, std::string_view found,
                       std::string_view advice = {});

// "place: problem; advice". The advice may be empty.
RunError run_error(std::string_view place, std::string_view problem, std::string_view advice = {});

// `text` for a message of one line: control characters and bytes that are no UTF-8 become \xNN.
std::string one_line(std::string_view text);
// The same, cut to `limit` bytes (at least 8) with "..." at the end.
std::string shortened(std::string_view text, std::size_t limit = 60);

// Levenshtein's distance: insertions, deletions and substitutions of bytes. O(|a| |b|).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The word of `choices` closest to `word` (for "did you mean"), or empty if none is close.
// `choices` is any range of strings.
template <class Choices>
std::string closest(std::string_view word, const Choices& choices) {
    std::string best;
    std::size_t best_distance = word.size() / 2 + 1;
    for (const auto& choice : choices) {
        const std::size_t distance = edit_distance(word, choice);
        if (distance < best_distance) {
            best_distance = distance;
            best = choice;
        }
    }
    return best;
}

}  // namespace laxity
