#include "sim/study/point.hpp"

namespace laxity {

std::shared_ptr<const PointData::Loaded> PointData::loaded(std::uint64_t seed) {
    if (depends_on_seed_) return std::make_shared<const Loaded>(load_(seed));
    std::call_once(once_, [&] { loaded_ = std::make_shared<const Loaded>(load_(seed)); });
    return loaded_;
}

const Plan* PointData::Loaded::plan(const PolicySpec& policy, int threads) const {
    if (!policy.info->needs_plan) return nullptr;
    const std::lock_guard lock(planning_);
    auto& plan = plans_[policy.text];
    if (!plan) plan = plan_for(policy, workload, tasks, {threads, {}});
    return plan.get();
}

void PointData::simulate(const PolicySpec& policy, std::uint64_t seed, int threads,
                         const std::vector<std::string>& tasks, const Use& use) {
    const std::shared_ptr<const Loaded> data = loaded(seed);
    Simulation simulation(data->replay, data->tasks, policy, seed, data->plan(policy, threads));
    if (!tasks.empty()) simulation.keep_task_responses();
    use(simulation.run(), data->workload);
}

}  // namespace laxity
