// Minifies the scripts, the style sheets and the page of a release. Called by scripts/release.mjs.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { change } from "./html.mjs";

/** Only in a module are names outside functions its own, so that they can become shorter. */
const MODULE = /^(import|export)\b/m;

/** Writes every script and style sheet in the folder `dist` anew, under its name. */
export function minifyFiles(dist) {
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const [, kind] = /\.(js|css)$/.exec(entry.name) ?? [];
    if (!entry.isFile() || !kind) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const code = readFileSync(file, "utf8");
    const format = kind === "js" && MODULE.test(code) ? "esm" : undefined;
    const options = { loader: kind, minify: true, charset: "utf8", legalComments: "none", format };
    writeFileSync(file, transformSync(code, options).code);
  }
}

/** Takes the comments out of the page, and the room between its lines. */
export function minifyPage(file) {
  change(file, ($) => {
    const all = $("*").contents().add($.root().contents());
    all.filter((_at, node) => node.type === "comment").remove();
    all.filter((_at, node) => node.type === "text" && !["script", "style", "pre"].includes(node.parent?.name)).each((_at, node) => {
      node.data = node.data.replace(/\s+/g, " ");
    });
    $("head").contents().filter((_at, node) => node.type === "text").remove();
  });
}
