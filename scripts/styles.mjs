// Joins the style sheets of the first view into one, for releases: each sheet would be a request that the first picture
// waits for, and one sheet compresses better. Called by scripts/release.mjs.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { change, target } from "./html.mjs";

/** These the chapters and the page of embeddings link to by themselves. */
const SHARED = /^(?:tokens|base)-/;

/** Puts the sheets that `index.html` links to into one, in their order, at the place of the first. */
export function gatherStyles(dist) {
  change(join(dist, "index.html"), ($) => {
    const links = $("link[rel=stylesheet]");
    const names = links.toArray().map((link) => target($(link)));
    const whole = names.map((name) => readFileSync(join(dist, name), "utf8")).join("\n");
    const { code } = transformSync(whole, { loader: "css", minify: true, charset: "utf8" });
    // Addresses in it are relative to the sheet, which stays in the same folder.
    const name = `style-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.css`;
    writeFileSync(join(dist, name), code);
    links.first().attr("href", `./${name}`);
    links.slice(1).remove();
    for (const one of names.filter((one) => !SHARED.test(one))) rmSync(join(dist, one));
  });
}
