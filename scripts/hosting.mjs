// Writes the files of a build that are for other places: the headers that hosts must send (`_headers`, in the form of
// Netlify and Cloudflare Pages), the oEmbed answer, the widget for wikis, and the page that shows every way to embed.
// EVENKEEL_SITE is the public address of the folder, ending in "/"; without it addresses stay relative.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { change, one } from "./html.mjs";
import { addPolicy, policy } from "./policy.mjs";

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
    const widget = join(dist, "wiki-widget.txt");
    writeFileSync(widget, readFileSync(widget, "utf8").replaceAll(PLACE, site));
    change(join(dist, "index.html"), ($) => {
      // Those who read this tag know no address that it could be relative to.
      const image = one($, 'meta[property="og:image"]');
      image.attr("content", site + image.attr("content"));
      $("head").append($("<link>").attr({ rel: "canonical", href: site }));
    });
  }
  writeShow(dist);
}

/** The page that shows all ways: under the same policy, with the page's colours. */
function writeShow(dist) {
  const sheets = readdirSync(dist).filter((name) => /^tokens-[0-9a-f]+\.css$/.test(name));
  if (sheets.length !== 1) throw new Error(`${dist} has ${sheets.length} style sheets tokens-….css`);
  change(join(dist, "embedding/index.html"), ($) => {
    addPolicy($, policy([]));
    one($, 'link[href="../tokens.css"]').attr("href", `../${sheets[0]}`);
  });
}
