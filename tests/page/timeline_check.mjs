// The timeline of recorded runs: what it shows is what the records say, however one gets there.

import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { duration_text, share_text } from "../../sim/study/page/timeline/text.js";
import { bytes_of, check, in_browser, make_page, open, picture, size_of, work } from "./browser.mjs";
import { known_at, records_of, simulated, without_knowledge, written } from "./runs.mjs";
import { write_study } from "./studies.mjs";

const canvas = (page, run = 0) => page.locator("canvas.schedule").nth(run);
const settled = (page) => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

// {from, to} in ns, and whether jobs are shown as densities.
async function shown(page) {
  await settled(page);
  return canvas(page).evaluate(({ panel }) => ({ from: panel.window.from, to: panel.window.to, end: panel.window.end, dense: panel.layout.dense }));
}

async function press(page, ...keys) {
  for (const key of keys) await canvas(page).press(key);
  return shown(page);
}

const near = (a, b, tolerance) => Math.abs(a - b) <= tolerance;
const facts = (page) => page.locator(".known").evaluate((aside) => {
  const texts = (selector) => [...aside.querySelectorAll(selector)].map((each) => each.textContent);
  const names = texts("dt");
  return { title: texts("h3")[0], values: Object.fromEntries(texts("dd").map((text, i) => [names[i], text])), rows: [...aside.querySelectorAll("tbody tr")].map((row) => [row.dataset.state, ...[...row.children].slice(1).map((cell) => cell.textContent)]) };
});

async function moving(page) {
  const whole = await shown(page);
  check("the whole run at first", whole.from <= 0 && whole.to >= whole.end && whole.dense, whole);
  const { x, y } = await canvas(page).boundingBox();
  const time_at = (px) => canvas(page).evaluate(({ panel }, at) => panel.layout.time(at), px);

  const before = await time_at(600);
  await page.mouse.move(x + 600, y + 300);
  await page.mouse.wheel(0, -700);
  const zoomed = await shown(page);
  check("the wheel zooms", zoomed.to - zoomed.from < 0.5 * (whole.to - whole.from), zoomed);
  check("around the pointer", near(await time_at(600), before, (zoomed.to - zoomed.from) / 200));

  await page.mouse.down();
  await page.mouse.move(x + 500, y + 300, { steps: 4 });
  await page.mouse.up();
  check("dragging moves", near(await time_at(500), before, (zoomed.to - zoomed.from) / 200));

  const [from, to] = [await time_at(300), await time_at(420)];
  await page.keyboard.down("Shift");
  await page.mouse.move(x + 300, y + 300);
  await page.mouse.down();
  await page.mouse.move(x + 420, y + 300, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  const brushed = await shown(page);
  check("a brush picks a span", near(brushed.from, from, 1) && near(brushed.to, to, 1), [brushed, from, to]);
  await picture(page, "timeline-brushed");
}

async function keys(page) {
  const whole = await press(page, "0");
  const zoomed = await press(page, "+", "+", "+");
  check("+ zooms in", near((zoomed.to - zoomed.from) * 1.5 ** 3, whole.to - whole.from, whole.end * 0.03), zoomed);
  const moved = await press(page, "ArrowRight");
  check("an arrow moves", moved.from > zoomed.from && near(moved.to - moved.from, zoomed.to - zoomed.from, 1), moved);
  check("Home", near(((await press(page, "Home")).from), 0, 1));
  check("End", near((await press(page, "End")).to, whole.end, 1));
  const out = await press(page, "-", "-", "-", "-", "-", "-");
  check("- zooms out to the whole", out.from <= 0 && out.to >= out.end, out);
}

async function overview(page) {
  await press(page, "0", "+", "+", "+", "+");
  const strip = await page.locator("canvas.overview").first().boundingBox();
  await page.mouse.click(strip.x + strip.width - 60, strip.y + 20);
  const late = await shown(page);
  check("a click in the overview goes there", (late.from + late.to) / 2 > 0.85 * late.end, late);
  await page.mouse.move(strip.x + 300, strip.y + 20);
  await page.mouse.down();
  await page.mouse.move(strip.x + 400, strip.y + 20, { steps: 4 });
  await page.mouse.up();
  const span = await shown(page);
  check("a brush in the overview picks a span", span.from > 0 && span.to < 0.5 * span.end, span);
}

async function misses(page, records) {
  await press(page, "0", "Home");
  const missed = records.jobs.filter((job) => job.missed).sort((a, b) => a.deadline_ns - b.deadline_ns);
  await press(page, "+", "+", "+", "+", "+", "+", "+", "+", "Home");
  const middle = await shown(page);
  const first = missed.findIndex((job) => job.deadline_ns > (middle.from + middle.to) / 2);
  for (const [key, at] of [["n", first], ["n", first + 1], ["n", first + 2], ["p", first + 1]]) {
    const window = await press(page, key);
    const job = missed[at];
    check(`${key} goes to a miss`, window.from < job.deadline_ns && window.to > job.deadline_ns && !window.dense, [window, job]);
    const { title, values } = await facts(page);
    check("which is named, and said to be one", title === job.name && values.outcome.startsWith("missed"), [title, values]);
  }
  await picture(page, "timeline-miss");
}

async function jumping(page, records) {
  const job = records.jobs[Math.floor(records.jobs.length / 2)];
  const go = async (text) => {
    await page.getByRole("searchbox").fill(text);
    await page.getByRole("searchbox").press("Enter");
    return shown(page);
  };
  const window = await go(job.name);
  check("a search goes to a job", window.from < job.release_ns && window.to > job.release_ns && (await facts(page)).title === job.name, window);
  const before = await shown(page);
  await go("nobody#1");
  check("and says what is not there", (await page.locator(".message").textContent()).includes("no task is called nobody"));
  check("without moving", (await shown(page)).from === before.from);
  const moment = await go("20 ms");
  check("a moment", near((moment.from + moment.to) / 2, 20e6, 1), moment);
}

// Where a stage is on its track, after the window was brought there.
async function point_at(page, stage, run = 0) {
  const place = await canvas(page, run).evaluate(({ panel }, { start_ns, end_ns, resource, lane }) => {
    panel.window.centre((start_ns + end_ns) / 2, 20 * (end_ns - start_ns));
    panel.paint();
    const track = panel.run.tracks.findIndex(([name, of]) => name === resource && of === lane);
    return { x: panel.layout.x((start_ns + end_ns) / 2), y: panel.layout.track_y(track) + 8 };
  }, stage);
  const box = await canvas(page, run).boundingBox();
  await page.mouse.move(box.x + place.x - 1, box.y + place.y);
  await page.mouse.move(box.x + place.x, box.y + place.y);
}

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
    const found = rows.map(([state, name, depth, confidence, planned, slack, deadline]) => ({ name, state, depth, confidence, planned, slack, deadline })).sort(by_name);
    check(`${name}: the active jobs`, found.map((row) => row.name).join() === expected.map((row) => row.name).join(), [found, expected]);
    check(`${name}: the chosen one`, found.filter((row) => row.state === "chosen").map((row) => row.name).join() === stage.owner.name, found);
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
  const times = [from, ...records.jobs.flatMap((job) => [job.release_ns, job.left_ns]).filter((time) => time > from && time < to), to].sort((a, b) => a - b);
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
    const [from, to] = await canvas(page).evaluate(({ panel }, px) => [panel.layout.time(px), panel.layout.time(px + 1)], at);
    const { mean, most } = activity_in(records, from, to);
    check("a pixel's time: jobs in the system", title === "camera" && values["in the system"] === `${mean.toFixed(1)} on average, ${most} at most`, [values, mean, most]);
    const missed = records.jobs.filter((job) => job.missed && job.deadline_ns >= from && job.deadline_ns < to).length;
    check("a pixel's time: misses", values.missed === String(missed), [values, missed]);
    const [busy, lost] = await canvas(page).evaluate(({ panel }, span) => panel.busyness[0].shares(...span), [from, to]);
    const sum = (begin, end) => records.stages.reduce((all, stage) => all + overlap(from, to, begin(stage), end(stage)), 0) / (to - from);
    check("a pixel's time: the slot's busy share", near(busy, sum((stage) => stage.start_ns, (stage) => stage.end_ns), 1e-9), busy);
    const overrun = sum((stage) => Math.max(stage.start_ns, stage.counted_until_ns), (stage) => stage.end_ns);
    check("a pixel's time: of it overrun", near(lost, overrun, 1e-9), [lost, overrun]);
  }
}

async function one_run(browser) {
  const folder = simulated("edf", "quickstart", "edf", "--set", "/tasks/0/arrival/load=1.6", "--set", "/horizon/jobs=2000");
  const records = records_of(folder);
  const page = await open(browser, make_page("edf", [folder]));
  await picture(page, "timeline-whole");
  await moving(page);
  await densities(page, records);
  await keys(page);
  await overview(page);
  await misses(page, records);
  await jumping(page, records);
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

async function decisions_by_keys(browser) {
  const page = await open(browser, join(work, "edf.html"));
  await press(page, "n");
  const seen = [];
  for (let i = 0; i < 6; ++i) {
    await press(page, ".");
    seen.push((await facts(page)).title);
  }
  check("each press goes to another decision", new Set(seen).size === 6 && seen.every((title) => title.includes("stage")), seen);
  await press(page, ",");
  check("and back", (await facts(page)).title === seen[4]);
  await page.waitForTimeout(600);
  const spoken = await page.locator('[aria-live="polite"]').textContent();
  check("read out", spoken.includes("chosen at") && spoken.includes("slack"), spoken);
  await press(page, "Escape");
  check("Escape lets go", (await facts(page)).title === "Point at a stage");
  await page.close();
}

async function address(browser) {
  const page = await open(browser, join(work, "edf.html"), "view=timeline&timeline.ns=1000000-3000000&timeline.colour=task");
  const window = await shown(page);
  check("the address brings back the window", window.from === 1e6 && window.to === 3e6, window);
  await press(page, "+");
  await page.waitForTimeout(500);
  check("and follows it", !page.url().includes("1000000-3000000") && page.url().includes("timeline.ns="), page.url());
  await page.close();
}

// Two fingers that go apart, at 300 and 500 pixels and then at 200 and 600.
async function fingers(browser) {
  const page = await open(browser, join(work, "edf.html"), "", { hasTouch: true });
  const before = await shown(page);
  const { x, y } = await canvas(page).boundingBox();
  const devtools = await page.context().newCDPSession(page);
  const touch = (type, ...places) => devtools.send("Input.dispatchTouchEvent", { type, touchPoints: places.map((at, id) => ({ x: x + at, y: y + 300, id })) });
  await touch("touchStart", 300, 500);
  for (const step of [25, 50, 75, 100]) await touch("touchMove", 300 - step, 500 + step);
  await touch("touchEnd");
  const after = await shown(page);
  const zoomed = (after.to - after.from) / (before.to - before.from);
  check("two fingers zoom", near(zoomed, 0.5, 0.02), zoomed);
  await page.close();
}

// Hundreds of jobs at once, more than there is room for: rows scroll, the table of a decision ends.
async function crowd(browser) {
  const folder = simulated("crowd", "quickstart", "rr", "--set", "/tasks/0/arrival/load=3", "--set", "/tasks/0/deadline/uniform=[50,400]", "--set", "/horizon/jobs=5000");
  const records = records_of(folder);
  const page = await open(browser, make_page("crowd", [folder]));
  await picture(page, "timeline-crowd-whole");
  await press(page, "End");
  const stage = records.stages[Math.floor(records.stages.length / 2)];
  await point_at(page, stage);
  const { rows } = await facts(page);
  const active = known_at(records, stage).length;
  const note = await page.locator(".known .note").last().textContent();
  check("crowd: the first sixty and the chosen one", active > 100 && rows.length <= 61 && rows.some((row) => row[1] === stage.owner.name), [active, rows.length]);
  check("crowd: and how many more", note.startsWith(`and ${active - rows.length} more jobs`), note);
  await canvas(page).evaluate(({ panel }) => panel.window.centre(panel.window.end / 2, panel.window.end / 20));
  const scroll = () => canvas(page).evaluate(({ panel }) => panel.layout.scroll);
  await press(page, "ArrowDown", "ArrowDown");
  check("crowd: rows scroll", (await scroll()) > 0, await scroll());
  await picture(page, "timeline-crowd");
  await page.close();
}

// A sweep and a run beside it: all views of the one, and the timeline of the other.
async function beside_a_sweep(browser) {
  const study = write_study("sweep", { axes: [{ name: "load", values: [0.5, 1] }], policies: ["edf", "toll"], seeds: 3 });
  const page = await open(browser, make_page("beside", [study, join(work, "edf")]));
  check("beside a sweep: a tab for it", (await page.getByRole("tab").allTextContents()).join().startsWith("Lines,Differences"), await page.getByRole("tab").allTextContents());
  await page.getByRole("tab", { name: "Timeline" }).click();
  check("beside a sweep: the run", (await facts(page)).title === "Point at a stage" && (await shown(page)).end > 0);
  await page.getByRole("tab", { name: "Lines" }).click();
  check("beside a sweep: and back", (await page.locator("canvas.schedule").count()) === 0);
  await page.close();
}

async function old_records(browser) {
  const folder = without_knowledge("old", join(work, "edf"));
  const records = records_of(folder);
  const page = await open(browser, make_page("old", [folder]));
  await point_at(page, records.stages[1000]);
  const { values, rows } = await facts(page);
  check("old records: no number where there is none", values.planned === "–" && values["slack then"] === "–" && values.confidence === "none revealed", values);
  check("old records: jobs and deadlines all the same", rows.length > 0 && rows.every((row) => row[6].endsWith("s") && row[5] === "–"), rows);
  check("old records: said", (await page.locator(".known .note").last().textContent()).includes("do not say what was known"));
  await page.close();
}

async function empty(browser) {
  const page = await open(browser, make_page("empty", [written("empty", [], [])]));
  check("empty: said", (await page.locator(".note").first().textContent()).includes("No job was recorded"));
  await press(page, "n", ".", "+", "-", "0", "ArrowLeft", "Home", "End");
  check("empty: no miss to go to", (await page.locator(".message").textContent()).includes("no job missed"));
  await picture(page, "timeline-empty");
  await page.close();
}

// A live run that was cut short has stages of jobs that left no record; a task may have no job at all.
async function cut_short(browser) {
  const folder = written("cut", ["a,0,0,9000,0,4000,4000,0,1,1,1,0"], ["a,0,0,accelerator,0,0,4000,4000,0.5,4000,5000", "a,1,0,accelerator,0,4000,9000,9000,,4000,100", "b,0,0,host,1,500,700,700,,200,9"]);
  const page = await open(browser, make_page("cut", [folder]));
  await point_at(page, { start_ns: 4000, end_ns: 9000, resource: "accelerator", lane: 0 });
  check("a stage without a job", (await facts(page)).title === "a job that left no record, stage 1 on accelerator 0", (await facts(page)).title);
  await picture(page, "timeline-cut-short");
  await page.close();
}

const kHostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & \\textbf{x} \u2028\u2029 \u0007\u001b[31m <!-- ]]>`;

async function hostile(browser) {
  const name = `"${kHostile.replaceAll('"', '""')}"`;
  const jobs = [0, 1].map((k) => `${name},${k},${k * 1000},${k * 1000 + 9000},${k * 4000},${k * 4000 + 4000},${k * 4000 + 4000},0,1,1,1,${k}`);
  const stages = [0, 1].map((k) => `${name},${k},0,${name},0,${k * 4000},${k * 4000 + 4000},${k * 4000 + 4000},0.5,4000,${5000 - 3000 * k}`);
  const file = make_page("hostile-run", [written("hostile-run", jobs, stages)], "--label", kHostile);
  check("hostile: no data block ends early", bytes_of(file).toString().split("</script>").length === 3);
  const page = await open(browser, file);
  await point_at(page, { start_ns: 4000, end_ns: 8000, resource: kHostile, lane: 0 });
  const { title, rows } = await facts(page);
  check("hostile: names are text", title.startsWith(`${kHostile}#1, stage 1 on ${kHostile} 0`) && rows[0][1] === `${kHostile}#1`, [title, rows]);
  await page.getByRole("searchbox").fill(`${kHostile.replace(/[\u2028\u2029]/g, "")}#9`);
  await page.getByRole("searchbox").press("Enter");
  check("hostile: nothing became an element", (await page.locator("img").count()) === 0 && (await page.locator("body script:not([type])").count()) === 1);
  await page.getByRole("button", { name: "task", exact: true }).click();
  await press(page, "n");
  await picture(page, "timeline-hostile");
  await page.close();
}

// Of one cell of a validation: two runs, one time axis, and the same job in both.
async function two_worlds(browser) {
  const cell = join(work, "1-edf");
  mkdirSync(cell, { recursive: true });
  for (const [world, policy] of [["simulation", "edf"], ["live", "lcf"]])
    renameSync(simulated(`${world}-of-cell`, "quickstart", policy, "--set", "/tasks/0/arrival/load=1.6", "--set", "/horizon/jobs=2000"), join(cell, world));
  const page = await open(browser, make_page("cell", [cell]));
  check("two runs", (await page.locator("section.run h2").allTextContents()).map((text) => text.split(" ")[1]).join().startsWith("simulation"), await page.locator("section.run h2").allTextContents());
  const records = records_of(join(cell, "simulation"));
  await point_at(page, records.stages[2000]);
  const windows = await page.locator("canvas.schedule").evaluateAll((all) => all.map(({ panel }) => [panel.window.from, panel.layout.from, panel.layout.to]));
  check("share the time axis", windows.length === 2 && String(windows[0]) === String(windows[1]), windows);
  const twin = await canvas(page, 1).evaluate(({ panel }) => panel.run.name(panel.chosen.job));
  check("and mark the same job", twin === records.stages[2000].owner.name, twin);
  await picture(page, "timeline-two-worlds");
  await page.close();
}

async function looks(browser) {
  const page = await open(browser, join(work, "edf.html"), "", { colorScheme: "dark" });
  await press(page, "n");
  await picture(page, "timeline-dark");
  const pixel = () => canvas(page).evaluate((drawn) => [...drawn.getContext("2d").getImageData(drawn.width - 40, drawn.height - 10, 1, 1).data]);
  await page.pdf({ path: join(work, "timeline.pdf") });
  check("prints", size_of(join(work, "timeline.pdf")) > 5000);
  await page.emulateMedia({ media: "print" });
  await picture(page, "timeline-print");
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: 380, height: 800 });
  await settled(page);
  check("narrow: nothing sticks out", (await page.evaluate(() => document.documentElement.scrollWidth)) <= 380, await page.evaluate(() => document.documentElement.scrollWidth));
  await picture(page, "timeline-narrow");
  check("drawn", (await pixel()).length === 4);
  await page.close();
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1);

// Times are printed and not judged: they are the machine's.
async function large(browser) {
  const folder = simulated("large", "quickstart", "rtdeepiot", "--set", "/tasks/0/arrival/load=1.6", "--set", "/horizon/jobs=100000");
  const file = make_page("large", [folder]);
  const page = await open(browser, file);
  const { jobs, stages } = await canvas(page).evaluate(({ panel }) => ({ jobs: panel.run.job_count, stages: panel.run.stage_count }));
  check("100,000 jobs", jobs === 100000, jobs);
  check("their page has less than 10 MB", size_of(file) < 10e6, size_of(file));
  console.log(`${jobs} jobs, ${stages} stages: ${size_of(file)} bytes, ready after ${Math.round(page.load_ms)} ms`);
  await picture(page, "timeline-large");
  const times = await canvas(page).evaluate(async (drawn) => {
    const { panel } = drawn;
    const paints = [];
    const frames = [];
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    let last = await frame();
    for (let i = 0; i < 400; ++i) {
      const zooming = i % 200 < 100;
      if (zooming) drawn.dispatchEvent(new WheelEvent("wheel", { deltaY: i < 200 ? -60 : 60, cancelable: true, clientX: 700, clientY: 400 }));
      else panel.window.pan(panel.window.span * 0.02);
      const now = await frame();
      frames.push(now - last);
      paints.push(panel.paint_ms);
      last = now;
    }
    return { paints: paints.sort((a, b) => a - b), frames: frames.sort((a, b) => a - b) };
  });
  const text = (name, sorted) => `${name} p50 ${quantile(sorted, 0.5)} ms, p95 ${quantile(sorted, 0.95)} ms`;
  console.log(`zooming and panning, 400 frames: ${text("drawing", times.paints)}; ${text("from frame to frame", times.frames)}`);
  await page.close();
}

await in_browser("timeline", async (browser) => {
  for (const test of [one_run, several_tracks, decisions_by_keys, fingers, crowd, beside_a_sweep, address, old_records, empty, cut_short, hostile, two_worlds, looks, large]) await test(browser);
});
