// `make dist`: packs the release as one archive with its checksums. The same commit gives the same bytes: files are in
// order of their names, and have one time, one owner and one mode.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = "dist";
const OUT = "release";
const [, version] = /^version = "(.+)"$/m.exec(readFileSync("Cargo.toml", "utf8"));
const name = `evenkeel-${version}`;

/** The files of the release, without what only `make` looks at. */
function files() {
  return readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== ".release")
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

/** A header of the ustar format: POSIX.1-1988, 512 bytes. */
function header(path, size) {
  const block = Buffer.alloc(512);
  if (Buffer.byteLength(path) > 100) throw new Error(`${path} is too long for the archive`);
  block.write(path, 0);
  block.write("0000644\0", 100);
  block.write("0000000\0", 108);
  block.write("0000000\0", 116);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write("00000000000\0", 136);
  block.write("        ", 148);
  block.write("0", 156);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function archive() {
  const blocks = files().flatMap((file) => {
    const content = readFileSync(file);
    const rest = Buffer.alloc((512 - (content.length % 512)) % 512);
    return [header(`${name}/${file.slice(DIST.length + 1)}`, content.length), content, rest];
  });
  const packed = gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 9 });
  // The byte that names the system that packed it.
  packed[9] = 255;
  return packed;
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
const sums = [];
const put = (file, content) => {
  writeFileSync(join(OUT, file), content);
  sums.push(`${createHash("sha256").update(content).digest("hex")}  ${file}\n`);
};
put(`${name}.tar.gz`, archive());
writeFileSync(join(OUT, "SHA256SUMS"), sums.join(""));
process.stdout.write(sums.join(""));
