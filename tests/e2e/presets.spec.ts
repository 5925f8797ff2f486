// "Break something": every preset starts from its scene, says what to watch, ends in the figures it
// promises, and its fix is the next click. Every figure of every part is compared without a browser:
// tests/it/presets.rs.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test, type Locator, type Page } from "./test";
import { advance, expectAccessible, expectQuiet, openPage, unfold } from "./helpers";

type Measure = string | Record<string, unknown>;
type Claim = { measure: Measure; at_ms?: number | null; since_ms?: number | null; says: number | string; digits?: number; within?: number | null };
type Part = { claims?: Record<string, Claim> };
type Fix = Part & { id: string; patch?: unknown };
type Figure = Part & { name: string; shows?: Measure[]; fixes?: Fix[] };
type Words = { title: string; watch: string; answer: string; fixes?: Record<string, { label: string; answer: string }> };
type Book = { presets: { figure: Figure; words: Words }[] };

const read = (path: string) => JSON.parse(readFileSync(`assets/figures/${path}`, "utf8"));
const files = readdirSync("assets/figures").filter((file) => file.endsWith(".json")).sort();
const names = files.filter((file) => read(file).preset === true).map((file) => file.slice(0, -".json".length));
const titles: Record<string, Words> = read("words/en.json");

/** `3.0 s`, `33 %`, `1,234`: the number in the claim's unit, and half of its last digit. */
function said(text: string): [number, number] {
  const [, digits, unit] = /^([\d,.]+)\s*(\S*)$/.exec(text.trim()) ?? ["", "NaN", ""];
  const scale = unit === "s" ? 1_000 : unit === "%" ? 0.01 : 1;
  const after = digits.split(".")[1]?.length ?? 0;
  return [Number(digits.replaceAll(",", "")) * scale, (scale * 10 ** -after) / 2];
}

/** How exactly a claim speaks: half of the last digit that its text has. */
function rounding(claim: Claim, unit: string): number {
  const scale = unit === "s" ? 1_000 : unit === "%" ? 0.01 : 1;
  return claim.within ?? (scale * 10 ** -(claim.digits ?? 0)) / 2;
}

/** What is measured at the end is what the part's claims say. Gives how many were compared. */
async function compare(panel: Locator, figure: Figure, part: Part): Promise<number> {
  const values = await panel.locator("dl.measured dd").allInnerTexts();
  const shows = (figure.shows ?? []).map((show) => JSON.stringify(show));
  expect(values.length).toBe(shows.length);
  let compared = 0;
  for (const [id, claim] of Object.entries(part.claims ?? {})) {
    const place = shows.indexOf(JSON.stringify(claim.measure));
    if (place < 0 || (claim.at_ms ?? claim.since_ms ?? null) !== null) continue;
    const [value, half] = said(values[place]);
    const unit = values[place].trim().split(/\s/)[1] ?? "";
    const off = Math.abs(value - Number(claim.says));
    expect(off, `${id}: ${values[place]} for ${claim.says}`).toBeLessThanOrEqual(half + rounding(claim, unit) + 1e-9);
    compared += 1;
  }
  return compared;
}

/** Takes what is on the stage to its end. */
async function finish(panel: Locator): Promise<void> {
  const button = panel.getByRole("button", { name: /^Skip to / });
  // It may have come there by itself meanwhile.
  await button.click({ timeout: 5_000 }).catch(() => undefined);
  await expect(button).toBeDisabled({ timeout: 30_000 });
}

async function choosePreset(page: Page, title: string): Promise<Locator> {
  await page.getByRole("button", { name: "Break something" }).click();
  const dialog = page.getByRole("dialog", { name: "Break something" });
  await dialog.getByRole("button", { name: title }).click();
  await expect(dialog).toBeHidden();
  const panel = page.getByRole("region", { name: title, exact: true });
  await expect(panel).toBeVisible();
  return panel;
}

/** The presets as the build wrote them for the page. */
async function book(page: Page): Promise<Book> {
  return (await page.request.get("presets/en.json")).json();
}

test("every preset of the list says what to watch, and at its end what came of it", async ({ page }) => {
  const watched = await openPage(page);
  const { presets } = await book(page);
  expect(presets.map(({ figure }) => figure.name).sort()).toEqual(names.sort());
  for (const { figure, words } of presets) {
    const panel = await choosePreset(page, words.title);
    await expect(panel).toContainText(words.watch);
    await expect(page.getByRole("combobox", { name: "Scene" }).locator("option:checked")).not.toHaveText("Another scene");
    await finish(panel);
    await expect(panel.getByRole("status")).toHaveText(words.answer);
    for (const fix of figure.fixes ?? []) {
      await expect(panel.getByRole("button", { name: words.fixes?.[fix.id].label, exact: true })).toBeEnabled();
    }
  }
  expectQuiet(watched);
});

// One whose fix begins anew with another scene, and one whose fix goes on from where the run stands.
const fixedAnew = names.find((name) => read(`${name}.json`).fixes?.some((fix: Fix) => fix.patch));
const fixedOnTheWay = names.find((name) => read(`${name}.json`).fixes?.some((fix: Fix) => !fix.patch));

for (const name of [fixedAnew, fixedOnTheWay]) {
  test(`preset ${name} ends in the figures it promises, and so does its fix`, async ({ page }) => {
    const watched = await openPage(page);
    const preset = (await book(page)).presets.find(({ figure }) => figure.name === name);
    if (!preset) throw new Error(`${name} is in the file`);
    const { figure, words } = preset;
    const panel = await choosePreset(page, words.title);
    await finish(panel);
    expect(await compare(panel, figure, figure)).toBeGreaterThan(0);
    for (const fix of figure.fixes ?? []) {
      const said = words.fixes?.[fix.id];
      if (!said) throw new Error(`${fix.id} has words`);
      const button = panel.getByRole("button", { name: said.label, exact: true });
      await button.click();
      await expect(button).toHaveAttribute("aria-pressed", "true");
      await finish(panel);
      await expect(panel.getByRole("status")).toHaveText(said.answer);
      // Claims of a fix that goes on count from the fix, the panel from the start.
      if (fix.patch) await compare(panel, figure, fix);
    }
    expectQuiet(watched);
  });
}

test("a preset stops by itself at its end", async ({ page }) => {
  await openPage(page);
  const { figure, words } = (await book(page)).presets[0];
  const panel = await choosePreset(page, words.title);
  await advance(page, read(`${figure.name}.json`).run_ms / 1_000);
  await expect(panel.getByRole("status")).toHaveText(words.answer);
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
});

test("a preset fits a phone, by keyboard, without an axe violation", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const watched = await openPage(page);
  await unfold(page);
  const open = page.getByRole("button", { name: "Break something" });
  await open.focus();
  await page.keyboard.press("Enter");
  const entry = page.getByRole("dialog").getByRole("button", { name: titles["more-balancers"].title });
  await entry.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("region", { name: titles["more-balancers"].title, exact: true });
  await finish(panel);
  await expect(panel.getByRole("status")).not.toBeEmpty();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(page);
  expectQuiet(watched);
});
