// Asks for the service worker where a page may have one, and says so when a newer version is ready.
// Not in frames: an embed leaves nothing behind on the pages of others.
(function () {
  "use strict";
  if (window.top !== window || !("serviceWorker" in navigator) || !window.isSecureContext) return;

  function offer(waiting) {
    var notice = document.getElementById("update");
    if (!notice) return;
    notice.hidden = false;
    notice.querySelector("button").onclick = function () {
      navigator.serviceWorker.addEventListener("controllerchange", function () { location.reload(); });
      waiting.postMessage("evenkeel:take-over");
    };
  }

  function watch(coming) {
    if (!coming) return;
    coming.addEventListener("statechange", function () {
      // The first version of all has nobody to tell.
      if (coming.state === "installed" && navigator.serviceWorker.controller) offer(coming);
    });
  }

  // The worker met a file of a newer version, perhaps before the page has asked for a worker itself.
  navigator.serviceWorker.addEventListener("message", function (event) {
    if (event.data !== "evenkeel:newer") return;
    navigator.serviceWorker.ready.then(function (registration) { return registration.update(); }).catch(function () {});
  });

  addEventListener("load", function () {
    var first = !navigator.serviceWorker.controller;
    navigator.serviceWorker.register("./sw.js").then(function (registration) {
      // Parts that came before the worker would be missing without a network; what was on its way when it
      // took over is told of too, once it is here.
      if (first) navigator.serviceWorker.ready.then(function (ready) {
        new PerformanceObserver(function (list) {
          var past = list.getEntries().filter(function (one) { return !one.workerStart; });
          ready.active.postMessage({ loaded: past.map(function (one) { return one.name; }) });
        }).observe({ type: "resource", buffered: true });
      });
      if (registration.waiting) offer(registration.waiting);
      watch(registration.installing);
      registration.addEventListener("updatefound", function () { watch(registration.installing); });
    }).catch(function () { /* Without it the page works as before, online. */ });
  });
})();
