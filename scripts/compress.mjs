// Writes compressed copies (.br, .gz) beside the files of a built folder, for static hosts that send such files. Called
// by scripts/release.mjs.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(css|html|js|json|svg|txt|wasm|webmanifest)$/;
// Below this the headers weigh more than what is saved.
const LEAST = 1_000;

/** Writes the twins of every file that compresses. */
export function compress(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((entry) => entry.isFile() && TEXT.test(entry.name))) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const content = readFileSync(file);
    if (content.length < LEAST) continue;
    const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length };
    writeFileSync(`${file}.br`, brotliCompressSync(content, { params }));
    writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }));
  }
}
