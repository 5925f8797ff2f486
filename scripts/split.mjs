// Splits the program of a release into the part that the first view needs and parts that load when
// they are wanted: the functions marked `lazy` in src/ui/later.rs. Trunk does not know of this, so
// its JavaScript and its wasm file are replaced by those made from the split program, under their
// own names. Called by the hook in post-build.mjs.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FEATURES } from "./wasm-features.mjs";

// What the linker writes where the way to a part is still open.
const PLACEHOLDER = "__wasm_split_placeholder__";
const LOADER = "__wasm_split.js";
// What the loader does when a part does not arrive, in place of its own "tell the program, which stops".
const AGAIN = "scripts/again.js";
const GIVES_UP = "success = false;";
// What cargo built, before wasm-bindgen. It has to be linked with --emit-relocs.
const INPUT = `${process.env.CARGO_TARGET_DIR ?? "target"}/wasm32-unknown-unknown/release/evenkeel.wasm`;

/** The part that everybody gets who opens the page, and the one that chapters get in its place. */
const FIRST = "page";
const CHAPTERS = "lesson";
/** Pieces that are smaller than this (bytes) lie in one file with others: a request costs more than they do. */
const SMALL = 24_000;
// The modules' own names for what the main one shares with them, and for the same in a file that holds several.
const SHARED = "__wasm_split";
const OUTSIDE = "shared";
const BINARYEN = "node_modules/binaryen/bin";

const digest = (content) => createHash("sha256").update(content).digest("hex").slice(0, 16);

/**
 * Takes out of a wasm file what the linker left for splitting: of no use in a browser, and wasm-opt
 * cannot work with it. The split program has lost it already; other programs have not.
 */
export function dropRelocations(file) {
  const bytes = readFileSync(file);
  const kept = [bytes.subarray(0, 8)];
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const start = at;
    const kind = bytes[at++];
    const size = number();
    const end = at + size;
    const length = kind === 0 ? number() : 0;
    const name = kind === 0 ? bytes.toString("utf8", at, at + length) : "";
    if (!/^(linking|reloc\.)/.test(name)) kept.push(bytes.subarray(start, end));
    at = end;
  }
  writeFileSync(file, Buffer.concat(kept));
}

/**
 * A program that is not split, the configuration panel's, holds the ways to parts all the same, though none of
 * it is ever called. They lead to functions that say so.
 */
export async function closeWays(dist, name) {
  const file = join(dist, `${name}.js`);
  const code = readFileSync(file, "utf8");
  const module = await WebAssembly.compile(readFileSync(join(dist, `${name}_bg.wasm`)));
  const ways = WebAssembly.Module.imports(module).filter(({ module }) => module === PLACEHOLDER);
  const closed = ways.map((way) => `${JSON.stringify(way.name)}: () => { throw new Error("no part of this program"); }`);
  const line = new RegExp(`^import \\* as (\\w+) from ["']${PLACEHOLDER}["'];?$`, "gm");
  const written = code.replace(line, (_all, own) => `const ${own} = closed;`);
  writeFileSync(file, `const closed = { ${closed.join(", ")} };\n${written}`);
}

/** A part's name, of the one that the program calls it by: `page` of `page_8800576993762611654`. */
const nameOf = (called) => called.trim().replace(/_\d+$/, "");

/** The pieces that several parts share, as the loader lists them: variable, file, and whose they are. */
function piecesOf(loader) {
  const form = /\/\* ([^*]+) \*\/\nconst (__chunk_\d+) = makeLoad\([^]*?"\.\/(chunk_\d+\.wasm)"[^]*?\n, \[\]\);\n/g;
  return [...loader.matchAll(form)].map(([text, of, variable, file]) => ({ text, variable, file, of: of.split(",").map(nameOf) }));
}

/** With which others a piece lies in one file; `undefined` for one that stays by itself. */
function companyOf({ of, bytes }) {
  const chapters = of.includes(CHAPTERS);
  if (of.includes(FIRST)) return chapters ? `${FIRST}-and-${CHAPTERS}` : `${FIRST}-and-others`;
  if (bytes < SMALL) return chapters ? `small-of-${CHAPTERS}` : "small";
}

/**
 * Puts pieces that are fetched together into one file each. There are as many pieces as there are sets of
 * parts that share something, many of a few hundred bytes. All of them import the same three things and
 * export nothing, as they find each other through the table of functions.
 */
function gather(folder, loader) {
  const groups = new Map();
  for (const piece of piecesOf(loader)) {
    piece.bytes = readFileSync(join(folder, piece.file)).length;
    const company = companyOf(piece);
    if (company) groups.set(company, [...(groups.get(company) ?? []), piece]);
  }
  // The part itself lies with what it alone shares with others: it is never fetched without them.
  const [whole, start, own, file, end, needs] = firstPart(loader) ?? [];
  if (!file) throw new Error(`${LOADER} loads ${FIRST} in another way`);
  loader = loader.replace(whole, () => `${start}() => async () => {}${end}${needs}`);
  groups.get(`${FIRST}-and-others`).push({ text: own, variable: FIRST, file, bytes: Infinity });
  const outside = join(folder, "outside.wasm");
  const smallest = [...groups.values()].flat().sort((a, b) => a.bytes - b.bytes)[0];
  const run = (tool, ...args) =>
    execFileSync(process.execPath, [join(BINARYEN, tool), ...FEATURES, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  // Memory and table must be asked for in the size that the pieces want.
  const text = run("wasm-dis", join(folder, smallest.file));
  const size = (form) => form.exec(text)?.[1] ?? 0;
  writeFileSync(`${outside}.wat`, `(module
    (import "${OUTSIDE}" "memory" (memory ${size(/\(memory \S+ (\d+)/)}))
    (import "${OUTSIDE}" "__indirect_function_table" (table ${size(/\(table \S+ (\d+)/)} funcref))
    (import "${OUTSIDE}" "__wasm_split_shared0" (global (mut i32)))
    (export "memory" (memory 0)) (export "__indirect_function_table" (table 0)) (export "__wasm_split_shared0" (global 0)))`);
  run("wasm-as", `${outside}.wat`, "-o", outside);
  for (const [company, pieces] of groups) {
    const file = `chunk_${company}.wasm`;
    run("wasm-merge", outside, SHARED, ...pieces.flatMap((piece) => [join(folder, piece.file), piece.variable]), "-o", join(folder, file));
    const [first, ...others] = pieces;
    loader = loader.replace(first.text, () => first.text.replace(first.file, file).replace(/^\/\*[^*]*\*\//, `/* ${company} */`));
    for (const { text, variable } of others.filter(({ of }) => of)) {
      loader = loader.replace(text, "").replaceAll(new RegExp(`\\b${variable}\\b`, "g"), first.variable);
    }
    for (const piece of pieces) rmSync(join(folder, piece.file));
  }
  rmSync(outside);
  const begun = "sharedImports = { __wasm_split: {  } };";
  if (!loader.includes(begun)) throw new Error(`${LOADER} shares in another way`);
  return loader
    .replace(begun, `sharedImports = { ${SHARED}: {} };\n        sharedImports.${OUTSIDE} = sharedImports.${SHARED};`)
    .replace(/\[(__chunk_\d+(?:, __chunk_\d+)*)\]/g, (_all, list) => `[${[...new Set(list.split(", "))].join(", ")}]`);
}

/** How the loader fetches the part that follows the first view: its own file, and the pieces that it needs. */
const firstPart = (loader) =>
  new RegExp(`(__wasm_split_load_${FIRST}_\\d+ = wrapAsyncCb\\(makeLoad\\()(\\(\\) => \\{[^]*?"\\./(split_[^"]+\\.wasm)"[^]*?\\n\\})(\\n, \\[)([^\\]]*)`).exec(loader);

/** The files of that part, as the loader names them. */
function followers(loader) {
  const needs = new RegExp(`__wasm_split_load_${FIRST}_\\d+ = [^]*?, \\[([^\\]]*)\\]`).exec(loader)?.[1];
  if (!needs) throw new Error(`${LOADER} loads no ${FIRST}`);
  return needs.split(", ").map((variable) => new RegExp(`const ${variable} = [^]*?"\\./([^"]+\\.wasm)"`).exec(loader)[1]);
}

/** Splits the program in the folder `dist`. Returns the names of what follows the first view at once. */
export function split(dist) {
  const glue = readdirSync(dist).find((name) => /^evenkeel-[0-9a-f]+\.js$/.test(name));
  if (!glue) throw new Error(`no evenkeel-….js in ${dist}`);
  const name = glue.slice(0, -".js".length);
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-split-"));
  try {
    execFileSync("wasm-split-cli", [INPUT, folder, "--target", "web", "--out-name", name]);
    execFileSync("wasm-bindgen", [
      ...["--target", "web", "--no-typescript", "--keep-lld-exports"],
      ...["--out-dir", dist, "--out-name", name, join(folder, `${name}.wasm`)],
    ]);
    return place(folder, dist, glue);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the parts into `dist`, each under a name that changes with its content, as do all files. */
function place(folder, dist, glue) {
  let loader = gather(folder, readFileSync(join(folder, LOADER), "utf8"));
  for (const part of readdirSync(folder).filter((file) => /^(split|chunk)_.*\.wasm$/.test(file))) {
    const content = readFileSync(join(folder, part));
    const named = `part-${part.replace(/^split_|_\d+\.wasm$|\.wasm$/g, "")}-${digest(content)}.wasm`;
    if (!loader.includes(part)) throw new Error(`${LOADER} does not load ${part}`);
    loader = loader.replaceAll(part, named);
    writeFileSync(join(dist, named), content);
  }
  if (!loader.includes(GIVES_UP)) throw new Error(`${LOADER} has another way to fail`);
  loader = readFileSync(AGAIN, "utf8") + loader.replace(GIVES_UP, "success = await again(callee);");
  const named = `parts-${digest(loader)}.js`;
  writeFileSync(join(dist, named), loader);
  const file = join(dist, glue);
  const code = readFileSync(file, "utf8");
  // Where it is loaded from, that is; the program goes on knowing it by its first name.
  const from = `from "./${LOADER}"`;
  if (!code.includes(from)) throw new Error(`${glue} does not import ${LOADER}`);
  writeFileSync(file, code.replaceAll(from, `from "./${named}"`));
  return followers(loader);
}
