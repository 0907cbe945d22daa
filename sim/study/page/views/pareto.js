// One measure against another: a path for each policy along the axis. Up and left is better for accuracy against misses.

import { emphasised, quiet_remark, ranked } from "../emphasis.js";
import { labelled, level_text, scaled, shown, title_of } from "../numbers.js";
import { around, Plot } from "../plot.js";
import { Readout } from "../readout.js";
import { estimate_at } from "../series.js";
import { draw_line, draw_markers, draw_quiet, draw_whiskers } from "../strokes.js";
import { study_frame } from "../study_frame.js";
import { chart_of, kChartHint, place_title, sorted } from "./lines.js";

const view = {
  name: "pareto",
  controls: ["study", "metric", "against", "x", "hue", "policy", "fixed"],
  hint: kChartHint,
  remark: (model, drawn) => [towards(model), quiet_remark(drawn)].filter(Boolean).join(" "),
  title: (model) =>
    `${title_of(model.measure)} against ${title_of(model.against)}, a path along ${model.x?.title ?? "nothing"}`,
  draw,
};

export const pareto_view = (container, sections, page) => study_frame(container, sections, page, view);

// Which corner is the better one.
function towards({ measure, against }) {
  const up = { higher: "up", lower: "down", "": "" }[measure.better];
  const right = { higher: "right", lower: "left", "": "" }[against.better];
  return up && right ? `Better is ${up} and to the ${right}.` : "";
}

const ends = (estimate, measure) =>
  estimate.half === null
    ? [null, null]
    : [scaled(estimate.mean - estimate.half, measure), scaled(estimate.mean + estimate.half, measure)];

function spots_of(entry, { measure, against }) {
  return entry.places.map((_, at) => {
    const [y, x] = [estimate_at(entry, at, measure.name), estimate_at(entry, at, against.name)];
    if (!x || !y || x.mean === null || y.mean === null) return null;
    const [low, high] = ends(y, measure);
    const [low_x, high_x] = ends(x, against);
    return { x: scaled(x.mean, against), y: scaled(y.mean, measure), low, high, low_x, high_x, across: x, up: y };
  });
}

function draw(host, model) {
  const lines = model.shown.map((entry) => ({ ...entry, spots: spots_of(entry, model) }));
  const loud = emphasised(
    lines.map((line) => ({ ...line, ranked: ranked(line), found: line.spots.map((spot) => spot?.up) })),
    model.measure,
    model.baseline,
  );
  lines.forEach((line) => (line.quiet = !loud.has(line.key)));
  const spots = lines.flatMap((line) => line.spots.flatMap((spot, at) => (spot ? [{ ...spot, at, line }] : [])));
  const along = [...spots].sort((a, b) => a.at - b.at);
  let looked = null;
  let read = null;
  const place = (spot, to) => spot && { spot, left: to.x(spot.x), value: { x: spot.x, y: spot.y } };
  const plot = new Plot(host, {
    x: { title: labelled(model.against), ticks: null, format: chart_of(model, "").y.format },
    y: chart_of(model, labelled(model.measure)).y,
    whole: {
      x: around(spots.flatMap((spot) => [spot.x, spot.low_x, spot.high_x])),
      y: around(spots.flatMap((spot) => [spot.y, spot.low, spot.high])),
    },
    zoom: model.zoom,
    on_zoom: model.on_zoom,
    draw: (canvas, to, _, ratio) =>
      [...lines]
        .sort((a, b) => b.quiet - a.quiet)
        .forEach((line) => draw_path(canvas, to, line, looked ?? null, read, ratio)),
    nearest: (left, top, to) => {
      const distance = (spot) => (to.x(spot.x) - left) ** 2 + (to.y(spot.y) - top) ** 2;
      return place(
        spots.reduce((a, b) => (a && distance(a) <= distance(b) ? a : b), null),
        to,
      );
    },
    step: (from, by, to) =>
      place(along[Math.min(along.length - 1, Math.max(0, from ? along.indexOf(from.spot) + by : 0))] ?? null, to),
    hover: (found, over, low) => {
      if (read !== (found?.spot.at ?? null)) {
        read = found?.spot.at ?? null;
        plot.redraw();
      }
      if (!found) return readout.hide();
      readout.show({
        ...rows(model, lines, found.spot),
        left: over.offsetLeft + found.left,
        width: host.clientWidth,
        low,
      });
    },
  });
  const readout = new Readout(host, model.announce);
  return {
    quiet: lines.filter((line) => line.quiet).length,
    destroy: () => plot.destroy(),
    key: (name) => plot.key(name),
    look: (key) => {
      looked = key;
      plot.redraw();
    },
  };
}

// The spots of the value of the axis that is read are larger.
function draw_path(canvas, to, line, looked, read, ratio) {
  if (line.quiet && looked !== line.key) return draw_quiet(canvas, to, line.spots, ratio);
  const alpha = looked !== null && looked !== line.key ? 0.18 : 1;
  draw_whiskers(canvas, to, line.style, line.spots, { width: ratio, cap: 0, alpha: 0.5 * alpha });
  draw_line(canvas, to, line.style, line.spots, { width: (looked === line.key ? 2.6 : 1.4) * ratio, alpha });
  draw_markers(canvas, to, line.style, line.spots, { radius: 3.6 * ratio, alpha });
  if (read !== null) draw_markers(canvas, to, line.style, [line.spots[read]], { radius: 6.5 * ratio, alpha });
}

function rows(model, lines, chosen) {
  const { measure, against } = model;
  const all = lines.map((line) => {
    const spot = line.spots[chosen.at];
    const text = (estimate, of) =>
      estimate
        ? shown(estimate.mean, of) + (estimate.half === null ? "" : ` ± ${shown(estimate.half, of)}`)
        : shown(null, of);
    return {
      style: line.style,
      strong: line.key === chosen.line.key,
      value: spot?.y,
      cells: [line.label, text(spot?.up, measure), text(spot?.across, against)],
    };
  });
  return {
    title: `${place_title(model, chosen.at)} (± half the ${level_text(model.level)} interval)`,
    heads: ["", labelled(measure), labelled(against)],
    rows: sorted(all, measure),
  };
}
