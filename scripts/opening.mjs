// Writes assets/opening.html: the first scene of the page as plain elements, at time 0. scripts/post-build.mjs puts
// them into the page, so that the scene is there, and moves, before the controls have loaded. The elements are taken
// from the finished page in dist/, or in the folder that is named, so that nothing jumps when the page takes their
// place. tests/e2e/opening.spec.ts fails when they have to be taken again: `make opening`.
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { CHROMIUM_ARGS, findChromium } from "./browser.mjs";
import { serve } from "./serve.mjs";

export const OPENING = "assets/opening.html";
const SIZE = { width: 1280, height: 800 };

/** Runs in the page: its elements as text, without what only the running page needs. */
function plain() {
  const app = document.getElementById("app").cloneNode(true);
  const fields = (of) => of.querySelectorAll("input, option");
  const live = fields(document.getElementById("app"));
  fields(app).forEach((field, at) => {
    field.toggleAttribute("selected", live[at].selected === true);
    field.toggleAttribute("checked", live[at].checked === true);
    if (live[at].type === "range" || live[at].type === "number") field.setAttribute("value", live[at].value);
  });
  // A closed list shows one of its algorithms: the others come with the page, so a new one changes nothing here.
  for (const option of app.querySelectorAll("#algorithm option:not([selected])")) option.remove();
  for (const group of app.querySelectorAll("#algorithm optgroup:empty")) group.remove();
  const unseen = "dialog, .notice, .settings, .side, .deeper, .first-steps, .says, .unseen, .refusal, [hidden]";
  for (const element of app.querySelectorAll(unseen)) element.remove();
  for (const element of app.querySelectorAll("*")) {
    for (const { name } of [...element.attributes]) {
      // What names and joins controls is for controls that work, beside which these stand for a moment. The policy
      // allows no style attributes.
      if (/^(id$|for$|aria-(?!expanded)|role$|tabindex$|title$|name$|style$|inputmode$|data-(?!server))/.test(name)) element.removeAttribute(name);
    }
    if (element.className === "") element.removeAttribute("class");
  }
  // Before the first pick its place says what will be told there.
  app.querySelector(".why").textContent = "Each request goes to one server. Which one, and why, is told here for every pick: who was compared, and by which numbers.";
  return app.innerHTML.replace(/<!--.*?-->/g, "").replace(/="([\w.-]+)"/g, "=$1");
}

/** The first scene of a page that has yet to be opened. */
export async function snapshot(page, url) {
  // No frame, no time.
  await page.addInitScript(() => {
    window.requestAnimationFrame = () => 0;
  });
  // A question of any kind opens without moving pictures.
  await page.goto(`${url}?still`);
  await page.locator("#boot").waitFor({ state: "detached" });
  await page.locator(".panels .latency").waitFor();
  return `${await page.evaluate(plain)}\n`;
}

async function write(dir = "dist") {
  const server = await serve({ dir });
  const browser = await chromium.launch({ executablePath: findChromium(), args: CHROMIUM_ARGS });
  try {
    writeFileSync(OPENING, await snapshot(await browser.newPage({ viewport: SIZE }), server.url));
  } finally {
    await browser.close();
    await server.close();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await write(process.argv[2]);
