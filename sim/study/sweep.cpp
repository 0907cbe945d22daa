#include "sim/study/sweep.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "sim/bounds/schedulability.hpp"
#include "sim/results/csv.hpp"
#include "sim/results/measures.hpp"
#include "sim/study/point.hpp"
#include "sim/study/row_file.hpp"
#include "sim/study/workers.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

std::string key_header(const std::vector<std::string>& axes, std::initializer_list<const char*> more) {
    CsvLine line;
    for (const std::string& axis : axes) line.text(axis);
    for (const char* column : more) line.text(column);
    std::string header = line.take();
    header.pop_back();
    return header;
}

// One run of a point.
struct Run {
    std::size_t contender = 0;
    std::uint64_t seed = 0;
};

// What a run leaves: its rows and, for the stopping rule, its measures.
struct Lines {
    std::string run, response;
};

// A point while its runs are made: rounds of runs, each in the order (contender, seed), the next one begun when the
// stopping rule wants more seeds. What it will write does not depend on who makes which run when.
class PointRuns {
public:
    PointRuns(const Study& study, std::size_t point, const Shard& shard)
        : study_(study),
          point_(point),
          shard_(shard),
          contenders_(study.contenders_at(point)),
          data_([&study, point](std::uint64_t seed) { return study.workload_at(point, seed); },
                study.depends_on_seed()) {}

    std::size_t point() const { return point_; }
    PointData& data() { return data_; }

    // Begins the first or a further round. `first_cell` is the number of the study's cells, and `first_run` of its
    // runs, before this point.
    void begin_round(std::uint64_t first_cell, std::uint64_t first_run, ShardUnit unit) {
        const auto& seeds = study_.spec().seeds;
        const std::uint64_t next = seeds_ == 0 ? seeds.size() : wanted_;
        for (std::size_t i = 0; i < contenders_.size(); ++i) {
            for (std::uint64_t k = seeds_; k < next; ++k) {
                const std::uint64_t cell = first_cell + i, run = first_run + i * (next - seeds_) + (k - seeds_);
                const std::uint64_t place = unit == ShardUnit::kPoint ? point_ : unit == ShardUnit::kCell ? cell : run;
                if (place % shard_.of != shard_.index - 1) continue;
                runs_.push_back({contenders_[i], k < seeds.size() ? seeds[k] : k + 1});
            }
        }
        seeds_ = next;
        lines_.resize(runs_.size());
        values_.resize(runs_.size());
    }

    std::size_t runs() const { return runs_.size(); }
    const Run& run(std::size_t i) const { return runs_[i]; }
    bool untaken() const { return taken_ < runs_.size(); }
    std::size_t take() { return taken_++; }
    std::uint64_t seeds() const { return seeds_; }

    // A run is there: from now, or from an earlier start (then it is in the file already).
    void add(std::size_t i, Lines lines, std::vector<std::optional<double>> values) {
        lines_[i] = std::move(lines);
        values_[i] = std::move(values);
        ++done_;
    }
    void add_written(std::size_t i, std::vector<std::optional<double>> values) {
        values_[i] = std::move(values);
        taken_ = written_ = i + 1;
        ++done_;
    }
    bool round_is_done() const { return done_ == runs_.size(); }

    // The next lines in order, if they are there.
    std::optional<Lines> next_lines() {
        if (written_ == runs_.size() || !lines_[written_]) return std::nullopt;
        Lines lines = std::move(*lines_[written_]);
        lines_[written_++].reset();
        return lines;
    }
    bool all_written() const { return written_ == runs_.size(); }

    // After a round: how many seeds the stopping rule wants; as many as there are if that is enough.
    std::uint64_t decide() {
        wanted_ = seeds_;
        const auto& until = study_.spec().until;
        for (std::size_t p = 0; p < until.size(); ++p) {
            for (const std::size_t contender : contenders_) {
                std::vector<std::optional<double>> values;
                for (std::size_t i = 0; i < runs_.size(); ++i) {
                    if (runs_[i].contender == contender) values.push_back(values_[i][p]);
                }
                if (!is_enough(until[p], values)) {
                    wanted_ = std::max(wanted_, next_seeds(until[p], values, seeds_, study_.spec().max_seeds));
                }
            }
        }
        return wanted_;
    }

private:
    const Study& study_;
    std::size_t point_;
    Shard shard_;
    std::vector<std::size_t> contenders_;
    PointData data_;
    std::vector<Run> runs_;
    std::vector<std::optional<Lines>> lines_;                 // by run; until they are written
    std::vector<std::vector<std::optional<double>>> values_;  // by run, then by precision
    std::size_t taken_ = 0, done_ = 0, written_ = 0;
    std::uint64_t seeds_ = 0, wanted_ = 0;
};

// The start of a run's row: axes, policy, seed.
std::string key_of(const Study& study, std::size_t point, const Run& run) {
    CsvLine line;
    for (const std::string& value : study.columns(point, run.contender)) line.text(value);
    line.text(study.policy_name(run.contender)).integer(static_cast<std::int64_t>(run.seed));
    std::string key = line.take();
    key.back() = ',';
    return key;
}

// Where the measures of the stopping rule stand in a row.
std::vector<std::size_t> columns_of(const Study& study) {
    std::vector<std::size_t> columns;
    const std::string header = runs_header(study);
    for (const Precision& precision : study.spec().until) {
        std::size_t column = 0;
        while (field_of(header, column) != precision.measure) ++column;
        columns.push_back(column);
    }
    return columns;
}

std::vector<std::optional<double>> values_in(const std::string& row, const std::vector<std::size_t>& columns) {
    std::vector<std::optional<double>> values;
    for (const std::size_t column : columns) {
        const std::string field = field_of(row, column);
        values.push_back(field.empty() ? std::nullopt : std::optional(std::stod(field)));
    }
    return values;
}

// Of a task set that was drawn: whether the run had no miss, and what the schedulability tests say of the set under
// this policy (sim/bounds/schedulability.hpp), empty where they have no verdict. Their means are acceptance ratios.
void append_acceptance(CsvLine& line, const Metrics& metrics, const Workload& workload, const PolicySpec& policy) {
    const JobCounts& jobs = metrics.total();
    jobs.jobs == 0 ? line.empty() : line.integer(jobs.missed == 0);
    const auto verdict = schedulable(workload, policy).schedulable;
    verdict ? line.integer(*verdict) : line.empty();
}

// Points are opened in order, some ahead of the first unfinished one, and closed in order; in between any thread makes
// any of their runs.
class Sweep {
public:
    Sweep(const Study& study, SweepFolder& folder, const SweepOptions& options)
        : study_(study),
          shard_(folder.shard()),
          unit_(shard_unit(study, folder.shard().of)),
          options_(options),
          runs_(folder.file("runs.csv"), runs_header(study)),
          responses_(folder.file("responses.csv"), responses_header(study)),
          columns_(columns_of(study)) {
        const std::uint64_t both = std::min(runs_.rows(), responses_.rows());
        runs_.keep(both);
        responses_.keep(both);
        folder.begin(both);
        if (both > 0 && options.goes_on) options.goes_on(both);
        if (both > 0) earlier_.emplace(runs_.path(), runs_header(study));
    }

    // False if interrupted.
    bool run() {
        workers_.start(options_.threads, [this] {
            while (const auto task = take()) finish(*task, make(*task));
        });
        wait();
        workers_.join();
        if (!finished()) return false;
        check_nothing_is_left();
        responses_.close();
        runs_.close();
        return true;
    }

    std::uint64_t rows() const { return runs_.rows(); }

private:
    struct Task {
        std::shared_ptr<PointRuns> point;
        std::size_t run = 0;
    };

    bool finished() const { return open_.empty() && next_point_ == study_.points(); }

    // A run to make; none if there is none left, or no more are wanted.
    std::optional<Task> take() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (workers_.stopped()) return std::nullopt;
            for (const auto& point : open_) {
                if (point->untaken()) return Task{point, point->take()};
            }
            if (next_point_ < study_.points()) {
                if (open_.size() < most_open()) {
                    open_next();
                    continue;
                }
            } else if (open_.empty()) {
                return std::nullopt;
            }
            changed_.wait(lock);
        }
    }

    // So many points may be under way: enough that nobody waits, few enough that what waits to be written stays small.
    std::size_t most_open() const { return 4 + 2 * static_cast<std::size_t>(options_.threads); }

    Lines make(const Task& task) const {
        const Run& run = task.point->run(task.run);
        const std::string key = key_of(study_, task.point->point(), run);
        Lines lines;
        const PolicySpec policy = study_.policy_at(task.point->point(), run.contender);
        task.point->data().simulate(
            policy, run.seed, options_.threads, study_.tasks(), [&](const Metrics& metrics, const Workload& workload) {
                CsvLine line;
                append_measures(line, metrics, study_.tasks());
                if (study_.depends_on_seed()) append_acceptance(line, metrics, workload, policy);
                lines = {key + line.take(), key + CsvLine().text(metrics.response().text()).take()};
            });
        return lines;
    }

    void finish(const Task& task, Lines lines) {
        const std::lock_guard lock(mutex_);
        auto values = values_in(lines.run, columns_);
        task.point->add(task.run, std::move(lines), std::move(values));
        ++done_;
        close_round(*task.point);
        write_ready();
        changed_.notify_all();
    }

    // Opens the next point, and takes what an earlier start has made of it from the file.
    void open_next() {
        auto point = std::make_shared<PointRuns>(study_, next_point_++, shard_);
        begin_round(*point);
        open_.push_back(point);
        read_earlier(*point);
        close_round(*point);
        write_ready();
    }

    void begin_round(PointRuns& point) {
        const std::size_t before = point.runs();
        point.begin_round(cells_before_, runs_before_, unit_);
        known_runs_ += point.runs() - before;
        if (before == 0 && point.seeds() == study_.spec().seeds.size()) {
            const std::uint64_t cells = study_.contenders_at(point.point()).size();
            cells_before_ += cells;
            runs_before_ += cells * point.seeds();
        }
    }

    void close_round(PointRuns& point) {
        while (point.round_is_done() && !study_.spec().until.empty() && point.runs() > 0) {
            if (point.decide() == point.seeds()) break;
            begin_round(point);
            read_earlier(point);
        }
    }

    void read_earlier(PointRuns& point) {
        std::string row;
        while (earlier_ && point.untaken()) {
            if (!earlier_->next(row)) {
                earlier_.reset();
                return;
            }
            const std::size_t i = point.take();
            const std::string key = key_of(study_, point.point(), point.run(i));
            if (!row.starts_with(key)) {
                throw input_error(runs_.path() + ":" + std::to_string(earlier_->row() + 1),
                                  "the run " + key.substr(0, key.size() - 1), shortened(row),
                                  "the file was changed: move the folder aside: add --replace");
            }
            point.add_written(i, values_in(row, columns_));
            ++done_;
        }
    }

    void write_ready() {
        std::string runs, responses;
        while (!open_.empty()) {
            PointRuns& point = *open_.front();
            while (auto lines = point.next_lines()) {
                runs += lines->run;
                responses += lines->response;
            }
            if (!point.all_written() || !point.round_is_done()) break;
            open_.pop_front();
        }
        if (runs.empty()) return;
        responses_.append(responses);
        runs_.append(runs);
    }

    void wait() {
        std::unique_lock lock(mutex_);
        while (!finished() && !workers_.stopped()) {
            changed_.wait_for(lock, std::chrono::milliseconds(100));
            if (interrupted()) workers_.stop();
            if (options_.progress) options_.progress(done_, total());
        }
        changed_.notify_all();
    }

    // What is known of how many runs there will be.
    std::uint64_t total() const {
        const double share = static_cast<double>(study_.cells()) * static_cast<double>(study_.spec().seeds.size()) /
                             static_cast<double>(shard_.of) / static_cast<double>(study_.points());
        return known_runs_ + static_cast<std::uint64_t>(share * static_cast<double>(study_.points() - next_point_));
    }

    void check_nothing_is_left() {
        std::string row;
        if (earlier_ && earlier_->next(row)) {
            throw input_error(runs_.path() + ":" + std::to_string(earlier_->row() + 1), "the end of the study's runs",
                              shortened(row), "the file was changed: move the folder aside: add --replace");
        }
    }

    const Study& study_;
    Shard shard_;
    ShardUnit unit_;
    const SweepOptions& options_;
    RowFile runs_, responses_;
    std::vector<std::size_t> columns_;
    std::optional<RowReader> earlier_;  // rows of an earlier start that are still to be taken

    std::mutex mutex_;  // of everything below
    std::condition_variable changed_;
    std::deque<std::shared_ptr<PointRuns>> open_;
    std::size_t next_point_ = 0;
    std::uint64_t cells_before_ = 0, runs_before_ = 0;
    std::uint64_t done_ = 0, known_runs_ = 0;
    Workers workers_{changed_};
};

}  // namespace

std::string runs_header(const Study& study) {
    return key_header(study.axis_names(), {"policy", "seed"}) + "," + measures_header(study.tasks()) +
           (study.depends_on_seed() ? ",accepted,schedulable" : "");
}

std::string responses_header(const Study& study) {
    return key_header(study.axis_names(), {"policy", "seed", "response_histogram"});
}

std::string bounds_header(const Study& study) {
    return key_header(study.point_axis_names(),
                      {"seed", "jobs", "clairvoyant", "fluid", "fluid_d", "fluid_edf", "least"});
}

bool run_sweep(const Study& study, SweepFolder& folder, const SweepOptions& options) {
    Sweep sweep(study, folder, options);
    if (!sweep.run()) return false;
    if (!study.spec().bounds) folder.complete(study, sweep.rows());
    return true;
}

}  // namespace laxity
