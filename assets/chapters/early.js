// Before anything is drawn: with scripts on, a figure keeps its answer back until it has run, and a
// page in a frame (`?embed=1`) is drawn without what leads round the site.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  var asked = new URLSearchParams(location.search);
  if (asked.get("embed") !== "1") return;
  root.dataset.embed = "";
  var theme = asked.get("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (asked.get("background") === "transparent") root.dataset.background = "transparent";
  // lesson.js shows the figure, or the whole chapter where there is none of that name.
  if (asked.get("figure")) root.classList.add("one-figure");
})();
