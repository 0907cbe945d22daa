// The page: its head, a tab for each view that there is data for, and the view that was chosen.

import { element, rove } from "./dom.js";
import { kinds, sections } from "./sections.js";
import { State } from "./state.js";
import { is_dark, on_theme, switch_theme } from "./theme.js";
import { views } from "./views.js";

const state = new State();
const spoken = element("div", { class: "aside", role: "status", "aria-live": "polite" });
const page = { state, announce: (text) => (spoken.textContent = text) };
const there = views.filter((view) => kinds().has(view.kind));
const panel = element("div", { id: "view", role: "tabpanel" });
let current = null;
let shown = null;

state.default("view", there[0]?.name ?? "");
document.getElementById("page").append(head(), element("main", {}, panel), spoken);
document.title = `${heading()} – Laxity`;
state.listen(show);
show();

function heading() {
  const labels = there.flatMap((view) => sections(view.kind).map((section) => section.label ?? ""));
  return [...new Set(labels)].filter(Boolean).join(", ") || "Nothing to show";
}

function head() {
  const theme = element("button", { type: "button", class: "plain theme", on: { click: switch_theme } });
  const name_theme = () => (theme.textContent = is_dark() ? "Light" : "Dark");
  on_theme(name_theme);
  name_theme();
  const tabs = element("div", { class: "tabs", role: "tablist", "aria-label": "Views" }, there.map(tab));
  mark(tabs);
  rove(tabs, '[role="tab"]');
  state.listen(() => mark(tabs));
  return element("header", {}, element("h1", {}, heading()), notes(), tabs, theme);
}

// What the reader must know of a study, whatever is looked at: it is half-finished, runs are missing.
function notes() {
  const all = kinds().has("study")
    ? sections("study").flatMap((study) =>
        study.gaps.map((gap) => (sections("study").length > 1 ? `${study.label}: ${gap}` : gap)),
      )
    : [];
  return all.length > 0 ? element("p", { class: "warning" }, all.join("; ")) : null;
}

function tab(view) {
  return element(
    "button",
    {
      type: "button",
      role: "tab",
      "data-view": view.name,
      "aria-controls": "view",
      on: { click: () => state.set({ view: view.name }) },
    },
    view.title,
  );
}

function mark(tabs) {
  for (const each of tabs.children) each.setAttribute("aria-selected", String(each.dataset.view === chosen()?.name));
}

function chosen() {
  return there.find((view) => view.name === state.get("view")) ?? there[0];
}

function show() {
  const view = chosen();
  if (view === shown) return;
  shown = view;
  current?.destroy();
  panel.replaceChildren();
  panel.setAttribute("aria-label", view?.title ?? "");
  if (!view) panel.append(element("p", { class: "nothing" }, "This file holds no data."));
  current = view ? view.show(panel, sections(view.kind), page) : null;
}
