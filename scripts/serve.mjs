// A static file server for dist/, with nothing but Node.js.
//   node scripts/serve.mjs [--dir dist] [--port 8080] [--prefix /some/path/] [--headers none]
// --prefix serves the folder under a path, --headers none sends nothing but the content type,
// as the plainest host does. The tests start it through `serve()`.
import { createReadStream, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { HEADERS } from "./hosting.mjs";
import { read } from "./html.mjs";
import { named as policyNamed, policyOf } from "./policy.mjs";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
};

/** Types that gain by being packed. */
const PACKED = /^text\/|json$|svg\+xml$|wasm$/;

/** The policy in each text that was asked about: parsing takes longer than sending. */
const policies = new Map();
function policyIn(html) {
  if (!policies.has(html)) policies.set(html, policyOf(read(html)));
  return policies.get(html);
}

/** What a host should send. Read from the page each time, as a rebuild changes the hashes. */
function strictHeaders(root, site, file = "") {
  // The page as one file is all inline, and has a policy of its own.
  if (basename(file) === "standalone.html") return HEADERS;
  const policy = policyNamed(policyIn(readFileSync(join(root, "index.html"), "utf8")), site);
  return {
    ...HEADERS,
    // frame-ancestors counts only in the header: the page may be embedded anywhere.
    "Content-Security-Policy": `${policy}; frame-ancestors *`,
    "Cache-Control": "no-cache",
  };
}

/** What a request path names inside the root, there or not; undefined for what is outside or hidden. */
function named(root, prefix, url) {
  let path;
  try {
    path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return undefined;
  }
  if (!path.startsWith(prefix)) return undefined;
  const file = resolve(root, path.slice(prefix.length) || ".");
  const inside = file === root || file.startsWith(root + sep);
  return inside && !file.slice(root.length).includes(`${sep}.`) ? file : undefined;
}

const kind = (file) => statSync(file, { throwIfNoEntry: false });

/** The file for a request path, a folder's index.html for its name with a slash; or undefined. */
function fileFor(root, prefix, url) {
  const file = named(root, prefix, url);
  if (!file) return undefined;
  const folder = new URL(url, "http://localhost").pathname.endsWith("/");
  const whole = folder ? join(file, "index.html") : file;
  return kind(whole)?.isFile() ? whole : undefined;
}

/** Whether a request path names a folder with a page, without the slash that its own addresses need. */
function wantsSlash(root, prefix, url) {
  const file = named(root, prefix, url);
  return file !== undefined && !fileFor(root, prefix, url) && kind(join(file, "index.html"))?.isFile();
}

/** The folder's 404.html for a page that is not there, or undefined. */
const lostFor = (root, prefix, url) =>
  /\.html$|\/[^.]*$/.test(url) ? fileFor(root, prefix, new URL("404.html", `http://localhost${url}`).pathname) : undefined;

/** Each file that was packed here, by its path, with the time that it was of. */
const packed = new Map();

/** A file with gzip, packed once for each version of it. */
function gzipped(file) {
  const { mtimeMs } = statSync(file);
  if (packed.get(file)?.mtimeMs !== mtimeMs) packed.set(file, { mtimeMs, bytes: gzipSync(readFileSync(file)) });
  return packed.get(file).bytes;
}

/**
 * What is sent for a file, with its headers: its twin in an encoding that the browser takes, as hosts send it,
 * or a text or program without twins packed here, or the file itself.
 */
function encoded(request, file) {
  const taken = request.headers["accept-encoding"] ?? "";
  const [, ending, encoding] = [[/\bbr\b/, ".br", "br"], [/\bgzip\b/, ".gz", "gzip"]]
    .find(([name, ending]) => name.test(taken) && kind(file + ending)) ?? [];
  const headers = (encoding) => ({ "Content-Encoding": encoding, Vary: "Accept-Encoding" });
  if (ending) return [readFileSync(file + ending), headers(encoding)];
  const packs = /\bgzip\b/.test(taken) && PACKED.test(TYPES[extname(file)] ?? "");
  return packs ? [gzipped(file), headers("gzip")] : [readFileSync(file), {}];
}

/**
 * Starts a server; resolves to its address, port and close(). Port 0 takes any free port. `compressed` sends
 * the twins that a release has, and packs what has none; `site` serves pages as a build for this server's own address would have them.
 */
export function serve({ dir = "dist", port = 0, prefix = "/", headers = "strict", compressed = false, site = false } = {}) {
  const root = resolve(dir);
  const own = (request) => (site ? `http://${request.headers.host}/` : "");
  const server = createServer((request, response) => {
    if (wantsSlash(root, prefix, request.url)) {
      const { pathname, search } = new URL(request.url, "http://localhost");
      response.writeHead(301, { Location: `${pathname}/${search}` }).end();
      return;
    }
    const file = fileFor(root, prefix, request.url);
    if (!file && lostFor(root, prefix, request.url)) {
      // As static hosts do: the folder's own page for what is not there.
      const lost = lostFor(root, prefix, request.url);
      response.writeHead(404, { "Content-Type": TYPES[".html"], ...(headers === "strict" ? strictHeaders(root, own(request)) : {}) });
      createReadStream(lost).on("error", () => response.destroy()).pipe(response);
      return;
    }
    if (!file || !["GET", "HEAD"].includes(request.method)) {
      response.writeHead(file ? 405 : 404, { "Content-Type": "text/plain" }).end("Not here.\n");
      return;
    }
    if (site && file.endsWith(".html")) {
      const html = readFileSync(file, "utf8");
      const policy = policyIn(html);
      response.writeHead(200, { "Content-Type": TYPES[".html"], ...strictHeaders(root, own(request)) });
      response.end(policy ? html.replace(policy, () => policyNamed(policy, own(request))) : html);
      return;
    }
    const [bytes, coding] = compressed ? encoded(request, file) : [readFileSync(file), {}];
    response.writeHead(200, {
      "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
      "Content-Length": bytes.length,
      ...coding,
      ...(headers === "strict" ? strictHeaders(root, own(request), file) : {}),
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  });
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => {
      const { port } = server.address();
      const close = () => {
        server.closeAllConnections();
        return new Promise((closed) => server.close(closed));
      };
      done({ url: `http://127.0.0.1:${port}${prefix}`, port, close });
    });
  });
}

async function main() {
  const { values } = parseArgs({
    options: {
      dir: { type: "string" },
      port: { type: "string", default: "8080" },
      prefix: { type: "string" },
      headers: { type: "string" },
    },
  });
  try {
    const { url } = await serve({ ...values, compressed: true, port: Number(values.port) });
    console.log(`\n  Evenkeel is at ${url}    (Ctrl+C stops it)\n`);
  } catch (error) {
    const inUse = error.code === "EADDRINUSE";
    console.error(inUse ? `Port ${values.port} is in use; choose another: make serve PORT=8081` : error.message);
    process.exitCode = 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
