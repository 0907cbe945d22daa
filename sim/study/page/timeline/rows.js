// Which row each job is drawn in: the first of its task's that is free, so that a quiet run needs few.

import { first_above } from "./search.js";
import { kNone } from "./run.js";

// The smallest of what was put in, by key. [key, value] pairs; ties by value.
class Heap {
  constructor() {
    this.entries = [];
  }
  get size() {
    return this.entries.length;
  }
  get first() {
    return this.entries[0];
  }

  static before(a, b) {
    return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);
  }

  put(entry) {
    const heap = this.entries;
    let at = heap.push(entry) - 1;
    for (; at > 0; at = (at - 1) >> 1) {
      const parent = heap[(at - 1) >> 1];
      if (!Heap.before(entry, parent)) break;
      heap[at] = parent;
    }
    heap[at] = entry;
  }

  take() {
    const heap = this.entries;
    const top = heap[0];
    const last = heap.pop();
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && Heap.before(heap[child + 1], heap[child])) ++child;
      if (!Heap.before(heap[child], last)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return top;
  }
}

// The rows of one task: jobs of row r are jobs[begin[r]] ... jobs[begin[r + 1] - 1] by release, and do not overlap.
class TaskRows {
  constructor(count, row_of, jobs, run) {
    this.run = run;
    this.count = count;
    this.releases = Float64Array.from(jobs, (job) => run.release[job]);
    this.begin = new Int32Array(count + 1);
    for (const job of jobs) ++this.begin[row_of[job] + 1];
    for (let row = 0; row < count; ++row) this.begin[row + 1] += this.begin[row];
    this.jobs = new Int32Array(jobs.length);
    this.extents = new Float64Array(jobs.length);
    const next = this.begin.slice();
    for (const job of jobs) {
      const at = next[row_of[job]]++;
      this.jobs[at] = job;
      this.extents[at] = run.extent(job);
    }
  }

  // The place in `jobs` of the first job of a row that ends after `time`.
  first_after(row, time) {
    return first_above(this.extents, time, this.begin[row], this.begin[row + 1]);
  }

  // The job that a row shows at `time`; kNone if it is free.
  job_at(row, time) {
    const at = this.first_after(row, time);
    return at < this.begin[row + 1] && this.run.release[this.jobs[at]] <= time ? this.jobs[at] : kNone;
  }

  // The same, or else the first that begins within `reach` after it.
  job_near(row, time, reach) {
    const at = this.first_after(row, time - reach);
    return at < this.begin[row + 1] && this.run.release[this.jobs[at]] <= time + reach ? this.jobs[at] : kNone;
  }

  // How many jobs were released in [from, to], or were still to be seen at `from`.
  jobs_between(from, to) {
    const before = first_above(this.releases, from);
    let count = first_above(this.releases, to) - before;
    for (let row = 0; row < this.count; ++row) {
      const at = this.first_after(row, from);
      if (at < this.begin[row + 1] && this.run.release[this.jobs[at]] <= from) ++count;
    }
    return count;
  }

  // How many rows are needed to show all jobs in [from, to].
  needed(from, to) {
    for (let row = this.count - 1; row >= 0; --row) {
      const at = this.first_after(row, from);
      if (at < this.begin[row + 1] && this.run.release[this.jobs[at]] <= to) return row + 1;
    }
    return 0;
  }
}

export class Rows {
  constructor(run) {
    this.run = run;
    this.row = new Int32Array(run.job_count);
    const jobs = run.tasks.map(() => []);
    for (let job = 0; job < run.job_count; ++job) jobs[run.task[job]].push(job);
    this.tasks = jobs.map((of_task) => new TaskRows(this.pack(of_task), this.row, of_task, run));
  }

  pack(jobs) {
    const taken = new Heap();
    const free = new Heap(); // [end, row]; [row, row]
    let count = 0;
    for (const job of jobs) {
      while (taken.size > 0 && taken.first[0] <= this.run.release[job]) {
        const row = taken.take()[1];
        free.put([row, row]);
      }
      const row = free.size > 0 ? free.take()[1] : count++;
      this.row[job] = row;
      taken.put([this.run.extent(job), row]);
    }
    return count;
  }

  // Calls `visit(job)` for every job that was released by `time` and had not left.
  each_active(time, visit) {
    for (const rows of this.tasks) {
      for (let row = 0; row < rows.count; ++row) {
        const job = rows.job_at(row, time);
        if (job !== kNone && this.run.left[job] > time) visit(job);
      }
    }
  }
}
