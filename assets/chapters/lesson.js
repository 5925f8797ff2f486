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
  const words = JSON.parse(document.getElementById("frame").textContent);
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

const figures = document.querySelectorAll("figure[data-figure]");
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
