// What the views of studies share: the choices above, the lines by name beside, and between them what the view draws.
//
// A view of a study is {name, title(model), controls: [name of a control], hint, remark(model), legend, draw(host, model) -> {destroy, look?, key?}}. It is
// drawn anew whenever a choice changes; `model` holds what was chosen.

import { chooser, element } from "./dom.js";
import { Legend } from "./legend.js";
import { title_of } from "./numbers.js";
import { axes_of, competitors_of, entries_of, kPolicy, policies_of } from "./series.js";
import { Study } from "./study.js";
import { is_dark, on_theme } from "./theme.js";

let loaded = null;

// The studies of the page, decoded once.
const studies_of = (sections) => (loaded ??= sections.map((section) => new Study(section)));

export function study_frame(container, sections, page, view) {
  const frame = new StudyFrame(container, studies_of(sections), page, view);
  frame.update();
  return frame;
}

class StudyFrame {
  #studies;
  #page;
  #view;
  #controls = element("form", { class: "controls", "aria-label": "What is shown" });
  #drawing = element("div", { class: "drawing" });
  #caption = element("p", { class: "caption" }); // on paper, where the choices above are not
  #hint = element("p", { class: "hint" });
  #legend;
  #drawn = null;
  #signature = "";
  #ends;

  constructor(container, studies, page, view) {
    this.#studies = studies;
    this.#page = page;
    this.#view = view;
    this.#controls.addEventListener("submit", (event) => event.preventDefault());
    this.#legend = new Legend({
      toggle: (key) => this.#hide(this.#toggled(key)),
      only: (key) => this.#hide(this.#keys().filter((each) => each !== key)),
      all: () => this.#hide([]),
      none: () => this.#hide(this.#keys()),
      look: (key) => this.#drawn?.look?.(key),
    });
    const main = element("div", { class: "picture" }, this.#caption, this.#drawing, this.#hint);
    container.append(this.#controls, element("div", { class: "with-legend" }, main, view.legend === false ? null : this.#legend.element));
    this.#drawing.addEventListener("keydown", (event) => this.#key(event));
    this.#ends = [page.state.listen(() => this.update()), on_theme(() => this.update())];
    set_defaults(studies, page.state);
  }

  destroy() {
    this.#ends.forEach((end) => end());
    this.#drawn?.destroy();
  }

  update() {
    const model = model_of(this.#studies, this.#page, this.#view);
    this.#update_controls(model);
    this.#legend.update(model.entries.map((entry) => ({ ...entry, shown: !model.hidden.has(entry.key) })), is_dark());
    this.#legend.element.hidden = model.entries.length === 0;
    const focused = document.activeElement === this.#drawing;
    this.#drawn?.destroy();
    this.#drawing.replaceChildren();
    this.#drawing.removeAttribute("tabindex");
    const nothing = what_is_missing(this.#studies, model, this.#view);
    if (nothing) this.#drawing.append(element("p", { class: "nothing" }, nothing));
    this.#drawn = nothing ? null : this.#view.draw(this.#drawing, model);
    if (this.#drawn?.key) this.#make_focusable(model);
    this.#hint.textContent = this.#drawn ? [this.#view.remark?.(model), this.#view.hint].filter(Boolean).join(" ") : "";
    this.#caption.textContent = nothing ? "" : [this.#view.title(model), ...Object.entries(model.choice.fixed).map(([name, value]) => `${name} ${value}`)].join("; ");
    if (focused) this.#drawing.focus({ preventScroll: true });
  }

  #make_focusable(model) {
    this.#drawing.tabIndex = 0;
    this.#drawing.setAttribute("role", "group");
    this.#drawing.setAttribute("aria-label", `Chart: ${this.#view.title(model)}. ${this.#view.hint ?? ""}`);
  }

  #key(event) {
    if (event.target === this.#drawing && !event.ctrlKey && !event.altKey && !event.metaKey && this.#drawn?.key?.(event.key)) event.preventDefault();
  }

  // Built anew only if there is something else to choose from, so that the focus stays where it is.
  #update_controls(model) {
    const wanted = controls_of(model, this.#view.controls);
    const signature = JSON.stringify(wanted.map(({ key, label, options }) => [key, label, options]));
    if (signature !== this.#signature) {
      const focused = document.activeElement?.closest?.("[data-choice]")?.dataset.choice;
      this.#controls.replaceChildren(...wanted.map((control) => this.#control(control)));
      this.#controls.querySelector(`[data-choice="${CSS.escape(focused ?? "")}"] select`)?.focus();
    }
    this.#signature = signature;
    for (const { key, value } of wanted) this.#controls.querySelector(`[data-choice="${CSS.escape(key)}"] select`).value = value;
    this.#show_reset(model);
  }

  #control({ key, label, options, value }) {
    const made = chooser(label, options, value, (chosen) => this.#page.state.set({ [key]: chosen, [`zoom.${this.#view.name}`]: null }));
    made.dataset.choice = key;
    return made;
  }

  #show_reset(model) {
    this.#controls.querySelector(".reset")?.remove();
    if (model.zoom) this.#controls.append(element("button", { type: "button", class: "reset", on: { click: () => model.on_zoom(null) } }, "Whole picture"));
  }

  #keys() {
    return model_of(this.#studies, this.#page, this.#view).entries.map((entry) => entry.key);
  }

  #toggled(key) {
    const hidden = this.#page.state.get("hide");
    return hidden.includes(key) ? hidden.filter((each) => each !== key) : [...hidden, key];
  }

  #hide(keys) {
    this.#page.state.set({ hide: keys });
  }
}

const several = (axis) => axis.values.length > 1;

function set_defaults(studies, state) {
  const initial = studies[0].initial;
  const axes = axes_of(studies);
  const measures = measures_of(studies);
  const names = competitors_of(studies);
  const given = (name, list, otherwise) => (list.includes(name) ? name : otherwise);
  state.default("study", "");
  state.default("metric", given(initial.metrics[0], measures, measures[0] ?? ""));
  state.default("x", given(initial.axis, axes.map((axis) => axis.name), (axes.find(several) ?? axes[0])?.name ?? ""));
  state.default("hue", kPolicy);
  state.default("baseline", given(initial.baseline, names, given("edf", names, names[0] ?? "")));
  state.default("against", given(initial.metrics[1] ?? "miss_ratio", measures, given("miss_ratio", measures, measures[0] ?? "")));
  state.default("task", "");
  state.default("hide", hidden_at_first(studies));
}

function hidden_at_first(studies) {
  return studies.flatMap((study, index) =>
    study.initial.shown ? study.competitors.filter((each) => !study.initial.shown.includes(each.label)).map((each) => `${index} ${each.label}`) : [],
  );
}

const measures_of = (studies) => [...new Set(studies.flatMap((study) => [...study.measures.keys()]))];
const measure_in = (studies, name) => studies.map((study) => study.measures.get(name)).find(Boolean);

// Everything that was chosen, made consistent: what is not there gives way to what is.
function model_of(all, page, view) {
  const { state } = page;
  const studies = all.filter((_, i) => state.get("study") === "" || state.get("study") === String(i));
  const axes = axes_of(studies);
  const x = axes.find((axis) => axis.name === state.get("x")) ?? axes.find(several) ?? axes[0] ?? null;
  const hue_axis = axes.find((axis) => axis.name === state.get("hue") && !axis.of_policy && axis !== x) ?? null;
  const choice = { x, hue: hue_axis ? hue_axis.name : kPolicy, hue_axis, fixed: {}, policy: "" };
  for (const axis of axes) {
    if (axis === x || axis === hue_axis || axis.of_policy || axis.values.length === 0) continue;
    const asked = state.get(`at.${axis.name}`);
    choice.fixed[axis.name] = axis.values.includes(asked) ? asked : axis.values[0];
  }
  const policies = policies_of(studies, choice);
  choice.policy = policies.includes(state.get("policy")) ? state.get("policy") : (policies[0] ?? "");
  const entries = entries_of(studies, choice).map((entry) => ({ ...entry, key: keyed(all, entry) }));
  const hidden = new Set(state.get("hide"));
  return {
    all, studies, axes, x, choice, policies, entries, hidden, page,
    shown: entries.filter((entry) => !hidden.has(entry.key)),
    measure: measure_in(studies, state.get("metric")) ?? measure_in(studies, measures_of(studies)[0]),
    against: measure_in(studies, state.get("against")),
    baseline: state.get("baseline"),
    task: state.get("task"),
    level: studies[0].level,
    announce: page.announce,
    ...zoom_of(state, view.name),
  };
}

// A line is called by the place of its study among all and its name: the same whichever studies are shown.
const keyed = (all, entry) => `${all.indexOf(entry.study)} ${entry.key.split(/ (.*)/s)[1]}`;

// Kept in the address with six digits: enough for any screen.
function zoom_of(state, view) {
  const key = `zoom.${view}`;
  const numbers = (state.get(key) ?? "").split(",").map(Number);
  const good = numbers.length === 4 && numbers.every(Number.isFinite) && numbers[0] < numbers[1] && numbers[2] < numbers[3];
  return {
    zoom: good ? { x: numbers.slice(0, 2), y: numbers.slice(2) } : null,
    on_zoom: (zoom) => state.set({ [key]: zoom ? [...zoom.x, ...zoom.y].map((end) => Number(end.toPrecision(6))).join(",") : null }),
  };
}

function controls_of(model, names) {
  const axis_options = (axes) => axes.map((axis) => [axis.name, axis.title]);
  const measures = measures_of(model.studies);
  const workload = model.axes.filter((axis) => !axis.of_policy && several(axis) && axis !== model.x);
  const tasks = [...new Set(model.studies.flatMap((study) => Object.keys(study.depths)))];
  const all = {
    study: { label: "Study", options: [["", "all"], ...model.all.map((study, i) => [String(i), study.label])], value: model.page.state.get("study") },
    metric: { label: "Measure", options: measures.map((name) => [name, title_of({ name })]), value: model.measure?.name },
    against: { label: "Against", options: measures.map((name) => [name, title_of({ name })]), value: model.against?.name },
    x: { label: "Along", options: axis_options(model.axes.filter(several)), value: model.x?.name },
    hue: { label: "Lines", options: [[kPolicy, "policies"], ...axis_options(workload)], value: model.choice.hue },
    policy: { label: "Policy", options: model.choice.hue === kPolicy ? [] : model.policies.map((name) => [name, name]), value: model.choice.policy },
    baseline: { label: "Baseline", options: competitors_of(model.studies).map((name) => [name, name]), value: model.baseline },
    task: { label: "Task", options: tasks.map((name) => [name, name || "all"]), value: model.task },
  };
  const fixed = workload.filter((axis) => axis.name in model.choice.fixed).map((axis) => ({
    key: `at.${axis.name}`,
    label: axis.title,
    options: axis.values.map((value) => [value, value]),
    value: model.choice.fixed[axis.name],
  }));
  const chosen = names.flatMap((key) => (key === "fixed" ? fixed : [{ key, ...all[key] }]));
  const worth_it = ({ key, options }) => options.length > (key === "study" ? 2 : 1);
  return chosen.filter(worth_it);
}

// Why there is nothing to draw, if there is nothing.
function what_is_missing(all, model, view) {
  if (all.every((study) => study.runs === 0)) return "No run of this study is finished yet: start the sweep again, and it goes on.";
  if (model.entries.length === 0) return "There is no run at these values.";
  if (view.legend !== false && model.shown.length === 0) return "All lines are hidden. Choose some from the list.";
  return "";
}
