// Checks licences, sources, duplicates and known vulnerabilities of the Rust dependencies with cargo-deny, by
// deny.toml.
import { spawnSync } from "node:child_process";
import { onPath } from "../browser.mjs";

const CHECKS = ["licenses", "sources", "bans", "advisories"];
/** What cargo-deny says where it could not have the database. */
const NO_DATABASE = /failed to (fetch|open|load|clone)|advisory database|couldn't? (fetch|connect)|network/i;

function check(what) {
  const args = ["deny", "--all-features", "--color", "never", "check", "--hide-inclusion-graph", what];
  const { status, stderr, error } = spawnSync("cargo", args, { encoding: "utf8", timeout: 300_000 });
  const text = `${stderr ?? ""}${error ?? ""}`;
  const twice = [...text.matchAll(/found (\d+) duplicate entries for crate '([^']+)'/g)].map(([, , name]) => name);
  return { good: status === 0, text, twice };
}

export function deny() {
  const result = {
    title: "Dependencies",
    says: "`cargo deny check` with deny.toml.",
    head: ["check", "result", "remarks"],
    rows: [],
    notes: [],
    bad: [],
    good: 0,
  };
  if (!onPath("cargo-deny")) {
    result.notes.push("CARGO-DENY IS NOT HERE AND COULD NOT BE BUILT: nothing was checked.");
    return result;
  }
  for (const what of CHECKS) {
    const { good, text, twice } = check(what);
    if (good) {
      result.good += 1;
      const remark = twice.length ? `twice: ${[...new Set(twice)].join(", ")}` : "";
      result.rows.push([what, "passed", remark]);
    } else if (what === "advisories" && NO_DATABASE.test(text)) {
      result.rows.push([what, "NOT DONE", "no database"]);
      result.notes.push("THE DATABASE OF ADVISORIES CANNOT BE HAD HERE: known holes were not looked for.");
    } else {
      result.rows.push([what, "failed", ""]);
      result.bad.push(`${what}: ${text.split("\n").find((line) => line.startsWith("error")) ?? text}`);
    }
  }
  return result;
}
