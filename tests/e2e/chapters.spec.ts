// The chapters: every figure asked, run and mended, by pointer and by keyboard; what is there without
// scripts; what moves when figures wake; addresses that name nothing.
import { expect, test, type Locator, type Page } from "./test";
import { advance, CHAPTERS, expectAccessible, expectNoSideways, expectQuiet, frames, watch } from "./helpers";

const at = (slug: string) => `./chapters/en/${slug}.html`;

/** Opens a chapter and waits until its figures are awake. */
async function open(page: Page, slug: string) {
  const watched = await watch(page);
  await page.goto(at(slug));
  await page.locator("figure").first().scrollIntoViewIfNeeded();
  await expect(page.locator("figure[data-awake]").first()).toBeVisible({ timeout: 15_000 });
  return watched;
}

/** Answers a figure's question, runs it to its end, then each of its fixes. */
async function walk(figure: Locator) {
  await figure.scrollIntoViewIfNeeded();
  const end = figure.locator("button.end");
  const said = figure.locator(".said.shown");
  await figure.locator(".ask button").first().click();
  await end.click();
  await expect(said).toHaveCount(1);
  await expect(said).toBeVisible();
  // The run confirms one answer, or says how near the guess was.
  const told = figure.locator(".option.right, .verdict:not(:empty)");
  await expect(told).toHaveCount(1);
  const fixes = figure.locator(".fixes button");
  for (let place = 0; place < (await fixes.count()); place++) {
    const label = await fixes.nth(place).textContent();
    await fixes.nth(place).click();
    await end.click();
    await expect(said.locator("b")).toHaveText(label ?? "");
  }
}

/** Notes every shift of the layout from now on. */
const noteShifts = (page: Page) => page.addInitScript(() => {
  const moved: string[] = [];
  Object.assign(window, { moved });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as (PerformanceEntry & { value: number; sources: { node?: Element }[] })[]) {
      const what = entry.sources.map((source) => source.node?.className ?? "?").join(", ");
      moved.push(`${entry.value.toFixed(4)} ${what}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
});

for (const slug of CHAPTERS) {
  test(`${slug}: nothing moves when figures wake, axe finds nothing, and every figure asks, runs and tells @both`, async ({ page }) => {
    await noteShifts(page);
    const watched = await open(page, slug);
    const figures = await page.locator("figure[data-figure]").all();
    await test.step("nothing moves when figures wake", async () => {
      for (const figure of figures) {
        await figure.scrollIntoViewIfNeeded();
        await expect(figure).toHaveAttribute("data-awake", "");
      }
      // A shift is told with the frame after it.
      await frames(page, 10);
      const moved = await page.evaluate(() => (window as unknown as { moved: string[] }).moved);
      expect(moved.filter((entry) => parseFloat(entry) > 0.001)).toEqual([]);
    });
    await test.step("axe finds nothing", async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await expectAccessible(page);
      }
    });
    await test.step("every figure asks, runs and tells", async () => {
      for (const figure of figures) await walk(figure);
      await page.locator("nav.steps").scrollIntoViewIfNeeded();
      await expect(page.locator(`li.done[data-slug=${slug}]`)).toHaveCount(1);
      await expectNoSideways(page);
    });
    expectQuiet(watched);
  });
}

/** Where an element is in the window, from its upper edge. */
const place = (element: Locator) => element.evaluate((one) => {
  const { top, bottom } = one.getBoundingClientRect();
  return { top: Math.round(top), bottom: Math.round(bottom), height: innerHeight };
});

for (const [width, height] of [[1280, 800], [390, 844]]) {
  test(`at ${width}x${height} every chapter begins with a figure that runs, in the first view @both`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ reducedMotion: "no-preference" });
    for (const slug of CHAPTERS) {
      for (const language of ["en", "es"]) {
        await page.goto(`./chapters/${language}/${slug}.html`);
        const figure = page.locator("figure[data-figure]").first();
        await expect(figure, slug).toHaveAttribute("data-awake", "");
        const scene = await place(figure.locator(".scene"));
        expect(scene.bottom, `${language} ${slug}`).toBeLessThanOrEqual(height);
        await expect(figure.locator(".time"), slug).not.toHaveText("0:00.0");
        // It stops by itself before it shows what is asked, and nothing is measured yet.
        await expect(figure.locator(".numbers dd").first()).toHaveText("–");
      }
    }
  });
}

test("where no motion is wanted a figure stands at the end of what it plays by itself @both", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await open(page, "why");
  const time = page.locator("figure").first().locator(".time");
  const before = await time.innerText();
  expect(before).not.toBe("0:00.0");
  await frames(page, 30);
  expect(await time.innerText()).toBe(before);
});

test("what gives an answer away opens with the guess, or when it is asked for @both", async ({ page }) => {
  await open(page, "why");
  const figure = page.locator("figure#one-server");
  const folds = page.locator(".after");
  const text = (name: string) => page.locator(`.after[data-after=${name}] p`).first();
  await expect(text("one-server")).toBeHidden();
  await expect(figure.locator(".said").first()).toBeHidden();
  const number = page.locator(".claim[data-of=one-server]").first();
  await walk(figure);
  await expect(text("one-server")).toBeVisible();
  await expect(number.locator("span")).toBeVisible();
  await expect(text("lone-death")).toBeHidden();
  await page.locator(".after[data-after=lone-death]").getByRole("button").click();
  await expect(text("lone-death")).toBeVisible();
  // Who only reads sees all of it, in the next chapter too.
  await page.goto(at("algorithms"));
  await expect(folds.first().locator("p").first()).toBeHidden();
  const all = page.getByRole("button", { name: "All answers" });
  await all.click();
  for (const fold of await folds.all()) await expect(fold.locator("p").first()).toBeVisible();
  await page.reload();
  await expect(folds.last().locator("p").first()).toBeVisible();
  await all.click();
  await expect(folds.last().locator("p").first()).toBeHidden();
});

test("on a phone the picture stays in sight while one answers and reads the answer", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, "algorithms");
  const figure = page.locator("figure#lock");
  await figure.locator(".option").last().scrollIntoViewIfNeeded();
  await figure.locator(".option").first().click();
  await figure.locator("button.end").click();
  const said = figure.locator(".said.shown");
  await said.evaluate((one) => one.scrollIntoView({ block: "end" }));
  const scene = await place(figure.locator(".scene"));
  expect(scene.top).toBeGreaterThanOrEqual(0);
  expect((await place(said)).top).toBeGreaterThanOrEqual(scene.bottom);
});

for (const [width, height] of [[1280, 800], [390, 844]]) {
  test(`at ${width}x${height} the configuration's figure stays in sight while its lines are edited`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await open(page, "configuration");
    const scene = page.locator("figure#config .scene");
    for (const field of await page.locator(".lines .edit").all()) {
      await field.evaluate((one) => one.scrollIntoView({ block: "center" }));
      const { top, bottom } = await place(scene);
      const line = await place(field);
      expect(Math.min(bottom, height) - Math.max(top, 0)).toBeGreaterThan(200);
      expect(line.top).toBeGreaterThanOrEqual(0);
      // On a desk they stand side by side, on a phone one above the other.
      if (width < 800) expect(line.top).toBeGreaterThanOrEqual(bottom);
    }
    // It is in colours, and no line of it is cut off.
    const code = page.locator(".lines pre");
    expect(await code.locator(".c-name").count()).toBeGreaterThan(10);
    expect(await code.evaluate((one) => one.scrollWidth - one.clientWidth)).toBeLessThanOrEqual(0);
  });
}

test("a pair is drawn as a pair and the world as a map, and both show what happens @both", async ({ page }) => {
  const watched = await open(page, "when-the-balancer-fails");
  const pair = page.locator("figure#pair-fails");
  await pair.scrollIntoViewIfNeeded();
  await expect(pair.locator(".node")).toHaveCount(2);
  await expect(pair.locator(".pill").first()).toBeVisible();
  await pair.locator(".option").first().click();
  await pair.locator("button.end").click();
  await expect(pair.locator(".node.dead")).toHaveCount(1);
  await page.goto(at("around-the-world"));
  const world = page.locator("figure#region-dies");
  await world.scrollIntoViewIfNeeded();
  await expect(world.locator(".map .land")).toHaveAttribute("d", /M/);
  await expect(world.locator(".site-card")).toHaveCount(2);
  await world.locator(".option").first().click();
  await world.locator("button.end").click();
  await expect(world.locator(".site-card.dark")).toHaveCount(1);
  expectQuiet(watched);
});

test("the index has ten moving pictures, which can be paused and are small @both", async ({ page }) => {
  const sizes: number[] = [];
  page.on("response", async (answer) => {
    if (answer.url().includes("/pictures/")) sizes.push((await answer.body()).length);
  });
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.goto("./chapters/en/index.html");
  const pictures = page.locator(".chapters img");
  await expect(pictures).toHaveCount(10);
  for (const picture of await pictures.all()) {
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((one: HTMLImageElement) => one.complete && one.naturalWidth)).toBeGreaterThan(100);
  }
  const shown = () => pictures.evaluateAll((all) => all.map((one) => (one as HTMLImageElement).currentSrc.includes("-still")));
  expect(await shown()).toEqual(Array(10).fill(false));
  // Bytes as they are; a host sends about a tenth.
  expect(Math.max(...sizes)).toBeLessThan(100_000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(600_000);
  await page.getByRole("button", { name: "Pause the pictures" }).click();
  await expect.poll(shown).toEqual(Array(10).fill(true));
  await page.getByRole("button", { name: "Pause the pictures" }).click();
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(shown).toEqual(Array(10).fill(true));
  await expectAccessible(page);
  await expectNoSideways(page);
});

test("each chapter and each lesson has a card of its own, and a lesson a page @both", async ({ page, request }) => {
  const cards = new Set<string>();
  for (const file of [...CHAPTERS, "lesson-black-hole", "lesson-pair-fails", "lesson-region-dies"]) {
    await page.goto(at(file));
    const meta = (name: string) => page.locator(`meta[property="og:${name}"]`).getAttribute("content");
    const address = new URL((await meta("image")) ?? "", page.url()).href;
    const png = await (await request.get(address)).body();
    expect([png.readUInt32BE(16), png.readUInt32BE(20)], file).toEqual([800, 420]);
    expect(png.length, file).toBeLessThan(60_000);
    cards.add(png.toString("base64"));
    expect(await meta("title")).toBeTruthy();
    expect(await meta("description")).toBeTruthy();
  }
  expect(cards.size).toBe(CHAPTERS.length + 3);
  await expect(page.locator("figure[data-awake]")).toBeVisible();
  await walk(page.locator("figure"));
});

test("without scripts the text and a picture of each figure are there", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  for (const slug of CHAPTERS) {
    await page.goto(new URL(at(slug), test.info().project.use.baseURL).href);
    await expect(page.locator("h1")).toBeVisible();
    for (const figure of await page.locator("figure[data-figure]").all()) {
      await expect(figure.locator("svg.picture")).toBeVisible();
      await expect(figure.locator(".question")).toBeVisible();
      await expect(figure.locator(".said").first()).toBeVisible();
    }
    expect(await page.locator("article p").count(), slug).toBeGreaterThan(3);
  }
  await context.close();
});

for (const slug of CHAPTERS) {
  test(`${slug}: by keyboard alone @both`, async ({ page }) => {
    await open(page, slug);
    await page.evaluate(() => scrollTo(0, 0));
    const figures = await page.locator("figure[data-figure]").count();
    const answered = new Set<string>();
    for (let step = 0; step < 40 + figures * 30; step++) {
      await page.keyboard.press("Tab");
      const here = await page.evaluate(() => {
        const now = document.activeElement as HTMLButtonElement | null;
        const figure = now?.closest("figure")?.id ?? "";
        const asks = !!now?.closest(".ask") && now.tagName === "BUTTON";
        return { figure, asks, ends: !!now?.matches("button.end"), next: !!now?.matches("a.next") };
      });
      if (here.asks && !answered.has(here.figure)) {
        answered.add(here.figure);
        await page.keyboard.press("Enter");
      } else if (here.ends) {
        await page.keyboard.press("Enter");
        await expect(page.locator(`#${here.figure} .said.shown`)).toBeVisible();
      } else if (here.next) {
        await page.keyboard.press("Enter");
        await page.waitForURL((url) => !url.pathname.endsWith(`${slug}.html`));
        break;
      }
    }
    expect(answered.size).toBe(figures);
    expect(page.url()).not.toContain(`${slug}.html`);
  });
}

test("the workbench takes the scene over, with what was done in it and the time", async ({ page }) => {
  await open(page, "why");
  const figure = page.locator("figure#one-server");
  await walk(figure);
  const time = await figure.locator(".time").innerText();
  const servers = await figure.locator(".server").count();
  await figure.locator("a.out").click();
  await expect(page).toHaveURL(/index\.html\?lang=en&figure=one-server&part=\d#run=/);
  await expect(page.getByRole("heading", { name: "Evenkeel", level: 1 })).toBeVisible();
  await expect(page.locator(".stage .server")).toHaveCount(servers);
  await expect(page.getByText(time, { exact: false }).first()).toBeVisible();
});

test("in the workbench a figure keeps its name, its question and what is to happen in it", async ({ page }) => {
  const watched = await open(page, "when-the-balancer-fails");
  const figure = page.locator("figure#pair-fails");
  await figure.scrollIntoViewIfNeeded();
  const { words } = JSON.parse((await figure.locator("script[type='application/json']").textContent()) ?? "");
  await figure.locator("a.out").click();
  await expect(page).toHaveURL(/index\.html\?lang=en&figure=pair-fails&part=0#run=/);
  const panel = page.getByRole("region", { name: words.title });
  await expect(panel).toContainText(words.question);
  await expect(panel).not.toContainText(words.answer);
  // What the script does after this moment happens here too.
  await panel.getByRole("button", { name: /^Skip to/ }).click();
  await expect(panel.getByRole("status")).toHaveText(words.answer);
  await panel.getByRole("button", { name: "From the beginning" }).click();
  await expect(panel).not.toContainText(words.answer);
  expectQuiet(watched);
});

test("a figure that the reader changed has no end and no answer in the workbench, and begins anew", async ({ page }) => {
  await page.goto("./");
  await page.getByRole("button", { name: "Kill server A" }).click();
  await expect(page).toHaveURL(/#run=/);
  await page.goto(`./?figure=black-hole${new URL(page.url()).hash}`);
  const panel = page.locator("section.preset");
  await expect(panel.getByRole("heading")).toBeVisible();
  await expect(panel.locator(".came")).toBeEmpty();
  await expect(panel.getByRole("button", { name: /^Skip to/ })).toHaveCount(0);
  await panel.getByRole("button", { name: "From the beginning" }).click();
  await expect(panel.getByRole("button", { name: "Skip to 0:40.0" })).toBeVisible();
});

test("a figure that is not there, and a name that is no name, leave the page as it is", async ({ page }) => {
  for (const name of ["no-such-figure", "..%2Findex", "%3Cb%3E"]) {
    await page.goto(`./?figure=${name}&part=0`);
    await expect(page.getByRole("group", { name: "Server A" })).toBeVisible();
    await expect(page.locator("section.preset")).toHaveCount(0);
  }
});

test("a program that does not come is said at each figure, and the answers are text @both", async ({ page }) => {
  await page.route(/_bg\.wasm/, (route) => route.abort());
  await page.goto(at("why"));
  const notices = page.locator("figure .notice");
  await expect(notices.first()).toHaveText(/could not be started/);
  await expect(notices).toHaveCount(await page.locator("figure[data-figure]").count());
  await expect(page.locator("figure .said").first()).toBeVisible();
  await page.unroute(/_bg\.wasm/);
  await notices.first().getByRole("button", { name: "Try again" }).click();
  await expect(page.locator("figure[data-awake]").first()).toBeVisible();
});

test("a chapter says with which picture it is shown elsewhere, and its ticks move nothing @both", async ({ page, request }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(at("when-the-balancer-fails"));
  const image = await page.locator('meta[property="og:image"]').getAttribute("content");
  const picture = await request.get(new URL(image ?? "", page.url()).href);
  expect(picture.headers()["content-type"]).toBe("image/png");
  const heights = () => page.locator(".plan li").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
  const before = await heights();
  await page.locator(".plan li").evaluateAll((all) => all.forEach((one) => one.classList.add("done")));
  expect(await heights()).toEqual(before);
  // One name for one thing: on a phone the plan and the way to its page stand together.
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.locator("header").getByText("Chapters", { exact: true })).toHaveCount(1);
});

test("a term is explained where it stands, and in the glossary @both", async ({ page }) => {
  await open(page, "why");
  const term = page.locator("button.term").first();
  await term.click();
  const meaning = page.locator(".meaning:popover-open");
  await expect(meaning).toBeVisible();
  await meaning.getByRole("link").click();
  await expect(page.locator("dt:target")).toBeVisible();
});

test("the quiz tells right from wrong, and why @both", async ({ page }) => {
  await open(page, "interview");
  const first = page.locator(".quiz fieldset").first();
  await expect(first.locator(".reason > div")).toBeHidden();
  await first.locator("label.wrong input").first().check();
  await expect(first.locator(".reason > div")).toBeVisible();
  await first.locator("label.right input").check();
  await expect(page.locator(".score")).toContainText("1 of");
});

test("a line of the configuration lights up what it speaks of", async ({ page }) => {
  await open(page, "configuration");
  await page.locator("button.line", { hasText: "10.0.0.4" }).focus();
  await expect(page.locator("figure#config .server").nth(3)).toHaveClass(/lit/);
});

test("a line of the configuration can be edited, and the figure takes it", async ({ page }) => {
  const watched = await open(page, "configuration");
  const figure = page.locator("figure#config");
  await page.getByLabel("Method of the upstream").selectOption({ label: "ip_hash;" });
  await expect(figure.locator(".balancer b")).toHaveText("IP hash");
  const weight = page.getByLabel("Weight of server A");
  await weight.fill("0");
  await weight.press("Tab");
  await figure.scrollIntoViewIfNeeded();
  await advance(figure, 30);
  // The first server is sent nothing any more.
  const measured = figure.locator(".numbers");
  await expect(measured.locator("dt").first()).toHaveText("share of A (of picks)");
  const share = async () => Number.parseFloat(await measured.locator("dd").first().innerText());
  expect(await share()).toBeLessThan(20);
  expectQuiet(watched);
});

test("a line of the configuration that is taken away is missed in the figure, and comes back", async ({ page }) => {
  const watched = await open(page, "configuration");
  const figure = page.locator("figure#config");
  const headers = figure.locator(".paper dt");
  const keep = (code: string) => page.getByRole("checkbox", { name: `Keep this line : ${code}`, exact: true });
  await keep("X-Real-IP").uncheck();
  await figure.scrollIntoViewIfNeeded();
  await expect(headers.filter({ hasText: "X-Forwarded-For" })).toHaveCount(1);
  await expect(headers.filter({ hasText: "X-Real-IP" })).toHaveCount(0);
  // Without the word `backup` the fourth server is one like the others.
  await expect(figure.locator(".server .word").nth(3)).not.toBeEmpty();
  await keep("server 10.0.0.4:8080 backup;").uncheck();
  await figure.getByRole("button", { name: "Skip to the end" }).click();
  await expect(figure.locator(".numbers dd").nth(1)).not.toHaveText(/^(0|–)$/);
  await figure.getByRole("button", { name: "Again" }).click();
  await expect(keep("X-Real-IP")).toBeChecked();
  await figure.getByRole("button", { name: "Skip to the end" }).click();
  await expect(figure.locator(".numbers dd").nth(1)).toHaveText("0");
  await expect(figure.locator(".said.shown")).toBeVisible();
  expectQuiet(watched);
});

test("an address that names nothing leads to the plan, with a notice", async ({ page }) => {
  const notice = page.locator("#missing");
  for (const address of ["why.html#no-such-figure", "glossary.html#no-such-term", "index.html?missing=1"]) {
    await page.goto(`./chapters/en/${address}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Load balancing, seen happening");
    await expect(notice).toHaveText(/nothing at this address/);
  }
  // Static hosts show the folder's 404.html for what is not there.
  await page.goto("./chapters/en/no-such-chapter.html");
  await expect(notice).toHaveText(/nothing at this address/);
});

test("the way in leads to a plan in the reader's language", async ({ page }) => {
  await page.goto("./chapters/index.html");
  await expect(page).toHaveURL(/chapters\/en\/index\.html/);
  await page.getByRole("main").getByRole("link", { name: "Health checks" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("How does it know?");
});

test("Spanish, chosen by the browser: the plan, a chapter, its figures and the way to the workbench", async ({ browser }) => {
  const context = await browser.newContext({ locale: "es-MX", serviceWorkers: "block" });
  const page = await context.newPage();
  const watched = await watch(page);
  const base = test.info().project.use.baseURL ?? "";
  await page.goto(new URL("chapters/index.html", base).href);
  await expect(page).toHaveURL(/chapters\/es\/index\.html/);
  await page.getByRole("main").getByRole("link", { name: "Por qué balancear la carga" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  const figure = page.locator("figure[data-figure]").first();
  await figure.scrollIntoViewIfNeeded();
  await expect(figure).toHaveAttribute("data-awake", "");
  await walk(figure);
  await figure.getByRole("link", { name: "Abrir en el taller" }).click();
  await expect(page).toHaveURL(/lang=es&figure=one-server&part=\d#run=/);
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.getByRole("button", { name: "Compartir" })).toBeVisible();
  expectQuiet(watched);
  await context.close();
});

test("Spanish, chosen in the page: the interface changes, and a reload keeps it", async ({ page }) => {
  await page.goto("./");
  const language = page.locator("#language");
  await language.selectOption({ label: "Español" });
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await expect(page.getByRole("button", { name: "Compartir" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("button", { name: "Compartir" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await page.goto("./chapters/index.html");
  await expect(page).toHaveURL(/chapters\/es\/index\.html/);
});
