// What was chosen, in terms of the studies: which runs make which lines, in which measure, held at which values.

import { axes_of, competitors_of, entries_of, kPolicy, policies_of } from "./series.js";

export const several = (axis) => axis.values.length > 1;

export function set_defaults(studies, state) {
  const initial = studies[0].initial;
  const axes = axes_of(studies);
  const measures = measures_of(studies);
  const names = competitors_of(studies);
  const given = (name, list, otherwise) => (list.includes(name) ? name : otherwise);
  state.default("study", "");
  state.default("metric", given(initial.metrics[0], measures, measures[0] ?? ""));
  state.default(
    "x",
    given(
      initial.axis,
      axes.map((axis) => axis.name),
      (axes.find(several) ?? axes[0])?.name ?? "",
    ),
  );
  state.default("hue", kPolicy);
  state.default("baseline", given(initial.baseline, names, given("edf", names, names[0] ?? "")));
  state.default(
    "against",
    given(initial.metrics[1] ?? "miss_ratio", measures, given("miss_ratio", measures, measures[0] ?? "")),
  );
  state.default("task", "");
  state.default("hide", hidden_at_first(studies));
}

function hidden_at_first(studies) {
  return studies.flatMap((study, index) =>
    study.initial.shown
      ? study.competitors
          .filter((each) => !study.initial.shown.includes(each.label))
          .map((each) => `${index} ${each.label}`)
      : [],
  );
}

export const measures_of = (studies) => [...new Set(studies.flatMap((study) => [...study.measures.keys()]))];
export const tasks_of = (studies) => [...new Set(studies.flatMap((study) => Object.keys(study.depths)))];
const measure_in = (studies, name) => studies.map((study) => study.measures.get(name)).find(Boolean);

function measure_of(key, studies, state) {
  const names = measures_of(studies);
  return measure_in(studies, state.among(key, names)) ?? measure_in(studies, names[0]);
}

// Everything that was chosen, made consistent: what is not there gives way to what is.
export function model_of(all, page, view) {
  const { state } = page;
  const study = state.among("study", ["", ...all.keys()].map(String));
  const studies = all.filter((_, i) => study === "" || study === String(i));
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
    all,
    studies,
    axes,
    x,
    choice,
    policies,
    entries,
    hidden,
    page,
    shown: entries.filter((entry) => !hidden.has(entry.key)),
    measure: measure_of("metric", studies, state),
    against: measure_of("against", studies, state),
    baseline: state.among("baseline", competitors_of(all)),
    task: state.among("task", tasks_of(studies)),
    study,
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
  const good =
    numbers.length === 4 && numbers.every(Number.isFinite) && numbers[0] < numbers[1] && numbers[2] < numbers[3];
  return {
    zoom: good ? { x: numbers.slice(0, 2), y: numbers.slice(2) } : null,
    on_zoom: (zoom) =>
      state.set({ [key]: zoom ? [...zoom.x, ...zoom.y].map((end) => Number(end.toPrecision(6))).join(",") : null }),
  };
}
