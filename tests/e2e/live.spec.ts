// What a reader changes at the thing itself: rules, pools, connections to servers, a pair; and what is
// said where it cannot be.
import { readFileSync } from "node:fs";
import { expect, test, type Page } from "./test";
import { advance, expectAccessible, expectNoSideways, expectPlaying, expectQuiet, look, openPage, unfold } from "./helpers";

const region = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const rules = (page: Page) => region(page, "Rules, in order");
const openScene = (page: Page, label: string) =>
  page.getByRole("combobox", { name: "Scene" }).selectOption({ label });
const box = (page: Page, name: string) => page.getByRole("group", { name, exact: true });

async function expectFits(page: Page) {
  await expectNoSideways(page);
  await expectAccessible(page);
}

test("a rule is added, moved before the others, rewritten and taken away @both", async ({ page }) => {
  const watched = await openPage(page, "?scene=l7_routing");
  const lines = rules(page).locator("ol > li");
  await look(page, "Rules, envelope and costs");
  await expect(lines.first()).toBeVisible();
  const before = await lines.count();
  await rules(page).getByRole("button", { name: "Add a rule" }).click();
  const form = rules(page).locator("form");
  // What cannot be is said where it is written, and the form stays.
  await form.getByRole("textbox", { name: "with the value (any if empty)" }).fill("application/json");
  await form.getByRole("button", { name: "Put it last" }).click();
  await expect(form.getByRole("alert")).toContainText("rule.when.header.name");
  await expectFits(page);
  await form.getByRole("textbox", { name: "with the value (any if empty)" }).fill("");
  await form.getByRole("textbox", { name: "Path begins with" }).fill("/");
  await form.getByRole("combobox", { name: "The rule" }).selectOption({ label: "Turns it away with 403." });
  await form.getByRole("button", { name: "Put it last" }).click();
  await expect(lines).toHaveCount(before + 1);
  await expect(lines.last()).toContainText("The path begins with /. Turns it away with 403.");
  // By keyboard to the top: the focus goes with the rule.
  await page.getByRole("button", { name: `Up: rule ${before + 1}` }).focus();
  for (let place = before; place > 0; place -= 1) {
    await page.keyboard.press("Enter");
    await expect(lines.nth(place - 1)).toContainText("Turns it away with 403.");
    await expect(page.getByRole("button", { name: place > 1 ? `Up: rule ${place}` : "Down: rule 1" })).toBeFocused();
  }
  await advance(page, 10);
  await expect(lines.first()).toContainText(/turned [1-9]/);
  await page.getByRole("button", { name: "Rewrite rule 1" }).click();
  await form.getByRole("combobox", { name: "The rule" }).selectOption({ label: "Sends each to one of two pools, at random." });
  await form.getByRole("button", { name: "Put it in force" }).click();
  await expect(lines.first()).toContainText("Sends 90 of 100 to the pool");
  await advance(page, 10);
  await expect(lines.first()).toContainText(/matched [1-9]/);
  await page.getByRole("button", { name: "Remove rule 1", exact: true }).click();
  await expect(lines).toHaveCount(before);
  await expect(rules(page).getByRole("button", { name: "Add a rule" })).toBeFocused();
  expectQuiet(watched);
});

test("a pool picks in its own way, and connections to servers are kept or not", async ({ page }) => {
  await openPage(page, "?scene=l7_routing");
  const pool = region(page, "How each pool picks").getByRole("group", { name: "Pool pay" });
  await pool.getByRole("combobox", { name: "Algorithm" }).selectOption({ label: "Random" });
  await expect(pool.getByRole("combobox", { name: "Algorithm" }).locator("option:checked")).toHaveText("Random");
  // The header's is the main pool's, and stays.
  await expect(page.locator("#algorithm option:checked")).not.toHaveText("Random");
  const costs = region(page, "What the balancer's work costs");
  const dial = costs.getByRole("switch", { name: "Connections to servers have to be opened" });
  if (!(await dial.isChecked())) await dial.check();
  await advance(page, 20);
  await expect(costs).toContainText(/[1-9][\d,]* used again/);
  const idle = costs.getByRole("spinbutton", { name: "Kept open to each server, at most" });
  await idle.fill("0");
  await idle.press("Enter");
  await expect(idle).toHaveValue("0");
  const table = page.getByRole("table", { name: "Distribution" });
  await expect(table.getByRole("rowheader", { name: "Pool pay" })).toBeVisible();
});

test("a pair is set up while it runs: priority, preemption, adverts, checks @both", async ({ page }) => {
  const watched = await openPage(page);
  await openScene(page, "Active-passive pair (VRRP)");
  await expect(box(page, "LB 1")).toContainText("active");
  await page.getByText("Priorities, advertisements and what the two share").click();
  const number = async (name: string, value: string) => {
    const field = page.getByRole("spinbutton", { name });
    await field.fill(value);
    await field.press("Enter");
  };
  await number("Priority of LB 2", "250");
  await expect(box(page, "LB 2")).toContainText("priority 250");
  await advance(page, 20);
  await expect(box(page, "LB 2").locator(".word")).toHaveText("active");
  await expect(box(page, "LB 1").locator(".word")).toHaveText("backup");
  await page.getByRole("switch", { name: "The higher priority takes the address back" }).uncheck();
  await number("Priority of LB 1", "254");
  await number("Time between advertisements", "0.5");
  await page.getByRole("switch", { name: "The backup checks the servers too" }).check();
  await page.getByRole("switch", { name: "Shared table of connections" }).check();
  // Without preemption the better one waits until the other is gone.
  await advance(page, 20);
  await expect(box(page, "LB 1").locator(".word")).toHaveText("backup");
  await page.getByRole("button", { name: "Kill LB 2" }).click();
  await advance(page, 20);
  await expect(box(page, "LB 1").locator(".word")).toHaveText("active");
  await expect(page.getByText(/three missed advertisements of 0\.50 s/)).toBeVisible();
  await number("Priority of LB 1", "256");
  await expect(page.getByText("Priority of LB 1 must be", { exact: false })).toBeVisible();
  await page.getByText("The same as tables").click();
  const table = page.getByRole("table", { name: "The two balancers" });
  await expect(table.getByRole("row").filter({ hasText: "LB 2" })).toContainText("dead");
  await expect(page.getByRole("table", { name: "The last advertisements" })).toContainText("254");
  await expectFits(page);
  expectQuiet(watched);
});

test("equal priorities and a TTL of 0 are no fault, and the scene goes on", async ({ page }) => {
  await openPage(page);
  await openScene(page, "GeoDNS: a world behind one name");
  await unfold(page, "DNS settings");
  await page.getByRole("combobox", { name: "TTL" }).selectOption({ label: "0 s: ask each time" });
  await unfold(page, "Tables");
  await page.getByText("The sites as a table", { exact: true }).click();
  const sites = page.getByRole("table", { name: "The sites" });
  await page.getByRole("button", { name: "Kill site London" }).click();
  await expect(sites.getByRole("row").filter({ hasText: "London" })).toContainText("down");
  await advance(page, 20);
  await expect(page.getByRole("table", { name: /failed request/ })).toBeVisible();
  await page.getByRole("button", { name: "Look inside site Tokyo" }).click();
  await page.getByText("Priorities, advertisements and what the two share").click();
  for (const name of ["Priority of Tokyo 1", "Priority of Tokyo 2"]) {
    await page.getByRole("spinbutton", { name }).fill("100");
    await page.getByRole("spinbutton", { name }).press("Enter");
  }
  await expect(box(page, "Tokyo 2")).toContainText("priority 100");
  await expect(box(page, "Tokyo 1").locator(".word")).toHaveText("active");
  // The panels are about the scene that is open, and say whose figures they are.
  await expect(page.getByText(/those of the whole run, all balancers together/)).toBeVisible();
  const names = page.getByRole("table", { name: "Distribution" }).getByRole("rowheader");
  await expect(names.first()).toHaveText(/^Server T/);
  await expect(page.getByRole("table", { name: "Distribution" })).not.toContainText("Server A");
});

test("a scene with an unknown region, a twin of a balancer or a rule to nowhere is refused with its place", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Share" }).click();
  const input = page.getByLabel("Open a scene file");
  const open = async (scene: string, change: (scene: any) => void, reason: string) => {
    const parsed = JSON.parse(readFileSync(`assets/scenarios/${scene}.json`, "utf8"));
    change(parsed);
    const buffer = Buffer.from(JSON.stringify(parsed));
    await input.setInputFiles({ name: "scene.json", mimeType: "application/json", buffer });
    await expect(page.getByRole("dialog").getByRole("alert").filter({ hasText: reason })).toBeVisible();
  };
  await open("world", (scene) => (scene.world.sites[1].region = "moon"), 'world.sites[1].region: "moon" is not a known region');
  await open("active_passive", (scene) => {
    scene.pair.members[1].address = scene.pair.members[0].address;
    scene.pair.members[1].priority = scene.pair.members[0].priority;
  }, "pair.members[1].address");
  await open("l7_routing", (scene) => (scene.rules[0].then = { pool: "nowhere" }), 'rules[0].then.pool: there is no pool "nowhere"');
  await page.keyboard.press("Escape");
  await expectPlaying(page);
});

test("the request that is looked at tells of its envelope at the balancer and of what came at the server", async ({ page }) => {
  const watched = await openPage(page, "?scene=l7_routing");
  await advance(page, 20);
  await expect(region(page, "Requests")).toContainText(/[1-9]\d\d answered/);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Look into a request" }).click();
  const requests = region(page, "The life of a request").getByRole("radio");
  await expect(requests.first()).toBeAttached();
  const life = region(page, "The life of a request");
  const got = life.getByText(/as server .+ got it/);
  for (let place = 0; place < (await requests.count()); place += 1) {
    await requests.nth(place).check({ force: true });
    await expect(life).toContainText(/the envelope of request \d+ is open/);
    await expect(life).toContainText("shop.example");
    if (await got.isVisible()) break;
  }
  await expect(got).toBeVisible();
  await expect(life).toContainText("X-Real-IP");
  await expectFits(page);
  // Another scene has other classes and pools, and at most a request of its own with this number.
  await openScene(page, "Keep-alive at L4: long connections");
  await expect(page.getByRole("group", { name: "Server A", exact: true })).toBeVisible();
  await expect(life.getByText(/the envelope of request \d+ is open/).filter({ visible: true })).toHaveCount(0);
  expectQuiet(watched);
});

test("at L4 the envelope of the request that is looked at is shut", async ({ page }) => {
  await openPage(page, "?scene=l4_keepalive");
  await advance(page, 10);
  await expect(region(page, "Requests")).toContainText(/[1-9]\d* answered/);
  await page.getByRole("button", { name: "Look into a request" }).click();
  await region(page, "The life of a request").getByRole("radio").first().check({ force: true });
  const life = region(page, "The life of a request");
  await expect(life).toContainText(/the envelope of request \d+ is shut/);
  await expect(life).not.toContainText("shop.example");
});
