// Result folders of sweeps, made up: for the page what a sweep would have written, at once and of any size.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { work } from "./browser.mjs";

// The same numbers every time: a linear congruential generator, 0 to 1.
function luck() {
  let state = 12345;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
}

const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export const kMeasures =
  "jobs,missed,miss_ratio,accuracy,weighted_accuracy,mean_depth,depth_histogram,utilisation,overrun_ms,response_mean_ms,response_p50_ms,response_p95_ms,response_p99_ms,response_max_ms,decisions,length_ms,complete,stopped,cut,missed_unstarted,missed_late,preemptions,backlog_trend";

// All measures of a run; `hard` from 0 (idle) on.
function measures(hard, random) {
  const jobs = 20000;
  const missed = Math.min(jobs, Math.round(jobs * Math.max(0, 0.04 * hard * hard + 0.002 * random())));
  const depths = [missed, 0.2, 0.2, 0.6].map((share, depth) =>
    depth === 0 ? missed : Math.round((jobs - missed) * share),
  );
  const response = 2 + hard + 0.1 * random();
  return [
    jobs,
    missed,
    missed / jobs,
    (0.95 - 0.08 * hard) * (1 - missed / jobs) + 0.002 * random(),
    0.9 + 0.01 * random(),
    2.4 - 0.3 * hard + 0.01 * random(),
    depths.join(";"),
    Math.min(1, 0.4 * hard),
    3 * random(),
    response,
    0.8 * response,
    2 * response,
    3 * response,
    4 * response,
    60000 + Math.round(1000 * random()),
    90000 + random(),
    depths[3],
    depths[2],
    depths[1],
    missed,
    0,
    Math.round(50 * random()),
    1 + 0.1 * random(),
  ];
}

// `study`: {axes: [{name, values, policy?, parameter?}], zip, policies, seeds, omit(point, policy, seed, name of a measure),
// bounds, rows: keep this many}. A policy with a parameter's axis is written once for each value.
export function write_study(name, study) {
  const folder = join(work, name);
  const workload = study.axes.filter((axis) => !axis.policy);
  const own = study.axes.filter((axis) => axis.policy);
  const configuration = { kind: "sweep", policies: study.policies, axes: study.axes, zip: study.zip ?? [] };
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify(
      {
        schema: "laxity.manifest/2",
        what: "a sweep",
        created: "2026-11-25T10:02:00Z",
        tool: "laxity 0.1.0",
        command: study.command ?? "laxity sweep",
        configuration,
      },
      null,
      2,
    ),
  );
  const random = luck();
  const lines = [
    [...study.axes.map((axis) => axis.name), "policy", "seed", kMeasures]
      .map((field, i, all) => (i + 1 === all.length ? field : quoted(field)))
      .join(","),
  ];
  points(study, workload).forEach((point, at) => {
    for (const [k, policy] of study.policies.entries()) {
      for (const parameters of choices(own.map((axis) => (axis.policy === policy ? axis.values : [""])))) {
        for (let seed = 1; seed <= study.seeds; ++seed) {
          const hard =
            (0.2 + at * (3 / Math.max(1, study.hardest ?? 20))) * (1 + 0.05 * k + 0.02 * Number(parameters[0] || 0));
          const names = kMeasures.split(",");
          const values = measures(hard, random).map((value, i) =>
            study.omit?.(at, policy, seed, names[i]) ? "" : value,
          );
          const axes = [...point, ...parameters].map((value) =>
            typeof value === "string" && value !== "" ? JSON.stringify(value) : String(value),
          );
          lines.push([...axes.map(quoted), quoted(policy), seed, ...values].join(","));
        }
      }
    }
  });
  writeFileSync(join(folder, "runs.csv"), lines.slice(0, 1 + (study.rows ?? Infinity)).join("\n") + "\n");
  if (study.bounds) writeFileSync(join(folder, "bounds.csv"), bounds(study, workload));
  return folder;
}

// The same at every point: 0.97 in the mean.
function bounds(study, axes) {
  const lines = [[...axes.map((axis) => quoted(axis.name)), "seed,jobs,clairvoyant,least"].join(",")];
  for (const point of points(study, axes)) {
    for (let seed = 1; seed <= study.seeds; ++seed) {
      const values = point.map((value) => quoted(typeof value === "string" ? JSON.stringify(value) : String(value)));
      lines.push([...values, seed, 20000, 0.99, seed % 2 ? 0.98 : 0.96].join(","));
    }
  }
  return lines.join("\n") + "\n";
}

const choices = (lists) =>
  lists.reduce((all, list) => all.flatMap((each) => list.map((value) => [...each, value])), [[]]);

// Axes that are zipped move together: then all of them do.
function points(study, axes) {
  if (study.zip) return axes[0].values.map((_, i) => axes.map((axis) => axis.values[i]));
  return choices(axes.map((axis) => axis.values));
}
