// L4 and L7 as mechanism: a reader opens each scene, breaks it, and reads the outcome. What each mechanism
// does to requests is measured without a browser: tests/it/front.rs, tests/it/layers.rs.
import { expect, test, type Page } from "./test";
import { advance, expectAccessible, expectQuiet, look, openPage } from "./helpers";
import { number } from "./reader";

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const envelope = (page: Page) => region(page, "Envelope of the last request");
const rules = (page: Page) => region(page, "Rules, in order");
const costs = (page: Page) => region(page, "What the balancer's work costs");
const layer = (page: Page, name: string) => page.getByRole("radio", { name, exact: true }).check({ force: true });

async function open(page: Page, scene: string) {
  const watched = await openPage(page, `?scene=${scene}`);
  await advance(page, 5);
  return watched;
}

/** Opens the comparison and waits until it is full: work of seconds, more on a busy machine. */
async function compare(page: Page) {
  await page.getByRole("button", { name: "Compare L4 and L7" }).click();
  const table = region(page, "L4 and L7, measured");
  await expect(table).toContainText("The scene was run for", { timeout: 60_000 });
  return table;
}

/** The figures in a text, in order. */
const figures = (text: string) => [...text.replace(/,/g, "").matchAll(/\d+(\.\d+)?/g)].map(([found]) => Number(found));

test("the envelope is open at L7 and shut at L4 @both", async ({ page }) => {
  const watched = await open(page, "l7_routing");
  await look(page, "Rules, envelope and costs");
  await expect(envelope(page)).toContainText("The envelope is open");
  await expect(envelope(page)).toContainText("shop.example");
  await expect(envelope(page)).toContainText("X-Real-IP");
  await expect(page.getByRole("heading", { name: "Pool pay" })).toBeVisible();
  await layer(page, "L4");
  await expect(envelope(page)).toContainText("The envelope is shut");
  await expect(envelope(page)).not.toContainText("shop.example");
  await expect(rules(page)).toContainText("no rule can be applied");
  expectQuiet(watched);
});

test("a WebSocket fails until its rule is switched on", async ({ page }) => {
  await open(page, "websocket");
  const rule = rules(page).getByRole("switch", { name: "Let WebSockets upgrade" });
  await expect(rule).not.toBeChecked();
  const requests = region(page, "Requests");
  await advance(page, 30);
  await expect(requests).toContainText(/[1-9]\d* rejected/);
  await expect(costs(page)).not.toContainText("WebSockets");
  await rule.check();
  await advance(page, 30);
  await expect(costs(page)).toContainText(/WebSockets\s*[1-9]\d* open, 0 broken/);
  await page.getByRole("button", { name: "Kill server A" }).click();
  await advance(page, 5);
  await expect(costs(page)).toContainText(/[1-9]\d* broken/);
});

test("a rate limit turns away, and less when it is raised", async ({ page }) => {
  await open(page, "rate_limit");
  const limit = rules(page).getByRole("listitem").nth(1);
  await advance(page, 20);
  await expect(limit).toContainText(/turned [1-9]\d* away/);
  const rate = limit.getByRole("spinbutton", { name: "Requests a second" });
  await rate.fill("500");
  await rate.press("Enter");
  await limit.getByRole("spinbutton", { name: "At once" }).fill("500");
  await limit.getByRole("spinbutton", { name: "At once" }).press("Enter");
  // Who was turned away before may still be on the way back.
  await advance(page, 5);
  const denied = async () => figures(await limit.locator(".count").innerText())[1];
  const before = await denied();
  await advance(page, 20);
  expect(await denied()).toBe(before);
});

test("a saturated balancer queues at L7 and not at L4", async ({ page }) => {
  await open(page, "l7_saturated");
  const waits = async () => figures((await costs(page).innerText()).split("Waiting for the processor")[1] ?? "")[0];
  await advance(page, 20);
  expect(await waits()).toBeGreaterThan(20);
  await layer(page, "L4");
  await advance(page, 20);
  expect(await waits()).toBe(0);
  await layer(page, "L7");
  const cores = costs(page).getByRole("spinbutton", { name: "Cores" });
  await cores.fill("6");
  await cores.press("Enter");
  await advance(page, 20);
  expect(await waits()).toBeLessThan(8);
});

test("a long connection stays tied, and moves when its server dies", async ({ page }) => {
  await open(page, "l4_keepalive");
  const client = page.getByRole("list", { name: "Clients" }).getByRole("listitem").first();
  await expect(client).toContainText(/tied to [A-D]/);
  const tied = /tied to ([A-D])/.exec(await client.innerText())?.[1] ?? "";
  await page.getByRole("button", { name: `Kill server ${tied}` }).click();
  await advance(page, 20);
  await expect(client).toContainText(new RegExp(`tied to [^${tied}\\W]`));
});

test("with direct return the server sees the client, and without it the balancer", async ({ page }) => {
  await open(page, "direct_return");
  await expect(envelope(page)).toContainText("The answer goes past the balancer.");
  const source = envelope(page).locator("dl").last();
  await expect(source).toContainText(/(203\.0\.113\.7|198\.51\.100\.21|192\.0\.2\.55|2001:db8::9)/);
  await costs(page).getByRole("switch", { name: "Answers go straight to the client" }).uncheck();
  await advance(page, 5);
  await expect(envelope(page)).toContainText("The answer comes back this way.");
  await expect(source).toContainText("the balancer's address");
});

test("one in ten goes to the new version, and none when the split says so", async ({ page }) => {
  await open(page, "ab_split");
  const split = rules(page).getByRole("listitem").nth(1);
  await advance(page, 60);
  await expect(split).toContainText(/matched [1-9]/);
  const before = await number(page, "new-1", "Answered");
  expect(before).toBeGreaterThan(0);
  const old = await number(page, "old-1", "Answered");
  const first = split.getByRole("spinbutton", { name: "Share of the first pool, of 100" });
  await first.fill("100");
  await first.press("Enter");
  await advance(page, 60);
  // Testers go there still: their rule comes first.
  expect(await number(page, "new-1", "Answered")).toBeLessThan(before * 1.5);
  expect(await number(page, "old-1", "Answered")).toBeGreaterThan(old * 1.5);
});

test("logins are wanted, attacks are blocked: 401 and 403 are counted apart", async ({ page }) => {
  await open(page, "rate_limit");
  const lines = rules(page).getByRole("listitem");
  await advance(page, 60);
  await expect(lines.nth(0)).toContainText(/turned [1-9]\d* away/);
  await expect(lines.nth(2)).toContainText(/turned [1-9]\d* away/);
});

test("the comparison is filled from the scene under both layers @both", async ({ page }) => {
  await open(page, "l4_keepalive");
  const table = await compare(page);
  // What one core could take is said where there are cores.
  await expect(table).not.toContainText("one core");
  const row = (name: string) => table.getByRole("row").filter({ hasText: name }).getByRole("cell").allInnerTexts();
  const [l4, l7] = (await row("Busiest server")).map((text) => figures(text)[0]);
  expect(l4).toBeGreaterThan(1.5);
  expect(l7).toBeLessThan(1.2);
  expect((await row("Terminates TLS"))[0]).toContain("no");
});

test("what a core could take is compared where the scene has cores", async ({ page }) => {
  await open(page, "l7_saturated");
  const row = (await compare(page)).getByRole("row").filter({ hasText: "Requests a second that one core could take" });
  const [l4, l7] = (await row.getByRole("cell").allInnerTexts()).map((text) => figures(text)[0]);
  expect(l4).toBeGreaterThan(l7);
});

test("a scene that is not there is said, and the page goes on", async ({ page }) => {
  await openPage(page, "?scene=<b>nothing</b>");
  await expect(page.getByText("There is no scene “<b>nothing</b>”. This is the first one.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Kill server A" })).toBeVisible();
  await page.getByRole("combobox", { name: "Scene" }).selectOption({ label: "Access rules and rate limiting" });
  await expect(rules(page)).toContainText("Firewall: injected SQL");
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing inside the balancer: ${colorScheme} @both`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await open(page, "rate_limit");
    await compare(page);
    await expectAccessible(page);
    for (const width of [320, 390]) {
      await page.setViewportSize({ width, height: 844 });
      // The stage learns of its width a frame later.
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    }
  });
}
