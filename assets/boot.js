// Runs before the program and says so in words when the program cannot start. It is a separate
// file because the content-security policy allows no inline script but Trunk's loader.
(function () {
  "use strict";
  var reload = " Reload the page to try again. The picture shows what it looks like.";
  var failed = false;

  function put(text) {
    // This runs before the body is there.
    if (document.readyState === "loading") {
      addEventListener("DOMContentLoaded", function () { put(text); });
      return;
    }
    // Once the program is in the page it has removed #boot, and reports its own failures.
    var status = document.getElementById("boot-status");
    if (status) status.textContent = text;
  }

  function say(text) {
    if (!failed) put(text);
  }

  function fail(text) {
    say(text);
    failed = true;
    document.documentElement.classList.remove("opening");
  }

  // Whether the page begins with the scene that it is delivered with: nothing else is asked for, and the
  // reader's language is the one that it is in (src/ui/language.rs says which that is).
  function opens() {
    if (location.search || location.hash || window.top !== window) return false;
    var wishes = Array.from(navigator.languages || []);
    try {
      wishes.unshift(localStorage.getItem("evenkeel.language"));
    } catch (refused) {
      // Nothing may be kept here, and nothing was.
    }
    var spoken = wishes.find(function (tag) { return /^(en|es)(-|$)/i.test(tag); });
    return !/^es/i.test(spoken);
  }

  if (typeof WebAssembly !== "object") {
    fail("This browser has no WebAssembly, or it is switched off, so the program cannot run here. " +
      "The picture shows what it looks like.");
    return;
  }

  // What the program's loader waits for: that what stands here was painted, which the start would hold up, or 0.3 s
  // where nothing is painted, as in a page that is not in view. Then what follows the first view is asked for.
  window.painted = function () {
    return new Promise(function (done) {
      setTimeout(done, 300);
      try {
        new PerformanceObserver(done).observe({ type: "paint", buffered: true });
      } catch (unknown) {
        done();
      }
    }).then(function () {
      document.querySelectorAll("link[rel=later]").forEach(function (link) { link.rel = "preload"; });
    });
  };

  var opening = opens();
  if (opening) document.documentElement.classList.add("opening");

  // In the capture phase: a script that fails to load tells only its own element.
  addEventListener("error", function (event) {
    if (event.target === window || event.target.tagName === "SCRIPT") {
      fail("The program did not load." + reload);
    }
  }, true);
  addEventListener("unhandledrejection", function () {
    fail("The program did not start." + reload);
  });

  // Not at once: on most machines the program is there before the words could be read.
  var what = opening ? "the controls…" : "the program…";
  setTimeout(function () { say("Loading " + what); }, 1000);
  setTimeout(function () { say("Still loading " + what); }, 10000);
})();
