// One recorded run in memory: jobs in the order of their releases, stages in the order of each track (a slot of a
// resource), as typed arrays. All times are in ns since the start of the run. What is asked of it takes O(log n).

import { unpacked } from "../sections.js";
import { numbers_of, summed } from "./columns.js";
import { first_above } from "./search.js";

export const kNone = -1;

// What the manifest says that was run; empty if it says nothing.
function what_of(manifest) {
  try {
    return String(JSON.parse(manifest).what ?? "");
  } catch {
    return "";
  }
}

export class Run {
  constructor(data) {
    this.label = data.label;
    this.manifest = data.manifest;
    this.what = what_of(data.manifest);
    this.tasks = data.tasks;
    this.tracks = data.tracks;
    this.costs = data.costs;
    this.read_jobs(data.jobs);
    this.read_stages(data.stages);
    this.index_stages();
    this.measure();
  }

  read_jobs(columns) {
    const count = (this.job_count = columns.count);
    const read = (name, Numbers) => numbers_of(columns[name], count, Numbers);
    this.task = read("task", Uint16Array);
    this.number = read("number", Float64Array);
    this.release = summed(read("release", Float64Array));
    this.deadline = read("deadline", Float64Array);
    this.left = read("left", Float64Array);
    this.variant = read("variant", Uint16Array);
    this.depth = read("depth", Uint8Array);
    this.prediction = read("prediction");
    this.flags = read("flags", Uint8Array);
    const last = new Float64Array(this.tasks.length);
    for (let job = 0; job < count; ++job) {
      this.number[job] = last[this.task[job]] += this.number[job];
      this.deadline[job] += this.release[job];
      this.left[job] += this.release[job];
    }
  }

  read_stages(columns) {
    const count = (this.stage_count = columns.count);
    const read = (name, Numbers) => numbers_of(columns[name], count, Numbers);
    this.track = new Uint16Array(count);
    this.track_begin = Int32Array.from([0, ...this.tracks.map((track) => track[2])]);
    summed(this.track_begin);
    this.tracks.forEach((_, track) => this.track.fill(track, this.track_begin[track], this.track_begin[track + 1]));
    this.stage_job = summed(read("job"));
    this.stage = read("stage", Uint8Array);
    this.start = summed(read("start", Float64Array));
    this.end = read("length", Float64Array);
    this.counted = read("overrun", Float64Array);
    this.confidence = unpacked(columns.confidence, Float32Array);
    for (let i = 0; i < count; ++i) {
      this.end[i] += this.start[i];
      this.counted[i] = Math.max(this.start[i], this.end[i] - this.counted[i]);
    }
  }

  // The stages of job j are stage_of[stage_begin[j]] ... stage_of[stage_begin[j + 1] - 1], shallowest first; those of
  // track t lie from track_begin[t] to track_begin[t + 1].
  index_stages() {
    this.stage_begin = new Int32Array(this.job_count + 1);
    for (let i = 0; i < this.stage_count; ++i) {
      if (this.stage_job[i] !== kNone) ++this.stage_begin[this.stage_job[i] + 1];
    }
    summed(this.stage_begin);
    this.stage_of = new Int32Array(this.stage_begin[this.job_count]);
    const next = this.stage_begin.slice();
    for (let i = 0; i < this.stage_count; ++i) {
      if (this.stage_job[i] !== kNone) this.stage_of[next[this.stage_job[i]]++] = i;
    }
    for (let job = 0; job < this.job_count; ++job) this.order_stages(job);
  }

  // A job that changed tracks: few, so by insertion.
  order_stages(job) {
    const of = this.stage_of;
    for (let i = this.stage_begin[job] + 1; i < this.stage_begin[job + 1]; ++i) {
      const stage = of[i];
      let at = i;
      for (; at > this.stage_begin[job] && this.stage[of[at - 1]] > this.stage[stage]; --at) of[at] = of[at - 1];
      of[at] = stage;
    }
  }

  measure() {
    this.length = 1;
    this.deepest = 1;
    this.variants = 1;
    for (let job = 0; job < this.job_count; ++job) {
      this.length = Math.max(this.length, this.left[job]);
      this.variants = Math.max(this.variants, this.variant[job] + 1);
    }
    for (let i = 0; i < this.stage_count; ++i) {
      this.length = Math.max(this.length, this.end[i]);
      this.deepest = Math.max(this.deepest, this.stage[i] + 1);
    }
    this.misses = Int32Array.from(this.each_missed()).sort((a, b) => this.deadline[a] - this.deadline[b] || a - b);
    this.miss_times = Float64Array.from(this.misses, (job) => this.deadline[job]);
    this.knows = this.costs.some((variants) => variants.length > 0);
  }

  *each_missed() {
    for (let job = 0; job < this.job_count; ++job) if (this.missed(job)) yield job;
  }

  missed(job) {
    return (this.flags[job] & 1) !== 0;
  }
  correct(job) {
    return (this.flags[job] & 2) !== 0;
  }
  name(job) {
    return job === kNone ? "a job that left no record" : `${this.tasks[this.task[job]]}#${this.number[job]}`;
  }
  track_name(track) {
    return `${this.tracks[track][0]} ${this.tracks[track][1]}`;
  }
  overrun(i) {
    return this.end[i] > this.counted[i];
  }

  // The stage whose exit was the job's answer; kNone if it had none.
  answer(job) {
    const at = this.stage_begin[job] + this.depth[job] - 1;
    return this.depth[job] === 0 || at >= this.stage_begin[job + 1] ? kNone : this.stage_of[at];
  }

  // The end of all that is drawn of a job.
  extent(job) {
    const last = this.stage_begin[job + 1] - 1;
    const end = last < this.stage_begin[job] ? 0 : this.end[this.stage_of[last]];
    return Math.max(this.deadline[job], this.left[job], end);
  }

  // The stage that a track ran at `time`, or the last one before it; kNone before its first.
  stage_at(track, time) {
    const at = first_above(this.start, time, this.track_begin[track], this.track_begin[track + 1]) - 1;
    return at < this.track_begin[track] ? kNone : at;
  }

  find_job(task, number) {
    for (let job = 0; job < this.job_count; ++job)
      if (this.task[job] === task && this.number[job] === number) return job;
    return kNone;
  }
}
