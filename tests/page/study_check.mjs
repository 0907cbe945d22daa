// The views of a sweep: their numbers are those of `laxity report --format csv`, and every way to change what is shown works.

import { execFileSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytes_of, check, in_browser, laxity, make_page, open, picture, rows_of, size_of, work } from "./browser.mjs";
import { write_study } from "./studies.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const kPaper = join(root, "results/reference/paper");

// What is read under the pointer: {title, rows: [[text of a cell]]}.
const readout = (page) =>
  page.evaluate(() => {
    const box = document.querySelector(".readout");
    if (!box || box.hidden) return null;
    const rows = [...box.querySelectorAll("tbody tr")].map((row) => [...row.cells].slice(1).map((cell) => cell.textContent));
    return { title: box.querySelector(".readout-title").textContent, rows };
  });
const number = (text) => Number(text.replace("−", "-").replace("+", ""));
const ends = (text) => text.slice(1, -1).split(", ").map(number);
const hash_of = (page) => page.evaluate(() => new URLSearchParams(location.hash.slice(1)).toString());
const legend = (page, label) => page.locator(".legend-list button", { hasText: label }).first();
const choose = (page, choice, value) => page.locator(`[data-choice="${choice}"] select`).selectOption(value);
const tab = (page, title) => page.getByRole("tab", { name: title }).click();
const near = (shown, exact, digit) => Math.abs(shown - exact) <= 0.5001 * digit;

// Steps through a chart with the arrow keys and compares each row of the readout with the row of the CSV.
async function compare(page, what, csv, columns, factor, digit) {
  await page.locator(".drawing").focus();
  let seen = 0;
  for (const load of ["0.5", "1.0", "1.6", "2.4"]) {
    await page.keyboard.press("ArrowRight");
    const { title, rows } = await readout(page);
    check(`${what}: the readout says where`, title.startsWith(`load ${load}`), title);
    const values = rows.map(([, value]) => number(value));
    check(`${what}: sorted at ${load}`, values.every((value, i) => i === 0 || values[i - 1] >= value), values);
    for (const [policy, value, interval] of rows) {
      const row = csv.find((each) => each.scope === "point" && each.policy === policy && Number(each.load) === Number(load));
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
  const csv_of = (metric) => rows_of(laxity("report", kPaper, "--metric", metric, "--baseline", "lcf", "--format", "csv"));
  let page = await open(browser, file);
  await compare(page, "accuracy", csv_of("accuracy"), ["mean", "low", "high"], 100, 0.01);
  await picture(page, "lines");
  await choose(page, "metric", "response_p99_ms");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  const fastest = (await readout(page)).rows[0];
  const row = csv_of("response_p99_ms").find((each) => each.policy === fastest[0] && each.load === "0.5");
  check("p99: the fastest is first, with five digits", near(number(fastest[1]), Number(row.mean), 0.0001), [fastest, row.mean]);
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
  check("pareto: misses as in the CSV", near(number(cells[2].split(" ± ")[0]), 100 * Number(misses.mean), 0.01), [cells, misses.mean]);
  await picture(page, "pareto");
  await tab(page, "Exits");
  await picture(page, "exits");
  await tab(page, "Table");
  const marks = await page.locator("td.best").allTextContents();
  const best = csv_of("accuracy").filter((each) => each.scope === "point" && each.group === "best");
  check("the table marks the best as the report does", marks.length === best.length && best.length === 4, [marks, best.length]);
  const grid = csv_of("accuracy").filter((each) => each.scope === "grid");
  for (const row of await page.locator("tbody tr").all()) {
    const label = (await row.locator("th").textContent()).trim();
    const [mean, half] = (await row.locator("td").last().textContent()).split(" ±").map(number);
    const exact = grid.find((each) => each.policy === label);
    const same = near(mean, 100 * Number(exact.mean), 0.01) && near(half, 50 * (Number(exact.high) - Number(exact.low)), 0.01);
    check(`table: the mean of ${label} over the points as in the CSV`, same, [mean, half, exact.mean, exact.low, exact.high]);
  }
  check("table: nine means", grid.length === 9, grid.length);
  await picture(page, "table");
  await tab(page, "About");
  await page.locator("summary").click();
  check("the manifest is there in full", (await page.locator("pre").textContent()) === bytes_of(join(kPaper, "manifest.json")).toString());
  await picture(page, "about");
  await page.close();
  page = await open(browser, file);
  console.log(`360 runs: ${size_of(file)} bytes, loaded in ${Math.round(page.load_ms)} ms`);
  await page.close();
}

async function hover_and_toggle(browser) {
  const page = await open(browser, join(work, "paper.html"));
  const over = await page.locator(".u-over").boundingBox();
  await page.mouse.move(over.x + over.width * 0.6, over.y + over.height / 2);
  const all = await readout(page);
  check("hovering reads the nearest value of the axis", all?.title === "load 1.6" && all.rows.length === 9, all);
  await picture(page, "hover");
  await page.mouse.move(0, 0);
  check("leaving hides it", (await readout(page)) === null);
  await legend(page, "edf").click();
  check("a policy is off", (await legend(page, "edf").getAttribute("aria-pressed")) === "false");
  await page.mouse.move(over.x + over.width * 0.6, over.y + over.height / 2);
  check("and out of the readout", (await readout(page)).rows.length === 8 && !(await readout(page)).rows.some(([name]) => name === "edf"));
  await legend(page, "rr").click({ modifiers: ["Shift"] });
  await page.mouse.move(over.x + over.width * 0.55, over.y + over.height / 2);
  check("shift and click leaves one alone", (await readout(page)).rows.map(([name]) => name).join() === "rr", await readout(page));
  const link = await hash_of(page);
  await page.close();
  const again = await open(browser, join(work, "paper.html"), link);
  check("the address keeps what is hidden", (await again.locator('.legend-list [aria-pressed="true"]').count()) === 1);
  await again.getByRole("button", { name: "Hide all" }).click();
  check("all hidden is said", (await again.locator(".nothing").textContent()).includes("hidden"));
  await again.getByRole("button", { name: "Show all" }).click();
  check("all are back", (await again.locator('.legend-list [aria-pressed="true"]').count()) === 9);
  check("and the address is empty again", (await hash_of(again)) === "", await hash_of(again));
  await again.close();
}

async function zoom(browser) {
  const page = await open(browser, join(work, "paper.html"));
  const zoomed = async () => (await hash_of(page)).includes("zoom.lines");
  const drag = async () => {
    const over = await page.locator(".u-over").boundingBox();
    await page.mouse.move(over.x + over.width * 0.3, over.y + over.height * 0.05);
    await page.mouse.down();
    await page.mouse.move(over.x + over.width * 0.7, over.y + over.height * 0.4, { steps: 5 });
    await page.mouse.up();
  };
  await drag();
  check("brushing zooms", await zoomed());
  const [x0, x1, y0, y1] = new URLSearchParams(await hash_of(page)).get("zoom.lines").split(",").map(Number);
  check("into the box that was dragged", x0 > 0.9 && x1 < 2 && y0 > 75 && y1 < 96, [x0, x1, y0, y1]);
  await picture(page, "zoomed");
  await page.locator(".u-over").dblclick();
  check("a double click shows the whole", !(await zoomed()));
  await drag();
  await page.getByRole("button", { name: "Whole picture" }).click();
  check("so does the button", !(await zoomed()));
  await drag();
  await page.locator(".drawing").focus();
  await page.keyboard.press("Escape");
  check("so does Escape", !(await zoomed()));
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("+");
  check("+ zooms", await zoomed());
  await page.keyboard.press("-");
  check("- zooms out to the whole", !(await zoomed()));
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
  check("--policies are shown first, the others can be", (await page.locator('.legend-list [aria-pressed="false"]').allTextContents()).join() === "mine:b=1,a=2");
  await choose(page, "x", "network");
  const over = await page.locator(".u-over").boundingBox();
  await page.mouse.move(over.x + over.width * 0.8, over.y + 50);
  check("words are read", (await readout(page)).title === "network large, load 0.5", await readout(page));
  await picture(page, "words");
  await page.mouse.move(0, 0);
  await choose(page, "x", "delta");
  check("a policy's parameter as axis joins its lines", (await page.locator(".legend-list button").allTextContents()).join() === "edf,rtdeepiot,mine:b=1,a=2");
  await picture(page, "parameter");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  const bound = (await readout(page)).rows[0];
  check("the bound is read with its interval", bound[0] === "least bound" && bound[1] === "97.00" && ends(bound[2])[0] > 95 && ends(bound[2])[0] < 97, bound);
  check("and explained", (await page.locator(".hint").textContent()).startsWith("Dotted: the least bound."));
  await choose(page, "x", "load");
  await choose(page, "hue", "network");
  check("an axis as lines", (await page.locator(".legend-list button").allTextContents()).join() === "network small,network large");
  await choose(page, "policy", "rtdeepiot:delta=0.1");
  await picture(page, "axis-as-lines");
  await choose(page, "hue", "policy");
  await choose(page, "at.network", "large");
  await choose(page, "metric", "response_p99_ms");
  await page.locator(".drawing").focus();
  for (let i = 0; i < 3; ++i) await page.keyboard.press("ArrowRight");
  const rows = (await readout(page)).rows;
  check("no value is a dash, and last", rows.at(-1)[0] === "edf" && rows.at(-1)[1] === "–" && rows.at(-1)[2] === "", rows);
  await tab(page, "Table");
  await page.getByRole("button", { name: "0.5" }).click();
  check("the table is sorted", (await page.locator('th[aria-sort="ascending"]').count()) === 1);
  check("a mean over points leaves out for all where one has none", (await page.locator(".hint").allTextContents()).join().includes("The mean is over 2 of 3 points"));
  await page.close();
}

// The same style on paper: the module that draws the figures is asked.
async function styles(browser) {
  const folder = write_study("styles", { axes: [{ name: "load", values: [1] }], policies: ["edf", "toll", "rtdeepiot:delta=0.05,update=none", "mine:z=1,a=2", "yours", "toll:b=3"], seeds: 2 });
  const page = await open(browser, make_page("styles", [folder]));
  const shown = await page.evaluate(() => [...document.querySelectorAll(".legend-list button")].map((each) => {
    const line = each.querySelector("line");
    return [each.textContent, line.getAttribute("stroke").toUpperCase(), line.getAttribute("stroke-dasharray")];
  }));
  const script = `import json, sys; from laxity_figures.styles import DASHES, style_of
for name in json.load(sys.stdin):
    style = style_of(name); dash = DASHES[style.dash]
    print(json.dumps([name, style.colour.upper(), "" if dash == "-" else " ".join(f"{2 * part:g}" for part in dash[1])]))`;
  const asked = execFileSync("/usr/bin/python3", ["-c", script], { input: JSON.stringify(shown.map(([name]) => name)), encoding: "utf8", env: { ...process.env, PYTHONPATH: join(root, "scripts/lib"), PYTHONDONTWRITEBYTECODE: "1" } });
  asked.trim().split("\n").forEach((line, i) => check("a policy has the style of the figures", JSON.stringify(JSON.parse(line)) === JSON.stringify(shown[i]), [line, shown[i]]));
  await page.close();
}

async function keyboard(browser) {
  const page = await open(browser, join(work, "paper.html"));
  const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.className);
  const until = async (wanted) => {
    for (let i = 0; i < 20; ++i) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate((selector) => document.activeElement.matches(selector), wanted))) return true;
    }
    return false;
  };
  check("Tab reaches the tabs", await until('[role="tab"]'));
  check("at the one that is chosen", (await focused()) === "Lines", await focused());
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  check("arrow and Enter change the view", (await hash_of(page)) === "view=differences", await hash_of(page));
  check("Tab goes on to the choices", await until("select"));
  await page.keyboard.press("ArrowDown");
  check("which arrows change", (await hash_of(page)).includes("metric="), await hash_of(page));
  check("Tab goes on to the chart", await until(".drawing"));
  await page.keyboard.press("ArrowRight");
  check("which arrows read", (await readout(page)) !== null);
  check("aloud too", (await page.locator('[role="status"]').textContent()).includes("load 0.5"));
  check("Tab goes on to the lines", await until(".legend-list button"));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Space");
  check("which Space hides", (await legend(page, "lcf").getAttribute("aria-pressed")) === "false");
  check("and keeps the focus", (await focused()) === "lcf", await focused());
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  check("the focus is seen", outline === "solid", outline);
  await page.close();
}

async function looks(browser) {
  const file = join(work, "paper.html");
  const ground = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const dark = await open(browser, file, "", { colorScheme: "dark" });
  check("dark where the system is", (await ground(dark)) === "rgb(22, 23, 25)", await ground(dark));
  await picture(dark, "dark-lines");
  for (const view of ["Differences", "Pareto", "Exits", "Table"]) {
    await tab(dark, view);
    await picture(dark, `dark-${view.toLowerCase()}`);
  }
  await dark.getByRole("button", { name: "Light" }).click();
  check("and light when asked", (await ground(dark)) === "rgb(255, 255, 255)", await ground(dark));
  await dark.getByRole("button", { name: "Dark" }).click();
  await tab(dark, "Lines");
  await dark.emulateMedia({ media: "print" });
  check("no choices on paper", !(await dark.locator(".controls").isVisible()) && !(await dark.locator(".tabs").isVisible()));
  await dark.emulateMedia({ media: null });
  const pdf = await dark.pdf({ path: join(process.env.PICTURES, "print.pdf"), preferCSSPageSize: true });
  check("it prints", pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 10000, pdf.length);
  await dark.close();
  const narrow = await open(browser, file, "", { viewport: { width: 320, height: 256 } });
  for (const view of ["Lines", "Exits", "Table", "About"]) {
    await tab(narrow, view);
    const [wide, there] = await narrow.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
    check(`at 400 % nothing is cut off: ${view}`, wide <= there, [wide, there]);
  }
  await tab(narrow, "Lines");
  await narrow.screenshot({ path: join(process.env.PICTURES, "narrow.png"), fullPage: true });
  await narrow.close();
}

await in_browser("study", async (browser) => {
  for (const test of [numbers, hover_and_toggle, zoom, axes, styles, keyboard, looks]) await test(browser);
});
