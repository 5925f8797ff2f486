// The world as a picture: at every size and in a frame the map is in sight while a site dies, and the picture's own
// description says who fails and for how much longer, until the last cached answer has run out.
import { expect, test, type FrameLocator, type Page } from "./test";
import { advance, allowMotion, expectAccessible, expectNoSideways, expectQuiet, inFrame, openPage, unfold } from "./helpers";

type Place = Page | FrameLocator;
const SITES = ["Tokyo", "London", "Ashburn", "São Paulo"];
const SIZES = [[1280, 800], [1280, 720], [1024, 768], [390, 844], [360, 740], [320, 568]] as const;
const FRAMES = [[800, 450], [720, 420], [480, 360]] as const;

const card = (place: Place, name: string) => place.getByRole("group", { name, exact: true });
const button = (place: Place, name: string) => place.getByRole("button", { name, exact: true });
const headline = (place: Place) => place.locator(".world .headline");
/** A site's square on the map; a press kills the site. */
const city = (place: Place, name: string) => place.locator(".pins .site").nth(SITES.indexOf(name));

/** What the map shows, in its own words. */
const told = async (place: Place): Promise<string> =>
  (await place.getByRole("img", { name: "A map of the world" }).evaluate(
    (map) => document.getElementById(map.getAttribute("aria-describedby") ?? "")?.textContent,
  )) ?? "";

type Failing = Record<string, { users: number; seconds: number }>;

/** Who fails, how many of their users, and for how much longer, as the description has it. */
async function failing(place: Place): Promise<Failing> {
  const line = /(\p{L}[\p{L} ]*): (\d+) of \d+ users hold the address of Tokyo and fail(?:, for (\d+) s at most|; DNS)/gu;
  const found = [...(await told(place)).matchAll(line)];
  return Object.fromEntries(found.map(([, name, users, seconds]) => [name, { users: Number(users), seconds: Number(seconds ?? 0) }]));
}

/** Opens the scene and stops it, so that all that passes is what the test takes on. */
async function open(page: Page): Promise<ReturnType<typeof openPage>> {
  const watched = openPage(page, "?scene=world");
  await watched;
  await expect(card(page, "Tokyo")).toBeVisible();
  await button(page, "Pause").click();
  await advance(page, 10);
  return watched;
}

/** Where the things are that must be in sight, in pixels of the page or the frame. */
async function parts(place: Place) {
  return place.locator("body").evaluate((body) => {
    const found: Record<string, { left: number; top: number; right: number; bottom: number }> = {};
    const add = (what: string, element: Element | null | undefined) => {
      const { left, top, right, bottom } = element?.getBoundingClientRect() ?? new DOMRect(-1, -1, 0, 0);
      found[what] = { left, top, right, bottom };
    };
    body.querySelectorAll(".site-card").forEach((card, index) => {
      add(`card ${index}`, card);
      add(`name ${index}`, card.querySelector("h3"));
      add(`share ${index}`, card.querySelector(".share"));
      add(`counts ${index}`, card.querySelector(".figures"));
      card.querySelectorAll(".acts button:not([hidden])").forEach((act, place) => add(`act ${place} of card ${index}`, act));
    });
    body.querySelectorAll(".pins .site rect").forEach((square, index) => add(`square ${index}`, square));
    body.querySelectorAll(".map .city .track").forEach((ring, index) => add(`city ${index}`, ring));
    add("headline", body.querySelector(".world .headline"));
    add("playback", body.querySelector(".transport .play"));
    const cut = [...body.querySelectorAll(".headline, .site-card :is(h3, .share, .figures)")].filter(
      (text) => text.scrollWidth > text.clientWidth + 1 || text.scrollHeight > text.clientHeight + 3,
    );
    const page = document.documentElement;
    return {
      found, width: innerWidth, height: innerHeight, sideways: page.scrollWidth - innerWidth, scrolled: scrollY,
      cut: cut.map((text) => text.textContent),
    };
  });
}

/** Everything is inside, no text is cut, and no card covers a city, another card or what is told. */
async function expectInSight(place: Place) {
  await expect.poll(async () => (await parts(place)).found["square 0"]?.right ?? 0).toBeGreaterThan(0);
  const { found, width, height, sideways, scrolled, cut } = await parts(place);
  for (const what of ["card", "square"]) {
    expect(Object.keys(found).filter((name) => name.startsWith(`${what} `))).toHaveLength(SITES.length);
  }
  for (const [what, { left, top, right, bottom }] of Object.entries(found)) {
    expect(right - left, `${what} is seen`).toBeGreaterThan(0);
    expect(left, `${what} at the left`).toBeGreaterThanOrEqual(0);
    expect(top, `${what} at the top`).toBeGreaterThanOrEqual(0);
    expect(right, `${what} at the right`).toBeLessThanOrEqual(width);
    expect(bottom, `${what} at the bottom`).toBeLessThanOrEqual(height);
  }
  expect(cut).toEqual([]);
  expect(sideways).toBeLessThanOrEqual(0);
  expect(scrolled).toBe(0);
  const covers = (one: string, other: string) => {
    const [a, b] = [found[one], found[other]];
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  };
  const named = (pattern: RegExp) => Object.keys(found).filter((what) => pattern.test(what));
  for (const one of named(/^card/)) {
    for (const other of named(/^(card|square|city|playback|headline)/)) {
      if (one !== other) expect(covers(one, other), `${one} and ${other}`).toBe(false);
    }
    for (const act of named(new RegExp(`of ${one}$`))) {
      expect(found[act].right, act).toBeLessThanOrEqual(found[one].right);
      expect(found[act].bottom, act).toBeLessThanOrEqual(found[one].bottom);
    }
  }
  for (const square of named(/^square/)) expect(covers(square, "headline"), `headline and ${square}`).toBe(false);
}

/** Presses Tokyo on the map, and sees it die, who fails, and the counts fall until nobody does. */
async function expectDeath(place: Place) {
  await expectInSight(place);
  expect(await failing(place)).toEqual({});
  await city(place, "Tokyo").click();
  await expect(card(place, "Tokyo")).toContainText("down, still in DNS");
  await advance(place, 2);
  await expect(headline(place)).toContainText("Tokyo killed 2 s ago.");
  await expect(headline(place)).toContainText(/[1-9]\d* requests unanswered: lost at the time-out\. DNS still sends .* there\./);
  expect((await failing(place)).Seoul.users).toBeGreaterThan(0);
  await expectInSight(place);
  // The zone's own checks have to fail first.
  await advance(place, 14);
  await expect(card(place, "Tokyo")).toContainText("down · out of DNS");
  await expect(headline(place)).toContainText(/[1-9]\d* requests lost, [1-9]\d* unanswered\. For up to \d+ s, .* still go there\./);
  await expectInSight(place);
  // From here on answers only run out: of no city more users fail than before, nor for longer.
  let before = await failing(place);
  expect(Object.keys(before).length).toBeGreaterThan(2);
  expect(Math.max(...Object.values(before).map((one) => one.seconds))).toBeLessThanOrEqual(30);
  for (let second = 0; second < 6; second += 1) {
    await advance(place, 5);
    const now = await failing(place);
    for (const [name, { users, seconds }] of Object.entries(now)) {
      expect(users, name).toBeLessThanOrEqual(before[name]?.users ?? 0);
      expect(seconds, name).toBeLessThan(before[name].seconds);
    }
    before = now;
  }
  expect(before).toEqual({});
  expect(await told(place)).toContain("No user holds the address of a site that is down.");
  await expect(headline(place)).toContainText("Nobody is sent there any more.");
  await expect(card(place, "Tokyo").locator(".share")).toContainText("0 %");
  await expectInSight(place);
  await city(place, "Tokyo").click();
  // Its balancers start as backups.
  await advance(place, 5);
  await expect(card(place, "Tokyo")).toContainText("up · ");
}

for (const [width, height] of SIZES) {
  test(`a site is pressed and dies, in one view at ${width}x${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    const watched = await open(page);
    await expectDeath(page);
    expectQuiet(watched);
  });
}

for (const [width, height] of FRAMES) {
  test(`a site is pressed and dies, in a frame of ${width}x${height}`, async ({ page, baseURL }) => {
    await inFrame(page, `${baseURL}?scene=world&embed=1`, [width, height], async (frame) => {
      await expect(card(frame, "Tokyo")).toBeVisible();
      await button(frame, "Pause").click();
      await advance(frame, 10);
      await expectDeath(frame);
    });
  });
}

test("each policy is drawn as what it does @both", async ({ page }) => {
  await open(page);
  const policy = async (label: string) => {
    await unfold(page, "DNS settings");
    await page.getByRole("combobox", { name: "Policy" }).selectOption({ label });
    // Old answers are kept for a while.
    await advance(page, 60);
  };
  const lines = (look = ".flow") => page.locator(`.map ${look}`);
  await policy("nearest");
  expect(await told(page)).toMatch(/To Ashburn: .*New York/);
  const nearest = await lines().count();
  await policy("by weight");
  await expect(headline(page)).toContainText("in proportion to the weights");
  expect(await lines().count()).toBeGreaterThan(nearest);
  await policy("first healthy");
  await expect(headline(page)).toContainText("Every resolver is sent to Tokyo, the first healthy site");
  // One resolver keeps its answers for as long as it likes; all others have asked again.
  const everybody = "Tokyo, Seoul, Singapore, Mumbai, Sydney, London, Frankfurt, Madrid, Nairobi, Johannesburg, New York";
  expect(await told(page)).toContain(`To Tokyo: ${everybody}`);
  expect(await told(page)).not.toMatch(/To (London|Ashburn|São Paulo): (?!Frankfurt, stubborn\.)/);
  await button(page, "Kill site Tokyo").click();
  await advance(page, 60);
  expect(await told(page)).toContain(`To London: ${everybody}`);
});

test("anycast moves as soon as the routes do, and no answer is kept @both", async ({ page }) => {
  await open(page);
  await unfold(page, "DNS settings");
  await page.getByRole("switch", { name: "Anycast" }).check();
  await advance(page, 5);
  await expect(headline(page)).toContainText("All sites have the same address");
  await button(page, "Kill site Tokyo").click();
  await advance(page, 0.2);
  await expect(headline(page)).toContainText("until the routes are withdrawn");
  expect(await told(page)).toMatch(/Seoul: all packets go to Tokyo and are lost, until its routes are withdrawn/);
  await expect(page.locator(".map .flow.astray")).not.toHaveCount(0);
  await advance(page, 60);
  await expect(page.locator(".map .flow.astray")).toHaveCount(0);
  await expect(headline(page)).toContainText("Nobody is sent there any more.");
});

test("a far resolver is a line of its own, until the users' network is passed on @both", async ({ page }) => {
  await open(page);
  await expect(page.locator(".map .far")).toHaveCount(1);
  await expect(headline(page)).toContainText("Tokyo branch asks in London, and is sent to London.");
  await unfold(page, "DNS settings");
  await page.getByRole("switch", { name: "Client subnet" }).check();
  await advance(page, 120);
  await expect(page.locator(".map .far")).toHaveCount(0);
});

test("a site dies by keyboard alone, and the focus stays @both", async ({ page }) => {
  await open(page);
  await button(page, "Kill site Tokyo").focus();
  await page.keyboard.press("Enter");
  await expect(button(page, "Restore site Tokyo")).toBeFocused();
  // The change is announced, once.
  await expect(page.getByRole("status").filter({ hasText: "Tokyo killed" })).toHaveCount(1);
  await page.keyboard.press("Enter");
  await advance(page, 5);
  await expect(button(page, "Kill site Tokyo")).toBeFocused();
  await unfold(page, "Tables");
  await expect(page.getByText("Who is sent where", { exact: true })).toBeVisible();
});

for (const scheme of ["light", "dark"] as const) {
  test(`axe finds nothing on the map while users fail: ${scheme} @both`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: scheme });
    await open(page);
    await button(page, "Kill site Tokyo").click();
    await advance(page, 14);
    await unfold(page, "DNS settings");
    await expectAccessible(page);
    await expectNoSideways(page);
  });
}

test("what is left of an answer shrinks evenly, and in steps where motion is unwanted", async ({ page }) => {
  await open(page);
  const duration = () =>
    page.locator(".map .left").first().evaluate((ring) => getComputedStyle(ring).transitionDuration);
  await expect.poll(duration).toBe("0s");
  await allowMotion(page);
  await expect.poll(duration).toBe("0.25s");
});
