// The executions of one trace by cell of their history, laid out for drawing from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/history.hpp"
#include "traces/trace.hpp"

namespace laxity {

// A cell is found by counting the thresholds below a history, one count for idle time and one for bytes, in a grid over
// the boxes: no search. What executions took lies contiguously, cell after cell, in 32 bits each where they fit, so
// that a network's table stays in the second-level cache.
class HistoryTable {
public:
    struct Cell {
        std::uint32_t first = 0;  // place of its first execution
        std::uint32_t count = 0;
    };

    // `path`: submit and notice are part of what an execution took. `stalled`: executions into which a stall fell are
    // kept; else they are left out, unless their cell has no others. The trace outlives the table. Throws
    // std::invalid_argument if a stage's boxes leave a hole, which the loader does not let through.
    HistoryTable(const Trace& trace, bool path, bool stalled);

    // A stage of which a cell has no execution counts as not measured.
    bool measured(int stage) const { return !stages_[static_cast<std::size_t>(stage)].grid.empty(); }
    // Of a measured stage.
    Cell cell(int stage, const StageHistory& before) const {
        const Stage& table = stages_[static_cast<std::size_t>(stage)];
        const std::size_t idle = count_below(table.idle, before.idle.count());
        const std::size_t bytes = count_below(table.bytes, before.bytes);
        return table.grid[(idle * (table.bytes.size() + 1) + bytes) * 2 + (before.continued ? 1 : 0)];
    }
    // What the execution at this place took; at least 1 ns.
    Duration took(std::size_t place) const {
        return Duration(wide_ns_.empty() ? static_cast<std::int64_t>(narrow_ns_[place]) : wide_ns_[place]);
    }
    const Execution& execution(std::size_t place) const { return executions_[order_[place]]; }

private:
    struct Stage {
        std::vector<std::int64_t> idle, bytes;  // thresholds, ascending: a cell begins at each
        std::vector<Cell> grid;                 // [idle][bytes][continued]; empty: not measured
    };

    static std::size_t count_below(const std::vector<std::int64_t>& thresholds, std::int64_t value) {
        std::size_t count = 0;
        for (const std::int64_t threshold : thresholds) count += value >= threshold ? 1 : 0;
        return count;
    }
    Stage make_stage(int stage, const std::vector<HistoryCell>& boxes, bool stalled);
    Cell gather(int stage, const HistoryCell& box, bool stalled);
    void lay_out(bool path);

    const std::vector<Execution>& executions_;
    std::vector<Stage> stages_;
    std::vector<std::uint32_t> order_;      // executions, cell after cell, in the order in which they ran
    std::vector<std::uint32_t> narrow_ns_;  // what they took, or
    std::vector<std::int64_t> wide_ns_;     // the same where 32 bits are too few
};

}  // namespace laxity
