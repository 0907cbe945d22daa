// A study: policies x points of a grid x seeds, as files and options describe it (this header) and as it will be run
// (Study). Schema "laxity.sweep/2", of which "laxity.sweep/1" is a part:
//
//   {"schema": "laxity.sweep/2",
//    "workload": "quickstart.json",                     relative to the file
//    "set": {"/horizon/jobs": 20000},                   changes of the workload
//    "axes": {"load": [0.5, 1.0], "rtdeepiot/delta": "log 0.01..1:9"},   or a list, where an axis has a name of its
//    own:
//            [{"name": "d", "target": "/tasks/*/deadline/uniform/1", "values": "1..4"}]
//    "zip": [["load", "d"]],                            axes that advance together instead of being crossed
//    "where": ["load * d < 6"],                         points (and policies) that are kept; all must hold
//    "policies": ["edf", "rtdeepiot:predictor=exp"],
//    "seeds": 10,                                       a count (seeds 1..n) or a list
//    "until": {"accuracy": "0.001"}, "max_seeds": 100,  see stopping.hpp
//    "bounds": true,                                    also what no policy can beat; default false
//    "per_task": true}                                  also measures of each task, or of a list of tasks
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/study/axis.hpp"
#include "sim/study/condition.hpp"
#include "sim/study/stopping.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// What a study was asked to be. Paths are as this process sees them.
struct StudySpec {
    std::string path;  // of the file, for messages; empty if there is none
    std::string workload;
    std::vector<Override> overrides;
    std::vector<AxisSpec> axes;
    std::vector<std::vector<std::string>> zip;  // groups of names of axes
    std::vector<std::string> where;
    std::vector<std::string> policies;
    std::vector<std::uint64_t> seeds = {1};
    std::vector<Precision> until;
    std::uint64_t max_seeds = 100;
    bool bounds = false;
    bool per_task = false;             // of all tasks, or
    std::vector<std::string> tasks{};  // of these
};

// Seeds 1 to `count`.
std::vector<std::uint64_t> count_of_seeds(std::uint64_t count);

// Throws InputError that names file and JSON pointer.
StudySpec load_study(const std::string& path);
// The file that load_study() reads back to the same study, as text; paths relative to the folder it will be in.
std::string study_text(const StudySpec& spec, const std::string& folder);

// One policy with one combination of the values of its own axes. It runs at every point that `where` keeps.
struct Contender {
    std::size_t policy = 0;          // index into Study::policies()
    std::vector<std::size_t> value;  // by axis: index of the value; kNone = not this contender's to choose
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
};

// A study, checked and resolved. Immutable but for the cache of traces: threads may share it.
//
// Points are the combinations of the axes of the workload, the last varying fastest; contenders are the policies with
// the combinations of their own axes, so that a policy without a swept parameter runs once per point. Results are in
// the order (point, contender, seed). Contenders that normalise to the same policy are run once, and notes() says
// so.
class Study {
public:
    // Loads the workload of every point (where there are more than kLoadedPoints: of every value of every axis), so
    // that a bad value fails before the first run. Throws InputError.
    explicit Study(StudySpec spec);
    static constexpr std::size_t kLoadedPoints = 10'000;

    const StudySpec& spec() const { return spec_; }
    const std::vector<PolicySpec>& policies() const { return policies_; }  // normalised
    const std::vector<Axis>& axes() const { return axes_; }
    const std::vector<Contender>& contenders() const { return contenders_; }
    std::size_t points() const { return points_.size(); }
    std::uint64_t cells() const { return cells_; }  // pairs of point and contender
    // What runs at a point, in order: indices into contenders().
    std::vector<std::size_t> contenders_at(std::size_t point) const;

    // `seed` matters only where the task set is drawn from it; `more` is set after the axes.
    Workload workload_at(std::size_t point, std::uint64_t seed = 1, const std::vector<Override>& more = {}) const;
    bool depends_on_seed() const { return file_.depends_on_seed(); }
    // What another axis would set in this study's workload. Throws InputError.
    Axis axis_of(const AxisSpec& spec) const;
    PolicySpec policy_at(std::size_t point, std::size_t contender) const;
    // With the values of its own axes; what an axis zipped with one of the workload sets is left at its default.
    PolicySpec contender_policy(std::size_t contender) const;
    // The policy's columns in results: as named in the study, its axes' values apart.
    const std::string& policy_name(std::size_t contender) const {
        return policies_[contenders_[contender].policy].text;
    }
    // One text per axis; empty where the contender has no value.
    std::vector<std::string> columns(std::size_t point, std::size_t contender) const;
    // The same of the axes of the workload alone.
    std::vector<std::string> point_columns(std::size_t point) const;
    // "load=0.5, delta=0.1", for messages.
    std::string place(std::size_t point) const;

    std::vector<std::string> axis_names() const;
    std::vector<std::string> point_axis_names() const;
    // The contender with its point, as a row of a table is called: "load=0.5 rtdeepiot:delta=0.1".
    std::string label(std::size_t point, std::size_t contender) const;
    // The tasks whose measures are asked for, and all that any point has.
    const std::vector<std::string>& tasks() const { return tasks_; }
    const std::vector<std::string>& task_names() const { return task_names_; }
    // Whether what the axis sets is a whole number in the workload file.
    bool is_whole(const Axis& axis) const;
    // Every file that a point reads, with the SHA-256 of its content.
    const std::map<std::string, std::string>& inputs() const { return inputs_; }
    // Policies that were named twice, axes' values that make a policy that there is, in sentences.
    const std::vector<std::string>& notes() const { return notes_; }

    // What decides the bytes of the results but for the program itself, as JSON.
    std::string configuration() const;

private:
    // Axes that advance together.
    struct Group {
        std::vector<std::size_t> axes;
        std::size_t size = 1;
        bool of_workload = false;  // at least one of its axes
    };

    void read_policies();
    void resolve_axes_and_groups();
    void read_conditions();
    void check_texts(const Condition& condition) const;
    std::vector<ConditionValue> condition_values(const std::string& name) const;
    void make_groups();
    void add_group(Group group);
    void make_contenders();
    // Each of these contenders, which are of one policy, with each of the group's values.
    std::vector<Contender> crossed(const std::vector<Contender>& some, const Group& group) const;
    void note_fixed_parameters(const PolicySpec& policy);
    // The names of the policy's axes that advance with one of the workload.
    std::string own_of_points(std::size_t policy) const;
    void make_points();
    void load_points();
    void note_tasks(const Workload& workload);
    void choose_tasks();
    void check_seeds() const;
    void note_inputs(const Workload& workload);
    PolicySpec spec_of(const Contender& contender, const std::vector<std::size_t>& values) const;
    bool keeps(std::uint64_t combination, std::size_t contender) const;
    // Index of each axis's value at a combination of the workload's groups; Contender::kNone for a policy's own axes.
    std::vector<std::size_t> values_at(std::uint64_t combination) const;
    std::vector<std::size_t> values_at(std::uint64_t combination, std::size_t contender) const;
    Workload load(std::uint64_t combination, std::uint64_t seed = 1, const std::vector<Override>& more = {}) const;

    StudySpec spec_;
    WorkloadFile file_;  // after the spec's overrides
    std::vector<PolicySpec> policies_;
    std::vector<Axis> axes_;
    std::vector<Group> groups_;
    std::vector<Condition> conditions_;
    std::vector<Contender> contenders_;
    std::vector<std::uint64_t> points_;  // combinations of the workload's groups that are kept
    std::uint64_t cells_ = 0;
    std::vector<std::string> task_names_, tasks_;
    std::map<std::string, std::string> inputs_;
    std::vector<std::string> notes_;
    mutable TraceCache cache_;
};

}  // namespace laxity
