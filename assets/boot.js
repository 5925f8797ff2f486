// Runs before the program and says so in words when the program cannot start. It is a separate
// file because the content-security policy allows no inline script but Trunk's loader.
(function () {
  "use strict";
  var reload = " Reload the page to try again. The picture shows what it looks like.";
  var failed = false;

  // Once the program is in the page it has removed #boot, and reports its own failures.
  function say(text) {
    var status = document.getElementById("boot-status");
    if (status && !failed) status.textContent = text;
  }

  function fail(text) {
    say(text);
    failed = true;
  }

  // Loads a program that is no part of the first view: NAME.js and NAME_bg.wasm beside the page. A page
  // that holds everything in itself puts its own function here first.
  window.evenkeelLoad = window.evenkeelLoad || function (name) {
    var at = function (file) { return new URL(file, document.baseURI).href; };
    return import(at(name + ".js")).then(function (program) {
      return program.default({ module_or_path: at(name + "_bg.wasm") });
    });
  };

  if (typeof WebAssembly !== "object") {
    fail("This browser has no WebAssembly, or it is switched off, so the program cannot run here. " +
      "The picture shows what it looks like.");
    return;
  }

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
  setTimeout(function () { say("Loading the program…"); }, 1000);
  setTimeout(function () { say("Still loading the program…"); }, 10000);
})();
