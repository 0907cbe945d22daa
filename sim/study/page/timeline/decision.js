// What the policy knew when it chose a stage: of the chosen job and of every other one that was in the system.
//
// The records say what was known of a stage that ran. Of one that waited the same follows: its depth and confidence from
// the stages that had ended, its planning costs from any job of the same network, for a run plans with one table of them.

import { kNone } from "./run.js";

// A job as it stood at `time`. Null or NaN where nothing was known.
export function standing(run, job, time) {
  let depth = 0,
    state = "waiting",
    confidence = NaN;
  for (let at = run.stage_begin[job]; at < run.stage_begin[job + 1]; ++at) {
    const i = run.stage_of[at];
    if (run.end[i] <= time) {
      depth = run.stage[i] + 1;
      confidence = run.confidence[i];
    } else if (run.start[i] <= time) {
      state = run.start[i] === time ? "starts too" : "running";
    }
  }
  return { job, depth, state, confidence, ...plan_of(run, job, depth, time), deadline: run.deadline[job] };
}

function plan_of(run, job, depth, time) {
  const costs = run.costs[run.task[job]][run.variant[job]];
  const planned = costs?.planned[depth] ?? null;
  const remaining = costs?.remaining[depth] ?? null;
  return { planned, remaining, slack: remaining === null ? null : run.deadline[job] - time - remaining };
}

// {time, stage, jobs}: the jobs by slack, least first; those of unknown slack last, by deadline.
export function decision_of(run, rows, stage) {
  const time = run.start[stage];
  const chosen = run.stage_job[stage];
  const jobs = [];
  rows.each_active(time, (job) => {
    if (job !== chosen) jobs.push(standing(run, job, time));
  });
  if (chosen !== kNone) jobs.push({ ...standing(run, chosen, time), state: "chosen" });
  jobs.sort(
    (a, b) => (a.slack === null) - (b.slack === null) || a.slack - b.slack || a.deadline - b.deadline || a.job - b.job,
  );
  return { time, stage, jobs };
}
