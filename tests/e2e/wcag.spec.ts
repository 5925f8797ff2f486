// docs/WCAG.md is whole, and what it names is there.
import { readFileSync } from "node:fs";
import { expect, test } from "./test";

// WCAG 2.2 (W3C Recommendation of 5 October 2023): criteria of levels A and AA; 4.1.1 is gone.
const A = `1.1.1 1.2.1 1.2.2 1.2.3 1.3.1 1.3.2 1.3.3 1.4.1 1.4.2 2.1.1 2.1.2 2.1.4 2.2.1 2.2.2 2.3.1 2.4.1 2.4.2
  2.4.3 2.4.4 2.5.1 2.5.2 2.5.3 2.5.4 3.1.1 3.2.1 3.2.2 3.2.6 3.3.1 3.3.2 3.3.7 4.1.2`.split(/\s+/);
const AA = `1.2.4 1.2.5 1.3.4 1.3.5 1.4.3 1.4.4 1.4.5 1.4.10 1.4.11 1.4.12 1.4.13 2.4.5 2.4.6 2.4.7 2.4.11 2.5.7
  2.5.8 3.1.2 3.2.3 3.2.4 3.3.3 3.3.4 3.3.8 4.1.3`.split(/\s+/);

const rows = readFileSync("docs/WCAG.md", "utf8")
  .split("\n")
  .filter((line) => /^\| \d/.test(line))
  .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));

test("the table has every criterion of its level once, in order", () => {
  for (const [level, criteria] of [["A", A], ["AA", AA]] as const) {
    const told = rows.filter((row) => row[1] === level).map(([criterion]) => criterion.split(" ")[0]);
    expect(told).toEqual(criteria);
  }
});

test("each criterion says how it is met, and names tests that are there", () => {
  for (const [criterion, , how, shown] of rows) {
    expect(how.length, criterion).toBeGreaterThan(15);
    if (shown === "not applicable") continue;
    for (const one of shown.split("; ")) {
      const [, file, title] = /^`(tests\/e2e\/[\w-]+\.spec\.ts)`: (.+)$/.exec(one) ?? [];
      expect(file, `${criterion}: ${one}`).toBeDefined();
      const titles = [...readFileSync(file, "utf8").matchAll(/\btest\(\s*(["`])(.*?)\1/g)].map(([, , text]) => text);
      expect(titles.some((text) => text.includes(title)), `${criterion}: ${title} in ${file}`).toBe(true);
    }
  }
});
