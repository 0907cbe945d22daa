// The questions that every policy asks of a job before it runs it.
#pragma once

#include "policies/policy.hpp"

namespace laxity {

// The job's next stage may be executed on `resource`.
inline bool ready_on(const ActiveJob& job, int resource) { return !job.running && job.next_resource() == resource; }

// The next stage, started now, ends by the deadline if it keeps its planning cost. A stage that ends exactly at the
// deadline counts. Once false, it stays false.
inline bool next_stage_fits(const View& view, const ActiveJob& job) {
    return view.now() + job.next_cost() <= job.deadline;
}

inline const TaskPlan& task_of(const View& view, const ActiveJob& job) {
    return view.tasks().tasks[static_cast<std::size_t>(job.id.task)];
}

// The job has an answer to give: stopping it now makes no miss.
inline bool mandatory_done(const View& view, const ActiveJob& job) {
    return job.depth >= task_of(view, job).mandatory_stages;
}

}  // namespace laxity
