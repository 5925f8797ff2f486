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

  addEventListener("load", function () {
    navigator.serviceWorker.register("./sw.js").then(function (registration) {
      if (registration.waiting) offer(registration.waiting);
      registration.addEventListener("updatefound", function () {
        var coming = registration.installing;
        coming.addEventListener("statechange", function () {
          // The first version of all has nobody to tell.
          if (coming.state === "installed" && navigator.serviceWorker.controller) offer(coming);
        });
      });
    }).catch(function () { /* Without it the page works as before, online. */ });
  });
})();
