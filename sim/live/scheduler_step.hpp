// One step of a driver in real time: what the scheduler is told and asked at one moment, and in which order.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "sim/core/releases.hpp"
#include "sim/core/scheduler.hpp"
#include "sim/results/path_record.hpp"

namespace laxity {

// The world in which a scheduler is driven: a live run, whose stages end by themselves, or the record of one, which
// knows when they did.
//
//     struct World {
//         // What the stage of this ticket revealed, if it had ended by `time` and nobody was told yet. Asked once a
//         step. std::optional<Outcome> ended(std::int32_t ticket, Time time);
//         // The scheduler was told. Not `counted`: its job had left meanwhile.
//         void told(std::int32_t ticket, const Outcome& outcome, bool counted, Time time);
//         // Calls Scheduler::release() with now = time.
//         void release(const Release& release, Time time);
//         // Calls Scheduler::next().
//         std::optional<Dispatch> next(int resource, Time time);
//         // The stage counts as started at `time`.
//         void start(const Dispatch& dispatch, Time time);
//     };

// Tells the scheduler of the stages that have ended, in the order of their tickets. A deadline that has passed before
// comes first; one at this very instant does not.
template <class World>
void tell_completions(Scheduler& scheduler, World& world, StepRecord& step) {
    const Time time = step.time;
    for (std::int32_t ticket = 0; ticket < scheduler.tickets(); ++ticket) {
        const std::optional<Outcome> outcome = world.ended(ticket, time);
        if (!outcome) continue;
        const std::size_t active = scheduler.active_jobs();
        if (scheduler.next_deadline() < time) scheduler.expire(time - Duration(1));
        step.expired += static_cast<std::uint32_t>(active - scheduler.active_jobs());
        world.told(ticket, *outcome, scheduler.stage_finished(ticket, *outcome, time), time);
        ++step.completed;
    }
}

// The whole step, all of it at `time`, which is later than that of the step before: completions, deadlines, releases,
// then decisions, for one resource after the other until there is nothing to run. `took` is left to the caller. Whoever
// feeds the same completions and releases to the same policy in steps at the same times gets the same decisions: that
// is what a replay relies on.
template <class World>
StepRecord take_step(Scheduler& scheduler, Releases& releases, int resources, World& world, Time time) {
    StepRecord step;
    step.time = time;
    const Time due = std::min(scheduler.next_deadline(), releases.next_time());
    if (due < time) step.lateness = time - due;
    tell_completions(scheduler, world, step);
    const std::size_t active = scheduler.active_jobs();
    scheduler.expire(time);
    step.expired += static_cast<std::uint32_t>(active - scheduler.active_jobs());
    for (; releases.next_time() <= time; ++step.released) world.release(releases.take(), time);
    step.active = scheduler.active_jobs();
    for (int resource = 0; resource < resources; ++resource) {
        for (; const auto dispatch = world.next(resource, time); ++step.dispatched) world.start(*dispatch, time);
    }
    return step;
}

}  // namespace laxity
