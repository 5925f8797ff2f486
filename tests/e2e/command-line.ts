// The command line beside the page: `make e2e` builds both.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { TARGET } from "../../scripts/steps.mjs";

const PROGRAM = join(TARGET, "debug/evenkeel");

/** What the program prints for these arguments. */
export function evenkeel(...args: string[]): string {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: \`make e2e\` or \`cargo build\` makes it`);
  return execFileSync(PROGRAM, args, { encoding: "utf8" });
}
