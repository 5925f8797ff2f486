// Weights, algorithms and layers do what they say, as the page's own figures show.
import { expect, test, type Page } from "@playwright/test";
import { expectQuiet, openPage } from "./helpers";
import { answered, cell, choose, more, number, setSpeed, setWeight } from "./reader";

const ALL = ["A", "B", "C", "D"];

/** Runs fast until the servers have answered so many more. */
async function runFor(page: Page, names: string[], requests: number): Promise<void> {
  const goal = (await answered(page, names)) + requests;
  await setSpeed(page, "50×");
  await expect.poll(() => answered(page, names), { timeout: 25_000 }).toBeGreaterThan(goal);
}

const shares = async (page: Page, names: string[]): Promise<number[]> =>
  Promise.all(names.map((name) => number(page, name, "Share")));

/** The last letters that a client's requests went to. */
async function wentTo(page: Page, address: string): Promise<string[]> {
  const text = await page.getByRole("listitem").filter({ hasText: address }).innerText();
  const letters = /went to\s*([A-Z ]+)/.exec(text.replace(/\s+/g, " "))?.[1] ?? "";
  return letters.trim().split(/\s+/);
}

test("weights 3, 1, 1 give 60, 20, 20 percent @both", async ({ page }) => {
  const watched = await openPage(page);
  await more(page, "D", "Remove");
  await setWeight(page, "A", 3);
  const names = ["A", "B", "C"];
  await expect.poll(() => cell(page, "A", "Expected")).toBe("60.0 %");
  await runFor(page, names, 600);
  await page.getByRole("button", { name: "Pause" }).click();
  const [a, b, c] = await shares(page, names);
  expect(Math.abs(a - 60)).toBeLessThan(2);
  expect(Math.abs(b - 20)).toBeLessThan(2);
  expect(Math.abs(c - 20)).toBeLessThan(2);
  expectQuiet(watched);
});

// How far a share of four equal servers may be from 25 % after some 800 picks: rotation is exact,
// draws have a standard deviation of 1.5 points.
const even: Record<string, number> = {
  "Round robin": 0.6,
  "Weighted round robin": 0.6,
  "Least connections": 5,
  "Weighted least connections": 5,
  Random: 8,
  "Weighted random": 8,
  "Power of two choices": 6,
};

for (const [algorithm, tolerance] of Object.entries(even)) {
  test(`${algorithm} spreads over equal servers`, async ({ page }) => {
    await openPage(page);
    await choose(page, algorithm);
    await runFor(page, ALL, 800);
    await page.getByRole("button", { name: "Pause" }).click();
    for (const share of await shares(page, ALL)) {
      expect(Math.abs(share - 25)).toBeLessThan(tolerance);
    }
    expect(await cell(page, "A", "Expected")).toBe("25.0 %");
  });
}

test("weights count where the algorithm honours them, and not where it does not", async ({ page }) => {
  await openPage(page);
  await setWeight(page, "A", 3);
  for (const [algorithm, expected] of [
    ["Weighted random", "50.0 %"],
    ["Random", "25.0 %"],
    ["Round robin", "25.0 %"],
    ["Weighted round robin", "50.0 %"],
  ] as const) {
    await choose(page, algorithm);
    await expect.poll(() => cell(page, "A", "Expected")).toBe(expected);
    await runFor(page, ALL, 600);
    expect(Math.abs((await number(page, "A", "Share")) - Number.parseFloat(expected))).toBeLessThan(8);
  }
});

test("IP hash sends one client always to the same server", async ({ page }) => {
  await openPage(page);
  await choose(page, "IP hash");
  await setSpeed(page, "20×");
  for (const address of ["203.0.113.7", "198.51.100.21", "192.0.2.55"]) {
    // Eight requests ago at least it had another algorithm, or none.
    await expect.poll(async () => (await wentTo(page, address)).length).toBe(8);
    await expect.poll(async () => new Set(await wentTo(page, address)).size).toBe(1);
  }
  expect(await cell(page, "A", "Expected")).toBe("–");
});

for (const algorithm of ["Key hash", "Consistent hash", "Least response time"]) {
  test(`${algorithm} asks for no share and uses every server`, async ({ page }) => {
    await openPage(page);
    await choose(page, algorithm);
    await runFor(page, ALL, 600);
    expect(await cell(page, "B", "Expected")).toBe("–");
    for (const name of ALL) expect(await number(page, name, "Share")).toBeGreaterThan(3);
  });
}

test("the layer changes where the keep-alive client's requests go", async ({ page }) => {
  await openPage(page);
  await setSpeed(page, "10×");
  const spread = async () => new Set(await wentTo(page, "192.0.2.55")).size;
  await expect.poll(spread, { timeout: 20_000 }).toBeGreaterThan(2);
  await page.getByRole("radio", { name: "L4" }).check();
  await expect.poll(spread, { timeout: 20_000 }).toBe(1);
  await page.getByRole("radio", { name: "L7" }).check();
  await expect.poll(spread, { timeout: 20_000 }).toBeGreaterThan(2);
});

test("an algorithm can be had as in another engine", async ({ page }) => {
  await openPage(page);
  const engine = page.getByRole("combobox", { name: "As in" });
  const card = page.getByRole("group", { name: "Load balancer" });
  await expect(card).toContainText("As in nginx");
  await setWeight(page, "A", 3);
  await engine.selectOption({ label: "HAProxy" });
  await expect(card).toContainText("As in HAProxy");
  await runFor(page, ALL, 600);
  expect(Math.abs((await number(page, "A", "Share")) - 50)).toBeLessThan(2);

  // What an engine does not have comes in another's form; the wish is kept for the next one.
  await choose(page, "Least response time");
  await expect(engine.locator("option")).toHaveText(["nginx"]);
  await choose(page, "Round robin");
  await expect(card).toContainText("As in HAProxy");
  await expect(engine).toHaveValue("haproxy");
});
