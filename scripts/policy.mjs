// The content-security policy of the page. No other file states it.
import { createHash } from "node:crypto";
import { one } from "./html.mjs";

/** What names the inline scripts of a document in its policy. */
export const hashes = ($) =>
  $("script:not([src])")
    .toArray()
    .map((script) => `sha256-${createHash("sha256").update($(script).text()).digest("base64")}`);

/** @param {string[]} scriptHashes such as 'sha256-…', for inline scripts that may run */
export function policy(scriptHashes, { reloads = false } = {}) {
  const hashes = scriptHashes.map((hash) => ` '${hash}'`).join("");
  return [
    "default-src 'self'",
    `script-src 'self' 'wasm-unsafe-eval'${hashes}`,
    "style-src 'self'",
    "img-src 'self' data:",
    // `trunk serve` tells the page over a web socket to reload.
    `connect-src 'self'${reloads ? " ws:" : ""}`,
    "base-uri 'none'",
    "object-src 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** For the page as one file, which asks for nothing at all; its previews are itself again. */
export const singlePolicy = (scriptHashes) =>
  [
    "default-src 'none'",
    `script-src 'wasm-unsafe-eval'${scriptHashes.map((hash) => ` '${hash}'`).join("")}`,
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "frame-src 'self' file:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");

/**
 * A policy that names its own host too. In a sandboxed frame WebKit takes 'self' for nobody, as the frame
 * has the origin "null"; other browsers take it for the address. `site` is a whole address, or "".
 */
export const named = (policy, site) =>
  site ? policy.replaceAll(/'self'(?! http)/g, `'self' ${new URL(site).origin}`) : policy;

const META = "meta[http-equiv=Content-Security-Policy]";

/** Puts the policy into a document: after the charset, which must be near the start, and before all it is about. */
export function addPolicy($, policy) {
  $(META).remove();
  one($, "meta[charset]").after($("<meta>").attr({ "http-equiv": "Content-Security-Policy", content: policy }));
}

/** The policy that a document carries, or "" where it has none. */
export const policyOf = ($) => $(META).attr("content") ?? "";
