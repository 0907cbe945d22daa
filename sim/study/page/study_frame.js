// What the views of studies share: the choices above, the lines by name beside, and between them what the view draws.
//
// A view of a study is {name, title(model), controls: [name of a control], hint, remark(model, drawn), legend,
// draw(host, model) -> drawn: {destroy, look?, key?}}. It is drawn anew whenever a choice changes; `model` holds what was
// chosen.

import { controls_of } from "./controls.js";
import { chooser, element } from "./dom.js";
import { Legend } from "./legend.js";
import { model_of, set_defaults } from "./model.js";
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
    container.append(
      this.#controls,
      element("div", { class: "with-legend" }, main, view.legend === false ? null : this.#legend.element),
    );
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
    this.#legend.update(
      model.entries.map((entry) => ({ ...entry, shown: !model.hidden.has(entry.key) })),
      is_dark(),
    );
    this.#legend.element.hidden = model.entries.length === 0;
    const focused = document.activeElement === this.#drawing;
    this.#drawn?.destroy();
    this.#drawing.replaceChildren();
    this.#drawing.removeAttribute("tabindex");
    const nothing = what_is_missing(this.#studies, model, this.#view);
    if (nothing) this.#drawing.append(element("p", { class: "nothing" }, nothing));
    this.#drawn = nothing ? null : this.#view.draw(this.#drawing, model);
    if (this.#drawn?.key) this.#make_focusable(model);
    this.#hint.textContent = this.#drawn
      ? [this.#view.remark?.(model, this.#drawn), this.#view.hint].filter(Boolean).join(" ")
      : "";
    this.#caption.textContent = nothing
      ? ""
      : [
          this.#view.title(model),
          ...Object.entries(model.choice.fixed).map(([name, value]) => `${name} ${value}`),
        ].join("; ");
    if (focused) this.#drawing.focus({ preventScroll: true });
  }

  #make_focusable(model) {
    this.#drawing.tabIndex = 0;
    this.#drawing.setAttribute("role", "group");
    this.#drawing.setAttribute("aria-label", `Chart: ${this.#view.title(model)}. ${this.#view.hint ?? ""}`);
  }

  #key(event) {
    if (
      event.target === this.#drawing &&
      !event.ctrlKey &&
      !event.altKey &&
      !event.metaKey &&
      this.#drawn?.key?.(event.key)
    )
      event.preventDefault();
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
    for (const { key, value } of wanted)
      this.#controls.querySelector(`[data-choice="${CSS.escape(key)}"] select`).value = value;
    this.#show_reset(model);
  }

  #control({ key, label, options, value }) {
    const made = chooser(label, options, value, (chosen) =>
      this.#page.state.set({ [key]: chosen, [`zoom.${this.#view.name}`]: null }),
    );
    made.dataset.choice = key;
    return made;
  }

  #show_reset(model) {
    this.#controls.querySelector(".reset")?.remove();
    if (model.zoom)
      this.#controls.append(
        element(
          "button",
          { type: "button", class: "reset", on: { click: () => model.on_zoom(null) } },
          "Whole picture",
        ),
      );
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

// Why there is nothing to draw, if there is nothing.
function what_is_missing(all, model, view) {
  if (all.every((study) => study.runs === 0))
    return "No run of this study is finished yet: start the sweep again, and it goes on.";
  if (model.entries.length === 0) return "There is no run at these values.";
  if (view.legend !== false && model.shown.length === 0) return "All lines are hidden. Choose some from the list.";
  return "";
}
