#include "sim/bounds/bounds.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <map>
#include <variant>

#include "sim/bounds/feasible_work.hpp"
#include "sim/bounds/stopping_curves.hpp"
#include "sim/core/measured_tables.hpp"
#include "sim/core/releases.hpp"
#include "traces/base/error.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

constexpr std::size_t kJobsBetweenPolls = 1 << 16;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// A job that counts, and its luck. Times of a workload whose jobs depend on the policy have no meaning but deadline -
// release.
struct ScoredJob {
    JobId id;
    JobFate fate;
    std::int64_t release_ns = 0, deadline_ns = 0;

    std::int64_t window_ns() const { return deadline_ns - release_ns; }
};

const Task* asks_at_reply(const Workload& workload) {
    for (const Task& task : workload.tasks) {
        const auto* closed = std::get_if<ClosedArrivals>(&task.arrivals);
        if (closed != nullptr && !closed->next_at_deadline) return &task;
    }
    return nullptr;
}

// In the order of their releases. Nothing here depends on a policy: a client, if any, asks again at its deadline.
std::vector<ScoredJob> released_jobs(const Workload& workload, std::uint64_t seed) {
    std::vector<ScoredJob> jobs;
    Releases releases(workload, seed);
    while (releases.next_time() != kNever) {
        if (releases.released() % kJobsBetweenPolls == 0 && interrupted()) throw Interrupted();
        const Release release = releases.take();
        ActiveJob job;
        job.id = release.id;
        job.deadline = release.time + release.fate.relative_deadline;
        releases.job_left(release.source, job, LeaveReason::kDeadline, job.deadline);
        if (release.scored) jobs.push_back({release.id, release.fate, to_ns(release.time), to_ns(job.deadline)});
    }
    return jobs;
}

// The jobs of a lone task whose clients ask at the reply: who is served, and by when, is luck; only when is not.
std::vector<ScoredJob> untimed_jobs(const Workload& workload, std::uint64_t seed) {
    std::vector<ScoredJob> jobs;
    const JobFates fates(workload, 0, seed);
    for (std::uint64_t k = workload.horizon.warmup_jobs; k < workload.horizon.jobs; ++k) {
        if (k % kJobsBetweenPolls == 0 && interrupted()) throw Interrupted();
        const JobFate fate = fates.at(k);
        jobs.push_back({{0, k}, fate, 0, fate.relative_deadline.count()});
    }
    return jobs;
}

// The time that K clients can take at most for so many jobs: each asks again by its last deadline, so that the
// deadlines of the jobs, end to end, cover the time between the first and the last release K times, but for a deadline
// a client at the beginning; and the last job has a deadline too.
std::int64_t longest_time_ns(const Workload& workload, const std::vector<ScoredJob>& jobs) {
    std::int64_t sum = 0;
    for (const ScoredJob& job : jobs) sum += job.window_ns();
    const Task& task = workload.tasks.front();
    return sum / std::get<ClosedArrivals>(task.arrivals).clients + 1 + 2 * task.deadline.high.count();
}

// Time within at least one window.
std::int64_t covered_time_ns(const std::vector<ScoredJob>& jobs) {
    std::int64_t covered = 0, end = 0;
    for (const ScoredJob& job : jobs) {
        covered += std::max<std::int64_t>(0, job.deadline_ns - std::max(end, job.release_ns));
        end = std::max(end, job.deadline_ns);
    }
    return covered;
}

// What every decision costs at least, whatever the policy. A file of decisions says it of some policies only.
std::int64_t decision_ns(const Replay& replay) {
    return replay.decisions() != nullptr ? 0 : replay.workload().decision_cost.count();
}

const HistoryTable* history_of(const Replay& replay, int task, int variant, int stage) {
    if (!replay.measured()) return nullptr;
    const HistoryTable* history = replay.measured()->variant(task, variant).history;
    return history != nullptr && history->measured(stage) ? history : nullptr;
}

// What the stage takes of this job at least: its luck decides which execution of a cell it draws (measured_times.hpp),
// and only the policy which cell. Without histories, what it takes.
std::int64_t least_ns(const Replay& replay, const ScoredJob& job, int variant, int stage) {
    const auto drawn = [&](std::size_t count) { return latency_row(job.fate.row_block, job.id.number, count); };
    const HistoryTable* history = history_of(replay, job.id.task, variant, stage);
    const ReplayTable& table = replay.table(job.id.task, variant);
    if (history == nullptr) return table.durations_of_row(drawn(table.rows))[stage];
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (const HistoryTable::Cell& cell : history->all_cells(stage))
        least = std::min<std::int64_t>(least, history->took(cell.first + drawn(cell.count)).count());
    return least;
}

// The least mean of a cell.
double least_mean_ns(const HistoryTable& history, int stage) {
    double least = std::numeric_limits<double>::infinity();
    for (const HistoryTable::Cell& cell : history.all_cells(stage)) {
        double sum = 0;
        for (std::size_t place = cell.first; place < std::size_t{cell.first} + cell.count; ++place)
            sum += static_cast<double>(history.took(place).count());
        least = std::min(least, sum / cell.count);
    }
    return least;
}

// How deep the job can get on a variant if nothing else is done.
int reachable_depth(const Replay& replay, const ScoredJob& job, int variant) {
    const int stages = replay.table(job.id.task, variant).stages;
    std::int64_t time_ns = 0;
    int depth = 0;
    for (; depth < stages; ++depth) {
        time_ns += least_ns(replay, job, variant, depth) + decision_ns(replay);
        if (time_ns > job.window_ns()) break;
    }
    return depth;
}

std::optional<double> least_of(std::initializer_list<std::optional<double>> values) {
    std::optional<double> least;
    for (const std::optional<double>& value : values) {
        if (value) least = std::min(*value, least.value_or(*value));
    }
    return least;
}

// Jobs as windows with curves of value for work.
struct ValuedJobs {
    double free = 0;  // the value that takes no time
    std::vector<ConcaveCurve> curves;
    std::vector<std::size_t> jobs_of_curve;
    std::vector<std::uint32_t> curve_of_job;
};

// A task seen from one resource.
struct TaskOnResource {
    std::vector<std::vector<bool>> used;  // [variant][stage]
    std::vector<StoppingCurves> curves;   // one
};

}  // namespace

std::optional<double> BoundValues::least() const { return least_of({clairvoyant, fluid, fluid_d, fluid_edf}); }

namespace {

// The bounds that one resource sets.
class ResourceBounds {
public:
    ResourceBounds(const Replay& replay, const Resource& resource) : replay_(replay), slots_(resource.slots) {
        for (int task = 0; task < static_cast<int>(replay.workload().tasks.size()); ++task) {
            add_task(task, resource.name);
        }
    }

    BoundValues values(const std::vector<ScoredJob>& jobs, const std::vector<std::vector<int>>& reachable, bool timed,
                       bool weighted) const {
        const Workload& workload = replay_.workload();
        double all = 0;
        for (const ScoredJob& job : jobs) all += weight(job, weighted);
        if (all == 0) return {0, 0, 0, 0};
        const std::int64_t capacity = slots_ * (timed ? covered_time_ns(jobs) : longest_time_ns(workload, jobs));
        const ValuedJobs anywhere = by_stopping(jobs, full_depths(jobs), weighted);
        const ValuedJobs within = by_stopping(jobs, reachable, weighted);
        BoundValues values;
        values.fluid = (anywhere.free + most_value(capacity, anywhere.curves, anywhere.jobs_of_curve)) / all;
        values.fluid_d = (within.free + most_value(capacity, within.curves, within.jobs_of_curve)) / all;
        if (!timed) return values;
        const ValuedJobs known = by_outcome(jobs, weighted);
        values.clairvoyant = (known.free + most_value(windows(jobs, known), known.curves)) / all;
        values.fluid_edf = (within.free + most_value(windows(jobs, within), within.curves)) / all;
        return values;
    }

private:
    void add_task(int task, const std::string& resource) {
        const Workload& workload = replay_.workload();
        const Task& described = workload.tasks[at(task)];
        const auto samples = replay_half(described.variants.front().trace->samples.count());
        TaskOnResource& on_resource = tasks_.emplace_back();
        std::vector<StoppingProblem> problems;
        for (int variant = 0; variant < static_cast<int>(described.variants.size()); ++variant) {
            auto& used = on_resource.used.emplace_back();
            for (const StageInfo& stage : described.variants[at(variant)].trace->stages) {
                used.push_back(stage.resource == resource);
            }
            problems.emplace_back(replay_.table(task, variant), samples, mean_stage_ns(task, variant, used),
                                  described.mandatory_stages);
        }
        on_resource.curves.emplace_back(problems);
    }

    std::vector<double> mean_stage_ns(int task, int variant, const std::vector<bool>& used) const {
        const ReplayTable& table = replay_.table(task, variant);
        std::vector<double> mean(at(table.stages));
        for (std::size_t i = 0; i < table.duration_ns.size(); ++i) {
            mean[i % mean.size()] += static_cast<double>(table.duration_ns[i]);
        }
        for (std::size_t stage = 0; stage < mean.size(); ++stage) {
            const double decision = static_cast<double>(decision_ns(replay_));
            const HistoryTable* history = history_of(replay_, task, variant, static_cast<int>(stage));
            mean[stage] = history != nullptr ? least_mean_ns(*history, static_cast<int>(stage))
                                             : mean[stage] / static_cast<double>(table.rows);
            mean[stage] = used[stage] ? mean[stage] + decision : 0;
        }
        return mean;
    }

    double weight(const ScoredJob& job, bool weighted) const {
        return weighted ? replay_.workload().tasks[at(job.id.task)].weight : 1;
    }

    std::vector<WorkWindow> windows(const std::vector<ScoredJob>& jobs, const ValuedJobs& valued) const {
        std::vector<WorkWindow> windows;
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            windows.push_back({jobs[i].release_ns * slots_, jobs[i].deadline_ns * slots_, valued.curve_of_job[i]});
        }
        return windows;
    }

    // Time on this resource to the first exit that is right; infinite if there is none that the job can reach.
    std::int64_t right_after_ns(const ScoredJob& job) const {
        const Task& task = replay_.workload().tasks[at(job.id.task)];
        std::int64_t least = std::numeric_limits<std::int64_t>::max();
        for (int variant = 0; variant < static_cast<int>(task.variants.size()); ++variant) {
            const ReplayTable& table = replay_.table(job.id.task, variant);
            const Outcome* outcomes = table.outcomes_of_sample(job.fate.sample);
            const int reachable = reachable_depth(replay_, job, variant);
            std::int64_t time_ns = 0;
            for (int depth = 1; depth <= reachable; ++depth) {
                const bool used = tasks_[at(job.id.task)].used[at(variant)][at(depth - 1)];
                if (used) time_ns += least_ns(replay_, job, variant, depth - 1) + decision_ns(replay_);
                const bool right = outcomes[depth - 1].prediction == table.labels[job.fate.sample];
                if (right && depth >= task.mandatory_stages) least = std::min(least, time_ns);
            }
        }
        return least;
    }

    // For the clairvoyant: a job is worth its weight after the time to its first right exit. The concave envelope of
    // that is one piece.
    ValuedJobs by_outcome(const std::vector<ScoredJob>& jobs, bool weighted) const {
        ValuedJobs valued;
        for (const ScoredJob& job : jobs) {
            const std::int64_t time_ns = right_after_ns(job);
            const bool never = time_ns == std::numeric_limits<std::int64_t>::max();
            valued.curve_of_job.push_back(static_cast<std::uint32_t>(valued.curves.size()));
            ConcaveCurve& curve = valued.curves.emplace_back();
            if (time_ns == 0) {
                valued.free += weight(job, weighted);
            } else if (!never) {
                curve.push_back({weight(job, weighted) / static_cast<double>(time_ns), time_ns});
            }
        }
        return valued;
    }

    std::vector<std::vector<int>> full_depths(const std::vector<ScoredJob>& jobs) const {
        std::vector<std::vector<int>> of_task;
        for (const TaskOnResource& task : tasks_) {
            auto& depths = of_task.emplace_back();
            for (const auto& used : task.used) depths.push_back(static_cast<int>(used.size()));
        }
        std::vector<std::vector<int>> depths;
        for (const ScoredJob& job : jobs) depths.push_back(of_task[at(job.id.task)]);
        return depths;
    }

    // For the fluid bounds: one curve for all jobs of a task that can get equally deep, which is depths[job][variant].
    ValuedJobs by_stopping(const std::vector<ScoredJob>& jobs, const std::vector<std::vector<int>>& depths,
                           bool weighted) const {
        ValuedJobs valued;
        std::vector<double> free;
        std::vector<std::map<std::vector<int>, std::uint32_t>> known(tasks_.size());
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            const std::size_t task = at(jobs[i].id.task);
            const auto [place, is_new] =
                known[task].try_emplace(depths[i], static_cast<std::uint32_t>(valued.curves.size()));
            if (is_new) {
                StoppingCurve stopping = tasks_[task].curves.front().curve(depths[i]);
                for (WorkPiece& piece : stopping.curve) piece.price *= weight(jobs[i], weighted);
                free.push_back(stopping.free * weight(jobs[i], weighted));
                valued.curves.push_back(std::move(stopping.curve));
                valued.jobs_of_curve.push_back(0);
            }
            valued.curve_of_job.push_back(place->second);
            valued.free += free[place->second];
            ++valued.jobs_of_curve[place->second];
        }
        return valued;
    }

    const Replay& replay_;
    std::int64_t slots_;
    std::vector<TaskOnResource> tasks_;
};

void keep_least(BoundValues& values, const BoundValues& other) {
    values.clairvoyant = least_of({values.clairvoyant, other.clairvoyant});
    values.fluid = least_of({values.fluid, other.fluid});
    values.fluid_d = least_of({values.fluid_d, other.fluid_d});
    values.fluid_edf = least_of({values.fluid_edf, other.fluid_edf});
}

// Times are multiplied by the slots of a resource.
void check_length(const Workload& workload, const std::vector<ScoredJob>& jobs) {
    std::int64_t last_ns = 0;
    for (const ScoredJob& job : jobs) last_ns = std::max(last_ns, job.deadline_ns);
    for (const Resource& resource : workload.resources) {
        if (last_ns < std::numeric_limits<std::int64_t>::max() / 4 / resource.slots) continue;
        throw input_error(workload.path, "a run whose length x slots is at most 2e9 s, to bound it", "a longer one",
                          "shorten /horizon");
    }
}

}  // namespace

struct BoundModel::Resources {
    std::vector<ResourceBounds> bounds;
};

BoundModel::BoundModel(const Replay& replay) : replay_(&replay), resources_(std::make_unique<Resources>()) {
    for (const Resource& resource : replay.workload().resources) resources_->bounds.emplace_back(replay, resource);
}

BoundModel::~BoundModel() = default;

Bounds BoundModel::of(std::uint64_t seed) const {
    const Workload& workload = replay_->workload();
    const Task* policy_dependent = asks_at_reply(workload);
    Bounds bounds;
    if (policy_dependent != nullptr) {
        bounds.undefined = "the clients of \"" + policy_dependent->name +
                           "\" ask again at the reply, so that the jobs depend on the policy";
        const bool known = workload.tasks.size() == 1 && workload.horizon.length == Duration::max();
        if (!known) return bounds;
    }
    const bool timed = policy_dependent == nullptr;
    const std::vector<ScoredJob> jobs = timed ? released_jobs(workload, seed) : untimed_jobs(workload, seed);
    check_length(workload, jobs);
    bounds.jobs = jobs.size();
    std::vector<std::vector<int>> reachable(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const std::size_t variants = workload.tasks[at(jobs[i].id.task)].variants.size();
        for (std::size_t v = 0; v < variants; ++v) {
            reachable[i].push_back(reachable_depth(*replay_, jobs[i], static_cast<int>(v)));
        }
    }
    for (const ResourceBounds& resource : resources_->bounds) {
        keep_least(bounds.accuracy, resource.values(jobs, reachable, timed, false));
        keep_least(bounds.weighted, resource.values(jobs, reachable, timed, true));
    }
    return bounds;
}

}  // namespace laxity
