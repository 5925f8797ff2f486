// What a reader does first: kill a server, watch it being found, bring it back.
import { expect, test } from "@playwright/test";
import { expectQuiet, openPage } from "./helpers";
import { cell, expectState, more, number, server, setSpeed } from "./reader";

const checks = {
  "active checks alone": { off: "Passive checks", out: /^down$/ },
  "passive checks alone": { off: "Active checks", out: /^ejected$/ },
};

for (const [name, { off, out }] of Object.entries(checks)) {
  test(`a killed server is found by ${name} and comes back`, async ({ page }) => {
    const watched = await openPage(page);
    await page.getByRole("switch", { name: off }).click();
    await setSpeed(page, "5×");
    await page.getByRole("button", { name: "Kill server B" }).click();

    // The machine is dead at once; the balancer does not know yet, and requests fail.
    await expect(server(page, "B")).toContainText("crashed");
    await expect.poll(() => number(page, "B", "Failed")).toBeGreaterThan(2);
    await expectState(page, "B", out);
    expect(await cell(page, "B", "Expected")).toBe("0 %");
    await expect.poll(() => cell(page, "A", "Expected")).toBe("33.3 %");
    await expect(page.getByRole("status").filter({ hasText: /server B/i }).first()).toBeAttached();

    // Nothing more goes there; the others take its part.
    await setSpeed(page, "20×");
    const failed = await number(page, "B", "Failed");
    const others = await number(page, "A", "Answered");
    await expect.poll(() => number(page, "A", "Answered")).toBeGreaterThan(others + 100);
    if (off === "Passive checks") expect(await number(page, "B", "Failed")).toBe(failed);

    const before = await number(page, "B", "Answered");
    await page.getByRole("button", { name: "Revive server B" }).click();
    await expect(server(page, "B")).not.toContainText("crashed");
    await expectState(page, "B", /^healthy$/);
    await expect.poll(() => number(page, "B", "Answered")).toBeGreaterThan(before + 20);
    expectQuiet(watched);
  });
}

test("without checks the balancer never learns", async ({ page }) => {
  await openPage(page);
  await page.getByRole("switch", { name: "Active checks" }).click();
  await page.getByRole("switch", { name: "Passive checks" }).click();
  await setSpeed(page, "20×");
  await page.getByRole("button", { name: "Kill server C" }).click();
  await expect.poll(() => number(page, "C", "Failed")).toBeGreaterThan(200);
  expect(await cell(page, "C", "State")).toBe("healthy");
});

test("each trouble of the menu has its way back", async ({ page }) => {
  const watched = await openPage(page);
  await setSpeed(page, "10×");
  for (const [item, sign, back] of [
    ["Hang", /hanging/, "Stop hanging"],
    ["Slow", /slower/, "Full speed"],
    ["Fail a share", /fail/, "Stop failing"],
    ["Drain", /draining/, "Put back in use"],
  ] as const) {
    await more(page, "A", item);
    await expect(server(page, "A")).toContainText(sign);
    await more(page, "A", back);
    await expect(server(page, "A")).not.toContainText(/hanging|slower|draining/);
  }
  await more(page, "A", "Drain");
  await expectState(page, "A", /^draining$/);
  await expect.poll(() => cell(page, "A", "In progress")).toBe("0");
  expectQuiet(watched);
});

test("removing and adding servers loses nothing", async ({ page }) => {
  const watched = await openPage(page);
  await more(page, "D", "Remove");
  await expect(server(page, "D")).toHaveCount(0);
  await page.getByRole("button", { name: "Add server" }).click();
  await expect(server(page, "E")).toBeVisible();
  await setSpeed(page, "20×");
  await expect.poll(() => number(page, "E", "Answered")).toBeGreaterThan(20);
  for (const name of ["A", "B", "C", "E"]) {
    await expect.poll(() => cell(page, name, "Expected")).toBe("25.0 %");
  }
  expectQuiet(watched);
});
