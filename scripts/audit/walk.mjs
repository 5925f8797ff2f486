// The reader's walk in three browsers, by WebDriver: open, kill, revive, weight, algorithm, layer, link, sandboxed
// embed. A browser that is not installed is named in capitals.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { Builder, By, Capabilities } from "selenium-webdriver";
import * as chromium from "selenium-webdriver/chrome.js";
import * as gecko from "selenium-webdriver/firefox.js";
import { CHROMIUM_ARGS, findChromium, onPath } from "../browser.mjs";
import { serve } from "../serve.mjs";

/** Milliseconds until a step counts as failed. */
const PATIENCE = 40_000;

async function inChromium() {
  const [binary, driver] = [findChromium(), onPath("chromedriver")];
  if (!binary || !driver) return undefined;
  const options = new chromium.Options().setBinaryPath(binary).addArguments(...CHROMIUM_ARGS, "--headless");
  const service = new chromium.ServiceBuilder(driver);
  return new Builder().forBrowser("chrome").setChromeOptions(options).setChromeService(service).build();
}

async function inFirefox() {
  const [binary, driver] = [onPath("firefox", "firefox-esr"), onPath("geckodriver")];
  if (!binary || !driver) return undefined;
  const options = new gecko.Options().setBinary(binary).addArguments("-headless");
  const service = new gecko.ServiceBuilder(driver);
  return new Builder().forBrowser("firefox").setFirefoxOptions(options).setFirefoxService(service).build();
}

/** WebKitGTK's own small browser, on a screen that is not there. */
function miniBrowser() {
  const libraries = "/usr/lib";
  const folders = readdirSync(libraries).flatMap((name) => [4.1, "4.0"].map((v) => `${libraries}/${name}/webkit2gtk-${v}/MiniBrowser`));
  return folders.find((file) => existsSync(file));
}

async function inWebKit(ended) {
  const [screen, driver] = [onPath("Xvfb"), onPath("WebKitWebDriver")];
  const binary = existsSync("/usr/lib") ? miniBrowser() : undefined;
  if (!screen || !driver || !binary) return undefined;
  const [display, port] = [`:${90 + (process.pid % 100)}`, 21_000 + (process.pid % 9_000)];
  const env = { ...process.env, DISPLAY: display, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", GDK_BACKEND: "x11" };
  const started = [
    spawn(screen, [display, "-screen", "0", "1280x900x24"], { stdio: "ignore" }),
    spawn(driver, [`--port=${port}`], { env, stdio: "ignore" }),
  ];
  ended.push(() => started.forEach((one) => one.kill()));
  await new Promise((ready) => setTimeout(ready, 1_500));
  const capabilities = new Capabilities()
    .set("browserName", "MiniBrowser")
    .set("webkitgtk:browserOptions", { binary, args: ["--automation"] });
  return new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
}

/** What a reader does, by the names that controls have. */
class Reader {
  constructor(driver) {
    this.driver = driver;
  }

  /** Waits until a script in the page gives something true. */
  until(what, script, ...args) {
    const seen = () => this.driver.executeScript(script, ...args).catch(() => false);
    return this.driver.wait(seen, PATIENCE, what);
  }

  /** The control of a name: its label, or the text on it. */
  async control(name) {
    const script = `
      const name = arguments[0];
      return [...document.querySelectorAll("button, select, input, a")].find((element) => {
        const said = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
        return said.trim() === name && element.getClientRects().length > 0;
      })`;
    await this.until(`no control ${name}`, script, name);
    return this.driver.executeScript(script, name);
  }

  async press(name) {
    const control = await this.control(name);
    // From afar, as drivers differ in what they hold to be in the way.
    await this.driver.executeScript("arguments[0].scrollIntoView({ block: 'center' }); arguments[0].click()", control);
  }

  card(name, pattern, not = false) {
    return this.until(`server ${name} ${not ? "still" : "never"} says ${pattern}`, `
      const card = [...document.querySelectorAll("[role=group]")]
        .find((group) => group.getAttribute("aria-label") === "Server " + arguments[0]);
      return !!card && new RegExp(arguments[1]).test(card.textContent) !== arguments[2]`, name, pattern, not);
  }

  async choose(name, label) {
    const control = await this.control(name);
    const option = await control.findElement(By.xpath(`.//option[normalize-space(.)="${label}"]`));
    await this.driver.executeScript(`
      const [list, option] = arguments;
      list.value = option.value;
      list.dispatchEvent(new Event("change", { bubbles: true }))`, control, option);
  }

  running() {
    return this.until("the page does not start", `
      return !document.querySelector("#boot") && document.querySelector("h1")?.textContent === "Evenkeel"`);
  }
}

const STEPS = [
  ["open", async (reader, { page }) => {
    await reader.driver.get(page);
    await reader.running();
  }],
  ["kill", async (reader) => {
    await reader.choose("Speed", "10×");
    await reader.press("Kill server B");
    await reader.card("B", "crashed");
    await reader.card("B", "ejected|down");
  }],
  ["revive", async (reader) => {
    await reader.press("Revive server B");
    await reader.card("B", "crashed|ejected|down", true);
  }],
  ["weight", async (reader) => {
    for (let more = 0; more < 3; more++) await reader.press("Raise server A's weight");
    await reader.until("the weight is not 4", "return document.querySelector('#weight-0').value === '4'");
  }],
  ["algorithm", async (reader) => {
    await reader.choose("Algorithm", "Least connections");
    await reader.until("no rule", "return /connection|progress/i.test(document.querySelector('#algorithm-rule').textContent)");
  }],
  ["layer", async (reader) => {
    await reader.press("L4");
    await reader.until("not at L4", "return document.querySelector('input[name=layer][value=L4]').checked");
  }],
  ["link", async (reader, { page }) => {
    // The address follows after a while: it has all that was done once it stays, with the run at a halt.
    await reader.press("Pause");
    await reader.until("no link that stays", `
      const [now, last, at] = [location.hash, window.lastLink ?? [], Date.now()];
      if (last[0] !== now) window.lastLink = [now, at];
      return now.startsWith("#run=") && last[0] === now && at - last[1] > 5_000`);
    const link = await reader.driver.executeScript("return location.hash");
    await reader.driver.get("about:blank");
    await reader.driver.get(`${page}${link}`);
    await reader.running();
    await reader.until("the link lost the layer or the weight", `
      return document.querySelector("input[name=layer][value=L4]").checked && document.querySelector("#weight-0").value === "4"`);
  }],
  ["sandboxed embed", async (reader, { host }) => {
    await reader.driver.get(host);
    await reader.driver.switchTo().frame(reader.driver.findElement(By.css("iframe")));
    await reader.running();
    await reader.press("Kill server B");
    await reader.card("B", "crashed");
  }],
];

/** What the page says of itself, for the message of a failed step. */
const SAID = "return location.href.slice(0, 80) + ': ' + document.body.innerText.slice(0, 200)";


/** A page of another origin with the embed in it. */
async function stranger(page) {
  const server = createServer((_request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<!doctype html><title>A wiki</title>
      <iframe sandbox="allow-scripts" src="${page}?embed=1" width="1200" height="800"></iframe>`);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { host: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

async function one(name, start, places) {
  const ended = [];
  const cells = [];
  const bad = [];
  let driver;
  try {
    driver = await start(ended);
    if (!driver) return undefined;
    const about = await driver.getCapabilities();
    const version = about.get("browserVersion") ?? "";
    const reader = new Reader(driver);
    for (const [step, walk] of STEPS) {
      try {
        await walk(reader, places);
        cells.push("yes");
      } catch (error) {
        cells.push("NO");
        const said = await driver.executeScript(SAID).catch(String);
        bad.push(`${name}, ${step}: ${error.message.replaceAll("\n", " ")}; ${said}`);
      }
    }
    return { cells: [`${name} ${version}`, ...cells], bad };
  } finally {
    await driver?.quit().catch(() => undefined);
    ended.forEach((end) => end());
  }
}

export async function walk() {
  // As built for its address: without that WebKit's sandboxed frames load nothing (scripts/policy.mjs).
  const server = await serve({ site: true });
  const around = await stranger(server.url);
  const result = {
    title: "Browsers",
    says: "The essential reader's walk, by WebDriver, on a page built with its address (EVENKEEL_SITE).",
    head: ["browser", ...STEPS.map(([name]) => name)],
    rows: [],
    notes: [],
    bad: [],
    good: 0,
  };
  const wanted = process.env.EVENKEEL_BROWSERS?.split(",");
  for (const [name, start] of [["Chromium", inChromium], ["Firefox", inFirefox], ["WebKit", inWebKit]]) {
    if (wanted && !wanted.includes(name)) continue;
    try {
      const done = await one(name, start, { page: server.url, host: around.host });
      if (!done) {
        result.notes.push(`${name.toUpperCase()} OR ITS DRIVER IS NOT HERE: the walk was not done in it.`);
        continue;
      }
      result.rows.push(done.cells);
      result.bad.push(...done.bad);
      result.good += STEPS.length - done.bad.length;
    } catch (error) {
      result.bad.push(`${name} did not start: ${error.message}`);
    }
  }
  around.close();
  await server.close();
  return result;
}
