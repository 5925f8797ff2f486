// Keeps the page for when there is no network. One version's files are kept together: a page never
// gets files of two versions. The build puts three values in the place of their names:
//   VERSION  changes with any file of the page
//   FILES    what the first view needs: kept as soon as the worker is installed
//   LATER    files that are kept when they are first used, with the start of their SHA-256
const CACHE = `evenkeel-${VERSION}`;
/** Pages of their own, with all that is theirs: from the network while there is one. */
const PAGES = /^(chapters|embedding)\/|^standalone/;

self.addEventListener("install", (event) => {
  const requests = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
});

// It takes over only when the reader agrees, or when no page of the old version is open any more. A page
// that was there before it tells what it has loaded already.
self.addEventListener("message", (event) => {
  if (event.data === "evenkeel:take-over") self.skipWaiting();
  const loaded = event.data && event.data.loaded;
  if (Array.isArray(loaded)) event.waitUntil(Promise.all(loaded.map(keep)));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("evenkeel-") && name !== CACHE;
  const clear = caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))));
  event.waitUntil(clear.then(() => self.clients.claim()));
});

/** The name of a file of this page, from its address. */
const fileOf = (address) => address.slice(self.registration.scope.length).split(/[?#]/)[0];

const keep = (address) =>
  String(address).startsWith(self.registration.scope) && kept(new Request(address), fileOf(address)).catch(() => undefined);

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const file = fileOf(url.href);
  event.respondWith(PAGES.test(file) ? fresh(event.request) : kept(event.request, file));
});

/** As the host has it now; what was kept where there is no network. */
async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok && response.type === "basic") await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const found = await cache.match(request, { ignoreSearch: true });
    if (found) return found;
    throw error;
  }
}

/** What was kept, or what the host has if it is of this version. */
async function kept(request, file) {
  const cache = await caches.open(CACHE);
  // Embeds and links have what they are about behind ? and #: the file is the same.
  const found = await cache.match(request, { ignoreSearch: true });
  if (found) return found;
  const response = await fetch(request);
  if (!response.ok || response.type !== "basic") return response;
  if (file in LATER && !(await isOf(LATER[file], response.clone()))) {
    // Who shows the old version looks for the new one, and says so.
    for (const client of await self.clients.matchAll()) client.postMessage("evenkeel:newer");
    return new Response("This file is of another version of the page.\n", { status: 409 });
  }
  await cache.put(request, response.clone());
  return response;
}

async function isOf(start, response) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await response.arrayBuffer()));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("").startsWith(start);
}
