// Balancers that fail over and the world behind one name: opening the scenes, breaking them as a
// reader would, reading what came of it.
import { expect, type Page, test } from "./test";
import { advance, expectAccessible, expectNoSideways, expectQuiet, openPage, unfold } from "./helpers";
import { cell, expectState } from "./reader";

const openScene = (page: Page, label: string): Promise<unknown> =>
  page.getByRole("combobox", { name: "Scene" }).selectOption({ label });

const box = (page: Page, name: string) => page.getByRole("group", { name, exact: true });

test("the active balancer dies, and the other takes over within the formula @both", async ({ page }) => {
  const watched = await openPage(page);
  await openScene(page, "Active-passive pair (VRRP)");
  await expect(box(page, "LB 1")).toContainText("active");
  await expect(box(page, "LB 2")).toContainText("backup");
  await page.getByRole("button", { name: "Kill LB 1" }).click();
  await expect(box(page, "LB 1")).toContainText("dead");
  await advance(page, 10);
  const takeover = page.getByText(/LB 2 took over after/);
  await expect(takeover).toBeVisible();
  const [, took, most] = /after ([\d.]+) s\. .* up to ([\d.]+) s/.exec(await takeover.innerText()) ?? [];
  expect(Number(took)).toBeLessThanOrEqual(Number(most));
  await expect(page.getByText("moved to LB 2", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Look inside LB 2" }).click();
  await expect(page.getByRole("heading", { name: "Load balancer LB 2" })).toBeVisible();
  await page.getByRole("button", { name: "Both balancers" }).click();
  await expect(box(page, "LB 2")).toContainText("active");
  expectQuiet(watched);
});

test("a cut link makes two active, and mending it leaves one @both", async ({ page }) => {
  await openPage(page);
  await openScene(page, "Active-passive pair (VRRP)");
  await page.getByRole("button", { name: "Cut the link" }).click();
  await advance(page, 10);
  await expect(page.getByText("Split brain", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Repair the link" }).click();
  await advance(page, 10);
  await expect(box(page, "LB 2")).toContainText("backup");
});

const rejected = async (page: Page) => {
  const text = await page.getByRole("region", { name: "Requests", exact: true }).innerText();
  return Number(/([\d,]+) rejected/.exec(text)?.[1].replaceAll(",", ""));
};

for (const [load, bears] of [["40", true], ["70", false]] as const) {
  const end = bears ? "which is enough" : "which is too much";
  test(`of two at work at ${load} % one dies, and the other takes all, ${end} @both`, async ({ page }) => {
    await openPage(page);
    await openScene(page, `Active-active pair, each at ${load} %`);
    await expect(box(page, "LB 1")).toContainText("at work");
    await advance(page, 10);
    await page.getByRole("button", { name: "Kill LB 1" }).click();
    await expect(box(page, "LB 1")).toContainText("dead");
    await expect(box(page, "LB 2")).toContainText("at work");
    await advance(page, 30);
    // At 80 % one balancer still keeps up; at 140 % its queue is full, and it turns requests away.
    if (bears) expect(await rejected(page)).toBe(0);
    else expect(await rejected(page)).toBeGreaterThan(100);
  });
}

test("down through the levels and up again by keyboard alone @both", async ({ page }) => {
  await openPage(page);
  const scene = page.getByRole("combobox", { name: "Scene" });
  await scene.focus();
  // A list forgets what was typed after a second without a key, which a busy machine may take between two.
  await expect(async () => {
    await page.keyboard.type("Ge");
    await expect(scene.locator("option:checked")).toHaveText("GeoDNS: a world behind one name", { timeout: 2_000 });
  }).toPass();
  const press = async (name: string) => {
    const button = page.getByRole("button", { name, exact: true });
    await expect(button).toBeVisible();
    await button.focus();
    await page.keyboard.press("Enter");
  };
  await press("Look inside site Tokyo");
  await press("Kill Tokyo 1");
  await expect(box(page, "Tokyo 1")).toContainText("dead");
  await advance(page, 10);
  await expect(box(page, "Tokyo 2").locator(".word")).toHaveText("active");
  await press("Look inside Tokyo 2");
  await press("Kill server T1");
  await expect(page.getByRole("group", { name: "Server T1", exact: true })).toContainText("crashed");
  await press("World");
  await press("Kill site London");
  await expect(box(page, "London")).toContainText("down");
  // The focus is never lost: what is pressed next is where it was.
  await expect(page.getByRole("button", { name: "Restore site London" })).toBeFocused();
});

test("a region dies: its users fail until their resolvers ask again @both", async ({ page }) => {
  const watched = await openPage(page);
  await openScene(page, "GeoDNS: a world behind one name");
  await expect(box(page, "London")).toContainText("up · in DNS");
  await unfold(page, "DNS settings");
  await page.getByRole("combobox", { name: "TTL" }).selectOption({ label: "5 s" });
  await unfold(page, "Tables");
  await page.getByRole("button", { name: "Kill site London" }).click();
  await expect(box(page, "London")).toContainText("down, still in DNS");
  const news = page.getByRole("region", { name: "Events", exact: true }).getByRole("listitem");
  await expect(news.filter({ hasText: "London" })).toHaveCount(1);
  await advance(page, 2);
  await expect(page.getByText(/[1-9]\d* users? failed in the last second/)).toBeVisible();
  await advance(page, 30);
  await expect(box(page, "London")).toContainText("out of DNS");
  await page.getByRole("button", { name: "Restore site London" }).click();
  await expect(box(page, "London")).toContainText("up · ");
  await page.getByRole("button", { name: "Look inside site London" }).click();
  await advance(page, 10);
  await expect(box(page, "London 1")).toContainText("active");
  await page.getByRole("button", { name: "Look inside London 1" }).click();
  await expect(page.getByRole("group", { name: "Server L1", exact: true })).toBeVisible();
  await expectState(page, "L1", /^healthy$/);
  await page.getByRole("button", { name: "World" }).click();
  await page.getByRole("button", { name: "Kill site London" }).click();
  await expectState(page, "L1", /^site down$/);
  expect(await cell(page, "L1", "Expected")).toBe("–");
  await page.getByRole("button", { name: "World" }).click();
  await expect(box(page, "Tokyo")).toBeVisible();
  expectQuiet(watched);
});

test("a far resolver misleads its users until it passes their network on @both", async ({ page }) => {
  await openPage(page);
  await openScene(page, "GeoDNS: a world behind one name");
  await expect(box(page, "Tokyo")).toBeVisible();
  await unfold(page, "Tables");
  await page.getByText("Who is sent where", { exact: true }).first().click();
  const row = page.getByRole("row").filter({ hasText: "Tokyo branch" });
  await expect(row).toContainText("London");
  await unfold(page, "DNS settings");
  await page.getByRole("switch", { name: "Client subnet" }).check();
  await page.getByRole("combobox", { name: "TTL" }).selectOption({ label: "5 s" });
  // Old answers are kept for a minute.
  await advance(page, 120);
  await expect(row).toContainText("Tokyo 1");
});

for (const scene of ["Active-passive pair (VRRP)", "GeoDNS: a world behind one name"]) {
  test(`no axe violation and no sideways scrolling: ${scene} @both`, async ({ page }) => {
    await openPage(page);
    await openScene(page, scene);
    await expect(page.locator(".level")).toBeVisible();
    // The settings and the tables too.
    for (const part of await page.locator(".level summary").all()) await part.click();
    await expectAccessible(page);
    await expectNoSideways(page);
  });
}
