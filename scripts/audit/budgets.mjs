// The size report of the build as a table. Bytes need no measurement of time.
import { spawnSync } from "node:child_process";

export function budgets() {
  const { stdout, status } = spawnSync(process.execPath, ["scripts/size.mjs"], { encoding: "utf8" });
  const lines = stdout.trim().split("\n");
  const rows = [];
  let when = "";
  for (const line of lines) {
    when = /^(\S.*?)(?:, bytes)?\s{2,}raw\s+gzip\s+brotli$/.exec(line)?.[1] ?? when;
    const [, name, ...sizes] = /^(\S.*?)\s{2,}(\d+)\s+(\d+)\s+(\d+)$/.exec(line) ?? [];
    if (name) rows.push([when, name.replace(/-[0-9a-f]{14,16}(?=[._])/, ""), ...sizes]);
  }
  return {
    title: "Bytes",
    says: "What a reader downloads, and when.",
    head: ["when", "file", "raw", "gzip", "brotli"],
    rows,
    notes: lines.filter((line) => /bound/.test(line)),
    good: status === 0 ? 1 : 0,
    bad: status === 0 ? [] : ["a download is above its bound"],
  };
}
