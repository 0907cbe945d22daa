// A measure along an axis as the difference of every policy to a baseline, paired by seed: both met the same luck.

import { draw_chart } from "../chart.js";
import { element } from "../dom.js";
import { quiet_remark } from "../emphasis.js";
import { difference_unit, level_text, shown_difference, title_of } from "../numbers.js";
import { estimate_at } from "../series.js";
import { study_frame } from "../study_frame.js";
import { chart_of, drawn_lines, kChartHint, place_title, rows_of } from "./lines.js";

const view = {
  name: "differences",
  controls: ["study", "metric", "baseline", "x", "hue", "policy", "fixed"],
  hint: kChartHint,
  remark: (_, drawn) => quiet_remark(drawn),
  title: (model) => heading(model),
  draw,
};

export const differences_view = (container, sections, page) => study_frame(container, sections, page, view);

function heading({ measure, baseline }) {
  const unit = difference_unit(measure);
  return `${title_of(measure)} minus that of ${baseline}${unit ? ` (${unit})` : ""}`;
}

function draw(host, model) {
  const { measure, baseline } = model;
  const lines = model.shown
    .filter(
      (entry) =>
        entry.policy !== baseline ||
        entry.places.some((place) => place && entry.study.competitors[place.competitor].label !== baseline),
    )
    .map((entry) => ({ ...entry, found: entry.places.map((_, at) => estimate_at(entry, at, measure.name, baseline)) }));
  if (lines.length === 0) {
    host.append(
      element(
        "p",
        { class: "nothing" },
        `There is nothing to compare with ${baseline}: it is the only line that is shown.`,
      ),
    );
    return { destroy: () => {} };
  }
  return draw_chart(host, {
    ...chart_of(model, heading(model)),
    lines: drawn_lines(lines, model),
    references: [],
    zero: true,
    rows: (at) => rows(model, lines, at),
  });
}

const interval = (estimate, measure) =>
  estimate && estimate.half !== null
    ? `[${shown_difference(estimate.mean - estimate.half, measure)}, ${shown_difference(estimate.mean + estimate.half, measure)}]`
    : "";

function rows(model, lines, at) {
  const { measure } = model;
  const texts = (estimate) => [shown_difference(estimate?.mean, measure), interval(estimate, measure)];
  const title = `${place_title(model, at)}: minus ${model.baseline}, paired by seed`;
  return {
    title,
    heads: [
      "",
      `${title_of(measure)}${difference_unit(measure) ? ` (${difference_unit(measure)})` : ""}`,
      `${level_text(model.level)} interval`,
    ],
    rows: rows_of(lines, at, measure, texts),
  };
}
