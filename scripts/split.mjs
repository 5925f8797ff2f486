// Splits the program of a release into the part that the first view needs and parts that load when
// they are wanted: the functions marked `lazy` in src/ui/later.rs. Trunk does not know of this, so
// its JavaScript and its wasm file are replaced by those made from the split program, under their
// own names. Called by the hook in post-build.mjs.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// What the linker writes where the way to a part is still open.
const PLACEHOLDER = "__wasm_split_placeholder__";
const LOADER = "__wasm_split.js";
// What the loader does when a part does not arrive, in place of its own "tell the program, which stops".
const AGAIN = "scripts/again.js";
const GIVES_UP = "success = false;";
// What cargo built, before wasm-bindgen. It has to be linked with --emit-relocs.
const INPUT = `${process.env.CARGO_TARGET_DIR ?? "target"}/wasm32-unknown-unknown/release/evenkeel.wasm`;

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
  writeFileSync(file, code.replace(line, (_all, own) => `const ${own} = { ${closed.join(", ")} };`));
}

/** Splits the program in the folder `dist`. */
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
    place(folder, dist, glue);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the parts into `dist`, each under a name that changes with its content, as do all files. */
function place(folder, dist, glue) {
  let loader = readFileSync(join(folder, LOADER), "utf8");
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
}
