// The browser of the tests, and its arguments.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The first of these programs on PATH, or undefined. */
export function onPath(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** Chromium on PATH; undefined means Playwright's own. */
export const findChromium = () =>
  onPath("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

// The sandbox needs rights that root in a container lacks; without --disable-gpu a software GPU
// makes a 2D canvas ten times slower; the rest keeps Chromium from asking its maker's hosts.
export const CHROMIUM_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
