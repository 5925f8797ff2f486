// What the loader of the parts does when one does not arrive (scripts/split.mjs puts this into it):
// it says so on the page, goes on waiting, and tries again when the reader asks or the network is back.
// Without this the program would stop. A chapter then shows its answers as text.
let missing = 0;

function again(load) {
  const root = document.documentElement;
  const asked = (event) => event.target instanceof Element && event.target.closest("#missing button");
  root.classList.remove("js");
  missing += 1;
  root.dataset.missing = "";
  return new Promise((arrived) => {
    const retry = async (event) => {
      if (event.type === "click" && !asked(event)) return;
      try {
        await load();
      } catch {
        return; // The words still stand there.
      }
      removeEventListener("online", retry);
      removeEventListener("click", retry);
      missing -= 1;
      if (!missing) delete root.dataset.missing;
      arrived(true);
    };
    addEventListener("online", retry);
    addEventListener("click", retry);
  });
}
