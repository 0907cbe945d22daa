// A plane with axes, zoom and a place under the pointer; what is drawn on it is the caller's. Axes, grid, scales and the
// selection are uPlot's.
//
// Zooming: drag a box (or a strip along one axis); back with a double click, Escape, or the caller's button. Keys: arrows
// step through what can be read, + and - zoom. A range is {x: [low, high], y: [low, high]}.

import uPlot from "uplot";
import { element } from "./dom.js";
import { colour, is_printing } from "./theme.js";

const kLongest = 60; // characters of an axis's title
const kLeastDrag = 8; // CSS pixels: less is a click

// `asked`: {title, x: {title, ticks or null, format}, y: {title, format}, whole: range, zoom: range or null, draw(canvas, to,
// area), nearest(left, top, to) -> place or null, hover(place or null, the plane, low), step(place, by) -> place, on_zoom(range or null)}.
// `to.x(value)`, `to.y(value)` are pixels of the canvas in draw and CSS pixels in nearest. A place is {left, value: {x, y}, ...}; `low`
// says that what is written about it should stand in the lower half.
export class Plot {
  #asked;
  #plot;
  #host;
  #line = element("div", { class: "reading-line", hidden: true });
  #place = null;
  #observer;

  constructor(host, asked) {
    this.#asked = asked;
    this.#host = host;
    host.replaceChildren();
    this.#plot = new uPlot(this.#options(), this.#corners(), host);
    this.#plot.over.append(this.#line);
    this.#plot.over.addEventListener("pointermove", (event) => event.buttons === 0 && this.#move(event));
    this.#plot.over.addEventListener("pointerdown", (event) => event.pointerType === "touch" && this.#move(event));
    this.#plot.over.addEventListener("pointerleave", () => this.read(null));
    this.#plot.over.addEventListener("dblclick", () => this.#asked.on_zoom(null));
    this.#observer = new ResizeObserver(() => this.#fit());
    this.#observer.observe(host);
  }

  destroy() {
    this.#observer.disconnect();
    this.#plot.destroy();
  }

  redraw() {
    this.#plot.redraw(false);
  }

  // What is under the pointer, or the next one for the keyboard.
  read(place, low = false) {
    this.#place = place;
    this.#line.hidden = !place;
    if (place) this.#line.style.transform = `translateX(${place.left}px)`;
    this.#asked.hover(place, this.#plot.over, low);
  }

  // True if the key meant something.
  key(name) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    if (name in steps) this.read(this.#asked.step(this.#place, steps[name], this.#scales(false)));
    else if (name === "+" || name === "=") this.#scale_by(0.5);
    else if (name === "-") this.#scale_by(2);
    else if (name === "Escape" || name === "0") this.#asked.on_zoom(null);
    else return false;
    return true;
  }

  #scale_by(factor) {
    const shown = this.#shown();
    const middle = this.#place?.value ?? { x: (shown.x[0] + shown.x[1]) / 2, y: (shown.y[0] + shown.y[1]) / 2 };
    const scaled = (name) => shown[name].map((end) => middle[name] + (end - middle[name]) * factor);
    const wide = (name) =>
      scaled(name)[1] - scaled(name)[0] >= 0.999 * (this.#asked.whole[name][1] - this.#asked.whole[name][0]);
    this.#asked.on_zoom(wide("x") && wide("y") ? null : { x: scaled("x"), y: scaled("y") });
  }

  #shown() {
    return this.#asked.zoom ?? this.#asked.whole;
  }

  // Two points, so that the plane has something to lie between.
  #corners() {
    const { x, y } = this.#asked.whole;
    return [x, y];
  }

  #size() {
    const width = is_printing() ? Math.min(this.#host.clientWidth || 680, 680) : this.#host.clientWidth || 680;
    return { width, height: Math.round(Math.min(560, Math.max(280, width * 0.62))) };
  }

  #fit() {
    const size = this.#size();
    if (size.width !== this.#plot.width) this.#plot.setSize(size);
  }

  #options() {
    const { x, y } = this.#asked;
    const axis = (asked, more) => ({
      label: asked.title.length > kLongest ? asked.title.slice(0, kLongest - 1) + "…" : asked.title,
      stroke: colour("--quiet"),
      font: `12px ${colour("--font")}`,
      labelFont: `13px ${colour("--font")}`,
      grid: { stroke: colour("--grid"), width: 1 },
      ticks: { stroke: colour("--grid"), width: 1, size: 4 },
      values: (_, splits) => splits.map(asked.format),
      ...more,
    });
    return {
      ...this.#size(),
      legend: { show: false },
      cursor: {
        x: false,
        y: false,
        points: { show: false },
        drag: { x: true, y: true, uni: 20, setScale: false },
        bind: { dblclick: () => null },
      },
      scales: { x: { time: false, range: () => this.#shown().x }, y: { range: () => this.#shown().y } },
      axes: [
        axis(x, {
          ...(x.ticks ? { splits: (_, axis, low, high) => x.ticks.filter((tick) => tick >= low && tick <= high) } : {}),
          size: 34,
          labelSize: 22,
          space: 56,
        }),
        axis(y, { size: 58, labelSize: 22, space: 36 }),
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      hooks: { draw: [() => this.#draw()], setSelect: [() => this.#select()] },
    };
  }

  #scales(canvas) {
    return {
      x: (value) => this.#plot.valToPos(value, "x", canvas),
      y: (value) => this.#plot.valToPos(value, "y", canvas),
    };
  }

  #draw() {
    const canvas = this.#plot.ctx;
    const { left, top, width, height } = this.#plot.bbox;
    canvas.save();
    canvas.beginPath();
    canvas.rect(left, top, width, height);
    canvas.clip();
    this.#asked.draw(canvas, this.#scales(true), this.#plot.bbox, this.#plot.pxRatio ?? devicePixelRatio);
    canvas.restore();
  }

  #select() {
    const { left, top, width, height } = this.#plot.select;
    if (width < kLeastDrag && height < kLeastDrag) return;
    const value = (position, scale) => this.#plot.posToVal(position, scale);
    this.#plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.#asked.on_zoom({
      x: [value(left, "x"), value(left + width, "x")],
      y: [value(top + height, "y"), value(top, "y")],
    });
  }

  #move(event) {
    const box = this.#plot.over.getBoundingClientRect();
    const top = event.clientY - box.top;
    this.read(this.#asked.nearest(event.clientX - box.left, top, this.#scales(false)), top < box.height / 2);
  }
}

// A range around values with some air; around a single one too.
export function around(values, air = 0.05) {
  const numbers = values.filter((value) => value !== null && Number.isFinite(value));
  if (numbers.length === 0) return [0, 1];
  const low = numbers.reduce((a, b) => Math.min(a, b));
  const high = numbers.reduce((a, b) => Math.max(a, b));
  const margin = high > low ? (high - low) * air : Math.max(Math.abs(high) * 0.05, 0.5);
  return [low - margin, high + margin];
}
