// Before anything is drawn: with scripts on, a figure keeps its answer back until it has run.
document.documentElement.classList.add("js");
