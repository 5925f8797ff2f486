// What a build has for other places: the headers that hosts must send (`_headers`, as Netlify and
// Cloudflare Pages read it), oEmbed's answer as a file, a wiki's widget, and the page that shows all
// ways of embedding. EVENKEEL_SITE is the public address of the folder, ending in "/"; without it
// addresses stay relative.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { policy } from "./policy.mjs";

const TITLE = "Evenkeel: a load balancer you can break";
/** Stands in the wiki's widget where the site's address belongs. */
const PLACE = "https://example.org/evenkeel/";

/** What every host should send with every file. The policy is in the page itself. */
export const HEADERS = {
  // A page in <iframe sandbox> has the origin "null": without this it can load nothing.
  "Access-Control-Allow-Origin": "*",
  "X-Content-Type-Options": "nosniff",
};

/** Writes all of it; index.html must be finished. */
export function writeHosting(dist, site = process.env.EVENKEEL_SITE ?? "") {
  const lines = Object.entries(HEADERS).map(([name, value]) => `  ${name}: ${value}\n`);
  writeFileSync(join(dist, "_headers"), `/*\n${lines.join("")}/*.wasm\n  Content-Type: application/wasm\n`);
  const frame = `<iframe src="${site}?embed=1" title="${TITLE}" sandbox="allow-scripts allow-popups" ` +
    'loading="lazy" width="100%" height="760"></iframe>';
  const oembed = { version: "1.0", type: "rich", title: TITLE, provider_name: "Evenkeel", html: frame, width: 1000, height: 760 };
  if (site) oembed.provider_url = site;
  writeFileSync(join(dist, "oembed.json"), JSON.stringify(oembed, null, 2) + "\n");
  if (site) {
    change(dist, "wiki-widget.txt", (text) => text.replaceAll(PLACE, site));
    // Those who read these tags know no address that they could be relative to.
    const whole = (html) => html.replace(/(content="?)(?=assets\/screenshot\.png)/, `$1${site}`);
    const canonical = `<link rel="canonical" href="${site}">`;
    change(dist, "index.html", (html) => whole(html).replace(/(?=<\/head>|<body)/, canonical));
  }
  writeShow(dist);
}

function change(dist, name, how) {
  const file = join(dist, name);
  writeFileSync(file, how(readFileSync(file, "utf8")));
}

/** The page that shows all ways: under the same policy, with the page's colours. */
function writeShow(dist) {
  const tokens = readdirSync(dist).find((name) => /^tokens-[0-9a-f]+\.css$/.test(name));
  change(dist, "embedding/index.html", (html) => html.replace("POLICY", policy([])).replace("tokens.css", tokens));
}
