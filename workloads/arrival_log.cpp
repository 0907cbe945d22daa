#include "workloads/arrival_log.hpp"

#include <algorithm>

#include "traces/base/number_text.hpp"
#include "traces/base/text.hpp"
#include "workloads/file_parts.hpp"
#include "workloads/log_clock.hpp"
#include "workloads/log_columns.hpp"

namespace laxity {

namespace {

constexpr std::size_t kMostRows = 100'000'000;

struct Request {
    std::int64_t ns = 0;  // since the zero of the log
    std::int64_t deadline_ns = 0;
    std::uint32_t sample = 0;
};

// Reads a log row by row; what it keeps is of one task.
class LogReader {
public:
    LogReader(const JsonReader& reader, const ArrivalTask& task)
        : reader_(reader),
          task_(task),
          table_(open_table(reader, "times")),
          clock_(reader, task.scale.full_ns),
          time_(reader, table_) {
        if (const auto sort = reader.find("sort")) sort_ = sort->boolean();
        deadline_ = find_column("deadline_column");
        task_column_ = find_column("task_column");
        sample_ = find_column("sample_column");
        read_deadline_kind();
        if (task_column_ && task.copied)
            reader.at("task_column").problem("a log that names tasks has no place for \"copies\"");
    }

    LogArrivals read();

private:
    std::optional<std::size_t> find_column(std::string_view key) const {
        if (!reader_.has(key) || table_.width() == 0) return {};
        return named_column(reader_, key, table_);
    }

    void read_deadline_kind();
    void read_row();
    void check_order(std::int64_t ns);
    void start(std::int64_t ns);
    bool is_own() const;
    std::int64_t read_deadline(std::int64_t ns);
    std::uint32_t read_sample() const;
    void check_rows() const;
    double stretch() const;
    [[noreturn]] void fail(std::size_t column, std::string_view expected, std::string_view advice = {}) const {
        throw input_error(table_.place(column), expected, "\"" + shortened(table_.field(column)) + "\"", advice);
    }

    JsonReader reader_;
    const ArrivalTask& task_;
    TableFile table_;
    LogClock clock_;
    MainColumn time_;
    bool sort_ = false, deadline_is_absolute_ = false;
    std::optional<std::size_t> deadline_, task_column_, sample_;
    std::optional<LogUnit> deadline_unit_;
    std::vector<Request> requests_;
    std::optional<std::int64_t> origin_;  // where the run starts; none: at the earliest row
    std::int64_t earliest_ = 0, last_ = 0;
    std::string first_text_, last_text_;  // of the task's earliest and latest time
    std::int64_t first_ns_ = 0, last_ns_ = 0;
    std::size_t rows_ = 0;
};

void LogReader::read_deadline_kind() {
    const auto from = reader_.find("deadline_from"), unit = reader_.find("deadline_unit");
    for (const auto& key : {from, unit})
        if (key && !reader_.has("deadline_column")) key->problem("there is no \"deadline_column\" for it");
    deadline_is_absolute_ = from && from->one_of({"release", "log"}) == "log";
    if (!deadline_) return;
    if (deadline_is_absolute_ && unit) unit->problem("deadlines from the \"log\" are times in its own \"unit\"");
    if (!deadline_is_absolute_) deadline_unit_.emplace(reader_, unit ? "deadline_unit" : "unit", task_.scale.full_ns);
}

void LogReader::check_order(std::int64_t ns) {
    if (rows_ > 0 && !sort_ && ns < last_)
        fail(time_.index(), "ascending times", "\"sort\": true puts them into order");
    last_ = ns;
    earliest_ = rows_ == 0 ? ns : std::min(earliest_, ns);
}

void LogReader::start(std::int64_t ns) {
    if (rows_ == 0 || !reader_.has("from")) origin_ = clock_.origin(table_, time_.index(), ns);
    if (origin_ && ns < *origin_)
        fail(time_.index(), reader_.has("from") ? "a time not before \"from\"" : "a time in [0, 1e8 s]");
}

bool LogReader::is_own() const {
    if (!task_column_) return true;
    const std::string_view name = table_.field(*task_column_);
    if (name == task_.name) return true;
    if (std::ranges::find(task_.names, name) == task_.names.end())
        fail(*task_column_, "one of the workload's tasks (" + shortened(joined(task_.names, ", "), 200) + ")");
    return false;
}

// 0 where the field is empty.
std::int64_t LogReader::read_deadline(std::int64_t ns) {
    if (table_.field(*deadline_).empty()) return 0;
    std::optional<std::int64_t> relative;
    if (deadline_is_absolute_) {
        const std::int64_t at = clock_.stamp(table_, *deadline_);
        if (at <= ns) fail(*deadline_, "a deadline after the release");
        relative = static_cast<std::int64_t>(static_cast<std::uint64_t>(at) - static_cast<std::uint64_t>(ns));
    } else {
        relative = deadline_unit_->ns(table_.field(*deadline_));
    }
    if (!relative || *relative < 1 || static_cast<double>(*relative) > kLongestNs) {
        const std::string advice = number_advice(table_.field(*deadline_));
        fail(*deadline_, "a deadline of 1 ns to 1e6 s",
             advice.empty() && !deadline_is_absolute_
                 ? "\"deadline_from\": \"log\" if it is a time rather than a length"
                 : advice);
    }
    return *relative;
}

std::uint32_t LogReader::read_sample() const {
    const std::int64_t sample = table_.integer(*sample_);
    if (sample < 0 || static_cast<std::uint64_t>(sample) >= task_.inputs)
        fail(*sample_, "an input from 0 to " + std::to_string(task_.inputs - 1),
             "the trace's replayed half has " + std::to_string(task_.inputs) + " samples");
    return static_cast<std::uint32_t>(sample);
}

void LogReader::read_row() {
    time_.see(table_);
    const std::int64_t ns = clock_.stamp(table_, time_.index());
    start(ns);
    check_order(ns);
    if (++rows_ > kMostRows) throw input_error(table_.path(), "at most 1e8 rows", "more", "cut the log");
    if (!is_own()) return;
    requests_.push_back({ns, deadline_ ? read_deadline(ns) : 0, sample_ ? read_sample() : 0});
    if (requests_.size() == 1 || ns < first_ns_) first_ns_ = ns, first_text_ = table_.field(time_.index());
    if (requests_.size() == 1 || ns >= last_ns_) last_ns_ = ns, last_text_ = table_.field(time_.index());
}

void LogReader::check_rows() const {
    time_.check(table_);
    if (rows_ == 0) throw input_error(table_.path(), "at least one time", "none");
    if (requests_.empty())
        throw input_error(table_.path(), "at least one row of the task \"" + task_.name + "\"", "none");
    const std::int64_t start_ns = origin_.value_or(earliest_);
    const auto span = static_cast<double>(last_ns_) - static_cast<double>(start_ns);
    if (span > static_cast<double>(kLongestLogNs))
        throw input_error(table_.path(), "times within 1e8 s of the start", "\"" + shortened(last_text_) + "\"",
                          "is the \"unit\" right?");
}

// To the load, rate or mean gap that is asked for. The time before the first request is none of the gaps.
double LogReader::stretch() const {
    if (!reader_.has("load") && !reader_.has("rate") && !reader_.has("mean_gap")) return 1;
    const auto span_ns = static_cast<double>(last_ns_ - first_ns_);
    if (span_ns <= 0) reader_.at("file").fail("times that differ, to be stretched to a load");
    return mean_gap_ns(reader_, "mean_gap", task_.scale) / (span_ns / static_cast<double>(requests_.size() - 1));
}

LogArrivals LogReader::read() {
    while (table_.next()) read_row();
    check_rows();
    if (sort_)
        std::stable_sort(requests_.begin(), requests_.end(),
                         [](const Request& a, const Request& b) { return a.ns < b.ns; });
    const double factor = stretch();
    const std::int64_t start_ns = origin_.value_or(earliest_);
    LogArrivals log{{}, table_.path()};
    log.first = first_text_, log.last = last_text_;
    for (const Request& request : requests_) {
        const std::int64_t ns = request.ns - start_ns;
        log.releases.push_back(factor == 1 ? at_ns(ns)
                                           : Time(nanoseconds_from(std::min(static_cast<double>(ns) * factor, 1e18))));
        if (deadline_) log.deadlines.emplace_back(request.deadline_ns);
        if (sample_) log.samples.push_back(request.sample);
    }
    return log;
}

}  // namespace

LogArrivals read_log(const JsonReader& reader, const ArrivalTask& task) {
    reader.only_keys({"process", "file", "unit", "load", "rate", "mean_gap", "column", "header", "from", "sort",
                      "deadline_column", "deadline_unit", "deadline_from", "task_column", "sample_column"});
    return LogReader(reader, task).read();
}

void use_logged_deadlines(const JsonReader& reader, bool stated, LogArrivals& log, DeadlineRange& deadline) {
    const auto missing = std::ranges::find(log.deadlines, Duration::zero());
    if (missing != log.deadlines.end() && !stated)
        reader.at("deadline_column")
            .problem("request " + std::to_string(missing - log.deadlines.begin() + 1) +
                     " has no deadline; give the task a \"deadline\" for those without");
    log.drawn_deadline = deadline;
    const bool all_logged = missing == log.deadlines.end();
    if (all_logged) deadline = {Duration::max(), Duration::zero()};
    for (const Duration logged : log.deadlines) {
        if (logged == Duration::zero()) continue;
        deadline.low = std::min(deadline.low, logged);
        deadline.high = std::max(deadline.high, logged);
    }
}

}  // namespace laxity
