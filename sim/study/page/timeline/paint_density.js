// Too many jobs to tell apart: for every pixel the mean and the most of how many were in the system in its time, and how
// many missed.

import { nice_step } from "./axis.js";
import { kFont, paint_name } from "./paint_axis.js";
import { first_from } from "./search.js";
import { count_text } from "./text.js";

const kMissBand = 26; // pixels for misses, where a task has that much room

export function paint_density(context, layout, colours, densities) {
  for (const group of layout.groups) {
    const { activity, miss_times } = densities[group.task];
    const highest = nice_step(activity.most(layout.from, layout.to));
    const band = Math.min(kMissBand, group.height / 4);
    const top = group.top + band + 4;
    const base = group.top + group.height - 1;
    const y = (count) => base - (base - top) * (count / highest);
    paint_area(context, layout, colours.peak, base, (from, to) => y(activity.most(from, to)));
    paint_area(context, layout, colours.load, base, (from, to) => y(activity.mean(from, to)));
    paint_misses(context, layout, colours, miss_times, group.top, band);
    paint_labels(context, layout, colours, group, highest, top);
  }
}

export function paint_area(context, layout, colour, base, y_between) {
  context.beginPath();
  context.moveTo(layout.left, base);
  for (let x = layout.left; x < layout.right; ++x) {
    const y = y_between(layout.time(x), layout.time(x + 1));
    context.lineTo(x, y);
    context.lineTo(x + 1, y);
  }
  context.lineTo(layout.right, base);
  context.fillStyle = colour;
  context.fill();
}

// A tick for every pixel with a miss, the higher the more there are of them.
export function paint_misses(context, layout, colours, miss_times, top, height) {
  const counts = [];
  let at = first_from(miss_times, layout.from),
    most = 1;
  for (let x = layout.left; x < layout.right; ++x) {
    const end = first_from(miss_times, layout.time(x + 1), at);
    counts.push(end - at);
    most = Math.max(most, end - at);
    at = end;
  }
  context.fillStyle = colours.miss;
  counts.forEach((count, k) => {
    if (count === 0) return;
    const tall = Math.max(Math.min(3, height), (height * count) / most);
    context.fillRect(layout.left + k, top + height - tall, 1, tall);
  });
}

function paint_labels(context, layout, colours, group, highest, top) {
  paint_name(context, layout, colours, layout.run.tasks[group.task], group.top, 14);
  context.font = kFont;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.fillStyle = colours.soft;
  context.fillText(count_text(highest, "job"), layout.left - 8, top + 8);
  context.fillText("0", layout.left - 8, group.top + group.height - 6);
  context.fillStyle = colours.grid;
  context.fillRect(layout.left, Math.round(top), layout.plot_width, 1);
}
