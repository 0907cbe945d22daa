// The numbers: a row for each policy, a column for each value of the axis, and their mean. Sorted by any of them.

import { copy, element } from "../dom.js";
import { labelled, level_text, shown, title_of } from "../numbers.js";
import { estimate_at } from "../series.js";
import { mean_over_points } from "../statistics.js";
import { study_frame } from "../study_frame.js";
import { swatch } from "../legend.js";
import { chart_of } from "./lines.js";

const view = {
  name: "table",
  controls: ["study", "metric", "x", "hue", "policy", "fixed"],
  title: (model) => `table of ${title_of(model.measure)}`,
  draw,
};

export const table_view = (container, sections, page) => {
  page.state.default("table.sort", "");
  return study_frame(container, sections, page, view);
};

const kMarks = { best: "✱", tied: "≈", "": "" };

function draw(host, model) {
  const { measure } = model;
  const columns = columns_of(model);
  const common = common_places(model);
  const rows = model.shown.map((entry) => ({ entry, cells: cells_of(entry, model, columns, common) }));
  const order = order_of(model, columns);
  if (order) rows.sort(by(order));
  const button = element(
    "button",
    { type: "button", class: "plain", on: { click: () => copy(as_csv(model, columns, rows), button) } },
    "Copy as CSV",
  );
  const body = rows.map(({ entry, cells }) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, swatch(entry.style), " ", entry.label),
      cells.map((cell) => number_cell(cell, measure)),
    ),
  );
  const head = element(
    "tr",
    {},
    heading("policy", "name", order, model),
    columns.map((column, i) => heading(column, String(i), order, model)),
  );
  const caption = element(
    "caption",
    {},
    `${labelled(measure)} along ${model.x?.title ?? "nothing"}, ± half the ${level_text(model.level)} interval`,
  );
  host.append(
    element(
      "div",
      { class: "wide", tabindex: 0, role: "region", "aria-label": "Table" },
      element("table", { class: "numbers" }, caption, element("thead", {}, head), element("tbody", {}, body)),
    ),
    element("p", { class: "hint" }, note(rows, common, model), " ", button),
  );
  return { destroy: () => {} };
}

function columns_of(model) {
  const values = chart_of(model, "").x.values;
  return values.length > 1 ? [...values, "mean"] : values;
}

const series_at = (entry, at, measure) => {
  const place = entry.places[at];
  return place ? entry.study.series(measure, place.point, place.competitor) : { seeds: [], values: [] };
};

// Where every line has a value that has one anywhere: the means of all are over the same points.
function common_places(model) {
  const measure = model.measure.name;
  const places = model.shown[0].places.map((_, at) => at);
  const there = model.shown
    .map((entry) => places.filter((at) => series_at(entry, at, measure).values.length > 0))
    .filter((list) => list.length > 0);
  return places.filter((at) => there.every((list) => list.includes(at)));
}

function cells_of(entry, model, columns, common) {
  const measure = model.measure.name;
  return columns.map((_, at) => {
    if (at >= entry.places.length)
      return {
        ...mean_over_points(
          common.map((each) => series_at(entry, each, measure)),
          entry.study.t,
        ),
        mark: "",
      };
    const place = entry.places[at];
    return {
      ...(estimate_at(entry, at, measure) ?? { mean: null, half: null }),
      mark: place ? entry.study.mark(measure, place.point, place.competitor) : "",
    };
  });
}

// "2", "-2", "name", "-name": a minus turns it round.
function order_of(model, columns) {
  const asked = model.page.state.get("table.sort");
  const key = asked.replace(/^-/, "");
  return key === "name" || columns.some((_, at) => String(at) === key) ? { key, down: asked.startsWith("-") } : null;
}

function by({ key, down }) {
  const sign = down ? -1 : 1;
  if (key === "name")
    return (a, b) => sign * (a.entry.label < b.entry.label ? -1 : a.entry.label > b.entry.label ? 1 : 0);
  const value = (row) => row.cells[Number(key)].mean;
  return (a, b) => (value(a) === null ? 1 : value(b) === null ? -1 : sign * (value(a) - value(b)));
}

function heading(text, key, order, model) {
  const sorted = order?.key === key;
  const next = sorted && !order.down ? `-${key}` : sorted ? "" : key;
  const arrow = sorted ? (order.down ? " ↓" : " ↑") : "";
  const button = element(
    "button",
    { type: "button", class: "plain", "data-sort": key, on: { click: () => resort(model, next, key) } },
    text + arrow,
  );
  return element(
    "th",
    { scope: "col", "aria-sort": sorted ? (order.down ? "descending" : "ascending") : "none" },
    button,
  );
}

// The table is made anew; the focus stays on the heading.
function resort(model, next, key) {
  model.page.state.set({ "table.sort": next });
  document.querySelector(`[data-sort="${key}"]`)?.focus();
}

function number_cell(cell, measure) {
  const half = cell.half === null ? null : element("span", { class: "half" }, ` ±${shown(cell.half, measure)}`);
  return element(
    "td",
    { class: cell.mark || null },
    shown(cell.mean, measure),
    cell.mark ? element("sup", {}, kMarks[cell.mark]) : null,
    half,
  );
}

function note(rows, common, model) {
  const all = model.shown[0].places.length;
  const marks = new Set(rows.flatMap((row) => row.cells.map((cell) => cell.mark)));
  return [
    common.length < all && all > 1
      ? `The mean is over ${common.length} of ${all} points: where a line has no value, the point is left out for all.`
      : "",
    marks.has("best")
      ? `${kMarks.best} every other ranked policy is worse there, by paired t tests corrected after Holm.`
      : "",
    marks.has("tied")
      ? `${kMarks.tied} cannot be told from the best there, by paired t tests corrected after Holm.`
      : "",
    marks.has("best") || marks.has("tied") ? "The marks are among all policies of the study, hidden ones too." : "",
  ]
    .filter(Boolean)
    .join(" ");
}

const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

// Shares as shares, not in percent, as in `laxity report --format csv`.
function as_csv(model, columns, rows) {
  const head = ["policy", ...columns.flatMap((column) => [column, `${column} +-`])];
  const lines = rows.map(({ entry, cells }) => [
    entry.label,
    ...cells.flatMap((cell) => [cell.mean ?? "", cell.half ?? ""]),
  ]);
  return [head, ...lines].map((line) => line.map((field) => quoted(String(field))).join(",")).join("\n") + "\n";
}
