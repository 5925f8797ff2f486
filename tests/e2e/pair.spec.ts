// Two balancers as a picture: at every size and in a frame everything that matters is in one view, and a reader sees
// the address move, what was lost in between, and a split brain with its healing.
import { expect, test, type FrameLocator, type Page } from "./test";
import { advance, allowMotion, expectAccessible, expectNoSideways, expectQuiet, inFrame, openPage, simulated } from "./helpers";

type Place = Page | FrameLocator;
const SERVERS = ["A", "B", "C", "D"];
const SIZES = [[1280, 800], [1280, 720], [390, 844], [360, 740], [320, 568]] as const;
const FRAMES = [[800, 450], [720, 420], [480, 360]] as const;

const box = (place: Place, name: string) => place.getByRole("group", { name, exact: true });
const button = (place: Place, name: string) => place.getByRole("button", { name, exact: true });
const pill = (place: Place, look: string) => place.locator(`.pill.${look}:not([hidden])`);
const headline = (place: Place) => place.locator(".pair-headline");

/** Where the things are that must be in sight, in pixels of the page or the frame. */
async function parts(place: Place) {
  return place.locator("body").evaluate((body, names) => {
    const found: Record<string, { left: number; top: number; right: number; bottom: number }> = {};
    const add = (what: string, element: Element | null | undefined) => {
      const { left, top, right, bottom } = element?.getBoundingClientRect() ?? new DOMRect(-1, -1, 0, 0);
      found[what] = { left, top, right, bottom };
    };
    body.querySelectorAll(".pair-client .sign").forEach((sign, index) => add(`client ${index}`, sign));
    body.querySelectorAll(".node").forEach((node, index) => {
      add(`box ${index}`, node);
      add(`act on box ${index}`, node.querySelector(".acts button:not([hidden])"));
      add(`look into box ${index}`, node.querySelector(".acts button:last-child"));
    });
    for (const name of names) {
      const card = body.querySelector(`.pair-server[aria-label$=" ${name}"]`);
      add(`server ${name}`, card);
      add(`kill ${name}`, card?.querySelector(".kill"));
      add(`share ${name}`, card?.querySelector(".percent"));
    }
    body.querySelectorAll(".pill:not([hidden])").forEach((pill, index) => add(`address ${index}`, pill));
    add("headline", body.querySelector(".pair-headline .said"));
    add("playback", body.querySelector(".transport .play"));
    const page = document.documentElement;
    return { found, width: innerWidth, height: innerHeight, sideways: page.scrollWidth - innerWidth, scrolled: scrollY };
  }, SERVERS);
}

/** Everything is inside, nothing covers anything else, and nothing is to be scrolled. */
async function expectInSight(place: Place, addresses = 1) {
  await expect.poll(async () => (await parts(place)).found["address 0"]?.right ?? 0).toBeGreaterThan(0);
  const { found, width, height, sideways, scrolled } = await parts(place);
  expect(Object.keys(found).filter((what) => what.startsWith("client"))).toHaveLength(4);
  expect(Object.keys(found).filter((what) => what.startsWith("box"))).toHaveLength(2);
  expect(Object.keys(found).filter((what) => what.startsWith("address"))).toHaveLength(addresses);
  for (const [what, { left, top, right, bottom }] of Object.entries(found)) {
    expect(right - left, `${what} is seen`).toBeGreaterThan(0);
    expect(left, `${what} at the left`).toBeGreaterThanOrEqual(0);
    expect(top, `${what} at the top`).toBeGreaterThanOrEqual(0);
    expect(right, `${what} at the right`).toBeLessThanOrEqual(width);
    expect(bottom, `${what} at the bottom`).toBeLessThanOrEqual(height);
  }
  expect(sideways).toBeLessThanOrEqual(0);
  expect(scrolled).toBe(0);
  const apart = Object.entries(found).filter(([what]) => /^(server|box|client|playback|headline)/.test(what));
  for (const [index, [one, a]] of apart.entries()) {
    for (const [other, b] of apart.slice(index + 1)) {
      const covers = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      expect(covers, `${one} and ${other}`).toBe(false);
    }
  }
  // What is pressed can be pressed: a button is not cut off by its card.
  for (const index of [0, 1]) {
    expect(found[`look into box ${index}`].right).toBeLessThanOrEqual(found[`box ${index}`].right);
    expect(found[`look into box ${index}`].bottom).toBeLessThanOrEqual(found[`box ${index}`].bottom);
  }
  for (const name of SERVERS) expect(found[`kill ${name}`].bottom).toBeLessThanOrEqual(found[`server ${name}`].bottom);
}

/** The middle of an address. */
async function middle(place: Place, look: string): Promise<[number, number]> {
  const { x, y, width, height } = (await pill(place, look).first().boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  return [x + width / 2, y + height / 2];
}

/** Whether an address is at a balancer: over its box, or on its edge. */
async function expectAt(place: Place, look: string, name: string) {
  await expect.poll(async () => {
    const [x, y] = await middle(place, look);
    const own = (await box(place, name).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    return x > own.x && x < own.x + own.width && y > own.y - 20 && y < own.y + own.height;
  }).toBe(true);
}

const numberIn = async (place: Place, pattern: RegExp): Promise<number> => {
  const [, number] = pattern.exec(await headline(place).innerText()) ?? [];
  return Number((number ?? "0").replaceAll(",", ""));
};

/** Stops the run, so that all that passes is what the test takes on; advertisements are sent at whole seconds. */
async function hold(place: Place) {
  await button(place, "Pause").click();
  await advance(place, 10.3 - ((await simulated(place)) % 1));
}

/** Kills the active balancer and sees it all. */
async function expectTakeover(place: Place) {
  await hold(place);
  await expectAt(place, "held", "LB 1");
  await button(place, "Kill LB 1").click();
  await advance(place, 1.5);
  await expect(box(place, "LB 1")).toContainText("dead");
  await expect(pill(place, "vacant")).toContainText("nobody answers");
  await expectAt(place, "vacant", "LB 1");
  await expect(headline(place)).toContainText("Nobody answers at 203.0.113.10.");
  expect(await numberIn(place, /([\d,]+) requests? lost/)).toBeGreaterThan(0);
  const waiting = await numberIn(place, /([\d,]+) to be sent again/);
  expect(waiting).toBeGreaterThan(0);
  await expect(box(place, "LB 1").locator(".lost")).toHaveText(/^[\d,]+ lost$/);
  await expectInSight(place);
  await advance(place, 1);
  expect(await numberIn(place, /([\d,]+) to be sent again/)).toBeGreaterThan(waiting);
  // Three intervals of a second, the skew of priority 100, and 150 ms for an advertisement and for the announcement.
  await advance(place, 3 + 156 / 256 + 0.3 - 2.5);
  await expectAt(place, "held", "LB 2");
  await expect(headline(place)).toContainText("203.0.113.10 has just moved to LB 2.");
  await expect(headline(place)).toContainText("LB 1 killed");
  await expectInSight(place);
  await advance(place, 5);
  expect(await numberIn(place, /([\d,]+) connections? broken/)).toBeGreaterThan(0);
}

for (const [width, height] of SIZES) {
  test(`the address moves within the formula, in one view at ${width}x${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const watched = await openPage(page, "?scene=active_passive");
    await expectInSight(page);
    await expectTakeover(page);
    expectQuiet(watched);
  });
}

for (const [width, height] of FRAMES) {
  test(`the address moves within the formula, in a frame of ${width}x${height}`, async ({ page, baseURL }) => {
    await inFrame(page, `${baseURL}?scene=active_passive&embed=1`, [width, height], async (frame) => {
      await expectInSight(frame);
      await expectTakeover(frame);
    });
  });
}

test("a cut link is a split brain with two owners, and mending it leaves one @both", async ({ page }) => {
  const watched = await openPage(page, "?scene=active_passive");
  await hold(page);
  await button(page, "Cut the link").click();
  await advance(page, 2.5);
  await expect(headline(page)).toContainText("The link is cut: LB 2 no longer hears LB 1.");
  await advance(page, 5);
  await expect(headline(page)).toContainText("Split brain: both answer for 203.0.113.10. Packets go to LB 2");
  await expect(page.getByRole("status").filter({ hasText: "Split brain" })).toHaveCount(1);
  await expect(pill(page, "held")).toContainText("packets come here");
  await expectAt(page, "held", "LB 2");
  await expectAt(page, "claimed", "LB 1");
  await expect(box(page, "LB 1")).toContainText("active, no packets");
  await expectInSight(page, 2);
  await button(page, "Repair the link").click();
  await advance(page, 2);
  await expect(pill(page, "claimed")).toHaveCount(0);
  await expectAt(page, "held", "LB 1");
  await expect(box(page, "LB 2")).toContainText("backup");
  await expect(headline(page)).toContainText("backup again");
  expectQuiet(watched);
});

test("two that both work have an address and a load each, and one that dies loses what is sent to it @both", async ({ page }) => {
  const watched = await openPage(page, "?scene=active_active_40");
  await hold(page);
  await advance(page, 10);
  await expect(pill(page, "held")).toHaveCount(2);
  for (const [name, address] of [["LB 1", "10.0.0.11"], ["LB 2", "10.0.0.12"]]) {
    await expect(box(page, name)).toContainText(/load \d+(\.\d+)? %/);
    await expect(pill(page, "held").filter({ hasText: address })).toContainText("% of requests");
  }
  await expectInSight(page, 2);
  await button(page, "Kill LB 1").click();
  await advance(page, 1);
  await expect(headline(page)).toContainText("LB 1 does not answer, and DNS still gives its address.");
  await expect(pill(page, "vacant")).toHaveCount(1);
  await advance(page, 20);
  await expect(headline(page)).toContainText("DNS gives the address of LB 2 alone.");
  expectQuiet(watched);
});

test("a server is killed in the picture, and its share falls @both", async ({ page }) => {
  await openPage(page, "?scene=active_passive");
  await hold(page);
  const share = async (name: string) => {
    const text = await box(page, `Server ${name}`).locator(".percent").innerText();
    return Number(text.replace(/[^\d.]/g, ""));
  };
  const before = await share("C");
  expect(before).toBeGreaterThan(15);
  await button(page, "Kill server C").click();
  await expect(button(page, "Revive server C")).toBeVisible();
  await advance(page, 40);
  expect(await share("C")).toBeLessThan(before / 2);
  await expectInSight(page);
});

test("the picture says in words what it shows, and the headline alone is announced", async ({ page }) => {
  await openPage(page, "?scene=active_passive");
  await hold(page);
  const picture = page.locator(".picture svg[role=img]");
  await expect(picture).toHaveAttribute("aria-label", /LB 1 answers at 203\.0\.113\.10.*LB 2: backup.*Server A: /s);
  const status = page.locator(".pair-headline [role=status]");
  const before = await status.innerText();
  await advance(page, 3);
  expect(await status.innerText()).toBe(before);
});

test("settings and tables are below the strip, and can be used @both", async ({ page }) => {
  const watched = await openPage(page, "?scene=active_passive");
  const strip = await page.locator(".strip").boundingBox();
  const more = await page.locator(".pair-more").boundingBox();
  expect(more?.y).toBeGreaterThan((strip?.y ?? 0) + (strip?.height ?? 0));
  await page.getByText("Priorities, advertisements and what the two share").click();
  const interval = page.getByRole("spinbutton", { name: "Time between advertisements" });
  await interval.fill("2");
  await interval.press("Enter");
  await hold(page);
  await button(page, "Kill LB 1").click();
  await advance(page, 4);
  await expect(headline(page)).toContainText("Nobody answers");
  await advance(page, 4);
  await expect(headline(page)).toContainText("has just moved");
  expectQuiet(watched);
});

test("the pair by keyboard alone: kill, see and revive @both", async ({ page }) => {
  await openPage(page, "?scene=active_passive");
  await hold(page);
  await button(page, "Kill LB 1").focus();
  await page.keyboard.press("Enter");
  await expect(button(page, "Revive LB 1")).toBeFocused();
  await advance(page, 6);
  await page.keyboard.press("Enter");
  await advance(page, 4);
  await expect(box(page, "LB 1").locator(".word")).toHaveText("active");
  await button(page, "Look inside LB 2").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Load balancer LB 2" })).toBeVisible();
  await button(page, "Both balancers").click();
  await expect(box(page, "LB 2")).toBeVisible();
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing in the picture while nobody answers, and in a split brain: ${scheme} @both`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await openPage(page, "?scene=active_passive");
    await hold(page);
    await button(page, "Kill LB 1").click();
    await advance(page, 2);
    await expect(pill(page, "vacant")).toHaveCount(1);
    await expectAccessible(page);
    await button(page, "Revive LB 1").click();
    await button(page, "Cut the link").click();
    await advance(page, 12);
    await expect(pill(page, "claimed")).toHaveCount(1);
    await expectAccessible(page);
    await expectNoSideways(page);
  });
}

test("the address slides, and not where motion is unwanted", async ({ page }) => {
  await openPage(page, "?scene=active_passive");
  const duration = () => pill(page, "held").evaluate((pill) => getComputedStyle(pill).transitionDuration);
  await expect.poll(duration).toBe("0s");
  await allowMotion(page);
  await expect.poll(duration).toMatch(/^0\.6s/);
});

test("a link to a pair opens the picture of the pair, at its moment", async ({ page, context }) => {
  await openPage(page, "?scene=active_passive");
  await hold(page);
  await button(page, "Kill LB 1").click();
  await advance(page, 2);
  const said = await headline(page).locator(".said").innerText();
  const at = await simulated(page);
  const other = await context.newPage();
  // The address follows the run, a second or two later.
  await expect(async () => {
    await other.goto("about:blank");
    await other.goto(page.url());
    await expect(box(other, "LB 1")).toContainText("dead", { timeout: 2_000 });
    expect(await simulated(other)).toBe(at);
  }).toPass();
  await expect(headline(other).locator(".said")).toHaveText(said);
  // Inside, the balancer says that it is dead.
  await box(other, "LB 1").getByRole("button").last().click();
  await expect(other.getByRole("group", { name: /Load balancer LB 1 · dead/ })).toBeVisible();
});
