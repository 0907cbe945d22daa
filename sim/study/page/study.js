// One sweep: its policies, points and runs (the format is described in sim/study/study_section.hpp), and what they say.

import { unpacked } from "./sections.js";
import { estimate, paired } from "./statistics.js";
import { style_of } from "./styles.js";

const kEmpty = Object.freeze({ seeds: [], values: [] });

export class Study {
  #data;
  #starts; // of each cell, in the values of every measure
  #columns = new Map();
  #quantiles;

  constructor(data) {
    this.#data = data;
    this.#quantiles = unpacked(data.student_t, Float64Array);
    let runs = 0;
    this.#starts = data.cells.map((list) => {
      const start = runs;
      runs += list < 0 ? 0 : data.seeds[list].length;
      return start;
    });
    this.measures = new Map(data.measures.map((measure) => [measure.name, measure]));
    this.competitors = data.competitors.map((each) => ({
      ...each,
      style: style_of(each.label, each.hash, each.base_hash),
    }));
    this.workload_axes = data.axes.filter((axis) => axis.policy === "");
    this.policy_axes = data.axes.filter((axis) => axis.policy !== "");
  }

  get label() {
    return this.#data.label;
  }
  get level() {
    return this.#data.level;
  }
  get runs() {
    return this.#data.runs;
  }
  get notes() {
    return this.#data.notes;
  }
  get points() {
    return this.#data.points;
  }
  get depths() {
    return this.#data.depths;
  }
  get manifest() {
    return this.#data.manifest;
  }
  get initial() {
    return this.#data.initial;
  }

  // Half an interval in standard errors.
  t = (degrees) => this.#quantiles[degrees - 1];

  // Which competitor's runs a row shows at a point; a row for the best of several has others'. -1: nobody's.
  who(point, competitor) {
    const chosen = this.competitors[competitor].chosen;
    return chosen ? (chosen[point] ?? -1) : competitor;
  }

  cell(point, competitor) {
    const who = this.who(point, competitor);
    return who < 0 ? -1 : point * this.competitors.length + who;
  }

  // One measure of one competitor at one point: the seeds that have a value.
  series(measure, point, competitor) {
    const cell = this.cell(point, competitor);
    if (cell < 0 || this.#data.cells[cell] < 0 || !this.measures.has(measure)) return kEmpty;
    const all = this.#data.seeds[this.#data.cells[cell]];
    const value = this.#value_of(measure);
    const found = { seeds: [], values: [] };
    all.forEach((seed, i) => {
      const number = value(this.#starts[cell] + i);
      if (Number.isNaN(number)) return;
      found.seeds.push(seed);
      found.values.push(number);
    });
    return found;
  }

  #value_of(measure) {
    if (!this.#columns.has(measure)) {
      const values = this.measures.get(measure).values;
      const column = typeof values === "string" ? unpacked(values, Float32Array) : null;
      this.#columns.set(measure, column ? (run) => column[run] : () => values);
    }
    return this.#columns.get(measure);
  }

  mean(measure, point, competitor) {
    return estimate(this.series(measure, point, competitor), this.t);
  }

  // competitor - baseline, paired by seed.
  difference(measure, point, competitor, baseline) {
    return estimate(paired(this.series(measure, point, competitor), this.series(measure, point, baseline)), this.t);
  }

  // Whether a competitor stands out, or cannot be told from the best, at a point: "best", "tied" or "".
  mark(measure, point, competitor) {
    const among = this.measures.get(measure)?.best[point];
    if (!among || !among.includes(competitor)) return "";
    return among.length === 1 ? "best" : "tied";
  }

  // {mean, half} of a bound of the accuracy, or null.
  bound(name, point) {
    const pair = this.#data.bounds?.[name][point];
    return pair ? { mean: pair[0], half: pair[1] } : null;
  }

  // Jobs that left at each depth, of all tasks ("") or one.
  depth_counts(task, point, competitor) {
    const cell = this.cell(point, competitor);
    return cell < 0 ? null : (this.#data.depths[task]?.[cell] ?? null);
  }

  competitor(label) {
    return this.competitors.findIndex((each) => each.label === label);
  }
}
