// Recorded runs that a timeline has to bear: crowded, empty, cut short, old, with names that would like to be markup, and large.

import { bytes_of, check, in_browser, make_page, open, picture, size_of } from "./browser.mjs";
import { known_at, records_of, simulated, without_knowledge, written } from "./runs.mjs";
import { write_study } from "./studies.mjs";
import { busy, canvas, edf_run, facts, point_at, press, shown } from "./timeline.mjs";

// Hundreds of jobs at once, more than there is room for: rows scroll, the table of a decision ends.
async function crowd(browser) {
  const folder = simulated(
    "crowd",
    "quickstart",
    "rr",
    "--set",
    "/tasks/0/arrival/load=3",
    "--set",
    "/tasks/0/deadline/uniform=[50,400]",
    "--set",
    "/horizon/jobs=5000",
  );
  const records = records_of(folder);
  const page = await open(browser, make_page("crowd", [folder]));
  await picture(page, "timeline-crowd-whole");
  await press(page, "End");
  const stage = records.stages[Math.floor(records.stages.length / 2)];
  await point_at(page, stage);
  const { rows } = await facts(page);
  const active = known_at(records, stage).length;
  const note = await page.locator(".known .note").last().textContent();
  check(
    "crowd: the first sixty and the chosen one",
    active > 100 && rows.length <= 61 && rows.some((row) => row[1] === stage.owner.name),
    [active, rows.length],
  );
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
  const study = write_study("timeline-sweep", {
    axes: [{ name: "load", values: [0.5, 1] }],
    policies: ["edf", "toll"],
    seeds: 3,
  });
  const page = await open(browser, make_page("beside", [study, edf_run()]));
  check(
    "beside a sweep: a tab for it",
    (await page.getByRole("tab").allTextContents()).join().startsWith("Lines,Differences"),
    await page.getByRole("tab").allTextContents(),
  );
  await page.getByRole("tab", { name: "Timeline" }).click();
  check("beside a sweep: the run", (await facts(page)).title === "Point at a stage" && (await shown(page)).end > 0);
  await page.getByRole("tab", { name: "Lines" }).click();
  check("beside a sweep: and back", (await page.locator("canvas.schedule").count()) === 0);
  await page.close();
}

async function old_records(browser) {
  const folder = without_knowledge("timeline-old", edf_run());
  const records = records_of(folder);
  const page = await open(browser, make_page("timeline-old", [folder]));
  await point_at(page, records.stages[1000]);
  const { values, rows } = await facts(page);
  check(
    "old records: no number where there is none",
    values.planned === "–" && values["slack then"] === "–" && values.confidence === "none revealed",
    values,
  );
  check(
    "old records: jobs and deadlines all the same",
    rows.length > 0 && rows.every((row) => row[6].endsWith("s") && row[5] === "–"),
    rows,
  );
  check(
    "old records: said",
    (await page.locator(".known .note").last().textContent()).includes("do not say what was known"),
  );
  await page.close();
}

async function empty(browser) {
  const page = await open(browser, make_page("no-jobs", [written("no-jobs", [], [])]));
  check("empty: said", (await page.locator(".note").first().textContent()).includes("No job was recorded"));
  await press(page, "n", ".", "+", "-", "0", "ArrowLeft", "Home", "End");
  check("empty: not too many jobs to draw", !(await shown(page)).dense);
  check("empty: no miss to go to", (await page.locator(".message").textContent()).includes("no job missed"));
  await picture(page, "timeline-empty");
  await page.close();
}

// A live run that was cut short has stages of jobs that left no record; a task may have no job at all.
async function cut_short(browser) {
  const folder = written(
    "cut",
    ["a,0,0,9000,0,4000,4000,0,1,1,1,0"],
    [
      "a,0,0,accelerator,0,0,4000,4000,0.5,4000,5000",
      "a,1,0,accelerator,0,4000,9000,9000,,4000,100",
      "b,0,0,host,1,500,700,700,,200,9",
    ],
  );
  const page = await open(browser, make_page("cut", [folder]));
  await point_at(page, { start_ns: 4000, end_ns: 9000, resource: "accelerator", lane: 0 });
  check(
    "a stage without a job",
    (await facts(page)).title === "a job that left no record, stage 1 on accelerator 0",
    (await facts(page)).title,
  );
  await picture(page, "timeline-cut-short");
  await page.close();
}

const kHostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)> "quoted" & \\textbf{x} \u2028\u2029 \u0007\u001b[31m <!-- ]]>`;

async function hostile(browser) {
  const name = `"${kHostile.replaceAll('"', '""')}"`;
  const jobs = [0, 1].map(
    (k) => `${name},${k},${k * 1000},${k * 1000 + 9000},${k * 4000},${k * 4000 + 4000},${k * 4000 + 4000},0,1,1,1,${k}`,
  );
  const stages = [0, 1].map(
    (k) => `${name},${k},0,${name},0,${k * 4000},${k * 4000 + 4000},${k * 4000 + 4000},0.5,4000,${5000 - 3000 * k}`,
  );
  const file = make_page("hostile-run", [written("hostile-run", jobs, stages)], "--label", kHostile);
  check("hostile: no data block ends early", bytes_of(file).toString().split("</script>").length === 3);
  const page = await open(browser, file);
  await point_at(page, { start_ns: 4000, end_ns: 8000, resource: kHostile, lane: 0 });
  const { title, rows } = await facts(page);
  check(
    "hostile: names are text",
    title.startsWith(`${kHostile}#1, stage 1 on ${kHostile} 0`) && rows[0][1] === `${kHostile}#1`,
    [title, rows],
  );
  await page.getByRole("searchbox").fill(`${kHostile.replace(/[\u2028\u2029]/g, "")}#9`);
  await page.getByRole("searchbox").press("Enter");
  check(
    "hostile: nothing became an element",
    (await page.locator("img").count()) === 0 && (await page.locator("body script:not([type])").count()) === 1,
  );
  await page.getByRole("button", { name: "task", exact: true }).click();
  await press(page, "n");
  await picture(page, "timeline-hostile");
  await page.close();
}

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))].toFixed(1);

// Times are printed and not judged: they are the machine's.
async function large(browser) {
  const folder = simulated("large", "quickstart", "rtdeepiot", ...busy, "--set", "/horizon/jobs=100000");
  const file = make_page("large", [folder]);
  const page = await open(browser, file);
  const { jobs, stages } = await canvas(page).evaluate(({ panel }) => ({
    jobs: panel.run.job_count,
    stages: panel.run.stage_count,
  }));
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
      if (zooming)
        drawn.dispatchEvent(
          new WheelEvent("wheel", { deltaY: i < 200 ? -60 : 60, cancelable: true, clientX: 700, clientY: 400 }),
        );
      else panel.window.pan(panel.window.span * 0.02);
      const now = await frame();
      frames.push(now - last);
      paints.push(panel.paint_ms);
      last = now;
    }
    return { paints: paints.sort((a, b) => a - b), frames: frames.sort((a, b) => a - b) };
  });
  const text = (name, sorted) => `${name} p50 ${quantile(sorted, 0.5)} ms, p95 ${quantile(sorted, 0.95)} ms`;
  console.log(
    `zooming and panning, 400 frames: ${text("drawing", times.paints)}; ${text("from frame to frame", times.frames)}`,
  );
  await page.close();
}

await in_browser("strange runs", async (browser) => {
  for (const test of [crowd, beside_a_sweep, old_records, empty, cut_short, hostile, large]) await test(browser);
});
