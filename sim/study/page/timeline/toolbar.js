// The buttons above the runs, and what the keys do.

import { element } from "../dom.js";

const button = (text, title, click) =>
  element("button", { type: "button", class: "plain", title, "aria-label": title, on: { click } }, text);

// `view` is that of views/timeline.js.
export function toolbar(view) {
  const { window } = view;
  return element(
    "div",
    { class: "toolbar" },
    button("−", "Zoom out (-)", () => window.zoom(1.5)),
    button("+", "Zoom in (+)", () => window.zoom(1 / 1.5)),
    button("Whole run", "Show the whole run (0)", () => window.show_all()),
    button("‹ Miss", "Previous miss (p)", () => view.to_miss(view.current, -1)),
    button("Miss ›", "Next miss (n)", () => view.to_miss(view.current, 1)),
    search(view),
    colour_switch(view),
  );
}

function search(view) {
  const input = element("input", {
    type: "search",
    placeholder: "task#job or 12.5 ms",
    "aria-label": "Go to a job or a moment",
  });
  const go = (event) => {
    event.preventDefault();
    view.go_to(input.value);
  };
  view.search = input;
  return element("form", { on: { submit: go } }, input, element("button", { type: "submit", class: "plain" }, "Go"));
}

function colour_switch(view) {
  const buttons = ["depth", "task"].map((by) =>
    element("button", { type: "button", class: "plain", on: { click: () => view.colour_by(by) } }, by),
  );
  view.mark_colour = () => {
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.textContent === view.settings.colour_by));
  };
  view.mark_colour();
  return element(
    "div",
    { class: "switch", role: "group", "aria-label": "Colour of the stages" },
    element("span", {}, "colour by"),
    buttons,
  );
}

const kKeys = [
  ["drag ← →", "move"],
  ["wheel + −", "zoom"],
  ["Shift-drag", "zoom to a span (or drag over the axis)"],
  ["0", "whole run"],
  ["Home End", "start and end"],
  ["n p", "next and previous miss"],
  [". ,", "next and previous decision"],
  ["↑ ↓", "more rows"],
  ["/", "search"],
  ["click, Esc", "keep, let go"],
];

export function help() {
  const keys = kKeys.flatMap(([key, what]) => [element("dt", {}, key), element("dd", {}, what)]);
  const title = element("h3", {}, "Point at a stage");
  return element(
    "div",
    { class: "help" },
    title,
    element("p", {}, "to see what the policy knew when it chose it."),
    element("dl", {}, keys),
  );
}
