// Runs wasm-bindgen and the splitter on what cargo compiled. It uses a wasm-bindgen of the right version on PATH, else
// the project's own build program.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { run, step } from "./steps.mjs";

/** Of its own, so that it is compiled beside the page and no lock makes one of the two wait. */
const TOOLS = "target/tools";

/** The version of wasm-bindgen in Cargo.lock: the program must be of exactly that one. */
const [, VERSION] = /^name = "wasm-bindgen"\nversion = "(.+)"$/m.exec(readFileSync("Cargo.lock", "utf8"));

/** What this program prints as its version; "" where there is no such program. */
function versionOf(program, ...args) {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

const fits = () => versionOf("wasm-bindgen", "--version") === `wasm-bindgen ${VERSION}`;

/** The project's own build program, compiled where it is not there yet; unseen, as the page's compilation shows itself. */
export async function buildProgram() {
  await run("cargo", ["build", "--quiet", "--locked", "--package", "evenkeel-build", "--profile", "tools", "--target-dir", TOOLS]);
  return `${TOOLS}/tools/evenkeel-build`;
}

/** A ready-made program where cargo-binstall is there to fetch it; false where it could not. */
async function fetched() {
  if (!versionOf("cargo-binstall", "-V")) return false;
  try {
    await run("cargo-binstall", ["--no-confirm", "--root", ".tools", `wasm-bindgen-cli@${VERSION}`]);
  } catch {
    return false;
  }
  return fits();
}

/** The program that does wasm-bindgen's work and its first arguments: what is on PATH, else the project's own. */
export async function findBindgen() {
  if (fits() || (await fetched())) return ["wasm-bindgen", "--no-demangle"];
  const what = "compiling the build program (wasm-bindgen)";
  const program = await step(what, "1 s, 1 min at first", buildProgram);
  return [program, "bindgen", "--no-demangle"];
}
