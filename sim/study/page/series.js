// Which runs make which line: from what was chosen (x, what the colours stand for, values of the other axes) to entries.
//
// An axis is of the workload or of a policy's parameter; axes that were zipped move together and count as one. An entry is a
// line: {key, label, style, study, places}, where places says for each x whose runs at which point stand there,
// {point, competitor} or null.

import { ordered_style, style_of } from "./styles.js";

export const kPolicy = "policy";

// The axes of all studies, each once: {name, title, of_policy, values: [text], numeric}.
export function axes_of(studies) {
  const axes = new Map();
  for (const study of studies) {
    study.workload_axes.forEach((axis, i) => {
      const leader = study.workload_axes.findIndex(
        (other) => other === axis || (axis.zip > 0 && other.zip === axis.zip),
      );
      if (leader === i)
        add(
          axes,
          axis.name,
          zipped_title(study, i),
          false,
          study.points.map((point) => zipped_value(study, point, i)),
        );
    });
    study.policy_axes.forEach((axis, i) =>
      add(
        axes,
        axis.name,
        axis.name,
        true,
        study.competitors.map((each) => each.values[i] ?? ""),
      ),
    );
  }
  for (const axis of axes.values()) {
    axis.numeric =
      axis.values.length > 0 && axis.values.every((value) => value.trim() !== "" && Number.isFinite(Number(value)));
    if (axis.numeric) axis.values.sort((a, b) => Number(a) - Number(b));
  }
  return [...axes.values()];
}

function add(axes, name, title, of_policy, values) {
  if (!axes.has(name)) axes.set(name, { name, title, of_policy, values: [] });
  const axis = axes.get(name);
  for (const value of values) if (value !== "" && !axis.values.includes(value)) axis.values.push(value);
}

const fellows = (study, index) =>
  study.workload_axes.flatMap((axis, i) =>
    i === index || (axis.zip > 0 && axis.zip === study.workload_axes[index].zip) ? [i] : [],
  );
const zipped_title = (study, index) =>
  fellows(study, index)
    .map((i) => study.workload_axes[i].name)
    .join(", ");
const zipped_value = (study, point, index) =>
  fellows(study, index)
    .map((i) => point[i])
    .join(", ");

// The value of an axis at a point; undefined if the study does not have the axis.
function value_at(study, point, name) {
  const index = study.workload_axes.findIndex((axis) => axis.name === name);
  return index < 0 ? undefined : zipped_value(study, study.points[point], index);
}

// The first point whose axes have these values, of axes that the study has; -1 if there is none.
function find_point(study, wanted) {
  return study.points.findIndex((_, point) =>
    Object.entries(wanted).every(([name, value]) => {
      const there = value_at(study, point, name);
      return there === undefined || there === value;
    }),
  );
}

// `choice`: {x: axis or null, hue: kPolicy or an axis of the workload, fixed: {axis: value}, policy: label}, the last if the
// colours stand for an axis.
export function entries_of(studies, choice) {
  return studies.flatMap((study, index) => {
    const prefix = studies.length > 1 ? study.label + ": " : "";
    const entries = choice.hue === kPolicy ? by_policy(study, choice) : by_axis(study, choice);
    return entries.map((entry) => ({
      ...entry,
      study,
      style: styled(entry.style, index),
      label: prefix + entry.label,
      key: `${index} ${entry.label}`,
    }));
  });
}

// Of several studies, every second has hollow markers.
const styled = (style, index) => ({ ...style, hollow: index % 2 === 1 });

const x_values = (choice) => (choice.x ? choice.x.values : [null]);
const point_of = (study, choice, x) =>
  find_point(study, choice.x && !choice.x.of_policy ? { ...choice.fixed, [choice.x.name]: x } : choice.fixed);

function by_policy(study, choice) {
  return families(study, choice).map((family) => ({
    label: family.label,
    policy: family.label,
    style: family.style,
    places: x_values(choice).map((x) => place(point_of(study, choice, x), family.at(x))),
  }));
}

const place = (point, competitor) => (point < 0 || competitor < 0 ? null : { point, competitor });

// Each competitor alone; with a policy's parameter as x, those that differ in it only together. Who does not have that
// parameter is the same everywhere.
function families(study, choice) {
  const parameter = choice.x?.of_policy ? study.policy_axes.findIndex((axis) => axis.name === choice.x.name) : -1;
  const found = new Map();
  study.competitors.forEach((each, i) => {
    const value = parameter < 0 ? "" : (each.values[parameter] ?? "");
    const label = value === "" ? each.label : without(each.label, study.policy_axes[parameter].parameter);
    if (!found.has(label))
      found.set(label, { label, members: new Map(), style: value === "" ? each.style : null, first: each });
    found.get(label).members.set(value, i);
  });
  return [...found.values()].map((family) => ({
    label: family.label,
    style: family.style ?? style_of(family.label, family.first.hash, family.first.base_hash),
    at: (x) => family.members.get(x) ?? family.members.get("") ?? -1,
  }));
}

function without(label, parameter) {
  const [name, rest] = label.split(/:(.*)/s);
  const kept = (rest ?? "").split(",").filter((each) => !each.startsWith(parameter + "="));
  return kept.length > 0 && kept[0] !== "" ? name + ":" + kept.join(",") : name;
}

function by_axis(study, choice) {
  const competitor = families(study, choice).find((family) => family.label === choice.policy);
  if (!competitor) return [];
  return choice.hue_axis.values.map((value, i) => ({
    label: `${choice.hue_axis.title} ${value}`,
    policy: choice.policy,
    style: ordered_style(i, choice.hue_axis.values.length),
    places: x_values(choice).map((x) =>
      place(
        point_of(study, { ...choice, fixed: { ...choice.fixed, [choice.hue_axis.name]: value } }, x),
        competitor.at(x),
      ),
    ),
  }));
}

// What a place says in a measure: its mean, or its difference to the baseline there; null where there is no run.
export function estimate_at(entry, at, measure, baseline) {
  const place = entry.places[at];
  if (!place) return null;
  if (!baseline) return entry.study.mean(measure, place.point, place.competitor);
  const other = entry.study.competitor(baseline);
  return other < 0 ? null : entry.study.difference(measure, place.point, place.competitor, other);
}

// The policies that a reader can choose from, as labels, each once.
export const policies_of = (studies, choice) => [
  ...new Set(studies.flatMap((study) => families(study, choice).map((family) => family.label))),
];
export const competitors_of = (studies) => [
  ...new Set(studies.flatMap((study) => study.competitors.map((each) => each.label))),
];
