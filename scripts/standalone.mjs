// The page as one file, `standalone.html`: no other file is asked for, and no header is needed. Made
// of a finished build, whether its program is in parts or not.
//
// What the program fetches later (its parts, the configuration panel, languages, scenes, the map) lies
// in the file compressed, and a `fetch` of its own answers with it. Modules cannot import each other
// within one file, so esbuild makes one of them all.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { hashes, singlePolicy } from "./policy.mjs";

const TYPES = { css: "text/css", js: "text/javascript", json: "application/json", txt: "text/plain", wasm: "application/wasm" };
/** The folders that the program fetches from. */
const FETCHED = ["words", "scenarios", "map", "presets"];

// Nothing in a script may look like its end to a reader of HTML.
const harmless = (code) => code.replace(/<\/script/gi, "<\\/script").replace(/<!--/g, "<\\!--");

/** Answers from the file itself, in place of the network. It runs in the page. */
function answer(files) {
  const network = window.fetch.bind(window);
  window.fetch = (what, options) => {
    const address = String(what?.url ?? what).split(/[?#]/)[0];
    const name = Object.keys(files).find((file) => address === file || address.endsWith(`/${file}`));
    if (!name) return network(what, options);
    const [type, packed] = files[name];
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return Promise.resolve(new Response(whole, { headers: { "Content-Type": type } }));
  };
}

/** Everything that is fetched, packed: its name as it is asked for, its type, its content. */
function pack(dist, names) {
  const files = {};
  for (const name of names) {
    const packed = gzipSync(readFileSync(join(dist, name)), { level: 9 }).toString("base64");
    files[name] = [TYPES[name.split(".").pop()], packed];
  }
  return files;
}

/** The program, its parts and the configuration panel as one module. */
function program(dist) {
  const names = readdirSync(dist);
  const glue = names.find((name) => /^evenkeel-[0-9a-f]+\.js$/.test(name));
  const wasm = names.filter((name) => /\.wasm$/.test(name));
  const later = FETCHED.flatMap((folder) =>
    existsSync(join(dist, folder)) ? readdirSync(join(dist, folder)).map((file) => `${folder}/${file}`) : [],
  ).filter((name) => /\.(json|txt)$/.test(name));
  // What the editor is drawn from.
  later.push(...names.filter((name) => /^scenario\.schema\b.*\.json$/.test(name)));
  const contents = `
    import page from "./${glue}";
    import config from "./config.js";
    // What boot.js would import from beside the page.
    window.evenkeelLoad = (name) => ({ config })[name]({ module_or_path: fetch(name + "_bg.wasm") });
    page({ module_or_path: fetch("${glue.replace(/\.js$/, "_bg.wasm")}") });`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: dist },
    bundle: true,
    format: "esm",
    minify: true,
    charset: "utf8",
    // Nothing is beside this file; the name alone is what is looked up in it.
    define: { "import.meta.url": JSON.stringify("https://file.invalid/") },
    // wasm-bindgen names the parts' module once for each function that is imported from it, which does no harm.
    logOverride: { "duplicate-object-key": "silent" },
    write: false,
  });
  return harmless(`(${answer})(${JSON.stringify(pack(dist, [...wasm, ...later]))});${outputFiles[0].text}`);
}

/** Writes the file into the built folder `dist`. */
export function writeStandalone(dist) {
  const read = (name) => readFileSync(join(dist, name), "utf8");
  const local = (tag) => /(?:href|src)="?(?:\.\/)?([^"\s>]+)/.exec(tag)?.[1] ?? "";
  const image = (name) => `data:image/svg+xml;base64,${readFileSync(join(dist, name)).toString("base64")}`;
  // The page looks for a style of its sheet's name before it asks for the file.
  const sheets = readdirSync(join(dist, "style")).filter((name) => name.endsWith(".css"))
    .map((name) => `<style data-sheet="style/${name}">${read(`style/${name}`)}</style>`);
  // The chapters are pages of their own, and not here.
  const own = '[data-standalone] a[href^="chapters/"] { display: none }';
  const html = read("index.html")
    .replace(/<html\b/, "<html data-standalone")
    .replace(/<meta http-equiv="?Content-Security-Policy"?[^>]*>/i, "")
    .replace(/<script type="?module"?[^>]*>[^]*?<\/script>/g, "")
    .replace(/<link[^>]*rel="?(?:modulepreload|preload|alternate|manifest)"?[^>]*>/g, "")
    .replace(/<link[^>]*rel="?stylesheet"?[^>]*>/g, (tag) => `<style>${read(local(tag))}</style>`)
    .replace(/<link[^>]*rel="?icon"?[^>]*>/g, (tag) => `<link rel="icon" href="${image(local(tag))}">`)
    // What keeps the page for later has nothing to keep here.
    .replace(/<script[^>]*src="?(?:\.\/)?offline\.js"?[^>]*><\/script>/g, "")
    .replace(/<script[^>]*src=[^>]*><\/script>/g, (tag) =>
      existsSync(join(dist, local(tag))) ? `<script>${harmless(read(local(tag)))}</script>` : "")
    .replace(/src="?assets\/stage\.svg"?/, () => `src="${image("assets/stage.svg")}"`)
    .replace(/(?=<\/head>|<body)/, () => `${sheets.join("")}<style>${own}</style>`);
  // A function, as the code has signs that a replacement text would take for its own.
  const code = program(dist);
  const whole = html.replace(/<\/body>|$/, (end) => `<script type="module">${code}</script>${end}`);
  const policy = `<meta http-equiv="Content-Security-Policy" content="${singlePolicy(hashes(whole))}">`;
  writeFileSync(join(dist, "standalone.html"), whole.replace(/<meta charset="?utf-8"?\s*\/?>/i, (charset) => charset + policy));
}
