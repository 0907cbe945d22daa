#include "profiler/device/path_cost.hpp"

#include <algorithm>
#include <memory>
#include <thread>

#include "profiler/device/device_worker.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

using Clock = std::chrono::steady_clock;

// A stage that reads the clock until its time is over.
class ClockStage final : public Executable {
public:
    void take(Duration length) { length_ = length; }
    int stages() const override { return 1; }
    int slots() const override { return 1; }
    void load_input(int, std::span<const float>) override {}
    Outcome run_stage(int, int, int) override {
        const Clock::time_point end = Clock::now() + length_;
        while (Clock::now() < end) {
        }
        return {};
    }
    std::span<const float> logits(int, int) const override { return {}; }
    std::vector<StageInfo> stage_info() const override { return {}; }

private:
    Duration length_{};  // the driver sets it while no stage runs
};

class ClockDevice final : public Device {
public:
    DeviceInfo info() const override { return {"cpu", "clock", "none", 1, {}}; }
    std::unique_ptr<Executable> prepare(const Network&, const PrepareOptions&) override {
        throw DeviceError("the clock runs no networks");
    }
};

void note(const std::vector<std::string>& lines, std::vector<std::string>& refusals) {
    for (const std::string& line : lines) {
        if (std::ranges::find(refusals, line) == refusals.end()) refusals.push_back(line);
    }
}

// The two threads of one way of waiting, for one round.
class Pair {
public:
    explicit Pair(const CorePlan& cores)
        : news_(cores.spin), worker_(device_, news_, {.core = cores.device, .spin = cores.spin}) {}

    const std::vector<std::string>& refusals() const { return worker_.refusals(); }

    void execute(PathCost& cost) {
        const auto [wait, length, idle] = cost.cell;
        stage_.take(length);
        if (idle > Duration(0)) news_.wait_until(Clock::now() + idle, [] { return false; });
        const Clock::time_point handed = Clock::now();
        worker_.submit({.executable = &stage_});
        const StageCompletion completion = *worker_.wait_until(Clock::time_point::max(), handed + length);
        cost.submit_ns.push_back(std::max<std::int64_t>(0, Duration(completion.started - handed).count()));
        cost.notice_ns.push_back(std::max<std::int64_t>(0, Duration(news_.woke() - completion.finished).count()));
    }

private:
    ClockDevice device_;
    ClockStage stage_;
    Doorbell news_;
    DeviceWorker worker_;
};

// One round of one way of waiting: its share of every cell's executions.
void run_round(const CorePlan& cores, Wait wait, int executions, std::vector<PathCost>& costs,
               std::vector<std::string>& refusals) {
    Pair pair(cores);
    note(pair.refusals(), refusals);
    for (PathCost& cost : costs) {
        if (cost.cell.wait != wait) continue;
        cost.waited = cores.wait;
        for (int i = 0; i < executions && !interrupted(); ++i) pair.execute(cost);
    }
}

void drive(const PathCostOptions& options, std::vector<PathCost>& costs, std::vector<std::string>& refusals,
           const std::function<void(int)>& progress) {
    std::vector<CorePlan> plans;
    for (const Wait wait : options.waits) plans.push_back(plan_cores(wait));
    for (const Refusal& refusal : {pin_this_thread(plans.front().driver), why_parked(options.waits.front(), plans[0]),
                                   raise_this_thread(ThreadLoad::kMayStayBusy, "driver")}) {
        if (refusal) note({*refusal}, refusals);
    }
    sharpen_timers();
    for (int round = 0; round < options.rounds && !interrupted(); ++round) {
        // Executions that do not divide evenly go to the first rounds.
        const int executions =
            options.executions / options.rounds + (round < options.executions % options.rounds ? 1 : 0);
        for (std::size_t i = 0; i < options.waits.size(); ++i)
            run_round(plans[i], options.waits[i], executions, costs, refusals);
        if (progress) progress(round + 1);
    }
}

}  // namespace

Duration expected_length(const PathCostOptions& options) {
    Duration sum{};
    for (const Duration stage : options.stages) {
        for (const Duration idle : options.idles) sum += stage + idle;
    }
    return sum * options.executions * static_cast<int>(options.waits.size());
}

std::vector<PathCost> measure_path(const PathCostOptions& options, std::vector<std::string>& refusals,
                                   const std::function<void(int)>& progress) {
    std::vector<PathCost> costs;
    for (const Wait wait : options.waits) {
        for (const Duration stage : options.stages) {
            for (const Duration idle : options.idles) costs.push_back({{wait, stage, idle}, wait, {}, {}});
        }
    }
    std::thread driver([&] { drive(options, costs, refusals, progress); });
    driver.join();
    return costs;
}

}  // namespace laxity
