// bounds.csv of a sweep.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "sim/bounds/bounds.hpp"
#include "sim/results/csv.hpp"
#include "sim/study/row_file.hpp"
#include "sim/study/sweep.hpp"
#include "sim/study/workers.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

// One line: the bounds of a point for a seed.
struct BoundLine {
    std::size_t point = 0;
    std::uint64_t seed = 0;
};

// The seeds that each point of a finished sweep (or shard) has.
std::vector<std::vector<std::uint64_t>> seeds_in(const Study& study, const SweepFolder& folder) {
    std::map<std::string, std::size_t> point_of;  // by its columns
    const auto key_of = [](const std::vector<std::string>& columns) {
        CsvLine line;
        for (const std::string& column : columns) line.text(column);
        return line.take();
    };
    for (std::size_t point = 0; point < study.points(); ++point)
        point_of.emplace(key_of(study.point_columns(point)), point);
    std::vector<std::set<std::uint64_t>> seeds(study.points());
    RowReader rows(folder.file("runs.csv"), runs_header(study));
    for (std::string row; rows.next(row);) {
        std::vector<std::string> columns;
        for (std::size_t axis = 0; axis < study.axes().size(); ++axis) {
            if (!study.axes()[axis].of_policy()) columns.push_back(field_of(row, axis));
        }
        seeds[point_of.at(key_of(columns))].insert(std::stoull(field_of(row, study.axes().size() + 1)));
    }
    std::vector<std::vector<std::uint64_t>> lists;
    for (const auto& some : seeds) lists.emplace_back(some.begin(), some.end());
    return lists;
}

// The lines of the folder's shard: of a shard that deals in points those of its points; else every n-th.
std::vector<BoundLine> lines_of(const Study& study, const SweepFolder& folder) {
    const bool given = study.spec().until.empty();
    const auto found = given ? std::vector<std::vector<std::uint64_t>>() : seeds_in(study, folder);
    const bool by_point = shard_unit(study, folder.shard().of) == ShardUnit::kPoint;
    std::vector<BoundLine> lines;
    std::uint64_t place = 0;
    for (std::size_t point = 0; point < study.points(); ++point) {
        for (const std::uint64_t seed : given ? study.spec().seeds : found[point]) {
            if ((by_point ? point : place) % folder.shard().of == folder.shard().index - 1)
                lines.push_back({point, seed});
            ++place;
        }
    }
    return lines;
}

// A point's bounds, made by the first line that needs them.
class BoundedPoint {
public:
    BoundedPoint(const Study& study, std::size_t point) : study_(study), point_(point) {}

    Bounds of(std::uint64_t seed) {
        std::call_once(once_, [this] { data_ = std::make_unique<const Data>(study_.workload_at(point_)); });
        return data_->bounds.of(seed);
    }

private:
    struct Data {
        explicit Data(Workload point_workload)
            : workload(std::move(point_workload)), replay(workload), bounds(replay) {}
        Workload workload;
        Replay replay;
        BoundModel bounds;
    };
    const Study& study_;
    std::size_t point_;
    std::once_flag once_;
    std::unique_ptr<const Data> data_;
};

// Makes lines on several threads; finished ones go to the file as soon as all before them have.
class BoundRunner {
public:
    BoundRunner(const Study& study, std::vector<BoundLine> lines, RowFile& out)
        : study_(study), lines_(std::move(lines)), out_(out), next_(out.rows()) {
        if (out.rows() > lines_.size()) {
            throw input_error(out.path(), std::to_string(lines_.size()) + " rows at most", std::to_string(out.rows()),
                              "the file was changed: move the folder aside: add --replace");
        }
    }

    bool run(const SweepOptions& options) {
        workers_.start(options.threads, [this] {
            for (std::size_t i = next_++; i < lines_.size() && !workers_.stopped(); i = next_++)
                finish(i, make(lines_[i]));
        });
        wait(options);
        workers_.join();
        return out_.rows() == lines_.size();
    }

private:
    std::string make(const BoundLine& line) {
        const Bounds bounds = point(line.point)->of(line.seed);
        CsvLine row;
        for (const std::string& value : study_.point_columns(line.point)) row.text(value);
        row.integer(static_cast<std::int64_t>(line.seed)).integer(static_cast<std::int64_t>(bounds.jobs));
        for (const auto& value : {bounds.accuracy.clairvoyant, bounds.accuracy.fluid, bounds.accuracy.fluid_d,
                                  bounds.accuracy.fluid_edf, bounds.accuracy.least()}) {
            value ? row.number(*value) : row.empty();
        }
        return row.take();
    }

    std::shared_ptr<BoundedPoint> point(std::size_t index) {
        const std::lock_guard lock(mutex_);
        auto& entry = points_[index];
        if (auto alive = entry.lock()) return alive;
        auto made = std::make_shared<BoundedPoint>(study_, index);
        entry = made;
        return last_ = made;  // alive until the next point is made
    }

    void finish(std::size_t index, std::string line) {
        const std::lock_guard lock(mutex_);
        finished_[index] = std::move(line);
        while (!finished_.empty() && finished_.begin()->first == out_.rows()) {
            out_.append(finished_.begin()->second);
            finished_.erase(finished_.begin());
        }
        changed_.notify_all();
    }

    void wait(const SweepOptions& options) {
        std::unique_lock lock(mutex_);
        while (out_.rows() < lines_.size() && !workers_.stopped()) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            if (interrupted()) workers_.stop();
            if (options.progress) options.progress(out_.rows() + finished_.size(), lines_.size());
        }
    }

    const Study& study_;
    std::vector<BoundLine> lines_;
    RowFile& out_;
    std::atomic<std::size_t> next_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::size_t, std::weak_ptr<BoundedPoint>> points_;
    std::shared_ptr<BoundedPoint> last_;
    std::map<std::size_t, std::string> finished_;  // not yet written
    Workers workers_{changed_};
};

}  // namespace

bool run_bounds(const Study& study, SweepFolder& folder, const SweepOptions& options) {
    RowFile out(folder.file("bounds.csv"), bounds_header(study));
    const bool complete = BoundRunner(study, lines_of(study, folder), out).run(options);
    out.close();
    if (complete && study.spec().bounds)
        folder.complete(study, RowFile(folder.file("runs.csv"), runs_header(study)).rows());
    return complete;
}

}  // namespace laxity
