// Trunk's hook after a build, before the result becomes dist/:
// shrinks the program (release only, where npm's wasm-opt and esbuild are installed), writes the chapters,
// and puts the content-security policy into the page. Static hosts can make no nonces, so the policy names
// Trunk's inline loader by its hash.
import { execFile, execFileSync } from "node:child_process";
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { compress } from "./compress.mjs";
import { writeHosting } from "./hosting.mjs";
import { writeServiceWorker } from "./offline.mjs";
import { hashes, named, policy } from "./policy.mjs";
import { closeWays, dropRelocations, split } from "./split.mjs";
import { gatherStyles } from "./styles.mjs";
import { FEATURES } from "./wasm-features.mjs";

const run = promisify(execFile);
const dist = process.env.TRUNK_STAGING_DIR;
const release = process.env.TRUNK_PROFILE === "release";
// Set by `make`, which builds with what splitting needs; plain `trunk build` makes one program.
const inParts = release && process.env.EVENKEEL_SPLIT === "1";

/** Makes every program smaller, as many at once as there are processors. */
async function shrink() {
  const wasmOpt = "node_modules/binaryen/bin/wasm-opt";
  if (!release || !existsSync(wasmOpt)) return false;
  const waiting = readdirSync(dist).filter((name) => name.endsWith(".wasm")).map((name) => join(dist, name));
  const work = async () => {
    for (let file = waiting.pop(); file; file = waiting.pop()) {
      if (inParts) dropRelocations(file);
      const before = statSync(file).size;
      await run(process.execPath, [wasmOpt, "-Oz", ...FEATURES, file, "-o", file]);
      console.log(`wasm-opt: ${before} to ${statSync(file).size} bytes`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return true;
}

/** Puts the first scene into the page, which is there before the program. */
function addOpening() {
  const file = join(dist, "index.html");
  const html = readFileSync(file, "utf8");
  const scene = readFileSync("assets/opening.html", "utf8").trim();
  const place = /<div[^>]*\bid="?opening"?[^>]*>(?=<\/div>)/;
  if (!place.test(html)) throw new Error("index.html has no place for the first scene");
  writeFileSync(file, html.replace(place, (begun) => begun + scene));
}

/** The policy, for the public address if that is known. */
const own = (...what) => named(policy(...what), process.env.EVENKEEL_SITE ?? "");

function writePolicy() {
  const file = join(dist, "index.html");
  let html = readFileSync(file, "utf8");
  // Trunk's server fills these in as it serves, which would change the script's hash.
  const reloads = html.includes("{{__TRUNK_ADDRESS__}}");
  html = html
    .replace(/(['`]){{__TRUNK_ADDRESS__}}\1/, "location.host")
    .replace("{{__TRUNK_WS_BASE__}}", "/");

  const meta = `<meta http-equiv="Content-Security-Policy" content="${own(hashes(html), { reloads })}">`;
  // After the charset, which must be near the start, and before everything the policy is about.
  const written = html.replace(/<meta charset="?utf-8"?\s*\/?>/i, (charset) => charset + meta);
  if (written === html) throw new Error("index.html has no <meta charset> to put the policy after");
  writeFileSync(file, written);
}

// The chapters: static pages that refer to the program and the style sheets by their hashed names.
function writeChapters() {
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const [program] = /evenkeel-[0-9a-f]+\.js/.exec(html);
  const styles = ["tokens", "base"].map((name) => new RegExp(`${name}-[0-9a-f]+\\.css`).exec(html)[0]);
  const words = ["run", "--quiet", "--locked", "--bin", "chapters", "--"];
  execFileSync("cargo", [...words, "assets", dist, own([]), program, ...styles], {
    stdio: "inherit",
  });
}

/** What makes the page installable and keeps it for when there is no network. */
function addOffline() {
  for (const name of ["offline.js", "manifest.webmanifest"]) copyFileSync(`assets/${name}`, join(dist, name));
  copyFileSync("assets/icon.svg", join(dist, "icon.svg"));
  const file = join(dist, "index.html");
  const html = readFileSync(file, "utf8");
  const links = '<link rel="manifest" href="./manifest.webmanifest"><script defer src="./offline.js"></script>';
  const written = html.replace(/(?=<\/head>|<body)/, links);
  if (written === html) throw new Error("index.html has no end of its head");
  writeFileSync(file, written);
}

/** Has the browser fetch what follows the first view, while that is shown. */
function addFollowers(names) {
  const file = join(dist, "index.html");
  const html = readFileSync(file, "utf8");
  const links = names.map((name) => `<link rel="preload" as="fetch" type="application/wasm" crossorigin fetchpriority="low" href="./${name}">`);
  const written = html.replace(/(?=<\/head>|<body)/, links.join(""));
  if (written === html) throw new Error("index.html has no end of its head");
  writeFileSync(file, written);
}

if (inParts) {
  addFollowers(split(dist));
  await closeWays(dist, "config");
}
addOpening();
const shrunk = await shrink();
// They link to style sheets that gatherStyles takes away from the page.
writeChapters();
writePolicy();
writeHosting(dist);
if (shrunk) {
  // These need esbuild, which is installed together with wasm-opt.
  const { minifyScripts } = await import("./minify.mjs");
  const { writeStandalone } = await import("./standalone.mjs");
  addOffline();
  gatherStyles(dist);
  minifyScripts(dist);
  // Last, as it lists the other files; and the twins are no files of their own to it.
  writeServiceWorker(dist);
  compress(dist);
  // After the lists of files: it is in none of them.
  writeStandalone(dist);
  // What `make` looks at to know that dist/ holds the finished release and not something else.
  writeFileSync(join(dist, ".release"), "");
}
