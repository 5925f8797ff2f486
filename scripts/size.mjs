// Reports the bytes that a reader downloads of the release: for the first view, and until every control can be used,
// each against a bound; and for the parts that load on demand. The exit code is 1 above either bound.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { readFile, target } from "./html.mjs";

const BUDGET = 175_000; // bytes, compressed with brotli
const CEILING = 490_000;
const DIST = "dist";

const index = join(DIST, "index.html");
const $ = readFile(index);
// What the page's head only tells others of is not loaded.
const loaded = $("link:not([rel=alternate], [rel=canonical]), script[src], img").toArray();
const named = (elements) => new Set(elements.map((element) => join(DIST, target($(element)))));
// The first view is the text, the drawn stage and the requests that move on it. What follows it is the
// rest of the program, at a low priority.
const follows = named(loaded.filter((element) => $(element).attr("fetchpriority") === "low"));
const first = named(loaded.filter((element) => $(element).attr("fetchpriority") !== "low")).add(index);

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));

function weigh(file) {
  const bytes = readFileSync(file);
  return [file, bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
}

const line = (name, ...sizes) => console.log(name.padEnd(56), ...sizes.map((n) => String(n).padStart(10)));
function table(head, list) {
  const rows = list.map(weigh).sort((a, b) => b[3] - a[3]);
  const total = rows.reduce((sum, row) => sum.map((n, i) => n + row[i + 1]), [0, 0, 0]);
  line(head, "raw", "gzip", "brotli");
  for (const row of rows) line(...row);
  line("total", ...total);
  return total[2];
}

const view = table("first view, bytes", files.filter((file) => first.has(file)));
const rest = table("what follows it", files.filter((file) => follows.has(file)));
// Each is fetched when it is wanted: the other parts of the program, languages, scenes, the map.
const LATER = /\/part-.*\.wasm$|\/(words|map|presets)\/.*\.json$|scenario.*\.json$/;
table("when they are wanted", files.filter((file) => LATER.test(file) && !first.has(file) && !follows.has(file)));
const verdict = (bytes, bound) => `${bytes > bound ? "ABOVE" : "below"} the bound of ${bound}`;
console.log(`${view} bytes for the first view: ${verdict(view, BUDGET)}`);
console.log(`${view + rest} bytes until every control can be used: ${verdict(view + rest, CEILING)}`);
process.exitCode = view > BUDGET || view + rest > CEILING ? 1 : 0;
