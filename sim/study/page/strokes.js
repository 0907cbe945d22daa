// How lines, bands, whiskers and markers of policies are drawn on a plot. A spot is {x, y, low, high} in the plot's units;
// null where there is no value, which breaks a line.

import { colour } from "./theme.js";
import { dash_of, ink, trace_marker, translucent } from "./styles.js";

// Runs of spots without a gap.
function stretches(spots) {
  const found = [[]];
  for (const spot of spots) spot ? found.at(-1).push(spot) : found.push([]);
  return found.filter((stretch) => stretch.length > 0);
}

export function draw_band(canvas, to, style, spots, alpha) {
  canvas.fillStyle = translucent(ink(style.colour), alpha);
  for (const stretch of stretches(spots.map((spot) => (spot && spot.low !== null ? spot : null)))) {
    canvas.beginPath();
    stretch.forEach((spot) => canvas.lineTo(to.x(spot.x), to.y(spot.high)));
    stretch.toReversed().forEach((spot) => canvas.lineTo(to.x(spot.x), to.y(spot.low)));
    canvas.fill();
  }
}

export function draw_line(canvas, to, style, spots, { width, alpha = 1 }) {
  canvas.save();
  canvas.globalAlpha = alpha;
  canvas.strokeStyle = ink(style.colour);
  canvas.lineWidth = width;
  canvas.lineJoin = "round";
  canvas.setLineDash(dash_of(style.dash, width));
  for (const stretch of stretches(spots)) {
    canvas.beginPath();
    stretch.forEach((spot) => canvas.lineTo(to.x(spot.x), to.y(spot.y)));
    canvas.stroke();
  }
  canvas.restore();
}

// One of the many that are not read.
export function draw_quiet(canvas, to, spots, ratio) {
  canvas.save();
  canvas.strokeStyle = colour("--edge");
  canvas.lineWidth = ratio;
  for (const stretch of stretches(spots)) {
    canvas.beginPath();
    stretch.forEach((spot) => canvas.lineTo(to.x(spot.x), to.y(spot.y)));
    canvas.stroke();
  }
  canvas.restore();
}

export function draw_markers(canvas, to, style, spots, { radius, alpha = 1 }) {
  canvas.save();
  canvas.globalAlpha = alpha;
  canvas.fillStyle = style.hollow ? colour("--paper") : ink(style.colour);
  canvas.strokeStyle = ink(style.colour);
  canvas.lineWidth = radius / 2.5;
  canvas.beginPath();
  for (const spot of spots) if (spot) trace_marker(canvas, style.marker, to.x(spot.x), to.y(spot.y), radius);
  canvas.fill();
  if (style.hollow) canvas.stroke();
  canvas.restore();
}

// Intervals as vertical bars with ends; `across` also those of x, low_x to high_x.
export function draw_whiskers(canvas, to, style, spots, { width, cap, alpha = 1 }) {
  canvas.save();
  canvas.globalAlpha = alpha;
  canvas.strokeStyle = ink(style.colour);
  canvas.lineWidth = width;
  canvas.beginPath();
  for (const spot of spots) {
    if (!spot) continue;
    const [x, y] = [to.x(spot.x), to.y(spot.y)];
    if (spot.low !== null) bar(canvas, [x, to.y(spot.low)], [x, to.y(spot.high)], [cap, 0]);
    if (spot.low_x !== undefined && spot.low_x !== null)
      bar(canvas, [to.x(spot.low_x), y], [to.x(spot.high_x), y], [0, cap]);
  }
  canvas.stroke();
  canvas.restore();
}

function bar(canvas, from, to, [dx, dy]) {
  canvas.moveTo(...from);
  canvas.lineTo(...to);
  for (const [x, y] of [from, to]) {
    canvas.moveTo(x - dx, y - dy);
    canvas.lineTo(x + dx, y + dy);
  }
}
