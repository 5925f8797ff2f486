// The cost of frames in Chromium: this project's painter beside PixiJS on the same canvas, and the whole page at the
// request counts of its budgets. The cost of a frame is the processor time of all processes of the browser, so that
// work on other threads counts.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, findChromium } from "../browser.mjs";
import { serve } from "../serve.mjs";

const HERE = "scripts/bench";
const PIXI = `${HERE}/node_modules/pixi.js/dist/pixi.min.mjs`;
const WARM_MS = 1_500;
const WINDOW_MS = 3_000;
const STARTS = 5;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const open = () => chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });

/** Seconds that all processes of a browser have worked. */
async function worked(session) {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

/** Frames a second, and milliseconds a frame: of script, and of the whole browser's processors. */
async function watchFrames(browser, page) {
  const session = await browser.newBrowserCDPSession();
  await wait(WARM_MS);
  const take = () => page.evaluate(() => ({ at: performance.now(), frames: window.frames, script: window.script.length }));
  const [first, before] = [await take(), await worked(session)];
  await wait(WINDOW_MS);
  const [last, after] = [await take(), await worked(session)];
  const script = await page.evaluate((from) => window.script.slice(from), first.script);
  const frames = last.frames - first.frames;
  await session.detach();
  return {
    fps: (frames * 1e3) / (last.at - first.at),
    script: median(script),
    cpu: frames ? ((after - before) * 1e3) / frames : NaN,
    seen: await page.evaluate(() => window.seen ?? 0),
  };
}

/** A server for the benchmark's own page. `glue` is where the program is; `pixi` says whether PixiJS is there. */
export async function serveDots(glue) {
  const files = {
    "/": [join(HERE, "dots.html"), "text/html"],
    "/dots.js": [join(HERE, "dots.js"), "text/javascript"],
    "/tokens.css": ["style/tokens.css", "text/css"],
    "/engine_wasm.js": [join(glue, "engine_wasm.js"), "text/javascript"],
    "/engine_wasm_bg.wasm": [join(glue, "engine_wasm_bg.wasm"), "application/wasm"],
    "/pixi.mjs": [PIXI, "text/javascript"],
  };
  const server = createServer((request, response) => {
    const [file, type] = files[new URL(request.url, "http://x").pathname] ?? [];
    if (!file) return response.writeHead(404).end();
    response.setHeader("Content-Type", type);
    response.end(readFileSync(file));
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return { url, pixi: existsSync(PIXI), close: () => server.close() };
}

/** The painter and PixiJS, at each number of dots. Without PixiJS its half is missing. */
export async function dots(glue, counts) {
  const server = await serveDots(glue);
  const rows = [];
  for (const count of counts) {
    const row = { count };
    for (const by of existsSync(PIXI) ? ["ours", "pixi"] : ["ours"]) {
      const browser = await open();
      try {
        const page = await browser.newPage({ viewport: { width: 1200, height: 700 } });
        await page.goto(`${server.url}?by=${by}&dots=${count}`);
        await page.waitForFunction(() => window.frames > 2, undefined, { timeout: 60_000 });
        row[by] = await watchFrames(browser, page);
      } finally {
        await browser.close();
      }
    }
    rows.push(row);
  }
  server.close();
  return rows;
}

/** A link to a scene with so many requests a second, on ways of 0.35 s as in the page's first scene. */
function link(rate) {
  const scene = JSON.parse(readFileSync("assets/scenarios/plain.json", "utf8"));
  scene.arrivals = { process: "poisson", rate_rps: rate };
  scene.links = { client_us: 350_000, server_us: 350_000 };
  scene.classes = [{ ...scene.classes[0], work: { distribution: "exponential", mean_us: 10_000 } }];
  scene.servers = Array.from({ length: 8 }, (_, i) => ({ name: `S${i}`, address: `10.0.0.${i + 1}:80`, workers: 1_000, queue: 1_000 }));
  mkdirSync("target/bench", { recursive: true });
  const file = `target/bench/${rate}.json`;
  writeFileSync(file, JSON.stringify(scene));
  const args = ["run", "--quiet", "--locked", "--", "link", file];
  return execFileSync("cargo", args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();
}

/** Counts the frames of any page, and times what it does in them. */
function countFrames() {
  window.frames = 0;
  window.script = [];
  const real = window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (act) => real((at) => {
    const start = performance.now();
    act(at);
    window.script.push(performance.now() - start);
    window.frames += 1;
  });
}

/** The whole page at a rate of requests; with `lanes`, that many race on them. */
export async function pageFrames(rate, { ratio = 1, lanes = 0 } = {}) {
  const server = await serve({ compressed: true });
  const browser = await open();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, deviceScaleFactor: ratio });
    await page.addInitScript(countFrames);
    await page.goto(`${server.url}${link(rate)}`);
    await page.locator("#boot").waitFor({ state: "detached" });
    if (lanes) {
      await page.getByRole("button", { name: "Race" }).click();
      const more = page.getByRole("button", { name: "Add lane" });
      await page.locator(".lane").nth(2).waitFor();
      while (await more.isVisible()) await more.click();
    }
    // Until the first requests are back at their clients.
    await wait(3_000);
    const figures = await watchFrames(browser, page);
    const behind = await page.locator(".behind:visible").allInnerTexts();
    return { ...figures, behind: behind.some((text) => text.trim() !== "") };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Notes when the stage is drawn. */
function noteDrawing() {
  window.drawn = [];
  const real = CanvasRenderingContext2D.prototype.clearRect;
  CanvasRenderingContext2D.prototype.clearRect = function (...args) {
    if (window.drawn.length < 3) window.drawn.push(performance.now());
    return real.apply(this, args);
  };
}

/** Milliseconds from navigation to the first text and to the first moving picture, cold, median. */
export async function starts() {
  const server = await serve({ compressed: true });
  const [text, moving] = [[], []];
  for (let i = 0; i < STARTS; i++) {
    const browser = await open();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.addInitScript(noteDrawing);
    await page.goto(server.url);
    await page.waitForFunction(() => window.drawn.length > 1);
    const [paint, drawn] = await page.evaluate(() => [
      performance.getEntriesByName("first-contentful-paint")[0]?.startTime, window.drawn[1]]);
    text.push(paint);
    moving.push(drawn);
    await browser.close();
  }
  await server.close();
  return { text: median(text), moving: median(moving) };
}
