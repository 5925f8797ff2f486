// Runs the checks and tests, all of them even when one fails.
//   make test                     everything
//   make unit|theory|wasm|e2e ARGS="…"   one kind, ARGS passed to its runner
// The last line is always "N passed, N failed": every test of every runner, and one for each check.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { onPath } from "./browser.mjs";

const WASM32 = ["--target", "wasm32-unknown-unknown"];
const RESULTS = "test-results/results.json";

const [only, ...extra] = process.argv.slice(2);
let passed = 0;
let failed = 0;
const failures = [];

function count(name, ok, bad, seconds) {
  passed += ok;
  failed += bad;
  if (bad) failures.push(name);
  console.log(`-- ${name}: ${ok} passed, ${bad} failed, ${seconds} s`);
}

/** Runs a program, showing its output; resolves to its success and what it printed. */
function run(program, args, env = {}) {
  return new Promise((done) => {
    const started = Date.now();
    let output = "";
    const child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const show = (stream) => (chunk) => {
      output += chunk;
      stream.write(chunk);
    };
    child.stdout.on("data", show(process.stdout));
    child.stderr.on("data", show(process.stdout));
    const end = (good) =>
      done({ good, output, seconds: ((Date.now() - started) / 1000).toFixed(1) });
    child.on("error", (error) => {
      console.log(String(error));
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

/** A check counts as one. */
async function check(name, program, args) {
  console.log(`\n== ${name}`);
  const { good, seconds } = await run(program, args);
  count(name, good ? 1 : 0, good ? 0 : 1, seconds);
  return good;
}

/** Adds up what test runners of Rust's kind print; a run that fails without saying so counts as one. */
function countRust(name, { good, output, seconds }) {
  let ok = 0;
  let bad = 0;
  for (const [, p, f] of output.matchAll(/^\s*test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
    ok += Number(p);
    bad += Number(f);
  }
  count(name, ok, !good && bad === 0 ? 1 : bad, seconds);
}

async function unit() {
  console.log("\n== native tests");
  countRust("native tests", await run("cargo", ["test", "--no-fail-fast", ...extra]));
}

/** Optimised, as it handles thousands of millions of events. */
async function theory() {
  console.log("\n== queueing theory");
  const args = ["test", "--profile", "theory", "--test", "theory", "--no-fail-fast"];
  countRust("queueing theory", await run("cargo", [...args, ...extra]));
}

async function wasm() {
  const driver = onPath("chromedriver");
  console.log(`\n== wasm tests in a browser${driver ? "" : ", through a page: no chromedriver here"}`);
  const env = {
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: driver
      ? "wasm-bindgen-test-runner"
      : "node scripts/wasm-page-runner.mjs",
    ...(driver && { CHROMEDRIVER: driver }),
    // Seconds for all tests together, and for the driver to start on a busy machine.
    WASM_BINDGEN_TEST_TIMEOUT: "300",
    WASM_BINDGEN_TEST_DRIVER_TIMEOUT: "60",
  };
  countRust("wasm tests", await run("cargo", ["test", ...WASM32, "--test", "web", ...extra], env));
}

/** On the page as it is published: the release, shrunk by wasm-opt. */
async function e2e() {
  const name = "Playwright tests";
  if (!(await check("release build", "make", ["dist/.release"])) || !existsSync("dist/.release")) {
    count(`${name}, without a page to test`, 0, 1, 0);
    return;
  }
  await check("size of the first view", process.execPath, ["scripts/size.mjs"]);
  console.log(`\n== ${name}`);
  rmSync(RESULTS, { force: true });
  const { good, seconds } = await run("node_modules/.bin/playwright", ["test", ...extra]);
  const stats = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")).stats : {};
  const { expected = 0, unexpected = 0, flaky = 0 } = stats;
  if (flaky) console.log(`-- ${flaky} of them passed at the second try only: look for "flaky" above`);
  count(name, expected + flaky, !good && unexpected === 0 ? 1 : unexpected, seconds);
}

async function everything() {
  const lint = ["--", "-D", "warnings"];
  await check("formatting", "cargo", ["fmt", "--check"]);
  await check("clippy, host", "cargo", ["clippy", "--all-targets", "--test", "theory", ...lint]);
  const page = ["--lib", "--bin", "evenkeel", "--bin", "config", "--test", "web"];
  await check("clippy, wasm32", "cargo", ["clippy", ...WASM32, ...page, ...lint]);
  await unit();
  await theory();
  await wasm();
  await e2e();
}

const PARTS = {
  unit: [unit, ["balancers"]],
  theory: [theory, []],
  wasm: [wasm, ["wasm", "tools", "npm-tests", "browser"]],
  e2e: [e2e, ["wasm", "tools", "npm-tests", "browser"]],
};
const [action, needs] = only ? (PARTS[only] ?? []) : [everything, [...PARTS.e2e[1], "balancers"]];
if (!action) {
  console.error(`no such kind of test: ${only}; there are ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
const setup = await run("scripts/setup.sh", needs);
if (!setup.good) count("setup", 0, 1, setup.seconds);
await action();
if (failures.length) console.log(`\nfailed: ${failures.join("; ")}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
