// `make bench`: how fast the engine is, natively and as WebAssembly, for each algorithm and fleet
// size; what a request in flight weighs; how the event queue compares. Prints tables with ratios:
// compare within one run, absolute figures are the machine's.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const SAMPLES = 5;
const IN_FLIGHT = 100_000;
const GLUE = "target/bench-wasm";
const BUDGET = { events: 5e6, goal: 10e6, bytes: 128 };

const run = (program, args) =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

function native() {
  const text = run("cargo", ["bench", "--quiet", "--bench", "engine"]);
  const lines = text.trim().split("\n").map((line) => line.split(" "));
  const of = (kind) => lines.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  return {
    speed: new Map(of("engine").map(([id, servers, speed]) => [`${id} ${servers}`, Number(speed)])),
    bytes: Number(of("memory")[0][1]),
    queues: of("queue").map((row) => row.map(Number)),
  };
}

function load() {
  const file = "target/wasm32-unknown-unknown/release/examples/engine_wasm.wasm";
  const target = ["--target", "wasm32-unknown-unknown", "--example", "engine_wasm"];
  run("cargo", ["build", "--quiet", "--profile", "bench", ...target]);
  rmSync(GLUE, { recursive: true, force: true });
  run("wasm-bindgen", ["--target", "nodejs", "--out-dir", GLUE, file]);
  // The glue is of Node's older kind of module, whatever this package says.
  writeFileSync(`${GLUE}/package.json`, '{ "type": "commonjs" }');
  return createRequire(import.meta.url)(resolve(GLUE, "engine_wasm.js"));
}

function wasm(engine) {
  const [events, ...sizes] = [...engine.sizes()].reverse();
  const fleets = sizes.reverse();
  const ids = engine.algorithms().trim().split("\n");
  const speed = new Map();
  for (const id of ids) {
    for (const servers of fleets) {
      engine.ready(servers, id);
      let best = Infinity;
      for (let sample = 0; sample < SAMPLES; sample++) {
        engine.rewind();
        const start = performance.now();
        engine.sample();
        best = Math.min(best, performance.now() - start);
      }
      speed.set(`${id} ${servers}`, (events / best) * 1e3);
    }
  }
  return { ids, fleets, speed };
}

/** Bytes by which WebAssembly's memory grows for each request; it never shrinks. */
function wasmBytes(engine) {
  engine.crowd(0);
  const before = engine.memory_bytes();
  const count = engine.crowd(IN_FLIGHT);
  return Math.round((engine.memory_bytes() - before) / count);
}

function table(head, rows) {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row.map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join("  ");
  console.log(all.map(line).join("\n"));
}

const ratio = (value) => `${value.toFixed(2)}×`;
const millions = (value) => (value / 1e6).toFixed(2);

const host = native();
const engine = load();
// Memory first: the fleets below would have grown it already.
const bytes = wasmBytes(engine);
const page = wasm(engine);

console.log("\nEngine: millions of events a second; about 7 events a request. Beside each, the ratio to round robin.");
table(
  ["algorithm", ...page.fleets.flatMap((servers) => [`${servers}, native`, "ratio", `${servers}, wasm`, "ratio", "wasm/native"])],
  page.ids.map((id) => [
    id,
    ...page.fleets.flatMap((servers) => {
      const at = (speed, who) => speed.get(`${who} ${servers}`);
      const [n, w] = [at(host.speed, id), at(page.speed, id)];
      const base = "round_robin";
      return [
        millions(n),
        ratio(n / at(host.speed, base)),
        millions(w),
        ratio(w / at(page.speed, base)),
        ratio(w / n),
      ];
    }),
  ]),
);

const hundred = page.speed.get("power_of_two 100");
console.log("\nBudgets");
table(
  ["what", "measured", "budget", "goal"],
  [
    ["wasm, 100 servers, two choices: million events/s", millions(hundred), millions(BUDGET.events), millions(BUDGET.goal)],
    ["bytes a request in flight, native", host.bytes, BUDGET.bytes, ""],
    ["bytes a request in flight, wasm (growth of its memory)", bytes, BUDGET.bytes, ""],
  ],
);

console.log("\nEvent queue: nanoseconds for taking the first event and putting in another");
table(
  ["pending", "ours", "heap of structs", "ratio", "B-tree", "ratio"],
  host.queues.map(([pending, ours, heap, tree]) => [
    pending,
    ours.toFixed(1),
    heap.toFixed(1),
    ratio(heap / ours),
    tree.toFixed(1),
    ratio(tree / ours),
  ]),
);
