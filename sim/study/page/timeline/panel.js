// One run: its overview, and the canvas with tracks and jobs. The panel knows how to draw itself and what lies under a
// point; moving about is for gestures.js, choosing for views/timeline.js.

import { element } from "../dom.js";
import { Activity, Busyness } from "./activity.js";
import { Colours } from "./colours.js";
import { kTrack, Layout } from "./layout.js";
import { Overview, kOverviewHeight } from "./overview.js";
import { paint_axis, paint_brush, paint_pointer } from "./paint_axis.js";
import { paint_density } from "./paint_density.js";
import { VisibleJobs, paint_jobs } from "./paint_jobs.js";
import { paint_tracks } from "./paint_tracks.js";
import { Rows } from "./rows.js";
import { kNone } from "./run.js";
import { first_from } from "./search.js";
import { Style } from "./style.js";
import { count_text, duration_text } from "./text.js";

const kReach = 3; // pixels beside a stage that still mean it

export class Panel {
  constructor(run, window, settings) {
    Object.assign(this, { run, window, settings, pointer: null, brush: null, chosen: null, frame: 0 });
    this.rows = new Rows(run);
    this.densities = run.tasks.map((_, task) => this.density_of(task));
    this.busyness = run.tracks.map((_, track) => new Busyness(run, track));
    this.overview = new Overview(
      run,
      new Activity(
        run,
        Array.from({ length: run.job_count }, (_, job) => job),
      ),
    );
    this.visible = new VisibleJobs();
    this.canvas = element("canvas", { class: "schedule", tabindex: "0", role: "application" });
    this.strip = element("canvas", {
      class: "overview",
      role: "img",
      "aria-label": `Overview of ${run.label}: jobs in the system over the whole run, and misses`,
    });
    this.note = element("p", { class: "note" });
    this.root = element(
      "section",
      { class: "run", "aria-label": run.label },
      heading(run),
      this.strip,
      this.canvas,
      this.note,
      manifest(run),
    );
    this.canvas.panel = this; // for whoever looks into the page, as its tests do
    window.listeners.push(() => this.redraw());
  }

  density_of(task) {
    const { run } = this;
    const jobs = [];
    for (let job = 0; job < run.job_count; ++job) if (run.task[job] === task) jobs.push(job);
    return {
      activity: new Activity(run, jobs),
      miss_times: run.miss_times.filter((_, k) => run.task[run.misses[k]] === task),
    };
  }

  // To the size that the style sheet gives; all colours anew.
  resize() {
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    if (width === 0) return;
    this.ratio = globalThis.devicePixelRatio || 1;
    for (const [canvas, tall] of [
      [this.canvas, height],
      [this.strip, kOverviewHeight],
    ]) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(tall * this.ratio);
    }
    const scroll = this.layout?.scroll ?? 0;
    this.layout = new Layout(this.run, this.rows, width, height);
    this.layout.scroll = scroll;
    this.colours = new Colours(this.run.deepest);
    this.style = new Style(this.run, this.colours, this.settings);
    this.overview.prepare(width, this.ratio, this.colours, this.window.end);
    this.paint();
  }

  redraw() {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (!this.layout) return;
    const started = performance.now();
    const context = this.canvas.getContext("2d");
    const { layout, colours } = this;
    context.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    context.clearRect(0, 0, layout.width, layout.height);
    layout.show(this.window);
    paint_axis(context, layout, colours);
    paint_tracks(context, layout, colours, this.style, this.busyness);
    if (layout.dense) paint_density(context, layout, colours, this.densities);
    else paint_jobs(context, layout, colours, this.style, this.visible);
    this.paint_chosen(context);
    if (this.brush) paint_brush(context, layout, colours, ...this.brush);
    else if (this.pointer) paint_pointer(context, layout, colours, this.pointer.x);
    this.overview.paint(this.strip.getContext("2d"), this.window, colours, this.ratio);
    this.describe();
    this.paint_ms = performance.now() - started;
  }

  paint_chosen(context) {
    const { layout, run, chosen } = this;
    if (!chosen || chosen.kind === "span") return;
    context.strokeStyle = this.colours.mark;
    context.lineWidth = 2;
    if (chosen.kind === "stage") {
      const { x, width } = this.span_of(run.start[chosen.stage], run.end[chosen.stage]);
      context.strokeRect(x - 1, layout.track_y(run.track[chosen.stage]) - 1, width + 2, kTrack - 3);
    }
    const job = chosen.kind === "job" ? chosen.job : run.stage_job[chosen.stage];
    const y = this.job_y(job);
    if (y === null) return;
    const from = chosen.kind === "job" ? run.release[job] : run.start[chosen.stage];
    const { x, width } = this.span_of(from, chosen.kind === "job" ? run.extent(job) : run.end[chosen.stage]);
    context.strokeRect(x - 1, y, width + 2, layout.row_height);
  }

  span_of(from, to) {
    const x = Math.max(this.layout.x(from), this.layout.left);
    const end = Math.min(this.layout.x(to), this.layout.right);
    return { x, width: Math.max(0, end - x) };
  }

  // Where a job's row is drawn; null if it isn't.
  job_y(job) {
    const { layout, run } = this;
    if (
      job === kNone ||
      layout.dense ||
      layout.x(run.extent(job)) < layout.left ||
      layout.x(run.release[job]) > layout.right
    )
      return null;
    const y = layout.row_y(layout.groups[run.task[job]], this.rows.row[job]);
    return y < layout.jobs_top - layout.row_height || y > layout.height ? null : y;
  }

  describe() {
    const { run, layout, window } = this;
    const misses = first_from(run.miss_times, window.to) - first_from(run.miss_times, window.from);
    const text =
      run.job_count === 0
        ? "No job was recorded"
        : `${duration_text(window.span)} shown: ${count_text(layout.jobs_in_view, "job")}, ${misses} missed` +
          (layout.dense
            ? "; too many to draw one by one: dark is the mean number in the system, light the most; zoom in for jobs"
            : "");
    if (this.note.textContent !== text) this.note.textContent = text;
    this.canvas.setAttribute(
      "aria-label",
      `Timeline of ${run.label}. ${text}. Arrow keys move, plus and minus zoom, n and p go to misses.`,
    );
  }

  // What lies under a point: as chosen things are described in facts.js; null if there is nothing.
  at(x, y) {
    const { layout, run } = this;
    if (x < layout.left || x > layout.right) return null;
    const time = layout.time(x);
    if (y >= layout.tracks_top && y < layout.tracks_top + run.tracks.length * kTrack) {
      return this.stage_near(Math.floor((y - layout.tracks_top) / kTrack), time);
    }
    const group = y < layout.jobs_top ? undefined : layout.group_at(y);
    if (!group) return null;
    if (layout.dense) return { kind: "span", task: group.task, from: time, to: layout.time(x + 1) };
    const row = Math.floor((y - group.top) / layout.row_height);
    const job = this.rows.tasks[group.task].job_near(row, time, kReach / layout.scale);
    return job === kNone ? null : (this.stage_of_job(job, time) ?? { kind: "job", job });
  }

  stage_near(track, time) {
    const reach = kReach / this.layout.scale;
    const i = this.run.stage_at(track, time + reach);
    const before = i > this.run.track_begin[track] && this.run.end[i - 1] >= time ? i - 1 : i;
    return before === kNone || this.run.end[before] < time - reach ? null : { kind: "stage", stage: before };
  }

  stage_of_job(job, time) {
    const { run } = this;
    const reach = kReach / this.layout.scale;
    let nearest = null,
      distance = reach;
    for (let at = run.stage_begin[job]; at < run.stage_begin[job + 1]; ++at) {
      const i = run.stage_of[at];
      const away = Math.max(run.start[i] - time, time - run.end[i], 0);
      if (away === 0) return { kind: "stage", stage: i };
      if (away < distance) [nearest, distance] = [{ kind: "stage", stage: i }, away];
    }
    return nearest;
  }
}

function heading(run) {
  return element("h2", {}, run.label, run.what ? element("span", { class: "what" }, run.what) : null);
}

function manifest(run) {
  return run.manifest
    ? element("details", {}, element("summary", {}, "Manifest"), element("pre", { tabindex: 0 }, run.manifest))
    : null;
}
