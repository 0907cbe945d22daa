#include "profiler/measure/history.hpp"

#include <algorithm>
#include <memory>

#include "profiler/measure/random_schedule.hpp"
#include "traces/history_cells.hpp"

namespace laxity {

namespace {

constexpr double kExecutionsOfStage = 2000;
constexpr double kPassesOfTime = 2.3;  // the deepest stage runs once in the time of so many whole passes
constexpr Duration kShortest{3'000'000'000}, kLongest{20'000'000'000};

// Networks with their executables, which a schedule borrows.
class Prepared {
public:
    Prepared(Device& device, int slots) : device_(device), slots_(slots) {}

    void add(const Network& network, const Dataset& data, const std::vector<double>& temperature) {
        executables_.push_back(device_.prepare(network, {.slots = slots_, .lanes = 1, .temperature = temperature}));
        networks_.push_back({executables_.back().get(), &data, executables_.back()->stage_info()});
    }
    std::span<const ScheduledNetwork> networks() const { return networks_; }

private:
    Device& device_;
    int slots_;
    std::vector<std::unique_ptr<Executable>> executables_;
    std::vector<ScheduledNetwork> networks_;
};

std::string schedule_text(const HistoryOptions& options) {
    std::string text = "drawn at random: up to " + std::to_string(options.jobs_in_flight) +
                       " jobs in flight, to random depths, interleaved more or less or whole; idle gaps of 2 us to 100 "
                       "ms; seed " +
                       std::to_string(options.seed);
    for (const BesideNetwork& other : options.beside) text += "; beside " + other.network->name();
    return text;
}

std::string too_few(const Trace& trace, std::span<const Execution> executions) {
    for (int stage = 0; stage < trace.stage_count(); ++stage) {
        const auto count = std::ranges::count_if(executions, [&](const Execution& e) { return e.stage == stage; });
        if (count >= static_cast<std::ptrdiff_t>(kLeastOfCell)) continue;
        return "no histories were kept: the schedule ran " + trace.stages[static_cast<std::size_t>(stage)].name +
               " only " + std::to_string(count) + " times, and " + std::to_string(kLeastOfCell) +
               " are needed; a longer one (--schedule-seconds) would do";
    }
    return {};
}

History history_of(std::vector<Execution> executions, int stages, std::string schedule) {
    CellFit fit = fit_cells(executions, stages);
    return {std::move(executions), std::move(fit.cells), fit.explained, std::move(schedule)};
}

}  // namespace

Duration schedule_length(const Trace& trace, std::size_t networks) {
    const double pass = static_cast<double>(full_latency_mean(trace).count());
    const double length = kExecutionsOfStage * kPassesOfTime * pass * static_cast<double>(networks);
    return std::clamp(nanoseconds_from(std::min(length, 1e12)), kShortest, kLongest);
}

HistoryOutcome measure_history(Device& device, const Network& network, const Dataset& data,
                               const HistoryOptions& options, Trace& trace,
                               const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    Prepared prepared(device, options.jobs_in_flight);
    prepared.add(network, data, trace.calibration.temperature);
    for (const BesideNetwork& other : options.beside) prepared.add(*other.network, *other.data, {});
    const Duration length = options.length.value_or(schedule_length(trace, prepared.networks().size()));
    ScheduleResult result = run_schedule(device, prepared.networks(),
                                         {.length = length,
                                          .jobs_in_flight = options.jobs_in_flight,
                                          .seed = options.seed,
                                          .cores = options.cores,
                                          .raise_priority = options.raise_priority},
                                         progress);
    trace.release_lateness_ns = std::move(result.release_lateness_ns);
    if (result.stalls.watched > Duration(0)) trace.stalls = std::move(result.stalls);
    if (result.driver_stalls.watched > Duration(0)) trace.driver_stalls = std::move(result.driver_stalls);
    HistoryOutcome outcome{too_few(trace, result.executions.front()), std::move(result.failure)};
    if (outcome.missing.empty())
        trace.history = history_of(std::move(result.executions.front()), trace.stage_count(), schedule_text(options));
    return outcome;
}

}  // namespace laxity
