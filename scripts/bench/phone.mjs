// The cost of the page on a phone: at 412 by 823, at full speed and slowed four times, and beside it a page of another
// project (PixiJS moving as many dots, without text) in the same run.
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, findChromium } from "../browser.mjs";
import { serve } from "../serve.mjs";
import { serveDots } from "./frames.mjs";

const SIZE = { width: 412, height: 823 };
const WARM_MS = 4_000;
const WINDOW_MS = 8_000;
/** As many marks as the first scene has on the way and in its servers. */
const PEER_DOTS = 40;
/** A frame in which so many things of the page change is one in which its texts do: the pulse. */
const PULSE_CHANGES = 8;

/** Runs in the page before anything else: counts frames and long tasks, and times frames to their end. */
function watch() {
  window.phone = { frames: [], long: [], changes: 0 };
  new PerformanceObserver((list) => window.phone.long.push(...list.getEntries().map((one) => one.duration)))
    .observe({ type: "longtask" });
  const changed = new MutationObserver((records) => (window.phone.changes += records.length));
  changed.observe(document, { childList: true, characterData: true, attributes: true, subtree: true });
  const { port1, port2 } = new MessageChannel();
  let [started, before] = [0, 0];
  // The message comes when the frame was laid out and painted.
  port1.onmessage = () => window.phone.frames.push({ ms: performance.now() - started, changes: window.phone.changes - before });
  const real = window.requestAnimationFrame.bind(window);
  let asked = -1;
  window.requestAnimationFrame = (act) => real((at) => {
    if (asked !== at) {
      asked = at;
      [started, before] = [performance.now(), window.phone.changes];
      port2.postMessage(0);
    }
    act(at);
  });
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** What a page did in the window, as it is on a machine slowed `slow` times. */
async function measure(url, ready, slow) {
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage({ viewport: SIZE, hasTouch: true, isMobile: true });
    await page.addInitScript(watch);
    await page.goto(url);
    await page.waitForFunction(ready, undefined, { timeout: 60_000 });
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    await session.send("Emulation.setCPUThrottlingRate", { rate: slow });
    const metrics = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    };
    await page.waitForTimeout(WARM_MS);
    const [first, from] = [await metrics(), await page.evaluate(() => [window.phone.frames.length, window.phone.long.length])];
    await page.waitForTimeout(WINDOW_MS);
    const last = await metrics();
    const seen = await page.evaluate(([frames, long]) => ({
      frames: window.phone.frames.slice(frames),
      long: window.phone.long.slice(long),
    }), from);
    const seconds = last.Timestamp - first.Timestamp;
    const perSecond = (name) => ((last[name] - first[name]) * 1e3) / seconds;
    const pulses = seen.frames.filter(({ changes }) => changes >= PULSE_CHANGES).map(({ ms }) => ms);
    const others = seen.frames.filter(({ changes }) => changes < PULSE_CHANGES).map(({ ms }) => ms);
    await session.send("HeapProfiler.collectGarbage");
    const alive = (await metrics()).Nodes;
    const there = await page.evaluate(() => {
      const walk = document.createTreeWalker(document, NodeFilter.SHOW_ALL);
      let count = 1;
      while (walk.nextNode()) count += 1;
      return count;
    });
    return {
      fps: seen.frames.length / seconds,
      long: seen.long.length,
      longest: Math.max(0, ...seen.long),
      pulse: pulses.length > 3 ? median(pulses) - median(others) : undefined,
      script: perSecond("ScriptDuration"),
      style: perSecond("RecalcStyleDuration"),
      layout: perSecond("LayoutDuration"),
      alive,
      there,
    };
  } finally {
    await browser.close();
  }
}

/** Rows for a table: this page and the peer's, at full speed and slowed four times. */
export async function phone(dir, glue) {
  const ours = await serve({ dir, compressed: true });
  const dots = await serveDots(glue);
  const rows = [];
  for (const slow of [1, 4]) {
    rows.push([`this page, slowed ${slow}×`, await measure(ours.url, () => !document.querySelector("#boot"), slow)]);
    if (dots.pixi) rows.push([`PixiJS, ${PEER_DOTS} dots, slowed ${slow}×`, await measure(`${dots.url}?by=pixi&dots=${PEER_DOTS}`, () => window.frames > 2, slow)]);
  }
  await ours.close();
  dots.close();
  const one = (value, digits = 0) => (value === undefined ? "–" : value.toFixed(digits));
  return rows.map(([name, seen]) => [
    name, one(seen.fps), `${seen.long}${seen.long ? `, ${one(seen.longest)} ms` : ""}`, one(seen.pulse, 1),
    one(seen.script), one(seen.style), one(seen.layout), `${seen.alive} / ${seen.there}`,
  ]);
}

/** The heads of those rows. */
export const PHONE_HEADS = ["who", "frames/s", "long tasks in 8 s", "pulse, ms", "script ms/s", "style ms/s", "layout ms/s", "nodes alive / in the page"];
