// Records the pictures of README.md from the page: server B is killed, its share falls and the others' rise, and B
// comes back. `make picture` runs it. It writes assets/moving.webp, and assets/screenshot.png for readers who want no
// motion. The pictures do not depend on how fast the machine is: Playwright's clock gives the page its time, and the
// page's own animation loop does the rest.
//   node scripts/picture/record.mjs [FOLDER OF THE PAGE]
import { statSync } from "node:fs";
import { chromium } from "@playwright/test";
import sharp from "sharp";
import { CHROMIUM_ARGS, findChromium } from "../browser.mjs";
import { serve } from "../serve.mjs";

const MOVING = "assets/moving.webp";
const STILL = "assets/screenshot.png";
/** More than this is slow to load where README.md is read. */
const MAX_BYTES = 1_200_000;
const SIZE = { width: 900, height: 560 };
/** From one frame to the next, in milliseconds. */
const FRAME_MS = 70;
/** The speed of the page, as it labels it. */
const SPEED = "2×";
/** Simulated time before the first frame: by then each share is near the one that its weight asks for. */
const BEFORE_MS = 28_000;
/** Time that the page plays before the first frame: by then the balancer shows picks in the way of this speed. */
const LEAD_MS = 1_500;
/** Which button is pressed, and how many milliseconds after the first frame. */
const PRESSES = [
  { at: 1_000, name: "Kill server B" },
  { at: 5_200, name: "Revive server B" },
];
/** When the still picture is taken, and when the moving one ends. */
const STILL_MS = 4_200;
const END_MS = 9_800;
/** How long the pointer is on its way to a button, and back to its place below the balancer. */
const REACH_MS = 700;
/** How long the pointer stays on a button that it pressed. */
const STAY_MS = 400;
const PLACE = { x: 480, y: 450 };
/** The page has loaded after fewer tenths of a second than this. */
const LOAD_STEPS = 300;

/** Runs in the page: adds a pointer, which a screenshot does not have, and ends what moves by the browser's own clock. */
function prepare() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*, ::before, ::after { transition: none !important; animation: none !important }");
  document.adoptedStyleSheets = [sheet];
  const svg = "http://www.w3.org/2000/svg";
  const pointer = document.createElementNS(svg, "svg");
  const arrow = document.createElementNS(svg, "path");
  const shape = { d: "M2 1 2 20 6.8 15.6 10 23 13.4 21.5 10.2 14.3 16.5 14Z", fill: "#1c2433", stroke: "#fff", "stroke-width": "1.5" };
  for (const [name, value] of Object.entries(shape)) arrow.setAttribute(name, value);
  pointer.append(arrow);
  Object.assign(pointer.style, { position: "fixed", left: 0, top: 0, width: "20px", height: "26px", zIndex: 9, pointerEvents: "none" });
  document.body.append(pointer);
  window.movePointer = ({ x, y }) => {
    pointer.style.transform = `translate(${x}px, ${y}px)`;
  };
}

/** The page at the first frame. */
async function open(browser, url) {
  const page = await browser.newPage({ viewport: SIZE, reducedMotion: "no-preference" });
  await page.clock.install({ time: 0 });
  await page.goto(`${url}?embed=1&controls=min`);
  await page.clock.pauseAt(1_000);
  const speed = page.getByLabel("Speed");
  const isReady = async () => (await speed.isVisible()) && page.evaluate(() => "evenkeelTest" in window);
  for (let step = 0; step < LOAD_STEPS && !(await isReady()); step++) await page.clock.runFor(100);
  await speed.selectOption(SPEED);
  await page.evaluate(prepare);
  await page.evaluate((ms) => window.evenkeelTest.advance(ms), BEFORE_MS);
  await page.clock.runFor(LEAD_MS);
  return page;
}

/** A point between two others: `part` is 0 at the first and 1 at the second. It moves slowly at both ends. */
function between(from, to, part) {
  const eased = part * part * (3 - 2 * part);
  return { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased };
}

/** Where the pointer is at a time, when it goes to one button and back. */
function pointerAt(now, { at, button }) {
  const there = Math.min(1, Math.max(0, (now - at + REACH_MS) / REACH_MS));
  const back = Math.min(1, Math.max(0, (now - at - STAY_MS) / REACH_MS));
  return between(PLACE, button, there - back);
}

/** Takes the frames. */
async function record(page) {
  const frames = [];
  let still;
  let next = 0;
  let press;
  for (let now = 0; now < END_MS; now += FRAME_MS) {
    if (PRESSES[next] && now >= PRESSES[next].at - REACH_MS) {
      const { at, name } = PRESSES[next++];
      const target = page.getByRole("button", { name });
      const box = await target.boundingBox();
      press = { at, target, button: { x: box.x + box.width / 2, y: box.y + box.height * 0.6 } };
    }
    const pointer = press ? pointerAt(now, press) : PLACE;
    await page.evaluate((pointer) => window.movePointer(pointer), pointer);
    await page.mouse.move(pointer.x, pointer.y);
    if (press?.target && now >= press.at) {
      await press.target.click();
      press.target = undefined;
    }
    await page.clock.runFor(FRAME_MS);
    const frame = await page.screenshot();
    frames.push(frame);
    if (now < STILL_MS) still = frame;
  }
  return { frames, still };
}

const server = await serve({ dir: process.argv[2] ?? "target/page" });
const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
try {
  const { frames, still } = await record(await open(browser, server.url));
  const delay = frames.map(() => FRAME_MS);
  // Texts stay sharp: other ways to this size leave shadows beside letters.
  await sharp(frames, { join: { animated: true } }).webp({ loop: 0, delay, nearLossless: true, quality: 60 }).toFile(MOVING);
  await sharp(still).png({ palette: true, effort: 10 }).toFile(STILL);
  const { size } = statSync(MOVING);
  console.log(`${MOVING}: ${frames.length} frames, ${END_MS / 1_000} s, ${size} bytes; ${STILL}: ${statSync(STILL).size} bytes`);
  if (size > MAX_BYTES) throw new Error(`${MOVING} has ${size} bytes; at most ${MAX_BYTES} are read quickly`);
} finally {
  await browser.close();
  await server.close();
}
