// Shared by the specs: opening the page, and hearing everything that goes wrong on it.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import AxeBuilder from "@axe-core/playwright";
import { expect, type FrameLocator, type Locator, type Page, type Request } from "@playwright/test";

/** The folder that is served: playwright.config.ts. */
export const PAGE = process.env.EVENKEEL_PAGE ?? "target/page";

/** The chapters, by the names of their files, in order. */
export const CHAPTERS = [
  "why",
  "algorithms",
  "layers",
  "health-checks",
  "configuration",
  "around-the-world",
  "when-the-balancer-fails",
  "what-goes-wrong",
  "interview",
  "where-next",
];

/** What the browser reported about a page since `watch` was called on it. */
export type Watched = {
  errors: string[];
  violations: string[];
  requests: string[];
  /** What was given up while it loaded; no fault once the frame or the page that asked for it is gone. */
  aborted: Request[];
};

/** Whether a request was made by a frame within the page. */
function framed(request: Request): boolean {
  try {
    const frame = request.frame();
    return frame !== frame.page().mainFrame();
  } catch {
    // Its frame is not known yet, or no longer.
    return request.isNavigationRequest();
  }
}

/** Whether the frame that made a request is no longer there, or shows another page now. */
function gone(request: Request): boolean {
  // A frame that is being taken away is told to stop loading before it is gone.
  if (request.isNavigationRequest()) return framed(request);
  const frame = request.frame();
  const asker = request.headers().referer ?? "";
  const shown = frame.url().replace(/#.*/, "");
  // A style sheet or a module asks in its own name.
  return frame.isDetached() || (/(\/|\.html)(\?.*)?$/.test(asker) && asker !== shown);
}

/**
 * Starts listening to a page: console errors and warnings, exceptions, violations of the
 * content-security policy, failed loads, and the address of every request. Call it before `goto`.
 */
export async function watch(page: Page): Promise<Watched> {
  const watched: Watched = { errors: [], violations: [], requests: [], aborted: [] };
  page.on("console", (message) => {
    // The configuration blocks workers, and Playwright says so itself.
    if (message.text() === "Service Worker registration blocked by Playwright") return;
    if (["error", "warning"].includes(message.type())) watched.errors.push(message.text());
  });
  page.on("pageerror", (error) => watched.errors.push(String(error)));
  page.on("requestfailed", (request) => {
    if (request.failure()?.errorText === "net::ERR_ABORTED") watched.aborted.push(request);
    else watched.errors.push(`not loaded: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) watched.errors.push(`${response.status()}: ${response.url()}`);
  });
  page.on("request", (request) => watched.requests.push(request.url()));
  await page.exposeFunction("reportViolation", (text: string) => watched.violations.push(text));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      const text = `${event.effectiveDirective} blocks ${event.blockedURI} in ${event.documentURI}`;
      (window as unknown as { reportViolation(text: string): void }).reportViolation(text);
    });
  });
  return watched;
}

/** The program runs: its heading is there and the picture shown before it is gone. */
export async function expectRunning(page: Page | FrameLocator): Promise<void> {
  await expect(page.locator("#boot")).toBeHidden();
  await expect(page.getByRole("heading", { name: "Evenkeel", level: 1 })).toBeVisible();
}

/** Nothing went wrong since `watch`, and nothing was asked of another host. */
export function expectQuiet(watched: Watched): void {
  expect(watched.aborted.filter((request) => !gone(request)).map((request) => `not loaded: ${request.url()}`)).toEqual([]);
  expect(watched.errors).toEqual([]);
  expect(watched.violations).toEqual([]);
  const own = /^(http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/;
  expect(watched.requests.filter((url) => !own.test(url))).toEqual([]);
}

/** The run on the stage of a page or a frame, or the one of an element: a race, a figure of a chapter. */
type Clocked = Page | FrameLocator | Locator;

/** What the page has for tests: src/ui/testing.rs. All times are milliseconds of simulated time. */
type Hook = { now(): number; advance(ms: number): void; seek(ms: number): void };

/** Calls a function of the hook, and lets the page take in what came of it. */
async function call(place: Clocked, name: keyof Hook, ms: number): Promise<number> {
  const element = "goto" in place || !("evaluate" in place) ? place.locator("html") : place;
  return element.evaluate(async (element, [name, ms]) => {
    const task = () => new Promise((done) => setTimeout(done));
    const owner = (element === document.documentElement ? window : element) as { evenkeelTest?: Hook };
    // It is a part of the program that comes after the page.
    for (const late = performance.now() + 10_000; !owner.evenkeelTest && performance.now() < late; ) await task();
    if (!owner.evenkeelTest) throw new Error("nothing here lets a test take time on");
    const now = owner.evenkeelTest[name](ms);
    await task();
    return now ?? 0;
  }, [name, ms] as const);
}

/** Takes a run on by so many seconds of simulated time, at once, whether it is paused or not. */
export const advance = async (place: Clocked, seconds: number): Promise<void> => {
  await call(place, "advance", seconds * 1_000);
};

/** Takes a run to an instant, in seconds of simulated time. */
export const seek = async (place: Clocked, seconds: number): Promise<void> => {
  await call(place, "seek", seconds * 1_000);
};

/** Where a run is, in seconds of simulated time. */
export const simulated = async (place: Clocked): Promise<number> => (await call(place, "now", 0)) / 1_000;

/** For a spec of motion, before it opens its page: all others ask for reduced motion (playwright.config.ts). */
export const allowMotion = (page: Page): Promise<void> => page.emulateMedia({ reducedMotion: "no-preference" });

/** Lets the page make so many frames, in each of which a run that plays would go on. */
export const frames = (page: Page, count: number): Promise<void> =>
  page.evaluate(async (count) => {
    for (let frame = 0; frame < count; frame++) await new Promise(requestAnimationFrame);
  }, count);

/** The run plays. */
export async function expectPlaying(place: Clocked): Promise<void> {
  const before = await simulated(place);
  await expect.poll(() => simulated(place)).toBeGreaterThan(before);
}

/** The run stands still. */
export async function expectStill(page: Page, place: Clocked = page): Promise<void> {
  // The last frame may be on its way.
  await frames(page, 2);
  const before = await simulated(place);
  await frames(page, 20);
  expect(await simulated(place)).toBe(before);
}

/** Opens the page, `path` relative to it (such as "?embed=1"), and waits until it runs. An empty path is the first scene. */
export async function openPage(page: Page, path = "?scene=default"): Promise<Watched> {
  const watched = await watch(page);
  await page.goto(`./${path}`);
  await expectRunning(page);
  // A scene that the address names is fetched after the page is there. A frame has no list of scenes.
  const named = /[?&]scene=(\w+)/.exec(path)?.[1];
  if (named && !/[?&]embed=/.test(path)) await expect(page.locator("#scene")).not.toHaveValue("0");
  return watched;
}

/** Shows what a narrow page folds away: the head's controls, those of playback ("More controls"), or the world's "DNS
    settings"; and the world's "Tables", which are folded everywhere. A menu of the page closes when something is chosen
    in it or pressed elsewhere. Where nothing is folded it does nothing. */
export async function unfold(
  page: Page,
  name: "More" | "More controls" | "DNS settings" | "Tables" = "More",
): Promise<void> {
  const door = page.getByRole("button", { name, exact: true });
  if ((await door.isVisible()) && (await door.getAttribute("aria-expanded")) === "false") await door.click();
}

/** Opens a closer look by its button. Beside the stage a scene opens what it is about; over it nothing opens by itself. */
export async function look(page: Page, name: string): Promise<void> {
  const door = page.getByRole("button", { name, exact: true });
  if ((await door.getAttribute("aria-expanded")) === "false") await door.click();
}

/** Opens the sheet of settings, which has what the cards of a narrow or low stage have no room for. */
export async function tune(page: Page): Promise<void> {
  const sheet = page.getByRole("region", { name: "Settings", exact: true });
  if (await sheet.isVisible()) return;
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await expect(sheet).toBeVisible();
}

/** Opens whatever a control is folded into at the page's size, until it is seen. */
export async function reach(page: Page, control: Locator): Promise<void> {
  for (const name of ["More", "More controls"] as const) {
    if (await control.isVisible()) return;
    await unfold(page, name);
  }
  if (!(await control.isVisible())) await tune(page);
  await expect(control).toBeVisible();
}

/** axe finds nothing wrong with the page, or with what is inside the elements that a selector finds. */
export async function expectAccessible(
  page: Page,
  { inside, without = [], what }: { inside?: string; without?: string[]; what?: string } = {},
): Promise<void> {
  // In the page itself, without an empty page beside it to gather results in, and with only what is wrong: a third
  // of the time. Pages with frames would need the other way.
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] }).disableRules(without);
  const { violations } = await (inside ? builder.include(inside) : builder).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), what).toEqual([]);
}

/** Nothing of the page is wider than its window. */
export async function expectNoSideways(page: Page, what?: string): Promise<void> {
  // The stage learns of its width a frame later.
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth), what).toBeLessThanOrEqual(0);
}

/** A page on another origin with this body; resolves to its address. */
export async function host(body: string): Promise<{ url: string; close(): void }> {
  const web = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>A wiki</title><link rel="icon" href="data:,">
      <meta name="viewport" content="width=device-width"><body style="margin:0">${body}`);
  });
  await new Promise<void>((ready) => web.listen(0, "127.0.0.1", ready));
  const { port } = web.address() as AddressInfo;
  const close = () => {
    web.closeAllConnections();
    web.close();
  };
  return { url: `http://127.0.0.1:${port}/`, close };
}

/** Does something in the page at an address, in a sandboxed frame of this size on another origin. */
export async function inFrame(
  page: Page,
  address: string,
  [width, height]: readonly number[],
  act: (frame: FrameLocator) => Promise<void>,
): Promise<void> {
  const other = await host(
    `<iframe src="${address}" sandbox="allow-scripts" width="${width}" height="${height}" style="border:0"></iframe>`,
  );
  try {
    await page.setViewportSize({ width: width + 40, height: height + 40 });
    await page.goto(other.url);
    const frame = page.frameLocator("iframe");
    await expectRunning(frame);
    await act(frame);
  } finally {
    other.close();
  }
}
