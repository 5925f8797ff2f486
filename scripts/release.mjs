// Turns a finished page into a release: it can be installed and works offline, its files are minified, each has
// compressed copies, and there is a version in one file.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { compress } from "./compress.mjs";
import { change } from "./html.mjs";
import { minifyFiles, minifyPage } from "./minify.mjs";
import { writeServiceWorker } from "./offline.mjs";
import { step } from "./steps.mjs";
import { gatherStyles } from "./styles.mjs";
import { writeStandalone } from "./standalone.mjs";

/** What makes the page installable and keeps it for when there is no network. */
function addOffline(dist) {
  for (const name of ["offline.js", "manifest.webmanifest", "icon.svg"]) copyFileSync(`assets/${name}`, join(dist, name));
  change(join(dist, "index.html"), ($) => {
    $("head").append('<link rel="manifest" href="./manifest.webmanifest"><script defer src="./offline.js"></script>');
  });
}

/** Has the browser fetch what follows the first view, while that is shown. */
function addFollowers(dist, names) {
  change(join(dist, "index.html"), ($) => {
    for (const name of names) {
      // assets/boot.js makes it a preload when the first view was painted, which it would hold up.
      const link = { rel: "later", as: "fetch", type: "application/wasm", crossorigin: "", fetchpriority: "low", href: `./${name}` };
      $("head").append($("<link>").attr(link));
    }
  });
}

/** Makes a finished page in the folder `dist` a release. `followers` are the files that follow the first view. */
export async function release(dist, followers) {
  addFollowers(dist, followers);
  addOffline(dist);
  gatherStyles(dist);
  minifyFiles(dist);
  minifyPage(join(dist, "index.html"));
  // It lists the other files, so it comes after them; and the twins are no files of their own to it.
  writeServiceWorker(dist);
  await step("compressing every file", "15 s", () => compress(dist));
  // After the lists of files: it is in none of them.
  writeStandalone(dist);
}
