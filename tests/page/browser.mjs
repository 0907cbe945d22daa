// What the tests of the page share: a browser, pages of `laxity report --html` in it, and a count of what failed.

import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const { LAXITY, CHROMIUM, PLAYWRIGHT, PICTURES, WORK } = process.env;
const { chromium } = createRequire(join(PLAYWRIGHT, "_"))("./index.js");

export const work = WORK;
let failures = 0;

export function check(what, holds, found = "") {
  if (holds) return;
  failures += 1;
  console.log(`FAILED: ${what}${found === "" ? "" : `; found ${JSON.stringify(found)}`}`);
}

// What laxity printed.
export const laxity = (...options) =>
  execFileSync(LAXITY, options, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

// The rows of a CSV, as objects by column.
export function rows_of(csv) {
  const [names, ...rows] = fields_of(csv);
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

function fields_of(csv) {
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < csv.length; ++i) {
    const c = csv[i];
    const row = rows.at(-1);
    if (quoted && c === '"' && csv[i + 1] === '"') row[row.length - 1] += csv[(i += 1)];
    else if (c === '"') quoted = !quoted;
    else if (!quoted && c === ",") row.push("");
    else if (!quoted && c === "\n") rows.push([""]);
    else row[row.length - 1] += c;
  }
  return rows.filter((row) => row.length > 1);
}

// The page of some folders; its file.
export function make_page(name, folders, ...options) {
  const file = join(WORK, `${name}.html`);
  laxity("report", ...folders, "--html", file, "--replace", ...options);
  return file;
}

// A browser, handed to `use`, and then how it went: the process ends with 1 if a check failed.
export async function in_browser(name, use) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  try {
    await use(browser);
  } finally {
    await browser.close();
  }
  console.log(failures === 0 ? `${name}: all checks hold` : `${name}: ${failures} failed`);
  process.exitCode = failures === 0 ? 0 : 1;
}

// Opens a file at a hash. Whatever goes wrong in the page, or is asked of a network, fails the test. `dialogs`: none may open.
export async function open(browser, file, hash = "", options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light", ...options });
  page.on("console", (message) => check(`${file}#${hash}: nothing on the console`, false, message.text()));
  page.on("pageerror", (error) => check(`${file}#${hash}: no error`, false, error.stack));
  page.on("dialog", (dialog) => (check(`${file}#${hash}: no dialog`, false, dialog.message()), dialog.dismiss()));
  page.on("request", (request) =>
    check(`${file}#${hash}: no request`, request.url().split("#")[0] === `file://${file}`, request.url()),
  );
  const start = performance.now();
  await page.goto(`file://${file}${hash ? `#${hash}` : ""}`);
  await page.waitForSelector("#view > *", { state: "attached" });
  page.load_ms = performance.now() - start;
  return page;
}

export const picture = (page, name) => page.screenshot({ path: join(PICTURES, `${name}.png`) });
export const size_of = (file) => statSync(file).size;
export const bytes_of = (file) => readFileSync(file);
