// Options that `simulate`, `live` and `validate` share, and what is written of a run.
#pragma once

#include <boost/program_options.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/registry.hpp"
#include "sim/plan/planning.hpp"
#include "sim/results/inputs.hpp"
#include "sim/results/metrics.hpp"
#include "sim/results/output.hpp"
#include "sim/results/records.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// The --set options.
std::vector<Override> override_options(const boost::program_options::variables_map& values);

// The --seed option. Throws InputError if it is below 0.
std::uint64_t seed_option(const boost::program_options::variables_map& values);

// --workload, --set, --seed, --plan, --jobs-csv, --timeline, --out, --replace.
struct RunOptions {
    std::string workload;
    std::vector<Override> overrides;
    std::uint64_t seed = 1;
    std::string plan, jobs_csv, timeline, out;
    bool replace = false;

    // Declares the options; the values are read by from().
    static void declare(boost::program_options::options_description& options);
    static RunOptions from(const boost::program_options::variables_map& values);

    Workload load() const { return load_workload(workload, overrides, nullptr, seed); }
    // What the run is made from, as it is right after load(); nothing without --out, which alone needs it.
    InputHashes inputs_of(const Workload& loaded) const;
    // What the policy needs to be told before the run: the plan of --plan, or one that is made now; null if none.
    std::unique_ptr<const Plan> plan_for_run(const PolicySpec& policy, const Workload& loaded,
                                             const TaskSet& tasks) const;
};

// The files that a run was asked to write, as one sink.
class RunOutput {
public:
    // Locks the folder, and refuses what is in the way; writes nothing. Before anything that takes long.
    RunOutput(const RunOptions& options, InputHashes inputs);

    // Makes the files, after everything that may refuse to run and before the run. `what` is for the manifest.
    void open(const Workload& workload, const TaskSet& tasks, const std::string& what);
    // Writes DIR/plan.json, the plan that the run follows, if there is one: its replay needs it. After open().
    void keep_plan(const Plan* plan, const PolicySpec& policy, const Workload& workload, const TaskSet& tasks);
    RecordSink* sink() { return fan_.empty() ? nullptr : &fan_; }
    // Writes the timeline and DIR/summary.json, which is also what goes to stdout. Warns if an input has changed.
    void finish(const std::string& summary);

private:
    void add_file(std::unique_ptr<RecordSink> file);

    RunOptions options_;
    std::optional<ResultFolder> folder_;
    InputHashes inputs_;
    RecordNames names_;
    std::vector<std::unique_ptr<RecordSink>> files_;
    RecordList records_;  // only for the timeline
    RecordFan fan_;
};

// A warning on stderr if one of these files is not as it was read.
void warn_if_changed(const InputHashes& inputs);

// The summary of a run on stdout: what was run, then the metrics. What the run is too short for is in its "warnings",
// and printed on stderr. `extra` is the text of a JSON object whose keys are added, or empty.
std::string run_summary(const std::string& mode, const Workload& workload, const std::string& policy,
                        std::uint64_t seed, const Metrics& metrics, const std::string& extra = {});

// The policy of --policy; an oracle is refused if `live`.
PolicySpec policy_option(const std::string& text, bool live);

// `--seconds S` as a change of the workload: its horizon becomes S seconds without a warm-up. Throws InputError for a
// length that is not above 0 and at most a day.
Override horizon_override(double seconds);

// search_plan() with a bar on stderr.
PlanSearch search_with_progress(const PolicySpec& policy, const Workload& workload, const TaskSet& tasks, int threads);

// Keys of the summary, for --help.
std::string summary_help();

}  // namespace laxity
