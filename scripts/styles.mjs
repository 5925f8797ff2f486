// One style sheet in the place of many, for releases: each would be a request that the first picture waits
// for, and together they compress better. Called by the hook in post-build.mjs.
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** These the chapters and the page of embeddings link to by themselves. */
const SHARED = /^(?:tokens|base)-/;
const LINK = /<link\b[^>]*\brel="?stylesheet"?[^>]*>/g;

/** Puts the sheets that `index.html` links to into one, in their order, at the place of the first. */
export function gatherStyles(dist) {
  const page = join(dist, "index.html");
  const html = readFileSync(page, "utf8");
  const names = [...html.matchAll(LINK)].map(([link]) => /href="?(?:\.\/)?([^"\s>]+)/.exec(link)[1]);
  const whole = names.map((name) => readFileSync(join(dist, name), "utf8")).join("\n");
  // Addresses in it are relative to the sheet, which stays in the same folder.
  const name = `style-${createHash("sha256").update(whole).digest("hex").slice(0, 16)}.css`;
  writeFileSync(join(dist, name), whole);
  let link = `<link rel="stylesheet" href="./${name}">`;
  writeFileSync(page, html.replace(LINK, () => {
    const here = link;
    link = "";
    return here;
  }));
  for (const one of names.filter((one) => !SHARED.test(one))) rmSync(join(dist, one));
}
