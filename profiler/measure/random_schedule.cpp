#include "profiler/measure/random_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "profiler/measure/device_lane.hpp"
#include "traces/base/interrupt.hpp"

namespace laxity {

namespace {

constexpr double kWholePasses = 0.3;    // share of bursts that never change to another job
constexpr double kToTheEnd = 0.5;       // share of jobs that run to the last stage; the others' depth is uniform
constexpr double kLeftInFlight = 0.25;  // share of bursts whose jobs are still in flight after the gap
constexpr double kLongestBurst = 100;   // stages; log-uniform from 1
constexpr double kShortestGapNs = 2e3, kLongestGapNs = 1e8;
constexpr double kShortestLimitNs = 1e6;  // a gap's upper limit is log-uniform itself, from this: long ones are rarer
constexpr int kIdleShare = 3;             // gaps pause while more than one part in so many was idle

// The same on every machine, which the standard distributions are not.
class Draws {
public:
    explicit Draws(std::uint64_t seed) : bits_(seed) {}
    double real() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }
    std::uint64_t bits() { return bits_(); }
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(real() * static_cast<double>(count)); }
    double log_uniform(double low, double high) { return low * std::pow(high / low, real()); }

private:
    std::mt19937_64 bits_;
};

struct JobInFlight {
    std::size_t network = 0;
    int slot = 0, depth = 0, last_depth = 0;
    std::uint64_t number = 0, image = 0;
};

class Schedule {
public:
    Schedule(ScheduleLane& lane, std::span<const std::vector<StageInfo>> networks, std::span<const int> slots,
             const ScheduleOptions& options);
    ScheduleResult run(const ScheduleProgress& progress);

private:
    bool goes_on() const {
        return lane_.now() < end_ && executed_ < options_.most_executions && result_.failure.empty() && !interrupted();
    }
    void burst();
    void add_jobs(std::size_t together);
    bool add_job();
    void step();
    void execute(JobInFlight& job);
    void remove(std::size_t index);
    void gap();

    ScheduleLane& lane_;
    std::span<const std::vector<StageInfo>> networks_;
    const ScheduleOptions& options_;
    Draws draws_;
    std::vector<std::size_t> first_unit_;       // by network
    std::vector<std::vector<int>> free_slots_;  // by network
    std::vector<JobInFlight> jobs_;
    std::size_t last_ = 0;  // the job whose stage ran last, if it is still there
    bool continues_ = false;
    double mixing_ = 0;
    LaneHistory history_{0};
    std::uint64_t executed_ = 0, job_numbers_ = 0;
    Time start_, end_;
    Duration idle_{};
    ScheduleResult result_;
};

Schedule::Schedule(ScheduleLane& lane, std::span<const std::vector<StageInfo>> networks, std::span<const int> slots,
                   const ScheduleOptions& options)
    : lane_(lane),
      networks_(networks),
      options_(options),
      draws_(options.seed),
      start_(lane.now()),
      end_(start_ + options.length) {
    if (networks.empty() || networks.size() != slots.size() || options.jobs_in_flight < 1)
        throw std::invalid_argument("a schedule needs networks, with slots each, and jobs in flight");
    std::size_t units = 0;
    for (std::size_t network = 0; network < networks.size(); ++network) {
        if (networks[network].empty() || slots[network] < 1)
            throw std::invalid_argument("a scheduled network needs stages and slots");
        first_unit_.push_back(units);
        units += networks[network].size();
        auto& free = free_slots_.emplace_back();
        for (int slot = slots[network] - 1; slot >= 0; --slot) free.push_back(slot);
    }
    history_ = LaneHistory(units, start_);
    result_.executions.resize(networks.size());
}

ScheduleResult Schedule::run(const ScheduleProgress& progress) {
    const auto length = static_cast<std::uint64_t>(to_ms(options_.length));
    while (goes_on()) {
        burst();
        if (progress) progress(std::min(length, static_cast<std::uint64_t>(to_ms(lane_.now() - start_))), length);
        if (goes_on()) gap();
    }
    return std::move(result_);
}

void Schedule::burst() {
    const std::size_t together = 1 + draws_.below(static_cast<std::size_t>(options_.jobs_in_flight));
    mixing_ = draws_.real() < kWholePasses ? 0 : draws_.real();
    for (auto left = std::lround(draws_.log_uniform(1, kLongestBurst)); left > 0 && goes_on(); --left) {
        add_jobs(together);
        step();
    }
    if (draws_.real() < kLeftInFlight) return;
    while (!jobs_.empty()) remove(jobs_.size() - 1);
}

void Schedule::add_jobs(std::size_t together) {
    while (jobs_.size() < together && add_job()) {
    }
}

// Of a network drawn among those with a free slot; false if none has one.
bool Schedule::add_job() {
    std::vector<std::size_t> able;
    for (std::size_t network = 0; network < networks_.size(); ++network) {
        if (!free_slots_[network].empty()) able.push_back(network);
    }
    if (able.empty()) return false;
    JobInFlight job;
    job.network = able[draws_.below(able.size())];
    job.slot = free_slots_[job.network].back();
    free_slots_[job.network].pop_back();
    const std::size_t stages = networks_[job.network].size();
    job.last_depth = static_cast<int>(draws_.real() < kToTheEnd ? stages : 1 + draws_.below(stages));
    job.number = job_numbers_++;
    job.image = draws_.bits();
    jobs_.push_back(job);
    return true;
}

void Schedule::step() {
    if (!continues_ || draws_.real() < mixing_) last_ = draws_.below(jobs_.size());
    continues_ = true;
    JobInFlight& job = jobs_[last_];
    try {
        execute(job);
    } catch (const DeviceError& error) {
        result_.failure = error.what();
        return;
    }
    if (++job.depth == job.last_depth) remove(last_);
}

void Schedule::execute(JobInFlight& job) {
    const std::size_t unit = first_unit_[job.network] + static_cast<std::size_t>(job.depth);
    const StageInfo& info = networks_[job.network][static_cast<std::size_t>(job.depth)];
    Execution execution;
    execution.stage = job.depth;
    execution.before = history_.before(unit, job.number, lane_.now());
    history_.start(unit, job.number, info.parameter_bytes + info.activation_bytes);
    const LaneRun run = lane_.run({job.network, job.slot, job.depth, job.number, job.image});
    history_.end(lane_.now());
    execution.latency = std::max(Duration(1), run.latency);
    execution.submit = std::max(Duration(0), run.submit);
    execution.notice = std::max(Duration(0), run.notice);
    execution.stalled = run.stalled;
    result_.executions[job.network].push_back(execution);
    ++executed_;
}

void Schedule::remove(std::size_t index) {
    free_slots_[jobs_[index].network].push_back(jobs_[index].slot);
    jobs_[index] = jobs_.back();
    jobs_.pop_back();
    continues_ = false;
}

void Schedule::gap() {
    const Time from = lane_.now();
    if (idle_ * kIdleShare > from - start_) return;
    const double limit = draws_.log_uniform(kShortestLimitNs, kLongestGapNs);
    const Time due = from + nanoseconds_from(draws_.log_uniform(kShortestGapNs, limit));
    const Time noticed = lane_.wait_until(due);
    result_.release_lateness_ns.push_back(std::max<std::int64_t>(0, (noticed - due).count()));
    idle_ += noticed - from;
}

}  // namespace

ScheduleResult draw_schedule(ScheduleLane& lane, std::span<const std::vector<StageInfo>> networks,
                             std::span<const int> slots, const ScheduleOptions& options,
                             const ScheduleProgress& progress) {
    return Schedule(lane, networks, slots, options).run(progress);
}

ScheduleResult run_schedule(Device& device, std::span<const ScheduledNetwork> networks, const ScheduleOptions& options,
                            const ScheduleProgress& progress) {
    std::vector<std::vector<StageInfo>> stages;
    std::vector<int> slots;
    for (const ScheduledNetwork& network : networks) {
        stages.push_back(network.stages);
        slots.push_back(std::min(network.executable->slots(), options.jobs_in_flight));
    }
    DeviceLane lane(device, networks, options);
    ScheduleResult result = draw_schedule(lane, stages, slots, options, progress);
    lane.finish(result);
    return result;
}

}  // namespace laxity
