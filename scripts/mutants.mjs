// Breaks the engine on purpose, in one place after the other, and says which tests notice it. A break that no
// test notices is a hole in the tests. The breaks are in scripts/mutants.json.
//   node scripts/mutants.mjs           all of them
//   node scripts/mutants.mjs 3 17      these, by number
// It works on the commit that is checked out, in a clone of its own (target/mutants, or EVENKEEL_MUTANTS). All
// breaks are compiled into one program and an environment variable turns one on, since a build takes longer than
// the tests. The last line is "N noticed, N missed", and the list is in target/mutants/list.md.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const HOME = resolve(process.env.EVENKEEL_MUTANTS ?? "target/mutants");
const TREE = join(HOME, "tree");
const STAMP = join(HOME, "stamp");
const SOURCES = join(TREE, "crates/sim/src");
/** Tests that run for longer have lost their way: that is noticed too. */
const LONGEST_MS = 8 * 60_000;
/** The unit tests of the other crates do not run the engine. */
const NATIVE = ["test", "-p", "evenkeel", "-p", "evenkeel-sim", "--lib", "--bins", "--tests", "--no-fail-fast"];
/** Nor do these, or they take long and look for something else. */
const ELSEWHERE = ["conf_", "tidy", "words", "hosting", "chapters", "embed", "link_fuzz", "an_hour_at"];
const SKIPPING = ["--", ...ELSEWHERE.flatMap((name) => ["--skip", name])];
const THEORY = ["test", "--test", "theory", "--no-fail-fast"];

const mutants = JSON.parse(readFileSync("scripts/mutants.json", "utf8"));
const wanted = process.argv.slice(2).map(Number);
const chosen = mutants.map((one, place) => ({ ...one, number: place + 1 }));

/** Rust that says whether this mutant is on. */
const isOn = (number) => `crate::mutant(${number})`;

/** Puts a mutant into its file beside what it breaks. */
function plant({ file, from, to, number }) {
  const path = join(SOURCES, file);
  const text = readFileSync(path, "utf8");
  // Unit tests stay as they are.
  const code = text.split("#[cfg(test)]\nmod tests")[0];
  const places = code.split(from).length - 1;
  if (places !== 1) throw new Error(`mutant ${number}: ${file} has ${places} places with: ${from}`);
  const both = to.includes("MUTANT") ? to : `(if MUTANT { ${to} } else { ${from} })`;
  writeFileSync(path, text.replace(from, () => both.replaceAll("MUTANT", isOn(number))));
}

/** The function that mutants ask. */
function plantSwitch() {
  const path = join(SOURCES, "lib.rs");
  const text = readFileSync(path, "utf8");
  const lines = [
    "static MUTANT: std::sync::LazyLock<u32> = std::sync::LazyLock::new(|| {",
    '    std::env::var("EVENKEEL_MUTANT").map_or(0, |text| text.parse().expect("a number"))',
    "});",
    "/// Whether the engine is broken in this place.",
    "pub(crate) fn mutant(number: u32) -> bool {",
    "    *MUTANT == number",
    "}",
  ];
  const quiet = text.replace("\npub mod ", "\n#![allow(unused_parens)]\n\npub mod ");
  writeFileSync(path, `${quiet}\n${lines.join("\n")}\n`);
}

/** Runs cargo in the clone; resolves to what it printed, and whether it ended well, or at all. */
function cargo(args, env = {}) {
  return new Promise((done) => {
    const child = spawn("cargo", args, {
      cwd: TREE,
      // In a group of its own, so that the tests that it started end with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // A case that failed is enough; making it smaller takes time.
      env: { ...process.env, CARGO_TARGET_DIR: join(HOME, "build"), PROPTEST_MAX_SHRINK_ITERS: "0", ...env },
    });
    let output = "";
    let late = false;
    const clock = setTimeout(() => {
      late = true;
      process.kill(-child.pid, "SIGKILL");
    }, LONGEST_MS);
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("close", (status) => {
      clearTimeout(clock);
      done({ good: status === 0, late, output });
    });
  });
}

/** The tests that fail, or why there is no such list. */
async function failing(args, env) {
  const { good, late, output } = await cargo(args, env);
  // Cases that failed are kept by proptest: the next mutant begins without them.
  execFileSync("git", ["-C", TREE, "checkout", "-q", "--", "tests/proptest-regressions"]);
  execFileSync("git", ["-C", TREE, "clean", "-fdqx", "tests", "crates"]);
  const names = [...output.matchAll(/^test (\S+) (?:- should panic )?\.\.\. FAILED/gm)].map(([, name]) => name);
  if (late) names.push("(does not end)");
  if (!good && names.length === 0) names.push("(the tests stop)");
  return names;
}

// A clone with the same engine, the same tests and the same mutants is built already.
const parts = ["HEAD:crates/sim", "HEAD:tests/it", "HEAD:tests/theory"];
const stamp = execFileSync("git", ["rev-parse", ...parts], { encoding: "utf8" }) + JSON.stringify(mutants);
if (!existsSync(STAMP) || readFileSync(STAMP, "utf8") !== stamp) {
  rmSync(TREE, { recursive: true, force: true });
  execFileSync("git", ["clone", "-q", ".", TREE]);
  chosen.forEach(plant);
  plantSwitch();
  writeFileSync(STAMP, stamp);
}
console.log(`building with ${chosen.length} mutants`);
const compiled = spawnSync("cargo", [...NATIVE, "--no-run"], {
  cwd: TREE,
  env: { ...process.env, CARGO_TARGET_DIR: join(HOME, "build") },
  stdio: "inherit",
});
if (compiled.status !== 0) process.exit(1);
const sound = await failing([...NATIVE, ...SKIPPING], { EVENKEEL_MUTANT: "0" });
if (sound.length) {
  console.error(`without a mutant these fail already: ${sound.join(", ")}`);
  process.exit(1);
}

const rows = ["| | place | change | noticed by |", "|---|---|---|---|"];
let missed = 0;
const trials = chosen.filter(({ number }) => wanted.length === 0 || wanted.includes(number));
for (const { number, file, what } of trials) {
  const env = { EVENKEEL_MUTANT: String(number) };
  let names = await failing([...NATIVE, ...SKIPPING], env);
  if (names.length === 0) names = (await failing(THEORY, env)).map((name) => `theory: ${name}`);
  if (names.length === 0) missed += 1;
  const more = names.length > 4 ? ` and ${names.length - 4} more` : "";
  const by = names.length ? `${names.slice(0, 4).join(", ")}${more}` : "**nobody**";
  rows.push(`| ${number} | ${file} | ${what} | ${by} |`);
  console.log(`${number} ${file}: ${what}: ${by}`);
  writeFileSync(join(HOME, "list.md"), `${rows.join("\n")}\n`);
}
console.log(`\n${trials.length - missed} noticed, ${missed} missed`);
process.exitCode = missed ? 1 : 0;
