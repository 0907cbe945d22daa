// What was run: by study its notes, how much there is, the command, and the whole manifest.

import { copy, element } from "../dom.js";
import { counted } from "../numbers.js";

export function about_view(container, sections) {
  container.append(...sections.map(about));
  return { destroy: () => {} };
}

function about(study) {
  const manifest = parsed(study.manifest);
  const facts = [
    ["runs", counted(study.runs, "run")],
    ["points", counted(study.points.length, "point")],
    ["policies", counted(study.competitors.length, "policy").replace("policys", "policies")],
    ["seeds", seeds_text(study)],
    ["made", manifest.created],
    ["by", manifest.tool],
    [
      "on",
      manifest.host && [manifest.host.name, manifest.host.processor, manifest.host.system].filter(Boolean).join(", "),
    ],
    ["with", manifest.command],
  ];
  const list = element(
    "dl",
    { class: "facts" },
    facts
      .filter(([, text]) => typeof text === "string" && text !== "")
      .map(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]),
  );
  const notes =
    study.notes.length > 0
      ? element(
          "ul",
          { class: "notes" },
          study.notes.map((note) => element("li", {}, note)),
        )
      : null;
  const button = element(
    "button",
    { type: "button", class: "plain", on: { click: () => copy(study.manifest, button) } },
    "Copy",
  );
  const details = element(
    "details",
    {},
    element("summary", {}, "Manifest"),
    button,
    element("pre", { tabindex: 0 }, study.manifest),
  );
  return element("section", { class: "about" }, element("h2", {}, study.label), notes, list, details);
}

function seeds_text(study) {
  const counts = study.seeds.map((list) => list.length);
  if (counts.length === 0) return "";
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? `${low} a point` : `${low} to ${high} a point`;
}

function parsed(text) {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
