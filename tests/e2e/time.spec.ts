// The time machine: back to before a kill, forth again, another course of events and back.
import { expect, test, type Page } from "./test";
import { advance, expectQuiet, openPage, unfold } from "./helpers";
import { server } from "./reader";

const time = (page: Page) => page.getByRole("slider", { name: "Time" });

/** Milliseconds of simulated time. */
const now = async (page: Page) => Number(await time(page).inputValue());

async function slide(page: Page, ms: number): Promise<void> {
  await time(page).evaluate((slider: HTMLInputElement, ms) => {
    slider.value = String(ms);
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }, ms);
}

/** Runs for some seconds, kills B, runs on, pauses. Gives when B was killed. */
async function killed(page: Page): Promise<number> {
  await advance(page, 4);
  // Paused, so that the time on the slider is the time of the act.
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Kill server B" }).click();
  const at = await now(page);
  await advance(page, 15);
  await expect(server(page, "B")).toContainText("crashed");
  return at;
}

test("scrub back to before a kill, and the server is healthy @both", async ({ page }) => {
  const watched = await openPage(page);
  const at = await killed(page);
  const end = await now(page);
  await slide(page, at - 2_000);
  await expect(server(page, "B")).toContainText("healthy");
  await expect(server(page, "B")).not.toContainText("crashed");
  await expect(page.getByText(/You are in the past/)).toBeVisible();
  // The next event is the kill. The menu stays open for one event after another.
  await unfold(page, "More controls");
  await page.getByRole("button", { name: "Next event" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  await page.getByRole("button", { name: "Previous event" }).click();
  await page.getByRole("button", { name: "Step back" }).click();
  await expect(server(page, "B")).not.toContainText("crashed");
  await page.getByRole("button", { name: /^Back to 0:/ }).click();
  expect(await now(page)).toBe(end);
  await expect(page.getByText(/You are in the past/)).toBeHidden();
  expectQuiet(watched);
});

test("acting in the past begins another branch, and the old one can be gone back to", async ({ page }) => {
  const watched = await openPage(page);
  const at = await killed(page);
  const end = await now(page);
  await slide(page, at - 2_000);
  await page.getByRole("button", { name: "Kill server C" }).click();
  await expect(page.getByText(/This is another branch/)).toBeVisible();
  await advance(page, 4);
  await expect(server(page, "C")).toContainText("crashed");
  await expect(server(page, "B")).not.toContainText("crashed");
  await page.getByRole("button", { name: "Back to the old branch" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  await expect(server(page, "C")).not.toContainText("crashed");
  expect(await now(page)).toBe(end);
  // Reset ends it all.
  await page.getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText(/branch/)).toHaveCount(0);
  expectQuiet(watched);
});

test("a time that is typed is gone to, one that is none is refused in words", async ({ page }) => {
  const watched = await openPage(page);
  const moments = page.locator("summary", { hasText: "Moments" });
  const field = page.getByRole("textbox", { name: "Go to time" });
  await moments.click();
  await field.fill("soon");
  await field.press("Enter");
  await expect(page.getByText(/such as 1:23.4/)).toBeVisible();
  // Beyond what was run: as fast as it can.
  await field.fill("10:00");
  await field.press("Enter");
  await expect.poll(() => now(page), { timeout: 15_000 }).toBe(600_000);
  // It has done its work, and lies over the stage no longer.
  await expect(field).toHaveCount(0);
  await expect(moments).toBeFocused();
  await page.keyboard.press("Enter");
  await field.fill("0:07.5");
  await field.press("Enter");
  await expect.poll(() => now(page)).toBe(7_500);
  await expect(page.locator(".clock")).toContainText("0:07.5");
  await expect(field).toHaveCount(0);
  expectQuiet(watched);
});

test("the line of time works by keyboard alone", async ({ page }) => {
  await openPage(page);
  await killed(page);
  const end = await now(page);
  await time(page).focus();
  await page.keyboard.press("Home");
  expect(await now(page)).toBe(0);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  expect(await now(page)).toBe(2_000);
  await page.keyboard.press("ArrowLeft");
  expect(await now(page)).toBe(1_000);
  await page.keyboard.press("End");
  expect(await now(page)).toBe(end);
  // Every mark is a button in the list.
  const moments = page.locator("summary", { hasText: "Moments" });
  await moments.focus();
  await page.keyboard.press("Enter");
  const kill = page.getByRole("button", { name: /Server B was killed/ });
  await kill.focus();
  await page.keyboard.press("Enter");
  await expect(kill).toHaveCount(0);
  await expect(moments).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(kill).toHaveAttribute("aria-current", "true");
  await kill.focus();
  await page.keyboard.press("Escape");
  await expect(kill).toHaveCount(0);
  await expect(moments).toBeFocused();
});

test("a press beside the panel of moments closes it, and one inside does not", async ({ page }) => {
  await openPage(page);
  await page.locator(".moments summary").click();
  const panel = page.locator(".moments-panel");
  await panel.getByRole("textbox", { name: "Go to time" }).click();
  await expect(panel).toBeVisible();
  await page.getByRole("heading", { name: "Evenkeel" }).click();
  await expect(panel).toHaveCount(0);
});
