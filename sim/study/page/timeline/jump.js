// Going to a job, a moment or a miss: where it is, and how much of the time around it is worth seeing.

import { kNone } from "./run.js";
import { first_above, first_from } from "./search.js";
import { count_text } from "./text.js";

const kJobsWorthSeeing = 40;
const kUnits = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

// A span in which some forty jobs are released.
export function readable_span(run) {
  return run.job_count === 0 ? run.length : Math.min(run.length, (run.length * kJobsWorthSeeing) / run.job_count);
}

// "camera#12", "#12" or "12" where there is one task, or a moment, "12.5 ms". {job}, {time} or {problem}.
export function found(run, text) {
  const moment = text.trim().match(/^([\d.]+)\s*(ns|us|µs|ms|s)$/);
  if (moment && Number.isFinite(Number(moment[1]))) return moment_in(run, Number(moment[1]) * kUnits[moment[2]]);
  const at = text.lastIndexOf("#");
  const name = text.slice(0, Math.max(at, 0)).trim();
  const number = text.slice(at + 1).trim();
  if (!/^\d+$/.test(number)) return { problem: `expected a job, as ${example(run)}, or a moment, as 12.5 ms` };
  const task = name === "" && run.tasks.length === 1 ? 0 : run.tasks.indexOf(name);
  if (task < 0)
    return { problem: name === "" ? `expected the task's name too, as ${example(run)}` : `no task is called ${name}` };
  const job = run.find_job(task, Number(number));
  return job === kNone ? { problem: `${run.tasks[task]} has no job ${number} here` } : { job };
}

function moment_in(run, time) {
  return time > run.length ? { problem: `the run ends at ${run.length / 1e6} ms` } : { time };
}

const example = (run) => (run.job_count > 0 ? run.name(0) : "camera#12");

// The job of the next miss after (direction 1) or before (-1) a moment or the miss of a job.
export function next_miss(run, direction, time, job) {
  const own = run.misses.indexOf(job);
  if (own >= 0) return run.misses[own + direction] ?? kNone;
  const at = direction > 0 ? first_above(run.miss_times, time) : first_from(run.miss_times, time) - 1;
  return run.misses[at] ?? kNone;
}

// The stage that was chosen next after (1) or before (-1) one, on any track.
export function next_stage(run, direction, stage) {
  let best = kNone;
  const time = run.start[stage];
  const before = (a, b) => (run.start[a] - run.start[b] || a - b) * direction < 0;
  for (let track = 0; track < run.tracks.length; ++track) {
    const begin = run.track_begin[track];
    const end = run.track_begin[track + 1];
    const first = first_from(run.start, time, begin, end) - 1;
    const last = first_above(run.start, time, begin, end);
    for (let i = Math.max(begin, first); i <= Math.min(last, end - 1); ++i) {
      if (before(stage, i) && (best === kNone || before(i, best))) best = i;
    }
  }
  return best;
}

export function no_miss_text(run, direction) {
  if (run.misses.length === 0) return "no job missed in this run";
  return `no miss ${direction > 0 ? "after" : "before"} this one; there are ${count_text(run.misses.length, "miss", "misses")} in all`;
}
