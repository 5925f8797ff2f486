// What happens to pages in real life: a sleeping tab, a clock that jumps, zoom, fonts and storage that
// are not there, a lost canvas, a part of the program that does not arrive.
import { expect, test, type Page } from "./test";
import { allowMotion, expectAccessible, expectPlaying, expectQuiet, expectRunning, expectStill, openPage, simulated, unfold, watch } from "./helpers";
import { expectConserved } from "./monkey";
import { server, setSpeed } from "./reader";

const expectNarrow = async (page: Page, width: number) =>
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);

/** What the canvas shows, as text. */
const picture = (page: Page) => page.evaluate(() => document.querySelector("canvas")?.toDataURL() ?? "");

const setHidden = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    Object.defineProperty(document, "visibilityState", { value: hidden ? "hidden" : "visible", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);

test("a tab that was hidden goes on when it is seen again", async ({ page }) => {
  await allowMotion(page);
  const watched = await openPage(page);
  await expectPlaying(page);
  await setHidden(page, true);
  await expectStill(page);
  await setHidden(page, false);
  await expectPlaying(page);
  await expectConserved(page);
  expectQuiet(watched);
});

test("resizing again and again keeps the picture as wide as its place", async ({ page }) => {
  const watched = await openPage(page);
  for (const [width, height] of [[320, 256], [1920, 1080], [640, 400], [1280, 800]]) {
    await page.setViewportSize({ width, height });
    await expectNarrow(page, width);
    await expect.poll(() => page.evaluate(() => {
      const canvas = document.querySelector("canvas");
      return canvas ? Math.abs(canvas.width / devicePixelRatio - canvas.clientWidth) : -1;
    })).toBeLessThanOrEqual(1);
  }
  await expectPlaying(page);
  expectQuiet(watched);
});

// Zoom makes fewer CSS pixels of the same window: 1280 by 1024 at 200 % and at 400 % (WCAG 1.4.4, 1.4.10).
for (const [zoom, width, height] of [[200, 640, 512], [400, 320, 256]]) {
  test(`at a zoom of ${zoom} % all is there and nothing scrolls sideways`, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width, height }, deviceScaleFactor: zoom / 100 });
    const page = await context.newPage();
    const watched = await openPage(page);
    await expectNarrow(page, width);
    await page.getByRole("button", { name: "Kill server B" }).click();
    await expect(server(page, "B")).toContainText("crashed");
    for (const name of ["Share", "Break something"]) {
      await unfold(page);
      const door = page.getByRole("button", { name });
      await door.click();
      const dialog = page.getByRole("dialog");
      await expect(dialog.getByRole("button").first()).toBeVisible();
      await expectNarrow(page, width);
      await page.keyboard.press("Escape");
      await expect(dialog).toHaveCount(0);
    }
    expectQuiet(watched);
    await context.close();
  });
}

test("without the page's fonts nothing is cut off or pushed out", async ({ page }) => {
  await page.addInitScript(() => {
    addEventListener("DOMContentLoaded", () => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("*, *::before { font-family: monospace !important }");
      document.adoptedStyleSheets = [sheet];
    });
  });
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    if (width === 1280) await openPage(page);
    await expectNarrow(page, width);
    await expect(page.getByRole("button", { name: "Kill server A" })).toBeVisible();
  }
  await expectPlaying(page);
});

for (const [what, name] of [["barred", "SecurityError"], ["full", "QuotaExceededError"]]) {
  test(`where storage is ${what} the page works`, async ({ page }) => {
    await page.addInitScript(([what, name]) => {
      const refuse = () => {
        throw new DOMException(`storage is ${what}`, name);
      };
      if (what === "barred") {
        for (const kind of ["localStorage", "sessionStorage"]) Object.defineProperty(window, kind, { get: refuse });
      } else Storage.prototype.setItem = refuse;
    }, [what, name]);
    const watched = await openPage(page);
    await page.getByRole("combobox", { name: "Language" }).selectOption({ label: "Español" });
    await expect(page.getByRole("combobox", { name: "Idioma" })).toBeVisible();
    await page.getByRole("combobox", { name: "Idioma" }).selectOption({ label: "English" });
    await expectPlaying(page);
    expectQuiet(watched);
  });
}

test("where no canvas can be had, all but the picture works", async ({ page }) => {
  await page.addInitScript(() => {
    HTMLCanvasElement.prototype.getContext = () => null;
  });
  const watched = await openPage(page);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  await expectPlaying(page);
  expectQuiet(watched);
});

test("two tabs do not disturb each other", async ({ context, page }) => {
  const watched = await openPage(page);
  const other = await context.newPage();
  const otherWatched = await openPage(other);
  await other.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(other, "B")).toContainText("crashed");
  await other.getByRole("combobox", { name: "Algorithm" }).selectOption({ label: "Least connections" });
  await page.bringToFront();
  await expect(server(page, "B")).not.toContainText("crashed");
  await expect(page.getByRole("combobox", { name: "Algorithm" })).not.toHaveValue(
    await other.getByRole("combobox", { name: "Algorithm" }).inputValue());
  await expectPlaying(page);
  for (const one of [watched, otherWatched]) expectQuiet(one);
});

test("clocks that jump by hours, there and back, do not disturb a run", async ({ page }) => {
  // All clocks of a page, as they are after a machine slept or its time was set.
  await page.addInitScript(() => {
    let shift = 0;
    (window as unknown as { jump(ms: number): void }).jump = (ms) => (shift += ms);
    const [now, date] = [performance.now.bind(performance), Date.now];
    performance.now = () => now() + shift;
    Date.now = () => date() + shift;
    const real = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = (act) => real((at) => act(at + shift));
  });
  const watched = await openPage(page);
  await expectPlaying(page);
  // A frame's time counts from the page's start and is never below nothing.
  for (const hours of [10, -8, 200, -150]) {
    const before = await simulated(page);
    const start = Date.now();
    await page.evaluate((ms) => (window as unknown as { jump(ms: number): void }).jump(ms), hours * 3_600_000);
    await expectPlaying(page);
    // Simulated time goes no faster than the wall's, jump or not.
    expect(await simulated(page) - before).toBeLessThan((Date.now() - start) / 1_000 + 2);
    expect(await simulated(page)).toBeGreaterThanOrEqual(before);
  }
  await expectConserved(page);
  expectQuiet(watched);
});

test("a canvas that lost its context is drawn again when it has it back, even at a halt", async ({ page }) => {
  const watched = await openPage(page);
  await expectPlaying(page);
  await page.getByRole("button", { name: "Pause" }).click();
  let before = "";
  await expect.poll(async () => {
    const last = before;
    before = await picture(page);
    return before === last;
  }).toBe(true);
  // What a browser does that takes the context away: the picture is gone, and so is all that was set.
  await page.evaluate(() => {
    const canvas = document.querySelector("canvas")!;
    canvas.dispatchEvent(new Event("contextlost", { cancelable: true }));
    canvas.getContext("2d")!.reset();
  });
  expect(await picture(page)).not.toBe(before);
  await page.evaluate(() => document.querySelector("canvas")!.dispatchEvent(new Event("contextrestored")));
  await expect.poll(() => picture(page)).toBe(before);
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expectPlaying(page);
  await expect.poll(() => picture(page)).not.toBe(before);
  expectQuiet(watched);
});

test("a running page restyles what changed, and leaves little behind", async ({ page, browser }) => {
  await allowMotion(page);
  await page.addInitScript(() => {
    const [real, counted] = [window.requestAnimationFrame.bind(window), window as unknown as { frames: number }];
    counted.frames = 0;
    window.requestAnimationFrame = (act) => real((at) => {
      counted.frames += 1;
      act(at);
    });
  });
  const watched = await openPage(page);
  await expectPlaying(page);
  const frames = () => page.evaluate(() => (window as unknown as { frames: number }).frames);
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.startSampling", {
    samplingInterval: 512, includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true,
  });
  const [first, began] = [await frames(), Date.now()];
  await expect.poll(frames).toBeGreaterThan(first + 90);
  const { profile } = await session.send("HeapProfiler.stopSampling");
  const made = profile.samples.reduce((sum, { size }) => sum + size, 0) / ((Date.now() - began) / 1_000);
  // Numbers and short texts on their way to the canvas, and charts four times a second: 600 KB a second at sixty
  // frames, and less on a machine that makes fewer. An object a mark and frame would be several times that.
  expect(made).toBeLessThan(3 * 1024 * 1024);

  await browser.startTracing(page, { categories: ["devtools.timeline"] });
  const then = await simulated(page);
  await expect.poll(() => simulated(page)).toBeGreaterThan(then + 1.5);
  type Traced = { name: string; args: { elementCount?: number } };
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Traced[] };
  const restyled = traceEvents.filter(({ name, args }) => name === "UpdateLayoutTree" && args.elementCount);
  const elements = restyled.reduce((sum, { args }) => sum + args.elementCount!, 0) / Math.max(1, restyled.length);
  expect(restyled.length).toBeGreaterThan(0);
  // Of more than a thousand: texts and charts change four times a second, all else stays.
  expect(elements).toBeLessThan(200);
  expectQuiet(watched);
});

test("in forced colours states differ by more than hue, and the picture is drawn", async ({ page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  const watched = await openPage(page);
  const whole = await picture(page);
  expect(whole.length).toBeGreaterThan(1_000);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  await expectAccessible(page, { without: ["color-contrast"] });
  // A control must have an edge there, as backgrounds are gone.
  const edge = await page.getByRole("button", { name: "Pause" }).evaluate((element) => getComputedStyle(element).borderTopStyle);
  expect(edge).not.toBe("none");
  expectQuiet(watched);
});

// WCAG 1.4.12 gives these four numbers.
test("with the text spacing that a reader may ask for nothing is cut off @both", async ({ page }) => {
  const watched = await openPage(page);
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
      p { margin-bottom: 2em !important }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
  await expectNarrow(page, page.viewportSize()!.width);
  const cut = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>("button, label, h2, h3, p, th, td, summary")]
      .filter((element) => {
        const { overflowX, overflowY } = getComputedStyle(element);
        if (!element.checkVisibility() || !element.textContent?.trim()) return false;
        const hides = (overflow: string) => overflow === "hidden" || overflow === "clip";
        // Text for screen readers alone is one pixel wide.
        if (element.clientWidth <= 1) return false;
        return (hides(overflowX) && element.scrollWidth > element.clientWidth + 1) ||
          (hides(overflowY) && element.scrollHeight > element.clientHeight + 1);
      })
      .map((element) => element.outerHTML.slice(0, 120)));
  expect(cut).toEqual([]);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  expectQuiet(watched);
});

test("who asks for less motion during a run gets it", async ({ page }) => {
  await allowMotion(page);
  const watched = await openPage(page);
  await page.emulateMedia({ reducedMotion: "reduce" });
  // A transition may run out; then nothing on the page is in motion but the picture, in steps.
  await expect.poll(() => page.evaluate(() =>
    document.getAnimations().filter((one) => one.playState === "running").length)).toBe(0);
  await setSpeed(page, "10×");
  await expectPlaying(page);
  expectQuiet(watched);
});

test("a part that does not arrive is said, the page goes on, and it can be asked for again @release", async ({ page }) => {
  const watched = await watch(page);
  let broken = true;
  // Besides the page itself, which is a part too: opening.spec.ts.
  const later = /\/part-(?!chunk_page-[0-9a-f]+\.)[^/]*\.wasm$/;
  await page.route(later, (route) => (broken ? route.abort() : route.continue()));
  await page.goto("./");
  await expectRunning(page);
  const notice = page.locator("#missing");
  await expect(notice).toBeVisible();
  await expect(notice).toContainText("did not arrive");
  await page.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  await expect(page.locator("#halt")).toHaveCount(0);
  broken = false;
  await notice.getByRole("button").click();
  await expect(notice).toBeHidden();
  await expectPlaying(page);
  expect(watched.violations).toEqual([]);
});
