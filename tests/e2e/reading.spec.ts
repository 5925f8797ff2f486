// The chapters as something to read: narrow, with a reader's own text spacing, on paper, without
// scripts, and with the keys of figures explained.
import { expect, test, type Locator, type Page } from "./test";
import { allowMotion, CHAPTERS, expectPlaying, expectStill } from "./helpers";

const PAGES = [...CHAPTERS, "index", "glossary"];

// WCAG 1.4.12 gives these four numbers.
const SPACED = `* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
  p { margin-bottom: 2em !important }`;

/** What is cut off, or sticks out of the page at a side. */
function faults(page: Page) {
  return page.evaluate(() => {
    const found: string[] = [];
    if (document.documentElement.scrollWidth > innerWidth) found.push(`${document.documentElement.scrollWidth} wide`);
    const texts = "h1, h2, p, li, dt, dd, b, button, label, legend, th, td, figcaption, output, summary, a";
    for (const one of document.querySelectorAll<HTMLElement>(texts)) {
      if (!one.checkVisibility() || !one.textContent?.trim() || one.clientWidth <= 1) continue;
      // Tables and code are scrolled by themselves, and a plain word of a card may end in an ellipsis: the drawing
      // says the same in words to those who ask for it.
      if (one.closest(".table, pre, .unseen, .skip, .small-stage, .wide-picture")) continue;
      const { overflowX, overflowY } = getComputedStyle(one);
      const hides = (overflow: string) => overflow === "hidden" || overflow === "clip";
      const cut = (hides(overflowX) && one.scrollWidth > one.clientWidth + 1) ||
        (hides(overflowY) && one.scrollHeight > one.clientHeight + 1);
      const { left, right } = one.getBoundingClientRect();
      if (cut || left < -1 || right > innerWidth + 1) found.push(one.outerHTML.slice(0, 120));
    }
    return found;
  });
}

async function expectWhole(page: Page, what: string) {
  expect(await faults(page), what).toEqual([]);
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }, SPACED);
  expect(await faults(page), `${what}, spaced`).toEqual([]);
}

for (const lang of ["en", "es"]) {
  test(`${lang}: at 320 px, also with a reader's text spacing, nothing is cut`, async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 320, height: 640 } });
    const page = await context.newPage();
    for (const slug of PAGES) {
      await page.goto(new URL(`chapters/${lang}/${slug}.html`, test.info().project.use.baseURL).href);
      await expectWhole(page, slug);
    }
    await context.close();
  });

  test(`${lang}: nor is it where figures live`, async ({ page }) => {
    await page.setViewportSize({ width: 320, height: 640 });
    for (const slug of ["configuration", "around-the-world"]) {
      await page.goto(`./chapters/${lang}/${slug}.html`);
      const figure = page.locator("figure[data-figure]").first();
      await figure.scrollIntoViewIfNeeded();
      await expect(figure).toHaveAttribute("data-awake", "");
      await figure.locator(".ask button").first().click();
      await figure.locator("button.end").click();
      await expect(figure.locator(".said.shown")).toBeVisible();
      await expectWhole(page, slug);
    }
  });
}

test("on paper a chapter is its text: no controls, every answer, no figure over two pages", async ({ page }) => {
  await page.goto("./chapters/en/health-checks.html");
  await page.locator("figure").first().scrollIntoViewIfNeeded();
  await expect(page.locator("figure[data-awake]").first()).toBeVisible();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  for (const gone of [".side", ".steps", ".tools", ".numbers", ".skip", ".hint"]) {
    for (const one of await page.locator(gone).all()) await expect(one).toBeHidden();
  }
  // The stage as the picture has it, with requests on their way, and not as the figure happens to stand.
  await expect(page.locator("figure .small-stage:visible")).toHaveCount(0);
  for (const figure of await page.locator("figure").all()) await expect(figure.locator("svg.picture")).toBeVisible();
  for (const said of await page.locator(".said").all()) await expect(said).toBeVisible();
  // The answers stand below each other, not on top.
  const tops = await page.locator("#fine-check .said").evaluateAll((all) => all.map((one) => one.getBoundingClientRect()));
  for (let place = 1; place < tops.length; place++) expect(tops[place].top).toBeGreaterThanOrEqual(tops[place - 1].bottom);
  const kept = await page.locator("figure").evaluateAll((all) => all.map((one) => getComputedStyle(one).breakInside));
  expect(new Set(kept)).toEqual(new Set(["avoid"]));
  // Ink on paper, whatever the reader's system prefers.
  expect(await page.evaluate(() => getComputedStyle(document.body).color)).toBe("rgb(27, 35, 48)");
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
});

for (const [width, least] of [[1280, 11], [390, 8.5]] as const) {
  test(`without scripts at ${width} px each picture is its scene's stage, with letters that can be read`, async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width, height: 800 } });
    const page = await context.newPage();
    for (const slug of ["algorithms", "when-the-balancer-fails", "around-the-world"]) {
      await page.goto(new URL(`chapters/en/${slug}.html`, test.info().project.use.baseURL).href);
      for (const figure of await page.locator("figure[data-figure]").all()) {
        const picture = figure.locator("svg.picture");
        // The stage in words, for those who do not see it.
        await expect(picture).toHaveAttribute("aria-label", /in flight\. .*Server|\d answered, \d+ lost|LB 1/s);
        const { letters, marks, high } = await picture.evaluate((svg: SVGSVGElement) => {
          const scale = svg.getScreenCTM()!.a;
          const sizes = [...svg.querySelectorAll("text")].map((one) => parseFloat(getComputedStyle(one).fontSize) * scale);
          return { letters: Math.min(...sizes), marks: svg.querySelectorAll("path").length, high: svg.clientHeight };
        });
        expect(letters).toBeGreaterThanOrEqual(least);
        expect(marks).toBeGreaterThan(4);
        // No hole is left where a living stage would be higher.
        const room = await figure.locator(".scene").evaluate((one) => one.clientHeight);
        expect(room - high).toBeLessThan(40);
      }
      expect(await faults(page), slug).toEqual([]);
    }
    await context.close();
  });
}

test("a dead balancer is seen to be dead, and the other one is looked at", async ({ page }) => {
  await page.goto("./chapters/en/when-the-balancer-fails.html");
  const box = (figure: Locator, name: string) => figure.getByRole("group", { name, exact: true });
  for (const [name, dead, works] of [["spof", "Load balancer", ""], ["pair-fails", "LB 1", "LB 2"], ["both-work", "LB 1", "LB 2"]]) {
    const figure = page.locator(`figure#${name}`);
    await figure.scrollIntoViewIfNeeded();
    await expect(figure).toHaveAttribute("data-awake", "");
    await figure.locator(".ask button").first().click();
    await figure.locator("button.end").click();
    await expect(box(figure, dead)).toContainText("dead");
    if (works) await expect(box(figure, works)).toContainText(/active|at work/);
    // What the second one picks stands at the servers; nobody picks where there is none.
    await expect(box(figure, "Server A")).toContainText(works ? /\d %/ : "–");
  }
});

test("the plan keeps what was read, with the minutes each takes, and works without storage", async ({ page, browser }) => {
  await page.goto("./chapters/en/index.html");
  await expect(page.locator("ol.chapters .minutes")).toHaveText(Array(10).fill(/^\d+ min \(\d+ with figures\)$/));
  await page.goto("./chapters/en/where-next.html");
  await page.locator("nav.steps").scrollIntoViewIfNeeded();
  await expect(page.locator(".side li.done")).toHaveCount(1);
  await page.goto("./chapters/en/index.html");
  await expect(page.locator("ol.chapters li.done")).toHaveCount(1);
  const context = await browser.newContext();
  await context.addInitScript(() =>
    Object.defineProperty(window, "localStorage", { get: () => { throw new DOMException("barred", "SecurityError"); } }));
  const barred = await context.newPage();
  const errors: string[] = [];
  barred.on("pageerror", (error) => errors.push(error.message));
  await barred.goto(new URL("chapters/en/why.html", test.info().project.use.baseURL).href);
  await barred.locator("nav.steps").scrollIntoViewIfNeeded();
  await expect(barred.locator("figure[data-awake]").first()).toBeAttached();
  expect(errors).toEqual([]);
  await context.close();
});

test("deep links lead to a chapter, a figure and a term", async ({ page }) => {
  await page.goto("./chapters/en/health-checks.html#slow-server");
  await expect(page.locator("figure:target")).toBeInViewport();
  await page.goto("./chapters/en/glossary.html#slow-start");
  await expect(page.locator("dt:target")).toHaveText("slow start");
  await expect(page.locator("dt:target")).toBeInViewport();
});

test("what the shapes of figures mean is told beside the first of them", async ({ page }) => {
  await page.goto("./chapters/en/why.html");
  const keys = page.locator(".keys li");
  await expect(keys).toHaveCount(9);
  // The first figure is in the first view, so that the meaning follows it and comes before the second one.
  const first = await page.locator("figure").first().boundingBox();
  const second = await page.locator("figure").nth(1).boundingBox();
  const list = await page.locator(".keys").boundingBox();
  expect(list!.y).toBeGreaterThanOrEqual(first!.y + first!.height);
  if (second) expect(list!.y + list!.height).toBeLessThan(second.y);
});

test("a figure runs while it is in view, and stands still when it is not", async ({ page }) => {
  await allowMotion(page);
  await page.goto("./chapters/en/algorithms.html");
  const figure = page.locator("figure#turns");
  const time = figure.locator(".time");
  await figure.scrollIntoViewIfNeeded();
  await figure.getByRole("button", { name: "A third each" }).click();
  await expect(time).not.toHaveText("0:00.0");
  await expectPlaying(figure);
  await page.locator(".sources").scrollIntoViewIfNeeded();
  await expect(figure).not.toBeInViewport();
  await expectStill(page, figure);
  await figure.scrollIntoViewIfNeeded();
  await expectPlaying(figure);
});

test("next and previous lead through the chapters in their order and back", async ({ page }) => {
  const at = (name: string) => expect(page).toHaveURL(new RegExp(`/${name}\\.html`));
  await page.goto("./chapters/en/why.html");
  for (const name of CHAPTERS.slice(1)) {
    await page.locator('a[rel="next"]').last().click();
    await at(name);
  }
  for (const name of CHAPTERS.slice(0, -1).reverse()) {
    await page.locator('a[rel="prev"]').last().click();
    await at(name);
  }
});
