// The timeline of recorded runs: jobs as rows, stages as blocks, deadlines, misses and the exits that were used, and what
// the policy knew at each decision. Runs lie one below the other and share their time axis, so that a simulation and the
// live run of the same arrivals can be compared moment by moment.

import { element } from "../dom.js";
import { on_theme } from "../theme.js";
import { facts_of, sentence_of } from "../timeline/facts.js";
import { attach_gestures } from "../timeline/gestures.js";
import { found, next_miss, next_stage, no_miss_text, readable_span } from "../timeline/jump.js";
import { legend } from "../timeline/legend.js";
import { Panel } from "../timeline/panel.js";
import { kNone, Run } from "../timeline/run.js";
import { help, toolbar } from "../timeline/toolbar.js";
import { TimeWindow } from "../timeline/window.js";

const kAtRestAfter = 300; // ms
const kReadOutAfter = 400; // ms, so that moving the pointer does not talk without end

// A view as views.js describes it; a section is a run.
export function timeline_view(container, sections, page) {
  return new TimelineView(container, sections, page);
}

class TimelineView {
  constructor(container, sections, page) {
    const runs = sections.map((section) => new Run(section));
    this.page = page;
    this.settings = { colour_by: page.state.get("timeline.colour") === "task" ? "task" : "depth" };
    this.window = new TimeWindow(Math.max(1, ...runs.map((run) => run.length)));
    this.panels = runs.map((run) => new Panel(run, this.window, this.settings));
    this.current = this.panels[0];
    this.facts = element("aside", { class: "known", "aria-label": "Details" });
    this.message = element("p", { class: "message", role: "status" });
    this.legend = element("div", { class: "key" });
    const stack = element(
      "div",
      { class: "stack" },
      toolbar(this),
      this.message,
      this.panels.map((panel) => panel.root),
      this.legend,
    );
    container.append(element("div", { class: "timeline" }, stack, this.facts));
    for (const panel of this.panels) {
      attach_gestures(panel, this);
      panel.canvas.addEventListener("focus", () => (this.current = panel));
    }
    this.show_facts(this.current, null);
    this.restore();
    this.watch(stack);
  }

  // Sizes, colours and the address: whenever they change. The address follows when the window has come to rest.
  watch(stack) {
    const sizes = new ResizeObserver(() => this.restyle());
    const forget = [on_theme(() => this.restyle()), this.page.state.listen(() => this.restore())];
    sizes.observe(stack);
    this.window.listeners.push(() => {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.keep(), kAtRestAfter);
    });
    this.destroy = () => {
      sizes.disconnect();
      clearTimeout(this.resting);
      clearTimeout(this.speaking);
      for (const each of forget) each();
    };
  }

  keep() {
    const { from, to, whole } = this.window;
    this.kept = whole ? null : `${from.toFixed(0)}-${to.toFixed(0)}`;
    this.page.state.set({
      "timeline.ns": this.kept,
      "timeline.colour": this.settings.colour_by === "task" ? "task" : null,
    });
  }

  restore() {
    const kept = this.page.state.get("timeline.ns") ?? null;
    const [, from, to] = kept?.match(/^(-?\d+)-(\d+)$/) ?? [];
    if (kept === (this.kept ?? null)) return;
    this.kept = kept;
    if (to !== undefined && Number(to) > Number(from)) this.window.set(Number(from), Number(to));
    else this.window.show_all();
  }

  restyle() {
    for (const panel of this.panels) panel.resize();
    if (this.current.colours) this.legend.replaceChildren(legend(this.current, this.settings));
  }

  colour_by(by) {
    this.settings.colour_by = by;
    this.mark_colour();
    this.restyle();
    this.keep();
  }

  hover(panel, thing) {
    if (!this.pinned) this.show(panel, thing);
    panel.canvas.style.cursor = thing && thing.kind !== "span" ? "pointer" : "";
  }

  // Keeps a thing until another is chosen; nothing lets go of it.
  choose(panel, thing) {
    this.pinned = thing !== null && thing.kind !== "span";
    this.show(panel, thing);
  }

  show(panel, thing) {
    const job = thing && thing.kind !== "span" ? job_of(panel.run, thing) : kNone;
    for (const each of this.panels) each.chosen = each === panel ? thing : twin(each.run, panel.run, job);
    this.show_facts(panel, thing);
    for (const each of this.panels) each.redraw();
  }

  show_facts(panel, thing) {
    this.facts.replaceChildren(...(thing ? facts_of(panel, thing) : [help()]).filter((each) => each !== null));
    clearTimeout(this.speaking);
    if (thing) this.speaking = setTimeout(() => this.page.announce(sentence_of(panel, thing)), kReadOutAfter);
  }

  key(panel, event) {
    const keys = {
      n: () => this.to_miss(panel, 1),
      p: () => this.to_miss(panel, -1),
      ".": () => this.to_stage(panel, 1),
      ",": () => this.to_stage(panel, -1),
      "/": () => this.search.focus(),
      Escape: () => this.choose(panel, null),
    };
    if (!(event.key in keys)) return false;
    keys[event.key]();
    return true;
  }

  to_miss(panel, direction) {
    const middle = (this.window.from + this.window.to) / 2;
    const { run } = panel;
    const job = next_miss(run, direction, middle, panel.chosen?.kind === "job" ? panel.chosen.job : kNone);
    this.message.textContent = job === kNone ? no_miss_text(run, direction) : "";
    if (job !== kNone) this.to_job(panel, job, run.deadline[job]);
  }

  to_stage(panel, direction) {
    const { run } = panel;
    const middle = (this.window.from + this.window.to) / 2;
    if (run.stage_count === 0) return;
    const chosen = panel.chosen?.kind === "stage" ? panel.chosen.stage : kNone;
    const stage = chosen === kNone ? Math.max(0, run.stage_at(0, middle)) : next_stage(run, direction, chosen);
    if (stage === kNone) return;
    this.bring(panel, run.start[stage], run.end[stage]);
    this.choose(panel, { kind: "stage", stage });
  }

  go_to(text) {
    const panel = this.current;
    const place = found(panel.run, text);
    this.message.textContent = place.problem ?? "";
    if (place.job !== undefined) this.to_job(panel, place.job, panel.run.release[place.job]);
    if (place.time !== undefined) this.window.centre(place.time, Math.min(this.window.span, readable_span(panel.run)));
  }

  to_job(panel, job, time) {
    this.window.centre(time, Math.min(this.window.span, readable_span(panel.run)));
    panel.layout.show(this.window);
    const group = panel.layout.groups[panel.run.task[job]];
    const y = panel.layout.row_y(group, panel.rows.row[job]);
    panel.layout.scroll +=
      Math.max(0, y + panel.layout.row_height - panel.layout.height) + Math.min(0, y - panel.layout.jobs_top);
    this.choose(panel, { kind: "job", job });
  }

  // Into the window, which is zoomed only where it must be.
  bring(panel, from, to) {
    const span = Math.min(this.window.span, readable_span(panel.run));
    if (span < this.window.span || from < this.window.from || to > this.window.to)
      this.window.centre((from + to) / 2, span);
  }
}

const job_of = (run, thing) => (thing.kind === "job" ? thing.job : run.stage_job[thing.stage]);

// The same job in another run: under common luck it met the same arrival, deadline and input.
function twin(run, other, job) {
  const task = job === kNone ? kNone : run.tasks.indexOf(other.tasks[other.task[job]]);
  const same = task === kNone ? kNone : run.find_job(task, other.number[job]);
  return same === kNone ? null : { kind: "job", job: same };
}
