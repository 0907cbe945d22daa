// Where things are on a panel's canvas, in CSS pixels: a gutter with names, then from top to bottom the time axis, a strip
// for each track, and the jobs of each task.

export const kAxis = 26;
export const kTrack = 24;
const kGutter = 132;
const kRight = 12;
const kGap = 10; // between tracks and jobs
const kTitle = 4; // between the tasks
const kRowHeights = [30, 24, 20, 16, 13, 10, 8, 6, 5]; // only some, so that rows keep their height while one moves
const kLeastPixelsPerJob = 6; // below that, jobs are shown as densities
export const kMostJobs = 5000; // that are drawn one by one

// From where to where time goes on a canvas of this width. Where there is little room, names get less of it.
export function plot_between(width) {
  const left = Math.min(kGutter, Math.round(width * 0.24));
  return { left, right: Math.max(left + 50, width - kRight) };
}

export class Layout {
  constructor(run, rows, width, height) {
    Object.assign(this, { run, rows, width, height, scroll: 0 }, plot_between(width));
    this.tracks_top = kAxis;
    this.jobs_top = kAxis + run.tracks.length * kTrack + kGap;
  }

  get plot_width() {
    return this.right - this.left;
  }
  get jobs_height() {
    return this.height - this.jobs_top;
  }

  // To be called before drawing what a window shows.
  show(window) {
    this.from = window.from;
    this.to = window.to;
    this.scale = this.plot_width / (window.to - window.from);
    this.needed = this.rows.tasks.map((rows) => rows.needed(window.from, window.to));
    this.jobs_in_view = this.count_jobs();
    const rows = this.needed.reduce((a, b) => a + b, 0);
    this.pixels_per_job = (this.plot_width * rows) / Math.max(1, this.jobs_in_view); // of a row that is full
    this.dense = this.jobs_in_view > kMostJobs || (this.jobs_in_view > 0 && this.pixels_per_job < kLeastPixelsPerJob);
    this.place_tasks(rows);
  }

  x(time) {
    return this.left + (time - this.from) * this.scale;
  }
  time(x) {
    return this.from + (x - this.left) / this.scale;
  }
  track_y(track) {
    return this.tracks_top + track * kTrack;
  }

  // Released in the window, or still there when it begins.
  count_jobs() {
    let count = 0;
    for (const rows of this.rows.tasks) count += rows.jobs_between(this.from, this.to);
    return count;
  }

  place_tasks(total) {
    const titles = this.needed.length * kTitle;
    const fits = (height) => total * height + titles <= this.jobs_height;
    this.row_height = kRowHeights.find(fits) ?? kRowHeights.at(-1);
    const wanted = this.dense ? this.jobs_height : total * this.row_height + titles;
    this.scroll = Math.min(Math.max(0, this.scroll), Math.max(0, wanted - this.jobs_height));
    let top = this.jobs_top - this.scroll;
    this.groups = this.needed.map((count, task) => {
      const height = this.dense ? this.jobs_height / this.needed.length - kTitle : count * this.row_height;
      const group = { task, rows: count, top: top + kTitle, height };
      top += height + kTitle;
      return group;
    });
  }

  group_at(y) {
    return this.groups.find((group) => y >= group.top && y < group.top + group.height);
  }
  row_y(group, row) {
    return group.top + row * this.row_height;
  }
}
