// The page before its controls are there: its first scene, delivered with it, moves already.
import { readFileSync } from "node:fs";
import { expect, test, type Page } from "./test";
import { OPENING, snapshot } from "../../scripts/opening.mjs";
import { allowMotion, expectQuiet, expectRunning, frames, watch } from "./helpers";

test.beforeEach(({ page }) => allowMotion(page));

const PART = /part-chunk_page-[0-9a-f]+\.wasm/;

/** Holds back the part of the program that has the controls, until what is returned is called. */
async function hold(page: Page): Promise<() => void> {
  let go = () => {};
  const gone = new Promise<void>((done) => (go = done));
  await page.route(PART, async (route) => {
    await gone;
    await route.continue();
  });
  return go;
}

/** What the stage's canvas shows, and whether that is anything. */
const drawn = (page: Page) => page.evaluate(() => {
  const canvas = document.querySelector("#opening .stage canvas") as HTMLCanvasElement;
  const blank = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
  const picture = canvas.toDataURL();
  return { picture, blank: picture === blank.toDataURL() };
});

/** Lets a page be told that so many milliseconds have passed: `jump(ms)` in it. Its frames tell it the time. */
const setClock = (page: Page) => page.addInitScript(() => {
  let shift = 0;
  const request = window.requestAnimationFrame.bind(window);
  Object.assign(window, { jump: (ms: number) => (shift += ms) });
  window.requestAnimationFrame = (act) => request((now) => act(now + shift));
});

/** Where things stand, in whole pixels. */
const places = (page: Page, of: string) => page.evaluate((root) => {
  const things = ".top, .scene-place, .stage, .client, .balancer, .server, .transport, .strip";
  return [...document.querySelectorAll(`${root} :is(${things})`)].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [element.className.replace(/ .*/, ""), ...[x, y + scrollY, width, height].map(Math.round)].join(" ");
  });
}, of);

test("what the page is delivered with is what it begins as @release", async ({ page, baseURL }) => {
  // If this fails: `make opening`.
  expect(await snapshot(page, baseURL ?? "")).toBe(readFileSync(OPENING, "utf8"));
});

test("it moves before there are controls, and they go on from that instant @both @release", async ({ page }) => {
  const watched = await watch(page);
  const go = await hold(page);
  await setClock(page);
  await page.goto("./");
  await expect.poll(async () => (await drawn(page)).blank).toBe(false);
  const { picture } = await drawn(page);
  await expect.poll(async () => (await drawn(page)).picture).not.toBe(picture);
  // Nothing of it can be pressed or is read out; what it is, is.
  await expect(page.getByRole("button", { name: "Kill server A" })).toHaveCount(0);
  await expect(page.getByText("A load balancer that you can break. Requests")).toBeAttached();
  await expect(page.locator("#boot-status")).toHaveText("Loading the controls…");
  // So that more time has passed than the rest of this takes, had the clock begun anew.
  // A frame makes up for a tenth of a second at most, so it takes many of them.
  await page.evaluate(async () => {
    for (let frame = 0; frame < 40; frame++) {
      (window as unknown as { jump(ms: number): void }).jump(100);
      await new Promise(requestAnimationFrame);
    }
  });
  await frames(page, 2);
  const stood = await places(page, "#opening");
  go();
  await expectRunning(page);
  await expect(page.getByRole("button", { name: "Kill server A" })).toBeVisible();
  expect(await places(page, "#app")).toEqual(stood);
  const clock = await page.locator(".clock .time").textContent();
  expect(Number(clock?.replace("0:", ""))).toBeGreaterThanOrEqual(4);
  await expect(page.locator("#opening")).toHaveCount(0);
  expectQuiet(watched);
});

test("what opens otherwise begins with words and a picture @release", async ({ page }) => {
  const go = await hold(page);
  for (const path of ["./?scene=websocket", "./?lang=es", "./#run=1"]) {
    await page.goto("about:blank");
    await page.goto(path);
    await expect(page.locator("#boot .still img")).toBeVisible();
    await expect(page.locator("#opening")).toBeHidden();
  }
  // A reader who chose another language before.
  await page.evaluate(() => localStorage.setItem("evenkeel.language", "es"));
  await page.goto("about:blank");
  await page.goto("./");
  await expect(page.locator("#boot .still img")).toBeVisible();
  await expect(page.locator("#opening")).toBeHidden();
  go();
  await expect(page.locator("#app .top")).toContainText("Capítulos");
});

test("with reduced motion it stands still @release", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const go = await hold(page);
  await page.goto("./");
  await expect.poll(async () => (await drawn(page)).blank).toBe(false);
  const before = await drawn(page);
  await expect(page.locator("#boot-status")).toHaveText("Loading the controls…");
  expect(await drawn(page)).toEqual(before);
  go();
  await expectRunning(page);
});

test("where the controls do not arrive it says so, and tries again when asked @release", async ({ page }) => {
  let broken = true;
  await page.route(PART, (route) => (broken ? route.abort() : route.continue()));
  await page.goto("./");
  await expect(page.locator("#boot #missing")).toBeVisible();
  broken = false;
  await page.locator("#boot #missing").getByRole("button", { name: "Try again" }).click();
  await expectRunning(page);
  await expect(page.locator("#missing")).toBeHidden();
});
