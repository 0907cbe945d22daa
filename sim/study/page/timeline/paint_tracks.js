// What each slot of a resource ran: stage by stage, or, zoomed out, how busy it was in every pixel's time.

import { ink_on } from "./colours.js";
import { kTrack } from "./layout.js";
import { kFont, paint_name } from "./paint_axis.js";
import { kNone } from "./run.js";
import { first_above } from "./search.js";

const kHeight = kTrack - 5;
const kLeastPixelsPerStage = 3;
const kLeastForLabel = 34; // pixels

// The stages of a track that a window shows: [first, last).
export function stages_in(run, track, from, to) {
  const begin = run.track_begin[track];
  const end = run.track_begin[track + 1];
  return [first_above(run.end, from, begin, end), first_above(run.start, to, begin, end)];
}

export function paint_tracks(context, layout, colours, style, busyness) {
  const { run } = layout;
  for (let track = 0; track < run.tracks.length; ++track) {
    const y = layout.track_y(track);
    const [busy] = busyness[track].shares(layout.from, layout.to);
    paint_name(context, layout, colours, `${run.track_name(track)}  ${Math.round(100 * busy)}\u2009%`, y, kHeight);
    context.fillStyle = colours.faint;
    context.fillRect(layout.left, y, layout.plot_width, kHeight);
    const [first, last] = stages_in(run, track, layout.from, layout.to);
    if ((last - first) * kLeastPixelsPerStage > layout.plot_width)
      paint_shares(context, layout, colours, busyness[track], y);
    else paint_stages(context, layout, colours, style, first, last, y);
  }
}

function paint_shares(context, layout, colours, busyness, y) {
  for (let x = layout.left; x < layout.right; ++x) {
    const [busy, lost] = busyness.shares(layout.time(x), layout.time(x + 1));
    context.fillStyle = colours.load;
    context.fillRect(x, y + kHeight * (1 - busy), 1, kHeight * (busy - lost));
    if (lost <= 0) continue;
    context.fillStyle = colours.miss;
    context.fillRect(x, y + kHeight * (1 - lost), 1, kHeight * lost);
  }
}

function paint_stages(context, layout, colours, style, first, last, y) {
  const { run } = layout;
  for (let i = first; i < last; ++i) {
    const x = Math.max(layout.x(run.start[i]), layout.left);
    const end = Math.min(layout.x(run.end[i]), layout.right);
    const counted = Math.min(Math.max(layout.x(run.counted[i]), x), end);
    context.fillStyle = style.colour(i);
    context.fillRect(x, y, Math.max(counted - x - gap(counted - x), 0), kHeight);
    if (run.overrun(i)) style.hatch(context, counted, y, end - counted, kHeight);
    if (counted - x > kLeastForLabel) label(context, run, i, x, counted - x, y, ink_on(style.colour(i)));
    else if (end - counted > kLeastForLabel)
      label(context, run, i, counted, end - counted, y, colours.ink, colours.paper);
  }
}

// Between blocks that are wide enough to lose a bit.
const gap = (width) => (width > 4 ? 0.75 : 0);

// The task's name goes first where there is no room for all. `ground` hides a hatching behind it.
function label(context, run, i, x, width, y, ink, ground = null) {
  context.font = kFont;
  const text = texts_of(run, i).find((each) => context.measureText(each).width <= width - 8);
  if (text === undefined) return;
  if (ground !== null) {
    context.fillStyle = ground;
    context.fillRect(x + 2, y + 3, context.measureText(text).width + 4, kHeight - 6);
  }
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.fillStyle = ink;
  context.fillText(text, x + 4, y + kHeight / 2);
}

function texts_of(run, i) {
  const job = run.stage_job[i];
  const stage = `· ${run.stage[i] + 1}`;
  return job === kNone
    ? ["no record"]
    : [`${run.name(job)} ${stage}`, `#${run.number[job]} ${stage}`, `#${run.number[job]}`];
}
