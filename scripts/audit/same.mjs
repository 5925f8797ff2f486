// Checks that one commit gives the same bytes: builds it again in another folder, without anything of the first build.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

function make(cwd) {
  execFileSync("make", ["dist"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync(join(cwd, "release/SHA256SUMS"), "utf8");
}

/** The files of this checkout in a folder of their own, with the tools that are here. */
function elsewhere() {
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-"));
  execFileSync("sh", ["-c", 'git ls-files -z | xargs -0 cp --parents -t "$1"', "sh", folder]);
  for (const name of [".tools", "node_modules"].filter(existsSync)) symlinkSync(resolve(name), join(folder, name));
  return folder;
}

export function same() {
  const first = make(".");
  const folder = elsewhere();
  let second;
  try {
    second = make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const equal = first === second;
  return {
    title: "The same bytes",
    says: "`make dist` twice on the same commit, the second time built anew in another folder.",
    head: ["file", "SHA-256"],
    rows: second.trim().split("\n").map((line) => line.split("  ").reverse()),
    good: equal ? 1 : 0,
    bad: equal ? [] : [`the second archive differs:\n${first}${second}`],
  };
}
