// The configuration panel: a text becomes the scene, the scene becomes a text, and nothing that is
// pasted can harm the page.
import { expect, test } from "./test";
import { expectQuiet, openPage, reach, unfold } from "./helpers";
import { server } from "./reader";

const NGINX = `upstream shop {
    least_conn;
    server 10.1.0.1:80 weight=4;
    server 10.1.0.2:80;
    fair_queue on;
}
server {
    location / { proxy_pass http://shop; }
    listen 80
}
`;

const SITES = `gzip on;
access_log off;
upstream shop { server 10.1.0.1:80; server 10.1.0.2:80; }
server { listen 80; server_name shop.example; location / { proxy_pass http://shop; } }
server { listen 81; server_name blog.example; location / { proxy_pass http://10.1.0.9:80; } }
`;

async function openPanel(page: import("@playwright/test").Page) {
  const watched = await openPage(page);
  await unfold(page);
  await page.getByRole("button", { name: "Config" }).click();
  await expect(page.getByLabel("An nginx or HAProxy configuration")).toBeVisible();
  return watched;
}

test("a pasted configuration becomes the scene @both", async ({ page }) => {
  const watched = await openPanel(page);
  const text = page.getByLabel("An nginx or HAProxy configuration");
  await text.fill(NGINX);
  const summary = page.locator("#config-summary");
  await expect(summary).toContainText("Servers: 2.");
  await expect(summary).toContainText("Errors: 1.");
  const remarks = page.getByRole("list", { name: "Remarks on the text" }).getByRole("listitem");
  await expect(remarks.filter({ hasText: '"fair_queue" is not simulated.' })).toBeVisible();
  await expect(page.locator(".config-gutter .error")).toHaveCount(1);
  // A remark leads to its line: what it is about is selected.
  await page.getByRole("button", { name: "Line 5, column 5" }).click();
  const selected = await text.evaluate((field: HTMLTextAreaElement) =>
    field.value.slice(field.selectionStart, field.selectionEnd),
  );
  expect(selected).toBe("fair_queue on");
  await page.getByRole("button", { name: "Use as the scene" }).click();
  await expect(page.getByRole("combobox", { name: "Algorithm" })).toHaveValue("weighted_least_connections");
  await expect(page.getByRole("button", { name: /^Kill server/ })).toHaveCount(2);
  // The scene is not the one that was there before, and says so.
  const scene = page.getByRole("combobox", { name: "Scene" }).locator("option:checked");
  await expect(scene).toHaveText("Your configuration");
  const file = { name: "shop.conf", mimeType: "text/plain", buffer: Buffer.from(NGINX) };
  await page.locator(".config-file input").setInputFiles(file);
  await page.getByRole("button", { name: "Use as the scene" }).click();
  await expect(scene).toHaveText("shop.conf");
  const weight = page.getByRole("spinbutton", { name: /^Weight of server/ }).first();
  await reach(page, weight);
  await expect(weight).toHaveValue("4");
  expectQuiet(watched);
});

test("of several listeners one is opened, and another by choice @both", async ({ page }) => {
  const watched = await openPanel(page);
  await page.getByLabel("An nginx or HAProxy configuration").fill(SITES);
  const summary = page.locator("#config-summary");
  await expect(summary).toContainText("Servers: 2.");
  const listener = page.getByRole("combobox", { name: "Listener" });
  await expect(listener.getByRole("option")).toHaveText(["shop.example (80, L7)", "blog.example (81, L7)"]);
  await listener.selectOption("blog.example");
  await expect(summary).toContainText("Servers: 1.");
  await expect(listener).toHaveValue("blog.example");
  // What has no effect on balancing is one line, until it is opened.
  const others = page.getByRole("list", { name: "Remarks without effect on balancing" }).getByRole("listitem");
  await expect(others).toHaveCount(0);
  await page.getByText("Not simulated, without effect on balancing: 2").click();
  await expect(others).toHaveText([/"gzip" is not simulated/, /"access_log" is not simulated/]);
  await page.getByRole("button", { name: "Use as the scene" }).click();
  await expect(page.getByRole("button", { name: /^Kill server/ })).toHaveCount(1);
  expectQuiet(watched);
});

test("the exported text follows the stage", async ({ page }) => {
  const watched = await openPanel(page);
  for (const [program, before, after] of [
    ["nginx", "upstream ", "least_conn;"],
    ["HAProxy", "balance roundrobin", "balance leastconn"],
    ["Envoy", "lb_policy: ROUND_ROBIN", "lb_policy: LEAST_REQUEST"],
  ] as const) {
    await page.getByRole("combobox", { name: "Algorithm" }).selectOption("weighted_round_robin");
    await page.getByRole("radio", { name: program, exact: true }).check();
    const out = page.locator(".config-out");
    await expect(out).toContainText(before);
    await page.getByRole("combobox", { name: "Algorithm" }).selectOption("weighted_least_connections");
    await expect(out).toContainText(after);
  }
  expectQuiet(watched);
});

test("the text can be copied, also where the clipboard is barred, and downloaded", async ({ page }) => {
  await openPanel(page);
  await page.getByRole("radio", { name: "nginx", exact: true }).check();
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download nginx.conf" }).click();
  expect((await download).suggestedFilename()).toBe("nginx.conf");
  await page.evaluate(() => {
    const refuse = { writeText: () => Promise.reject(new Error("barred")) };
    Object.defineProperty(navigator, "clipboard", { value: refuse, configurable: true });
  });
  await page.getByRole("button", { name: "Copy" }).click();
  const field = page.getByLabel("The text to copy");
  await expect(field).toBeFocused();
  const selected = () => field.evaluate((one: HTMLTextAreaElement) => one.selectionEnd - one.selectionStart);
  await expect.poll(selected).toBeGreaterThan(300);
});

test("five megabytes are refused with the limit, and the page stays usable", async ({ page }) => {
  await openPanel(page);
  const text = page.getByLabel("An nginx or HAProxy configuration");
  await text.fill("upstream a { server 10.0.0.1:80; }");
  await text.evaluate((field: HTMLTextAreaElement) => {
    const data = new DataTransfer();
    data.setData("text", "server 10.0.0.1:80;\n".repeat(250_000));
    field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await expect(page.getByText("At most 1,048,576 are read")).toBeVisible();
  await expect(text).toHaveValue("upstream a { server 10.0.0.1:80; }");
  // The other way in.
  await text.evaluate((field: HTMLTextAreaElement) => {
    field.value = "x".repeat(5_000_000);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await expect(text).toHaveValue("upstream a { server 10.0.0.1:80; }");
  await page.getByRole("button", { name: "Kill server A" }).click();
  await expect(server(page, "A")).toContainText(/killed|down|crashed/i);
});

test("hostile names are text", async ({ page }) => {
  const watched = await openPanel(page);
  const evil = `<img src=x onerror="document.title='owned'">`;
  const text = page.getByLabel("An nginx or HAProxy configuration");
  await text.fill(`backend b\n  server ${evil.replaceAll(" ", "\\ ").replaceAll('"', '\\"')} 10.0.0.9:80\n  <script> x\n`);
  await page.getByRole("button", { name: "Use as the scene" }).click();
  await expect(page.getByRole("button", { name: /^Kill server/ })).toHaveCount(1);
  for (const program of ["nginx", "HAProxy", "Envoy"]) {
    await page.getByRole("radio", { name: program, exact: true }).check();
    await expect(page.locator(".config-out")).toContainText("10.0.0.9");
  }
  await expect(page).toHaveTitle(/Evenkeel/);
  expect(await page.locator("#app img, #app script").count()).toBe(0);
  expectQuiet(watched);
});

test("the panel is no part of the first view, and fits a narrow screen", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  const watched = await openPage(page);
  expect(watched.requests.filter((url) => /config/.test(url))).toEqual([]);
  await unfold(page);
  await page.getByRole("button", { name: "Config" }).click();
  await page.getByRole("button", { name: "Try an example" }).click();
  await expect(page.locator("#config-summary")).toContainText("Servers: 4.");
  for (const name of ["Import", "nginx", "HAProxy", "Envoy"]) {
    await page.getByRole("radio", { name, exact: true }).check();
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over, name).toBeLessThanOrEqual(0);
  }
  expectQuiet(watched);
});

test("in Spanish the panel, its diagnostics and its exports are Spanish", async ({ page }) => {
  const watched = await openPage(page, "?lang=es");
  await expect(page.locator("html")).toHaveAttribute("lang", "es");
  await page.getByRole("button", { name: "Config" }).click();
  const text = page.getByLabel("Una configuración de nginx o HAProxy");
  await text.fill(NGINX);
  const summary = page.locator("#config-summary");
  await expect(summary).toContainText("Leído como nginx. Servidores: 2.");
  await expect(summary).toContainText("Errores: 1.");
  const remarks = page.getByRole("list", { name: "Observaciones sobre el texto" }).getByRole("listitem");
  await expect(remarks.filter({ hasText: '"fair_queue" no se simula.' })).toBeVisible();
  await expect(remarks.filter({ hasText: "Error" }).first()).toContainText(/punto y coma|llave|«|;/);
  // No word of the English panel is left.
  await expect(page.locator("#config-summary, [aria-label='Observaciones sobre el texto']").first()).not.toContainText(
    /\b(the|is not|Servers|Errors|line)\b/i,
  );
  await page.getByRole("button", { name: "Línea 5, columna 5" }).click();
  await page.getByRole("button", { name: "Usar como escena" }).click();
  await expect(page.getByRole("button", { name: /^Matar servidor/ })).toHaveCount(2);
  for (const program of ["nginx", "HAProxy", "Envoy"]) {
    await page.getByRole("radio", { name: program, exact: true }).check();
    // What the export says of itself is a comment in Spanish.
    const out = page.locator(".config-out");
    await expect(out).toContainText("10.1.0.1");
    await expect(out).toContainText(/#.*\b(de|la|el|escena)\b/);
  }
  expectQuiet(watched);
});
