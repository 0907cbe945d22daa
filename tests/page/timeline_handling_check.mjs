// Moving about in a timeline, with pointer, wheel, fingers and keys: where one gets to.

import { join } from "node:path";
import { check, in_browser, picture, size_of, work } from "./browser.mjs";
import { records_of } from "./runs.mjs";
import { canvas, edf_page, edf_run, facts, near, press, settled, shown } from "./timeline.mjs";

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
  check("Home", near((await press(page, "Home")).from, 0, 1));
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
  for (const [key, at] of [
    ["n", first],
    ["n", first + 1],
    ["n", first + 2],
    ["p", first + 1],
  ]) {
    const window = await press(page, key);
    const job = missed[at];
    check(`${key} goes to a miss`, window.from < job.deadline_ns && window.to > job.deadline_ns && !window.dense, [
      window,
      job,
    ]);
    const { title, values } = await facts(page);
    check("which is named, and said to be one", title === job.name && values.outcome.startsWith("missed"), [
      title,
      values,
    ]);
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
  check(
    "a search goes to a job",
    window.from < job.release_ns && window.to > job.release_ns && (await facts(page)).title === job.name,
    window,
  );
  const before = await shown(page);
  await go("nobody#1");
  check(
    "and says what is not there",
    (await page.locator(".message").textContent()).includes("no task is called nobody"),
  );
  check("without moving", (await shown(page)).from === before.from);
  const moment = await go("20 ms");
  check("a moment", near((moment.from + moment.to) / 2, 20e6, 1), moment);
}

async function one_page(browser) {
  const records = records_of(edf_run());
  const page = await edf_page(browser);
  await picture(page, "timeline-whole");
  for (const test of [moving, keys, overview]) await test(page);
  for (const test of [misses, jumping]) await test(page, records);
  await page.close();
}

async function decisions_by_keys(browser) {
  const page = await edf_page(browser);
  await press(page, "n");
  const seen = [];
  for (let i = 0; i < 6; ++i) {
    await press(page, ".");
    seen.push((await facts(page)).title);
  }
  check(
    "each press goes to another decision",
    new Set(seen).size === 6 && seen.every((title) => title.includes("stage")),
    seen,
  );
  await press(page, ",");
  check("and back", (await facts(page)).title === seen[4]);
  await page.waitForTimeout(600);
  const spoken = await page.locator('[aria-live="polite"]').textContent();
  check("read out", spoken.includes("chosen at") && spoken.includes("slack"), spoken);
  await press(page, "Escape");
  check("Escape lets go", (await facts(page)).title === "Point at a stage");
  await page.close();
}

// Two fingers that go apart, at 300 and 500 pixels and then at 200 and 600.
async function fingers(browser) {
  const page = await edf_page(browser, "", { hasTouch: true });
  const before = await shown(page);
  const { x, y } = await canvas(page).boundingBox();
  const devtools = await page.context().newCDPSession(page);
  const touch = (type, ...places) =>
    devtools.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: places.map((at, id) => ({ x: x + at, y: y + 300, id })),
    });
  await touch("touchStart", 300, 500);
  for (const step of [25, 50, 75, 100]) await touch("touchMove", 300 - step, 500 + step);
  await touch("touchEnd");
  const after = await shown(page);
  const zoomed = (after.to - after.from) / (before.to - before.from);
  check("two fingers zoom", near(zoomed, 0.5, 0.02), zoomed);
  await page.close();
}

async function address(browser) {
  const page = await edf_page(browser, "view=timeline&timeline.ns=1000000-3000000&timeline.colour=task");
  const window = await shown(page);
  check("the address brings back the window", window.from === 1e6 && window.to === 3e6, window);
  await press(page, "+");
  await page.waitForTimeout(500);
  check("and follows it", !page.url().includes("1000000-3000000") && page.url().includes("timeline.ns="), page.url());
  await page.close();
}

async function looks(browser) {
  const page = await edf_page(browser, "", { colorScheme: "dark" });
  await press(page, "n");
  await picture(page, "timeline-dark");
  const pixel = () =>
    canvas(page).evaluate((drawn) => [
      ...drawn.getContext("2d").getImageData(drawn.width - 40, drawn.height - 10, 1, 1).data,
    ]);
  await page.pdf({ path: join(work, "timeline.pdf") });
  check("prints", size_of(join(work, "timeline.pdf")) > 5000);
  await page.emulateMedia({ media: "print" });
  await picture(page, "timeline-print");
  await page.emulateMedia({ media: "screen" });
  await page.setViewportSize({ width: 380, height: 800 });
  await settled(page);
  check(
    "narrow: nothing sticks out",
    (await page.evaluate(() => document.documentElement.scrollWidth)) <= 380,
    await page.evaluate(() => document.documentElement.scrollWidth),
  );
  await picture(page, "timeline-narrow");
  check("drawn", (await pixel()).length === 4);
  await page.close();
}

await in_browser("handling a timeline", async (browser) => {
  for (const test of [one_page, decisions_by_keys, fingers, address, looks]) await test(browser);
});
