#include "policies/parts/depth_assignment.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace laxity {

namespace {

// No cell beyond it is kept, but for free options. Every reachable cell is below kUnreachable.
template <class Cell>
Cell cell_limit(std::int64_t limit) {
    return static_cast<Cell>(std::clamp<std::int64_t>(limit, -1, kUnreachable<Cell> - 1));
}

template <class Cell>
constexpr std::size_t whole_blocks(std::size_t cells) {
    return (cells + kBlock<Cell> - 1) / kBlock<Cell> * kBlock<Cell>;
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
        if (!(total < kUnreachable<std::int32_t> ? solve(narrow_cells_) : solve(wide_cells_))) return false;
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
bool DepthAssignment::solve(std::vector<Cell>& cells) {
    fill_table(cells);
    if (rows_.back().width == 0) return false;
    walk_back(cells);
    return true;
}

// Rows are rounded up to whole blocks and stand between `padding` unreachable cells, so that they may be read shifted
// by any option's gain and a block beyond their width.
template <class Cell>
void DepthAssignment::fill_table(std::vector<Cell>& cells) {
    std::size_t padding = 0;
    for (const OpenJob& open : open_) padding = std::max(padding, most_gain(open));
    padding = whole_blocks<Cell>(padding) + kBlock<Cell>;
    const std::size_t needed = 2 * padding + kBlock<Cell>;
    rows_.assign(1, {padding, 1});
    if (cells.size() < needed) cells.resize(needed);
    std::fill_n(cells.data(), needed, kUnreachable<Cell>);
    cells[padding] = 0;
    for (const OpenJob& open : open_) rows_.push_back(fill_row(cells, padding, rows_.back(), open));
}

// Appends the row of `job`; its width ends at the largest reachable reward, 0 = nothing is reachable.
template <class Cell>
DepthAssignment::Row DepthAssignment::fill_row(std::vector<Cell>& cells, std::size_t padding, const Row& previous,
                                               const OpenJob& job) {
    Row row{previous.first + whole_blocks<Cell>(previous.width) + padding, previous.width + most_gain(job)};
    const std::size_t stride = whole_blocks<Cell>(row.width);
    if (cells.size() < row.first + stride + padding) cells.resize(2 * (row.first + stride + padding));
    const Cell* const before = cells.data() + previous.first;
    Cell* const now = cells.data() + row.first;

    // An option that costs and gains nothing is where the others start from.
    const std::span<const Candidate> candidates(candidates_.data() + job.first, job.count);
    const bool may_stay = candidates.front().cost == 0;
    if (!may_stay) std::fill_n(now, stride, kUnreachable<Cell>);
    const Cell* base = may_stay ? before : now;
    const auto relax = MinPlus<Cell>::relax(width_);
    const auto relax_with = [&](const auto& chosen, Cell limit) {
        std::array<Shifted<Cell>, kGroup> group;
        std::size_t size = 0;
        for (const Candidate& candidate : candidates) {
            if (chosen(candidate)) group[size++] = {before - candidate.gain, static_cast<Cell>(candidate.cost)};
            const bool last = &candidate == &candidates.back();
            if (size < kGroup && !(last && size > 0)) continue;
            while (size < kGroup) group[size++] = group[0];
            relax(std::exchange(base, now), group.data(), limit, now, stride);
            size = 0;
        }
    };
    relax_with([](const Candidate& option) { return option.cost > 0; }, cell_limit<Cell>(job.limit));
    relax_with([](const Candidate& option) { return option.cost == 0 && option.gain > 0; }, kUnreachable<Cell> - 1);

    while (row.width > 0 && now[row.width - 1] == kUnreachable<Cell>) --row.width;
    std::fill_n(now + whole_blocks<Cell>(row.width), padding, kUnreachable<Cell>);
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
