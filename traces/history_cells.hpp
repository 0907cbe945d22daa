// Which histories of a stage have to be told apart: measured executions are sorted into boxes, so that a simulation can
// draw the time of a stage from executions after a like history.
//
// For each stage a small regression tree (history_tree.hpp) over idle time, bytes, continued and time away. The
// latencies that it is grown on are clipped at the stage's 99 % quantile, since a few outliers would otherwise be all
// that it sees, and are relative to slow drift, which is not history: to the running median, over the 101 executions
// around, of all stages' latencies, each divided by what its cell expects. Cells and drift are found in turn, three
// times.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "traces/history.hpp"

namespace laxity {

inline constexpr std::size_t kLeastOfCell = 50;  // executions
inline constexpr std::size_t kMostCells = 8;     // of a stage

struct CellFit {
    std::vector<std::vector<HistoryCell>> cells;  // by stage, in the order of idle time, bytes, continued, away
    // The share of the variance within stages that cells explain on blocks of executions that they were not chosen by
    // (tenths of the schedule; cells chosen anew for each); 0 if they predict worse than the stage's mean. Of latencies
    // without drift, clipped. None without variance.
    std::optional<double> explained;
    std::vector<std::optional<double>> explained_of_stage;
};

// `executions` in the order in which they ran, of `stages` stages. Those that a stall fell into count but decide
// nothing. Every stage has at least one cell. Deterministic. O(n log n), 0.1 s for 20,000 executions.
CellFit fit_cells(std::span<const Execution> executions, int stages);

// The cell of a stage that holds this history; there is exactly one.
std::size_t cell_of(std::span<const HistoryCell> cells, const StageHistory& history);

}  // namespace laxity
