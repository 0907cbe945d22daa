// The time axis: where its ticks are and what they say.

import { grouped, unit_of } from "./text.js";

// Distances of 1, 2 or 5 times a power of ten, at least `least` ns, whole ns.
export function nice_step(least) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
}

// [{time, text}] over [from, to]. Labels count from the start of the run in the unit of the step's size, so that they
// stay short: "1 204.35" ms.
export function ticks(from, to, most) {
  const step = nice_step((to - from) / Math.max(1, most));
  const [unit, size] = unit_of(Math.max(step * 10, 1));
  const digits = Math.max(0, Math.ceil(-Math.log10(step / size) - 1e-9));
  const list = [];
  for (let k = Math.ceil(from / step); k * step <= to; ++k)
    list.push({ time: k * step, text: grouped(((k * step) / size).toFixed(digits)) });
  return { list, unit };
}
