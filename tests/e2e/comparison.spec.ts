import { expect, type Page, test } from "./test";
import { advance, expectAccessible, expectNoSideways, expectPlaying, expectQuiet, openPage, simulated, unfold } from "./helpers";

// The race, for the reader of the page. Who wins and by how much is measured without a browser: tests/it/race.rs.

async function openRace(page: Page) {
  const watched = await openPage(page);
  await unfold(page);
  await page.getByRole("button", { name: "Race", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Race: the same traffic, several ways" })).toBeVisible();
  return watched;
}

const lane = (page: Page, n: number) => page.getByRole("region", { name: `Lane ${n}`, exact: true });

async function setSpeed(page: Page, label: string) {
  await page.locator("#comparison-speed").selectOption({ label });
}

test("three algorithms race into a black hole: least connections fails most", async ({ page }) => {
  const watched = await openRace(page);
  for (const n of [1, 2, 3]) {
    await lane(page, n).getByRole("checkbox", { name: `Passive checks, lane ${n}` }).uncheck();
  }
  const algorithms = ["Weighted round robin", "Least connections", "Power of two choices"];
  for (const [at, label] of algorithms.entries()) {
    await expect(page.getByRole("combobox", { name: `Algorithm of lane ${at + 1}` }).locator("option:checked")).toHaveText(label);
  }
  const said = page.getByRole("region", { name: "What differs" });
  await expect(said).toContainText("too early");
  await page.getByRole("combobox", { name: "Server B" }).selectOption({ label: "fails every request at once" });
  // A claim needs batches of ten seconds.
  await advance(page.locator(".comparison"), 300);
  await expect(said).toContainText("Least connections fails most:");
  const errors = page.getByRole("table", { name: "Figures of the race" }).getByRole("row", { name: /^not answered/ });
  const shares = (await errors.getByRole("cell").allInnerTexts()).map((text) => Number.parseFloat(text));
  expect(shares).toHaveLength(3);
  expect(shares[1]).toBeGreaterThan(shares[0]);
  expect(shares[1]).toBeGreaterThan(shares[2]);
  expectQuiet(watched);
});

test("a kill in one is a kill in all, and a lane opens on the stage as it was", async ({ page }) => {
  const watched = await openRace(page);
  await page.getByRole("combobox", { name: "Server C" }).selectOption({ label: "crashed" });
  await advance(page.locator(".comparison"), 20);
  for (const n of [1, 2, 3]) await expect(lane(page, n).getByText("C: down")).toBeAttached();
  await page.getByRole("button", { name: "Pause" }).first().click();
  const at = (await page.locator(".comparison .clock").innerText()).trim();
  await page.getByRole("button", { name: "Open lane 2 on the stage" }).click();
  await expect(page.getByRole("heading", { name: /^Race:/ })).toBeHidden();
  await expect(page.getByRole("combobox", { name: "Algorithm" })).toHaveValue("least_connections");
  await expect(page.locator(".transport .clock .time")).toHaveText(at);
  await expect(page.getByRole("group", { name: "Server C", exact: true })).toContainText("crashed");
  expectQuiet(watched);
});

test("lanes come and go, by keyboard too", async ({ page }) => {
  await openRace(page);
  await page.getByRole("button", { name: "Add lane" }).focus();
  await page.keyboard.press("Enter");
  await expect(lane(page, 4)).toBeVisible();
  await expect(page.getByRole("button", { name: "Add lane" })).toBeHidden();
  await page.getByRole("combobox", { name: "Algorithm of lane 4" }).selectOption({ label: "Random" });
  await page.getByRole("combobox", { name: "Layer of lane 4" }).selectOption({ label: "L4" });
  const heads = page.getByRole("table", { name: "Figures of the race" }).getByRole("columnheader");
  await expect(heads.last()).toHaveText("Random, L4");
  await page.getByRole("button", { name: "Remove lane 1" }).click();
  await expect(lane(page, 4)).toBeHidden();
  await expect(heads.first()).toHaveText(/Figure/);
  await expect(heads.nth(1)).toContainText("Least connections");
  await page.getByRole("button", { name: "Back to the stage" }).click();
  await expect(page.getByRole("group", { name: "Server A", exact: true })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing in the race: ${colorScheme} @both`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await openRace(page);
    await expect(page.getByRole("table", { name: "Figures of the race" })).toContainText("mean response time");
    await expectAccessible(page);
    await expectNoSideways(page);
  });
}

test("a race goes on in another language, and the run of the stage after it", async ({ page }) => {
  const watched = await openRace(page);
  await page.getByRole("combobox", { name: "Server C" }).selectOption({ label: "crashed" });
  await page.getByRole("button", { name: "Add lane" }).click();
  await setSpeed(page, "10×");
  const race = page.locator(".comparison");
  await advance(race, 10);
  const before = await simulated(race);
  await page.getByRole("combobox", { name: "Language" }).selectOption({ label: "Español" });
  await expect(page.getByRole("heading", { name: "Carrera: el mismo tráfico, varias maneras" })).toBeVisible();
  expect(await simulated(race)).toBeGreaterThanOrEqual(before);
  await expect(page.locator(".lane")).toHaveCount(4);
  await expect(page.locator("#comparison-speed option:checked")).toHaveText("10×");
  await expectPlaying(race);
  await page.getByRole("button", { name: "Carrera", exact: true }).click();
  await expect(page.locator(".comparison")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Pausa" })).toBeVisible();
  // A race that is opened again is a new one.
  await page.getByRole("button", { name: "Carrera", exact: true }).click();
  await expect(page.locator(".lane")).toHaveCount(3);
  expectQuiet(watched);
});

test("a race of a thousand servers says that it is slower than asked, and in slow motion that is over", async ({ page }) => {
  const watched = await openPage(page, "?scene=fleet");
  await expect(page.getByText("1,000 servers:").first()).toBeVisible();
  await page.getByRole("button", { name: "Race", exact: true }).click();
  const said = page.locator(".comparison .behind");
  await setSpeed(page, "100×");
  await expect(said).toHaveText(/^Running at \d+(\.\d+)?×: your machine is the limit\.$/);
  // What was asked is done in fewer events than a frame may handle.
  await setSpeed(page, "1/10×");
  await expect(said).toBeEmpty();
  expectQuiet(watched);
});
