// A linear programme, solved exactly but for rounding: the reference for bounds on small instances.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <vector>

namespace laxity::test {

// Maximises value . x over x >= 0 and the rows added, each of them row . x <= limit with limit >= 0. Dense tableau,
// Bland's rule: it ends, if slowly.
class Simplex {
public:
    explicit Simplex(std::vector<double> value) : value_(std::move(value)) {}

    void add_row(std::vector<double> row, double limit) {
        rows_.push_back(std::move(row));
        limits_.push_back(limit);
    }

    double maximum() const {
        Tableau tableau = start();
        for (std::size_t column = entering(tableau); column < variables(); column = entering(tableau)) {
            pivot(tableau, leaving(tableau, column), column);
        }
        return tableau.back().back();
    }

private:
    using Tableau = std::vector<std::vector<double>>;  // rows, then the objective; columns, then the limit
    static constexpr double kEpsilon = 1e-9;

    std::size_t variables() const { return value_.size() + rows_.size(); }

    Tableau start() const {
        Tableau tableau(rows_.size() + 1, std::vector<double>(variables() + 1));
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            for (std::size_t c = 0; c < value_.size(); ++c) tableau[r][c] = rows_[r][c];
            tableau[r][value_.size() + r] = 1;
            tableau[r].back() = limits_[r];
        }
        for (std::size_t c = 0; c < value_.size(); ++c) tableau.back()[c] = -value_[c];
        return tableau;
    }

    // The first column that would raise the objective; variables() if none.
    std::size_t entering(const Tableau& tableau) const {
        std::size_t column = 0;
        while (column < variables() && tableau.back()[column] > -kEpsilon) ++column;
        return column;
    }

    std::size_t leaving(const Tableau& tableau, std::size_t column) const {
        std::size_t best = rows_.size();
        double best_ratio = 0;
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            if (tableau[r][column] <= kEpsilon) continue;
            const double ratio = tableau[r].back() / tableau[r][column];
            if (best == rows_.size() || ratio < best_ratio) best = r, best_ratio = ratio;
        }
        if (best == rows_.size()) throw std::logic_error("the linear programme has no limit");
        return best;
    }

    static void pivot(Tableau& tableau, std::size_t row, std::size_t column) {
        const double divisor = tableau[row][column];
        for (double& entry : tableau[row]) entry /= divisor;
        for (std::size_t r = 0; r < tableau.size(); ++r) {
            const double factor = tableau[r][column];
            if (r == row || factor == 0) continue;
            for (std::size_t c = 0; c < tableau[r].size(); ++c) tableau[r][c] -= factor * tableau[row][c];
        }
    }

    std::vector<double> value_;
    std::vector<std::vector<double>> rows_;
    std::vector<double> limits_;
};

}  // namespace laxity::test
