// Studies that a page has to bear: large, empty, tiny, half-finished, several, and with names that would like to be markup.

import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytes_of, check, in_browser, make_page, open, picture, size_of, work } from "./browser.mjs";
import { kMeasures, write_study } from "./studies.mjs";

const load = (count) => ({
  name: "load",
  values: Array.from({ length: count }, (_, i) => Number((0.2 * (i + 1)).toFixed(1))),
});
const names = (count) =>
  [
    "edf",
    "lcf",
    "rtdeepiot",
    "toll",
    "zygarde",
    ...Array.from({ length: count }, (_, i) => `toll:price=${i + 1}`),
  ].slice(0, count);
const views = ["lines", "differences", "pareto", "exits", "table", "about"];

async function large(browser) {
  for (const [runs, study] of [
    [8000, { axes: [load(20)], policies: names(20), seeds: 20 }],
    [5000, { axes: [load(10)], policies: names(10), seeds: 50 }],
  ]) {
    const file = make_page(`runs${runs}`, [write_study(`runs${runs}`, study)]);
    check(`${runs} runs: less than 2 MB`, size_of(file) < 2e6, size_of(file));
    const times = [];
    for (const view of views) {
      const page = await open(browser, file, `view=${view}`);
      times.push(`${view} ${Math.round(page.load_ms)} ms`);
      if (runs === 8000) await picture(page, `large-${view}`);
      await page.close();
    }
    console.log(`${runs} runs of ${kMeasures.split(",").length} measures: ${size_of(file)} bytes; ${times.join(", ")}`);
  }
}

async function same_bytes() {
  const folder = join(work, "runs5000");
  check("same input, same bytes", bytes_of(make_page("once", [folder])).equals(bytes_of(make_page("twice", [folder]))));
}

async function empty(browser) {
  const folder = write_study("empty", { axes: [load(4)], policies: ["edf"], seeds: 3, rows: 0 });
  const file = make_page("empty", [folder]);
  for (const view of views) {
    const page = await open(browser, file, `view=${view}`);
    const text = await page.locator("main").textContent();
    check(
      `empty: ${view} says so`,
      text.includes(view === "about" ? "0 runs" : "No run of this study is finished yet"),
      text,
    );
    check(
      "empty: the head says how far it is",
      (await page.locator(".warning").textContent()).includes("0 of 4 points"),
    );
    if (view === "lines") await picture(page, "empty");
    await page.close();
  }
}

async function tiny(browser) {
  const file = make_page("tiny", [
    write_study("tiny", { axes: [{ name: "load", values: [1] }], policies: ["edf"], seeds: 1 }),
  ]);
  for (const view of views) {
    const page = await open(browser, file, `view=${view}`);
    if (view === "lines" || view === "pareto") {
      await page.locator(".drawing").focus();
      await page.keyboard.press("ArrowRight");
      const cells = await page.locator(".readout tbody td").allTextContents();
      check(
        `one run, ${view}: its value, without an interval`,
        cells[1] === "edf" && cells[2] !== "–" && !/[[±]/.test(cells.join("")),
        cells,
      );
    }
    if (view === "differences")
      check(
        "one policy: nothing to compare with, and said",
        (await page.locator(".nothing").textContent()).includes("nothing to compare with edf"),
      );
    await picture(page, `tiny-${view}`);
    await page.close();
  }
  const none = make_page("axisless", [write_study("axisless", { axes: [], policies: ["edf", "lcf"], seeds: 3 })]);
  for (const view of views) await (await open(browser, none, `view=${view}`)).close();
}

async function half_finished(browser) {
  const folder = write_study("half", { axes: [load(4)], policies: ["edf", "toll"], seeds: 3, rows: 8 });
  appendFileSync(join(folder, "runs.csv"), "0.4,toll,3,200");
  const page = await open(browser, make_page("half", [folder]));
  const warning = await page.locator(".warning").textContent();
  check(
    "half-finished: said",
    warning.includes("half-finished") && warning.includes("2 of 4 points") && warning.includes("missing"),
    warning,
  );
  await picture(page, "half-finished");
  await page.close();
}

async function several(browser) {
  const old = write_study("old", { axes: [load(4)], policies: ["edf", "toll"], seeds: 4 });
  const later = write_study("new", {
    axes: [load(5), { name: "deadline", values: [1, 2] }],
    policies: ["edf", "toll", "lcf"],
    seeds: 4,
  });
  const file = make_page("both", [old, later], "--label", "old", "new");
  const page = await open(browser, file);
  const lines = () => page.locator(".legend-list button").allTextContents();
  check(
    "several: lines of all studies",
    (await lines()).join() === "old: edf,old: toll,new: edf,new: toll,new: lcf",
    await lines(),
  );
  await picture(page, "several");
  await page.locator('[data-choice="study"] select').selectOption("1");
  check("several: one alone", (await lines()).join() === "edf,toll,lcf", await lines());
  await page.getByRole("tab", { name: "About" }).click();
  check("several: both are described", (await page.locator(".about h2").allTextContents()).join() === "old,new");
  await page.close();
}

// Everything that a name can hold that means something in HTML, scripts, LaTeX, CSV or a terminal.
const kHostile = `</script><script>alert(1)</script><img src=x onerror=alert(2)> "quoted" 'single' & \\textbf{x} $a_1$ %~^ \u2028\u2029 \u0007\u001b[31m <!-- --> ]]> {{x}} javascript:alert(3)`;

async function hostile(browser) {
  const axis = `axis ${kHostile}`;
  const folder = write_study("hostile", {
    axes: [
      { name: axis, values: [0.5, 1] },
      { name: "network", values: [kHostile, "plain"] },
    ],
    policies: [kHostile, "edf"],
    seeds: 3,
    command: `laxity sweep ${kHostile}`,
  });
  const file = make_page("hostile", [folder], "--label", kHostile);
  const text = bytes_of(file).toString();
  check("hostile: no data block ends early", text.split("</script>").length === 3, text.split("</script>").length);
  for (const view of views) {
    const page = await open(browser, file, `view=${view}`);
    check(
      `hostile, ${view}: the title is the text`,
      (await page.locator("h1").evaluate((head) => head.textContent)) === kHostile,
    );
    check(
      `hostile, ${view}: nothing became an element`,
      (await page.locator("img").count()) === 0 && (await page.locator("body script:not([type])").count()) === 1,
    );
    if (view !== "about")
      check(
        `hostile, ${view}: a policy by its name`,
        (await page.locator(".legend-list button").evaluateAll((all) => all.map((each) => each.textContent))).includes(
          kHostile,
        ),
      );
    await page.locator(".legend-list button, summary").first().click();
    if (view === "lines" || view === "pareto") {
      await page.locator(".legend-list button").first().click();
      await page.locator(".drawing").focus();
      await page.keyboard.press("ArrowRight");
      check(
        `hostile, ${view}: read as text`,
        (await page.locator(".readout").evaluate((box) => box.textContent)).includes("<script>alert(1)</script>"),
      );
    }
    const [wide, there] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    check(`hostile, ${view}: nothing is pushed off the page`, wide <= there, [wide, there]);
    await picture(page, `hostile-${view}`);
    await page.close();
  }
  const strange = await open(
    browser,
    file,
    `view=${encodeURIComponent("<img src=x onerror=alert(1)>")}&metric=nothing&x=%22&hide=%3Cb%3E&zoom.lines=1,x,NaN`,
  );
  check("a strange address shows the page none the less", (await strange.locator(".u-over").count()) === 1);
  await strange.close();
}

// A study by hand: seeds beyond what JavaScript counts exactly, numbers of every size, and bytes that are no text.
async function odd_numbers(browser) {
  const folder = join(work, "odd");
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, "manifest.json"),
    JSON.stringify({
      schema: "laxity.manifest/2",
      configuration: { kind: "sweep", policies: ["edf"], axes: [{ name: "load", values: [1, 2] }] },
    }),
  );
  const rows = [];
  for (const at of [1, 2])
    for (const [i, policy] of ["edf", "b\xff"].entries())
      for (const seed of ["9007199254740993", "9007199254740995", "18446744073709551615"])
        rows.push(`${at},${policy},${seed},${at === 1 ? 1e-30 : ""},${3e30 * (i + 1)},0.5`);
  writeFileSync(
    join(folder, "runs.csv"),
    Buffer.from("load,policy,seed,small,huge,accuracy\n" + rows.join("\n") + "\n", "latin1"),
  );
  const file = make_page("odd", [folder], "--metric", "small");
  for (const view of views)
    for (const metric of ["small", "huge", "accuracy"])
      await (await open(browser, file, `view=${view}&metric=${metric}`)).close();
  const page = await open(browser, file, "view=differences&metric=huge&baseline=edf");
  await page.locator(".drawing").focus();
  await page.keyboard.press("ArrowRight");
  check(
    "large seeds are paired",
    (await page.locator(".readout tbody td").allTextContents())[2].startsWith("+3"),
    await page.locator(".readout tbody td").allTextContents(),
  );
  await page.close();
}

await in_browser("strange studies", async (browser) => {
  for (const test of [large, same_bytes, empty, tiny, half_finished, several, hostile, odd_numbers])
    await test(browser);
});
