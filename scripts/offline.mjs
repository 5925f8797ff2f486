// Writes the service worker of a release: which files there are, under a name that changes with
// them. Called last by the hook in post-build.mjs.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Files that the first view does not need are kept when they are first used. */
const LATER = /^(chapters|es|words|assets|figures|scenarios|embedding)\/|^part-|standalone|^wiki-widget|^embed\.d\.ts$|^oembed|\.(br|gz)$|^_headers$|^sw\.js$|^\./;

/** Puts the list of files and its digest into `sw.js` of the folder. */
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
  const worker = readFileSync("assets/sw.js", "utf8");
  const written = worker
    .replace('"VERSION"', JSON.stringify(hash.digest("hex").slice(0, 16)))
    .replace('["FILES"]', JSON.stringify(["./", ...first]));
  if (written === worker) throw new Error("assets/sw.js has no place for the list of files");
  writeFileSync(join(folder, "sw.js"), written);
}
