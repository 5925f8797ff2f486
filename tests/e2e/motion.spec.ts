// Motion that can be followed: marks keep apart from each other, stand in order at the door, and each pick is one
// movement from the door past the row of the server.
import { expect, test } from "./test";
import { allowMotion, expectQuiet, openPage } from "./helpers";

/** For how long two marks may cover each other by more than half, in milliseconds. */
const COVERED_MS = 100;
const SECONDS = 10;

/** What is sampled in the page: the longest stretch in which a pair covered each other, and marks out of order. */
interface Seen {
  pictures: number;
  most: number;
  covered: { pair: string; ms: number }[];
  disorder: string[];
  /** Whether anybody stood at the door. */
  stood: boolean;
}

function sample({ seconds, limit }: { seconds: number; limit: number }): Promise<Seen> {
  interface Stage extends Element {
    evenkeelTest: { marks(): Float64Array };
  }
  const stage = document.querySelector(".stage") as Stage;
  /** The part of the smaller of two circles that the other one covers. */
  const cover = (d: number, r: number, s: number): number => {
    if (d >= r + s) return 0;
    if (d <= Math.abs(r - s)) return 1;
    const part = (a: number, b: number) => a * a * Math.acos((d * d + a * a - b * b) / (2 * d * a));
    const kite = Math.sqrt((-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s)) / 2;
    return (part(r, s) + part(s, r) - kite) / (Math.PI * Math.min(r, s) ** 2);
  };
  const since = new Map<string, number>();
  const covered = new Map<string, number>();
  const disorder = new Set<string>();
  const began = performance.now();
  let [pictures, most, stoodAny] = [0, 0, false];
  /** Requests at the door, the first in line first; none where the picture has no line. */
  let stood: number[] = [];

  const look = (now: number) => {
    const flat = stage.evenkeelTest.marks();
    const marks = Array.from({ length: flat.length / 4 }, (_, at) => {
      const [number, x, y, size] = flat.subarray(4 * at, 4 * at + 4);
      return { number, x, y, size };
    });
    pictures += 1;
    most = Math.max(most, marks.length);
    const close = new Set<string>();
    marks.forEach((one, place) => {
      for (const other of marks.slice(place + 1)) {
        const part = cover(Math.hypot(one.x - other.x, one.y - other.y), one.size, other.size);
        if (part > 0.5) close.add([one.number, other.number].sort((a, b) => a - b).join(" and "));
      }
    });
    for (const pair of since.keys()) if (!close.has(pair)) since.delete(pair);
    for (const pair of close) {
      if (!since.has(pair)) since.set(pair, now);
      covered.set(pair, Math.max(covered.get(pair) ?? 0, now - since.get(pair)!));
    }
    // The line begins at the door: level with it where requests go across, above it where they go down.
    const box = (selector: string) => stage.querySelector(selector)!.getBoundingClientRect();
    const [frame, card] = [box("canvas"), box(".balancer")];
    const down = box(".client").bottom <= card.top;
    const door = { x: card.left - frame.left + (down ? 8 : 0), y: card.top - frame.top + (down ? 0 : 16) };
    const stands = ({ x, y }: { x: number; y: number }) =>
      down ? Math.abs(x - door.x) < 1 && y < door.y : Math.abs(y - door.y) < 1 && x < door.x;
    const standing = marks
      .filter((mark) => mark.number >= 0 && stands(mark))
      .sort((a, b) => (down ? b.y - a.y : b.x - a.x))
      .map(({ number }) => number);
    stoodAny ||= standing.length > 0;
    // Who stood before another one and still stands, stands before it.
    const before = stood.filter((number) => standing.includes(number));
    const after = standing.filter((number) => stood.includes(number));
    if (before.join() !== after.join()) disorder.add(`${before} became ${after}`);
    stood = standing;
  };

  return new Promise((done) => {
    const next = (now: number) => {
      look(now);
      if (now - began < seconds * 1_000) return requestAnimationFrame(next);
      const long = [...covered].filter(([, ms]) => ms > limit).map(([pair, ms]) => ({ pair, ms: Math.round(ms) }));
      done({ pictures, most, covered: long, disorder: [...disorder], stood: stoodAny });
    };
    requestAnimationFrame(next);
  });
}

for (const [width, height] of [[1280, 800], [390, 844]]) {
  test(`for ${SECONDS} seconds at ${width}x${height} no mark hides another one`, async ({ page }) => {
    await allowMotion(page);
    await page.setViewportSize({ width, height });
    const watched = await openPage(page, "");
    const seen = await page.evaluate(sample, { seconds: SECONDS, limit: COVERED_MS });
    expect(seen.pictures).toBeGreaterThan(60);
    expect(seen.most).toBeGreaterThan(8);
    expect(seen.stood).toBe(true);
    expect(seen.covered).toEqual([]);
    expect(seen.disorder).toEqual([]);
    expectQuiet(watched);
  });
}
