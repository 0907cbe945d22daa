// The time axis with its grid, and what follows the pointer.

import { ticks } from "./axis.js";
import { kAxis } from "./layout.js";
import { fitted, moment_text } from "./text.js";

export const kFont = "11px system-ui, sans-serif";

export function paint_axis(context, layout, colours) {
  const { list, unit } = ticks(layout.from, layout.to, layout.plot_width / 90);
  context.font = kFont;
  context.textBaseline = "middle";
  context.textAlign = "center";
  for (const { time, text } of list) {
    const x = Math.round(layout.x(time)) + 0.5;
    context.fillStyle = colours.grid;
    context.fillRect(x - 0.5, kAxis - 6, 1, layout.height - kAxis + 6);
    context.fillStyle = colours.soft;
    if (x > layout.left + 12 && x < layout.right - 12) context.fillText(text, x, kAxis / 2 - 2);
  }
  context.textAlign = "right";
  context.fillText(`time (${unit})`, layout.left - 8, kAxis / 2 - 2);
}

// A name in the gutter, in the middle of a band.
export function paint_name(context, layout, colours, name, y, height) {
  context.font = kFont;
  context.textBaseline = "middle";
  context.textAlign = "right";
  context.fillStyle = colours.ink;
  context.fillText(fitted(context, name, layout.left - 14), layout.left - 8, y + height / 2);
}

export function paint_pointer(context, layout, colours, x) {
  if (x < layout.left || x > layout.right) return;
  context.fillStyle = colours.soft;
  context.globalAlpha = 0.5;
  context.fillRect(Math.round(x), kAxis - 6, 1, layout.height - kAxis + 6);
  context.globalAlpha = 1;
  const text = moment_text(layout.time(x), 1 / layout.scale);
  context.font = kFont;
  context.textAlign = "center";
  context.textBaseline = "middle";
  const half = context.measureText(text).width / 2 + 5;
  const middle = Math.min(Math.max(x, layout.left + half), layout.right - half);
  context.fillStyle = colours.ink;
  context.fillRect(middle - half, 2, 2 * half, kAxis - 9);
  context.fillStyle = colours.paper;
  context.fillText(text, middle, kAxis / 2 - 2);
}

export function paint_brush(context, layout, colours, from, to) {
  context.fillStyle = colours.shade;
  context.fillRect(Math.min(from, to), kAxis - 6, Math.abs(to - from), layout.height);
  context.fillStyle = colours.mark;
  for (const x of [from, to]) context.fillRect(Math.round(x), kAxis - 6, 1, layout.height);
}
