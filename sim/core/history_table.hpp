// The executions of one trace by cell of their history, laid out for drawing from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/history.hpp"
#include "traces/trace.hpp"

namespace laxity {

// A cell is found by counting the thresholds below a history, one count each for idle time, bytes and time away, in a
// grid over the boxes: no search. Thresholds and grids of all stages lie in one array each. What executions took lies
// contiguously, cell after cell, in 32 bits each where they fit, so that a network's table stays in the second-level
// cache.
class HistoryTable {
public:
    struct Cell {
        std::uint32_t first = 0;  // place of its first execution
        std::uint32_t count = 0;
    };
    // All that a draw for one stage looks at.
    struct StageCells {
        const std::int64_t* limits = nullptr;    // ascending: idle time, bytes, away; a cell begins at each
        const Cell* grid = nullptr;              // [idle][away][bytes][continued]
        const std::uint32_t* took_ns = nullptr;  // by place; null: took() knows
        std::uint32_t idle_limits = 0;
        std::uint32_t byte_ranges = 0;  // one more than limits; 0: not measured
        std::uint32_t away_ranges = 0;  // the same

        Cell cell(const StageHistory& before) const {
            const std::uint32_t idle = reached(limits, idle_limits, before.idle.count());
            const std::uint32_t bytes = reached(limits + idle_limits, byte_ranges - 1, before.bytes);
            const std::uint32_t away =
                reached(limits + idle_limits + byte_ranges - 1, away_ranges - 1, before.away.count());
            return grid[((idle * away_ranges + away) * byte_ranges + bytes) * 2 + (before.continued ? 1 : 0)];
        }
    };

    // `path`: submit and notice are part of what an execution took. `stalled`: executions into which a stall fell are
    // kept; else they are left out, unless their cell has no others. The trace outlives the table. Throws
    // std::invalid_argument if a stage's boxes leave a hole, which the loader does not let through.
    HistoryTable(const Trace& trace, bool path, bool stalled);

    // A stage of which a cell has no execution counts as not measured. What is returned points into the table.
    StageCells cells(int stage) const;
    bool measured(int stage) const { return stages_[static_cast<std::size_t>(stage)].byte_ranges > 0; }
    // Of a measured stage.
    Cell cell(int stage, const StageHistory& before) const { return cells(stage).cell(before); }
    // Those of all histories, each once; of a measured stage.
    const std::vector<Cell>& all_cells(int stage) const { return cells_[static_cast<std::size_t>(stage)]; }
    // What the execution at this place took; at least 1 ns.
    Duration took(std::size_t place) const {
        return Duration(wide_ns_.empty() ? static_cast<std::int64_t>(narrow_ns_[place]) : wide_ns_[place]);
    }
    const Execution& execution(std::size_t place) const { return executions_[order_[place]]; }

private:
    struct Stage {  // StageCells, by place in limits_ and grid_
        std::uint32_t first_limit = 0, first_cell = 0, idle_limits = 0, byte_ranges = 0, away_ranges = 0;
    };

    // How many of the thresholds a value has reached. Most have none or one, and which is foretold well: a branch, so
    // that nothing waits for the history.
    static std::uint32_t reached(const std::int64_t* limits, std::uint32_t count, std::int64_t value) {
        std::uint32_t below = 0;
        while (below < count && value >= limits[below]) ++below;
        return below;
    }
    Stage make_stage(int stage, const std::vector<HistoryCell>& boxes, bool stalled);
    Cell gather(int stage, const HistoryCell& box, bool stalled);
    void lay_out(bool path);

    const std::vector<Execution>& executions_;
    std::vector<Stage> stages_;
    std::vector<std::vector<Cell>> cells_;  // by stage
    std::vector<std::int64_t> limits_;
    std::vector<Cell> grid_;
    std::vector<std::uint32_t> order_;      // executions, cell after cell, in the order in which they ran
    std::vector<std::uint32_t> narrow_ns_;  // what they took, or
    std::vector<std::int64_t> wide_ns_;     // the same where 32 bits are too few
};

}  // namespace laxity
