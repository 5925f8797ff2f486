// Without a network: what was visited once is there again. Release only, as is the worker.
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, type Page } from "./test";
import { writeServiceWorker } from "../../scripts/offline.mjs";
import { serve } from "../../scripts/serve.mjs";
import { expectRunning, PAGE } from "./helpers";

test.use({ serviceWorkers: "allow" });

/** The worker takes over once all files of the first view are kept. */
const expectKept = (page: Page) => page.evaluate(async () => {
  await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) {
    await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
  }
});

/** What the worker has kept, by the names of the files. */
const kept = (page: Page) => page.evaluate(async () => {
  const [name] = await caches.keys();
  const requests = await (await caches.open(name)).keys();
  return requests.map(({ url }) => new URL(url).pathname.slice(1));
});

test("after one visit the page opens without a network, with all that was on it @release", async ({ page, context }) => {
  await page.goto("./");
  await expectRunning(page);
  await expect(page.getByRole("heading", { name: "Latency" })).toBeVisible();
  await expectKept(page);
  // What was loaded before the worker was there, and no program that was not wanted.
  await expect.poll(async () => (await kept(page)).filter((name) => /^part-panels-/.test(name))).toHaveLength(1);
  expect(await kept(page)).not.toContain("config_bg.wasm");
  await context.setOffline(true);
  await page.reload();
  await expectRunning(page);
  await expect(page.getByRole("group", { name: "Server A", exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Latency" })).toBeVisible();
  await expect(page.locator("#missing")).toBeHidden();
});

test("a newer version is offered, and until it is taken no file of it gets into the page @release", async ({ page }) => {
  test.setTimeout(120_000);
  const dir = mkdtempSync(join(tmpdir(), "evenkeel-"));
  cpSync(PAGE, dir, { recursive: true });
  const server = await serve({ dir });
  try {
    await page.goto(server.url);
    await expectRunning(page);
    await expectKept(page);
    await page.reload();
    await expectRunning(page);
    const notice = page.locator("#update");
    await expect(notice).toBeHidden();
    const scheme = () => page.evaluate(async () => (await fetch("./scenario.schema.json")).status);
    const chapter = () => page.evaluate(async () => (await fetch("./chapters/en/why.html")).text());
    // A new release: other texts, another scheme, another chapter.
    for (const file of ["scenario.schema.json", "chapters/en/why.html"]) appendFileSync(join(dir, file), "\n<!-- newer -->");
    writeServiceWorker(dir);
    expect(await scheme()).toBe(409);
    // A chapter is a page of its own, with all that is its.
    expect(await chapter()).toContain("newer");
    // A browser that has just been started puts its look for the newer worker off, for up to twelve seconds
    // as was seen: nothing is asked of the server until then.
    await expect(notice).toBeVisible({ timeout: 60_000 });
    await expect(notice).toContainText("newer version");
    const reloaded = page.waitForEvent("load");
    await notice.getByRole("button").click();
    await reloaded;
    await expectRunning(page);
    await expect(notice).toBeHidden();
    expect(await scheme()).toBe(200);
    expect((await page.evaluate(() => caches.keys())).length).toBe(1);
  } finally {
    await server.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

test("a page asks for a worker, a frame does not @release", async ({ page }) => {
  const asked: string[] = [];
  await page.exposeFunction("workerAsked", (where: string) => asked.push(where));
  await page.addInitScript(() => {
    const { register } = ServiceWorkerContainer.prototype;
    ServiceWorkerContainer.prototype.register = function (...args) {
      const where = window.top === window ? "page" : "frame";
      (window as unknown as { workerAsked(where: string): void }).workerAsked(where);
      return register.apply(this, args);
    };
  });
  await page.goto("./");
  await expectRunning(page);
  await expect.poll(() => asked).toEqual(["page"]);
  await page.evaluate(() => {
    const frame = document.createElement("iframe");
    frame.src = "./?embed=1";
    document.body.append(frame);
  });
  await expectRunning(page.frameLocator("iframe"));
  expect(asked).toEqual(["page"]);
});

test("the page can be installed: its manifest names itself and an icon that is there @release", async ({ page, request }) => {
  await page.goto("./");
  const href = await page.locator("link[rel=manifest]").getAttribute("href");
  const manifest = await request.get(href ?? "");
  expect(manifest.headers()["content-type"]).toContain("application/manifest+json");
  const { name, icons } = await manifest.json();
  expect(name).toContain("Evenkeel");
  expect((await request.get(icons[0].src)).ok()).toBe(true);
});
