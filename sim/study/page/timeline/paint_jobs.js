// Jobs one by one: a light bar from release to deadline, the stages on it, a tick at the deadline, and a cross instead of
// it at one that was missed.

import { ink_on } from "./colours.js";
import { paint_name } from "./paint_axis.js";
import { kNone } from "./run.js";

const kRoomForTicks = 40; // pixels a job: below that its deadline gets fainter, not to hide the stages
const kLeastRadius = 1.2;

// What is visible, found once a frame and kept in arrays that grow and are used again.
export class VisibleJobs {
  constructor() {
    this.jobs = [];
    this.y = [];
    this.count = 0;
  }

  collect(layout) {
    const { run, rows } = layout;
    this.count = 0;
    for (const group of layout.groups) {
      const of_task = rows.tasks[group.task];
      for (let row = 0; row < group.rows; ++row) {
        const y = layout.row_y(group, row);
        if (y + layout.row_height < layout.jobs_top || y > layout.height) continue;
        const end = of_task.begin[row + 1];
        for (let at = of_task.first_after(row, layout.from); at < end; ++at) {
          if (run.release[of_task.jobs[at]] > layout.to) break;
          this.add(of_task.jobs[at], y);
        }
      }
    }
  }

  add(job, y) {
    this.jobs[this.count] = job;
    this.y[this.count++] = y;
  }

  each(visit) {
    for (let i = 0; i < this.count; ++i) visit(this.jobs[i], this.y[i]);
  }
}

export function paint_jobs(context, layout, colours, style, visible) {
  visible.collect(layout);
  context.save();
  context.beginPath();
  context.rect(0, layout.jobs_top, layout.width, layout.height - layout.jobs_top);
  context.clip();
  for (const group of layout.groups) paint_group(context, layout, colours, group);
  context.beginPath();
  context.rect(layout.left, layout.jobs_top, layout.plot_width, layout.height - layout.jobs_top);
  context.clip();
  paint_bars(context, layout, colours, visible);
  visible.each((job, y) => paint_stages(context, layout, style, job, y));
  if (layout.row_height >= 8) visible.each((job, y) => paint_answer(context, layout, colours, job, y));
  paint_deadlines(context, layout, colours, visible);
  context.restore();
}

function paint_group(context, layout, colours, group) {
  if (group.rows > 0)
    paint_name(context, layout, colours, layout.run.tasks[group.task], group.top, Math.min(group.height, 18));
  context.fillStyle = colours.grid;
  if (group.task > 0) context.fillRect(0, Math.round(group.top) - 2, layout.width, 1);
}

const inset = (layout) => (layout.row_height >= 10 ? 1.5 : 0.5);

function paint_bars(context, layout, colours, visible) {
  const { run } = layout;
  const pad = inset(layout);
  const height = layout.row_height - 2 * pad;
  context.fillStyle = colours.bar;
  visible.each((job, y) => {
    const x = Math.max(layout.x(run.release[job]), layout.left);
    const end = Math.min(layout.x(run.deadline[job]), layout.right);
    context.fillRect(x, y + pad + height * 0.2, Math.max(end - x, 0.5), height * 0.6);
  });
}

function paint_stages(context, layout, style, job, y) {
  const { run } = layout;
  const pad = inset(layout);
  const height = layout.row_height - 2 * pad;
  for (let at = run.stage_begin[job]; at < run.stage_begin[job + 1]; ++at) {
    const i = run.stage_of[at];
    if (run.end[i] < layout.from || run.start[i] > layout.to) continue;
    const x = Math.max(layout.x(run.start[i]), layout.left - 1);
    const end = Math.min(layout.x(run.end[i]), layout.right + 1);
    const counted = Math.min(Math.max(layout.x(run.counted[i]), x), end);
    const width = counted - x;
    if (width > 0) {
      context.fillStyle = style.colour(i);
      context.fillRect(x, y + pad, Math.max(width - (width > 4 ? 0.75 : 0), 0.6), height);
    }
    if (run.overrun(i)) style.hatch(context, counted, y + pad, Math.max(end - counted, 1), height);
    if (width > 13 && height >= 11)
      paint_number(context, run.stage[i] + 1, x + width / 2, y + pad + height / 2, style.colour(i));
  }
}

function paint_number(context, number, x, y, ground) {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = ink_on(ground);
  context.fillText(String(number), x, y + 0.5);
}

// The exit that was the answer: a disc where it was right, a ring where it was wrong.
function paint_answer(context, layout, colours, job, y) {
  const { run } = layout;
  const i = run.answer(job);
  if (i === kNone || run.missed(job)) return;
  const x = layout.x(run.end[i]);
  const radius = Math.min(3.5, layout.row_height * 0.2, (run.end[i] - run.start[i]) * layout.scale * 0.4);
  if (radius < kLeastRadius) return;
  context.beginPath();
  context.arc(x, y + layout.row_height / 2, radius, 0, 7);
  context.fillStyle = run.correct(job) ? colours.ink : colours.paper;
  context.fill();
  context.lineWidth = Math.min(1.4, radius * 0.5);
  context.strokeStyle = run.correct(job) ? colours.paper : colours.ink;
  context.stroke();
}

function paint_deadlines(context, layout, colours, visible) {
  const { run } = layout;
  const height = layout.row_height;
  context.fillStyle = colours.ink;
  context.globalAlpha = Math.min(1, layout.pixels_per_job / kRoomForTicks);
  visible.each((job, y) => {
    if (!run.missed(job)) context.fillRect(Math.round(layout.x(run.deadline[job])) - 0.5, y + 0.5, 1.25, height - 1);
  });
  context.globalAlpha = 1;
  const half = Math.min(4.5, Math.max(2, height * 0.3));
  context.beginPath();
  visible.each((job, y) => {
    if (!run.missed(job)) return;
    const x = layout.x(run.deadline[job]);
    const middle = y + height / 2;
    context.moveTo(x - half, middle - half);
    context.lineTo(x + half, middle + half);
    context.moveTo(x - half, middle + half);
    context.lineTo(x + half, middle - half);
  });
  context.lineCap = "round";
  for (const [width, colour] of [
    [4, colours.paper],
    [2, colours.miss],
  ]) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.stroke();
  }
}
