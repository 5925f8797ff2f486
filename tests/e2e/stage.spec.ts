// The promise of the page, at every size and in a frame: without scrolling a reader kills a server by its name
// and sees its share fall and the others' rise.
import { expect, test, type FrameLocator, type Page } from "./test";
import { advance, allowMotion, expectAccessible, expectNoSideways, expectQuiet, frames, inFrame, openPage, tune } from "./helpers";
import { server, setWeight } from "./reader";

const NAMES = ["A", "B", "C", "D"];
type Place = Page | FrameLocator;

const share = async (place: Place, name: string): Promise<number> =>
  Number((await server(place, name).locator(".percent").innerText()).replace(/[^\d.]/g, ""));

/** Where the things are that must be in sight, in pixels of the page or the frame. */
async function boxes(place: Place) {
  return place.locator("body").evaluate((body, names) => {
    const box = (element: Element | null | undefined) => {
      const { left, top, right, bottom } = element?.getBoundingClientRect() ?? new DOMRect(-1, -1, 0, 0);
      return { left, top, right, bottom };
    };
    const cards = names.map((name) => body.querySelector(`[role=group][aria-label="Server ${name}"]`));
    const found: Record<string, ReturnType<typeof box>> = {};
    cards.forEach((card, place) => {
      found[`server ${names[place]}`] = box(card);
      found[`kill ${names[place]}`] = box(card?.querySelector(".kill"));
      found[`share ${names[place]}`] = box(card?.querySelector(".percent"));
    });
    found.balancer = box(body.querySelector(".balancer"));
    body.querySelectorAll(".client .sign").forEach((sign, place) => (found[`client ${place}`] = box(sign)));
    found.transport = box(body.querySelector(".transport .play"));
    const page = document.documentElement;
    return { found, width: innerWidth, height: innerHeight, sideways: page.scrollWidth - innerWidth, scrolled: scrollY };
  }, NAMES);
}

/** Everything is inside, nothing covers anything else, and nothing is to be scrolled sideways. */
async function expectInSight(place: Place) {
  // The stage is measured a frame after it has its size.
  await expect.poll(async () => (await boxes(place)).found["server D"].bottom).toBeGreaterThan(0);
  const { found, width, height, sideways, scrolled } = await boxes(place);
  for (const [what, { left, top, right, bottom }] of Object.entries(found)) {
    expect(right - left, `${what} is seen`).toBeGreaterThan(0);
    expect(left, `${what} at the left`).toBeGreaterThanOrEqual(0);
    expect(top, `${what} at the top`).toBeGreaterThanOrEqual(0);
    expect(right, `${what} at the right`).toBeLessThanOrEqual(width);
    expect(bottom, `${what} at the bottom`).toBeLessThanOrEqual(height);
  }
  expect(sideways).toBeLessThanOrEqual(0);
  expect(scrolled).toBe(0);
  const apart = Object.entries(found).filter(([what]) => /^(server|balancer|client|transport)/.test(what));
  for (const [place, [one, a]] of apart.entries()) {
    for (const [other, b] of apart.slice(place + 1)) {
      const covers = a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
      expect(covers, `${one} and ${other}`).toBe(false);
    }
  }
}

async function expectKilled(place: Place) {
  await advance(place, 8);
  const before = await share(place, "C");
  expect(before).toBeGreaterThan(15);
  await server(place, "C").getByRole("button", { name: "Kill server C" }).click();
  await advance(place, 9);
  await expect.poll(() => share(place, "C")).toBeLessThan(before / 2);
  for (const name of ["A", "B", "D"]) expect(await share(place, name)).toBeGreaterThan(before);
  await expectInSight(place);
}

for (const [width, height] of [[1280, 720], [1280, 800], [390, 844], [360, 740], [320, 568]]) {
  test(`kill, see and count at ${width}x${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const watched = await openPage(page, "");
    await expectInSight(page);
    await expectKilled(page);
    expectQuiet(watched);
  });
}

for (const [width, height] of [[1000, 600], [800, 450], [720, 420], [480, 360], [320, 300]]) {
  test(`kill, see and count in a frame of ${width}x${height}`, async ({ page, baseURL }) => {
    await inFrame(page, `${baseURL}?embed=1`, [width, height], async (frame) => {
      await expectInSight(frame);
      await expectKilled(frame);
    });
  });
}

for (const [width, height] of [[390, 844], [360, 740], [320, 568]]) {
  test(`at ${width}x${height} a sheet has the settings, and leaves the servers in sight`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const watched = await openPage(page, "");
    await tune(page);
    const sheet = page.getByRole("region", { name: "Settings", exact: true });
    await expect(sheet).toBeFocused();
    const top = async () => (await page.locator(".side").boundingBox())?.y ?? 0;
    expect(await top()).toBeGreaterThanOrEqual(height * 0.54 - 1);
    // The stage learns of its height a frame later.
    await expect.poll(async () => (await boxes(page)).found["server D"].bottom).toBeLessThanOrEqual(await top());
    const { found, scrolled } = await boxes(page);
    for (const name of NAMES) {
      expect(found[`server ${name}`].top).toBeGreaterThanOrEqual(found.balancer.bottom);
      expect(found[`share ${name}`].bottom).toBeLessThanOrEqual(found[`server ${name}`].bottom);
    }
    expect(found.transport.bottom).toBeLessThanOrEqual(await top());
    expect(scrolled).toBe(0);
    for (const [role, name] of [["slider", "Traffic"], ["combobox", "As in"], ["switch", "Active checks"], ["switch", "Passive checks"]] as const) {
      await expect(page.getByRole(role, { name })).toHaveCount(1);
      await expect(sheet.getByRole(role, { name })).toHaveCount(1);
    }
    await expectNoSideways(page);
    await expectAccessible(page);
    await setWeight(page, "A", 3);
    await sheet.getByRole("slider", { name: "Traffic" }).fill("20");
    await advance(page, 20);
    await expect.poll(() => share(page, "A")).toBeGreaterThan(45);
    await page.keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Settings", exact: true })).toBeFocused();
    expectQuiet(watched);
  });
}

test("at a low desk the sheet is beside the stage", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 520 });
  const watched = await openPage(page, "");
  await tune(page);
  const sheet = page.getByRole("region", { name: "Settings", exact: true });
  await sheet.getByRole("button", { name: "More for server B" }).click();
  await page.getByRole("menuitem", { name: "Hang" }).click();
  await expect(server(page, "B")).toContainText("hanging");
  await sheet.getByRole("button", { name: "Close" }).click();
  await expect(sheet).toHaveCount(0);
  expectQuiet(watched);
});

test("what the hint says to do is a button where it can be", async ({ page }) => {
  const watched = await openPage(page, "");
  await page.getByRole("button", { name: "Kill server A" }).click();
  await advance(page, 20);
  await page.locator(".first-steps").getByRole("button", { name: "Revive A." }).click();
  await expect(page.getByRole("button", { name: "Kill server A" })).toBeVisible();
  expectQuiet(watched);
});

test("the reasons for round robin, read in order, are a rotation", async ({ page }) => {
  await allowMotion(page);
  const watched = await openPage(page, "");
  const read = await page.locator(".balancer .why").evaluate(async (why) => {
    const seen: string[] = [];
    const look = () => {
      const name = /Why server (\w+)\?/.exec(why.textContent ?? "")?.[1];
      if (name && seen.at(-1) !== name) seen.push(name);
    };
    new MutationObserver(look).observe(why, { childList: true, characterData: true, subtree: true });
    await new Promise((done) => setTimeout(done, 4_000));
    return seen.join("");
  });
  expect(read.length).toBeGreaterThan(8);
  expect("ABCD".repeat(40)).toContain(read);
  await frames(page, 1);
  expectQuiet(watched);
});
