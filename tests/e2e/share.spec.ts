// A run leaves the page and comes back: links, the share dialog, scene files, embedded pages.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { evenkeel } from "./command-line";
import { expect, test, type Page } from "./test";
import { advance, expectQuiet, expectRunning, host, openPage, PAGE, unfold, watch } from "./helpers";
import { server } from "./reader";

const fragment = (page: Page) => page.evaluate(() => location.hash);

/** The digest of the page's run, as the page inside a frame tells it. */
async function figures(page: Page, url: string): Promise<{ digest: string; at_us: number }> {
  const around = await host(`<iframe sandbox="allow-scripts" src="${url}"></iframe>
    <script>addEventListener("message", (event) => {
      if (event.data.type === "evenkeel:ready") event.source.postMessage({ type: "evenkeel:get", version: 1 }, "*");
      if (event.data.type === "evenkeel:figures") window.told = event.data;
    });</script>`);
  await page.goto(around.url);
  await page.waitForFunction(() => "told" in window);
  const told = await page.evaluate(() => (window as never as { told: never }).told);
  around.close();
  return told;
}

test("a link gives the same run, with the digest of the command line", async ({ page, baseURL }) => {
  const watched = await openPage(page, "");
  // The first scene, untouched, needs no link.
  expect(await fragment(page)).toBe("");
  await page.getByRole("button", { name: "Kill server B" }).click();
  await advance(page, 8);
  await page.getByRole("button", { name: "Pause" }).click();
  await expect.poll(() => fragment(page)).toMatch(/^#run=[\w-]+$/);
  const entries = await page.evaluate(() => history.length);
  // The address follows the run, at most once a second: when it stands still it is that of this instant.
  let link = "";
  await expect.poll(async () => {
    const last = link;
    link = await fragment(page);
    return link === last;
  }, { intervals: [1_500] }).toBe(true);
  expect(link.length).toBeLessThan(600);
  expect(await page.evaluate(() => history.length)).toBe(entries);
  expectQuiet(watched);

  const { digest, at_us } = JSON.parse(evenkeel("run", link));
  const told = await figures(page, `${baseURL}?embed=1${link}`);
  expect(told).toMatchObject({ digest, at_us });
});

test("a changed fragment opens that run", async ({ page }) => {
  await openPage(page, "#run=AfFA0RMv8Y3OHA");
  await expect(page.getByRole("button", { name: "Play", exact: true })).toBeVisible();
  await expect(page.locator(".clock .time")).toContainText("1:00");
  await page.evaluate(() => { location.hash = "#run=AY3vAA"; });
  await expect(page.locator(".clock .time")).toContainText("0:0");
});

for (const [what, link, words] of [
  ["damaged", "#run=AfFA0RMv8Y3OHB", "missing or was changed"],
  ["hostile", "#run=<img src=x onerror=document.title='ran'>", "which no link to a scene has"],
  ["later", "#run=An1wAA", "version 2"],
  ["endless", `#run=${"A".repeat(70_000)}`, "at most 65536"],
]) {
  test(`a ${what} link says why and shows the default scene`, async ({ page }) => {
    const watched = await openPage(page, link);
    await expect(page.getByRole("alert").filter({ hasText: words })).toBeVisible();
    await page.getByRole("button", { name: "Kill server B" }).click();
    await expect(server(page, "B")).toContainText("crashed");
    expect(await page.title()).toContain("Evenkeel");
    expectQuiet(watched);
  });
}

test("the dialog gives the link, and snippets that name it @both", async ({ page }) => {
  await openPage(page);
  await unfold(page);
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share this scene" });
  await expect(dialog.getByRole("textbox", { name: "Link to this moment" })).toHaveValue(/#run=/);
  await dialog.getByText("Put it into another page").click();
  await dialog.getByRole("combobox", { name: "Colours" }).selectOption("dark");
  await expect(dialog.getByRole("textbox", { name: "Frame" })).toHaveValue(/embed=1&amp;theme=dark#run=/);
  await expect(dialog.getByRole("textbox", { name: "Element" })).toHaveValue(/<evenkeel-scene .*theme="dark"/);
  await dialog.getByRole("switch", { name: "Transparent background" }).check();
  await expect(dialog.getByRole("textbox", { name: "Frame" })).toHaveValue(/background=transparent#run=/);
  await dialog.getByRole("combobox", { name: "Height" }).selectOption("480");
  await expect(dialog.getByRole("textbox", { name: "Frame" })).toHaveValue(/height="480"/);
  await expect(dialog.locator("iframe")).toHaveAttribute("height", "480");
  await expect(dialog.frameLocator("iframe").getByRole("button", { name: "Kill server B" })).toBeVisible();
  // A frame may have no leave to write into the clipboard: then the text is ready to be copied by hand.
  await page.evaluate(() => {
    const refuse = { writeText: () => Promise.reject(new Error("barred")) };
    Object.defineProperty(navigator, "clipboard", { value: refuse, configurable: true });
  });
  const link = dialog.getByRole("textbox", { name: "Link to this moment" });
  await dialog.getByRole("button", { name: /^Copy.*Link to this moment/ }).click();
  await expect(dialog.getByRole("status").first()).toContainText("selected");
  const chosen = await link.evaluate((field: HTMLTextAreaElement) => field.selectionEnd - field.selectionStart === field.value.length);
  expect(chosen).toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

for (const width of [1280, 390]) {
  test(`what there is to copy is shown whole, and a fresh page's link is short, ${width} wide`, async ({ page }) => {
    await page.setViewportSize({ width, height: 800 });
    await openPage(page, "");
    await unfold(page);
    await page.getByRole("button", { name: "Share" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Put it into another page").click();
    const fields = await dialog.locator(".copy-field textarea").all();
    expect(fields.length).toBeGreaterThan(4);
    for (const field of fields) expect(await field.evaluate((it) => it.scrollHeight - it.clientHeight)).toBeLessThanOrEqual(1);
    expect((await fields[0].inputValue()).split("#run=")[1].length).toBeLessThan(32);
  });
}

test("a scene file is opened, and a wrong one is refused with its place", async ({ page }) => {
  await openPage(page);
  const scene = JSON.parse(readFileSync("assets/scenarios/default.json", "utf8"));
  const file = (text: string) => ({ name: "scene.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await page.getByRole("button", { name: "Share" }).click();
  const input = page.getByLabel("Open a scene file");
  // A button of the page's own, and reached as one.
  const button = page.locator("label").filter({ hasText: "Open a scene file" });
  await page.getByRole("button", { name: "Save a picture" }).focus();
  await page.keyboard.press("Tab");
  await expect(input).toBeFocused();
  expect(await button.evaluate((it) => getComputedStyle(it).outlineStyle)).toBe("solid");
  expect((await input.boundingBox())?.width).toBeLessThan(2);
  scene.servers[1].weight = 1_000;
  await input.setInputFiles(file(JSON.stringify(scene)));
  await expect(page.getByRole("alert").filter({ hasText: "servers[1].weight: 1000" })).toBeVisible();
  await input.setInputFiles(file("x".repeat(5_000_000)));
  await expect(page.getByRole("alert").filter({ hasText: "too large" })).toBeVisible();
  scene.servers[1].weight = 7;
  scene.servers[1].name = "<img src=x onerror=document.title='ran'>";
  await input.setInputFiles(file(JSON.stringify(scene)));
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(page.getByRole("group", { name: /Server <img/ })).toBeVisible();
  expect(await page.title()).toContain("Evenkeel");
});

for (const width of [320, 800]) {
  test(`two elements on a page of another origin, ${width} wide`, async ({ page, baseURL }) => {
    await page.setViewportSize({ width, height: 900 });
    const around = await host(`<script src="${baseURL}embed.js"></script>
      <evenkeel-scene id="one" title="One" height="500"></evenkeel-scene>
      <evenkeel-scene id="two" title="Two" controls="none" autoplay="0"></evenkeel-scene>`);
    const watched = await watch(page);
    await page.goto(around.url);
    for (const id of ["one", "two"]) {
      const frame = page.frameLocator(`#${id} iframe`);
      await page.locator(`#${id}`).scrollIntoViewIfNeeded();
      await expectRunning(frame);
      expect(await page.locator(`#${id} iframe`).getAttribute("sandbox")).toBe("allow-scripts allow-popups");
    }
    const one = page.locator("#one");
    await one.scrollIntoViewIfNeeded();
    type Scene = HTMLElement & Record<string, (...values: unknown[]) => Promise<Record<string, unknown>>>;
    const ask = (method: string, ...values: unknown[]) =>
      one.evaluate((scene, [method, values]) => (scene as Scene)[method as string](...(values as unknown[])), [method, values] as const);
    expect((await ask("pause")).type).toBe("evenkeel:done");
    expect((await ask("command", { fault: [1, "crash"] })).type).toBe("evenkeel:done");
    await expect(server(page.frameLocator("#one iframe"), "B")).toContainText("crashed");
    expect(await ask("get")).toMatchObject({ type: "evenkeel:figures", playing: false, layer: "l7" });
    expect((await ask("command", { fault: [99, "crash"] })).type).toBe("evenkeel:refused");
    expect((await ask("seed", "<img src=x onerror=alert(1)>")).type).toBe("evenkeel:refused");
    expect((await ask("open", "AY3vAA")).type).toBe("evenkeel:done");
    // What is not known is ignored, whatever it is.
    await page.evaluate(() => {
      for (const frame of document.querySelectorAll("iframe")) {
        for (const data of [null, 7, "evenkeel:play", { type: "evenkeel:explode" }, { type: {} }]) {
          frame.contentWindow?.postMessage(data, "*");
        }
      }
    });
    expect((await ask("get")).type).toBe("evenkeel:figures");
    const two = page.frameLocator("#two iframe");
    await expect(two.getByRole("combobox", { name: "Algorithm" })).toHaveCount(0);
    await expect(two.getByRole("button", { name: "Play", exact: true })).toBeVisible();
    // The stage fits the height that it was given, and does not ask for more.
    expect(await one.locator("iframe").evaluate((frame) => frame.clientHeight)).toBe(500);
    expectQuiet(watched);
    around.close();
  });
}

test("an element that is out of sight loads nothing until it is near", async ({ page, baseURL }) => {
  const around = await host(`<script src="${baseURL}embed.js"></script>
    <div style="height:12000px"></div><evenkeel-scene id="far" title="Far"></evenkeel-scene>`);
  const watched = await watch(page);
  await page.goto(around.url);
  await expect(page.locator("#far iframe")).toBeAttached();
  await page.waitForLoadState("networkidle");
  const programs = () => watched.requests.filter((url) => url.includes(".wasm"));
  expect(programs()).toEqual([]);
  await page.locator("#far").scrollIntoViewIfNeeded();
  await expectRunning(page.frameLocator("#far iframe"));
  expect(programs().length).toBeGreaterThan(0);
  around.close();
});

test("embed.js is small @release", () => {
  expect(gzipSync(readFileSync(join(PAGE, "embed.js"))).length).toBeLessThan(3_000);
});

test("hosts are told what to send, and serve.mjs sends it @release", async ({ request }) => {
  const told = readFileSync(join(PAGE, "_headers"), "utf8");
  const sent = (await request.get("./")).headers();
  const lines = [...told.split("/*.wasm")[0].matchAll(/^  ([\w-]+): (.*)$/gm)];
  expect(lines.length).toBeGreaterThanOrEqual(2);
  for (const [, name, value] of lines) expect(sent[name.toLowerCase()]).toBe(value);
  const oembed = JSON.parse(readFileSync(join(PAGE, "oembed.json"), "utf8"));
  expect(oembed).toMatchObject({ version: "1.0", type: "rich", html: expect.stringContaining("?embed=1") });
});
