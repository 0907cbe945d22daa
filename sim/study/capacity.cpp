#include "sim/study/capacity.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "sim/results/measures.hpp"
#include "sim/study/axis_values.hpp"
#include "sim/study/point.hpp"
#include "sim/study/workers.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

// Workloads that searches have in common: all seeds and policies look at the same values.
class ValueCache {
public:
    ValueCache(const Study& study, const Axis& along, bool whole) : study_(study), along_(along), whole_(whole) {}

    std::shared_ptr<PointData> get(std::size_t point, double value) {
        const std::lock_guard lock(mutex_);
        const Key key{point, value};
        for (auto place = entries_.begin(); place != entries_.end(); ++place) {
            if (place->first != key) continue;
            entries_.splice(entries_.begin(), entries_, place);
            return place->second;
        }
        const auto load = [this, point, value](std::uint64_t seed) {
            return study_.workload_at(point, seed, overrides(value));
        };
        entries_.emplace_front(key, std::make_shared<PointData>(load, study_.depends_on_seed()));
        if (entries_.size() > kMostKept) entries_.pop_back();
        return entries_.front().second;
    }

private:
    using Key = std::pair<std::size_t, double>;
    static constexpr std::size_t kMostKept = 64;

    std::vector<Override> overrides(double value) const {
        std::vector<Override> all;
        const std::string text = whole_ ? std::to_string(static_cast<std::int64_t>(value)) : number_text(value);
        for (const std::string& pointer : along_.pointers) all.push_back({pointer, text});
        return all;
    }

    const Study& study_;
    const Axis& along_;
    bool whole_;
    std::mutex mutex_;
    std::list<std::pair<Key, std::shared_ptr<PointData>>> entries_;  // the last used first
};

// One search: a point, a policy, a seed.
class Search {
public:
    Search(const CapacityQuestion& question, std::function<bool(double)> holds)
        : question_(question), holds_(std::move(holds)) {}

    SeedCapacity run() {
        SeedCapacity found;
        const std::vector<double> values = scanned();
        std::vector<bool> holds;
        for (const double value : values) holds.push_back(holds_(value));
        const auto first = static_cast<std::size_t>(std::find(holds.begin(), holds.end(), false) - holds.begin());
        found.again = std::find(holds.begin() + static_cast<std::ptrdiff_t>(first), holds.end(), true) != holds.end();
        found.below = first == 0;
        found.above = first == holds.size();
        if (!found.below && !found.above) found.value = halved(values[first - 1], values[first]);
        return found;
    }

private:
    std::vector<double> scanned() const {
        std::vector<double> values;
        for (int i = 0; i < kScanned; ++i) {
            double value = question_.low + (question_.high - question_.low) * i / (kScanned - 1);
            if (question_.whole) value = std::round(value);
            if (values.empty() || value > values.back()) values.push_back(value);
        }
        return values;
    }

    // The last value that holds, between one that does and one that doesn't.
    double halved(double holds, double fails) const {
        while (question_.whole ? fails - holds > 1 : fails - holds > question_.tolerance * std::fabs(holds)) {
            const double middle = question_.whole ? std::floor((holds + fails) / 2) : (holds + fails) / 2;
            if (middle <= holds || middle >= fails) break;  // no number between them
            (holds_(middle) ? holds : fails) = middle;
        }
        return holds;
    }

    const CapacityQuestion& question_;
    std::function<bool(double)> holds_;
};

bool fulfils(const Metrics& metrics, const std::vector<Requirement>& requirements) {
    return std::all_of(requirements.begin(), requirements.end(), [&](const Requirement& requirement) {
        const auto value = measure_value(metrics, requirement.measure);
        return value && (requirement.at_most ? *value <= requirement.limit : *value >= requirement.limit);
    });
}

// All searches, on several threads.
class Searches {
public:
    Searches(const Study& study, const CapacityQuestion& question, const Axis& along, const CapacityOptions& options)
        : study_(study), question_(question), options_(options), cache_(study, along, question.whole) {
        for (std::size_t point = 0; point < study.points(); ++point) {
            for (const std::size_t contender : study.contenders_at(point)) {
                rows_.push_back({point, contender, std::vector<SeedCapacity>(study.spec().seeds.size()), {}, {}});
            }
        }
    }

    std::vector<CapacityRow> run() {
        workers_.start(options_.threads, [this] { work(); });
        wait();
        workers_.join();
        if (interrupted()) throw Interrupted();
        return std::move(rows_);
    }

private:
    std::size_t total() const { return rows_.size() * study_.spec().seeds.size(); }

    void work() {
        const std::vector<std::uint64_t>& seeds = study_.spec().seeds;
        for (std::size_t i = next_++; i < total() && !workers_.stopped(); i = next_++) {
            CapacityRow& row = rows_[i / seeds.size()];
            row.seeds[i % seeds.size()] = search(row, seeds[i % seeds.size()]);
            ++done_;
            changed_.notify_all();
        }
    }

    SeedCapacity search(const CapacityRow& row, std::uint64_t seed) {
        const PolicySpec policy = study_.policy_at(row.point, row.contender);
        return Search(question_,
                      [&](double value) {
                          bool holds = false;
                          cache_.get(row.point, value)
                              ->simulate(policy, seed, 1, tasks_of(question_.requirements),
                                         [&](const Metrics& metrics, const Workload&) {
                                             holds = fulfils(metrics, question_.requirements);
                                         });
                          return holds;
                      })
            .run();
    }

    // Tasks are named as TASK.MEASURE.
    static std::vector<std::string> tasks_of(const std::vector<Requirement>& requirements) {
        std::vector<std::string> tasks;
        for (const Requirement& requirement : requirements) {
            const std::size_t dot = requirement.measure.rfind('.');
            if (dot != std::string::npos) tasks.push_back(requirement.measure.substr(0, dot));
        }
        return tasks;
    }

    void wait() {
        std::unique_lock lock(mutex_);
        while (done_ < total() && !workers_.stopped()) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            if (interrupted()) workers_.stop();
            if (options_.progress) options_.progress(done_, total());
        }
    }

    const Study& study_;
    const CapacityQuestion& question_;
    const CapacityOptions& options_;
    ValueCache cache_;
    std::vector<CapacityRow> rows_;
    std::atomic<std::size_t> next_{0}, done_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    Workers workers_{changed_};
};

// The values of all seeds, or none.
std::optional<std::vector<double>> known(const CapacityRow& row) {
    std::vector<double> values;
    for (const SeedCapacity& seed : row.seeds) {
        if (!seed.value) return std::nullopt;
        values.push_back(*seed.value);
    }
    return values;
}

}  // namespace

std::vector<CapacityRow> capacity(const Study& study, const CapacityQuestion& question,
                                  const CapacityOptions& options) {
    const Axis along = study.axis_of({"", question.along, {number_text(question.low)}});
    for (const Axis& axis : study.axes()) {
        for (const std::string& pointer : axis.pointers) {
            if (std::find(along.pointers.begin(), along.pointers.end(), pointer) == along.pointers.end()) continue;
            throw input_error("axis " + axis.name, "another value than what is raised", pointer);
        }
    }
    std::vector<CapacityRow> rows = Searches(study, question, along, options).run();
    const CapacityRow* first = nullptr;
    for (CapacityRow& row : rows) {
        const auto values = known(row);
        if (values) row.mean = estimate(*values);
        if (first == nullptr || first->point != row.point) {
            first = &row;
        } else if (const auto base = known(*first); base && values) {
            row.difference = paired_difference(*values, *base);
        }
    }
    return rows;
}

}  // namespace laxity
