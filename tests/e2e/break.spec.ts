// What a reader does first: kill a server, watch it being found, bring it back. When each kind of check
// finds what is measured without a browser: tests/it/checks.rs.
import { expect, test } from "./test";
import { advance, expectQuiet, openPage } from "./helpers";
import { cell, expectState, more, number, server } from "./reader";

const checks = {
  "active checks alone": { off: "Passive checks", out: /^down$/ },
  "passive checks alone": { off: "Active checks", out: /^ejected$/ },
};

for (const [name, { off, out }] of Object.entries(checks)) {
  test(`a killed server is found by ${name} and comes back`, async ({ page }) => {
    const watched = await openPage(page);
    await page.getByRole("switch", { name: off }).click();
    await page.getByRole("button", { name: "Kill server B" }).click();

    // The machine is dead at once; the balancer does not know yet, and requests fail.
    await expect(server(page, "B")).toContainText("crashed");
    await advance(page, 8);
    expect(await number(page, "B", "Failed")).toBeGreaterThan(2);
    await expectState(page, "B", out);
    expect(await cell(page, "B", "Expected")).toBe("0 %");
    expect(await cell(page, "A", "Expected")).toBe("33.3 %");
    await expect(page.getByRole("status").filter({ hasText: /server B/i }).first()).toBeAttached();

    const before = await number(page, "B", "Answered");
    await page.getByRole("button", { name: "Revive server B" }).click();
    await expect(server(page, "B")).not.toContainText("crashed");
    await advance(page, 60);
    await expectState(page, "B", /^healthy$/);
    expect(await number(page, "B", "Answered")).toBeGreaterThan(before + 20);
    expectQuiet(watched);
  });
}

test("each trouble of the menu has its way back", async ({ page }) => {
  const watched = await openPage(page);
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
  await advance(page, 30);
  expect(await cell(page, "A", "In progress")).toBe("0");
  expectQuiet(watched);
});

test("removing and adding servers loses nothing", async ({ page }) => {
  const watched = await openPage(page);
  await more(page, "D", "Remove");
  await expect(server(page, "D")).toHaveCount(0);
  await page.getByRole("button", { name: "Add server" }).click();
  await expect(server(page, "E")).toBeVisible();
  await advance(page, 60);
  expect(await number(page, "E", "Answered")).toBeGreaterThan(20);
  for (const name of ["A", "B", "C", "E"]) expect(await cell(page, name, "Expected")).toBe("25.0 %");
  expectQuiet(watched);
});
