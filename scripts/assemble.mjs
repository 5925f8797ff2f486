// Assembles the page's folder from index.html, as Trunk does: each element with `data-trunk` names a file or a folder
// that belongs to the page (https://trunkrs.dev/assets/). Of Trunk's elements, those that index.html does not use are
// not implemented.
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { one, readFile } from "./html.mjs";

const digest = (content) => createHash("sha256").update(content).digest("hex").slice(0, 16);

/** Writes a file under a name that changes with its content; gives that name. */
function put(out, name, content) {
  const named = `${basename(name, extname(name))}-${digest(content)}${extname(name)}`;
  writeFileSync(join(out, named), content);
  return named;
}

/** What loads the program: the script of a module, and links that let the browser ask for it early. */
function loader(glue, wasm) {
  return {
    script: `<script type="module">
import init from "./${glue}";
await window.painted?.();
await init({ module_or_path: "./${wasm}" });
</script>`,
    preloads: `<link rel="modulepreload" href="./${glue}" crossorigin="anonymous">
<link rel="preload" href="./${wasm}" crossorigin="anonymous" as="fetch" type="application/wasm">`,
  };
}

/** How each kind of element is done: gets its address in the sources and the folder, gives what takes its place. */
const KINDS = {
  css: ({ href, out }) => `<link rel="stylesheet" href="./${put(out, href, readFileSync(href))}">`,
  icon: ({ href, out }) => `<link rel="icon" href="./${put(out, href, readFileSync(href))}">`,
  script: ({ href, out }) => `<script src="./${put(out, href, readFileSync(href))}"></script>`,
  "copy-file": ({ href, out, path }) => {
    mkdirSync(join(out, path), { recursive: true });
    cpSync(href, join(out, path, basename(href)));
    return "";
  },
  "copy-dir": ({ href, out, path }) => {
    cpSync(href, join(out, path, basename(href)), { recursive: true });
    return "";
  },
};

/**
 * Fills the empty folder `out`. `program` is the folder with what wasm-bindgen wrote: evenkeel.js, evenkeel_bg.wasm
 * and, in a release, the parts, which lie beside them under their final names.
 */
export function assemble(index, out, program) {
  const $ = readFile(index);
  mkdirSync(out, { recursive: true });
  for (const node of $("[data-trunk]").toArray()) {
    const element = $(node);
    const kind = node.tagName === "script" ? "script" : element.attr("rel");
    if (kind === "rust") continue;
    if (!KINDS[kind]) throw new Error(`${index}: data-trunk with rel="${kind}" is not known here`);
    const href = join(dirname(index), element.attr("href") ?? element.attr("src"));
    element.replaceWith(KINDS[kind]({ href, out, path: element.attr("data-target-path") ?? "" }));
  }
  for (const name of readdirSync(program).filter((name) => !name.startsWith("evenkeel"))) cpSync(join(program, name), join(out, name));
  const code = readFileSync(join(program, "evenkeel.js"));
  const wasm = readFileSync(join(program, "evenkeel_bg.wasm"));
  // One name for both, of both contents.
  const name = `evenkeel-${digest(Buffer.concat([code, wasm]))}`;
  writeFileSync(join(out, `${name}.js`), code);
  writeFileSync(join(out, `${name}_bg.wasm`), wasm);
  const { script, preloads } = loader(`${name}.js`, `${name}_bg.wasm`);
  one($, "link[data-trunk][rel=rust]").replaceWith(script);
  $("head").append(preloads);
  writeFileSync(join(out, "index.html"), $.html());
}
