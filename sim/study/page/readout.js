// The numbers under the pointer: a small table beside it, and the same for those who listen.

import { element } from "./dom.js";
import { swatch } from "./legend.js";

const kBeside = 18; // CSS pixels between the pointer and the box
const kMany = 12; // rows

// "rtdeepiot:delta=0.05,predictor=mean,skip=true" -> "rtdeepiot delta=0.05, mean, skip": words speak for themselves.
function short_name(label) {
  const [name, rest] = label.split(/:(?=[^ ])(.*)/s);
  if (!rest) return label;
  const said = rest.split(",").map((parameter) => {
    const [key, value] = parameter.split(/=(.*)/s);
    return value === "true" ? key : /^[a-z]{2,}$/i.test(value ?? "") ? value : parameter;
  });
  return `${name} ${said.join(", ")}`;
}

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
    const head = element(
      "tr",
      {},
      element("th", {}),
      heads.map((each) => element("th", { scope: "col" }, each)),
    );
    const body = rows.map((row) =>
      element(
        "tr",
        { class: row.strong ? "strong" : null },
        element("td", {}, row.style ? swatch(row.style) : null),
        row.cells.map((text, i) => element("td", {}, i === 0 && rows.length > kMany ? short_name(text) : text)),
      ),
    );
    this.#box.replaceChildren(
      element("div", { class: "readout-title" }, title),
      element("table", {}, element("thead", {}, head), element("tbody", {}, body)),
    );
    this.#box.hidden = false;
    const many = rows.length > kMany;
    this.#box.classList.toggle("many", many);
    this.#box.classList.toggle("low", low && !many);
    this.#box.style.left = "0";
    this.#box.style.left = `${this.#left_end(left, width, many)}px`;
    this.#say(title, rows);
  }

  // Beside the pointer; one of many rows at the right end of the window, over the list of lines, if the pointer is not there.
  #left_end(left, width, many) {
    const own = this.#box.offsetWidth;
    const room = many
      ? document.documentElement.clientWidth - this.#box.parentElement.getBoundingClientRect().left - 12
      : width;
    if (many && room - own > left + kBeside) return room - own;
    const right = left + kBeside + own <= width || (left < width / 2 && !many);
    return Math.max(0, right ? Math.min(left + kBeside, Math.max(0, width - own)) : left - kBeside - own);
  }

  #say(title, rows) {
    this.#announce(
      `${title}. ` +
        rows
          .slice(0, 8)
          .map((row) => row.cells.join(" "))
          .join("; "),
    );
  }
}
