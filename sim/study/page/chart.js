// Lines over an axis, with their intervals: bands where the axis is a number, whiskers side by side where its values are
// words or there is only one.

import { around, Plot } from "./plot.js";
import { Readout } from "./readout.js";
import { draw_band, draw_line, draw_markers, draw_quiet, draw_whiskers } from "./strokes.js";
import { colour, is_dark } from "./theme.js";

const kSideBySide = 0.7; // share of the room between two words that their markers take at most, and each of them
const kEach = 0.08;
const kTickRoom = 0.06; // of the width, between two values of the axis that are both named below it

// `asked`: {name, x: {title, values, numeric}, y: {title, format}, lines: [{key, label, style, estimates, quiet}], references: the
// same without intervals, zero, zoom, on_zoom, rows(at) -> {title, heads, rows}, announce}. Estimates are {mean, half} in the
// units of the axis, null where there is none. Returns {destroy, look(key or null), key(name), quiet: how many are grey}.
export function draw_chart(host, asked) {
  const numeric = asked.x.numeric && asked.x.values.length > 1;
  const xs = asked.x.values.map((value, i) => (numeric ? Number(value) : i));
  const lines = asked.lines.map((line, i) => ({
    ...line,
    spots: spots_of(line.estimates, xs, numeric ? 0 : beside(i, asked.lines.length)),
  }));
  const references = asked.references.map((line) => ({ ...line, spots: spots_of(line.estimates, xs, 0) }));
  const whole = { x: numeric ? around(xs, 0.03) : [-0.5, xs.length - 0.5], y: y_range(lines, references, asked.zero) };
  const apart = Math.min(...xs.slice(1).map((x, i) => Math.abs(x - xs[i]))) / (whole.x[1] - whole.x[0]);
  const ticks = !numeric || (apart > kTickRoom && !asked.zoom) ? xs : null;
  let looked = null;

  const draw = (canvas, to, area, ratio) => {
    if (asked.zero) rule(canvas, area, to.y(0), ratio);
    for (const line of references) draw_reference(canvas, to, line, ratio, numeric);
    const forward = (line) => line.key === looked;
    const rank = (line) => (forward(line) ? 2 : line.quiet ? 0 : 1);
    for (const line of numeric ? lines : [])
      if (rank(line) > 0) draw_band(canvas, to, line.style, line.spots, band_alpha(line.key, looked, lines));
    for (const line of [...lines].sort((a, b) => rank(a) - rank(b))) {
      if (numeric && rank(line) === 0) {
        draw_quiet(canvas, to, line.spots, ratio);
        continue;
      }
      const faint = looked !== null && !forward(line);
      const alpha = faint ? 0.18 : 1;
      const width = (forward(line) ? 2.6 : 1.8) * ratio;
      if (!numeric) draw_whiskers(canvas, to, line.style, line.spots, { width: 1.2 * ratio, cap: 3 * ratio, alpha });
      if (numeric) draw_line(canvas, to, line.style, line.spots, { width, alpha });
      draw_markers(canvas, to, line.style, line.spots, { radius: 3.6 * ratio, alpha });
    }
  };
  const place_at = (at, to) => ({ at, left: to.x(xs[at]), value: { x: xs[at], y: middle(lines, at, whole) } });
  const nearest = (left, _, to) => {
    if (xs.length === 0) return null;
    const distance = (at) => Math.abs(to.x(xs[at]) - left);
    return place_at(
      xs.map((_, at) => at).reduce((a, b) => (distance(b) < distance(a) ? b : a)),
      to,
    );
  };
  const step = (place, by, to) =>
    place_at(place ? Math.min(xs.length - 1, Math.max(0, place.at + by)) : by > 0 ? 0 : xs.length - 1, to);
  const plot = new Plot(host, {
    x: { title: asked.x.title, ticks, format: numeric ? String : (at) => asked.x.values[at] ?? "" },
    y: asked.y,
    whole,
    zoom: asked.zoom,
    on_zoom: asked.on_zoom,
    draw,
    nearest,
    step,
    hover: (place, over, low) => {
      if (!place) return readout.hide();
      readout.show({ ...asked.rows(place.at), left: over.offsetLeft + place.left, width: host.clientWidth, low });
    },
  });
  const readout = new Readout(host, asked.announce);
  return {
    quiet: numeric ? lines.filter((line) => line.quiet).length : 0,
    destroy: () => plot.destroy(),
    key: (name) => plot.key(name),
    look: (key) => {
      looked = key;
      plot.redraw();
    },
  };
}

// Bands lie below all lines, and are the paler the more there are.
function band_alpha(key, looked, lines) {
  if (looked !== null) return key === looked ? 0.22 : 0.03;
  return lines.filter((line) => !line.quiet).length > 4 ? 0.08 : 0.14;
}

const beside = (index, count) => (count < 2 ? 0 : Math.min(kSideBySide, kEach * count) * (index / (count - 1) - 0.5));

function spots_of(estimates, xs, shift) {
  return estimates.map((estimate, at) => {
    if (!estimate || estimate.mean === null) return null;
    const { mean, half } = estimate;
    return {
      x: xs[at] + shift,
      y: mean,
      low: half === null ? null : mean - half,
      high: half === null ? null : mean + half,
    };
  });
}

function y_range(lines, references, zero) {
  const spots = [...lines, ...references].flatMap((line) => line.spots.filter(Boolean));
  return around([...spots.flatMap(({ y, low, high }) => [y, low, high]), zero ? 0 : null]);
}

function middle(lines, at, whole) {
  const values = lines.flatMap((line) => line.spots[at]?.y ?? []);
  return values.length > 0 ? (Math.min(...values) + Math.max(...values)) / 2 : (whole.y[0] + whole.y[1]) / 2;
}

function rule(canvas, area, y, ratio) {
  canvas.strokeStyle = colour("--quiet");
  canvas.lineWidth = ratio;
  canvas.beginPath();
  canvas.moveTo(area.left, y);
  canvas.lineTo(area.left + area.width, y);
  canvas.stroke();
}

// Dotted: bounds alone are. Over words, a short dotted stroke at each.
function draw_reference(canvas, to, line, ratio, numeric) {
  canvas.save();
  canvas.strokeStyle = is_dark() ? "#ffffff" : "#000000";
  canvas.lineWidth = 1.4 * ratio;
  canvas.setLineDash([1.4 * ratio, 2.2 * ratio]);
  canvas.beginPath();
  let open = false;
  for (const spot of line.spots) {
    if (!spot) open = false;
    else if (numeric) {
      (open ? canvas.lineTo : canvas.moveTo).call(canvas, to.x(spot.x), to.y(spot.y));
      open = true;
    } else {
      canvas.moveTo(to.x(spot.x - 0.4), to.y(spot.y));
      canvas.lineTo(to.x(spot.x + 0.4), to.y(spot.y));
    }
  }
  canvas.stroke();
  canvas.restore();
}
