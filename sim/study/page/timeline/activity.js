// Step functions of time with means and maxima over any span, so that a pixel of a zoomed-out view can say what
// happened in its whole width rather than at one moment of it.

import { first_above } from "./search.js";

const kFan = 16; // maxima are kept of 16 steps, of 16 of these, and so on

// How many jobs are in the system. `jobs` are in the order of release.
export class Activity {
  constructor(run, jobs) {
    const releases = Float64Array.from(jobs, (job) => run.release[job]);
    const lefts = Float64Array.from(jobs, (job) => run.left[job]).sort();
    this.times = new Float64Array(2 * jobs.length + 1);
    this.counts = new Int32Array(2 * jobs.length + 1);
    this.integral = new Float64Array(2 * jobs.length + 1); // up to each time
    let released = 0,
      left = 0;
    for (let i = 1; i < this.times.length; ++i) {
      const is_release = released < releases.length && releases[released] < lefts[left];
      this.times[i] = is_release ? releases[released++] : lefts[left++];
      this.counts[i] = this.counts[i - 1] + (is_release ? 1 : -1);
      this.integral[i] = this.integral[i - 1] + this.counts[i - 1] * (this.times[i] - this.times[i - 1]);
    }
    this.maxima = [this.counts];
    while (this.maxima.at(-1).length > kFan) this.maxima.push(this.coarser(this.maxima.at(-1)));
    this.highest = this.counts.reduce((a, b) => Math.max(a, b), 0);
  }

  coarser(level) {
    const coarse = new Int32Array(Math.ceil(level.length / kFan));
    for (let i = 0; i < level.length; ++i) {
      const at = Math.floor(i / kFan);
      if (level[i] > coarse[at]) coarse[at] = level[i];
    }
    return coarse;
  }

  step_at(time) {
    return Math.max(0, first_above(this.times, time) - 1);
  }

  integral_to(time) {
    const step = this.step_at(time);
    return this.integral[step] + this.counts[step] * Math.max(0, time - this.times[step]);
  }

  mean(from, to) {
    return (this.integral_to(to) - this.integral_to(from)) / (to - from);
  }

  // The most at any moment of [from, to).
  most(from, to) {
    let first = this.step_at(from),
      last = Math.max(first, this.step_at(to)),
      most = 0;
    for (let level = 0; ; ++level) {
      const counts = this.maxima[level];
      const is_top = level + 1 === this.maxima.length;
      while (first <= last && (is_top || first % kFan !== 0)) most = Math.max(most, counts[first++]);
      while (first <= last && last % kFan !== kFan - 1) most = Math.max(most, counts[last--]);
      if (first > last) return most;
      first = first / kFan;
      last = (last + 1) / kFan - 1;
    }
  }
}

// How long a track was busy, and with stages whose job had left.
export class Busyness {
  constructor(run, track) {
    this.run = run;
    this.first = run.track_begin[track];
    this.last = run.track_begin[track + 1];
    const count = this.last - this.first;
    this.busy = new Float64Array(count + 1);
    this.lost = new Float64Array(count + 1);
    for (let i = 0; i < count; ++i) {
      const stage = this.first + i;
      this.busy[i + 1] = this.busy[i] + run.end[stage] - run.start[stage];
      this.lost[i + 1] = this.lost[i] + run.end[stage] - run.counted[stage];
    }
  }

  // [busy, of it lost] ns from the start of the run to `time`.
  until(time) {
    const after = first_above(this.run.start, time, this.first, this.last);
    const i = after - this.first;
    if (i === 0) return [0, 0];
    const beyond = Math.max(0, this.run.end[after - 1] - time);
    const lost = this.run.end[after - 1] - this.run.counted[after - 1];
    return [this.busy[i] - beyond, this.lost[i] - Math.min(beyond, lost)];
  }

  // Shares of [from, to): [busy, of it lost].
  shares(from, to) {
    const a = this.until(from);
    const b = this.until(to);
    return [(b[0] - a[0]) / (to - from), (b[1] - a[1]) / (to - from)];
  }
}
