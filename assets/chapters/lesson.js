// What a chapter's page does without the program: it loads the program when a figure comes near,
// remembers what was read, and leads to the plan where an address names nothing.
import { start } from "./frame.js";

const root = document.documentElement;
const file = (name) => new URL(name, document.baseURI).href;

// Storage may be missing or may throw, as in a sandboxed frame.
function kept(name, value) {
  try {
    const key = `evenkeel.${name}`;
    if (value !== undefined) localStorage.setItem(key, value);
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

start();

const figures = document.querySelectorAll("figure[data-figure]");
const words = JSON.parse(document.getElementById("frame")?.textContent ?? "{}");

// ----- what gives an answer away -----

// The text after a figure, and the numbers of its run anywhere in the page, until the figure has run.
const folds = document.querySelectorAll(".after");
const numbers = document.querySelectorAll(".claim[data-of]");
const all = document.querySelector(".all-answers");
const told = new Set();

function update() {
  const every = all?.getAttribute("aria-pressed") === "true";
  for (const fold of folds) fold.classList.toggle("told", every || told.has(fold.dataset.after));
  for (const number of numbers) {
    const open = every || told.has(number.dataset.of);
    number.classList.toggle("told", open);
    if (open) number.removeAttribute("aria-label");
    else number.setAttribute("aria-label", words.kept);
  }
}
function tell(figure) {
  told.add(figure);
  update();
}
for (const figure of figures) figure.addEventListener("told", () => tell(figure.id));
for (const fold of folds) {
  fold.querySelector(".cover button").addEventListener("click", () => {
    tell(fold.dataset.after);
    // The button is gone: the reader goes on with what it has opened.
    const first = fold.children[1];
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  });
}
// Who only wants to read sees all of it, in every chapter, until they want to guess again.
all?.setAttribute("aria-pressed", String(kept("answers") === "all"));
all?.addEventListener("click", () => {
  const on = all.getAttribute("aria-pressed") !== "true";
  all.setAttribute("aria-pressed", String(on));
  kept("answers", on ? "all" : "guess");
  update();
});
update();

// ----- the program -----

let loading;
function wake() {
  loading ??= import(file(root.dataset.program))
    .then((program) => program.default({ module_or_path: file(root.dataset.program.replace(/\.js$/, "_bg.wasm")) }))
    .catch(asleep);
}

// The figures do not start: say so at each, and show the answers as text.
function asleep() {
  root.classList.remove("js");
  for (const figure of figures) tell(figure.id);
  for (const figure of figures) {
    const said = document.createElement("p");
    said.className = "notice";
    said.setAttribute("role", "status");
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button";
    again.textContent = words["try-again"];
    again.addEventListener("click", () => location.reload());
    figure.querySelector(".live").before(said);
    said.append(`${words.asleep} `, again);
  }
}

if (figures.length && typeof WebAssembly !== "object") asleep();
else if (figures.length) {
  const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && wake(), {
    rootMargin: "600px",
  });
  for (const figure of figures) near.observe(figure);
}

// ----- progress -----

const main = document.querySelector("main[data-chapter]");
const end = document.querySelector("nav.steps");
function tick() {
  for (const entry of document.querySelectorAll("li[data-slug]")) {
    entry.classList.toggle("done", kept(`read.${entry.dataset.slug}`) === "1");
  }
}
if (main && end) {
  new IntersectionObserver(([seen]) => {
    if (!seen.isIntersecting) return;
    kept(`read.${main.dataset.chapter}`, "1");
    tick();
  }).observe(end);
}
tick();

// On a phone the plan is closed until it is asked for. The style sheet has hidden it before this.
const plan = document.querySelector("details.plan");
if (plan && matchMedia("(max-width: 900px)").matches) plan.open = false;
plan?.classList.add("asked");

// ----- the pictures of the plan -----

const pause = document.querySelector(".pause-pictures");
function still(on) {
  pause.setAttribute("aria-pressed", String(on));
  for (const picture of document.querySelectorAll("img[data-still]")) {
    picture.dataset.moving ??= picture.getAttribute("src");
    picture.src = on ? picture.dataset.still : picture.dataset.moving;
  }
}
pause?.addEventListener("click", () => {
  const on = pause.getAttribute("aria-pressed") !== "true";
  kept("pictures", on ? "still" : "moving");
  still(on);
});
if (pause && kept("pictures") === "still") still(true);

// ----- the quiz -----

const quiz = document.querySelector(".quiz");
quiz?.addEventListener("change", () => {
  const all = quiz.querySelectorAll("fieldset").length;
  const right = quiz.querySelectorAll(".right input:checked").length;
  const score = quiz.querySelector(".score");
  score.textContent = score.dataset.text.replace("{right}", right).replace("{all}", all);
});

// ----- a configuration, line by line -----

const before = (place) => [...figures].filter((one) => one.compareDocumentPosition(place) & 4).at(-1);

// The part of the last figure before the line: `servers`, `server-2`, `balancer`, `clients`.
function light(line, on) {
  const [part, place] = line.dataset.part.split("-");
  const found = [...(before(line)?.querySelectorAll(`.${part}`) ?? [])];
  for (const one of place ? found.slice(place - 1, place) : found) one.classList.toggle("lit", on);
}
for (const line of document.querySelectorAll(".line")) {
  for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focus", true], ["blur", false]]) {
    line.addEventListener(event, () => light(line, on));
  }
}

// What is changed in a line is an order to the running figure.
for (const field of document.querySelectorAll(".edit")) {
  field.disabled = false;
  field.addEventListener("change", () => {
    if (!field.checkValidity() || field.value === "") return;
    const { line, weight } = field.dataset;
    let order = { set_algorithm: [field.value, "nginx"] };
    if (line) order = { line: [line, field.checked] };
    if (weight) order = { set_weight: [weight, Number(field.value)] };
    before(field)?.dispatchEvent(new CustomEvent("order", { detail: JSON.stringify(order) }));
  });
  // The figure is back at its own scene, and so is the field.
  before(field)?.addEventListener("reset", () => {
    if (field.type === "checkbox") field.checked = field.defaultChecked;
    else if (field.options) field.selectedIndex = 0;
    else field.value = field.defaultValue;
  });
}

// ----- addresses that name nothing -----

const missing = document.getElementById("missing");
if (missing && new URLSearchParams(location.search).has("missing")) {
  missing.textContent = missing.dataset.text;
}
function target() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id || document.getElementById(id)) return;
  if (main || document.querySelector("[data-glossary]")) location.replace("index.html?missing=1");
}
target();
addEventListener("hashchange", target);

// ----- where to begin -----

if ("languages" in root.dataset) {
  const links = [...document.querySelectorAll("a[data-tag]")];
  const wishes = [kept("language"), ...navigator.languages].filter(Boolean);
  const fits = (wish) => links.find((link) => wish.split("-")[0] === link.dataset.tag);
  const link = wishes.map(fits).find(Boolean) ?? links[0];
  if (link) location.replace(link.href + location.search);
}
