// The lines by name, as buttons: each shows or hides its line, and resting on one brings its line forward.

import { drawing, element, rove } from "./dom.js";
import { dash_of, ink, trace_marker } from "./styles.js";

// What a line looks like: a bit of it with its marker.
export function swatch(style, marker = true) {
  const colour = ink(style.colour);
  const line = drawing("line", {
    x1: 1,
    y1: 7,
    x2: 29,
    y2: 7,
    stroke: colour,
    "stroke-width": 2,
    "stroke-dasharray": dash_of(style.dash, 2).join(" "),
  });
  const shape = new OutlinePath();
  if (marker) trace_marker(shape, style.marker, 15, 7, 4);
  return drawing(
    "svg",
    { class: "swatch", viewBox: "0 0 30 14", width: 30, height: 14, "aria-hidden": "true" },
    line,
    drawing("path", {
      d: shape.text,
      fill: style.hollow ? "var(--paper)" : colour,
      stroke: style.hollow ? colour : "none",
      "stroke-width": 1.4,
    }),
  );
}

// As much of a canvas path as a marker needs, as the text of an SVG path.
class OutlinePath {
  text = "";
  moveTo(x, y) {
    this.text += `M${x} ${y}`;
  }
  lineTo(x, y) {
    this.text += `L${x} ${y}`;
  }
  arc(x, y, radius) {
    this.text += `a${radius} ${radius} 0 1 1 ${-2 * radius} 0a${radius} ${radius} 0 1 1 ${2 * radius} 0`;
  }
  closePath() {
    this.text += "Z";
  }
}

// A policy's name may be broken before its parameters.
export const breakable = (label) =>
  label.split(/(?<=[:,])/).flatMap((part, i) => (i === 0 ? [part] : [element("wbr"), part]));

export class Legend {
  #list = element("div", { class: "legend-list", role: "group", "aria-label": "Lines: show or hide" });
  #buttons = new Map();
  #signature = "";
  #actions;
  element;

  // `actions`: toggle(key), only(key), all(), none(), look(key or null).
  constructor(actions) {
    this.#actions = actions;
    const button = (text, click) => element("button", { type: "button", class: "plain", on: { click } }, text);
    this.element = element(
      "aside",
      { class: "legend" },
      this.#list,
      element("div", { class: "legend-actions" }, button("Show all", actions.all), button("Hide all", actions.none)),
    );
    rove(this.#list, "button");
  }

  // `entries`: {key, label, style, shown}.
  update(entries, theme) {
    const signature = JSON.stringify([theme, entries.map(({ key, label, style }) => [key, label, style])]);
    if (signature !== this.#signature) this.#build(entries);
    this.#signature = signature;
    for (const { key, shown } of entries) this.#buttons.get(key).setAttribute("aria-pressed", String(shown));
  }

  #build(entries) {
    const focused = [...this.#buttons].find(([, button]) => button === document.activeElement)?.[0];
    this.#buttons = new Map(entries.map((entry) => [entry.key, this.#button(entry)]));
    this.#list.replaceChildren(...this.#buttons.values());
    const buttons = [...this.#buttons.values()];
    buttons.forEach((button, i) => (button.tabIndex = i === 0 ? 0 : -1));
    this.#buttons.get(focused)?.focus();
  }

  #button({ key, label, style }) {
    const { toggle, only, look } = this.#actions;
    const on = {
      click: (event) => (event.shiftKey ? only(key) : toggle(key)),
      pointerenter: () => look(key),
      pointerleave: () => look(null),
      focus: () => look(key),
      blur: () => look(null),
    };
    return element(
      "button",
      { type: "button", "aria-pressed": "true", title: "Click: show or hide. Shift and click: this one alone", on },
      swatch(style),
      element("span", {}, breakable(label)),
    );
  }
}
