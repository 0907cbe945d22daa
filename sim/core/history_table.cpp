#include "sim/core/history_table.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace laxity {

namespace {

// Where boxes begin or end along one axis, but for the ends of the axis.
std::vector<std::int64_t> thresholds_of(const std::vector<HistoryCell>& boxes, std::int64_t HistoryCell::*from,
                                        std::int64_t HistoryCell::*below) {
    std::vector<std::int64_t> values;
    for (const HistoryCell& box : boxes) {
        for (const std::int64_t value : {box.*from, box.*below})
            if (value > 0 && value < std::numeric_limits<std::int64_t>::max()) values.push_back(value);
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

// The least value of each interval between thresholds.
std::vector<std::int64_t> interval_starts(const std::vector<std::int64_t>& thresholds) {
    std::vector<std::int64_t> starts = {0};
    starts.insert(starts.end(), thresholds.begin(), thresholds.end());
    return starts;
}

std::size_t box_of(const std::vector<HistoryCell>& boxes, const StageHistory& history) {
    const auto holds = [&](const HistoryCell& box) { return box.holds(history); };
    const auto box = std::find_if(boxes.begin(), boxes.end(), holds);
    if (box == boxes.end()) throw std::invalid_argument("a history lies in no cell of its stage");
    return static_cast<std::size_t>(box - boxes.begin());
}

Duration time_of(const Execution& execution, bool path) {
    const Duration time = path ? execution.submit + execution.latency + execution.notice : execution.latency;
    return std::max(time, Duration(1));
}

}  // namespace

HistoryTable::HistoryTable(const Trace& trace, bool path, bool stalled) : executions_(trace.history.executions) {
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        const auto index = static_cast<std::size_t>(stage);
        const bool known = index < trace.history.cells.size();
        stages_.push_back(make_stage(stage, known ? trace.history.cells[index] : std::vector<HistoryCell>(), stalled));
    }
    lay_out(path);
}

HistoryTable::StageCells HistoryTable::cells(int stage) const {
    const Stage& table = stages_[static_cast<std::size_t>(stage)];
    return {limits_.data() + table.first_limit,
            grid_.data() + table.first_cell,
            wide_ns_.empty() ? narrow_ns_.data() : nullptr,
            table.idle_limits,
            table.byte_ranges,
            table.away_ranges};
}

HistoryTable::Stage HistoryTable::make_stage(int stage, const std::vector<HistoryCell>& boxes, bool stalled) {
    std::vector<Cell>& cells = cells_.emplace_back();
    for (const HistoryCell& box : boxes) cells.push_back(gather(stage, box, stalled));
    if (std::any_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.count == 0; })) return {};
    if (cells.empty()) return {};
    const auto idle_limits = thresholds_of(boxes, &HistoryCell::idle_from_ns, &HistoryCell::idle_below_ns);
    const auto byte_limits = thresholds_of(boxes, &HistoryCell::bytes_from, &HistoryCell::bytes_below);
    const auto away_limits = thresholds_of(boxes, &HistoryCell::away_from_ns, &HistoryCell::away_below_ns);
    const Stage table{static_cast<std::uint32_t>(limits_.size()), static_cast<std::uint32_t>(grid_.size()),
                      static_cast<std::uint32_t>(idle_limits.size()),
                      static_cast<std::uint32_t>(byte_limits.size() + 1),
                      static_cast<std::uint32_t>(away_limits.size() + 1)};
    limits_.insert(limits_.end(), idle_limits.begin(), idle_limits.end());
    limits_.insert(limits_.end(), byte_limits.begin(), byte_limits.end());
    limits_.insert(limits_.end(), away_limits.begin(), away_limits.end());
    for (const std::int64_t idle : interval_starts(idle_limits)) {
        for (const std::int64_t away : interval_starts(away_limits)) {
            for (const std::int64_t bytes : interval_starts(byte_limits)) {
                for (const bool continued : {false, true})
                    grid_.push_back(cells[box_of(boxes, {Duration(idle), bytes, continued, Duration(away)})]);
            }
        }
    }
    return table;
}

// Appends the executions of a box to order_.
HistoryTable::Cell HistoryTable::gather(int stage, const HistoryCell& box, bool stalled) {
    const std::size_t first = order_.size();
    for (std::size_t i = 0; i < executions_.size(); ++i) {
        const Execution& execution = executions_[i];
        if (execution.stage == stage && box.holds(execution.before) && (stalled || !execution.stalled))
            order_.push_back(static_cast<std::uint32_t>(i));
    }
    if (order_.size() == first && !stalled) return gather(stage, box, true);
    return {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(order_.size() - first)};
}

void HistoryTable::lay_out(bool path) {
    for (const std::uint32_t execution : order_) wide_ns_.push_back(time_of(executions_[execution], path).count());
    const auto fits = [](std::int64_t ns) { return ns <= std::numeric_limits<std::uint32_t>::max(); };
    if (!std::all_of(wide_ns_.begin(), wide_ns_.end(), fits)) return;
    for (const std::int64_t ns : wide_ns_) narrow_ns_.push_back(static_cast<std::uint32_t>(ns));
    wide_ns_ = {};
}

}  // namespace laxity
