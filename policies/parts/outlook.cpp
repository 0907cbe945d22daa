#include "policies/parts/outlook.hpp"

#include <algorithm>

#include "workloads/philox.hpp"

namespace laxity {

Duration charged_time(const VariantPlan& variant, int stage) {
    return std::max(variant.cost[static_cast<std::size_t>(stage)], variant.expected_cost(stage));
}

namespace {

std::vector<double> charges(const VariantPlan& variant, int resource) {
    std::vector<double> charge;
    for (int k = 0; k < variant.stages(); ++k) {
        const auto ns = static_cast<double>(charged_time(variant, k).count());
        charge.push_back(variant.resource[static_cast<std::size_t>(k)] == resource ? ns : ns / 1000);
    }
    return charge;
}

// Every n-th of the tables' prices, so that a lone task of weight 1 finds them as they are.
std::vector<double> common_prices(double top, int levels) {
    constexpr double kLnThousand = 6.907755278982137;
    constexpr int kSteps = StoppingTables::kPrices - 2;
    std::vector<double> prices;
    for (int g = 0; g + 1 < levels; ++g) {
        const double step = static_cast<double>((StoppingTables::kPrices - 1) * (g + 1)) / (levels - 1) - 1;
        prices.push_back(top * exact_exp(-kLnThousand * step / kSteps));
    }
    prices.push_back(0);
    return prices;
}

void look_up_work(NetworkOutlook& network, std::span<const double> prices) {
    const StoppingTables& tables = *network.tables;
    std::vector<int> columns;
    for (const double price : prices) columns.push_back(tables.price_at_most(price / network.weight));
    network.work.reserve(static_cast<std::size_t>(tables.states()) * prices.size());
    for (int state = 0; state < tables.states(); ++state) {
        for (const int column : columns) network.work.push_back(tables.work(state)[static_cast<std::size_t>(column)]);
    }
}

}  // namespace

Outlooks::Outlooks(const TaskSet& tasks, int levels) : resource_(busiest_resource(tasks)) {
    double top = 0;
    for (const TaskPlan& task : tasks.tasks) {
        auto& networks = networks_.emplace_back();
        for (const VariantPlan& variant : task.variants) {
            const std::vector<double> charge = charges(variant, resource_);
            NetworkOutlook& network = networks.emplace_back();
            network.tables = shared_stopping_tables(variant, charge, task.mandatory_stages);
            network.weight = task.weight;
            network.charge.assign(charge.begin(), charge.end());
            top = std::max(top, task.weight * network.tables->prices().front());
        }
    }
    prices_ = common_prices(top, levels);
    for (auto& networks : networks_) {
        for (NetworkOutlook& network : networks) look_up_work(network, prices_);
    }
}

void Outlooks::forget(const ActiveJob& job) {
    if (job.slot >= by_slot_.size()) by_slot_.resize(job.slot + 1);
    by_slot_[job.slot].valid_until = Time::min();
}

void Outlooks::renew(JobOutlook& outlook, const ActiveJob& job, Time now) const {
    int reach = job.depth;
    const auto fits = [&](int depth) { return now + job.plan->cost_between(job.depth, depth) <= job.deadline; };
    while (reach < job.stages() && fits(reach + 1)) ++reach;
    outlook = {};
    outlook.valid_until = job.deadline - job.plan->cost_between(job.depth, reach);
    if (reach == job.depth) return;
    const NetworkOutlook& seen = network(job.id.task, job.variant);
    const int state = seen.tables->state(job.depth, job.confidence(), reach);
    outlook.index = static_cast<float>(seen.weight * seen.tables->index(state));
    outlook.charge = seen.charge[static_cast<std::size_t>(job.depth)];
    outlook.work = seen.work.data() + static_cast<std::size_t>(state) * prices_.size();
}

}  // namespace laxity
