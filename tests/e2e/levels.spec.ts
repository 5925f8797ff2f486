// Balancers that fail over and the world behind one name: opening the scenes, breaking them as a
// reader would, reading what came of it.
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { expectQuiet, openPage } from "./helpers";
import { setSpeed } from "./reader";

const openScene = (page: Page, label: string): Promise<unknown> =>
  page.getByRole("combobox", { name: "Scene" }).selectOption({ label });

const box = (page: Page, name: string) => page.getByRole("group", { name, exact: true });

test("the active balancer dies, and the other takes over within the formula", async ({ page }) => {
  const watched = await openPage(page);
  await openScene(page, "Two balancers, one address");
  await expect(box(page, "LB 1")).toContainText("active");
  await expect(box(page, "LB 2")).toContainText("backup");
  await page.getByRole("button", { name: "Kill LB 1" }).click();
  await expect(box(page, "LB 1")).toContainText("dead");
  const takeover = page.getByText(/LB 2 took over after/);
  await expect(takeover).toBeVisible({ timeout: 15_000 });
  const [, took, most] = /after ([\d.]+) s\. .* up to ([\d.]+) s/.exec(await takeover.innerText()) ?? [];
  // The way of an advert is 0.15 s in this scene.
  expect(Number(took)).toBeLessThanOrEqual(Number(most) + 0.16);
  await expect(page.getByText("LB 2 answers there.", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Look inside LB 2" }).click();
  await expect(page.getByRole("heading", { name: "Load balancer LB 2" })).toBeVisible();
  await page.getByRole("button", { name: "Both balancers" }).click();
  await expect(box(page, "LB 2")).toContainText("active");
  expectQuiet(watched);
});

test("a cut link makes two active, and mending it leaves one", async ({ page }) => {
  await openPage(page);
  await openScene(page, "Two balancers, one address");
  await page.getByRole("button", { name: "Cut the link" }).click();
  await expect(page.getByText("Two are active", { exact: false })).toBeVisible({ timeout: 15_000 });
  await page.getByRole("button", { name: "Mend the link" }).click();
  await expect(box(page, "LB 2")).toContainText("backup", { timeout: 15_000 });
});

test("of two at work one dies, and the other takes all", async ({ page }) => {
  await openPage(page);
  await openScene(page, "Two balancers, both at work, each at 40 %");
  await expect(box(page, "LB 1")).toContainText("at work");
  await page.getByRole("button", { name: "Kill LB 1" }).click();
  await expect(box(page, "LB 1")).toContainText("dead");
  await expect(box(page, "LB 2")).toContainText("at work");
});

test("a region dies: its users fail until their resolvers ask again", async ({ page }) => {
  const watched = await openPage(page);
  await openScene(page, "The whole world behind one name");
  await expect(box(page, "London")).toContainText("well · in DNS");
  await page.getByRole("combobox", { name: "TTL" }).selectOption({ label: "5 s" });
  await page.getByRole("button", { name: "Kill site London" }).click();
  await expect(box(page, "London")).toContainText("dark");
  await expect(page.getByText(/[1-9]\d* users? failed in the last second/)).toBeVisible({
    timeout: 20_000,
  });
  await expect(box(page, "London")).toContainText("out of DNS", { timeout: 20_000 });
  await page.getByRole("button", { name: "Restore site London" }).click();
  await expect(box(page, "London")).toContainText("well");
  await page.getByRole("button", { name: "Look inside site London" }).click();
  await expect(box(page, "London 1")).toContainText("active", { timeout: 15_000 });
  await page.getByRole("button", { name: "Look inside London 1" }).click();
  await expect(page.getByRole("group", { name: "Server L1", exact: true })).toBeVisible();
  await page.getByRole("button", { name: "World" }).click();
  await expect(box(page, "Tokyo")).toBeVisible();
  expectQuiet(watched);
});

test("a far resolver misleads its users until it passes their network on", async ({ page }) => {
  // Old answers are kept for a minute of the scene: on a busy machine that takes its time.
  test.slow();
  await openPage(page);
  await openScene(page, "The whole world behind one name");
  await page.getByText("Who is sent where", { exact: true }).first().click();
  const row = page.getByRole("row").filter({ hasText: "Tokyo branch" });
  await expect(row).toContainText("London");
  await page.getByRole("switch", { name: "Client subnet" }).check();
  await page.getByRole("combobox", { name: "TTL" }).selectOption({ label: "5 s" });
  await setSpeed(page, "10×");
  await expect(row).toContainText("Tokyo 1", { timeout: 180_000 });
});

for (const scene of ["Two balancers, one address", "The whole world behind one name"]) {
  test(`no axe violation and no sideways scrolling: ${scene} @both`, async ({ page }) => {
    await openPage(page);
    await openScene(page, scene);
    await expect(page.locator(".level")).toBeVisible();
    // The settings and the tables too.
    for (const part of await page.locator(".level summary").all()) await part.click();
    const found = await new AxeBuilder({ page }).analyze();
    expect(found.violations).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
  });
}
