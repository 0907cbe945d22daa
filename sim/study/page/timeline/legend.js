// What the marks mean, as a line of swatches: little canvases, drawn by the same code as the jobs.

import { element } from "../dom.js";

const kWidth = 22;
const kHeight = 14;

function swatch(panel, text, paint) {
  const canvas = element("canvas", {
    width: kWidth * panel.ratio,
    height: kHeight * panel.ratio,
    class: "mark",
    "aria-hidden": "true",
  });
  const context = canvas.getContext("2d");
  context.scale(panel.ratio, panel.ratio);
  paint(context);
  return element("span", { class: "entry" }, canvas, text);
}

export function legend(panel, settings) {
  const { run, colours, style } = panel;
  const block = (colour) => (context) => {
    context.fillStyle = colour;
    context.fillRect(1, 1, kWidth - 2, kHeight - 2);
  };
  const fills =
    settings.colour_by === "depth"
      ? colours.depths.map((colour, depth) => swatch(panel, `stage ${depth + 1}`, block(colour)))
      : run.tasks.map((name, task) => swatch(panel, name, block(colours.task(task))));
  return element(
    "div",
    { class: "entries" },
    fills,
    swatch(panel, "release to deadline", (context) => {
      context.fillStyle = colours.bar;
      context.fillRect(1, 4, kWidth - 2, kHeight - 8);
      context.fillStyle = colours.ink;
      context.fillRect(kWidth - 3, 1, 1.25, kHeight - 2);
    }),
    swatch(panel, "missed", (context) => cross(context, colours.miss)),
    swatch(panel, "overrun: its job had left", (context) => style.hatch(context, 1, 1, kWidth - 2, kHeight - 2)),
    swatch(panel, "exit used, right", (context) => disc(context, colours.ink, colours.paper)),
    swatch(panel, "exit used, wrong", (context) => disc(context, colours.paper, colours.ink)),
  );
}

function cross(context, colour) {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.lineCap = "round";
  for (const side of [-4, 4]) {
    context.moveTo(kWidth / 2 - side, kHeight / 2 - 4);
    context.lineTo(kWidth / 2 + side, kHeight / 2 + 4);
  }
  context.stroke();
}

function disc(context, fill, edge) {
  context.beginPath();
  context.arc(kWidth / 2, kHeight / 2, 3.5, 0, 7);
  context.fillStyle = fill;
  context.fill();
  context.lineWidth = 1.4;
  context.strokeStyle = edge;
  context.stroke();
}
