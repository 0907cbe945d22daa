// How stages are filled: by depth or by task; hatched where their job had left.

import { kNone } from "./run.js";

export class Style {
  constructor(run, colours, settings) {
    Object.assign(this, { run, colours, settings });
    const tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const context = tile.getContext("2d");
    context.strokeStyle = colours.miss;
    context.lineWidth = 1.3;
    for (const shift of [-6, 0, 6]) {
      context.moveTo(shift, 6);
      context.lineTo(shift + 6, 0);
    }
    context.stroke();
    this.pattern = context.createPattern(tile, "repeat");
  }

  colour(i) {
    const job = this.run.stage_job[i];
    if (this.settings.colour_by === "depth") return this.colours.depth(this.run.stage[i]);
    return job === kNone ? this.colours.task(6) : this.colours.task(this.run.task[job]);
  }

  hatch(context, x, y, width, height) {
    context.fillStyle = this.colours.paper;
    context.fillRect(x, y, width, height);
    context.fillStyle = this.pattern;
    context.fillRect(x, y, width, height);
    context.strokeStyle = this.colours.miss;
    context.lineWidth = 0.75;
    if (width > 2) context.strokeRect(x + 0.4, y + 0.4, width - 0.8, height - 0.8);
  }
}
