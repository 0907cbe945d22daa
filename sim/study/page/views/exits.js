// At which exits jobs left: for each policy, along the axis, the share of jobs by depth, as stacked bars.

import { drawing, element } from "../dom.js";
import { level_text, counted } from "../numbers.js";
import { Readout } from "../readout.js";
import { study_frame } from "../study_frame.js";
import { depth_colour } from "../styles.js";
import { chart_of, place_title } from "./lines.js";

const view = {
  name: "exits",
  controls: ["study", "task", "x", "hue", "policy", "fixed"],
  hint: "Arrow keys read the bars of a policy.",
  title: () => "share of jobs by the depth at which they left",
  draw,
};

export const exits_view = (container, sections, page) => study_frame(container, sections, page, view);

const kBar = { width: 26, gap: 8, height: 120 };

function draw(host, model) {
  const values = chart_of(model, "").x.values;
  const counts = model.shown.map((entry) =>
    entry.places.map((place) => place && entry.study.depth_counts(model.task, place.point, place.competitor)),
  );
  const stages = Math.max(0, ...counts.flat().map((each) => (each ? each.length - 1 : 0)));
  if (stages === 0) {
    host.append(
      element("p", { class: "nothing" }, "This study has no depth_histogram: nobody counted at which depth jobs left."),
    );
    return { destroy: () => {} };
  }
  const readout = new Readout(host, model.announce);
  const panels = model.shown.map((entry, i) => panel(entry, counts[i], { values, stages, readout, model, host }));
  host.append(depth_key(stages), element("div", { class: "panels" }, panels));
  return {
    destroy: () => {},
    look: (key) =>
      panels.forEach((each, i) => each.classList.toggle("faint", key !== null && model.shown[i].key !== key)),
  };
}

function depth_key(stages) {
  const box = (depth) => {
    const square = drawing(
      "svg",
      { width: 12, height: 12, "aria-hidden": "true" },
      drawing("rect", { width: 12, height: 12, fill: depth_colour(depth, stages) }),
    );
    return element("span", {}, square, depth === 0 ? "none" : String(depth));
  };
  return element(
    "p",
    { class: "depth-key" },
    "depth: ",
    Array.from({ length: stages + 1 }, (_, depth) => box(depth)),
  );
}

const total = (counts) => counts.reduce((sum, count) => sum + count, 0);

function panel(entry, counts, shared) {
  const { values, stages } = shared;
  const width = values.length * (kBar.width + kBar.gap);
  const picture = drawing("svg", {
    viewBox: `0 0 ${width} ${kBar.height + 18}`,
    width,
    height: kBar.height + 18,
    role: "img",
    "aria-label": entry.label,
  });
  counts.forEach((each, at) => picture.append(...bar(each, at, stages), name_of(values[at], at)));
  const box = element("figure", { class: "panel", tabindex: 0 }, element("figcaption", {}, entry.label), picture);
  let read = -1;
  const show = (at) => {
    read = at;
    if (at >= 0)
      shared.readout.show({
        ...rows(shared.model, entry, counts[at], at),
        left: box.offsetLeft + (at + 1) * (kBar.width + kBar.gap),
        width: shared.host.clientWidth,
      });
    else shared.readout.hide();
  };
  picture.addEventListener("pointermove", (event) => {
    const inside = picture.getBoundingClientRect();
    show(
      Math.max(
        0,
        Math.min(values.length - 1, Math.floor(((event.clientX - inside.left) / inside.width) * values.length)),
      ),
    );
  });
  picture.addEventListener("pointerleave", () => show(-1));
  box.addEventListener("blur", () => show(-1));
  box.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by) show(Math.max(0, Math.min(values.length - 1, read + by)));
    if (event.key === "Escape") show(-1);
    if (by) event.preventDefault();
  });
  return box;
}

function bar(counts, at, stages) {
  const x = at * (kBar.width + kBar.gap) + kBar.gap / 2;
  const all = counts ? total(counts) : 0;
  if (all === 0) return [drawing("text", { x: x + kBar.width / 2, y: kBar.height / 2, class: "bar-name" }, "–")];
  let y = 0;
  const outline = drawing("rect", { x, y: 0, width: kBar.width, height: kBar.height, class: "bar-outline" });
  const blocks = counts.map((count, depth) => {
    const height = (kBar.height * count) / all;
    const block = drawing("rect", {
      x,
      y: kBar.height - y - height,
      width: kBar.width,
      height,
      fill: depth_colour(depth, stages),
    });
    y += height;
    return block;
  });
  return [...blocks, outline];
}

function name_of(value, at) {
  const text = value.length > 5 ? value.slice(0, 4) + "…" : value;
  return drawing(
    "text",
    { x: at * (kBar.width + kBar.gap) + kBar.gap / 2 + kBar.width / 2, y: kBar.height + 13, class: "bar-name" },
    text,
  );
}

function rows(model, entry, counts, at) {
  const all = counts ? total(counts) : 0;
  const list = (counts ?? []).map((count, depth) => ({
    cells: [
      depth === 0 ? "none" : `depth ${depth}`,
      all ? `${((100 * count) / all).toFixed(2)} %` : "–",
      counted(count, "job"),
    ],
  }));
  return {
    title: `${entry.label}, ${place_title(model, at)}`,
    heads: ["", "share", "jobs, all seeds"],
    rows: list.reverse(),
  };
}
