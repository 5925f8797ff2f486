// Runs the checks and tests, all of them even when one fails.
//   make test                        what everybody runs before a commit
//   make test-all                    everything, with full counts, on the release too
//   make unit|theory|e2e ARGS="…"    one kind, ARGS passed to its runner
//   node scripts/test.mjs ci         what continuous integration runs: `make test`, then one part of the rest
//   node scripts/test.mjs part       the part of `make test-all` that the commit's hash chooses (.ci/run)
//   node scripts/test.mjs part NAME  that part; `parts` lists them
// The last line is always "N passed, N failed, N skipped": every test of every runner, and one for each check.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { usually } from "./usual.mjs";

// What scripts/setup.sh installs here comes first, also where this program is not called by make.
process.env.PATH = [resolve(".tools/bin"), process.env.PATH].join(delimiter);

const RESULTS = "test-results/results.json";
/** Tests of the real programs write a line here for each that could not run. */
const SKIPPED = "test-results/skipped.txt";
/** What each step took, in seconds, for `make times`. */
const TIMES = "test-results/times.json";
const WASM32 = ["--target", "wasm32-unknown-unknown"];
/** Ten thousand histories, every load and seed of the theory, a hundred thousand damaged inputs. */
const FULL = { EVENKEEL_CASES: "full" };

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const times = {};

/** Runs a program, showing its output; resolves to its success, what it printed and the seconds it took. */
function run(program, args, env = {}) {
  return new Promise((done) => {
    const started = Date.now();
    let output = "";
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        output += chunk;
        process.stdout.write(chunk);
      });
    }
    const end = (good) => done({ good, output, seconds: (Date.now() - started) / 1000 });
    child.on("error", (error) => {
      console.log(String(error));
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

function begin(name) {
  console.log(`\n== ${name}${usually(name)}`);
}

function count(name, { passed, failed, skipped = 0, seconds }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  times[name] = Math.round(seconds);
  if (failed) failures.push(name);
  console.log(`-- ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds.toFixed(0)} s`);
}

/** A check counts as one. */
async function check(name, program, args, env) {
  begin(name);
  const { good, seconds } = await run(program, args, env);
  count(name, { passed: good ? 1 : 0, failed: good ? 0 : 1, seconds });
  return good;
}

/** Adds up what Rust's test runner prints; a run that fails without saying so counts as one. */
async function rust(name, args, env = {}) {
  begin(name);
  rmSync(SKIPPED, { force: true });
  const { good, output, seconds } = await run("cargo", ["test", ...args], { EVENKEEL_SKIPPED: SKIPPED, ...env });
  let passed = 0;
  let failed = 0;
  for (const [, p, f] of output.matchAll(/^\s*test result: \w+\. (\d+) passed; (\d+) failed/gm)) {
    passed += Number(p);
    failed += Number(f);
  }
  const lines = existsSync(SKIPPED) ? readFileSync(SKIPPED, "utf8").trim().split("\n") : [];
  for (const line of lines) console.log(`skipped: ${line}`);
  if (!good && failed === 0) failed = 1;
  // The runner has counted as passed what could not run.
  count(name, { passed: passed - lines.length, failed, skipped: lines.length, seconds });
}

/** Formatting and lints, for the host and for the page. */
async function lint() {
  const deny = ["--", "-D", "warnings"];
  await check("formatting", "cargo", ["fmt", "--all", "--check"]);
  await check("clippy, host", "cargo", ["clippy", "--all-targets", ...deny]);
  await check("clippy, wasm32", "cargo", ["clippy", ...WASM32, "-p", "evenkeel", "--lib", "--bin", "evenkeel", ...deny]);
}

const unit = (env, extra = []) => rust("native tests", ["--no-fail-fast", ...extra], env);
const theory = (env, extra = [], name = "queueing theory") => rust(name, ["--test", "theory", "--no-fail-fast", ...extra], env);

/** Playwright on one of the two builds: the plain page, or the release. */
async function specs(name, { release = false, extra = [] } = {}) {
  const target = release ? "dist/.release" : "page";
  const what = release ? "release build" : "page build";
  if (!(await check(what, "make", [target]))) {
    count(`${name}, without a page to test`, { passed: 0, failed: 1, seconds: 0 });
    return;
  }
  if (release) await check("size of the release", process.execPath, ["scripts/size.mjs"]);
  // Some specs compare the page with it.
  await check("command line", "cargo", ["build", "--locked", "--package", "evenkeel", "--bin", "evenkeel"]);
  begin(name);
  rmSync(RESULTS, { force: true });
  const env = release ? { EVENKEEL_RELEASE: "1" } : {};
  const { good, seconds } = await run("node_modules/.bin/playwright", ["test", ...extra], env);
  const stats = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")).stats : {};
  const { expected = 0, unexpected = 0, flaky = 0 } = stats;
  // A second try is a failure: retries are off, and nobody may turn them on unseen.
  const failed = unexpected + flaky;
  count(name, { passed: expected, failed: !good && failed === 0 ? 1 : failed, seconds });
}

const e2e = (extra) => specs("browser specs", { extra });

/** What everybody runs. */
async function short() {
  await lint();
  await unit();
  await theory();
  await e2e();
}

// The rest, in parts of at most twenty minutes on two cores: `.ci/run` does one of them after `make test`.
const onRelease = (shard) => () => specs(`browser specs on the release, ${shard}`, { release: true, extra: [`--shard=${shard}`] });
const theoryOf = (...names) => () => theory(FULL, ["--", ...names], `queueing theory, ${names.join(" ")}`);
const PARTS = {
  "full counts": () => unit(FULL),
  "theory 1": theoryOf("mm1", "choices"),
  "theory 2": theoryOf("mmc"),
  "theory 3": theoryOf("mg1", "round_robin"),
  "release 1": onRelease("1/2"),
  "release 2": onRelease("2/2"),
};

async function everything() {
  await short();
  await check("clippy, build program", "cargo", ["clippy", "-p", "evenkeel-build", "--all-targets", "--", "-D", "warnings"]);
  for (const part of Object.values(PARTS)) await part();
}

/** The part that this commit chooses: over a few commits all have their turn. */
function chosen() {
  const names = Object.keys(PARTS);
  const hash = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" });
  return names[parseInt(hash.slice(0, 8), 16) % names.length];
}

async function part(name = chosen()) {
  if (!PARTS[name]) {
    console.error(`no such part: ${name}; there are ${Object.keys(PARTS).join(" | ")}`);
    process.exit(2);
  }
  console.log(`\n## of the long tests: ${name}`);
  await PARTS[name]();
}

async function ci() {
  await short();
  await part();
}

const BROWSER = ["wasm", "npm-tests", "browser"];
const KINDS = {
  short: [short, [...BROWSER, "balancers"]],
  all: [everything, [...BROWSER, "balancers"]],
  ci: [ci, [...BROWSER, "balancers"]],
  part: [part, [...BROWSER, "balancers"]],
  lint: [() => lint(), ["wasm"]],
  unit: [(...extra) => unit({}, extra), ["balancers"]],
  theory: [(...extra) => theory({}, extra), []],
  e2e: [(...extra) => e2e(extra), BROWSER],
};

const [kind = "short", ...extra] = process.argv.slice(2);
if (kind === "parts") {
  console.log(Object.keys(PARTS).join("\n"));
  process.exit(0);
}
const [action, needs] = KINDS[kind] ?? [];
if (!action) {
  console.error(`no such kind of test: ${kind}; there are ${Object.keys(KINDS).join(", ")}`);
  process.exit(2);
}
mkdirSync("test-results", { recursive: true });
const setup = await run("scripts/setup.sh", needs);
if (!setup.good) count("setup", { passed: 0, failed: 1, seconds: setup.seconds });
await action(...extra);
writeFileSync(TIMES, `${JSON.stringify(times, null, 2)}\n`);
if (failures.length) console.log(`\nfailed: ${failures.join("; ")}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed ? 1 : 0;
