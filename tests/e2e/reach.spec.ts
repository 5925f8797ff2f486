// For every reader: no axe violation in light and dark, no sideways scrolling from 320 px up,
// reduced motion, an embed in a sandbox.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./test";
import { advance, expectAccessible, expectQuiet, expectStill, openPage, reach, watch } from "./helpers";
import { number, server, setSpeed } from "./reader";

for (const colorScheme of ["light", "dark"] as const) {
  for (const path of ["", "?embed=1"]) {
    test(`axe finds nothing: ${colorScheme} ${path || "page"} @both`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await openPage(page, path);
      await expectAccessible(page);
      // Down, with its menu open: other colours, other roles.
      await page.getByRole("button", { name: "Kill server B" }).click();
      await advance(page, 10);
      await expect(server(page, "B")).toContainText(/ejected|down/);
      await page.getByRole("button", { name: "More for server A" }).click();
      await expectAccessible(page);
    });
  }
}

const WIDTHS = [320, 390, 768, 1024, 1280, 1920];

for (const path of ["", "?embed=1"]) {
  test(`no sideways scrolling at any width ${path || "page"}`, async ({ page }) => {
    await page.setViewportSize({ width: WIDTHS[0], height: 800 });
    await openPage(page, path);
    for (let more = 0; more < 3 && path === ""; more++) {
      const add = page.getByRole("button", { name: "Add server" });
      await reach(page, add);
      await add.click();
    }
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      // The stage learns of its width a frame later.
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth), `${width} wide`).toBeLessThanOrEqual(width);
    }
  });
}

test("the scene is described in words when it is asked for @both", async ({ page }) => {
  const watched = await openPage(page);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  const door = page.getByRole("button", { name: "Describe the scene" });
  await door.press("Enter");
  const told = page.getByRole("region", { name: "The scene now, in words" }).getByRole("status");
  await expect(told).toContainText("distributes requests (layer 7)");
  await expect(told).toContainText("Algorithm: Weighted round robin.");
  await expect(told).toContainText(/Server A: healthy, [\d.]+ % of the picks/);
  await expect(told).toContainText("really crashed");
  await expect(told).toContainText("Server B was killed.");
  // It stands still to be read, until it is asked for again.
  const before = await told.innerText();
  await page.getByRole("button", { name: "Revive server B" }).click();
  await expect(server(page, "B")).not.toContainText("crashed");
  expect(await told.innerText()).toBe(before);
  await page.getByRole("button", { name: "Describe again" }).press("Enter");
  await expect(told).toContainText("Server B was revived.");
  await expect(told).not.toContainText("really crashed");
  await expectAccessible(page, { inside: "#description" });
  await door.press("Enter");
  await expect(told).toHaveCount(0);
  await expect(door).toBeFocused();
  expectQuiet(watched);
});

test("with reduced motion it runs in steps", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const watched = await openPage(page);
  await setSpeed(page, "10×");
  await advance(page, 20);
  expect(await number(page, "A", "Answered")).toBeGreaterThan(20);
  // Between two steps the picture stands still: of many frames only a few differ.
  const changes = await page.evaluate(async () => {
    const canvas = document.querySelector("canvas");
    if (!canvas) return -1;
    let last = "";
    let changed = 0;
    for (let frame = 0; frame < 60; frame++) {
      await new Promise(requestAnimationFrame);
      const now = canvas.toDataURL();
      if (now !== last) changed++;
      last = now;
    }
    return changed;
  });
  // Sixty frames are a second: a flying dot would change every one of them.
  expect(changes).toBeGreaterThanOrEqual(1);
  expect(changes).toBeLessThanOrEqual(15);
  expectQuiet(watched);
});

test("an embed in a sandbox on another origin runs and can be broken @both", async ({ page, baseURL }) => {
  const host = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(
      `<!doctype html><title>A wiki</title><link rel="icon" href="data:,">
       <iframe sandbox="allow-scripts" src="${baseURL}?embed=1" width="100%" height="1400"></iframe>`,
    );
  });
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready));
  const watched = await watch(page);
  await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`);
  const frame = page.frameLocator("iframe");
  await expect(frame.locator("#boot")).toBeHidden();
  await frame.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(frame, "B")).toContainText("crashed");
  await advance(frame, 10);
  await expect(server(frame, "B")).toContainText(/ejected|down/);
  await expect(frame.getByRole("link", { name: /Evenkeel/ })).toHaveAttribute("target", "_blank");
  await expect(frame.getByRole("table", { name: "Distribution" })).toHaveCount(0);
  expectQuiet(watched);
  host.closeAllConnections();
  host.close();
});

test("a hidden page stands still", async ({ page }) => {
  await openPage(page);
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expectStill(page);
});
