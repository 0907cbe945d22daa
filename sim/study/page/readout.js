// The numbers under the pointer: a small table beside it, and the same for those who listen.

import { element } from "./dom.js";
import { swatch } from "./legend.js";

export class Readout {
  #box = element("div", { class: "readout", hidden: true });
  #announce;

  constructor(host, announce) {
    this.#announce = announce;
    host.append(this.#box);
  }

  hide() {
    this.#box.hidden = true;
  }

  // `rows`: {style, cells: [text], strong}, in the order wanted; `left` and `width` in CSS pixels of the host; `low`: at
  // its lower end.
  show({ title, heads, rows, left, width, low = false }) {
    const head = element("tr", {}, element("th", {}), heads.map((each) => element("th", { scope: "col" }, each)));
    const body = rows.map((row) =>
      element("tr", { class: row.strong ? "strong" : null }, element("td", {}, row.style ? swatch(row.style) : null), row.cells.map((text) => element("td", {}, text))),
    );
    this.#box.replaceChildren(element("div", { class: "readout-title" }, title), element("table", {}, element("thead", {}, head), element("tbody", {}, body)));
    this.#box.hidden = false;
    this.#box.classList.toggle("low", low);
    const own = this.#box.offsetWidth;
    const right = left + 18 + own <= width || left < width / 2;
    this.#box.style.left = `${Math.max(0, right ? Math.min(left + 18, Math.max(0, width - own)) : left - 18 - own)}px`;
    this.#announce(`${title}. ` + rows.slice(0, 8).map((row) => row.cells.join(" ")).join("; "));
  }
}
