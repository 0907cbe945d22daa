#include "sim/bounds/feasible_work.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

constexpr std::int64_t kForever = std::numeric_limits<std::int64_t>::max();

struct Stretch {
    std::int64_t begin = 0, end = 0;
};

// The prices of all curves as levels 0, 1, ... (falling), and per curve the running sums over its pieces.
class PriceLevels {
public:
    explicit PriceLevels(std::span<const ConcaveCurve> curves) {
        for (const ConcaveCurve& curve : curves) {
            for (const WorkPiece& piece : curve) prices_.push_back(piece.price);
        }
        std::sort(prices_.begin(), prices_.end(), std::greater<>());
        prices_.erase(std::unique(prices_.begin(), prices_.end()), prices_.end());
        prices_.push_back(0);
        for (const ConcaveCurve& curve : curves) add(curve);
    }

    std::size_t count() const { return prices_.size() - 1; }
    // price(count()) = 0.
    double price(std::size_t level) const { return prices_[level]; }
    // The first level at which the curve wants work; count() if none.
    std::size_t first_level(std::uint32_t curve) const {
        return begin_[curve] == begin_[curve + 1] ? count() : sums_[begin_[curve]].level;
    }
    // Work of the pieces that pay the price of `level` or more.
    std::int64_t work(std::uint32_t curve, std::size_t level) const { return sum(curve, level + 1).work; }
    // Sum over the levels k in [low, high) of (price(k) - price(k + 1)) * work(k).
    double value(std::uint32_t curve, std::size_t low, std::size_t high) const {
        const Sums before = sum(curve, low), all = sum(curve, high);
        return all.value - before.value + static_cast<double>(before.work) * prices_[low] -
               static_cast<double>(all.work) * prices_[high];
    }

private:
    struct Sums {
        std::size_t level = 0;
        std::int64_t work = 0;
        double value = 0;
    };

    void add(const ConcaveCurve& curve) {
        Sums sums;
        for (const WorkPiece& piece : curve) {
            const auto place = std::lower_bound(prices_.begin(), prices_.end(), piece.price, std::greater<>());
            sums.level = static_cast<std::size_t>(place - prices_.begin());
            sums.work += piece.work;
            sums.value += static_cast<double>(piece.work) * piece.price;
            sums_.push_back(sums);
        }
        begin_.push_back(sums_.size());
    }

    // Of the pieces above `level`.
    Sums sum(std::uint32_t curve, std::size_t level) const {
        const auto begin = sums_.begin() + static_cast<std::ptrdiff_t>(begin_[curve]);
        const auto end = sums_.begin() + static_cast<std::ptrdiff_t>(begin_[curve + 1]);
        const auto place =
            std::lower_bound(begin, end, level, [](const Sums& s, std::size_t l) { return s.level < l; });
        return place == begin ? Sums{} : *std::prev(place);
    }

    std::vector<double> prices_;
    std::vector<std::size_t> begin_{0};  // [curve], and the end
    std::vector<Sums> sums_;
};

// When the resource last did something less urgent than a given deadline: the pieces of an EDF schedule from which a
// later one may be seen, latest deadline first.
class UrgencyStack {
public:
    void idle_until(std::int64_t time) { pieces_.assign(1, {kForever, time}); }

    void ran(std::int64_t deadline, std::int64_t end) {
        while (pieces_.back().deadline <= deadline) pieces_.pop_back();
        pieces_.push_back({deadline, end});
    }

    // The end of the last piece whose deadline is after this one.
    std::int64_t last_less_urgent(std::int64_t deadline) const {
        const auto place = std::partition_point(pieces_.begin(), pieces_.end(),
                                                [&](const Piece& piece) { return piece.deadline > deadline; });
        return std::prev(place)->end;
    }

private:
    struct Piece {
        std::int64_t deadline = 0, end = 0;
    };
    std::vector<Piece> pieces_;
};

// Preemptive EDF, which drops what is late. It does as much work as any schedule can, and where work is dropped it
// tells a stretch of time that is full: when a job is dropped at its deadline d, the resource has run nothing less
// urgent since some s before the job's release, so that all it did from s to d had to be done between s and d.
class EarliestDeadlineFirst {
public:
    // Windows ascend by release; works[i] is what windows[i] wants. Returns the full stretches, disjoint and ascending.
    std::vector<Stretch> full_stretches(const std::vector<WorkWindow>& windows,
                                        const std::vector<std::int64_t>& works) {
        full_.clear();
        std::size_t next = 0;
        std::int64_t now = 0;
        schedule_.idle_until(now);
        while (next < windows.size() || !ready_.empty()) {
            if (ready_.empty() && windows[next].release > now) schedule_.idle_until(now = windows[next].release);
            for (; next < windows.size() && windows[next].release <= now; ++next) {
                if (works[next] > 0) push(windows[next].deadline, works[next]);
            }
            if (!ready_.empty()) now = run(now, next < windows.size() ? windows[next].release : kForever);
        }
        return std::move(full_);
    }

private:
    struct Ready {
        std::int64_t deadline = 0, work = 0;
        friend bool operator<(const Ready& a, const Ready& b) { return a.deadline > b.deadline; }
    };

    void push(std::int64_t deadline, std::int64_t work) {
        ready_.push_back({deadline, work});
        std::push_heap(ready_.begin(), ready_.end());
    }

    void pop() {
        std::pop_heap(ready_.begin(), ready_.end());
        ready_.pop_back();
    }

    // Runs the most urgent job until it is done or dropped or the next release. Returns when.
    std::int64_t run(std::int64_t now, std::int64_t next_release) {
        Ready& job = ready_.front();
        const std::int64_t run = std::min({job.work, job.deadline - now, next_release - now});
        if (run > 0) schedule_.ran(job.deadline, now + run);
        job.work -= run;
        now += run;
        if (job.work > 0 && job.deadline == now) add_full(schedule_.last_less_urgent(now), now);
        if (job.work == 0 || job.deadline == now) pop();
        return now;
    }

    void add_full(std::int64_t begin, std::int64_t end) {
        while (!full_.empty() && begin <= full_.back().end) {
            begin = std::min(begin, full_.back().begin);
            full_.pop_back();
        }
        if (begin < end) full_.push_back({begin, end});
    }

    std::vector<Ready> ready_;  // a heap
    UrgencyStack schedule_;
    std::vector<Stretch> full_;
};

// Time without the full stretches.
class RemainingTime {
public:
    explicit RemainingTime(const std::vector<Stretch>& full) : full_(full) {
        for (const Stretch& stretch : full) before_.push_back(total_), total_ += stretch.end - stretch.begin;
    }

    std::int64_t taken() const { return total_; }

    bool within_one_stretch(const WorkWindow& window) const {
        const std::size_t after = first_after(window.release);
        return after > 0 && window.deadline <= full_[after - 1].end;
    }

    std::int64_t at(std::int64_t time) const {
        const std::size_t after = first_after(time);
        if (after == 0) return time;
        const Stretch& last = full_[after - 1];
        return time - before_[after - 1] - (std::min(time, last.end) - last.begin);
    }

private:
    // Index of the first stretch that begins after `time`.
    std::size_t first_after(std::int64_t time) const {
        const auto place = std::partition_point(full_.begin(), full_.end(),
                                                [&](const Stretch& stretch) { return stretch.begin <= time; });
        return static_cast<std::size_t>(place - full_.begin());
    }

    const std::vector<Stretch>& full_;
    std::vector<std::int64_t> before_;  // [stretch]: full time before it
    std::int64_t total_ = 0;
};

class Decomposition {
public:
    explicit Decomposition(std::span<const ConcaveCurve> curves) : levels_(curves) {}

    double value(std::vector<WorkWindow> windows) { return value(std::move(windows), 0, levels_.count()); }

private:
    // Sum over the levels k in [low, high) of (price(k) - price(k + 1)) * most work at level k. What is full at one
    // level is full at every lower price, with the same jobs, and what is served at one level is served at every higher
    // price.
    double value(std::vector<WorkWindow> windows, std::size_t low, std::size_t high) {
        std::erase_if(windows, [&](const WorkWindow& window) {
            return window.release >= window.deadline || levels_.first_level(window.curve) >= high;
        });
        if (low >= high || windows.empty()) return 0;
        if (interrupted()) throw Interrupted();
        const std::size_t middle = low + (high - low) / 2;
        std::vector<std::int64_t> works(windows.size());
        for (std::size_t i = 0; i < works.size(); ++i) works[i] = levels_.work(windows[i].curve, middle);
        const std::vector<Stretch> full = edf_.full_stretches(windows, works);
        const RemainingTime remaining(full);
        std::vector<WorkWindow> inside, outside;
        double sum = static_cast<double>(remaining.taken()) * (levels_.price(middle) - levels_.price(high));
        for (const WorkWindow& window : windows) {
            if (remaining.within_one_stretch(window)) {
                inside.push_back(window);
            } else {
                sum += levels_.value(window.curve, low, middle + 1);
                outside.push_back({remaining.at(window.release), remaining.at(window.deadline), window.curve});
            }
        }
        windows = {};
        return sum + value(std::move(inside), low, middle) + value(std::move(outside), middle + 1, high);
    }

    PriceLevels levels_;
    EarliestDeadlineFirst edf_;
};

}  // namespace

double most_value(std::vector<WorkWindow> windows, std::span<const ConcaveCurve> curves) {
    return Decomposition(curves).value(std::move(windows));
}

double most_value(std::int64_t capacity, std::span<const ConcaveCurve> curves, std::span<const std::size_t> counts) {
    std::vector<std::pair<double, double>> pieces;  // price, work
    for (std::size_t i = 0; i < curves.size(); ++i) {
        for (const WorkPiece& piece : curves[i]) {
            pieces.emplace_back(piece.price, static_cast<double>(piece.work) * static_cast<double>(counts[i]));
        }
    }
    std::sort(pieces.begin(), pieces.end(), std::greater<>());
    auto left = static_cast<double>(capacity);
    double value = 0;
    for (const auto& [price, work] : pieces) {
        const double taken = std::min(work, left);
        value += taken * price;
        left -= taken;
    }
    return value;
}

}  // namespace laxity
