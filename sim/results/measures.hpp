// The measures of a run, in one table: columns of runs.csv, keys of the summary, and what stopping rules and bounds may
// name. To add one: its row in measures.cpp, its counting in Metrics, and its line in results/README.md (a test
// compares them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/results/csv.hpp"
#include "sim/results/metrics.hpp"

namespace laxity {

// What a measure is taken of: all scored jobs of a run, or those of one task.
struct MeasuredJobs {
    const Metrics& run;
    const JobCounts& counts;
    const LogHistogram* response = nullptr;  // null if it was not kept
    int stages = 0;                          // of the deepest variant
    bool asks_confidence = false;
};

// A count, a number, counts by depth, or nothing where there is no number: an empty field in CSV, null in JSON.
using MeasureValue = std::variant<std::monostate, std::uint64_t, double, std::vector<std::uint64_t>>;

struct Measure {
    // What must be there for it to mean anything. Where it is not, the CSV field is empty and the JSON has no such key.
    enum class Needs : std::uint8_t { kNothing, kResponses, kConfidence, kEnergy };

    std::string_view name;  // the column
    std::string_view unit;  // "1" for ratios
    std::string_view help;  // one line
    std::string_view json;  // where it is in the summary, as a JSON pointer
    bool of_task = false;   // it exists for the jobs of one task as well, as TASK.NAME
    Needs needs = Needs::kNothing;
    MeasureValue (*of)(const MeasuredJobs& jobs) = nullptr;

    bool applies_to(const MeasuredJobs& jobs) const;
    bool is_numeric() const { return name != "depth_histogram"; }
};

// All of them, in the order of the columns.
std::span<const Measure> measures();

MeasuredJobs all_jobs(const Metrics& metrics);
MeasuredJobs jobs_of_task(const Metrics& metrics, std::size_t task);  // an index into Metrics::tasks()

// `tasks` below names the tasks that get columns of their own. A task that a run does not have leaves them empty, so
// that the columns are the same in a sweep over task sets. Their response times must have been kept
// (Metrics::keep_task_responses()): std::logic_error if not.

// The columns, separated by commas: first those of the run, then, task by task, TASK.MEASURE.
std::string measures_header(const std::vector<std::string>& tasks = {});
// The fields under that header.
void append_measures(CsvLine& line, const Metrics& metrics, const std::vector<std::string>& tasks = {});

// Whether `name` is a measure with one number, MEASURE or TASK.MEASURE with one of these tasks.
bool is_measure(std::string_view name, const std::vector<std::string>& tasks = {});
// Throws InputError with the nearest name if it is not; `place` says who asked, as in "--until speed=0.1".
void check_measure(std::string_view name, const std::vector<std::string>& tasks, std::string_view place);
// The number of a run; nothing where there is none or the run does not have the task. Throws std::logic_error if no run
// has such a measure: check the name first.
std::optional<double> measure_value(const Metrics& metrics, std::string_view name);

// A line for each measure with its unit, for --help.
std::string measures_help();

}  // namespace laxity
