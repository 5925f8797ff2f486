// A reader without a plan: random but seeded actions on whatever the page offers. The same seed on the
// same page asks for the same actions; how far the run got between two of them is the machine's.
import { expect, type Page } from "@playwright/test";

/** A generator of whole numbers below a bound (Mulberry32, public domain by its author T. Ettinger). */
export function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const KEYS = ["Tab", "Shift+Tab", "Escape", "Enter", "Space", "ArrowLeft", "ArrowRight", "ArrowUp",
  "ArrowDown", "Home", "End", "PageDown", "?", "k", "0"];
// What a number field can hold: anything else a browser refuses itself, with a warning.
const NUMBERS = ["", "0", "3", "-1", "7.5", "999999999999", "1e9", "12"];
const TYPED = [...NUMBERS, "abc", "<b>x</b>", "NaN", "#run=AAAA", "upstream {"];
const SIZES = [[1280, 800], [390, 844], [320, 640], [768, 1024], [1920, 1080], [320, 256]] as const;

/** What an action needs to know of the control it is for. */
type Found = { kind: string; x: number; y: number; options: number; name: string };

/** The `nth` control (modulo how many there are) that a pointer could reach, scrolled into view and marked. */
const find = (page: Page, nth: number): Promise<Found | null> =>
  page.evaluate((nth) => {
    for (const old of document.querySelectorAll("[data-monkey]")) old.removeAttribute("data-monkey");
    const open = document.querySelector("dialog[open]") ?? document;
    const all = open.querySelectorAll<HTMLElement>("button, select, input, textarea, summary, [role=menuitem]");
    const usable = [...all].filter((element) => {
      if (element.matches(":disabled, [type=file], #missing *, #update *")) return false;
      return element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
    });
    if (!usable.length) return null;
    const element = usable[nth % usable.length];
    element.scrollIntoView({ block: "center", behavior: "instant" });
    element.setAttribute("data-monkey", "");
    const box = element.getBoundingClientRect();
    const kind = element instanceof HTMLInputElement ? element.type : element.localName;
    return {
      kind,
      x: box.x + box.width / 2,
      y: box.y + box.height / 2,
      options: element instanceof HTMLSelectElement ? element.length : 0,
      name: element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 40) ?? "",
    };
  }, nth);

/** Sets the marked control and tells the page, as a reader's hand does. */
const put = (page: Page, value: string | number): Promise<void> =>
  page.evaluate((value) => {
    const field = document.querySelector<HTMLInputElement | HTMLSelectElement>("[data-monkey]");
    if (!field) return;
    if (field instanceof HTMLSelectElement) field.selectedIndex = Number(value);
    else field.value = String(value);
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }, value);

async function touch(page: Page, roll: (below: number) => number): Promise<string> {
  const found = await find(page, roll(1 << 20));
  const value = roll(1 << 20);
  if (!found) return "nothing";
  const { kind, x, y, options, name } = found;
  if (kind === "select") await put(page, value % options);
  else if (kind === "range") await put(page, value % 101);
  else if (kind === "number") await put(page, NUMBERS[value % NUMBERS.length]);
  else if (["text", "search", "textarea", "url"].includes(kind)) await put(page, TYPED[value % TYPED.length]);
  else await page.mouse.click(x, y);
  return `${kind} "${name}"`;
}

/** Does one thing; says what it was. */
async function act(page: Page, roll: (below: number) => number): Promise<string> {
  const what = roll(100);
  if (what < 70) return touch(page, roll);
  if (what < 88) {
    const key = KEYS[roll(KEYS.length)];
    await page.keyboard.press(key);
    return `key ${key}`;
  }
  const { width, height } = page.viewportSize() ?? { width: 1280, height: 800 };
  const [x, y] = [roll(width), roll(height)];
  if (what < 92) {
    // On whatever is there, but not on a link that leads away.
    const away = await page.evaluate(([x, y]) => !!document.elementFromPoint(x, y)?.closest("a"), [x, y]);
    if (!away) await page.mouse.click(x, y);
    return `click at ${x}, ${y}`;
  }
  if (what < 96) {
    await page.mouse.wheel(0, roll(1_200) - 600);
    return "wheel";
  }
  const [wide, high] = SIZES[roll(SIZES.length)];
  await page.setViewportSize({ width: wide, height: high });
  return `size ${wide}×${high}`;
}

/** The last actions, for the message when something is wrong. */
const LAST = 12;

/**
 * Acts until `actions` are done or `until` (milliseconds of the wall) has come. Throws with the last
 * actions as soon as `wrong` has something to say. Resolves to how many there were.
 */
export async function rampage(
  page: Page,
  { seed, actions, until = Infinity, wrong }: { seed: number; actions: number; until?: number; wrong: () => string[] },
): Promise<number> {
  const roll = dice(seed);
  const last: string[] = [];
  let done = 0;
  for (; done < actions && Date.now() < until; done++) {
    // Enter on a link that has the focus would lead away, as it should.
    await page.evaluate(() => document.activeElement instanceof HTMLAnchorElement && document.activeElement.blur());
    last.push(await act(page, roll));
    if (last.length > LAST) last.shift();
    expect(wrong(), `seed ${seed}, action ${done}, after: ${last.join("; ")}`).toEqual([]);
  }
  return done;
}

/** Every request is accounted for: the page's own line of figures adds up. */
export async function expectConserved(page: Page): Promise<void> {
  // Several readings: each is one instant.
  for (let reading = 0; reading < 3; reading++) {
    const text = await page.locator("p.balance").textContent({ timeout: 20_000 });
    const [arrived, ...ends] = (text ?? "").replace(/[,\s](?=\d{3})/g, "").match(/\d+/g)!.map(Number);
    expect(text).toContain("=");
    expect(ends.reduce((sum, count) => sum + count, 0), text ?? "").toBe(arrived);
  }
}
