// What the tests of the timeline share: a run, its page, and what the page shows at the moment.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { make_page, open, work } from "./browser.mjs";
import { simulated } from "./runs.mjs";

export const busy = ["--set", "/tasks/0/arrival/load=1.6"];

// A busy run of one task: 2,000 jobs under EDF.
export function edf_run() {
  const folder = join(work, "timeline-edf");
  return existsSync(folder)
    ? folder
    : simulated("timeline-edf", "quickstart", "edf", ...busy, "--set", "/horizon/jobs=2000");
}

export const edf_page = (browser, hash = "", options = {}) =>
  open(browser, make_page("timeline-edf", [edf_run()], "--label", "edf"), hash, options);

export const canvas = (page, run = 0) => page.locator("canvas.schedule").nth(run);

export const settled = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));

// {from, to} in ns, and whether jobs are shown as densities.
export async function shown(page) {
  await settled(page);
  return canvas(page).evaluate(({ panel }) => ({
    from: panel.window.from,
    to: panel.window.to,
    end: panel.window.end,
    dense: panel.layout.dense,
  }));
}

export async function press(page, ...keys) {
  for (const key of keys) await canvas(page).press(key);
  return shown(page);
}

export const near = (a, b, tolerance) => Math.abs(a - b) <= tolerance;

export const facts = (page) =>
  page.locator(".known").evaluate((aside) => {
    const texts = (selector) => [...aside.querySelectorAll(selector)].map((each) => each.textContent);
    const names = texts("dt");
    return {
      title: texts("h3")[0],
      values: Object.fromEntries(texts("dd").map((text, i) => [names[i], text])),
      rows: [...aside.querySelectorAll("tbody tr")].map((row) => [
        row.dataset.state,
        ...[...row.children].slice(1).map((cell) => cell.textContent),
      ]),
    };
  });

// Points at a stage on its track, after the window was brought there.
export async function point_at(page, stage, run = 0) {
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
