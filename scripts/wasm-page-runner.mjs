// Runs wasm tests where there is no chromedriver, as cargo's runner for wasm32: the test runner
// serves its tests as a page, and Playwright opens that page and reads the result.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, findChromium } from "./browser.mjs";

const TIMEOUT = 300_000;

const server = spawn("wasm-bindgen-test-runner", process.argv.slice(2), {
  env: { ...process.env, NO_HEADLESS: "1", WASM_BINDGEN_TEST_ADDRESS: "127.0.0.1:0" },
  stdio: ["ignore", "pipe", "inherit"],
});

/** The address of the page; undefined where the runner ends without one, having no tests. */
async function address() {
  for await (const line of createInterface(server.stdout)) {
    const found = /available at (http:\S+)/.exec(line);
    if (found) return found[1];
    console.log(line);
  }
  return undefined;
}

async function run(url) {
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => console.error(String(error)));
    await page.goto(url);
    const output = page.locator("#output");
    await output.filter({ hasText: "test result: " }).waitFor({ state: "attached", timeout: TIMEOUT });
    const text = await output.textContent();
    console.log(text);
    return /test result: ok/.test(text);
  } catch (error) {
    console.error(String(error));
    return false;
  } finally {
    await browser.close();
  }
}

const ended = new Promise((done) => server.on("exit", (code) => done(code === 0)));
const url = await address();
const passed = url ? await run(url) : await ended;
server.kill();
process.exit(passed ? 0 : 1);
