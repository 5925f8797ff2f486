// The buttons over the element: what a page around a scene can ask for.
(function () {
  "use strict";
  var scene = document.getElementById("scene");
  var told = document.getElementById("told");
  var asks = {
    play: function () { return scene.play(); },
    pause: function () { return scene.pause(); },
    reset: function () { return scene.reset(); },
    kill: function () { return scene.command({ fault: [1, "crash"] }); },
    repair: function () { return scene.command({ fault: [1, "restore"] }); },
    get: function () { return scene.get(); },
  };

  function say(answer) {
    if (answer.type === "evenkeel:refused") told.textContent = "Refused: " + answer.reason;
    else if (answer.type !== "evenkeel:figures") told.textContent = "Done.";
    else {
      told.textContent =
        (answer.at_us / 1e6).toFixed(1) + " s: " + answer.arrived + " arrived, " + answer.answered +
        " answered, " + answer.failed + " failed. " + answer.servers.map(function (server) {
          return server.name + " is " + server.state;
        }).join(", ") + ".";
    }
  }

  document.querySelectorAll("button[data-do]").forEach(function (button) {
    button.addEventListener("click", function () {
      asks[button.dataset.do]().then(say);
    });
  });
})();
