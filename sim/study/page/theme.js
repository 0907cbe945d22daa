// Light and dark. What is drawn on a canvas asks here for its colours and is told when they change, for printing too: paper
// is white.

const dark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set();
let chosen = stored();
let printing = false;

function stored() {
  try {
    return localStorage.getItem("laxity-theme");
  } catch {
    return null;
  }
}

export const is_dark = () => !printing && (chosen ? chosen === "dark" : dark.matches);
export const is_printing = () => printing;

// Switches between the two; the choice is kept where the browser keeps anything for files.
export function switch_theme() {
  chosen = is_dark() ? "light" : "dark";
  try {
    localStorage.setItem("laxity-theme", chosen);
  } catch {
    // Private windows and some browsers' local files have no storage: the choice lasts as long as the page.
  }
  apply();
}

// A colour of the style sheet, as in colour("--grid").
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function on_theme(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function apply() {
  document.documentElement.dataset.theme = is_dark() ? "dark" : "light";
  for (const listener of [...listeners]) listener();
}

function print(now) {
  printing = now;
  apply();
}

dark.addEventListener("change", apply);
window.addEventListener("beforeprint", () => print(true));
window.addEventListener("afterprint", () => print(false));
apply();
