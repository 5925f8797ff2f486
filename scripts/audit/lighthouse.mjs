// Runs Lighthouse in the installed Chromium. Accessibility, best practices and SEO must be 100. Performance depends on
// time, so its median is printed beside the goal and fails nothing.
import * as chromeLauncher from "chrome-launcher";
import inspect, { desktopConfig } from "lighthouse";
import { CHROMIUM_ARGS, findChromium } from "../browser.mjs";
import { serve } from "../serve.mjs";

const RUNS = Number(process.env.EVENKEEL_LIGHTHOUSE_RUNS ?? 5);
const GOAL = 95;
const HELD = ["accessibility", "best-practices", "seo"];
const PAGES = [
  ["first view", ""],
  ["a chapter", "chapters/en/why.html"],
  ["an embed", "?embed=1"],
];
const SETTINGS = [["desktop", desktopConfig], ["phone", undefined]];

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const score = (lhr, name) => Math.round((lhr.categories[name].score ?? 0) * 100);

/** One run of Lighthouse in a browser of its own, as an earlier one would have files at hand. */
async function once(url, config, categories) {
  const chrome = await chromeLauncher.launch({
    chromePath: findChromium(),
    chromeFlags: [...CHROMIUM_ARGS, "--headless"],
    logLevel: "silent",
  });
  try {
    const flags = { port: chrome.port, onlyCategories: categories, logLevel: "silent", output: "json" };
    return (await inspect(url, flags, config)).lhr;
  } finally {
    chrome.kill();
  }
}

/** The audits that cost points in a category. */
const faults = (lhr, name) =>
  lhr.categories[name].auditRefs
    .filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1)
    .map(({ id }) => {
      const items = (lhr.audits[id].details?.items ?? []).slice(0, 4);
      return `${id}: ${items.map((item) => item.node?.snippet ?? item.description ?? item.source ?? "").join(" ").slice(0, 600)}`;
    });

async function measure(url, config) {
  const lhr = await once(url, config, ["performance", ...HELD]);
  const speeds = [score(lhr, "performance")];
  while (speeds.length < RUNS) speeds.push(score(await once(url, config, ["performance"]), "performance"));
  return { lhr, speeds };
}

export async function lighthouse() {
  const server = await serve({ compressed: true });
  const rows = [];
  const bad = [];
  let good = 0;
  try {
    for (const [what, path] of PAGES) {
      for (const [setting, config] of SETTINGS) {
        const { lhr, speeds } = await measure(`${server.url}${path}`, config);
        const speed = median(speeds);
        const ms = (id) => `${Math.round(lhr.audits[id].numericValue)} ms`;
        rows.push([what, setting, ...HELD.map((name) => score(lhr, name)),
          `${speed} (${speeds.join(", ")})${speed < GOAL ? `, below the goal of ${GOAL}` : ""}`,
          ms("first-contentful-paint"), ms("largest-contentful-paint"), ms("total-blocking-time"),
          lhr.audits["cumulative-layout-shift"].numericValue.toFixed(3)]);
        console.log(rows.at(-1).join("  "));
        for (const name of HELD) {
          if (score(lhr, name) === 100) good += 1;
          else bad.push(`${what}, ${setting}, ${name} is ${score(lhr, name)}: ${faults(lhr, name).join("; ")}`);
        }
      }
    }
  } finally {
    await server.close();
  }
  return {
    title: "Lighthouse",
    says: `Performance is the median of ${RUNS}, on a shared machine; the rest has to be 100.`,
    head: ["page", "setting", "accessibility", "best practices", "SEO", "performance", "first paint", "largest paint", "blocked", "layout shift"],
    rows,
    bad,
    good,
  };
}
