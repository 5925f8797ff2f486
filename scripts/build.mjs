// Builds the page.
//   node scripts/build.mjs                  the plain page into target/page, for work and tests
//   node scripts/build.mjs --serve 8080     the same, and serves it: what `make serve` does
//   node scripts/build.mjs --release        the release into dist/, for any static host
// A step is left out where nothing that it reads has changed.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { assemble } from "./assemble.mjs";
import { buildProgram, findBindgen } from "./bindgen.mjs";
import { CHAPTERS, SCHEMA, compileChapters, finish } from "./post-build.mjs";
import { serve } from "./serve.mjs";
import { TARGET, cargo, run, step } from "./steps.mjs";

const WASM32 = ["--target", "wasm32-unknown-unknown"];
const PAGE = ["build", "--locked", "--package", "evenkeel", "--bin", "evenkeel", ...WASM32];
const compiledAs = (profile) => join(TARGET, `wasm32-unknown-unknown/${profile}/evenkeel.wasm`);
const COMPILED = compiledAs("debug");
/** What wasm-bindgen writes, and what it was written from. */
const GLUE = join(TARGET, "glue");
const OUT = join(TARGET, "page");
const DIST = "dist";
/** In a folder: what it was made from. */
const STAMP = ".built";
/** The same in the folder of the release, which says too that it is a finished one. */
const RELEASE = ".release";
/** What is read to make a page of a compiled program. */
const STEPS = ["assemble", "bindgen", "build", "compress", "hosting", "html", "minify", "offline", "policy", "post-build", "release",
  "split", "standalone", "styles", "wasm-features"].map((name) => `scripts/${name}.mjs`);
const SOURCES = ["index.html", "assets", "style", "scripts/parts.js", "package-lock.json", ...STEPS];

// The splitter needs relocations. The folder of this machine's crates is in no byte of a release: it is the same
// wherever it is built.
const CRATES = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry/src");
const RELEASE_FLAGS = ["-Clink-arg=--emit-relocs", "--cfg=erase_components", `--remap-path-prefix=${CRATES}=crates`];
/** Compiles the standard library with the page, for size: 12 KB less to load. DESIGN.md says why and what it costs. */
const BUILD_STD = ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"];

/** One digest of all these files and of the files in these folders, by their names and contents. */
function digestOf(paths) {
  const hash = createHash("sha256");
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path, { recursive: true }).sort().map((name) => join(path, name)).filter((file) => statSync(file).isFile())
      : [path]);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

const stampOf = (folder, name = STAMP) => {
  const file = join(folder, name);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

/** Has wasm-bindgen write the folder GLUE, where the compiled page is another than last time. */
async function writeGlue(bindgen) {
  const from = digestOf([COMPILED, "Cargo.lock"]);
  if (stampOf(GLUE) === from) return;
  const [program, ...first] = bindgen;
  // Without the names of functions, which are half of the file.
  const options = ["--target", "web", "--no-typescript", "--remove-name-section", "--omit-default-module-path"];
  rmSync(GLUE, { recursive: true, force: true });
  await step("writing the page's JavaScript", "", () =>
    run(program, [...first, ...options, "--out-dir", GLUE, "--out-name", "evenkeel", COMPILED]));
  writeFileSync(join(GLUE, STAMP), from);
}

/** What the page is made from when its program is this file or in this folder. */
const madeFrom = (program) => `${digestOf([CHAPTERS, SCHEMA, program, ...SOURCES])} ${process.env.EVENKEEL_SITE ?? ""}`;

/** Puts a finished folder in the place of an older one. */
function replace(folder, fresh) {
  const old = `${fresh}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(fresh, folder);
  rmSync(old, { recursive: true, force: true });
}

/**
 * Builds the plain page. With `stale` the chapters are written by the program that is there, which draws their
 * pictures with the engine as it was when that was compiled: a page after an edit is there sooner.
 */
export async function plain({ stale = false } = {}) {
  const [, bindgen] = await Promise.all([
    step("compiling the page", "20 s after an edit, 3 min at first", () => cargo(PAGE)),
    findBindgen(),
  ]);
  if (!stale) await compileChapters();
  await writeGlue(bindgen);
  const made = madeFrom(GLUE);
  if (stampOf(OUT) === made) return;
  const fresh = `${OUT}.new`;
  rmSync(fresh, { recursive: true, force: true });
  assemble("index.html", fresh, GLUE);
  await finish(fresh);
  writeFileSync(join(fresh, STAMP), made);
  replace(OUT, fresh);
}

/** How cargo compiles the release. Cargo takes the options of BUILD_STD from a stable toolchain with RUSTC_BOOTSTRAP. */
async function howReleased() {
  const sources = join((await run("rustc", ["--print", "sysroot"])).trim(), "lib/rustlib/src/rust");
  const args = [...PAGE, "--release", "--features", "split"];
  const flags = [...RELEASE_FLAGS, `--remap-path-prefix=${sources}=rust`].join(" ");
  const env = { CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: flags };
  if (existsSync(join(sources, "library/std"))) return { args: [...args, ...BUILD_STD], env: { ...env, RUSTC_BOOTSTRAP: "1" } };
  console.error("build: Rust's own sources are missing (rustup component add rust-src): the release is 12 KB larger");
  return { args, env };
}

/** Builds the release. */
export async function release() {
  // These need packages that the plain page does without.
  const [{ release }, { split }] = await Promise.all([import("./release.mjs"), import("./split.mjs")]);
  const { args, env } = await howReleased();
  const [, program] = await Promise.all([
    step("compiling the release", "4 min", () => cargo(args, env)),
    step("compiling the build program", "1 s, 1 min at first", buildProgram),
  ]);
  await compileChapters();
  const compiled = compiledAs("release");
  const made = madeFrom(compiled);
  if (stampOf(DIST, RELEASE) === made) return;
  const parts = join(TARGET, "parts");
  const followers = await split({ buildProgram: program, compiled, out: parts });
  const fresh = join(TARGET, "dist.new");
  rmSync(fresh, { recursive: true, force: true });
  assemble("index.html", fresh, parts);
  await finish(fresh);
  await release(fresh, followers);
  writeFileSync(join(fresh, RELEASE), made);
  replace(DIST, fresh);
}

/** Builds the plain page and serves it. */
async function serveAt(port) {
  await plain({ stale: existsSync(CHAPTERS) && existsSync(SCHEMA) });
  await serve({ dir: OUT, port: Number(port), compressed: true }).then(
    ({ url }) => console.log(`\n  Evenkeel is at ${url}    (Ctrl+C stops it)\n`),
    (error) => {
      const inUse = error.code === "EADDRINUSE";
      throw new Error(inUse ? `port ${port} is in use; choose another: make serve PORT=8081` : error.message);
    },
  );
  // The page is there; now its chapters by the engine as it is.
  await plain();
}

function main() {
  const { values } = parseArgs({ options: { serve: { type: "string" }, release: { type: "boolean" } } });
  if (values.release) return release();
  return values.serve === undefined ? plain() : serveAt(values.serve);
}

main().catch((error) => {
  console.error(`build: ${error.message}`);
  process.exit(1);
});
