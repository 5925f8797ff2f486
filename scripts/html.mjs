// Reads and changes HTML as a browser understands it, with cheerio, which parses by the HTML standard.
import { readFileSync, writeFileSync } from "node:fs";
import { load } from "cheerio";

/** A document to ask with CSS selectors. */
export const read = (html) => load(html);

/** The document in this file. */
export const readFile = (file) => load(readFileSync(file, "utf8"));

/** Changes the document in this file: `how` gets cheerio's `$`. Gives what `how` gives. */
export function change(file, how) {
  const $ = readFile(file);
  const result = how($);
  writeFileSync(file, $.html());
  return result;
}

/** The one element that this selector names. Throws where there is none or more than one. */
export function one($, selector) {
  const found = $(selector);
  if (found.length !== 1) throw new Error(`index.html has ${found.length} elements ${selector} and should have one`);
  return found;
}

/** The name of a file beside the page that a link or a script refers to. */
export const target = (element) => (element.attr("href") ?? element.attr("src") ?? "").replace(/^\.\//, "");
