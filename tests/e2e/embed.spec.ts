// Other pages: the one that shows all ways of embedding, and pages on other origins that hold a chapter,
// a figure, or the page as one file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { evenkeel } from "./command-line";
import { expect, test, type Page } from "./test";
import { serve } from "../../scripts/serve.mjs";
import { expectQuiet, expectRunning, host, openPage, PAGE, watch } from "./helpers";
import { server } from "./reader";

/** A program that is built for tests, in several frames, takes its time. */
const LONG = { timeout: 60_000 };

type Scene = HTMLElement & Record<string, (...values: unknown[]) => Promise<Record<string, unknown>>>;

/** Calls a method of an element. */
const ask = (page: Page, id: string, method: string, ...values: unknown[]) =>
  page.locator(id).evaluate(
    (scene, [method, values]) => (scene as Scene)[method as string](...(values as unknown[])),
    [method, values] as const,
  );

const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

test("the page with all ways shows each of them at work @release", async ({ page, request }) => {
  test.slow();
  const watched = await watch(page);
  await page.goto("./embedding/index.html");
  for (const section of ["#frame", "#sandbox"]) {
    await page.locator(section).scrollIntoViewIfNeeded();
    await page.locator(`${section} iframe`).scrollIntoViewIfNeeded();
    await expect(page.frameLocator(`${section} iframe`).getByRole("button", { name: "Kill server B" })).toBeVisible(LONG);
  }
  await page.locator("#scene").scrollIntoViewIfNeeded();
  const scene = page.frameLocator("#scene iframe");
  await expectRunning(scene);
  await page.getByRole("button", { name: "Crash server B" }).click();
  await expect(page.locator("#told")).toHaveText("Done.");
  await expect(server(scene, "B")).toContainText("crashed");
  await page.getByRole("button", { name: "Figures" }).click();
  await expect(page.locator("#told")).toContainText(/\d arrived, \d+ answered/);
  await page.getByRole("button", { name: "Repair server B" }).click();
  await expect(server(scene, "B")).not.toContainText("crashed");
  for (const place of [0, 1]) {
    const one = page.locator("#several evenkeel-scene").nth(place);
    await one.scrollIntoViewIfNeeded();
    await expectRunning(one.frameLocator("iframe"));
  }
  await page.locator("#chapter iframe").scrollIntoViewIfNeeded();
  await expect(page.frameLocator("#chapter iframe").getByRole("heading", { level: 1 })).toBeVisible(LONG);
  await page.locator("#figure iframe").scrollIntoViewIfNeeded();
  await expect(page.frameLocator("#figure iframe").locator("figure.shown[data-awake]")).toBeVisible(LONG);
  await page.locator("#picture img").scrollIntoViewIfNeeded();
  await expect.poll(() => page.locator("#picture img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  await page.locator("#standalone iframe").scrollIntoViewIfNeeded();
  await expect(page.frameLocator("#standalone iframe").getByRole("button", { name: "Kill server B" })).toBeVisible(LONG);
  expectQuiet(watched);
  for (const link of await page.locator("main a[href^='../']").all()) {
    const file = (await link.getAttribute("href")) ?? "";
    expect((await request.get(new URL(file, page.url()).href)).status(), file).toBe(200);
  }
});

test("the page with all ways is no wider than a phone @both", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await page.goto("./embedding/index.html");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await sideways(page)).toBeLessThanOrEqual(0);
});

for (const width of [320, 800]) {
  test(`a chapter and a figure on a page of another origin, ${width} wide`, async ({ page, baseURL }) => {
    test.slow();
    await page.setViewportSize({ width, height: 900 });
    const around = await host(`<script src="${baseURL}embed.js"></script>
      <evenkeel-scene id="figure" chapter="en/why" figure="one-server" theme="dark" height="300"></evenkeel-scene>
      <evenkeel-scene id="chapter" chapter="en/health-checks" height="300"></evenkeel-scene>
      <evenkeel-scene id="nobody" chapter="en/why" figure="<img src=x>" height="300"></evenkeel-scene>`);
    const watched = await watch(page);
    await page.goto(around.url);
    const figure = page.frameLocator("#figure iframe");
    await expect(figure.locator("figure.shown[data-awake]")).toBeVisible(LONG);
    await expect(figure.locator("article h1")).toBeHidden();
    await expect(figure.locator("header.side")).toBeHidden();
    await expect(figure.locator("html")).toHaveAttribute("data-theme", "dark");
    expect(await page.locator("#figure iframe").getAttribute("sandbox")).toBe("allow-scripts allow-popups");
    // It is as high as what it shows, and no wider than the page.
    const inside = () => figure.locator("body").evaluate((body) => Math.ceil(body.getBoundingClientRect().height));
    await expect.poll(async () => (await page.locator("#figure iframe").boundingBox())?.height).toBe(await inside());
    const over = await figure.locator("html").evaluate((root) => root.scrollWidth - innerWidth);
    expect(over).toBeLessThanOrEqual(0);
    expect((await ask(page, "#figure", "play")).type).toBe("evenkeel:refused");
    // One click, and it runs to its answer.
    await figure.locator(".option").first().click();
    await expect(figure.locator(".time")).not.toHaveText("0:00.0", LONG);
    await page.locator("#chapter").scrollIntoViewIfNeeded();
    const chapter = page.frameLocator("#chapter iframe");
    await expect(chapter.getByRole("heading", { level: 1 })).toBeVisible(LONG);
    await expect(chapter.locator("nav.steps")).toBeHidden();
    await expect.poll(async () => (await page.locator("#chapter iframe").boundingBox())?.height).toBeGreaterThan(1_000);
    // A figure that is not there: the whole chapter.
    await page.locator("#nobody").scrollIntoViewIfNeeded();
    await expect(page.frameLocator("#nobody iframe").getByRole("heading", { level: 1 })).toBeVisible(LONG);
    expectQuiet(watched);
    around.close();
  });
}

test("a scene in a frame starts when it is told to, and stands still out of view", async ({ page, baseURL }) => {
  test.slow();
  const around = await host(`<script src="${baseURL}embed.js"></script>
    <evenkeel-scene id="one" autoplay="0"></evenkeel-scene><div style="height:5000px"></div>`);
  await page.goto(around.url);
  const frame = page.frameLocator("#one iframe");
  await expectRunning(frame);
  const at = async () => (await ask(page, "#one", "get")).at_us as number;
  const frozen = await at();
  await frame.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(at, LONG).toBeGreaterThan(frozen);
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  let last = -1;
  const stands = async () => {
    const before = last;
    last = await at();
    return last === before;
  };
  await expect.poll(stands, { ...LONG, intervals: [500] }).toBe(true);
  await page.evaluate(() => scrollTo(0, 0));
  await expect.poll(at, LONG).toBeGreaterThan(last);
  around.close();
});

test("the page as one file runs from the disk, with all that is fetched later @release", async ({ page }) => {
  test.slow();
  const watched = await watch(page);
  await page.goto(pathToFileURL(join(PAGE, "standalone.html")).href);
  await expectRunning(page);
  await page.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(page, "B")).toContainText("crashed");
  await expect(page.getByRole("table", { name: "Distribution" })).toBeVisible(LONG);
  await page.getByRole("button", { name: "Config" }).click();
  await page.getByRole("button", { name: "Try an example" }).click(LONG);
  await expect(page.locator("#config-summary")).toContainText("Servers: 4.");
  await page.getByRole("button", { name: "Edit scene" }).click();
  await expect(page.getByRole("dialog").getByRole("textbox", { name: "Name", exact: true })).toHaveValue("Four servers, one strong", LONG);
  await page.keyboard.press("Escape");
  await page.goto(`${pathToFileURL(join(PAGE, "standalone.html")).href}?lang=es&scene=world`);
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await page.getByRole("button", { name: "Compartir" }).click();
  await expect(page.getByRole("dialog").getByRole("textbox").first()).toHaveValue(/#run=/, LONG);
  expect(watched.errors).toEqual([]);
  expect(watched.requests.filter((url) => !/^(file:\/\/.*standalone\.html|data:|blob:)/.test(url))).toEqual([]);
});

test("the page as one file runs in a sandbox, from a host that sends no header @release", async ({ page }) => {
  test.slow();
  const plain = await serve({ dir: PAGE, headers: "none" });
  const around = await host(`<iframe id="one" sandbox="allow-scripts" width="800" height="760"
    src="${plain.url}standalone.html"></iframe>`);
  const watched = await watch(page);
  await page.goto(around.url);
  const frame = page.frameLocator("#one");
  await expectRunning(frame);
  await frame.getByRole("button", { name: "Kill server B" }).click();
  await expect(server(frame, "B")).toContainText("crashed");
  await expect(frame.getByRole("table", { name: "Distribution" })).toBeVisible(LONG);
  expectQuiet(watched);
  around.close();
  plain.close();
});

test("a scene with hostile names, in a link, in a message and in a file, stays text", async ({ page, baseURL }) => {
  const scene = JSON.parse(readFileSync("assets/scenarios/default.json", "utf8"));
  const evil = "<img src=x onerror=document.title='ran'>";
  scene.name = scene.servers[0].name = scene.clients[0].name = evil;
  const folder = mkdtempSync(join(tmpdir(), "evenkeel-"));
  writeFileSync(join(folder, "scene.json"), JSON.stringify(scene));
  const run = evenkeel("link", join(folder, "scene.json")).trim();
  rmSync(folder, { recursive: true });
  const harmless = async (place: Page) => {
    await expect(place.getByRole("group", { name: /Server <img/ })).toBeVisible();
    expect(await place.locator("#app img").count()).toBe(0);
    expect(await place.title()).not.toBe("ran");
  };
  const watched = await openPage(page, run);
  await harmless(page);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share this scene" });
  await dialog.getByText("Put it into another page").click();
  await expect(dialog.getByRole("textbox", { name: "Frame" })).toHaveValue(/title="[^"<>]*&lt;img/);
  await harmless(page);
  expectQuiet(watched);

  const around = await host(`<script src="${baseURL}embed.js"></script><evenkeel-scene id="one"></evenkeel-scene>`);
  await page.goto(around.url);
  const frame = page.frameLocator("#one iframe");
  await expectRunning(frame);
  expect((await ask(page, "#one", "open", run)).type).toBe("evenkeel:done");
  await expect(frame.getByRole("group", { name: /Server <img/ })).toBeVisible();
  expect(await frame.locator("#app img").count()).toBe(0);
  // Messages without sense, too large, or with things in them that are no data.
  const rude = await page.locator("#one iframe").evaluate((frame: HTMLIFrameElement) => {
    const loop: Record<string, unknown> = { type: "evenkeel:get", version: 1 };
    loop.self = loop;
    const all: unknown[] = [
      loop,
      new Map([["type", "evenkeel:reset"]]),
      { type: "evenkeel:open", version: 1, run: "A".repeat(5_000_000) },
      { type: "evenkeel:reset", version: 1n },
      { type: "evenkeel:seed", version: 1, seed: Number.NaN },
      { type: "__proto__", version: 1 },
      { type: "evenkeel:command", version: 1, command: { __proto__: { fault: [0, "crash"] } } },
    ];
    for (const data of all) frame.contentWindow?.postMessage(data, "*");
    return all.length;
  });
  expect(rude).toBe(7);
  expect(await ask(page, "#one", "get")).toMatchObject({ type: "evenkeel:figures", seed: scene.seed });
  around.close();
});

test("what others read of the page: pictures, oEmbed, the wiki's widget", async ({ request }) => {
  const html = await (await request.get("./")).text();
  // The minifier puts attributes in an order of its own, and leaves out what quotes it can.
  const tag = (name: string) => new RegExp(`<meta[^>]*property="?${name}["\\s>][^>]*>?`).exec(html)?.[0] ?? "";
  const content = (name: string) => /content=(?:"([^"]*)"|([^\s">]+))/.exec(tag(name))?.slice(1).join("") ?? "";
  expect(content("og:title")).toContain("Evenkeel");
  expect((await request.get(`./${content("og:image")}`)).headers()["content-type"]).toBe("image/png");
  const discovery = /<link[^>]*application\/json\+oembed[^>]*>/.exec(html)?.[0] ?? "";
  const place = /href="?([^"\s>]+)/.exec(discovery)?.[1];
  expect(await (await request.get(`./${place}`)).json()).toMatchObject({ type: "rich" });
  expect(await (await request.get("./wiki-widget.txt")).text()).toContain("<iframe");
});
