// The whole run in a strip: how many jobs were in the system, misses above, and the window that the panel shows. Drawn
// once for a size; only the window moves.

import { paint_area, paint_misses } from "./paint_density.js";
import { plot_between } from "./layout.js";
import { kFont } from "./paint_axis.js";

export const kOverviewHeight = 46;
const kLeastWidth = 6; // of the window's frame, so that it can be seen and taken

export class Overview {
  constructor(run, activity) {
    Object.assign(this, { run, activity, picture: document.createElement("canvas") });
  }

  // `length` of the time axis, which runs of one figure share.
  prepare(width, ratio, colours, length) {
    this.geometry = { ...plot_between(width), from: 0, to: length };
    const { left, right } = this.geometry;
    this.scale = (right - left) / length;
    this.geometry.time = (x) => (x - left) / this.scale;
    this.picture.width = Math.round(width * ratio);
    this.picture.height = Math.round(kOverviewHeight * ratio);
    const context = this.picture.getContext("2d");
    context.scale(ratio, ratio);
    context.fillStyle = colours.faint;
    context.fillRect(left, 0, right - left, kOverviewHeight);
    const highest = Math.max(1, this.activity.highest);
    const y = (count) => kOverviewHeight - (kOverviewHeight - 14) * (count / highest);
    paint_area(context, this.geometry, colours.peak, kOverviewHeight, (from, to) => y(this.activity.most(from, to)));
    paint_area(context, this.geometry, colours.load, kOverviewHeight, (from, to) => y(this.activity.mean(from, to)));
    paint_misses(context, this.geometry, colours, this.run.miss_times, 0, 12);
    context.font = kFont;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillStyle = colours.soft;
    context.fillText("whole run", left - 8, kOverviewHeight / 2);
  }

  x(time) {
    return this.geometry.left + time * this.scale;
  }
  time(x) {
    return this.geometry.time(x);
  }

  // [left, right] of the window's frame.
  frame(window) {
    const from = Math.max(this.x(window.from), this.geometry.left);
    const to = Math.min(this.x(window.to), this.geometry.right);
    const grow = Math.max(0, kLeastWidth - (to - from)) / 2;
    return [from - grow, to + grow];
  }

  paint(context, window, colours, ratio) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    context.drawImage(this.picture, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const [from, to] = this.frame(window);
    context.fillStyle = colours.shade;
    context.fillRect(this.geometry.left, 0, from - this.geometry.left, kOverviewHeight);
    context.fillRect(to, 0, this.geometry.right - to, kOverviewHeight);
    context.strokeStyle = colours.mark;
    context.lineWidth = 2;
    context.strokeRect(from + 1, 1, Math.max(to - from - 2, 1), kOverviewHeight - 2);
  }
}
