// A page left running: memory and elements stay what they were. `make audit` lets it run for ten minutes
// of the wall and an hour of simulated time (EVENKEEL_LONG_MINUTES=10), `make test` for seconds.
import { expect, test, type Page } from "./test";
import { expectQuiet, openPage } from "./helpers";
import { expectConserved } from "./monkey";
import { setSpeed } from "./reader";

const MINUTES = Number(process.env.EVENKEEL_LONG_MINUTES ?? 0);
/** Milliseconds of the wall, and seconds of simulated time. */
const LASTS = MINUTES ? MINUTES * 60_000 : 12_000;
const SIMULATED = MINUTES ? 3_600 : 60;

type Reading = { simulated: number; wasm: number; elements: number; heap: number };

async function read(page: Page): Promise<Reading> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  await session.detach();
  const inPage = await page.evaluate(() => {
    const [clock] = document.querySelector(".clock")!.textContent!.match(/[\d:]+\.\d/)!;
    const simulated = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
    const { memories } = window as unknown as { memories: WebAssembly.Memory[] };
    const wasm = memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) / 1024;
    return { simulated, wasm, elements: document.querySelectorAll("*").length };
  });
  return { ...inPage, heap: Math.round(usedSize / 1024) };
}

test("left running at high load the page does not grow @long", async ({ page }) => {
  test.setTimeout(LASTS + 180_000);
  // The memory of every program that the page starts.
  await page.addInitScript(() => {
    const memories: WebAssembly.Memory[] = [];
    (window as unknown as { memories: WebAssembly.Memory[] }).memories = memories;
    const keep = ({ exports }: WebAssembly.Instance) => {
      for (const one of Object.values(exports)) {
        if (one instanceof WebAssembly.Memory && !memories.includes(one)) memories.push(one);
      }
    };
    for (const name of ["instantiate", "instantiateStreaming"] as const) {
      const real = WebAssembly[name] as (...args: unknown[]) => Promise<WebAssembly.WebAssemblyInstantiatedSource>;
      (WebAssembly as unknown as Record<string, unknown>)[name] = async (...args: unknown[]) => {
        const made = await real.apply(WebAssembly, args);
        keep(made.instance ?? (made as unknown as WebAssembly.Instance));
        return made;
      };
    }
  });
  const watched = await openPage(page);
  // As much as the slider gives: more than the servers can do.
  await page.getByRole("slider", { name: "Traffic" }).press("End");
  await setSpeed(page, "20×");
  // All buffers are in use and all lists have their full length after a first while.
  await expect.poll(async () => (await read(page)).simulated, { timeout: 120_000 }).toBeGreaterThan(MINUTES ? 400 : 40);
  const first = await read(page);
  expect(first.wasm).toBeGreaterThan(0);
  const until = Date.now() + LASTS;
  await expect.poll(() => Date.now() >= until, { timeout: LASTS + 60_000, intervals: [1_000] }).toBe(true);
  await expect.poll(async () => (await read(page)).simulated, { timeout: 120_000 })
    .toBeGreaterThan(MINUTES ? SIMULATED : first.simulated + SIMULATED);
  const last = await read(page);
  const pair = (name: keyof Reading) => `${Math.round(first[name])} to ${Math.round(last[name])}`;
  console.log(`long: ${(LASTS / 60_000).toFixed(1)}; ${pair("simulated")} s; ${pair("wasm")}; ${pair("elements")}; ${pair("heap")}`);
  // The copies that the time machine keeps are bounded at 64 MiB; beyond what a minute needed there may be
  // no more than those. Elements may come and go with what happens, but not pile up.
  expect(last.wasm - first.wasm).toBeLessThanOrEqual(MINUTES ? 80 * 1024 : 24 * 1024);
  expect(last.elements - first.elements).toBeLessThanOrEqual(60);
  expect(last.heap - first.heap).toBeLessThanOrEqual(8 * 1024);
  await expectConserved(page);
  expectQuiet(watched);
});
