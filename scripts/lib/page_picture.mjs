// A picture of a page in headless Chromium: page_picture.mjs FILE.html HASH WIDTHxHEIGHT PICTURE.png [KEY...]
// CHROMIUM is the browser, PLAYWRIGHT the folder of playwright-core. KEYs are pressed on the chart or timeline first.

import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [file, hash, size, picture, ...keys] = process.argv.slice(2);
const [width, height] = size.split("x").map(Number);
const { chromium } = createRequire(join(resolve(process.env.PLAYWRIGHT), "_"))("./index.js");

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
try {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: "light" });
  page.on("pageerror", (error) => (console.error(error.stack), (process.exitCode = 1)));
  await page.goto(`file://${resolve(file)}#${hash}`);
  await page.waitForSelector("#view canvas");
  for (const each of keys) await page.locator("canvas.schedule, .drawing").first().press(each);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
}
