// Without a network: what was visited once is there again. Release only, as is the worker.
import { expect, test } from "@playwright/test";
import { expectRunning } from "./helpers";

test.use({ serviceWorkers: "allow" });

test("after one visit the page opens without a network", async ({ page, context }) => {
  await page.goto("./");
  await expectRunning(page);
  // The worker takes over once all files of the first view are kept.
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener("controllerchange", done));
    }
  });
  await context.setOffline(true);
  await page.reload();
  await expectRunning(page);
  await expect(page.getByRole("group", { name: "Server A", exact: true })).toBeVisible();
});

test("a page asks for a worker, a frame does not", async ({ page }) => {
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

test("the page can be installed: its manifest names itself and an icon that is there", async ({ page, request }) => {
  await page.goto("./");
  const href = await page.locator("link[rel=manifest]").getAttribute("href");
  const manifest = await request.get(href ?? "");
  expect(manifest.headers()["content-type"]).toContain("application/manifest+json");
  const { name, icons } = await manifest.json();
  expect(name).toContain("Evenkeel");
  expect((await request.get(icons[0].src)).ok()).toBe(true);
});
