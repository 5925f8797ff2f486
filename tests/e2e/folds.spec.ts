// What folds away, what opens and what is said of the run, at many sizes: nothing of it covers a server or a control.
import { expect, test, type Locator, type Page } from "./test";
import { advance, expectAccessible, expectQuiet, openPage } from "./helpers";
import { server } from "./reader";

type Box = { x: number; y: number; width: number; height: number };

const box = async (what: Locator): Promise<Box> => (await what.boundingBox())!;

/** Whether two boxes have more than a pixel in common. */
const meet = (a: Box, b: Box): boolean =>
  Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) > 1 &&
  Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) > 1;

/** The names of the servers, and of the controls outside, that an element covers. */
async function covered(page: Page, what: Locator): Promise<string[]> {
  const over = await box(what);
  const found: string[] = [];
  const own = await what.elementHandle();
  for (const one of await page.locator(".server, button, select, input, summary, a").all()) {
    if (!(await one.isVisible()) || (await one.evaluate((one, own) => own!.contains(one), own))) continue;
    if (meet(over, await box(one))) found.push(await one.evaluate((one) => one.outerHTML.slice(0, 80)));
  }
  return found;
}

const more = (page: Page) => page.getByRole("button", { name: "More", exact: true });
const controls = (page: Page) => page.getByRole("button", { name: "More controls" });

test("what is under the mouse in the row of playback can be read", async ({ page }) => {
  await openPage(page);
  const row = page.getByRole("region", { name: "Playback" });
  for (const button of await row.locator("> .button:visible").all()) {
    await button.hover();
    const [ink, ground] = await button.evaluate((button) => {
      const style = getComputedStyle(button);
      return [style.color, style.backgroundColor];
    });
    expect(ink).not.toBe(ground);
  }
  await row.getByRole("button", { name: "Pause" }).hover();
  await expectAccessible(page, { inside: ".transport" });
});

test("the menu of the head closes on a choice, on Escape and on a press elsewhere @phone", async ({ page }) => {
  const watched = await openPage(page);
  const race = page.getByRole("button", { name: "Race", exact: true });
  const choices: [string, Locator][] = [
    ["Break something", page.getByRole("dialog", { name: "Break something" })],
    ["Share", page.getByRole("dialog", { name: "Share" })],
    ["Config", page.getByRole("region", { name: "Configuration" })],
  ];
  for (const [name, opens] of choices) {
    await more(page).click();
    await page.getByRole("button", { name, exact: true }).click();
    await expect(opens).toBeVisible();
    await expect(race).toBeHidden();
    await opens.getByRole("button", { name: "Close", exact: true }).click();
    await expect(opens).toBeHidden();
    await expect(more(page)).toBeFocused();
  }
  await more(page).click();
  await race.focus();
  await page.keyboard.press("Escape");
  await expect(race).toBeHidden();
  await expect(more(page)).toBeFocused();
  await more(page).click();
  await server(page, "D").getByRole("heading").click();
  await expect(race).toBeHidden();
  expectQuiet(watched);
});

test("the menu of playback moves nothing, and closes as the head's does @phone", async ({ page }) => {
  await openPage(page);
  const stage = page.getByRole("region", { name: "Stage" });
  const play = page.getByRole("button", { name: "Pause" });
  const reset = page.getByRole("button", { name: "Reset", exact: true });
  const before = [await box(stage), await box(play)];
  await controls(page).click();
  await expect(reset).toBeVisible();
  expect([await box(stage), await box(play)]).toEqual(before);
  // A step is seldom one alone.
  const step = page.getByRole("button", { name: "Step", exact: true });
  await step.click();
  await step.click();
  await reset.click();
  await expect(reset).toBeHidden();
  await controls(page).click();
  await reset.focus();
  await page.keyboard.press("Escape");
  await expect(reset).toBeHidden();
  await expect(controls(page)).toBeFocused();
  await controls(page).click();
  await page.getByRole("list", { name: "Clients" }).click();
  await expect(reset).toBeHidden();
  // Moments open from it, and close when one was chosen.
  await page.getByRole("button", { name: "Kill server B" }).click();
  await controls(page).click();
  await page.getByText("Moments", { exact: true }).click();
  await expect(reset).toBeHidden();
  const moment = page.getByRole("button", { name: /Server B was killed/ });
  await expect(moment).toBeVisible();
  for (const name of ["A", "B", "C", "D"]) {
    expect(meet(await box(page.locator(".moments-panel")), await box(server(page, name)))).toBe(false);
  }
  await moment.click();
  await expect(moment).toHaveCount(0);
});

for (const [width, height, direct] of [
  [390, 844, ["Settings", "Slow", "Follow one"]],
  [360, 740, ["Settings", "Slow"]],
  [320, 568, ["Settings"]],
] as const) {
  test(`one press away at ${width}x${height}: ${direct.join(", ")}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openPage(page);
    for (const name of direct) {
      const button = page.getByRole("button", { name, exact: true });
      await expect(button).toBeInViewport({ ratio: 1 });
      expect((await box(button)).width).toBeGreaterThanOrEqual(24);
    }
    await page.getByRole("button", { name: "Settings", exact: true }).click();
    await expect(page.getByRole("spinbutton", { name: "Weight of server A" })).toBeVisible();
  });
}

test("beside a panel only what has no room folds, and nothing of the row is cut", async ({ page }) => {
  await openPage(page, "?scene=default&lang=es");
  await page.locator(".config-button").click();
  await expect(page.locator("#config")).toBeVisible();
  for (const class_ of ["step", "slow", "follow", "again"]) {
    await expect(page.locator(`.transport > .${class_}`)).toBeInViewport({ ratio: 1 });
  }
  await expect(page.locator(".transport > .moments")).toBeInViewport({ ratio: 1 });
  for (let width = 1280; width >= 320; width -= 40) {
    await page.setViewportSize({ width, height: 800 });
    const parts = await page.locator(".transport").evaluate((row) =>
      [...row.querySelectorAll(":scope > :is(.button, .clock, .speed, .moments), .near, .line")]
        .map((part) => part.getBoundingClientRect())
        .filter((part) => part.width > 0)
        .map((part) => [part.left, part.right])
        .sort((a, b) => a[0] - b[0]),
    );
    const row = await box(page.locator(".transport"));
    let end = row.x;
    for (const [left, right] of parts) {
      expect(left, `at ${width}`).toBeGreaterThanOrEqual(end - 1);
      end = right;
    }
    expect(end, `at ${width}`).toBeLessThanOrEqual(row.x + row.width + 1);
  }
});

for (const [width, height] of [[1280, 800], [1024, 768], [1024, 540], [390, 844], [360, 740], [320, 568]] as const) {
  test(`that the reader is in the past covers no server and no control at ${width}x${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openPage(page);
    await advance(page, 4);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Kill server B" }).click();
    await advance(page, 5);
    await page.getByRole("slider", { name: "Time" }).press("ArrowLeft");
    await expect(page.getByText(/You are in the past/)).toBeVisible();
    expect(await covered(page, page.locator(".branch-info"))).toEqual([]);
    await page.getByRole("button", { name: /^Back to/ }).click();
    await expect(page.getByText(/You are in the past/)).toHaveCount(0);
  });
}

test("a notice covers no server in a frame", async ({ page }) => {
  await page.setViewportSize({ width: 800, height: 500 });
  await openPage(page, "?embed=1&scene=nothing");
  const notice = page.getByRole("alert").filter({ hasText: "There is no scene" });
  await expect(notice).toBeVisible();
  for (const name of ["A", "B", "C", "D"]) {
    expect(meet(await box(notice), await box(server(page, name)))).toBe(false);
  }
});

test("the menu of a server covers none of that server", async ({ page }) => {
  for (const [width, height] of [[1280, 800], [390, 844], [320, 568]]) {
    await page.setViewportSize({ width, height });
    await openPage(page);
    for (const name of ["A", "D"]) {
      await page.getByRole("button", { name: `More for server ${name}` }).click();
      const menu = page.getByRole("menu");
      await expect(menu).toBeInViewport({ ratio: 1 });
      expect(meet(await box(menu), await box(server(page, name)))).toBe(false);
      await page.keyboard.press("Escape");
      await expect(menu).toHaveCount(0);
    }
    await page.close();
    page = await page.context().newPage();
  }
});

test("looking closer at a request moves nothing on the stage but for the room that the panel takes", async ({ page }) => {
  await openPage(page);
  await advance(page, 9);
  await page.getByRole("button", { name: "Follow one" }).click();
  await page.getByRole("button", { name: "Pause" }).click();
  const parts = page.locator(".balancer, .server, .transport");
  const tops = () => parts.evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().height));
  await page.getByRole("button", { name: "How it decides", exact: true }).click();
  const before = await tops();
  await page.getByRole("button", { name: "Look closer" }).click();
  await expect(page.getByRole("region", { name: "The life of a request" })).toContainText("the envelope of request");
  expect(await tops()).toEqual(before);
  await expect(page.getByRole("button", { name: "Look closer" })).toHaveCount(0);
});

test("a closer look from below the stage brings the stage back into sight, and none opens by itself @phone", async ({ page }) => {
  await openPage(page, "?scene=l7_routing");
  await expect(page.locator(".seen")).toHaveCount(0);
  const door = page.getByRole("button", { name: "How the algorithm decides", exact: true });
  await door.scrollIntoViewIfNeeded();
  await door.click();
  await expect(page.getByRole("region", { name: "How the algorithm decides" })).toBeVisible();
  await expect(page.getByRole("combobox", { name: "Algorithm" })).toBeInViewport({ ratio: 1 });
});

test("the heads of the strip are whole at every width", async ({ page }) => {
  await openPage(page, "?scene=default&lang=es");
  await advance(page, 20);
  for (let width = 1280; width >= 720; width -= 40) {
    await page.setViewportSize({ width, height: 900 });
    for (const head of await page.locator(".strip .head").all()) {
      const cut = await head.evaluate((head) => {
        const place = head.getBoundingClientRect();
        return [...head.children]
          .map((part) => part.getBoundingClientRect())
          .filter((part) => part.width > 0 && part.top < place.bottom - 2 && part.bottom > place.top + 2)
          .filter((part) => part.right > place.right + 1 || part.left < place.left - 1).length;
      });
      expect(cut, `at ${width}`).toBe(0);
    }
    await expect(page.locator(".times .head b").last()).toBeInViewport();
  }
});

test("rise, fall and the limit of slow answers are explained on asking", async ({ page }) => {
  await openPage(page);
  await page.locator("summary[aria-label='Check settings']").click();
  const rise = page.getByLabel(/Passes to come up/).and(page.locator("input"));
  await expect(rise).toHaveAccessibleDescription(/must pass in a row/);
  const line = page.locator(".means").filter({ hasText: "must pass in a row" });
  await expect(line).toBeHidden();
  await page.getByRole("button", { name: /What is meant by: Passes/ }).click();
  await expect(line).toBeVisible();
  await expectAccessible(page, { inside: ".checks" });
});

test("where no server is in trouble, the button that goes to the next one says so", async ({ page }) => {
  await openPage(page, "?scene=fleet");
  const next = page.getByRole("button", { name: "Next in trouble" });
  const said = page.getByRole("status").filter({ hasText: "No server is in trouble." });
  await next.click();
  await expect(said).toBeVisible();
  await page.getByRole("button", { name: "Kill every tenth server" }).click();
  await expect(said).toHaveCount(0);
});
