// Makes the scripts of a release smaller: what wasm-bindgen writes is for people to read, and Trunk's own
// minifier cannot read what the splitting makes of it. Called by the hook in post-build.mjs.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

/** Only in a module are names outside functions its own, so that they can become shorter. */
const MODULE = /^(import|export)\b/m;

/** Writes every script in the folder `dist` anew, under its name. */
export function minifyScripts(dist) {
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(".js")) continue;
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const code = readFileSync(file, "utf8");
    const format = MODULE.test(code) ? "esm" : undefined;
    writeFileSync(file, transformSync(code, { minify: true, charset: "utf8", legalComments: "none", format }).code);
  }
}
