import { expect, type Page, test } from "./test";
import { advance, expectAccessible, expectNoSideways, expectPlaying, expectQuiet, expectStill, openPage, simulated, unfold } from "./helpers";

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

/** Opens the settings of a lane, by its name. */
const settings = (page: Page, n: number) => lane(page, n).getByRole("button", { name: `settings of lane ${n}` }).click();

const said = (page: Page) => page.getByRole("region", { name: "What differs" });

test("three algorithms race into a black hole: least connections fails most", async ({ page }) => {
  const watched = await openRace(page);
  await page.getByRole("button", { name: "Make it healthy" }).click();
  for (const n of [1, 2, 3]) {
    await settings(page, n);
    await lane(page, n).getByRole("checkbox", { name: `Passive checks, lane ${n}` }).uncheck();
  }
  const algorithms = ["Weighted round robin", "Least connections", "Power of two choices"];
  for (const [at, label] of algorithms.entries()) {
    await expect(page.getByRole("combobox", { name: `Algorithm of lane ${at + 1}` }).locator("option:checked")).toHaveText(label);
  }
  await expect(said(page)).toContainText("too early");
  await page.getByRole("combobox", { name: "Server B" }).selectOption({ label: "fails every request at once" });
  await advance(page.locator(".comparison"), 300);
  await expect(said(page).getByRole("listitem").first()).toHaveText(/^Lost requests: .* Least connections loses .*, clearly the worst\.$/);
  await expect(lane(page, 2).getByText("worst")).toBeVisible();
  const errors = page.getByRole("table", { name: "Figures of the race" }).getByRole("row", { name: /^not answered/ });
  const shares = (await errors.getByRole("cell").allInnerTexts()).map((text) => Number.parseFloat(text));
  expect(shares).toHaveLength(3);
  expect(shares[1]).toBeGreaterThan(shares[0]);
  expect(shares[1]).toBeGreaterThan(shares[2]);
  expectQuiet(watched);
});

test("it opens with a server that is slow, which can be taken back", async ({ page }) => {
  const watched = await openRace(page);
  const slow = page.getByText("Server D works 4 times slower, in every lane.");
  const server = page.getByRole("combobox", { name: "Server D" }).locator("option:checked");
  await expect(slow).toBeVisible();
  await expect(server).toHaveText("4 times slower");
  // A lane that is changed begins anew, and so does what was given.
  await settings(page, 1);
  await page.getByRole("combobox", { name: "Layer of lane 1" }).selectOption({ label: "L4" });
  await expect(server).toHaveText("4 times slower");
  await page.getByRole("button", { name: "Make it healthy" }).click();
  await expect(server).toHaveText("healthy");
  await expect(slow).toBeHidden();
  await page.getByRole("button", { name: "Reset" }).first().click();
  await expect(server).toHaveText("healthy");
  expectQuiet(watched);
});

test("a classic case runs ahead until it is sure, and the verdict stands", async ({ page }) => {
  const watched = await openRace(page);
  const cases = page.getByRole("combobox", { name: "Case" });
  await expect(cases.locator("option")).toHaveCount(6);
  await cases.selectOption({ label: "Round robin or least connections: one slow server" });
  await expect(page.locator(".lane")).toHaveCount(2);
  await expect(page.getByText("its queue fills")).toBeVisible();
  await page.getByRole("button", { name: "Run until sure" }).click();
  await expect(page.getByText("Nothing remains to be found.")).toBeVisible();
  await expect(said(page).getByRole("listitem").first()).toHaveText(/^Lost requests: Least connections loses fewest; Round robin loses /);
  const race = page.locator(".comparison");
  await expectStill(page, race);
  const at = await simulated(race);
  // It ended with a look.
  expect([40, 80, 160, 320]).toContain(at);
  await expect(race.getByRole("button", { name: "Play" })).toBeVisible();
  await cases.selectOption({ label: "The scene on the stage" });
  await expect(page.locator(".lane")).toHaveCount(3);
  await expect(said(page)).toContainText("too early");
  expectQuiet(watched);
});

test("running ahead can be stopped", async ({ page }) => {
  await openRace(page);
  const race = page.locator(".comparison");
  await race.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Run until sure" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("button", { name: "Run until sure" })).toBeVisible();
  await expectStill(page, race);
  expect(await simulated(race)).toBeGreaterThan(0);
});

test("the lines are read by keyboard and as a table", async ({ page }) => {
  await openRace(page);
  await advance(page.locator(".comparison"), 30);
  const lost = page.getByRole("slider", { name: "Read values: Lost requests, added up" });
  await lost.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(lost).toHaveAttribute("aria-valuetext", /^At 0:\d\d\.0: Weighted round robin \d+; Least connections \d+; Power of two choices \d+\.$/);
  await page.getByRole("button", { name: "Table and files: p99 of the last 10 s: what the slowest 1 % took" }).click();
  const table = page.getByRole("table", { name: "p99 of the last 10 s: what the slowest 1 % took" });
  await expect(table.getByRole("columnheader", { name: "Least connections (ms)" })).toBeVisible();
});

test("verdict, three lanes, their lines, time and faults are in one view", async ({ page }) => {
  await openRace(page);
  await advance(page.locator(".comparison"), 100);
  const all = [said(page), lane(page, 1), lane(page, 3), page.getByRole("button", { name: "Run until sure" }), page.getByRole("combobox", { name: "Server D" }),
    page.getByRole("img", { name: /^At .* Least connections \d+;/ })];
  for (const part of all) await expect(part).toBeInViewport({ ratio: 1 });
});

test("on a phone two lanes and the verdict are one scroll away @phone", async ({ page }) => {
  await openRace(page);
  await expect(said(page)).toBeInViewport({ ratio: 1 });
  const bottom = await lane(page, 2).evaluate((element) => element.getBoundingClientRect().bottom);
  expect(bottom).toBeLessThan(2 * 844);
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
  await settings(page, 4);
  const algorithm = page.getByRole("combobox", { name: "Algorithm of lane 4" });
  await algorithm.focus();
  await algorithm.selectOption({ label: "Random" });
  // Whoever chooses by keyboard stays where they are.
  await expect(algorithm).toBeFocused();
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
  await expect(said).toHaveText(/^Running at \d+(\.\d+)? of real time: this machine's limit\.$/);
  // What was asked is done in fewer events than a frame may handle.
  await setSpeed(page, "1/10×");
  await expect(said).toBeEmpty();
  expectQuiet(watched);
});

test("what is on the stage races as it is there: its algorithm, its checks, its servers", async ({ page }) => {
  await openPage(page);
  await page.getByRole("combobox", { name: "Algorithm", exact: true }).selectOption({ label: "Least connections" });
  await page.getByRole("switch", { name: "Passive checks" }).click();
  await page.getByRole("button", { name: "Add server" }).click();
  await unfold(page);
  await page.getByRole("button", { name: "Race", exact: true }).click();
  await settings(page, 1);
  await expect(page.getByRole("combobox", { name: "Algorithm of lane 1" }).locator("option:checked")).toHaveText("Least connections");
  await expect(lane(page, 1).getByRole("checkbox", { name: "Passive checks, lane 1" })).not.toBeChecked();
  await expect(page.getByRole("combobox", { name: "Server E" })).toBeVisible();
});
