// What the specs have of Playwright, with one browser context for all specs of a worker: a new one for each
// spec would be a quarter of their time. Every spec gets a page of its own, without anything that another kept.
import { test as base, type BrowserContext } from "@playwright/test";

export * from "@playwright/test";

/** Takes away what a spec left behind: its pages, and what they kept in the browser. */
async function clear(context: BrowserContext): Promise<void> {
  for (const page of context.pages()) {
    const origin = new URL(page.url()).origin;
    if (origin !== "null") {
      const session = await context.newCDPSession(page);
      await session.send("Storage.clearDataForOrigin", { origin, storageTypes: "all" });
    }
    await page.close();
  }
  await context.clearCookies();
}

export const test = base.extend<object, { shared: BrowserContext }>({
  shared: [
    async ({ browser }, use, worker) => {
      const { baseURL, viewport, hasTouch, deviceScaleFactor, serviceWorkers, contextOptions } = worker.project.use;
      const context = await browser.newContext({
        ...contextOptions, baseURL, viewport, hasTouch, deviceScaleFactor, serviceWorkers,
      });
      await use(context);
      await context.close();
    },
    { scope: "worker" },
  ],
  // A spec that needs another kind of context has its own.
  context: async ({ shared, browser, javaScriptEnabled, serviceWorkers }, use, { project }) => {
    if (javaScriptEnabled !== false && serviceWorkers === project.use.serviceWorkers) {
      await use(shared);
      await clear(shared);
    } else {
      const context = await browser.newContext({ javaScriptEnabled, serviceWorkers });
      await use(context);
      await context.close();
    }
  },
});
