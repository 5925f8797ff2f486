// `make audit`: the checks that take minutes, need other browsers, need a database from outside, or measure time.
//   make audit                          everything, about half an hour
//   make audit ARGS="lighthouse walk"   these sections
// Each section writes its result to target/audit, and docs/AUDIT.md is written from the results there. The last line is
// `audit: N passed, N failed`. A section that cannot run on this machine says so in capitals.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { budgets } from "./audit/budgets.mjs";
import { deny } from "./audit/deny.mjs";
import { same } from "./audit/same.mjs";
import { long, monkey } from "./audit/specs.mjs";

const KEPT = "target/audit";
const TABLE = "docs/AUDIT.md";

/** In the order of the page; each gives its table and what failed. What set-up installs is imported late. */
const SECTIONS = {
  budgets,
  lighthouse: async () => (await import("./audit/lighthouse.mjs")).lighthouse(),
  walk: async () => (await import("./audit/walk.mjs")).walk(),
  monkey,
  long,
  deny,
  same,
};

const cellOf = (value) => String(value).replaceAll("|", "\\|");
const row = (cells) => `| ${cells.map(cellOf).join(" | ")} |\n`;

/** A section as Markdown. */
function section({ title, says, head, rows, notes, when }) {
  const table = rows.length ? row(head) + row(head.map(() => "---")) + rows.map(row).join("") : "";
  const more = notes.map((note) => `\n${note}\n`).join("");
  return `## ${title}\n\n${says} (${when})\n\n${table}${more}`;
}

function write() {
  const results = Object.keys(SECTIONS)
    .filter((name) => readdirSync(KEPT).includes(`${name}.json`))
    .map((name) => JSON.parse(readFileSync(`${KEPT}/${name}.json`, "utf8")));
  const text = "# What the audit found\n\nWritten by `make audit`; edits are lost.\n\n";
  mkdirSync("docs", { recursive: true });
  writeFileSync(TABLE, text + results.map(section).join("\n"));
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in SECTIONS));
if (unknown.length) {
  console.error(`no such section: ${unknown.join(", ")}; there are ${Object.keys(SECTIONS).join(", ")}`);
  process.exit(2);
}
execFileSync("scripts/setup.sh", ["npm-tests", "browser", "audit"], { stdio: "inherit" });
mkdirSync(KEPT, { recursive: true });
const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
const changed = execFileSync("git", ["status", "--porcelain", "--untracked-files=no"], { encoding: "utf8" });
let passed = 0;
let failed = 0;
for (const name of asked.length ? asked : Object.keys(SECTIONS)) {
  console.log(`\n== ${name}`);
  const result = { head: [], rows: [], notes: [], bad: [], good: 0 };
  try {
    Object.assign(result, await SECTIONS[name]());
  } catch (error) {
    result.title ??= name;
    result.says ??= "It did not come to its end.";
    result.bad.push(String(error.stack ?? error));
  }
  const day = new Date().toISOString().slice(0, 10);
  result.when = `${day}, commit ${commit}${changed ? " with changes" : ""}`;
  if (result.bad.length) result.notes = [...result.notes, ...result.bad.map((bad) => `FAILED: ${bad.split("\n")[0]}`)];
  writeFileSync(`${KEPT}/${name}.json`, JSON.stringify(result, null, 1));
  for (const cells of result.rows) console.log(cells.join("  "));
  for (const note of [...result.notes, ...result.bad]) console.log(note);
  passed += result.good;
  failed += result.bad.length;
  write();
}
console.log(`\naudit: ${passed} passed, ${failed} failed; ${TABLE} has the tables`);
process.exitCode = failed ? 1 : 0;
