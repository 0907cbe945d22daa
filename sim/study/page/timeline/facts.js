// What is known of the thing that the pointer or the keyboard has chosen, as elements and as one sentence to be read out.
//
// A chosen thing is {kind: "stage", stage}, {kind: "job", job} or {kind: "span", task, from, to}.

import { element } from "../dom.js";
import { decision_of } from "./decision.js";
import { kNone } from "./run.js";
import { count_text, duration_text, moment_text, share_text } from "./text.js";

const kMostRows = 60;

const list = (pairs) =>
  element(
    "dl",
    {},
    pairs.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );

export function facts_of(panel, chosen) {
  if (chosen.kind === "stage") return stage_facts(panel, chosen.stage);
  if (chosen.kind === "job") return job_facts(panel.run, chosen.job);
  return span_facts(panel, chosen);
}

function ending(run, job) {
  if (run.missed(job))
    return run.stage_begin[job] === run.stage_begin[job + 1] ? "missed, no stage had started" : "missed";
  return run.correct(job) ? "right answer" : "wrong answer";
}

function from_deadline(ahead) {
  return ahead === 0
    ? "at the deadline"
    : `${duration_text(Math.abs(ahead))} ${ahead > 0 ? "before" : "after"} the deadline`;
}

function job_facts(run, job) {
  const answer = run.answer(job);
  const pairs = [
    ["outcome", ending(run, job)],
    ["released", moment_text(run.release[job])],
    [
      "deadline",
      `${moment_text(run.deadline[job])}, ${duration_text(run.deadline[job] - run.release[job])} after its release`,
    ],
    ["left", `${moment_text(run.left[job])}, ${from_deadline(run.deadline[job] - run.left[job])}`],
    ["depth", String(run.depth[job])],
  ];
  if (run.variants > 1) pairs.push(["variant", String(run.variant[job])]);
  if (answer !== kNone) {
    pairs.push(["response", duration_text(run.end[answer] - run.release[job])]);
    pairs.push(["prediction", run.prediction[job] < 0 ? "–" : `class ${run.prediction[job]}`]);
    pairs.push(["confidence", share_text(run.confidence[answer])]);
  }
  return [element("h3", {}, run.name(job)), list(pairs)];
}

function stage_facts(panel, i) {
  const { run } = panel;
  const job = run.stage_job[i];
  const decision = decision_of(run, panel.rows, i);
  const own = decision.jobs.find((row) => row.state === "chosen");
  const overrun = run.end[i] - run.counted[i];
  const pairs = [
    ["chosen at", moment_text(run.start[i])],
    ["planned", duration_text(own?.planned ?? null)],
    [
      "took",
      duration_text(run.end[i] - run.start[i]) +
        (overrun > 0 ? `, ${duration_text(overrun)} of it after the job had left` : ""),
    ],
    ["slack then", duration_text(own?.slack ?? null)],
    [
      "confidence",
      Number.isNaN(run.confidence[i])
        ? "none revealed"
        : `${share_text(run.confidence[i])}, known at ${moment_text(run.end[i])}`,
    ],
  ];
  if (job !== kNone) pairs.push(["its job", `${ending(run, job)}, left at depth ${run.depth[job]}`]);
  const title = `${run.name(job)}, stage ${run.stage[i] + 1} on ${run.track_name(run.track[i])}`;
  return [
    element("h3", {}, title),
    list(pairs),
    decision.jobs.length > 0 ? decision_table(run, decision) : null,
    run.knows ? null : no_knowledge(),
  ];
}

const no_knowledge = () =>
  element(
    "p",
    { class: "note" },
    "These records do not say what was known: stages.csv lacks confidence, planned_ns and slack_ns. Make them anew with this version.",
  );

const kColumns = ["job", "depth", "confidence", "planned", "slack", "deadline in"];
const kSigns = { chosen: "▶", running: "●", "starts too": "○", waiting: "" };

function decision_table(run, { time, jobs }) {
  const shown = jobs.slice(0, kMostRows);
  const chosen = jobs.find((row) => row.state === "chosen");
  if (chosen && !shown.includes(chosen)) shown.push(chosen);
  const hidden = jobs.length - shown.length;
  const others = Object.keys(kSigns).filter(
    (state) => kSigns[state] !== "" && shown.some((row) => row.state === state),
  );
  const head = element(
    "tr",
    {},
    element("td"),
    kColumns.map((name) => element("th", { scope: "col" }, name)),
  );
  const table = element(
    "table",
    {},
    element("thead", {}, head),
    element(
      "tbody",
      {},
      shown.map((row) => row_of(run, row, time)),
    ),
  );
  return element(
    "div",
    {},
    element("h4", {}, `What the policy knew: ${count_text(jobs.length, "active job")}, least slack first`),
    element("div", { class: "decision", tabindex: "0", role: "group", "aria-label": "Active jobs" }, table),
    element("p", { class: "note" }, others.map((state) => `${kSigns[state]} ${state}`).join("  ")),
    hidden > 0 ? element("p", { class: "note" }, `and ${count_text(hidden, "more job")}`) : null,
  );
}

function row_of(run, row, time) {
  const cells = [
    String(row.depth),
    share_text(row.confidence),
    ...[row.planned, row.slack, row.deadline - time].map(duration_text),
  ];
  return element(
    "tr",
    { class: row.state === "chosen" ? "chosen" : null, "data-state": row.state },
    element("td", { title: row.state, "aria-label": row.state }, kSigns[row.state]),
    element("th", { scope: "row", title: run.name(row.job) }, run.name(row.job)),
    cells.map((text) => element("td", {}, text)),
  );
}

function span_facts(panel, { task, from, to }) {
  const { activity, miss_times } = panel.densities[task];
  const misses = miss_times.filter((time) => time >= from && time < to).length;
  return [
    element("h3", {}, panel.run.tasks[task]),
    list([
      ["from", moment_text(from)],
      ["for", duration_text(to - from)],
      ["in the system", `${activity.mean(from, to).toFixed(1)} on average, ${activity.most(from, to)} at most`],
      ["missed", String(misses)],
    ]),
  ];
}

// One sentence, for those who don't see the picture.
export function sentence_of(panel, chosen) {
  const { run } = panel;
  if (chosen.kind === "job")
    return `${run.name(chosen.job)}: ${ending(run, chosen.job)}, released at ${moment_text(run.release[chosen.job])}, depth ${run.depth[chosen.job]}.`;
  if (chosen.kind === "span") return "";
  const i = chosen.stage;
  const { jobs } = decision_of(run, panel.rows, i);
  const own = jobs.find((row) => row.state === "chosen");
  return (
    `${run.name(run.stage_job[i])} stage ${run.stage[i] + 1} chosen at ${moment_text(run.start[i])} among ${count_text(jobs.length, "job")}` +
    (own && own.slack !== null ? `, slack ${duration_text(own.slack)}, planned ${duration_text(own.planned)}` : "") +
    (Number.isNaN(run.confidence[i])
      ? ", no confidence revealed."
      : `, then confidence ${share_text(run.confidence[i])}.`)
  );
}
