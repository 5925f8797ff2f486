// What a build has for other places: the headers that hosts must send (`_headers`, as Netlify and
// Cloudflare Pages read it), oEmbed's answer as a file, and the page as one file (`standalone.html`).
// EVENKEEL_SITE is the public address of the folder, ending in "/"; without it addresses stay relative.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TITLE = "Evenkeel: a load balancer you can break";

/** What every host should send with every file. The policy is in the page itself. */
export const HEADERS = {
  // A page in <iframe sandbox> has the origin "null": without this it can load nothing.
  "Access-Control-Allow-Origin": "*",
  "X-Content-Type-Options": "nosniff",
};

export function writeHosting(dist, site = process.env.EVENKEEL_SITE ?? "") {
  const lines = Object.entries(HEADERS).map(([name, value]) => `  ${name}: ${value}\n`);
  writeFileSync(join(dist, "_headers"), `/*\n${lines.join("")}/*.wasm\n  Content-Type: application/wasm\n`);
  const frame = `<iframe src="${site}?embed=1" title="${TITLE}" sandbox="allow-scripts allow-popups" ` +
    'loading="lazy" width="100%" height="760"></iframe>';
  const oembed = { version: "1.0", type: "rich", title: TITLE, provider_name: "Evenkeel", html: frame, width: 1000, height: 760 };
  if (site) oembed.provider_url = site;
  writeFileSync(join(dist, "oembed.json"), JSON.stringify(oembed, null, 2) + "\n");
}

/** The whole page in one file: no other file is asked for, and no header is needed. */
export function writeStandalone(dist) {
  const read = (name) => readFileSync(join(dist, name), "utf8");
  const base64 = (name) => readFileSync(join(dist, name)).toString("base64");
  const names = readdirSync(dist);
  const glue = names.find((name) => /^evenkeel-[0-9a-f]+\.js$/.test(name));
  const wasm = names.find((name) => /^evenkeel-[0-9a-f]+_bg\.wasm$/.test(name));
  const code = read(glue).replaceAll("</script", "<\\/script");
  const start = `initSync({ module: Uint8Array.from(atob("${base64(wasm)}"), (c) => c.charCodeAt(0)) });`;
  const local = (tag) => /(?:href|src)="?(?:\.\/)?([^"\s>]+)/.exec(tag)?.[1] ?? "";
  const html = read("index.html")
    .replace(/<meta http-equiv="?Content-Security-Policy"?[^>]*>/i, "")
    .replace(/<script type="?module"?[^>]*>[^]*?<\/script>/g, "")
    .replace(/<link[^>]*rel="?(?:modulepreload|preload|alternate)"?[^>]*>/g, "")
    .replace(/<link[^>]*rel="?stylesheet"?[^>]*>/g, (tag) => `<style>${read(local(tag))}</style>`)
    .replace(/<link[^>]*rel="?icon"?[^>]*>/g, (tag) =>
      `<link rel="icon" href="data:image/svg+xml;base64,${base64(local(tag))}">`)
    // What keeps the page for later has nothing to keep here.
    .replace(/<link[^>]*rel="?manifest"?[^>]*>|<script[^>]*src="?(?:\.\/)?offline\.js"?[^>]*><\/script>/g, "")
    .replace(/<script[^>]*src=[^>]*><\/script>/g, (tag) =>
      existsSync(join(dist, local(tag))) ? `<script>${read(local(tag))}</script>` : "")
    .replace(/src="?assets\/stage\.svg"?/, () => `src="data:image/svg+xml;base64,${base64("assets/stage.svg")}"`);
  // A function, as the code has signs that a replacement text would take for its own.
  const whole = html.replace(/<\/body>|$/, (end) => `<script type="module">${code}\n${start}</script>${end}`);
  writeFileSync(join(dist, "standalone.html"), whole);
}
