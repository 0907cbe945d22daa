// What the tests of a study's views do to a page, and read from it.

// What is read under the pointer: {title, rows: [[text of a cell]]}.
export const readout = (page) =>
  page.evaluate(() => {
    const box = document.querySelector(".readout");
    if (!box || box.hidden) return null;
    const rows = [...box.querySelectorAll("tbody tr")].map((row) =>
      [...row.cells].slice(1).map((cell) => cell.textContent),
    );
    return { title: box.querySelector(".readout-title").textContent, rows };
  });
export const kBound = "least bound"; // as the page calls it; `laxity report` does not
export const number = (text) => Number(text.replace("−", "-").replace("+", ""));
export const ends = (text) => text.slice(1, -1).split(", ").map(number);
export const hash_of = (page) => page.evaluate(() => new URLSearchParams(location.hash.slice(1)).toString());
export const legend = (page, label) => page.locator(".legend-list button", { hasText: label }).first();
export const choose = (page, choice, value) => page.locator(`[data-choice="${choice}"] select`).selectOption(value);
export const tab = (page, title) => page.getByRole("tab", { name: title }).click();
export const near = (shown, exact, digit) => Math.abs(shown - exact) <= 0.5001 * digit;
