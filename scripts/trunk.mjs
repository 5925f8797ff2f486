// `make trunk`: checks that plain `trunk build` makes the same page as scripts/build.mjs: the same files, the same
// index.html except for digests in names and the order of links, and the same first scene in a browser.
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, findChromium, onPath } from "./browser.mjs";
import { readFile } from "./html.mjs";
import { snapshot } from "./opening.mjs";
import { serve } from "./serve.mjs";

const PLAIN = "target/page";
const TRUNKS = "target/trunk";

const nameless = (text) => text.replace(/-[0-9a-f]{14,16}(?=[._])/g, "");

/** The files of a folder, without the digests in their names and what only the build itself reads. */
const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => nameless(join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1)))
    .sort();

/** What index.html has in its head, and its body, as texts that can be compared. */
function parts(folder) {
  const $ = readFile(join(folder, "index.html"));
  // Each build has a loader of its own, and the policy names that one.
  $("script[type=module], meta[http-equiv], [nonce]").remove();
  const element = (node) => `${node.tagName} ${Object.entries(node.attribs).map(([name, value]) => `${name}=${nameless(value)}`).sort().join(" ")}`;
  return [...$("head").children().toArray().map(element).sort(), $("body").text().replace(/\s+/g, " ")];
}

async function scene(folder) {
  const server = await serve({ dir: folder });
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  try {
    return await snapshot(await browser.newPage({ viewport: { width: 1280, height: 800 } }), server.url);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** What only one of two lists has. */
const differences = (a, b) => [...a.filter((one) => !b.includes(one)).map((one) => `  only ${PLAIN}: ${one}`),
  ...b.filter((one) => !a.includes(one)).map((one) => `  only ${TRUNKS}: ${one}`)];

async function main() {
  if (!onPath("trunk")) throw new Error("TRUNK IS NOT HERE: nothing was compared");
  const env = { ...process.env };
  // Trunk understands NO_COLOR=true and stops at NO_COLOR=1.
  delete env.NO_COLOR;
  execFileSync("trunk", ["build", "--dist", TRUNKS], { env, stdio: "inherit" });
  const different = [
    ...differences(files(PLAIN), files(TRUNKS)),
    ...differences(parts(PLAIN), parts(TRUNKS)),
    ...((await scene(PLAIN)) === (await scene(TRUNKS)) ? [] : ["  the first scenes differ"]),
  ];
  if (different.length) throw new Error(`Trunk's page is another one:\n${different.join("\n")}`);
  console.log(`trunk: the same page, ${files(PLAIN).length} files`);
}

main().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
