// Makes the page as one file, `standalone.html`, from a finished release. The file loads no other file, and needs no
// header from a host.
//
// Files that the program loads later (its parts, languages, scenes, the map) are in the file, compressed, and a `fetch`
// of its own answers with them. Within one file a module cannot import another, so esbuild bundles all of them.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";
import { one, readFile, target } from "./html.mjs";
import { addPolicy, hashes, singlePolicy } from "./policy.mjs";

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

/** The program and its parts as one module. */
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
    page({ module_or_path: fetch("${glue.replace(/\.js$/, "_bg.wasm")}") });`;
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: dist },
    bundle: true,
    format: "esm",
    minify: true,
    charset: "utf8",
    // Nothing is beside this file; the name alone is what is looked up in it.
    define: { "import.meta.url": JSON.stringify("https://file.invalid/") },
    write: false,
  });
  return harmless(`(${answer})(${JSON.stringify(pack(dist, [...wasm, ...later]))});${outputFiles[0].text}`);
}

/** Writes the file into the built folder `dist`. */
export function writeStandalone(dist) {
  const text = (name) => readFileSync(join(dist, name), "utf8");
  const image = (name) => `data:image/svg+xml;base64,${readFileSync(join(dist, name)).toString("base64")}`;
  const $ = readFile(join(dist, "index.html"));
  const style = (css) => $("<style>").text(css);
  $("html").attr("data-standalone", "");
  $('script[type=module], link[rel=modulepreload], link[rel=preload], link[rel=later], link[rel=alternate], link[rel=manifest]').remove();
  // What keeps the page for later has nothing to keep here.
  $('script[src="./offline.js"]').remove();
  for (const link of $("link[rel=stylesheet]").toArray()) $(link).replaceWith(style(text(target($(link)))));
  one($, "link[rel=icon]").attr("href", image(target($("link[rel=icon]"))));
  for (const script of $("script[src]").toArray()) {
    $(script).replaceWith($("<script>").text(harmless(text(target($(script))))));
  }
  one($, 'img[src="assets/stage.svg"]').attr("src", image("assets/stage.svg"));
  // The page looks for a style of its sheet's name before it asks for the file.
  for (const name of readdirSync(join(dist, "style")).filter((name) => name.endsWith(".css"))) {
    $("head").append(style(text(`style/${name}`)).attr("data-sheet", `style/${name}`));
  }
  // The chapters are pages of their own, and not here.
  $("head").append(style('[data-standalone] a[href^="chapters/"] { display: none }'));
  $("body").append($("<script>").attr("type", "module").text(program(dist)));
  addPolicy($, singlePolicy(hashes($)));
  writeFileSync(join(dist, "standalone.html"), $.html());
}
