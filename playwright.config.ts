import { defineConfig } from "@playwright/test";
import { findChromium, CHROMIUM_ARGS } from "./scripts/browser.mjs";

// A port that two checkouts on one machine are unlikely to share. The workers read this file
// again and must find the same one.
process.env.EVENKEEL_TEST_PORT ??= String(20000 + (process.pid % 20000));
const port = process.env.EVENKEEL_TEST_PORT;
const url = `http://127.0.0.1:${port}/`;

// The specs run on the plain page, or with EVENKEEL_RELEASE=1 on the release. EVENKEEL_PAGE names
// another folder to serve.
const release = process.env.EVENKEEL_RELEASE === "1";
process.env.EVENKEEL_PAGE ??= release ? "dist" : "target/page";

// Some specs are for the release alone: @release, what only a release has, and @long, minutes of
// random or long use. Some are for the plain page alone: @plain, what a release is built without.
const later = release ? [/@plain/] : [/@release/, /@long/];

// A spec runs at desktop size; with @phone in its title it runs at phone size, or with
// @both at the two.
export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "test-results/files",
  // For a busy machine: a test that waits for a state waits long enough, and ends as soon as it is there.
  timeout: 90_000,
  expect: { timeout: 15_000 },
  globalTimeout: 35 * 60_000,
  // A spec that fails at times has a cause, which a second try would hide.
  retries: 0,
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  reporter: [["list"], ["json", { outputFile: "test-results/results.json" }]],
  use: {
    baseURL: url,
    // A trace of every spec would double their time.
    trace: "off",
    // A worker would answer in place of the server that the specs watch; offline.spec.ts allows it.
    serviceWorkers: "block",
    // Sixty pictures a second without a GPU would take most of the machine. Specs of motion ask for it.
    contextOptions: { reducedMotion: "reduce" },
    launchOptions: { executablePath: findChromium(), args: CHROMIUM_ARGS },
  },
  projects: [
    { name: "desktop", use: { viewport: { width: 1280, height: 800 } }, grepInvert: [/@phone/, ...later] },
    {
      name: "mobile",
      use: { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 },
      grep: /@phone|@both/,
      grepInvert: later,
    },
  ],
  webServer: {
    command: `node scripts/serve.mjs --port ${port} --dir ${process.env.EVENKEEL_PAGE}`,
    url,
    reuseExistingServer: false,
  },
});
