// A chapter, or one figure of it, in a frame of another page: `?embed=1&figure=NAME`. It tells its height
// and refuses orders, in the messages of embed.d.ts.
const root = document.documentElement;
const around = window.parent;
const tell = (kind, fields) => around.postMessage({ type: `evenkeel:${kind}`, version: 1, ...fields }, "*");

/** Shows the figure that the address names and nothing else of the chapter. */
function alone() {
  const name = new URLSearchParams(location.search).get("figure");
  const figure = name && document.getElementById(name);
  if (figure?.matches("figure[data-figure]")) {
    figure.classList.add("shown");
    // The program wakes every figure that is in the page.
    for (const other of document.querySelectorAll("figure[data-figure]")) if (other !== figure) other.remove();
    document.title = figure.querySelector("figcaption b")?.textContent ?? document.title;
  } else {
    root.classList.remove("one-figure");
  }
}

export function start() {
  if (!("embed" in root.dataset)) return;
  alone();
  // What leads out of the frame opens beside it.
  addEventListener("click", ({ target }) => {
    const link = target.closest("a[href]:not([href^='#'])");
    if (link) Object.assign(link, { target: "_blank", rel: "noopener" });
  }, true);
  if (around === window) return;
  let told = 0;
  new ResizeObserver(() => {
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    // A fraction of a pixel more or less is no news.
    if (Math.abs(height - told) < 2) return;
    told = height;
    tell("resize", { height });
  }).observe(document.body);
  addEventListener("message", ({ source, data }) => {
    const known = /^evenkeel:(play|pause|reset|seed|set|open|command|get|watch|link)$/;
    if (source !== around || data?.version !== 1 || !known.test(data.type)) return;
    const id = /^(string|number)$/.test(typeof data.id) ? { id: data.id } : {};
    tell("refused", { ...id, reason: "A chapter and its figures take no orders." });
  });
  tell("ready", { scene: document.title });
}
