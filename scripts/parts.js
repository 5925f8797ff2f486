// Loads the parts of a release's program on demand. scripts/split.mjs bundles this file with the program's own
// JavaScript, in place of the splitter's loader: when a part fails to load, this one says so on the page, and tries
// again.
import { initSync } from "program";

/** Files that were asked for, by name; one that failed is forgotten. */
const asked = new Map();
/** Of a file: the one that contains it, and takes its place where it was asked for. */
export const within = {};
/** Parts that did not arrive and that the reader waits for. */
let missing = 0;

/** What a part shares with the program and the other parts: memory, the stack's place and the table of functions. */
const shared = () => initSync(undefined, undefined);

function fetchPart(name) {
  const file = asked.has(within[name]) ? within[name] : name;
  if (!asked.has(file)) {
    const response = fetch(new URL(file, import.meta.url));
    // A file that holds several parts asks for the same under a second name.
    const part = WebAssembly.instantiateStreaming(response, { __wasm_split: shared(), shared: shared() });
    part.catch(() => asked.delete(file));
    asked.set(file, part);
  }
  return asked.get(file);
}

/**
 * Says on the page that a part did not arrive, and tries again when the reader asks or the network is back. Without
 * this the program would stop. A chapter then shows its answers as text.
 */
function again(load) {
  const root = document.documentElement;
  const pressed = (event) => event.target instanceof Element && event.target.closest("#missing button");
  root.classList.remove("js");
  missing += 1;
  root.dataset.missing = "";
  return new Promise((arrived) => {
    const retry = async (event) => {
      if (event.type === "click" && !pressed(event)) return;
      try {
        await load();
      } catch {
        return; // The words still stand there.
      }
      removeEventListener("online", retry);
      removeEventListener("click", retry);
      missing -= 1;
      if (!missing) delete root.dataset.missing;
      arrived();
    };
    addEventListener("online", retry);
    addEventListener("click", retry);
  });
}

/** What the program calls for a part that lies in these files: with a function of the table, and what that is given. */
export const part = (files) => async (callback, data) => {
  const load = () => Promise.all(files.map(fetchPart));
  try {
    await load();
  } catch (error) {
    console.error(error);
    await again(load);
  }
  shared().__indirect_function_table.get(callback)(data, true);
};
