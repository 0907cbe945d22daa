// What a validation is going to run: the points of its axes, its policies, and how often.
#pragma once

#include <boost/program_options.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "policies/registry.hpp"
#include "sim/cli/run_options.hpp"
#include "sim/live/validation_results.hpp"
#include "sim/plan/planning.hpp"
#include "workloads/task_set.hpp"

namespace laxity {

// --workload, --policy, --axis, --seconds, --repetitions, --seed, --set, --out, --replace.
void declare_validation_plan(boost::program_options::options_description& options);

// A workload as it is run.
struct ValidationCase {
    explicit ValidationCase(Workload loaded) : workload(std::move(loaded)), tasks(make_task_set(workload)) {}
    Workload workload;
    TaskSet tasks;
};

struct ValidationPoint {
    std::string name;                // "/tasks/0/arrival/load=0.4", joined by ","; empty without an axis
    RunOptions options;              // with the point's changes and the length of a run
    std::vector<std::size_t> cases;  // by repetition: places in ValidationPlan::cases
    InputHashes inputs;              // with --out
};

struct PlannedCell {
    CellName name;
    std::size_t point = 0;
    const PolicySpec* policy = nullptr;
    std::string folder;  // its name within --out
};

// Loads every point, so that a bad one is refused before the first run. Traces are shared among all points, and so is
// a workload among the repetitions unless its tasks are drawn from the seed.
class ValidationPlan {
public:
    // Throws InputError.
    explicit ValidationPlan(const boost::program_options::variables_map& values);

    const RunOptions& base() const { return base_; }
    const std::vector<PolicySpec>& policies() const { return policies_; }
    const std::vector<ValidationPoint>& points() const { return points_; }
    const std::vector<PlannedCell>& cells() const { return cells_; }
    std::vector<CellName> cell_names() const;
    std::vector<const Workload*> workloads() const;  // by case
    int repetitions() const { return repetitions_; }
    double seconds() const { return seconds_; }

    std::size_t case_index(const LiveTurn& turn) const;
    const ValidationCase& case_of(const LiveTurn& turn) const { return *cases_[case_index(turn)]; }
    std::uint64_t seed_of(const LiveTurn& turn) const;
    // What the cell's policy follows; null if it needs none. Made once, by make_plans().
    const Plan* plan_of(const LiveTurn& turn) const;
    // All plans, so that no run waits for one.
    void make_plans();

    // The workload as it was before any point's change, as JSON; and every file that was read for a point (with --out).
    std::string configuration() const;
    InputHashes inputs() const;
    // The manifest of the whole, and what was read for any of its points.
    void write_manifest(const std::string& directory) const;

private:
    void choose_policies(const boost::program_options::variables_map& values, const WorkloadFile& file);
    void load_points(const boost::program_options::variables_map& values, const WorkloadFile& file);
    void load_cases(ValidationPoint& point, const WorkloadFile& file, TraceCache& cache);

    RunOptions base_;
    double seconds_ = 0;
    int repetitions_ = 1;
    std::vector<PolicySpec> policies_;
    std::vector<ValidationPoint> points_;
    std::vector<PlannedCell> cells_;
    std::vector<std::unique_ptr<const ValidationCase>> cases_;
    std::map<std::pair<std::size_t, std::string>, std::unique_ptr<const Plan>> plans_;  // [case, policy]
};

}  // namespace laxity
