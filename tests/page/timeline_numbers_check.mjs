// What a timeline says is what the records say: of pixels, stages and decisions.

import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { duration_text, share_text } from "../../sim/study/page/timeline/text.js";
import { check, in_browser, make_page, open, picture, work } from "./browser.mjs";
import { known_at, records_of, simulated } from "./runs.mjs";
import { busy, canvas, edf_page, edf_run, facts, near, point_at, press } from "./timeline.mjs";

const by_name = (a, b) => (a.name < b.name ? -1 : 1);

async function knowledge(page, records, every) {
  await press(page, "Escape");
  let compared = 0;
  for (let i = 3; i < records.stages.length; i += every) {
    const stage = records.stages[i];
    await point_at(page, stage);
    const { title, values, rows } = await facts(page);
    const name = `${stage.owner.name}, stage ${stage.stage + 1} on ${stage.resource} ${stage.lane}`;
    check("pointing at a stage shows it", title === name, [title, name]);
    check(`${name}: planned`, values.planned === duration_text(stage.planned_ns), values);
    check(`${name}: took`, values.took.startsWith(duration_text(stage.end_ns - stage.start_ns)), values);
    check(`${name}: slack`, values["slack then"] === duration_text(stage.slack_ns), values);
    const confidence = stage.confidence === null ? "none revealed" : share_text(stage.confidence);
    check(`${name}: confidence`, values.confidence.startsWith(confidence), values);
    const expected = known_at(records, stage).sort(by_name);
    const found = rows
      .map(([state, name, depth, confidence, planned, slack, deadline]) => ({
        name,
        state,
        depth,
        confidence,
        planned,
        slack,
        deadline,
      }))
      .sort(by_name);
    check(`${name}: the active jobs`, found.map((row) => row.name).join() === expected.map((row) => row.name).join(), [
      found,
      expected,
    ]);
    check(
      `${name}: the chosen one`,
      found
        .filter((row) => row.state === "chosen")
        .map((row) => row.name)
        .join() === stage.owner.name,
      found,
    );
    for (const [k, row] of expected.entries()) {
      const shown = found[k];
      check(`${name}: depth of ${row.name}`, shown.depth === String(row.depth), [shown, row]);
      check(`${name}: confidence of ${row.name}`, shown.confidence === share_text(row.confidence), [shown, row]);
      check(`${name}: deadline of ${row.name}`, shown.deadline === duration_text(row.deadline), [shown, row]);
      if (row.slack === null) continue;
      check(`${name}: slack of ${row.name}`, shown.slack === duration_text(row.slack), [shown, row]);
      check(`${name}: planned cost of ${row.name}`, shown.planned === duration_text(row.planned), [shown, row]);
      ++compared;
    }
  }
  console.log(`what the policy knew: ${compared} rows compared with stages.csv`);
  check("enough was compared", compared > 40, compared);
}

// Mean and most of how many jobs were in the system in [from, to), step by step.
function activity_in(records, from, to) {
  const times = [
    from,
    ...records.jobs.flatMap((job) => [job.release_ns, job.left_ns]).filter((time) => time > from && time < to),
    to,
  ].sort((a, b) => a - b);
  let sum = 0;
  let most = 0;
  for (let i = 0; i + 1 < times.length; ++i) {
    if (times[i] === times[i + 1]) continue;
    const active = records.jobs.filter((job) => job.release_ns <= times[i] && job.left_ns > times[i]).length;
    sum += active * (times[i + 1] - times[i]);
    most = Math.max(most, active);
  }
  return { mean: sum / (to - from), most };
}

const overlap = (from, to, a, b) => Math.max(0, Math.min(to, b) - Math.max(from, a));

// Zoomed out, every pixel says what happened in its time.
async function densities(page, records) {
  await press(page, "0", "Escape");
  const { x, y } = await canvas(page).boundingBox();
  for (const at of [200, 333, 471, 600, 750]) {
    await page.mouse.move(x + at, y + 400);
    const { title, values } = await facts(page);
    const [from, to] = await canvas(page).evaluate(
      ({ panel }, px) => [panel.layout.time(px), panel.layout.time(px + 1)],
      at,
    );
    const { mean, most } = activity_in(records, from, to);
    check(
      "a pixel's time: jobs in the system",
      title === "camera" && values["in the system"] === `${mean.toFixed(1)} on average, ${most} at most`,
      [values, mean, most],
    );
    const missed = records.jobs.filter((job) => job.missed && job.deadline_ns >= from && job.deadline_ns < to).length;
    check("a pixel's time: misses", values.missed === String(missed), [values, missed]);
    const [busy, lost] = await canvas(page).evaluate(
      ({ panel }, span) => panel.busyness[0].shares(...span),
      [from, to],
    );
    const sum = (begin, end) =>
      records.stages.reduce((all, stage) => all + overlap(from, to, begin(stage), end(stage)), 0) / (to - from);
    check(
      "a pixel's time: the slot's busy share",
      near(
        busy,
        sum(
          (stage) => stage.start_ns,
          (stage) => stage.end_ns,
        ),
        1e-9,
      ),
      busy,
    );
    const overrun = sum(
      (stage) => Math.max(stage.start_ns, stage.counted_until_ns),
      (stage) => stage.end_ns,
    );
    check("a pixel's time: of it overrun", near(lost, overrun, 1e-9), [lost, overrun]);
  }
}

async function one_run(browser) {
  const records = records_of(edf_run());
  const page = await edf_page(browser);
  await densities(page, records);
  await knowledge(page, records, Math.floor(records.stages.length / 40));
  await picture(page, "timeline-known");
  await page.close();
}

// Several tasks, and stages on the host beside those of the accelerator.
async function several_tracks(browser) {
  for (const scenario of ["driving", "mixed", "overload"]) {
    const folder = simulated(scenario, scenario, "edf", "--set", "/horizon/jobs=1500");
    const records = records_of(folder);
    const page = await open(browser, make_page(scenario, [folder]));
    await picture(page, `timeline-${scenario}`);
    await knowledge(page, records, Math.floor(records.stages.length / 25));
    await page.keyboard.press("Escape");
    await press(page, "-", "-", "-");
    await page.getByRole("button", { name: "task", exact: true }).click();
    await picture(page, `timeline-${scenario}-tasks`);
    check("stages by task", (await page.locator(".key").textContent()).includes(records.jobs[0].task));
    await page.close();
  }
}

// Of one cell of a validation: two runs, one time axis, and the same job in both.
async function two_worlds(browser) {
  const cell = join(work, "1-edf");
  mkdirSync(cell, { recursive: true });
  for (const [world, policy] of [
    ["simulation", "edf"],
    ["live", "lcf"],
  ])
    renameSync(
      simulated(`${world}-of-cell`, "quickstart", policy, ...busy, "--set", "/horizon/jobs=2000"),
      join(cell, world),
    );
  const page = await open(browser, make_page("cell", [cell]));
  check(
    "two runs",
    (await page.locator("section.run h2").allTextContents())
      .map((text) => text.split(" ")[1])
      .join()
      .startsWith("simulation"),
    await page.locator("section.run h2").allTextContents(),
  );
  const records = records_of(join(cell, "simulation"));
  await point_at(page, records.stages[2000]);
  const windows = await page
    .locator("canvas.schedule")
    .evaluateAll((all) => all.map(({ panel }) => [panel.window.from, panel.layout.from, panel.layout.to]));
  check("share the time axis", windows.length === 2 && String(windows[0]) === String(windows[1]), windows);
  const twin = await canvas(page, 1).evaluate(({ panel }) => panel.run.name(panel.chosen.job));
  check("and mark the same job", twin === records.stages[2000].owner.name, twin);
  await picture(page, "timeline-two-worlds");
  await page.close();
}

await in_browser("numbers of a timeline", async (browser) => {
  for (const test of [one_run, several_tracks, two_worlds]) await test(browser);
});
