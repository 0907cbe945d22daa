// Every way to change what a page shows: pointer, keyboard, address, dark, paper and a narrow window.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { check, in_browser, make_page, open, picture } from "./browser.mjs";
import { hash_of, kBound, legend, readout, tab } from "./reading.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const kFile = make_page("handling", [join(root, "results/reference/paper")], "--label", "paper");

async function hover_and_toggle(browser) {
  const page = await open(browser, kFile);
  const over = await page.locator(".u-over").boundingBox();
  await page.mouse.move(over.x + over.width * 0.6, over.y + over.height / 2);
  const all = await readout(page);
  check("hovering reads the nearest value of the axis", all?.title === "load 1.6" && all.rows.length === 10, all);
  await picture(page, "hover");
  await page.mouse.move(0, 0);
  check("leaving hides it", (await readout(page)) === null);
  await legend(page, "edf").click();
  check("a policy is off", (await legend(page, "edf").getAttribute("aria-pressed")) === "false");
  await page.mouse.move(over.x + over.width * 0.6, over.y + over.height / 2);
  check(
    "and out of the readout",
    (await readout(page)).rows.length === 9 && !(await readout(page)).rows.some(([name]) => name === "edf"),
  );
  await legend(page, "rr").click({ modifiers: ["Shift"] });
  await page.mouse.move(over.x + over.width * 0.55, over.y + over.height / 2);
  check(
    "shift and click leaves one alone",
    (await readout(page)).rows.map(([name]) => name).join() === `${kBound},rr`,
    await readout(page),
  );
  const link = await hash_of(page);
  await page.close();
  const again = await open(browser, kFile, link);
  check("the address keeps what is hidden", (await again.locator('.legend-list [aria-pressed="true"]').count()) === 1);
  await again.getByRole("button", { name: "Hide all" }).click();
  check("all hidden is said", (await again.locator(".nothing").textContent()).includes("hidden"));
  await again.getByRole("button", { name: "Show all" }).click();
  check("all are back", (await again.locator('.legend-list [aria-pressed="true"]').count()) === 9);
  check("and the address is empty again", (await hash_of(again)) === "", await hash_of(again));
  await again.close();
}

async function zoom(browser) {
  const page = await open(browser, kFile);
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

async function keyboard(browser) {
  const page = await open(browser, kFile);
  const focused = () => page.evaluate(() => document.activeElement.textContent || document.activeElement.className);
  const until = async (wanted) => {
    for (let i = 0; i < 20; ++i) {
      await page.keyboard.press("Tab");
      if (await page.evaluate((selector) => document.activeElement.matches(selector), wanted)) return true;
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
  const file = kFile;
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
  check(
    "no choices on paper",
    !(await dark.locator(".controls").isVisible()) && !(await dark.locator(".tabs").isVisible()),
  );
  await dark.emulateMedia({ media: null });
  const pdf = await dark.pdf({ path: join(process.env.PICTURES, "print.pdf"), preferCSSPageSize: true });
  check("it prints", pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 10000, pdf.length);
  await dark.close();
  const narrow = await open(browser, file, "", { viewport: { width: 320, height: 256 } });
  for (const view of ["Lines", "Exits", "Table", "About"]) {
    await tab(narrow, view);
    const [wide, there] = await narrow.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    check(`at 400 % nothing is cut off: ${view}`, wide <= there, [wide, there]);
  }
  await tab(narrow, "Lines");
  await narrow.screenshot({ path: join(process.env.PICTURES, "narrow.png"), fullPage: true });
  await narrow.close();
}

await in_browser("handling", async (browser) => {
  for (const test of [hover_and_toggle, zoom, keyboard, looks]) await test(browser);
});
