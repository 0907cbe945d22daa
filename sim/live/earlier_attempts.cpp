#include "sim/live/earlier_attempts.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <optional>

#include "sim/live/validation_files.hpp"
#include "sim/results/csv.hpp"
#include "traces/base/error.hpp"

namespace laxity {

namespace {

constexpr std::size_t kMostCount = 1'000'000'000;

// The bytes up to the end of the last whole line of the first so many.
std::uintmax_t bytes_of_lines(const std::string& path, std::size_t lines) {
    std::ifstream in(path, std::ios::binary);
    std::uintmax_t bytes = 0;
    std::string line;
    for (; lines > 0 && std::getline(in, line) && !in.eof(); --lines) bytes += line.size() + 1;
    return bytes;
}

void keep_lines(const std::string& path, std::size_t lines) {
    if (!std::filesystem::exists(path)) return;
    std::error_code error;
    std::filesystem::resize_file(path, bytes_of_lines(path, lines), error);
    if (error) throw input_error(path, "a file that can be written", error.message());
}

// Rows below the header, without a last one that was cut off; none without a whole header.
std::size_t whole_rows(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::size_t lines = 0;
    for (std::string line; std::getline(in, line) && !in.eof();) ++lines;
    return lines > 0 ? lines - 1 : 0;
}

std::size_t count_of(CsvReader& csv) { return static_cast<std::size_t>(csv.integer(0, kMostCount)); }

// The first columns of a row, which say whose it is.
LiveTurn turn_of(CsvReader& csv, const std::string& path, std::span<const CellName> cells) {
    const std::string point = csv.text(), policy = csv.text();
    const auto cell =
        std::ranges::find_if(cells, [&](const CellName& name) { return name.point == point && name.policy == policy; });
    if (cell == cells.end())
        throw input_error(path, "cells of this validation", "\"" + point + "  " + policy + "\"",
                          "choose another folder, or add --replace, which moves this one aside");
    return {static_cast<std::size_t>(cell - cells.begin()), csv.small_integer(1), csv.small_integer(1)};
}

bool is_same(const LiveTurn& a, const LiveTurn& b) {
    return a.cell == b.cell && a.repetition == b.repetition && a.attempt == b.attempt;
}

// Reads the rest of one row of repetitions.csv into its attempt.
void read_metric(CsvReader& csv, MeasuredAttempt& measured) {
    measured.seed = static_cast<std::uint64_t>(csv.integer());
    const std::string metric = csv.text(), unit = csv.text(), jobs = csv.text();
    const bool all = jobs == "all";
    if (all) measured.metrics.push_back({metric, unit, {}, {}, {}, {}, {}, {}, {}, {}});
    RepetitionMetric unused;
    RepetitionMetric& row = measured.metrics.empty() ? unused : measured.metrics.back();
    (all ? row.simulated : row.unstalled_simulated) = csv.optional_number();
    (all ? row.live : row.unstalled_live) = csv.optional_number();
    (all ? row.difference : row.unstalled_difference) = csv.optional_number();
    const auto drift = csv.optional_number();
    Attempt& attempt = measured.attempt;
    attempt.contended = csv.integer(0, 1) != 0;
    csv.text();  // the reasons and the severity follow from what comes next
    csv.number();
    attempt.disturbance.speed_change = csv.number();
    attempt.disturbance.longest_stall = Duration(std::llround(csv.number() * 1e6));
    measured.jobs = count_of(csv);
    measured.stalled_jobs = count_of(csv);
    const auto ci95 = csv.optional_number();
    attempt.disturbance.noisy = csv.integer(0, 1) != 0;
    attempt.window = count_of(csv);
    if (!all) return;
    row.drift = drift;
    row.ci95 = ci95;
}

// The utilisation's row is the last one of an attempt: with it all are there.
bool is_whole(const MeasuredAttempt& measured) { return measured.metrics.size() == default_margins().size(); }

struct Found {
    std::vector<MeasuredAttempt> attempts;
    std::size_t rows = 0;  // of them in the file
};

Found read_repetitions(const std::string& path, std::span<const CellName> cells) {
    Found found;
    const std::size_t rows = whole_rows(path);
    if (rows == 0) return found;
    CsvReader csv(path, kRepetitionsHeader);
    for (std::size_t row = 1; row <= rows && csv.next(); ++row) {
        const LiveTurn turn = turn_of(csv, path, cells);
        auto& attempts = found.attempts;
        if (attempts.empty() || !is_same(attempts.back().attempt.turn, turn)) {
            if (!attempts.empty() && !is_whole(attempts.back()))
                throw input_error(path + ":" + std::to_string(row + 1), "all metrics of an attempt before the next one",
                                  "another attempt", "add --replace, which moves the folder aside, and begin anew");
            attempts.emplace_back().attempt.turn = turn;
        }
        read_metric(csv, attempts.back());
        if (is_whole(attempts.back())) found.rows = row;
    }
    if (!found.attempts.empty() && !is_whole(found.attempts.back())) found.attempts.pop_back();
    return found;
}

// Adds the budgets to their attempts. Returns the rows of budgets.csv up to the last one that belongs to an attempt.
std::size_t read_budgets(const std::string& path, std::span<const CellName> cells,
                         std::vector<MeasuredAttempt>& attempts) {
    const std::size_t rows = whole_rows(path);
    if (rows == 0) return 0;
    CsvReader csv(path, kBudgetsHeader);
    std::size_t kept = 0;
    auto attempt = attempts.begin();
    for (std::size_t row = 1; row <= rows && csv.next(); ++row) {
        const LiveTurn turn = turn_of(csv, path, cells);
        attempt = std::find_if(attempt, attempts.end(),
                               [&](const MeasuredAttempt& measured) { return is_same(measured.attempt.turn, turn); });
        if (attempt == attempts.end()) break;
        BudgetRow budget{csv.text(), csv.text(), csv.text(), csv.optional_number(), csv.integer(0, 1) != 0};
        attempt->budget.push_back(std::move(budget));
        kept = row;
    }
    return kept;
}

// Rows of windows up to the one after the last attempt.
std::size_t rows_of_windows(const std::string& path, std::span<const MeasuredAttempt> attempts) {
    if (attempts.empty()) return 0;
    std::ifstream in(path);
    std::string line;
    std::getline(in, line);
    std::size_t rows = 0;
    const unsigned long last = attempts.back().attempt.window + 1;
    while (std::getline(in, line) && !in.eof() && std::strtoul(line.c_str(), nullptr, 10) <= last) ++rows;
    return rows;
}

}  // namespace

std::vector<MeasuredAttempt> earlier_attempts(const std::string& directory, std::span<const CellName> cells) {
    const std::string repetitions = directory + "/repetitions.csv", budgets = directory + "/budgets.csv",
                      windows = directory + "/windows.csv";
    Found found = read_repetitions(repetitions, cells);
    const std::size_t rows_of_budgets = read_budgets(budgets, cells, found.attempts);
    const std::size_t window_rows = rows_of_windows(windows, found.attempts);
    keep_lines(repetitions, found.rows + 1);
    keep_lines(budgets, rows_of_budgets + 1);
    keep_lines(windows, window_rows + 1);
    return std::move(found.attempts);
}

}  // namespace laxity
