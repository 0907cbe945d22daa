// A measure along an axis: the mean of every policy with its interval.

import { draw_chart } from "../chart.js";
import { emphasised, quiet_remark, ranked } from "../emphasis.js";
import { labelled, level_text, scaled, shown, shown_interval, title_of } from "../numbers.js";
import { estimate_at } from "../series.js";
import { study_frame } from "../study_frame.js";

export const kChartHint = "Drag to zoom; double click or Esc shows the whole. Arrow keys read values, + and − zoom.";

const view = {
  name: "lines",
  controls: ["study", "metric", "x", "hue", "policy", "fixed"],
  hint: kChartHint,
  remark: (model, drawn) =>
    [bounds_of(model).length > 0 ? "Dotted: the least bound." : "", quiet_remark(drawn)].filter(Boolean).join(" "),
  title: (model) => `${title_of(model.measure)} along ${model.x?.title ?? "nothing"}`,
  draw,
};

export const lines_view = (container, sections, page) => study_frame(container, sections, page, view);

function draw(host, model) {
  const { measure } = model;
  const lines = model.shown.map((entry) => ({
    ...entry,
    found: entry.places.map((_, at) => estimate_at(entry, at, measure.name)),
  }));
  return draw_chart(host, {
    ...chart_of(model, labelled(measure)),
    lines: drawn_lines(lines, model),
    references: bounds_of(model),
    zero: false,
    rows: (at) => rows(model, lines, at),
  });
}

// With estimates in the units of the axis, and those that stay in the background marked.
export function drawn_lines(lines, { measure, baseline }) {
  const loud = emphasised(
    lines.map((line) => ({ ...line, ranked: ranked(line) })),
    measure,
    baseline,
  );
  return lines.map((line) => ({
    ...line,
    quiet: !loud.has(line.key),
    estimates: line.found.map((estimate) => scaled_estimate(estimate, measure)),
  }));
}

// What charts along an axis have in common.
export function chart_of(model, title) {
  return {
    x: {
      title: model.x?.title ?? "",
      values: model.x?.values.length ? model.x.values : ["all"],
      numeric: model.x?.numeric ?? false,
    },
    y: { title, format: (value) => String(Number(value.toPrecision(10))).replace("-", "−") },
    zoom: model.zoom,
    on_zoom: model.on_zoom,
    announce: model.announce,
  };
}

export const scaled_estimate = (estimate, measure) =>
  estimate && { mean: scaled(estimate.mean, measure), half: scaled(estimate.half, measure) };

export const place_title = (model, at) => {
  const fixed = Object.entries(model.choice.fixed).map(([name, value]) => `${name} ${value}`);
  const along = model.x?.values.length ? [`${model.x.title} ${model.x.values[at]}`] : ["all runs"];
  return [...along, ...(model.choice.hue === "policy" ? [] : [model.choice.policy]), ...fixed].join(", ");
};

// Best first; where a measure has no better way, highest first. Lines without a value are last.
export function sorted(rows, measure) {
  const sign = measure.better === "lower" ? 1 : -1;
  const value = (row) => (row.value === null || row.value === undefined ? Infinity : sign * row.value);
  return rows.sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
}

// What is read of the lines at a value of the axis, best first. `texts(estimate)` are the cells beside a line's name.
export const rows_of = (lines, at, measure, texts) =>
  sorted(
    lines.map(({ style, label, found }) => ({ style, value: found[at]?.mean, cells: [label, ...texts(found[at])] })),
    measure,
  );

function rows(model, lines, at) {
  const { measure } = model;
  const texts = (estimate) => [shown(estimate?.mean, measure), shown_interval(estimate, measure)];
  const bounds = bounds_of(model).flatMap(({ label, found }) => {
    const bound = found[at];
    return bound ? [{ style: null, cells: [label, ...texts(bound)] }] : [];
  });
  const heads = ["", labelled(measure), `${level_text(model.level)} interval`];
  return { title: place_title(model, at), heads, rows: [...bounds, ...rows_of(lines, at, measure, texts)] };
}

// The least bound of the accuracy, of each study that has bounds. None where the lines are values of an axis: each would
// have its own.
function bounds_of(model) {
  if (model.measure.name !== "accuracy" || model.choice.hue_axis) return [];
  return model.studies.flatMap((study) => {
    const own = model.shown.filter((entry) => entry.study === study);
    const found = (own[0]?.places ?? []).map((_, at) => {
      const place = own.map((entry) => entry.places[at]).find(Boolean);
      return place ? study.bound("least", place.point) : null;
    });
    const label = model.studies.length > 1 ? `${study.label}: least bound` : "least bound";
    return found.some(Boolean)
      ? [
          {
            key: `bound ${study.label}`,
            label,
            found,
            estimates: found.map((bound) => scaled_estimate(bound, model.measure)),
          },
        ]
      : [];
  });
}
