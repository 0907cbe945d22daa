// Puts shell.html, page.css and the modules from main.js on into one page, on stdout: node bundle.mjs FOLDER DIGEST, where
// FOLDER/node_modules holds esbuild and uplot, and DIGEST is that of the sources. Run by scripts/bundle_page.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = resolve(process.argv[2], "node_modules");
const esbuild = createRequire(join(modules, "_"))("esbuild");
const text_of = (...path) => readFileSync(join(...path), "utf8");

// Browsers of the last three years.
const target = ["chrome117", "firefox117", "safari17"];

const { outputFiles } = await esbuild.build({
  entryPoints: [join(here, "main.js")],
  bundle: true,
  write: false,
  format: "iife",
  minify: true,
  charset: "ascii",
  legalComments: "none",
  nodePaths: [modules],
  target,
});
const css = await esbuild.transform(text_of(modules, "uplot/dist/uPlot.min.css") + text_of(here, "page.css") + text_of(here, "timeline/timeline.css"), { loader: "css", minify: true, target });

// In a script element these would end it, or begin what swallows its end.
const script = outputFiles[0].text.trim().replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
const style = css.code.trim();
const hash = (text) => "sha256-" + createHash("sha256").update(text).digest("base64");
const version = JSON.parse(text_of(modules, "uplot/package.json")).version;
const parts = {
  digest: process.argv[3],
  script,
  style,
  script_hash: hash(script),
  style_hash: hash(style),
  licences: `This page contains uPlot ${version}, https://github.com/leeoniya/uPlot:\n\n${text_of(modules, "uplot/LICENSE").trim()}`,
};
process.stdout.write(text_of(here, "shell.html").replace(/%([a-z_]+)%/g, (_, name) => parts[name]));
