// Weights, algorithms, engines and layers: what is chosen reaches the engine, and the page shows what came
// of it. How each algorithm spreads is measured without a browser: tests/it/picker_laws.rs.
import { expect, test, type Page } from "./test";
import { advance, expectQuiet, openPage } from "./helpers";
import { cell, choose, more, number, setWeight } from "./reader";

/** The last letters that a client's requests went to. */
async function wentTo(page: Page, address: string): Promise<string[]> {
  const text = await page.getByRole("listitem").filter({ hasText: address }).innerText();
  const letters = /last picks\s*([A-Z ]+)/.exec(text.replace(/\s+/g, " "))?.[1] ?? "";
  return letters.trim().split(/\s+/);
}

test("weights 3, 1, 1 give 60, 20, 20 percent @both", async ({ page }) => {
  const watched = await openPage(page);
  await more(page, "D", "Remove");
  await setWeight(page, "A", 3);
  await expect.poll(() => cell(page, "A", "Expected")).toBe("60.0 %");
  await advance(page, 60);
  await page.getByRole("button", { name: "Pause" }).click();
  for (const [name, share] of [["A", 60], ["B", 20], ["C", 20]] as const) {
    expect(Math.abs((await number(page, name, "Share")) - share)).toBeLessThan(2);
  }
  expectQuiet(watched);
});

test("each algorithm can be chosen; its name and what it aims at are shown", async ({ page }) => {
  const watched = await openPage(page);
  await setWeight(page, "A", 3);
  // What A should get of four servers with weights 3, 1, 1, 1.
  const expected: Record<string, string> = {
    "Round robin": "25.0 %",
    "Weighted round robin": "50.0 %",
    Random: "25.0 %",
    "Weighted random": "50.0 %",
    "IP hash": "–",
    "Key hash": "–",
    "Consistent hash": "–",
    "Least response time": "–",
  };
  const card = page.getByRole("group", { name: "Load balancer" });
  const labels = await page.getByRole("combobox", { name: "Algorithm" }).locator("option").allInnerTexts();
  expect(labels).toEqual(expect.arrayContaining(Object.keys(expected)));
  for (const label of labels) {
    const before = await number(page, "A", "Answered");
    await choose(page, label);
    await expect(card.getByRole("combobox", { name: "Algorithm" }).locator("option:checked")).toHaveText(label);
    if (label in expected) await expect.poll(() => cell(page, "A", "Expected"), label).toBe(expected[label]);
    await advance(page, 10);
    expect(await number(page, "A", "Answered"), label).toBeGreaterThan(before);
  }
  expectQuiet(watched);
});

test("IP hash sends one client always to the same server", async ({ page }) => {
  await openPage(page);
  await choose(page, "IP hash");
  await advance(page, 60);
  for (const address of ["203.0.113.7", "198.51.100.21", "192.0.2.55"]) {
    const letters = await wentTo(page, address);
    expect(letters).toHaveLength(8);
    expect(new Set(letters).size).toBe(1);
  }
});

test("the layer changes where the keep-alive client's requests go", async ({ page }) => {
  await openPage(page);
  const spread = async () => {
    await advance(page, 30);
    return new Set(await wentTo(page, "192.0.2.55")).size;
  };
  expect(await spread()).toBeGreaterThan(2);
  await page.getByRole("radio", { name: "L4" }).check();
  expect(await spread()).toBe(1);
  await page.getByRole("radio", { name: "L7" }).check();
  expect(await spread()).toBeGreaterThan(2);
});

test("an algorithm can be had as in another engine", async ({ page }) => {
  await openPage(page);
  const engine = page.getByRole("combobox", { name: "As in" });
  const card = page.getByRole("group", { name: "Load balancer" });
  await expect(engine).toHaveValue("nginx");
  await setWeight(page, "A", 3);
  await engine.selectOption({ label: "HAProxy" });
  await expect(card).toContainText("As in HAProxy");
  await advance(page, 60);
  expect(Math.abs((await number(page, "A", "Share")) - 50)).toBeLessThan(2);

  // What an engine does not have comes in another's form; the wish is kept for the next one.
  await choose(page, "Least response time");
  await expect(engine.locator("option")).toHaveText(["nginx"]);
  await choose(page, "Round robin");
  await expect(engine).toHaveValue("haproxy");
  await expect(card).toContainText("As in HAProxy");
});
