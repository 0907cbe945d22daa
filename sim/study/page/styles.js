// The colour, dash and marker of a policy: those of scripts/figures.py, from the same table and by the same rule
// (scripts/lib/laxity_figures/styles.py), so that a policy looks the same on paper and here.

import table from "../../../scripts/lib/laxity_figures/policy_styles.json";
import { is_dark } from "./theme.js";

// In line widths: how much is drawn, how much is left out.
const kDashes = {
  solid: [],
  dashed: [4, 1.6],
  dashdot: [5, 1.3, 1.1, 1.3],
  long: [8, 2],
  dashdotdot: [4, 1.1, 1, 1.1, 1, 1.1],
  short: [2.2, 1.1],
};
const kMarkers = "osD^vPX<>hpd";

const style = ([colour, dash, marker]) => ({ colour, dash, marker });
const normalised = (policy) => {
  const [name, rest] = policy.split(/:(.*)/s);
  return rest === undefined ? name : name + ":" + rest.split(",").sort().join(",");
};
const base_of = (policy) => policy.split(":")[0];
const known = new Map(Object.entries(table.policies).map(([name, row]) => [normalised(name), style(row)]));
// Without the grey of the rest.
const plain = Object.entries(table.policies).filter(([name]) => !name.includes(":") && name !== "random");

// `hash`: the first bytes of the SHA-256 of the policy's name, its parameters sorted; `base_hash`: of the name alone.
export function style_of(policy, hash, base_hash) {
  const found = known.get(normalised(policy));
  if (found) return found;
  const base = known.get(base_of(policy)) ?? {
    colour: plain[base_hash[0] % plain.length][1][0],
    dash: "solid",
    marker: "o",
  };
  const dashes = Object.keys(kDashes).filter((dash) => dash !== base.dash);
  const markers = [...kMarkers].filter((marker) => marker !== base.marker);
  return {
    colour: shaded(base.colour, [-0.35, 0, 0.3][hash[0] % 3]),
    dash: dashes[hash[1] % dashes.length],
    marker: markers[hash[2] % markers.length],
  };
}

// For the values of an axis, which are an order: dark to bright (viridis, without its palest).
export function ordered_style(index, count) {
  const at = count < 2 ? 0 : (0.88 * index) / (count - 1);
  return {
    colour: between(kViridis, at),
    dash: Object.keys(kDashes)[index % 6],
    marker: kMarkers[index % kMarkers.length],
  };
}

// Depth is a quantity: dark is shallow, bright is deep (cividis); depth 0 is a job that left with nothing.
export const depth_colour = (depth, stages) =>
  depth === 0 ? "#D55E00" : between(kCividis, stages < 2 ? 0 : (0.95 * (depth - 1)) / (stages - 1));

const kViridis = ["#440154", "#472d7b", "#3b528b", "#2c728e", "#21918c", "#28ae80", "#5ec962", "#addc30", "#fde725"];
const kCividis = ["#00224e", "#233e6c", "#434e6c", "#5d616e", "#7c7b78", "#9b9476", "#bcae6c", "#dfcb5a", "#fee838"];

function between(colours, at) {
  const place = at * (colours.length - 1);
  const index = Math.min(Math.floor(place), colours.length - 2);
  return mixed(colours[index], colours[index + 1], place - index);
}

const parts_of = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
const hex = (parts) => "#" + parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("");

function mixed(a, b, share) {
  const end = parts_of(b);
  return hex(parts_of(a).map((part, i) => part + (end[i] - part) * share));
}

// Lighter (0 to 1) or darker (-1 to 0), hue and saturation of HLS kept.
function shaded(colour, amount) {
  if (amount === 0) return colour;
  const rgb = parts_of(colour).map((part) => part / 255);
  const [low, high] = [Math.min(...rgb), Math.max(...rgb)];
  const light = (low + high) / 2;
  const wanted = amount > 0 ? light + (1 - light) * amount : light * (1 + amount);
  const span = high === low ? 0 : (high - low) / (1 - Math.abs(2 * light - 1));
  const chroma = span * (1 - Math.abs(2 * wanted - 1));
  const scale = high === low ? 0 : chroma / (high - low);
  return hex(rgb.map((part) => 255 * (wanted + (part - light) * scale)));
}

// As it is drawn: on a dark ground, dark colours are lifted towards white until they can be read.
export function ink(colour) {
  if (!is_dark()) return colour;
  const [r, g, b] = parts_of(colour).map((part) => (part / 255) ** 2.2);
  const luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return mixed(colour, "#ffffff", Math.max(0, Math.min(0.6, 0.62 - 1.9 * luminance)));
}

export const dash_of = (dash, width) => kDashes[dash].map((length) => length * width);

export function translucent(colour, alpha) {
  return `rgba(${parts_of(colour).join(", ")}, ${alpha})`;
}

// Adds the outline of a marker around (x, y) to the path of a canvas.
export function trace_marker(path, marker, x, y, radius) {
  const outline = kOutlines[marker] ?? kOutlines.o;
  if (outline === "circle") {
    path.moveTo(x + radius, y);
    path.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  outline.forEach(([dx, dy], i) => (i === 0 ? path.moveTo : path.lineTo).call(path, x + dx * radius, y + dy * radius));
  path.closePath();
}

const corners = (count, turn) =>
  Array.from({ length: count }, (_, i) => {
    const angle = turn + (2 * Math.PI * i) / count;
    return [1.15 * Math.sin(angle), -1.15 * Math.cos(angle)];
  });
const turned = (points) => points.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]);
const plus = [
  [-0.4, -1.1],
  [0.4, -1.1],
  [0.4, -0.4],
  [1.1, -0.4],
  [1.1, 0.4],
  [0.4, 0.4],
  [0.4, 1.1],
  [-0.4, 1.1],
  [-0.4, 0.4],
  [-1.1, 0.4],
  [-1.1, -0.4],
  [-0.4, -0.4],
];
const kOutlines = {
  o: "circle",
  s: [
    [-0.9, -0.9],
    [0.9, -0.9],
    [0.9, 0.9],
    [-0.9, 0.9],
  ],
  D: [
    [0, -1.25],
    [1.25, 0],
    [0, 1.25],
    [-1.25, 0],
  ],
  d: [
    [0, -1.3],
    [0.75, 0],
    [0, 1.3],
    [-0.75, 0],
  ],
  "^": corners(3, 0),
  v: corners(3, Math.PI),
  "<": corners(3, -Math.PI / 2),
  ">": corners(3, Math.PI / 2),
  P: plus,
  X: turned(plus),
  h: corners(6, 0),
  p: corners(5, 0),
  "*": Array.from({ length: 10 }, (_, i) => {
    const radius = i % 2 ? 0.55 : 1.35;
    return [radius * Math.sin((Math.PI * i) / 5), -radius * Math.cos((Math.PI * i) / 5)];
  }),
};
