// The controls: by role and name, by keyboard, within their ranges; time stands still when paused.
import { expect, test } from "./test";
import { advance, allowMotion, expectPlaying, expectQuiet, expectStill, openPage, reach, simulated } from "./helpers";
import { cell, number, server, setSpeed, setWeight } from "./reader";

const ALL = ["A", "B", "C", "D"];

test("every control is there by its role and name @both", async ({ page }) => {
  await openPage(page);
  for (const [role, name] of [
    ["combobox", "Algorithm"],
    ["radiogroup", "Layer"],
    ["radio", "L4"],
    ["radio", "L7"],
    ["slider", "Traffic"],
    ["switch", "Active checks"],
    ["switch", "Passive checks"],
    ["spinbutton", "Weight of server A"],
    ["button", "Kill server A"],
    ["button", "More for server A"],
    ["button", "Add server"],
    ["button", "Pause"],
    ["button", "Step"],
    ["button", "Reset"],
    ["button", "New seed"],
    ["combobox", "Speed"],
  ] as const) {
    const control = page.getByRole(role, { name, exact: true });
    await reach(page, control);
    await expect(control, `${role} ${name}`).toHaveCount(1);
  }
  await expect(page.getByRole("radio", { name: "L7" })).toBeChecked();
  for (const name of ["Active checks", "Passive checks"]) {
    const check = page.getByRole("switch", { name });
    await reach(page, check);
    await expect(check).toBeChecked();
  }
});

test("pause stops, step goes to the next pick, play goes on", async ({ page }) => {
  await allowMotion(page);
  await openPage(page);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  await expectStill(page);

  const picks = async () => {
    let sum = 0;
    for (const name of ALL) {
      sum += (await number(page, name, "In progress")) + (await number(page, name, "Answered"));
    }
    return sum;
  };
  const start = await picks();
  for (let steps = 1; steps <= 5; steps++) {
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await expect.poll(picks).toBe(start + steps);
  }
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expectPlaying(page);
});

test("the speed is how much simulated time a second of the wall takes", async ({ page }) => {
  await openPage(page);
  /** Simulated seconds for each second of sixty frames. */
  const pace = async (label: string) => {
    await setSpeed(page, label);
    const before = await simulated(page);
    const wall = await page.evaluate(async () => {
      const start = performance.now();
      for (let frame = 0; frame < 60; frame++) await new Promise(requestAnimationFrame);
      return (performance.now() - start) / 1_000;
    });
    return ((await simulated(page)) - before) / wall;
  };
  const slow = await pace("1/10×");
  const fast = await pace("10×");
  expect(slow).toBeGreaterThan(0);
  // A hundred times as fast, on a machine that may stop now and then.
  expect(fast / slow).toBeGreaterThan(30);
});

test("slow motion says how slow it is, and ends when it is pressed again", async ({ page }) => {
  await openPage(page);
  const slow = page.getByRole("button", { name: "Slow", exact: true });
  await slow.click();
  await expect(page.getByText("slowed to 0.1×", { exact: true })).toBeVisible();
  await slow.click();
  await expect(page.getByText(/^slowed to/)).toHaveCount(0);
});

test("reset undoes edits and gives the same run; a new seed gives another", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Pause" }).click();
  const play = async () => {
    await page.getByRole("button", { name: "Reset" }).click();
    for (let step = 0; step < 12; step++) await page.getByRole("button", { name: "Step", exact: true }).click();
    return page.getByRole("group", { name: "Load balancer" }).innerText();
  };
  const first = await play();
  await setWeight(page, "A", 5);
  await page.getByRole("button", { name: "Add server" }).click();
  await page.getByRole("radio", { name: "L4" }).check();
  expect(await play()).toBe(first);
  await expect(server(page, "E")).toHaveCount(0);
  await expect(page.getByRole("radio", { name: "L7" })).toBeChecked();
  await expect(page.getByRole("spinbutton", { name: "Weight of server A" })).toHaveValue("1");

  const seed = () => page.getByRole("button", { name: "New seed" }).getAttribute("title");
  expect(await seed()).toMatch(/^seed \d+$/);
  const old = await seed();
  await page.getByRole("button", { name: "New seed" }).click();
  await expect.poll(seed).not.toBe(old);
});

test("a field refuses a number out of range and says the range", async ({ page }) => {
  await openPage(page);
  for (const wrong of ["101", "-1"]) {
    await setWeight(page, "A", Number(wrong));
    await expect(server(page, "A")).toContainText(/0 (to|and) 100/);
    expect(await cell(page, "A", "Weight")).toBe("1");
  }
  await setWeight(page, "A", 100);
  await expect.poll(() => cell(page, "A", "Weight")).toBe("100");
  await expect(server(page, "A")).not.toContainText(/0 (to|and) 100/);
});

test("a field that is in use goes with its page when the language changes", async ({ page }) => {
  const watched = await openPage(page);
  await page.getByRole("spinbutton", { name: "Weight of server D" }).focus();
  // Not through the control, which would take the focus first.
  await page.getByRole("combobox", { name: "Language" }).selectOption({ label: "Español" });
  await expect(page.getByRole("button", { name: "Más del servidor A" })).toBeVisible();
  await page.getByRole("button", { name: "Más del servidor A" }).click();
  await page.getByRole("combobox", { name: "Idioma" }).selectOption({ label: "English" });
  await expect(page.getByRole("button", { name: "Kill server A" })).toBeVisible();
  expectQuiet(watched);
});

test("a reader with a keyboard can do it all", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Kill server B" }).focus();
  await page.keyboard.press("Enter");
  await expect(server(page, "B")).toContainText("crashed");
  const revive = page.getByRole("button", { name: "Revive server B" });
  await expect(revive).toBeFocused();
  await page.keyboard.press("Space");
  await expect(server(page, "B")).not.toContainText("crashed");

  const more = page.getByRole("button", { name: "More for server C" });
  await more.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitem", { name: "Hang" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Slow" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(more).toBeFocused();
  await expect(page.getByRole("menuitem")).toHaveCount(0);

  await page.getByRole("radio", { name: "L7" }).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("radio", { name: "L4" })).toBeChecked();

  const traffic = page.getByRole("slider", { name: "Traffic" });
  const before = Number(await traffic.inputValue());
  await traffic.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(async () => Number(await traffic.inputValue())).toBeGreaterThan(before);
});

test("traffic 0 stops arrivals and all that is under way comes back", async ({ page }) => {
  const watched = await openPage(page);
  await advance(page, 10);
  await page.getByRole("slider", { name: "Traffic" }).fill("0");
  await advance(page, 30);
  for (const name of ALL) expect(await cell(page, name, "In progress")).toBe("0");
  await expect(page.getByText(/0 in flight/).first()).toBeVisible();
  expectQuiet(watched);
});
