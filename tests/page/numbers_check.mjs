// The numbers of a study on its page are those of `laxity report --format csv`, and its policies look as in figures.

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytes_of, check, laxity, make_page, open, picture, rows_of, size_of, in_browser } from "./browser.mjs";
import { choose, ends, kBound, legend, near, number, readout, tab } from "./reading.mjs";
import { write_study } from "./studies.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const kPaper = join(root, "results/reference/paper");

// Steps through a chart with the arrow keys and compares each row of the readout with the row of the CSV.
async function compare(page, what, csv, columns, factor, digit) {
  await page.locator(".drawing").focus();
  let seen = 0;
  for (const load of ["0.5", "1", "1.6", "2.4"]) {
    await page.keyboard.press("ArrowRight");
    const { title, rows } = await readout(page);
    check(`${what}: the readout says where`, title.split(":")[0] === `load ${load}`, title);
    const values = rows.map(([, value]) => number(value));
    check(
      `${what}: sorted at ${load}`,
      values.every((value, i) => i === 0 || values[i - 1] >= value),
      values,
    );
    for (const [policy, value, interval] of rows) {
      const row = csv.find(
        (each) =>
          each.scope === "point" &&
          each.policy === (policy === kBound ? "least" : policy) &&
          Number(each.load) === Number(load),
      );
      const [mean, low, high] = columns.map((column) => factor * Number(row[column]));
      const [shown_low, shown_high] = ends(interval);
      const same = near(number(value), mean, digit) && near(shown_low, low, digit) && near(shown_high, high, digit);
      check(`${what}: ${policy} at load ${load} as in the CSV`, same, [value, interval, mean, low, high]);
      seen += 1;
    }
  }
  check(`${what}: something was compared`, seen >= 32, seen);
}

async function numbers(browser) {
  const file = make_page("paper", [kPaper], "--baseline", "lcf");
  const csv_of = (metric) =>
    rows_of(laxity("report", kPaper, "--metric", metric, "--baseline", "lcf", "--format", "csv"));
  let page = await open(browser, file);
  await compare(page, "accuracy", csv_of("accuracy"), ["mean", "low", "high"], 100, 0.01);
  await picture(page, "lines");
  await choose(page, "metric", "response_p99_ms");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  const fastest = (await readout(page)).rows[0];
  const row = csv_of("response_p99_ms").find((each) => each.policy === fastest[0] && each.load === "0.5");
  check("p99: the fastest is first, with five digits", near(number(fastest[1]), Number(row.mean), 0.0001), [
    fastest,
    row.mean,
  ]);
  await choose(page, "metric", "accuracy");
  await tab(page, "Differences");
  await compare(page, "difference", csv_of("accuracy"), ["difference", "difference_low", "difference_high"], 100, 0.01);
  await picture(page, "differences");
  await choose(page, "baseline", "edf");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  check("another baseline is named", (await readout(page)).title.includes("minus edf"), await readout(page));
  await tab(page, "Pareto");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  const misses = csv_of("miss_ratio").find((each) => each.policy === "edf" && each.load === "0.5");
  const cells = (await readout(page)).rows.find(([label]) => label === "edf");
  check("pareto: misses as in the CSV", near(number(cells[2].split(" ± ")[0]), 100 * Number(misses.mean), 0.01), [
    cells,
    misses.mean,
  ]);
  await picture(page, "pareto");
  await tab(page, "Exits");
  await picture(page, "exits");
  await tab(page, "Table");
  const marks = await page.locator("td.best").allTextContents();
  const best = csv_of("accuracy").filter((each) => each.scope === "point" && each.group === "best");
  check("the table marks the best as the report does", marks.length === best.length && best.length === 4, [
    marks,
    best.length,
  ]);
  const grid = csv_of("accuracy").filter((each) => each.scope === "grid" && each.kind === "policy");
  for (const row of await page.locator("tbody tr").all()) {
    const label = (await row.locator("th").textContent()).trim();
    const [mean, half] = (await row.locator("td").last().textContent()).split(" ±").map(number);
    const exact = grid.find((each) => each.policy === label);
    const same =
      near(mean, 100 * Number(exact.mean), 0.01) && near(half, 50 * (Number(exact.high) - Number(exact.low)), 0.01);
    check(`table: the mean of ${label} over the points as in the CSV`, same, [
      mean,
      half,
      exact.mean,
      exact.low,
      exact.high,
    ]);
  }
  check("table: nine means", grid.length === 9, grid.length);
  await picture(page, "table");
  await tab(page, "About");
  await page.locator("summary").click();
  check(
    "the manifest is there in full",
    (await page.locator("pre").textContent()) === bytes_of(join(kPaper, "manifest.json")).toString(),
  );
  await picture(page, "about");
  await page.close();
  page = await open(browser, file);
  console.log(`360 runs: ${size_of(file)} bytes, loaded in ${Math.round(page.load_ms)} ms`);
  await page.close();
}

async function axes(browser) {
  const folder = write_study("axes", {
    axes: [
      { name: "load", values: [0.5, 1, 1.5] },
      { name: "network", values: ["small", "large"] },
      { name: "delta", policy: "rtdeepiot", parameter: "delta", values: [0.02, 0.1] },
    ],
    policies: ["edf", "rtdeepiot", "mine:b=1,a=2"],
    seeds: 6,
    bounds: true,
    omit: (at, policy, seed, name) => policy === "edf" && at === 5 && name === "response_p99_ms",
  });
  const file = make_page("axes", [folder], "--policies", "edf", "rtdeepiot:*");
  const page = await open(browser, file);
  check(
    "--policies are shown first, the others can be",
    (await page.locator('.legend-list [aria-pressed="false"]').allTextContents()).join() === "mine:b=1,a=2",
  );
  await choose(page, "x", "network");
  const over = await page.locator(".u-over").boundingBox();
  await page.mouse.move(over.x + over.width * 0.8, over.y + 50);
  check("words are read", (await readout(page)).title === "network large, load 0.5", await readout(page));
  await picture(page, "words");
  await page.mouse.move(0, 0);
  await choose(page, "x", "delta");
  check(
    "a policy's parameter as axis joins its lines",
    (await page.locator(".legend-list button").allTextContents()).join() === "edf,rtdeepiot,mine:b=1,a=2",
  );
  await picture(page, "parameter");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  const bound = (await readout(page)).rows[0];
  check(
    "the bound is read with its interval",
    bound[0] === kBound && bound[1] === "97.00" && ends(bound[2])[0] > 95 && ends(bound[2])[0] < 97,
    bound,
  );
  check("and explained", (await page.locator(".hint").textContent()).startsWith("Dotted: the least bound."));
  await choose(page, "x", "load");
  await choose(page, "hue", "network");
  check(
    "an axis as lines",
    (await page.locator(".legend-list button").allTextContents()).join() === "network small,network large",
  );
  await choose(page, "policy", "rtdeepiot:delta=0.1");
  await picture(page, "axis-as-lines");
  await choose(page, "hue", "policy");
  await choose(page, "at.network", "large");
  await choose(page, "metric", "response_p99_ms");
  await page.locator(".drawing").focus();
  for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
  const rows = (await readout(page)).rows;
  check(
    "no value is a dash, and last",
    rows.at(-1)[0] === "edf" && rows.at(-1)[1] === "–" && rows.at(-1)[2] === "",
    rows,
  );
  await tab(page, "Table");
  await page.getByRole("button", { name: "0.5" }).click();
  check("the table is sorted", (await page.locator('th[aria-sort="ascending"]').count()) === 1);
  check(
    "a mean over points leaves out for all where one has none",
    (await page.locator(".hint").allTextContents()).join().includes("The mean is over 2 of 3 points"),
  );
  await page.close();
}

// The same style on paper: the module that draws the figures is asked.
async function styles(browser) {
  const folder = write_study("styles", {
    axes: [{ name: "load", values: [1] }],
    policies: ["edf", "toll", "rtdeepiot:delta=0.05,update=none", "mine:z=1,a=2", "yours", "toll:b=3"],
    seeds: 2,
  });
  const page = await open(browser, make_page("styles", [folder]));
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll(".legend-list button")].map((each) => {
      const line = each.querySelector("line");
      return [each.textContent, line.getAttribute("stroke").toUpperCase(), line.getAttribute("stroke-dasharray")];
    }),
  );
  const script = `import json, sys; from laxity_figures.styles import DASHES, style_of
for name in json.load(sys.stdin):
    style = style_of(name); dash = DASHES[style.dash]
    print(json.dumps([name, style.colour.upper(), "" if dash == "-" else " ".join(f"{2 * part:g}" for part in dash[1])]))`;
  const asked = execFileSync("/usr/bin/python3", ["-c", script], {
    input: JSON.stringify(shown.map(([name]) => name)),
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: join(root, "scripts/lib"), PYTHONDONTWRITEBYTECODE: "1" },
  });
  asked
    .trim()
    .split("\n")
    .forEach((line, i) =>
      check("a policy has the style of the figures", JSON.stringify(JSON.parse(line)) === JSON.stringify(shown[i]), [
        line,
        shown[i],
      ]),
    );
  await page.close();
}

await in_browser("numbers", async (browser) => {
  for (const test of [numbers, axes, styles]) await test(browser);
});
