// `make times`: measures how long the common commands take, on a clone of the last commit in a folder of its own. It
// writes the table in CONTRIBUTING.md and docs/times.json, from which each step prints its usual time.
//   node scripts/times.mjs [serve] [test]    only these; the other figures stay
// "Bare" is a clone with an empty target folder, no tools and an empty cache of crates; Rust, Node.js and the browser
// are installed. "Warm" is the same command again with nothing changed.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { said } from "./usual.mjs";

const FILE = "docs/times.json";
const PAGE = "CONTRIBUTING.md";
const PORT = "18080";
const [BEGIN, END] = ["<!-- times -->", "<!-- /times -->"];

const now = () => Date.now() / 1000;
const seconds = (started) => Math.round(now() - started);

/** A clone of the last commit, and what its programs get as environment. */
function clone() {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-times-"));
  execFileSync("git", ["clone", "--quiet", process.cwd(), join(folder, "clone")]);
  const cargo = join(folder, "cargo");
  const config = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "config.toml");
  if (existsSync(config)) cpSync(config, join(cargo, "config.toml"));
  const env = { ...process.env, CARGO_HOME: cargo };
  delete env.CARGO_TARGET_DIR;
  return { folder, root: join(folder, "clone"), env };
}

const answers = () => fetch(`http://127.0.0.1:${PORT}/`).then((answer) => answer.ok, () => false);

/** Seconds from `make serve` to a page that answers. */
async function serve({ root, env }) {
  const started = now();
  const child = spawn("make", ["serve", `PORT=${PORT}`], { cwd: root, env, stdio: "inherit", detached: true });
  const ended = new Promise((done) => child.on("exit", done));
  let over = false;
  ended.then(() => (over = true));
  while (!(await answers())) {
    if (over) throw new Error("make serve ended without a page");
    await new Promise((done) => setTimeout(done, 200));
  }
  const taken = seconds(started);
  process.kill(-child.pid, "SIGINT");
  await ended;
  return taken;
}

/** A change of a number that the program uses, as one makes while trying something. */
function edit({ root }, file, [before, after]) {
  const text = readFileSync(join(root, file), "utf8");
  if (!text.includes(before)) throw new Error(`${file} has no ${before}: choose another number for the edit`);
  writeFileSync(join(root, file), text.replace(before, after));
}

async function measureServe() {
  const at = clone();
  try {
    const bare = await serve(at);
    const warm = await serve(at);
    edit(at, "src/ui/frame.rs", ["PULSE_MS: f64 = 250.0", "PULSE_MS: f64 = 251.0"]);
    const page = await serve(at);
    edit(at, "crates/sim/src/engine/observations.rs", ["FLASHES: usize = 128", "FLASHES: usize = 129"]);
    const engine = await serve(at);
    return { bare, warm, page, engine };
  } finally {
    rmSync(at.folder, { recursive: true, force: true });
  }
}

function test({ root, env }) {
  const started = now();
  let good = true;
  try {
    execFileSync("make", ["test"], { cwd: root, env, stdio: "inherit" });
  } catch {
    good = false;
  }
  const steps = JSON.parse(readFileSync(join(root, "test-results/times.json"), "utf8"));
  return { good, total: seconds(started), steps };
}

function measureTest() {
  const at = clone();
  try {
    const bare = test(at);
    const warm = test(at);
    if (!bare.good || !warm.good) console.error("make test failed: the times are written all the same");
    return { bare, warm };
  } finally {
    rmSync(at.folder, { recursive: true, force: true });
  }
}

function table(times) {
  const rows = [["step", "bare", "warm"]];
  const cell = (value) => (value === undefined ? "–" : said(value));
  rows.push(["`make serve` to the first page", cell(times.serve?.bare), cell(times.serve?.warm)]);
  rows.push(["… after an edit in the page", "–", cell(times.serve?.page)]);
  rows.push(["… after an edit in the engine", "–", cell(times.serve?.engine)]);
  rows.push(["`make test`", cell(times.test?.bare), cell(times.test?.warm)]);
  for (const step of Object.keys(times.bare ?? {})) rows.push([`… ${step}`, cell(times.bare[step]), cell(times.warm?.[step])]);
  const [head, ...body] = rows.map((row) => `| ${row.join(" | ")} |`);
  const when = `Measured on ${times.date}, ${times.cores} cores, by \`make times\`.`;
  return [head, "|---|---:|---:|", ...body, "", when].join("\n");
}

function write(times) {
  writeFileSync(FILE, `${JSON.stringify(times, null, 2)}\n`);
  const text = readFileSync(PAGE, "utf8");
  const [before, rest] = text.split(BEGIN);
  const after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`${PAGE} has no place for the table`);
  writeFileSync(PAGE, `${before}${BEGIN}\n${table(times)}\n${END}${after}`);
  console.log(table(times));
}

const wanted = process.argv.slice(2);
const wants = (what) => wanted.length === 0 || wanted.includes(what);
const times = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
times.date = new Date().toISOString().slice(0, 10);
times.cores = availableParallelism();
if (wants("serve")) times.serve = await measureServe();
if (wants("test")) {
  const { bare, warm } = measureTest();
  times.test = { bare: bare.total, warm: warm.total };
  times.bare = bare.steps;
  times.warm = warm.steps;
}
write(times);
