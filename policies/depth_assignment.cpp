#include "policies/depth_assignment.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

// The two inner loops are compiled once per vector width, and the processor's own is picked when the program starts.
// (A sanitizer's run time is not yet set up when that choice runs.)
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define LAXITY_EVERY_VECTOR_WIDTH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define LAXITY_EVERY_VECTOR_WIDTH
#endif

namespace laxity {

namespace {

// A cell holds a time since the start of the plan. Unreachable + any cost does not overflow.
template <class Cell>
constexpr Cell kUnreachable = Cell{1} << (std::numeric_limits<Cell>::digits - 1);

// cells[r] = min(cells[r], previous[r] + cost)
template <class Cell>
inline __attribute__((always_inline)) void relax_all(const Cell* __restrict previous, std::size_t count, Cell cost,
                                                     Cell* __restrict cells) {
    for (std::size_t r = 0; r < count; ++r) {
        const Cell sum = previous[r] + cost;
        cells[r] = sum < cells[r] ? sum : cells[r];
    }
}

template <class Cell>
inline __attribute__((always_inline)) void forget_all_beyond(Cell limit, Cell* cells, std::size_t count) {
    for (std::size_t r = 0; r < count; ++r) cells[r] = cells[r] <= limit ? cells[r] : kUnreachable<Cell>;
}

LAXITY_EVERY_VECTOR_WIDTH void relax(const std::int32_t* previous, std::size_t count, std::int32_t cost,
                                     std::int32_t* cells) {
    relax_all(previous, count, cost, cells);
}
LAXITY_EVERY_VECTOR_WIDTH void relax(const std::int64_t* previous, std::size_t count, std::int64_t cost,
                                     std::int64_t* cells) {
    relax_all(previous, count, cost, cells);
}
LAXITY_EVERY_VECTOR_WIDTH void forget_beyond(std::int32_t limit, std::int32_t* cells, std::size_t count) {
    forget_all_beyond(limit, cells, count);
}
LAXITY_EVERY_VECTOR_WIDTH void forget_beyond(std::int64_t limit, std::int64_t* cells, std::size_t count) {
    forget_all_beyond(limit, cells, count);
}

// No cell beyond it is kept, but for free options. Every reachable cell is below kUnreachable.
template <class Cell>
Cell cell_limit(std::int64_t limit) {
    return static_cast<Cell>(std::clamp<std::int64_t>(limit, -1, kUnreachable<Cell> - 1));
}

}  // namespace

void DepthAssignment::clear() {
    jobs_.clear();
    options_.clear();
}

void DepthAssignment::add_job(std::int64_t deadline, std::span<const DepthOption> options) {
    jobs_.push_back({deadline, options_.size(), options.size(), 0});
    options_.insert(options_.end(), options.begin(), options.end());
}

bool DepthAssignment::solve(std::int64_t start) {
    if (!reduce(start)) return false;
    if (!all_best_fit()) {
        std::int64_t total = 0;
        for (const OpenJob& open : open_) total += candidates_[open.first + open.count - 1].cost;
        if (total < kUnreachable<std::int32_t>) {
            fill_table(narrow_cells_);
            if (rows_.back().width == 0) return false;
            walk_back(narrow_cells_);
        } else {
            fill_table(wide_cells_);
            if (rows_.back().width == 0) return false;
            walk_back(wide_cells_);
        }
    }
    finish_answer(start);
    return true;
}

bool DepthAssignment::reduce(std::int64_t start) {
    open_.clear();
    candidates_.clear();
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
        if (!reduce(job, start)) return false;
    }
    return true;
}

// Leaves the options that can be part of an answer. False if there is none.
bool DepthAssignment::reduce(std::size_t index, std::int64_t start) {
    Job& job = jobs_[index];
    const std::int64_t limit = job.deadline - start;
    const std::size_t first = candidates_.size();
    std::int32_t least = 0, most = -1;
    for (std::size_t o = 0; o < job.count; ++o) {
        const DepthOption& option = options_[job.first + o];
        if (option.reward <= most || (option.cost > 0 && option.cost > limit)) continue;
        if (most < 0) least = option.reward;
        most = option.reward;
        candidates_.push_back({option.cost, option.reward - least, static_cast<std::uint32_t>(o)});
    }
    const std::size_t count = candidates_.size() - first;
    if (count == 0) return false;
    job.chosen = candidates_[first].option;
    if (count == 1 && candidates_[first].cost == 0) {
        candidates_.resize(first);
    } else {
        open_.push_back({index, limit, first, count});
    }
    return true;
}

// Gives every job its best option if that is feasible. It is then the only answer with so much reward in so little
// time.
bool DepthAssignment::all_best_fit() {
    std::int64_t time = 0;
    for (const OpenJob& open : open_) {
        const std::int64_t cost = candidates_[open.first + open.count - 1].cost;
        time += cost;
        if (cost > 0 && time > open.limit) return false;
    }
    for (const OpenJob& open : open_) jobs_[open.job].chosen = candidates_[open.first + open.count - 1].option;
    return true;
}

template <class Cell>
void DepthAssignment::fill_table(std::vector<Cell>& cells) {
    rows_.assign(1, {0, 1});
    cells.assign(1, Cell{0});
    for (const OpenJob& open : open_) rows_.push_back(fill_row(cells, rows_.back(), open));
}

// Appends the row of `job`; its width ends at the largest reachable reward, 0 = nothing is reachable.
template <class Cell>
DepthAssignment::Row DepthAssignment::fill_row(std::vector<Cell>& cells, const Row& previous, const OpenJob& job) {
    const std::span<const Candidate> candidates(candidates_.data() + job.first, job.count);
    Row row{previous.first + previous.width, previous.width + static_cast<std::size_t>(candidates.back().gain)};
    cells.resize(row.first + row.width);
    const Cell* before = cells.data() + previous.first;
    Cell* now = cells.data() + row.first;
    std::fill_n(now, row.width, kUnreachable<Cell>);
    for (const Candidate& candidate : candidates) {
        if (candidate.cost > 0) relax(before, previous.width, static_cast<Cell>(candidate.cost), now + candidate.gain);
    }
    forget_beyond(cell_limit<Cell>(job.limit), now, row.width);
    for (const Candidate& candidate : candidates) {
        if (candidate.cost == 0) relax(before, previous.width, Cell{0}, now + candidate.gain);
    }
    while (row.width > 0 && now[row.width - 1] == kUnreachable<Cell>) --row.width;
    return row;
}

template <class Cell>
void DepthAssignment::walk_back(const std::vector<Cell>& cells) {
    std::size_t reward = rows_.back().width - 1;
    for (std::size_t i = open_.size(); i-- > 0;) {
        const Row& previous = rows_[i];
        const Cell time = cells[rows_[i + 1].first + reward];
        const auto leads_here = [&](const Candidate& candidate) {
            const auto gain = static_cast<std::size_t>(candidate.gain);
            if (gain > reward || reward - gain >= previous.width) return false;
            if (candidate.cost > 0 && time > cell_limit<Cell>(open_[i].limit)) return false;
            return cells[previous.first + reward - gain] + candidate.cost == time;
        };
        const auto first = candidates_.begin() + static_cast<std::ptrdiff_t>(open_[i].first);
        const auto found = std::find_if(first, first + static_cast<std::ptrdiff_t>(open_[i].count), leads_here);
        jobs_[open_[i].job].chosen = found->option;
        reward -= static_cast<std::size_t>(found->gain);
    }
}

void DepthAssignment::finish_answer(std::int64_t start) {
    reward_ = 0;
    finish_ = start;
    for (const Job& job : jobs_) {
        const DepthOption& option = options_[job.first + job.chosen];
        reward_ += option.reward;
        finish_ += option.cost;
    }
}

}  // namespace laxity
