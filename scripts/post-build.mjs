// Finishes an assembled page, for scripts/build.mjs and as a hook of Trunk: adds the first scene, the chapters, the
// content-security policy, and the files for other hosts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { writeHosting } from "./hosting.mjs";
import { change, one, readFile, target } from "./html.mjs";
import { addPolicy, hashes, named, policy } from "./policy.mjs";
import { TARGET, cargo, run, step } from "./steps.mjs";

/** The program that writes the chapters. It runs here, so it is compiled for this machine. */
export const CHAPTERS = join(TARGET, "debug/chapters");

/** The program that writes the schema of a scene, which is made from the engine's types. */
export const SCHEMA = join(TARGET, "debug/schema");

/** Compiles both, where something in them has changed. */
export const compileChapters = () =>
  step("compiling what writes the chapters", "10 s after an edit in the engine, 1 min at first", () =>
    cargo(["build", "--locked", "--package", "evenkeel-chapters", "--bin", "chapters", "--package", "evenkeel-schema", "--bin", "schema"]));

/** The policy, for the public address if that is known. */
const own = (...what) => named(policy(...what), process.env.EVENKEEL_SITE ?? "");

/** Puts the first scene into the page, which is there before the program. */
const addOpening = ($) => one($, "#opening").html(readFileSync("assets/opening.html", "utf8").trim());

/** The policy names the page's inline scripts by their hashes, as a static host can make no nonces. */
function addOwnPolicy($) {
  // `trunk serve` fills these places in as it serves, which would change the script's hash.
  const reloads = $("script:not([src])").filter((_at, script) => $(script).text().includes("{{__TRUNK_ADDRESS__}}"));
  for (const script of reloads.toArray()) {
    const code = $(script).text();
    $(script).text(code.replace(/(['`]){{__TRUNK_ADDRESS__}}\1/, "location.host").replace("{{__TRUNK_WS_BASE__}}", "/"));
  }
  addPolicy($, own(hashes($), { reloads: reloads.length > 0 }));
}

/** The page's file whose name begins with this, by the links and scripts in it. */
function fileOf($, begin, end) {
  const names = $("link, script").toArray().map((element) => target($(element)));
  const found = names.find((name) => name.startsWith(`${begin}-`) && name.endsWith(end));
  if (!found) throw new Error(`index.html refers to no ${begin}-…${end}`);
  return found;
}

/** The chapters: static pages that refer to the program and the style sheets by their names in this build. */
async function writeChapters(dist) {
  const $ = readFile(join(dist, "index.html"));
  const styles = ["tokens", "base"].map((name) => fileOf($, name, ".css"));
  await run(CHAPTERS, ["assets", dist, own([]), fileOf($, "evenkeel", ".js"), ...styles]);
}

/** Finishes the page in the folder `dist`. The programs that write the chapters and the schema have to be there. */
export async function finish(dist) {
  await writeChapters(dist);
  await run(SCHEMA, ["assets", dist]);
  change(join(dist, "index.html"), ($) => {
    addOpening($);
    addOwnPolicy($);
  });
  writeHosting(dist);
}

/** Trunk's hook. */
if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await compileChapters();
  await finish(process.env.TRUNK_STAGING_DIR);
}
