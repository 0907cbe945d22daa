// Result folders of recorded runs: simulated ones, and such as no simulation writes.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { laxity, rows_of, work } from "./browser.mjs";

export const scenarios = join(dirname(fileURLToPath(import.meta.url)), "../../workloads/scenarios");
const kJobs = "task,job,release_ns,deadline_ns,start_ns,exit_ns,left_ns,variant,depth,prediction,correct,missed";
const kStages = "task,job,stage,resource,lane,start_ns,end_ns,counted_until_ns,confidence,planned_ns,slack_ns";

export function simulated(name, scenario, policy, ...options) {
  const folder = join(work, name);
  mkdirSync(dirname(folder), { recursive: true });
  laxity(
    "simulate",
    "--workload",
    join(scenarios, `${scenario}.json`),
    "--policy",
    policy,
    "--out",
    folder,
    ...options,
  );
  return folder;
}

// Rows are texts as in the files.
export function written(name, jobs, stages, stage_columns = kStages) {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "jobs.csv"), [kJobs, ...jobs].join("\n") + "\n");
  writeFileSync(join(folder, "stages.csv"), [stage_columns, ...stages].join("\n") + "\n");
  return folder;
}

// The same run as it was recorded before stages.csv said what was known.
export function without_knowledge(name, folder) {
  const lines = (file) => readFileSync(join(folder, file), "utf8").trimEnd().split("\n");
  const cut = lines("stages.csv").map((line) => line.split(",").slice(0, -3).join(","));
  return written(name, lines("jobs.csv").slice(1), cut.slice(1), cut[0]);
}

const number = (text) => (text === "" ? null : Number(text));

// {jobs, stages} of a folder, numbers as numbers and null where there is none.
export function records_of(folder) {
  const read = (file) =>
    rows_of(readFileSync(join(folder, file), "utf8")).map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, text]) => [name, name === "task" || name === "resource" ? text : number(text)]),
      ),
    );
  const jobs = read("jobs.csv").map((job) => ({ ...job, name: `${job.task}#${job.job}`, stages: [] }));
  const by_name = new Map(jobs.map((job) => [job.name, job]));
  const stages = read("stages.csv").map((stage) => ({ ...stage, owner: by_name.get(`${stage.task}#${stage.job}`) }));
  for (const stage of stages) stage.owner?.stages.push(stage);
  return { jobs, stages, by_name };
}

// What the policy knew when it chose a stage, straight from the records: [{name, depth, confidence, slack, deadline}], the
// slack of a job that was not chosen from its own next stage, or null if it had none.
export function known_at(records, stage) {
  const time = stage.start_ns;
  const active = records.jobs.filter((job) => (job.release_ns <= time && job.left_ns > time) || job === stage.owner);
  return active.map((job) => {
    const done = job.stages.filter((each) => each.end_ns <= time);
    const next = job.stages.find((each) => each.end_ns > time);
    return {
      name: job.name,
      depth: done.length,
      confidence: done.at(-1)?.confidence ?? null,
      slack: next ? next.slack_ns + (next.start_ns - time) : null,
      planned: next ? next.planned_ns : null,
      deadline: job.deadline_ns - time,
    };
  });
}
