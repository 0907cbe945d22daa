// Numbers as people read them. Times are in ns.

const kUnits = [
  ["s", 1e9],
  ["ms", 1e6],
  ["µs", 1e3],
  ["ns", 1],
];
const kMinus = "\u2212";
const kThin = "\u2009";

// The unit in which a span is a number of one to a thousand.
export function unit_of(span) {
  return kUnits.find(([, ns]) => Math.abs(span) >= ns) ?? kUnits.at(-1);
}

export function grouped(text) {
  const [whole, rest] = text.replace("-", kMinus).split(".");
  return whole.replace(/\B(?=(\d{3})+(?!\d))/g, kThin) + (rest === undefined ? "" : "." + rest);
}

// Four significant digits: "6.612 ms", "−12 µs".
export function duration_text(ns) {
  if (ns === null || Number.isNaN(ns)) return "–";
  const [unit, size] = unit_of(ns);
  const value = ns / size;
  const digits = Number.isInteger(value) ? 0 : Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value) || 1)));
  return `${grouped(value.toFixed(digits))} ${unit}`;
}

// A moment, in ms, with as many digits as it takes to tell moments apart that are `resolution` ns apart.
export function moment_text(ns, resolution = 1) {
  const digits = Math.min(6, Math.max(0, Math.ceil(-Math.log10(resolution / 1e6))));
  return `${grouped((ns / 1e6).toFixed(digits))} ms`;
}

export function share_text(value, digits = 3) {
  return value === null || Number.isNaN(value) ? "–" : value.toFixed(digits);
}

export function count_text(count, noun, plural = noun + "s") {
  return `${grouped(String(count))} ${count === 1 ? noun : plural}`;
}

// As much of a text as fits into `width` pixels of a canvas; empty if that is nothing to speak of.
export function fitted(context, text, width) {
  if (context.measureText(text).width <= width) return text;
  let keep = Math.floor((text.length * width) / context.measureText(text).width);
  while (keep > 0 && context.measureText(text.slice(0, keep) + "…").width > width) --keep;
  return keep < 2 ? "" : text.slice(0, keep) + "…";
}
