// Random actions, seeded: nothing in the console, nothing lost. `make audit` goes on for minutes:
// EVENKEEL_MONKEY_MINUTES=3, and from another seed with EVENKEEL_MONKEY_SEED.
import { expect, test } from "./test";
import { expectRunning, openPage } from "./helpers";
import { expectConserved, rampage } from "./monkey";

const MINUTES = Number(process.env.EVENKEEL_MONKEY_MINUTES ?? 0);
const SEED = Number(process.env.EVENKEEL_MONKEY_SEED ?? 20_260);
const ACTIONS = 110;

for (const [what, path] of [["the page", ""], ["an embed", "?embed=1"]]) {
  test(`random actions leave ${what} whole @long`, async ({ page }) => {
    test.slow();
    if (MINUTES) test.setTimeout((MINUTES * 2 + 3) * 60_000);
    const watched = await openPage(page, path);
    const done = await rampage(page, {
      seed: SEED,
      actions: MINUTES ? Infinity : ACTIONS,
      until: MINUTES ? Date.now() + MINUTES * 60_000 : Infinity,
      wrong: () => [...watched.errors, ...watched.violations],
    });
    if (MINUTES) console.log(`monkey: ${done} actions on ${what}, seed ${SEED}`);
    await expect(page.locator("#halt")).toHaveCount(0);
    expect(watched.requests.filter((url) => !/^(http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/.test(url))).toEqual([]);
    if (path) return;
    // What the run became is conserved; and the page can still be left and come back to.
    for (let dialog = 0; dialog < 3; dialog++) await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 1280, height: 800 });
    await expectConserved(page);
    await page.reload();
    await expectRunning(page);
    expect(watched.errors).toEqual([]);
  });
}
