// One workload of a study, ready to run.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "sim/core/simulation.hpp"
#include "sim/plan/planning.hpp"
#include "workloads/workload.hpp"

namespace laxity {

// Loaded by the first run that needs it, shared by all that follow; threads may use it together. A workload whose task
// set is drawn from the seed is loaded for every run.
class PointData {
public:
    using Load = std::function<Workload(std::uint64_t seed)>;

    PointData(Load load, bool depends_on_seed) : load_(std::move(load)), depends_on_seed_(depends_on_seed) {}

    // What a run is asked for: its metrics, and the workload that it ran.
    using Use = std::function<void(const Metrics& metrics, const Workload& workload)>;

    // One run, whose results `use` is given. `threads` may be used to make the plan that a policy follows, which is
    // made once for all seeds. `tasks` are those whose response times are kept apart. Throws Interrupted.
    void simulate(const PolicySpec& policy, std::uint64_t seed, int threads, const std::vector<std::string>& tasks,
                  const Use& use);

private:
    struct Loaded {
        explicit Loaded(Workload point_workload)
            : workload(std::move(point_workload)), replay(workload), tasks(make_task_set(workload)) {}

        // The plan for a policy, by its text; null if it needs none.
        const Plan* plan(const PolicySpec& policy, int threads) const;

        Workload workload;
        Replay replay;
        TaskSet tasks;

    private:
        mutable std::mutex planning_;
        mutable std::map<std::string, std::unique_ptr<const Plan>> plans_;
    };

    std::shared_ptr<const Loaded> loaded(std::uint64_t seed);

    Load load_;
    bool depends_on_seed_;
    std::once_flag once_;
    std::shared_ptr<const Loaded> loaded_;
};

}  // namespace laxity
