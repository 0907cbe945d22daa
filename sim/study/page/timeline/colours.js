// Colours of the timeline, light and dark. Depths are shades of cividis, which grows in lightness and is read alike with
// every kind of colour vision; tasks are those of Okabe and Ito but the red, which means a miss and nothing else.

import { colour, is_dark } from "../theme.js";

const kCividis = [
  "#00224e",
  "#123570",
  "#3b496c",
  "#575d6d",
  "#707173",
  "#8a8678",
  "#a59c74",
  "#c3b369",
  "#e1cc55",
  "#fee838",
];
const kTasks = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#8c6d31", "#999999"];

// Greys and the red of misses; what text and paper have, the style sheet says.
const kLight = {
  faint: "#f0f0ee",
  bar: "#dcdcd9",
  miss: "#c1121f",
  load: "#9a9a97",
  peak: "#d6d6d3",
  shade: "rgba(0, 0, 0, 0.08)",
  shallowest: 0.02,
};
const kDark = {
  faint: "#1f2124",
  bar: "#3b3f45",
  miss: "#ff6b5e",
  load: "#7d838b",
  peak: "#43484f",
  shade: "rgba(255, 255, 255, 0.1)",
  shallowest: 0.22,
};

const kOfThePage = [
  ["paper", "--paper"],
  ["ink", "--text"],
  ["soft", "--quiet"],
  ["grid", "--grid"],
  ["mark", "--accent"],
];

const parts = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function between(colours, share) {
  const place = share * (colours.length - 1);
  const at = Math.min(Math.floor(place), colours.length - 2);
  const a = parts(colours[at]);
  const b = parts(colours[at + 1]);
  return (
    "#" +
    a
      .map((part, k) =>
        Math.round(part + (b[k] - part) * (place - at))
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")
  );
}

function luminance(hex) {
  const [red, green, blue] = parts(hex).map((part) => (part / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// What can be read on a colour.
export function ink_on(hex) {
  return luminance(hex) > 0.2 ? "#000000" : "#ffffff";
}

export class Colours {
  constructor(deepest) {
    Object.assign(this, is_dark() ? kDark : kLight);
    for (const [name, variable] of kOfThePage) this[name] = colour(variable);
    const share = (depth) => this.shallowest + (0.95 - this.shallowest) * (deepest < 2 ? 0.5 : depth / (deepest - 1));
    this.depths = Array.from({ length: deepest }, (_, depth) => between(kCividis, share(depth)));
  }
  depth(stage) {
    return this.depths[Math.min(stage, this.depths.length - 1)];
  }
  task(task) {
    return kTasks[task % kTasks.length];
  }
}
