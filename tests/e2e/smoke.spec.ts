// The page loads and starts wherever it is put: under a path, on a plain server, in a sandboxed
// frame of another origin; and it says what it is where it cannot start.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "./test";
import { serve } from "../../scripts/serve.mjs";
import { expectQuiet, expectRunning, openPage, PAGE, watch } from "./helpers";

test("the page starts under its policy, asking no other host @both", async ({ page, request }) => {
  const watched = await openPage(page);
  expectQuiet(watched);
  expect(watched.requests.some((url) => url.endsWith(".wasm"))).toBe(true);

  const headers = (await request.get("./")).headers();
  expect(headers["access-control-allow-origin"]).toBe("*");
  const scripts = /script-src ([^;]*)/.exec(headers["content-security-policy"])?.[1].split(" ");
  expect(scripts).toEqual(["'self'", "'wasm-unsafe-eval'", expect.stringMatching(/^'sha256-/)]);
  await expect(page.locator("meta[http-equiv=Content-Security-Policy]")).toHaveCount(1);
});

test("the policy is in force: a foreign inline script does not run", async ({ page }) => {
  const watched = await openPage(page);
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "document.title = 'ran'";
    document.body.append(script);
  });
  await expect.poll(() => watched.violations.join()).toContain("script-src-elem blocks inline");
  expect(await page.title()).toContain("Evenkeel");
});

test("the page starts under a path", async ({ page }) => {
  const server = await serve({ dir: PAGE, prefix: "/sub/deep/" });
  const watched = await watch(page);
  await page.goto(server.url);
  await expectRunning(page);
  expectQuiet(watched);
  await server.close();
});

test("the page starts on a server that sends no headers", async ({ page }) => {
  const server = await serve({ dir: PAGE, headers: "none" });
  const watched = await watch(page);
  await page.goto(server.url);
  await expectRunning(page);
  expectQuiet(watched);
  await server.close();
});

test("the page starts in a sandboxed frame on another origin @both", async ({ page, baseURL }) => {
  const host = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(
      `<!doctype html><title>A wiki</title><link rel="icon" href="data:,">
       <iframe sandbox="allow-scripts" src="${baseURL}" width="380" height="700"></iframe>`,
    );
  });
  await new Promise<void>((ready) => host.listen(0, "127.0.0.1", ready));
  const watched = await watch(page);
  await page.goto(`http://127.0.0.1:${(host.address() as AddressInfo).port}/`);
  const frame = page.frameLocator("iframe");
  await expectRunning(frame);
  const inside = await page.frames()[1].evaluate(() => ({
    origin: self.origin,
    sheets: document.styleSheets.length,
    // Empty unless the stylesheets took effect.
    paper: getComputedStyle(document.documentElement).getPropertyValue("--paper"),
  }));
  expect(inside.origin).toBe("null");
  expect(inside.sheets).toBeGreaterThan(0);
  expect(inside.paper).not.toBe("");
  expectQuiet(watched);
  host.closeAllConnections();
  host.close();
});

test.describe("without JavaScript", () => {
  test.use({ javaScriptEnabled: false });

  test("the page says what it is and shows a picture @both", async ({ page }) => {
    await page.goto("./");
    await expect(page.getByRole("heading", { name: "Evenkeel" })).toBeVisible();
    // getByText would not look inside <noscript>.
    await expect(page.locator("noscript p")).toBeVisible();
    await expect(page.locator("noscript p")).toContainText("needs JavaScript and WebAssembly");
    const picture = page.getByRole("img", { name: /load balancer in the middle/ });
    await expect(picture).toBeVisible();
    expect((await picture.boundingBox())?.width).toBeGreaterThan(300);
    expect((await page.request.get("./assets/stage.svg")).headers()["content-type"]).toBe("image/svg+xml");
  });
});

test("without WebAssembly the page says so and shows the picture", async ({ page }) => {
  await page.addInitScript(() => {
    delete (globalThis as { WebAssembly?: unknown }).WebAssembly;
  });
  await page.goto("./");
  await expect(page.getByRole("status")).toContainText("no WebAssembly");
  await expect(page.locator("#boot img")).toBeVisible();
});

for (const [what, pattern] of [["script", "**/evenkeel-*.js"], ["wasm file", "**/*.wasm"]]) {
  test(`when the ${what} does not arrive the page says so`, async ({ page }) => {
    await page.route(pattern, (route) => route.abort());
    await page.goto("./");
    await expect(page.getByRole("status")).toContainText("The program did not");
    await expect(page.locator("#boot img")).toBeVisible();
  });
}
