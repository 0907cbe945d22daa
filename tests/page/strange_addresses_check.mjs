// Addresses of another report, or of nobody's: what they ask for and the page has not gives way to what is there.

import { check, in_browser, make_page, open } from "./browser.mjs";
import { tab } from "./reading.mjs";
import { write_study } from "./studies.mjs";

const kAxes = [
  { name: "load", values: [0.5, 1, 1.5, 2] },
  { name: "clients", values: [2, 4] },
];
const kFile = make_page("addresses", [
  write_study("addresses", { axes: kAxes, policies: ["edf", "lcf", "toll"], seeds: 3, bounds: true }),
]);

async function survives(browser) {
  for (const address of [
    "study=1",
    "study=x",
    "__proto__=1",
    "constructor=1&toString=2",
    "metric=nothing&against=nothing&view=pareto",
    "baseline=nobody&view=differences",
    "task=nobody&view=exits",
    "x=constructor&hue=__proto__&policy=nobody",
    "table.sort=1.5&view=table",
    "table.sort=--1&view=table",
    "table.sort=length&view=table",
    "zoom.lines=1,2,3,NaN",
    "view=__proto__",
  ]) {
    const page = await open(browser, kFile, address);
    const nothing = await page.locator(".drawing .nothing").count();
    check(`${address}: there is something to see`, nothing === 0 && (await page.locator(".drawing > *").count()) > 0);
    const blank = await page.locator("select").evaluateAll((all) => all.filter((each) => each.value === "").length);
    check(`${address}: every choice shows what it is`, blank === 0, blank);
    await tab(page, "Table");
    check(`${address}: and so has the table`, (await page.locator("tbody tr").count()) > 0);
    await page.close();
  }
}

// Each value of the axis has a bound of its own, the lines' places are those of all.
async function bounds(browser) {
  const hint = async (address) => {
    const page = await open(browser, kFile, address);
    const text = await page.locator(".hint").textContent();
    await page.close();
    return text;
  };
  check("policies have a bound", (await hint("metric=accuracy")).includes("least bound"));
  check("values of an axis have none", !(await hint("metric=accuracy&hue=clients")).includes("least bound"));
}

// Thirteen lines, of which one is the baseline: twelve differences are few enough for colour.
async function grey(browser) {
  const policies = Array.from({ length: 13 }, (_, i) => (i === 0 ? "edf" : `toll:price=${i}`));
  const [load] = kAxes;
  const words = { name: "network", values: ["small", "large"] };
  const remark = async (axes, address) => {
    const file = make_page("grey", [write_study("grey", { axes, policies, seeds: 2 })]);
    const page = await open(browser, file, address);
    const text = await page.locator(".hint").textContent();
    await page.close();
    return /Grey: [^;]*/.exec(text)?.[0] ?? "";
  };
  check("of thirteen lines six are grey", (await remark([load], "")) === "Grey: the other 6 lines");
  const differences = await remark([load], "view=differences&baseline=edf");
  check("of twelve differences none is", differences === "", differences);
  check("over words none is", (await remark([words], "")) === "");
}

await in_browser("strange addresses", async (browser) => {
  for (const test of [survives, bounds, grey]) await test(browser);
});
