// `make bench`: the speed of the engine, natively and as WebAssembly, for each algorithm and fleet size; the same queue
// model in other programs; frames and starts in Chromium, beside PixiJS; the memory of a request in flight; the event
// queue beside others. Prints tables with ratios and budgets. Compare within one run, since absolute figures depend on
// the machine. Nothing here fails, since everything is a measurement of time.
import { execFileSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { dots, pageFrames, starts } from "./bench/frames.mjs";
import { PHONE_HEADS, phone } from "./bench/phone.mjs";
import { model as plainModel } from "./bench/queue.mjs";
import { findBindgen } from "./bindgen.mjs";

const SAMPLES = 5;
const IN_FLIGHT = 100_000;
const GLUE = "target/bench-wasm";
/** The same program for a page. */
const WEB_GLUE = "target/bench-web";
const SIMPY = ".tools/simpy/bin/python";
/** Requests of the queue model: SimPy gets fewer, as it takes its time. */
const MODEL = 100_000;
const SIMPY_MODEL = 20_000;
const DOTS = [1_000, 5_000, 20_000, 50_000];
/**
 * What the peers took where the budgets were set: a figure of another machine is known by its ratio to them. PixiJS
 * a frame of 1,000 (processor, ms), JavaScript with typed arrays a second (events, of a model with two a request).
 */
const THERE = { pixi: 11.2, plain: 9.8e6 };
const BUDGET = { events: 5e6, goal: 10e6, bytes: 128, start: 1_000, startGoal: 500, lanes: 2, frame: 6, fps: 60 };

const run = (program, args) =>
  execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });

execFileSync("scripts/setup.sh", ["npm-tests", "browser", "bench"], { stdio: "inherit" });

function native() {
  const text = run("cargo", ["bench", "--quiet", "--bench", "engine"]);
  const lines = text.trim().split("\n").map((line) => line.split(" "));
  const of = (kind) => lines.filter(([first]) => first === kind).map(([, ...rest]) => rest);
  return {
    model: of("model")[0].map(Number),
    speed: new Map(of("engine").map(([id, servers, speed]) => [`${id} ${servers}`, Number(speed)])),
    bytes: Number(of("memory")[0][1]),
    queues: of("queue").map((row) => row.map(Number)),
  };
}

async function load() {
  const file = "target/wasm32-unknown-unknown/release/examples/engine_wasm.wasm";
  const target = ["--target", "wasm32-unknown-unknown", "--example", "engine_wasm"];
  // As readers get it: the release's profile.
  run("cargo", ["build", "--quiet", "--release", ...target]);
  const [program, ...first] = await findBindgen();
  for (const [kind, folder] of [["nodejs", GLUE], ["web", WEB_GLUE]]) {
    rmSync(folder, { recursive: true, force: true });
    run(program, [...first, "--target", kind, "--no-typescript", "--out-dir", folder, "--out-name", "engine_wasm", file]);
  }
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
  const all = [head, ...rows].map((row) => head.map((_, column) => String(row[column] ?? "")));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    row.map((text, i) => (i ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join("  ");
  console.log(all.map(line).join("\n"));
}

const ratio = (value) => `${value.toFixed(2)}×`;
const millions = (value) => (value / 1e6).toFixed(2);

const host = native();
const engine = await load();
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

/** Milliseconds of the shortest of several runs, and what the last one gave. */
function shortest(act) {
  let [best, result] = [Infinity, undefined];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const start = performance.now();
    result = act();
    best = Math.min(best, performance.now() - start);
  }
  return [best, result];
}

/** The median frame of four lanes at 10,000 requests a second each, in milliseconds. */
function raceFrame(engine) {
  const lanes = new engine.Lanes();
  const times = Array.from({ length: 600 }, () => {
    const start = performance.now();
    lanes.frame();
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[times.length / 2];
}

/** The queue model: ours in both forms, plain JavaScript, SimPy. Each gives requests, seconds, events, mean. */
function queueModels(engine, [requests, events, seconds, mean]) {
  const rows = [["this engine, native", requests, seconds, events, mean]];
  const [ms, [wasmEvents, wasmMean]] = shortest(() => engine.model(MODEL));
  rows.push(["this engine, wasm as shipped", MODEL, ms / 1e3, wasmEvents, wasmMean]);
  const [plainMs, plain] = shortest(() => plainModel(MODEL));
  rows.push(["JavaScript with typed arrays", MODEL, plainMs / 1e3, plain.events, plain.mean]);
  if (existsSync(SIMPY)) {
    const [count, took, simpyMean] = run(SIMPY, ["scripts/bench/queue.py", SIMPY_MODEL]).split(" ").map(Number);
    rows.push(["SimPy 4.1.2", count, took, count * 6, simpyMean]);
  } else console.log("\nSIMPY IS NOT HERE: the queue model was not run in it.");
  return rows;
}

console.log("\nThe same queue model: two choices, 100 servers of 4 workers, 90 % busy. The mean says that it is the same.");
const models = queueModels(engine, host.model);
const perRequest = (row) => row[2] / row[1];
const plain = models.find(([who]) => who.startsWith("JavaScript"));
table(
  ["who", "requests/s", "million events/s", "events a request", "mean response, ms", "time a request, to JavaScript's"],
  models.map((row) => {
    const [who, requests, seconds, events, mean] = row;
    return [who, Math.round(requests / seconds), millions(events / seconds), (events / requests).toFixed(1), (mean / 1e3).toFixed(2),
      ratio(perRequest(row) / perRequest(plain))];
  }),
);

console.log("\nFrames on a canvas of 1200 by 700, as fps / script ms / processor ms of all of Chromium's processes a frame.");
console.log("Ours simulates as well; above 6,000 in flight it draws streams with their numbers, and no dots.");
const cell = (one) => (one ? `${one.fps.toFixed(0)} / ${one.script.toFixed(2)} / ${one.cpu.toFixed(1)}` : "NOT HERE");
const drawn = await dots(WEB_GLUE, DOTS);
table(
  ["on their way", "this painter", "PixiJS 8.22 particles", "processor, PixiJS to ours"],
  drawn.map(({ count, ours, pixi }) => [count, cell(ours), cell(pixi), pixi ? ratio(pixi.cpu / ours.cpu) : ""]),
);

const hundred = page.speed.get("power_of_two 100");
const start = await starts();
const frames = (one) => `${one.fps.toFixed(0)} fps, ${one.cpu.toFixed(1)} ms${one.behind ? ", slower than asked" : ""}`;
const whole = `${BUDGET.fps} fps, ${BUDGET.frame} ms`;
/** Requests a second that keep so many on their way in the page's scene. */
const rateFor = (requests) => Math.round(requests / 1.41);
/** A figure and its budget, as ratios to a peer's figure in this run and where the budget was set. */
const toPeer = (figure, peer, budget, there) =>
  peer ? [ratio(figure / peer), ratio(budget / there)] : ["NOT HERE", ratio(budget / there)];
const pixi = drawn.find(({ count }) => count === 1_000)?.pixi?.cpu;
const [one, fine] = [await pageFrames(rateFor(1_000)), await pageFrames(rateFor(1_000), { ratio: 2 })];
console.log("\nBudgets. Frames are the whole page's: simulation, picture, texts, charts.");
console.log("Those of frames and events are also said as parts of what PixiJS and plain JavaScript take in the same run.");
table(
  ["what", "measured", "budget", "goal", "to the peer", "budget to the peer"],
  [
    ["text on the page, ms", Math.round(start.text)],
    ["first moving picture, ms", Math.round(start.moving), BUDGET.start, BUDGET.startGoal],
    ["1,000 on their way", frames(one), whole, "", ...toPeer(one.cpu, pixi, BUDGET.frame, THERE.pixi)],
    ["1,000 on their way, two pixels a pixel", frames(fine), whole],
    ["20,000 on their way, as streams", frames(await pageFrames(rateFor(20_000))), "60 fps"],
    ["50,000 on their way, as streams", frames(await pageFrames(rateFor(50_000))), "50 fps"],
    ["four lanes at 10,000 requests/s: simulating a frame, ms", raceFrame(engine).toFixed(2), BUDGET.lanes],
    ["four lanes at 10,000 requests/s, the whole page", frames(await pageFrames(10_000, { lanes: 4 })), "60 fps"],
    ["wasm, 100 servers, two choices: million events/s", millions(hundred), millions(BUDGET.events), millions(BUDGET.goal),
      ...toPeer(hundred, plain[3] / plain[2], BUDGET.events, THERE.plain)],
    ["bytes a request in flight, native", host.bytes, BUDGET.bytes],
    ["bytes a request in flight, wasm (growth of its memory)", bytes, BUDGET.bytes],
  ],
);

console.log("\nOn a phone: 412 by 823. A pulse is what a frame costs more in which the texts change. Goals: no long task and 50 frames");
console.log("a second slowed four times, a pulse under 4 ms at full speed, and no nodes alive that are not on the page.");
table(PHONE_HEADS, await phone("dist", WEB_GLUE));

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
