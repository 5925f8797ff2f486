// Looking closer: a request's life and why it went where it went, the algorithm from inside, failures
// over time, and charts whose values can be read.
import { expect, test, type Page } from "./test";
import { readFileSync } from "node:fs";
import { advance, allowMotion, expectAccessible, expectQuiet, openPage, unfold } from "./helpers";
import { choose, expectState, more, setWeight } from "./reader";

const open = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** The numbers of a chart, row by row, from the table behind its button. */
async function numbers(page: Page, chart: string): Promise<string[][]> {
  const table = page.getByRole("region", { name: `Numbers: ${chart}`, exact: true }).getByRole("table");
  if ((await table.count()) === 0) {
    await page.getByRole("button", { name: `Table and files: ${chart}` }).click();
  }
  await expect(table.locator("tbody tr").first()).toBeVisible();
  const rows = await table.locator("tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
}

test("a request is chosen by keyboard and tells why it went where it went @both", async ({ page }) => {
  const watched = await openPage(page);
  await advance(page, 5);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await advance(page, 8);
  await expectState(page, "B", /ejected|down/);
  await page.getByRole("button", { name: "Pause" }).click();
  await open(page, "Look into a request");
  const box = region(page, "The life of a request");
  await box.getByRole("combobox", { name: "Show" }).selectOption({ label: "the last that were not answered" });
  const first = box.getByRole("radio").first();
  await first.focus();
  await page.keyboard.press("Space");
  await expect(first).toBeChecked();
  await expect(box).toContainText(/Request [\d,]+, an? .* Not answered \((refused|reset)\)/);
  // The decision: what was believed of B when it was picked, and the truth beside it.
  const decision = box.getByRole("table", { name: /^The balancer's pick [\d,]+, at .*: server B$/ });
  const row = decision.getByRole("row").filter({ has: page.getByRole("rowheader", { name: /^B/ }) });
  await expect(row).toContainText("picked");
  await expect(row).toContainText(/healthy|failing/);
  await expect(box).toContainText("The rule: Servers take turns");
  // Its life adds up to the time it took.
  const stages = await numbers(page, "Life of the request");
  expect(stages.map((cells) => cells[0])).toContain("to server B");
  expect(stages.at(-1)?.[0]).toMatch(/^to the client: /);
  await expectAccessible(page);
  expectQuiet(watched);
});

test("a request on the stage is followed by a press, and looked at closer", async ({ page }) => {
  await allowMotion(page);
  await openPage(page);
  await advance(page, 5);
  await page.getByRole("button", { name: "Pause" }).click();
  const stage = page.getByRole("region", { name: "Stage" });
  const area = await stage.boundingBox();
  if (!area) throw new Error("the stage is in the page");
  const told = page.locator(".following");
  // Along the wires from the clients there is always somebody.
  for (let step = 0; step < 60 && !(await told.isVisible()); step++) {
    const x = area.width * (0.2 + (0.1 * (step % 10)) / 10);
    const y = area.height * (0.2 + Math.floor(step / 10) * 0.1);
    await stage.click({ position: { x, y } });
  }
  await expect(told).toContainText(/Request [\d,]+/);
  await told.getByRole("button", { name: "Look closer" }).click();
  await expect(region(page, "The life of a request")).toContainText(/Request [\d,]+, an? /);
  await told.getByRole("button", { name: "Stop following" }).click();
  await expect(told).toHaveCount(0);
});

test("ten picks of 5, 1, 1 show the scores of the known sequence", async ({ page }) => {
  const watched = await openPage(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Reset" }).click();
  await more(page, "D", "Remove");
  await setWeight(page, "A", 5);
  await page.getByRole("button", { name: "How it decides", exact: true }).click();
  // Nothing of the page has moved.
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await unfold(page, "More controls");
  const known = [
    ["A", -2, 1, 1], ["A", -4, 2, 2], ["B", 1, -4, 3], ["A", -1, -3, 4], ["C", 4, -2, -2],
    ["A", 2, -1, -1], ["A", 0, 0, 0], ["A", -2, 1, 1], ["A", -4, 2, 2], ["B", 1, -4, 3],
  ] as const;
  const card = page.getByRole("group", { name: "Load balancer" });
  for (const [winner, ...scores] of known) {
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await expect(card).toContainText(`Why server ${winner}?`);
    const rows = await numbers(page, "How the algorithm decides");
    expect(rows.map((cells) => Number(cells[1]))).toEqual(scores);
  }
  await expectAccessible(page);
  expectQuiet(watched);
});

test("taking a server out tells which keys move", async ({ page }) => {
  await openPage(page);
  await choose(page, "Consistent hash");
  await open(page, "How the algorithm decides");
  const inside = region(page, "How the algorithm decides");
  await expect(inside).toContainText("None of 1,000 sample keys");
  await more(page, "B", "Drain");
  await expect(inside).toContainText(/\d+ of 1,000 sample keys would go to another server .* from B \d+\./);
  await inside.getByRole("button", { name: "Count from now on" }).click();
  await expect(inside).toContainText("None of 1,000 sample keys");
  for (const algorithm of ["Maglev", "IP hash", "Power of two choices", "Least response time"]) {
    await choose(page, algorithm);
    await expect(inside.getByRole("img")).toHaveAttribute("aria-label", /Server A: /);
    await expectAccessible(page, { inside: "#algorithm-inside" });
  }
});

test("the failure timeline tells the gap and what was lost in it @both", async ({ page }) => {
  const watched = await openPage(page);
  await open(page, "Failure timeline");
  const timeline = region(page, "Failure timeline");
  await expect(timeline).toContainText("Nothing has failed yet.");
  await advance(page, 5);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await advance(page, 8);
  await expectState(page, "B", /ejected|down/);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(timeline).toContainText(
    /Server B was killed\. From [\d:.]+ to [\d:.]+, for .*, the balancer did not know: \d+ requests? (was|were) sent there and lost\./,
  );
  const rows = await numbers(page, "Failure timeline");
  const told = rows.filter((cells) => cells[1] === "B").map((cells) => cells[2]).join("\n");
  expect(told).toContain("Server B was killed.");
  expect(told).toContain("the balancer did not know");
  expect(told).toMatch(/ejected|is out/);
  // By keyboard: the same sentences, one after the other.
  const cursor = page.getByRole("slider", { name: "Read values: Failure timeline" });
  await cursor.focus();
  await page.keyboard.press("Home");
  const before = await cursor.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowRight");
  await expect(cursor).not.toHaveAttribute("aria-valuetext", before ?? "");
  await expectAccessible(page);
  expectQuiet(watched);
});

test("every chart is read by pointer and keyboard, as a table and as files", async ({ page }) => {
  const watched = await openPage(page);
  await open(page, "More charts");
  await advance(page, 40);
  await page.getByRole("button", { name: "Pause" }).click();
  for (const name of ["Latency", "Distribution", "Requests", "Response times", "In flight and in queues", "Outcomes by reason"]) {
    const cursor = page.getByRole("slider", { name: `Read values: ${name}`, exact: true });
    await cursor.focus();
    await page.keyboard.press("End");
    const last = await cursor.getAttribute("aria-valuetext");
    expect(last, name).toMatch(/\d.*\.$/);
    await page.keyboard.press("ArrowLeft");
    await expect(cursor, name).not.toHaveAttribute("aria-valuetext", last ?? "");
    await cursor.hover({ position: { x: 60, y: 30 } });
    expect((await numbers(page, name)).length, name).toBeGreaterThan(2);
    for (const [kind, begin] of [["PNG", "\u0089PNG"], ["SVG", "<?xml"], ["CSV", ""]] as const) {
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("button", { name: `Save ${kind}: ${name}`, exact: true }).click(),
      ]);
      expect(download.suggestedFilename()).toMatch(new RegExp(`^evenkeel-.*\\.${kind.toLowerCase()}$`));
      const path = await download.path();
      expect(readFileSync(path).toString("latin1").startsWith(begin), `${name} ${kind}`).toBe(true);
    }
  }
  await expectAccessible(page);
  expectQuiet(watched);
});

test("everything that opens fits 320 and 390 pixels", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 844 });
  await openPage(page);
  for (const name of ["Look into a request", "How the algorithm decides", "Failure timeline", "More charts"]) {
    await open(page, name);
  }
  await page.getByRole("button", { name: "Kill server B" }).click();
  await advance(page, 4);
  const box = region(page, "The life of a request");
  await box.getByRole("button", { name: "Newer requests" }).click();
  await box.getByRole("radio").first().check();
  await numbers(page, "Life of the request");
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 844 });
    // The stage learns of its width a frame later.
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await expectAccessible(page);
  }
});

test("a server's menu leads to the failure timeline, which has a line at the present instant", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await page.getByRole("button", { name: "More for server B" }).click();
  await page.getByRole("menuitem", { name: "Failure timeline" }).click();
  const timeline = region(page, "Failure timeline");
  await expect(timeline).toBeInViewport();
  await expect(timeline.locator("svg text").filter({ hasText: /^now$/ })).toHaveCount(1);
});
