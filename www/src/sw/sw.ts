// Keeps one whole version of the app on the device. A new version is fetched beside it and waits until the person says
// so: nothing changes under somebody's hands, and no page ever mixes the files of two versions.
declare const self: ServiceWorkerGlobalScope;
declare const PRECACHE: string[];
declare const VERSION: string;

const OURS = "portcullis-";
const CACHE = OURS + VERSION;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) =>
      // `reload` goes past the HTTP cache: an old file there must not become part of a new version.
      cache.addAll(PRECACHE.map((url) => new Request(url, { cache: "reload" }))),
    ),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name.startsWith(OURS) && name !== CACHE) await caches.delete(name);
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") event.waitUntil(self.skipWaiting());
  if (event.data === "version") event.ports[0]?.postMessage(VERSION);
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  // Every page load is the one page: what it shows is decided on the device.
  const wanted = request.mode === "navigate" ? "/" : url.pathname;
  if (!PRECACHE.includes(wanted)) return;
  event.respondWith(
    (async () => {
      const kept = await (await caches.open(CACHE)).match(wanted);
      return kept ?? fetch(request);
    })(),
  );
});

export {};
