// What there is to choose from above a view: for each choice {key, label, options: [[value, text]], value}. Where there is
// only one option there is nothing to choose.

import { measures_of, several, tasks_of } from "./model.js";
import { title_of } from "./numbers.js";
import { competitors_of, kPolicy } from "./series.js";

export function controls_of(model, names) {
  const axis_options = (axes) => axes.map((axis) => [axis.name, axis.title]);
  const measures = measures_of(model.studies);
  const workload = model.axes.filter((axis) => !axis.of_policy && several(axis) && axis !== model.x);
  const tasks = tasks_of(model.studies);
  const all = {
    study: {
      label: "Study",
      options: [["", "all"], ...model.all.map((study, i) => [String(i), study.label])],
      value: model.study,
    },
    metric: {
      label: "Measure",
      options: measures.map((name) => [name, title_of({ name })]),
      value: model.measure?.name,
    },
    against: {
      label: "Against",
      options: measures.map((name) => [name, title_of({ name })]),
      value: model.against?.name,
    },
    x: { label: "Along", options: axis_options(model.axes.filter(several)), value: model.x?.name },
    hue: { label: "Lines", options: [[kPolicy, "policies"], ...axis_options(workload)], value: model.choice.hue },
    policy: {
      label: "Policy",
      options: model.choice.hue === kPolicy ? [] : model.policies.map((name) => [name, name]),
      value: model.choice.policy,
    },
    baseline: {
      label: "Baseline",
      options: competitors_of(model.studies).map((name) => [name, name]),
      value: model.baseline,
    },
    task: { label: "Task", options: tasks.map((name) => [name, name || "all"]), value: model.task },
  };
  const fixed = workload
    .filter((axis) => axis.name in model.choice.fixed)
    .map((axis) => ({
      key: `at.${axis.name}`,
      label: axis.title,
      options: axis.values.map((value) => [value, value]),
      value: model.choice.fixed[axis.name],
    }));
  const chosen = names.flatMap((key) => (key === "fixed" ? fixed : [{ key, ...all[key] }]));
  const worth_it = ({ key, options }) => options.length > (key === "study" ? 2 : 1);
  return chosen.filter(worth_it);
}
