import { expect, test } from "./test";
import { advance, expectAccessible, expectNoSideways, expectQuiet, openPage } from "./helpers";

// A thousand servers and a hundred thousand requests a second, for the reader of the page.

test("a fleet is seen at a glance, and broken and mended as a whole @both", async ({ page }) => {
  // The engine handles several million events, on a busy machine for longer than other specs last.
  test.slow();
  const watched = await openPage(page, "?scene=fleet");
  const servers = page.getByRole("group", { name: "Servers", exact: true });
  await expect(servers).toContainText("1,000 servers: 1,000 in use, 0 broken.");
  await page.getByRole("button", { name: "Kill every tenth server" }).click();
  await expect(servers).toContainText("100 broken");
  await page.getByRole("button", { name: "Pause" }).click();
  // A second of it is a hundred thousand requests, so no more of them than it takes until the most are found.
  await expect.poll(async () => {
    await advance(page, 0.5);
    return servers.innerText();
  }, { intervals: [0], timeout: 60_000 }).toMatch(/1,000 servers: 90\d in use/);
  await page.getByRole("button", { name: "Next in trouble" }).click();
  await expect(page.getByRole("combobox", { name: "Server", exact: true })).toHaveValue("10");
  const card = page.getByRole("group", { name: "Server s11", exact: true });
  await expect(card).toContainText("crashed");
  await page.getByRole("button", { name: "Revive server s11" }).click();
  await expect(servers).toContainText("99 broken");
  await page.getByRole("button", { name: "Revive all" }).click();
  await expect(servers).toContainText("0 broken");
  await page.getByRole("combobox", { name: "Algorithm" }).selectOption({ label: "Power of two choices" });
  await expect(page.getByRole("combobox", { name: "Algorithm" }).locator("option:checked")).toHaveText("Power of two choices");
  // Each of the thousand users keeps to a few of the thousand servers.
  await page.getByRole("combobox", { name: "Algorithm" }).selectOption({ label: "Random subset" });
  await advance(page, 0.1);
  await expect(page.locator(".balancer")).toContainText("among the 32 that this user keeps to");
  await expectNoSideways(page);
  expectQuiet(watched);
});

test("a square that is pressed shows its server, and axe finds nothing", async ({ page }) => {
  await openPage(page, "?scene=fleet");
  const servers = page.getByRole("group", { name: "Servers", exact: true });
  await expect(servers).toContainText("1,000 servers");
  await page.getByRole("button", { name: "Pause" }).click();
  const grid = page.locator(".grid");
  await grid.click({ position: { x: 4, y: 4 } });
  await expect(page.getByRole("group", { name: "Server s1", exact: true })).toBeVisible();
  const box = (await grid.boundingBox())!;
  await grid.click({ position: { x: box.width - 6, y: 8 } });
  await expect(page.getByRole("group", { name: "Server s1", exact: true })).toBeHidden();
  await expectAccessible(page);
});

test("random, two choices and a subset are one press each, and the difference stays in sight @both", async ({ page }) => {
  test.slow();
  await openPage(page, "?scene=fleet");
  await page.getByRole("button", { name: "Pause" }).click();
  const ways = page.getByRole("list", { name: "Three ways to pick" }).getByRole("listitem");
  const fullest = async (way: string): Promise<number> => {
    const one = ways.filter({ has: page.getByRole("button", { name: way, exact: true }) });
    await one.getByRole("button").click();
    await advance(page, 0.3);
    await expect(one.getByRole("button")).toHaveAttribute("aria-pressed", "true");
    return Number(/fullest (\d+)/.exec(await one.innerText())?.[1]);
  };
  const random = await fullest("Random");
  const two = await fullest("Power of two choices");
  const subset = await fullest("Random subset");
  // The maximum load of n balls in n bins is far larger for one choice than for two (Azar et al., 1994).
  expect(two * 2).toBeLessThan(random);
  expect(two).toBeLessThan(subset);
  const first = ways.filter({ has: page.getByRole("button", { name: "Random", exact: true }) });
  await expect(first).toContainText(`fullest ${random},`);
});
