// Splits the program of a release into the part for the first view, and parts that load on demand: the functions marked
// `lazy` in src/ui/lazy.rs. The splitter says which files each part needs. Small files are joined here, all are shrunk
// and named, and the program's JavaScript gets a loader for them (scripts/parts.js).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { run, step } from "./steps.mjs";
import { FEATURES } from "./wasm-features.mjs";

/** The part that everybody gets who opens the page, and the one that chapters get in its place. */
const FIRST = "page";
const CHAPTERS = "lesson";
/** Files that are smaller than this (bytes) lie in one with others: a request costs more than they do. */
const SMALL = 24_000;
// The files' own names for what the program shares with them, and for the same in a file that holds several.
const SHARED = "__wasm_split";
const OUTSIDE = "shared";
const BINARYEN = "node_modules/binaryen/bin";
/** How the splitter begins the names of what the program calls to load a part. */
const LOADERS = "__wasm_split_load_";

const digest = (content) => createHash("sha256").update(content).digest("hex").slice(0, 10);
// These warn of each name that the splitter's names leave out.
const binaryen = (tool, ...args) => run(process.execPath, [join(BINARYEN, tool), ...FEATURES, ...args], { quiet: true });

/** A part's name, of the one that the program calls it by: `page` of `page_8800576993762611654`. */
const nameOf = (part) => part.replace(/_\d+$/, "");

/**
 * What a chapter needs of the page, and what else parts share with the page: a chapter may load such a part. Whoever
 * opens the page has both in the page's own file.
 */
const WITHIN_PAGE = [`${FIRST}-and-${CHAPTERS}`, `${FIRST}-and-others`];

/**
 * In which new files a file is put together with others: `file` is needed by the parts `of`. All that the page needs
 * lies in one file, which compresses better than several; what others need of it lies in a second one too. None for a
 * file that stays by itself.
 */
function companiesOf(file, of, bytes) {
  const chapters = of.includes(CHAPTERS);
  if (of.includes(FIRST)) {
    const [withChapters, withOthers] = WITHIN_PAGE;
    if (of.length === 1) return [FIRST];
    return [FIRST, chapters ? withChapters : withOthers];
  }
  if (file.startsWith("chunk_") && bytes < SMALL) return [chapters ? `small-of-${CHAPTERS}` : "small"];
  return [];
}

/** A module that hands on what every part shares, of the sizes that this part asks for. */
async function writeOutside(out, part) {
  const text = await binaryen("wasm-dis", part);
  const size = (form) => form.exec(text)?.[1] ?? 0;
  const memory = size(/\(memory \S+ (\d+)/);
  const table = size(/\(table \S+ (\d+)/);
  writeFileSync(`${out}.wat`, `(module
    (import "${OUTSIDE}" "memory" (memory ${memory}))
    (import "${OUTSIDE}" "__indirect_function_table" (table ${table} funcref))
    (import "${OUTSIDE}" "__wasm_split_shared0" (global (mut i32)))
    (export "memory" (memory 0)) (export "__indirect_function_table" (table 0)) (export "__wasm_split_shared0" (global 0)))`);
  await binaryen("wasm-as", `${out}.wat`, "-o", out);
  rmSync(`${out}.wat`);
}

/**
 * Puts files that are fetched together into one each. There are as many as there are sets of parts that share
 * something, many of a few hundred bytes. All import the same three things and export nothing, as they find each
 * other through the table of functions. `needs` has the files of each part; gives the same with the new files.
 */
async function gather(folder, needs) {
  const users = new Map();
  for (const [part, files] of Object.entries(needs)) {
    for (const file of files) users.set(file, [...(users.get(file) ?? []), nameOf(part)]);
  }
  const size = (file) => statSync(join(folder, `${file}.wasm`)).size;
  const groups = new Map();
  for (const [file, of] of [...users].sort(([a], [b]) => a.localeCompare(b, "en", { numeric: true }))) {
    for (const company of companiesOf(file, of, size(file))) groups.set(company, [...(groups.get(company) ?? []), file]);
  }
  const smallest = [...groups.values()].flat().sort((a, b) => size(a) - size(b))[0];
  const outside = join(folder, "outside.wasm");
  await writeOutside(outside, join(folder, `${smallest}.wasm`));
  const moved = new Map();
  for (const [company, files] of groups) {
    const whole = `chunk_${company}`;
    const named = files.flatMap((file) => [join(folder, `${file}.wasm`), file]);
    await binaryen("wasm-merge", outside, SHARED, ...named, "-o", join(folder, `${whole}.wasm`));
    for (const file of files) moved.set(file, [...(moved.get(file) ?? []), whole]);
  }
  for (const file of [...moved.keys(), "outside"]) rmSync(join(folder, `${file}.wasm`));
  // Of two files that hold the same, the page takes its own, all else the one that chapters have too.
  const chosen = (part, wholes) => (nameOf(part) === FIRST ? wholes[0] : wholes.at(-1));
  const anew = (part, files) => [...new Set(files.map((file) => (moved.has(file) ? chosen(part, moved.get(file)) : file)))];
  return Object.fromEntries(Object.entries(needs).map(([part, files]) => [part, anew(part, files)]));
}

/** Makes every program in the folder smaller, as many at once as there are processors. */
async function shrink(folder) {
  const waiting = readdirSync(folder).filter((name) => name.endsWith(".wasm")).map((name) => join(folder, name));
  // The largest first, so that none is left to run alone.
  waiting.sort((a, b) => statSync(a).size - statSync(b).size);
  const work = async () => {
    for (let file = waiting.pop(); file; file = waiting.pop()) await binaryen("wasm-opt", "-Oz", file, "-o", file);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/** The exports of a module that the program shares, and what its parts want of it: nothing may be missing. */
async function check(main, parts) {
  const has = new Set(WebAssembly.Module.exports(await WebAssembly.compile(readFileSync(main))).map(({ name }) => name));
  for (const part of parts) {
    const wanted = WebAssembly.Module.imports(await WebAssembly.compile(readFileSync(part)));
    const lost = wanted.find(({ module, name }) => ![SHARED, OUTSIDE].includes(module) || !has.has(name));
    if (lost) throw new Error(`${part} imports ${lost.module}.${lost.name}, which the program does not share`);
  }
}

/**
 * One module of the program's JavaScript and the loader of its parts. `within` says of a file in which other one it is
 * contained; `shorts` are the new names of what it hands to the program, and of what it calls there.
 */
async function bundle(glue, needs, within, shorts) {
  const loaders = Object.entries(needs).map(([part, files]) => `export const ${shorts[LOADERS + part]} = part(${JSON.stringify(files)});\n`);
  const program = resolve(glue);
  const plugin = {
    name: "parts",
    setup(build) {
      build.onResolve({ filter: /^\.\/__wasm_split\.js$/ }, ({ path }) => ({ path, namespace: "parts" }));
      build.onResolve({ filter: /^program$/ }, () => ({ path: program }));
      build.onLoad({ filter: /.*/, namespace: "parts" }, () => ({
        contents: `import { part, within } from "./parts.js";\nObject.assign(within, ${JSON.stringify(within)});\n${loaders.join("")}`,
        resolveDir: "scripts",
      }));
    },
  };
  const { outputFiles } = await build({
    entryPoints: [program],
    bundle: true,
    format: "esm",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    // wasm-bindgen names the module of the loaders once for each function that is imported from it.
    logOverride: { "duplicate-object-key": "silent" },
    mangleProps: new RegExp(`^(${Object.keys(shorts).join("|")})$`),
    mangleCache: shorts,
    plugins: [plugin],
    write: false,
  });
  return outputFiles[0].text;
}

/**
 * Fills `out` with evenkeel.js, evenkeel_bg.wasm and the parts under their final names. `buildProgram` is the
 * program of crates/build, `compiled` what cargo built, linked with --emit-relocs. Gives the names of what follows the first view at once.
 */
export async function split({ buildProgram, compiled, out }) {
  const raw = `${out}.raw`;
  for (const folder of [raw, out]) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }
  const text = await step("splitting the program into parts", "10 s", () =>
    run(buildProgram, ["split", "--out-dir", raw, "--out-name", "evenkeel", compiled]));
  let needs = JSON.parse(text);
  const main = join(raw, "evenkeel.wasm");
  // Long names with digests in them, once in the program and once in its JavaScript, are 6 KB of the first view.
  const options = ["--target", "web", "--no-demangle", "--omit-default-module-path", "--keep-lld-exports", "--short-names"];
  const shorts = JSON.parse(await run(buildProgram, ["bindgen", ...options, "--out-dir", out, "--out-name", "evenkeel", main]));
  for (const file of [main, join(raw, "__wasm_split.js")]) rmSync(file);
  needs = await step("putting small parts together", "10 s", () => gather(raw, needs));
  await step("shrinking the program and its parts", "2 min", async () => {
    await shrink(raw);
    await shrink(out);
  });
  const names = new Map();
  for (const file of readdirSync(raw)) {
    const content = readFileSync(join(raw, file));
    const stem = file.replace(/\.wasm$/, "");
    names.set(stem, `part-${nameOf(stem.replace(/^split_/, ""))}-${digest(content)}.wasm`);
    writeFileSync(join(out, names.get(stem)), content);
  }
  rmSync(raw, { recursive: true });
  await check(join(out, "evenkeel_bg.wasm"), [...names.values()].map((name) => join(out, name)));
  const files = Object.entries(needs).map(([part, stems]) => [part, stems.map((stem) => names.get(stem))]);
  const glue = join(out, "evenkeel.js");
  const within = Object.fromEntries(WITHIN_PAGE.map((part) => [names.get(`chunk_${part}`), names.get(`chunk_${FIRST}`)]));
  writeFileSync(glue, await bundle(glue, Object.fromEntries(files), within, shorts));
  return files.find(([part]) => nameOf(part) === FIRST)[1];
}
