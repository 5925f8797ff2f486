// The scene editor: every part of a scene can be edited, a step can be taken back, what is wrong is
// named at its field, and scenes are kept as files and in the browser.
import { readFileSync } from "node:fs";
import { expect, test, type Locator, type Page } from "./test";
import { expectAccessible, expectQuiet, openPage, unfold as unfoldHead } from "./helpers";
import { server } from "./reader";

// The page and its schema may be slow to come on a busy machine.
test.slow();

/** Opens the editor on one of its pages. */
async function openEditor(page: Page, part?: string): Promise<Locator> {
  await unfoldHead(page);
  await page.getByRole("button", { name: "Edit scene" }).click();
  const editor = page.getByRole("dialog", { name: "Edit the scene" });
  await expect(editor.getByRole("heading", { level: 3 })).toBeVisible({ timeout: 20_000 });
  if (part) await turn(editor, part);
  return editor;
}

/** Turns to a page of the editor, by the list or, where that is hidden, by the select. */
async function turn(editor: Locator, part: string): Promise<void> {
  const select = editor.getByRole("combobox", { name: "Part of the scene" });
  const nav = editor.getByRole("navigation", { name: "Part of the scene" });
  // The name goes on with how much is wrong there.
  const button = nav.getByRole("button", { name: new RegExp(`^${part}\\s*(\\d+ wrong)?$`) });
  await (await select.isVisible() ? select.selectOption({ label: part }) : button.click());
  await expect(editor.getByRole("heading", { level: 3, name: part, exact: true })).toBeVisible();
}

/** Opens an entry of a list. */
const entry = (editor: Locator, name: string): Locator =>
  editor.locator("details.edit-entry", { has: editor.page().locator("summary", { hasText: name }) }).first();

async function unfold(editor: Locator, name: string): Promise<Locator> {
  const found = entry(editor, name);
  if (!(await found.evaluate((it: HTMLDetailsElement) => it.open))) await found.locator("summary").first().click();
  return found;
}

async function fill(field: Locator, value: string): Promise<void> {
  await field.fill(value);
  await field.press("Tab");
}

/** The draft, as the editor saves it. */
async function saved(editor: Locator): Promise<Record<string, any>> {
  await turn(editor, "Files and kept scenes");
  const download = editor.page().waitForEvent("download");
  await editor.getByRole("button", { name: "Save the draft" }).click();
  return JSON.parse(readFileSync(await (await download).path(), "utf8"));
}

test("traffic, requests, servers, retries and a rule are edited, and the scene starts anew", async ({ page }) => {
  const watched = await openPage(page);
  const editor = await openEditor(page, "Traffic");
  await fill(editor.getByRole("spinbutton", { name: "Rate" }), "12");
  await editor.getByRole("combobox", { name: "Process" }).selectOption({ label: "Equal gaps, like a metronome" });

  await turn(editor, "Requests");
  const kind = await unfold(editor, "Checkout");
  await kind.getByRole("combobox", { name: "Distribution" }).selectOption({ label: "Always the same" });
  await fill(kind.getByRole("spinbutton", { name: "Time" }), "250");

  await turn(editor, "Servers");
  const first = await unfold(editor, "A");
  await fill(first.getByRole("textbox", { name: "Name" }), "Alba");
  await fill(first.getByRole("spinbutton", { name: "Weight" }), "5");
  await first.getByRole("checkbox", { name: "Connection limit" }).check();
  await editor.getByRole("button", { name: "Add server" }).click();
  await expect(entry(editor, "new")).toHaveAttribute("open", "");

  await turn(editor, "When things fail");
  await fill(editor.getByRole("spinbutton", { name: "Tries" }), "3");
  await editor.getByRole("checkbox", { name: "500 from the server" }).check();

  await turn(editor, "Pools and rules");
  await editor.getByRole("button", { name: "Add pool" }).click();
  await editor.getByRole("button", { name: "Add rule" }).click();
  const rule = entry(editor, "Send to a pool");
  await rule.getByRole("checkbox", { name: "Path begins with" }).check();
  await fill(rule.getByRole("textbox", { name: "Path begins with" }), "/static/");
  await fill(rule.getByRole("combobox", { name: "Pool" }), "pool");
  await expect(editor.getByText("All of it is valid.")).toBeVisible();

  const scene = await saved(editor);
  expect(scene.arrivals).toMatchObject({ rate_rps: 12, process: "steady" });
  expect(scene.classes[2].work).toEqual({ distribution: "fixed", us: 250_000 });
  expect(scene.servers[0]).toMatchObject({ name: "Alba", weight: 5, max_conns: 10 });
  expect(scene.servers).toHaveLength(5);
  expect(scene.balancer.retries).toMatchObject({ tries: 3, on: ["refused", "reset", "timed_out", "server_error"] });
  expect(scene.rules[0]).toMatchObject({ when: { path: "/static/" }, then: { pool: "pool" } });

  await editor.getByRole("button", { name: "Apply and restart" }).click();
  await expect(editor).toBeHidden();
  await expect(server(page, "Alba")).toBeVisible();
  await expect(server(page, "A")).toHaveCount(0);
  expectQuiet(watched);
});

test("steps are taken back and done again, by button and by keyboard", async ({ page }) => {
  await openPage(page);
  const editor = await openEditor(page, "Servers");
  const names = editor.locator("details.edit-entry > summary b");
  await unfold(editor, "B");
  await entry(editor, "B").getByRole("button", { name: "Remove" }).click();
  await expect(names).toHaveText(["A", "C", "D"]);
  await editor.getByRole("button", { name: "Undo" }).click();
  await expect(names).toHaveText(["A", "B", "C", "D"]);
  const second = await unfold(editor, "B");
  await second.getByRole("button", { name: "Duplicate" }).click();
  await expect(names).toHaveText(["A", "B", "B 2", "C", "D"]);
  await (await unfold(editor, "B 2")).getByRole("button", { name: "Move down" }).click();
  await expect(names).toHaveText(["A", "B", "C", "B 2", "D"]);
  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(names).toHaveText(["A", "B", "C", "D"]);
  await page.keyboard.press("Control+Shift+z");
  await expect(names).toHaveText(["A", "B", "B 2", "C", "D"]);
  await expect(editor.getByRole("button", { name: "Undo" })).not.toHaveAttribute("aria-disabled");
});

test("what is wrong is named at its field, nothing is applied, and nothing is lost", async ({ page }) => {
  await openPage(page);
  let editor = await openEditor(page, "Servers");
  const weight = (await unfold(editor, "C")).getByRole("spinbutton", { name: "Weight" });
  await fill(weight, "300");
  await expect(weight).toHaveAttribute("aria-invalid", "true");
  await expect(weight).toHaveAccessibleDescription(/300 is not between 0 and 256\./);
  await turn(editor, "Traffic");
  await editor.getByRole("button", { name: "Apply and restart" }).click();
  await expect(editor).toBeVisible();
  // What only the page's own checks know is named just the same.
  await turn(editor, "Clients");
  await fill((await unfold(editor, "β")).getByRole("textbox", { name: "Address" }), "nowhere");
  await expect(editor.getByRole("status").filter({ hasText: "2 things are wrong." })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(editor).toBeHidden();

  editor = await openEditor(page);
  await editor.getByRole("button", { name: /^Servers 3 · Weight 300 is not/ }).click();
  const again = entry(editor, "C").getByRole("spinbutton", { name: "Weight" });
  await expect(again).toBeFocused();
  await expect(again).toHaveValue("300");
  await fill(again, "3");
  await editor.getByRole("button", { name: /^Clients 2 · Address This is neither/ }).click();
  await fill(entry(editor, "β").getByRole("textbox", { name: "Address" }), "2001:db8::1");
  await turn(editor, "Servers");
  await fill((await unfold(editor, "D")).getByRole("textbox", { name: "Name" }), "A");
  await expect(entry(editor, "D").or(editor.locator("details[open]")).getByText(/is the name of servers\[0\] already/).first()).toBeVisible();
  await editor.getByRole("button", { name: "Undo" }).click();
  await expect(editor.getByText("All of it is valid.")).toBeVisible();
});

test("what was changed on the stage is in the draft and in the file, which opens as the same scene", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Add server" }).click();
  await page.getByRole("radio", { name: "L4" }).check({ force: true });
  const editor = await openEditor(page);
  const scene = await saved(editor);
  expect(scene.servers).toHaveLength(5);
  expect(scene.balancer.layer).toBe("l4");
  await turn(editor, "Scene");
  await fill(editor.getByRole("textbox", { name: "Name" }), "Another one");
  await turn(editor, "Files and kept scenes");
  const file = { name: "scene.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(scene)) };
  await editor.getByLabel("Open a scene file").setInputFiles(file);
  await expect(editor.getByRole("status").filter({ hasText: "The file is the draft now." })).toBeVisible();
  expect(await saved(editor)).toEqual(scene);
  // A wrong file changes nothing.
  const wrong = { ...file, buffer: Buffer.from(JSON.stringify({ ...scene, sead: 1 })) };
  await editor.getByLabel("Open a scene file").setInputFiles(wrong);
  await expect(editor.getByRole("alert").filter({ hasText: "sead" })).toBeVisible();
  expect(await saved(editor)).toEqual(scene);
});

test("the draft can be typed as text, by the same checks", async ({ page }) => {
  await openPage(page);
  const editor = await openEditor(page, "Files and kept scenes");
  await editor.getByText("The draft as text (JSON)").first().click();
  const text = editor.getByRole("textbox", { name: "The draft as text (JSON)" });
  await expect(text).toHaveValue(/"version": 1/);
  const scene = JSON.parse(await text.inputValue());
  await text.fill(JSON.stringify({ ...scene, seed: -1, speed: 2 }));
  await editor.getByRole("button", { name: "Take this text" }).click();
  await expect(editor.getByRole("alert").filter({ hasText: "seed: A whole number" })).toContainText("speed: A scene has no such field.");
  await text.fill("{");
  await editor.getByRole("button", { name: "Take this text" }).click();
  await expect(editor.getByRole("alert").filter({ hasText: "Line 1, column 1" })).toBeVisible();
  await text.fill(JSON.stringify({ ...scene, name: "<img src=x onerror=document.title='ran'>" }));
  await editor.getByRole("button", { name: "Take this text" }).click();
  await turn(editor, "Scene");
  await expect(editor.getByRole("textbox", { name: "Name" })).toHaveValue(/<img/);
  expect(await page.title()).toContain("Evenkeel");
});

test("a scene kept in the browser survives a reload; it is renamed, replaced only when asked, and deleted", async ({ page }) => {
  await openPage(page);
  let editor = await openEditor(page);
  await fill(editor.getByRole("textbox", { name: "Name" }), "Mine");
  await turn(editor, "Files and kept scenes");
  await editor.getByRole("button", { name: "Keep the draft" }).click();
  await expect(editor.getByRole("status").filter({ hasText: "“Mine” is kept." })).toBeVisible();
  await editor.getByRole("button", { name: "Keep the draft" }).click();
  const ask = editor.getByRole("group", { name: /Replace it\?/ });
  await expect(ask.getByRole("button", { name: "Replace" })).toBeFocused();
  await ask.getByRole("button", { name: "Leave it" }).click();
  await expect(ask).toBeHidden();

  await page.reload();
  editor = await openEditor(page, "Files and kept scenes");
  await editor.getByRole("button", { name: /^Rename ?: Mine$/ }).click();
  await editor.getByRole("textbox", { name: "New name" }).fill("Ours");
  await editor.getByRole("textbox", { name: "New name" }).press("Enter");
  await editor.getByRole("button", { name: /^Open ?: Ours$/ }).click();
  await turn(editor, "Scene");
  await expect(editor.getByRole("textbox", { name: "Name" })).toHaveValue("Mine");
  await turn(editor, "Files and kept scenes");
  await editor.getByRole("button", { name: /^Delete ?: Ours$/ }).click();
  await editor.getByRole("button", { name: "Yes, delete" }).click();
  await expect(editor.getByText("No scene is kept yet.")).toBeVisible();
});

test("where the browser keeps nothing the editor says so, and all else works", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("barred", "SecurityError");
      },
    });
  });
  const watched = await openPage(page);
  const editor = await openEditor(page, "Files and kept scenes");
  await expect(editor.getByText("This browser does not keep anything for this page")).toBeVisible();
  await expect(editor.getByRole("button", { name: "Keep the draft" })).toHaveCount(0);
  expect((await saved(editor)).name).toBe("Four equal servers");
  expectQuiet(watched);
});

test("the keyboard alone edits and applies", async ({ page }) => {
  await openPage(page);
  await page.getByRole("button", { name: "Edit scene" }).focus();
  await page.keyboard.press("Enter");
  const editor = page.getByRole("dialog", { name: "Edit the scene" });
  await expect(editor.getByRole("textbox", { name: "Name" })).toBeVisible({ timeout: 20_000 });
  const onto = async (target: Locator) => {
    for (let press = 0; press < 60; press++) {
      if (await target.evaluate((it) => it === document.activeElement)) return;
      await page.keyboard.press("Tab");
    }
    await expect(target).toBeFocused();
  };
  await onto(editor.getByRole("navigation").getByRole("button", { name: "Servers" }));
  await page.keyboard.press("Enter");
  await onto(editor.locator("summary", { hasText: "A" }).first());
  await page.keyboard.press("Enter");
  const name = editor.getByRole("textbox", { name: "Name" });
  await onto(name);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Keys");
  await onto(editor.getByRole("button", { name: "Apply and restart" }));
  await page.keyboard.press("Enter");
  await expect(editor).toBeHidden();
  await expect(server(page, "Keys")).toBeVisible();
});

test("axe finds nothing on any page of the editor @both", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await openPage(page);
  const editor = await openEditor(page);
  for (const part of ["Scene", "Requests", "Checks", "Servers", "Pools and rules", "Two balancers", "Name and world", "Files and kept scenes"]) {
    await turn(editor, part);
    for (const add of ["Add rule", "Add server"]) {
      const button = editor.getByRole("button", { name: add });
      if (await button.isVisible()) await button.click();
    }
    const switches = editor.getByRole("checkbox", { name: /^(A pair of balancers|A world|A name)$/ });
    for (const one of await switches.all()) await one.check();
    await expectAccessible(page, { inside: "dialog.edit", what: part });
  }
});

for (const width of [320, 390]) {
  test(`no sideways scrolling in the editor at ${width}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 720 });
    await openPage(page);
    const editor = await openEditor(page);
    for (const part of ["Traffic", "Requests", "Servers", "Pools and rules", "Files and kept scenes"]) {
      await turn(editor, part);
      const entries = editor.locator("details.edit-entry > summary");
      if (await entries.count()) await entries.first().click();
      const wide = await editor.evaluate((dialog) => {
        const inner = dialog.querySelector(".edit-page");
        return Math.max(document.documentElement.scrollWidth - innerWidth, inner ? inner.scrollWidth - inner.clientWidth : 0);
      });
      expect(wide, part).toBeLessThanOrEqual(0);
    }
    await expect(editor.getByRole("button", { name: "Apply and restart" })).toBeInViewport();
  });
}
