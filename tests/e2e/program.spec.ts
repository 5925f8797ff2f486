// What the program computes and does in a browser, asked of the program itself: src/for_tests.rs. A release does not
// have these functions.
import { expect, test, type Page } from "./test";
import { expectRunning } from "./helpers";

/** Calls functions that the page's program exports. */
const program = (page: Page, ...calls: [name: string, ...args: string[]][]) => page.evaluate(async (calls) => {
  const { href } = document.querySelector("link[rel=modulepreload]") as HTMLLinkElement;
  const exports = await import(href);
  return calls.map(([name, ...args]) => exports[name](...args) as string);
}, calls);

test("runs have the same digests as on the host @plain", async ({ page }) => {
  await page.goto("./");
  await expectRunning(page);
  const [here, host] = await program(page, ["digests"], ["golden_digests"]);
  expect(host).toContain("default ");
  expect(here).toBe(host);
});

test("after a panic the page says so and offers to start again @plain", async ({ page }) => {
  await page.goto("./");
  await expectRunning(page);
  await expect(page.locator("#halt")).toHaveCount(0);
  // Text from anywhere stays text.
  await program(page, ["halt", "counted <img src=x> (engine.rs:7)"], ["halt", "a second one"]);
  const panel = page.locator("#halt[role=alert]");
  await expect(panel).toContainText("Evenkeel stopped");
  await expect(panel).toContainText("counted <img src=x> (engine.rs:7)");
  await expect(panel).not.toContainText("a second one");
  await expect(panel.locator("img")).toHaveCount(0);
  await expect(panel.getByRole("link", { name: "Start again" })).toBeVisible();
});
