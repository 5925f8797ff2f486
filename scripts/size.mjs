// What a reader downloads: for the first view, against the budget; then until every control can be used,
// against a ceiling, as it must not grow unseen; and what is fetched when it is wanted. Exit code 1 above either bound.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

const BUDGET = 200_000; // bytes, compressed with brotli
const GOAL = 150_000;
const CEILING = 480_000;
const DIST = "dist";

const page = readFileSync(join(DIST, "index.html"), "utf8");
// What the page's head only tells others of is not loaded.
const told = /<meta[^>]*\bproperty=[^>]*>|<link[^>]*rel="?alternate"?[^>]*>/g;
// The first view is the text, the drawn stage and the requests that move on it. What follows it is the
// rest of the program, at a low priority.
const follows = /<link[^>]*fetchpriority="?low"?[^>]*>/g;
const whole = page.replace(told, "");
const first = whole.replace(follows, "");

const files = readdirSync(DIST, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
// What the program imports is loaded with it.
const glue = readFileSync(files.find((file) => /\bevenkeel-[0-9a-f]+\.js$/.test(file)), "utf8");
const imports = [...glue.matchAll(/\bfrom ?"\.\/([^"]+)"/g)].map(([, file]) => file).join(" ");
const named = (html, file) => (html + imports).includes(file.slice(DIST.length + 1));

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

const index = join(DIST, "index.html");
const view = table("first view, bytes", files.filter((file) => file === index || named(first, file)));
const rest = table("what follows it", files.filter((file) => file !== index && named(whole, file) && !named(first, file)));
// Each is fetched when it is wanted: the other parts of the program, languages, scenes, the map.
const LATER = /\/part-|\/config|\/(words|map|presets)\/|scenario.*\.json$/;
table("when they are wanted", files.filter((file) => LATER.test(file) && /\.(wasm|js|css|json)$/.test(file) && !named(whole, file)));
const verdict = view > BUDGET ? "OVER THE BUDGET" : view > GOAL ? "within the budget, above the goal" : "within the goal";
console.log(`${verdict}: ${view} bytes for the first view; budget ${BUDGET}, goal ${GOAL}`);
const over = view + rest > CEILING;
console.log(`${view + rest} bytes until every control can be used; ${over ? "ABOVE" : "below"} the ceiling of ${CEILING}`);
process.exitCode = view > BUDGET || over ? 1 : 0;
