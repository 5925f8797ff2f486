// Writes the service worker of a release: the list of files, and a cache name that changes with their contents. Called
// by scripts/release.mjs, after all other files are written.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";

/** Files that the first view does not need are kept when they are first used. */
const LATER = /^(chapters|words|assets|scenarios|embedding|map|presets|style)\/|^part-(?!chunk_page-[0-9a-f]+\.)|^scenario|^standalone|^wiki-widget|^embed\.|^oembed/;
/** Pages of their own, which are always asked of the network first; names that change with their content. */
const UNCHECKED = /^(chapters|embedding)\/|^standalone|-[0-9a-f]{8,}(_bg)?\.\w+$/;

const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Writes `sw.js` of the folder: assets/sw.js with the lists of files and their digest in the place of its constants. */
export function writeServiceWorker(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1))
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => !/\.(br|gz)$|^sw\.js$|^_headers$|(^|\/)\./.test(file))
    .sort();
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(readFileSync(join(folder, file)));
  const first = files.filter((file) => !LATER.test(file));
  const later = files.filter((file) => LATER.test(file) && !UNCHECKED.test(file));
  const starts = later.map((file) => [file, digest(readFileSync(join(folder, file))).slice(0, 12)]);
  const define = {
    VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)),
    FILES: JSON.stringify(["./", ...first]),
    LATER: JSON.stringify(Object.fromEntries(starts)),
  };
  const worker = transformSync(readFileSync("assets/sw.js", "utf8"), { define, minify: true, charset: "utf8" });
  writeFileSync(join(folder, "sw.js"), worker.code);
}
