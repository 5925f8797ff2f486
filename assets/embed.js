// <evenkeel-scene>: a scene of Evenkeel in any page. No dependency; put this file beside Evenkeel's
// index.html, or say where that is: <evenkeel-scene src="…/">.
//
// Attributes: run, scene (one of the site's, such as "world"), theme (light|dark), controls
//   (full|min|none), autoplay ("0"), background ("transparent"), lang, title, height (CSS pixels that
//   are kept free until the scene tells its own); chapter ("en/why") for a chapter, with figure
//   ("one-server") for that figure of it. Chapters and figures take no orders.
// Methods: play() pause() reset() seed(n) set({ speed, theme }) open(run) command(c) get() link()
//   watch(on). Each gives a promise of the answer.
// Events: evenkeel-ready, evenkeel-figures, evenkeel-resize, evenkeel-refused; `detail` is the message.
// The messages are described in embed.d.ts.
(function () {
  "use strict";
  if (!self.customElements || customElements.get("evenkeel-scene")) return;
  var script = document.currentScript;
  var home = script ? script.src.replace(/[^/]*$/, "") : document.baseURI;
  var QUERY = ["scene", "figure", "theme", "controls", "autoplay", "background", "lang", "title"];
  var number = 0;

  class EvenkeelScene extends HTMLElement {
    static get observedAttributes() {
      return ["src", "run", "chapter"].concat(QUERY);
    }

    connectedCallback() {
      if (this.frame) return;
      this.waiting = {};
      this.style.display = "block";
      var frame = (this.frame = document.createElement("iframe"));
      frame.setAttribute("sandbox", "allow-scripts allow-popups");
      frame.loading = "lazy";
      frame.title = this.getAttribute("title") || "Evenkeel";
      frame.style.cssText = "display:block;width:100%;border:0";
      // Kept free from the start, so that nothing on the page jumps.
      frame.style.height = (parseInt(this.getAttribute("height"), 10) || 760) + "px";
      this.hear = this.onMessage.bind(this);
      addEventListener("message", this.hear);
      frame.src = this.address();
      this.appendChild(frame);
    }

    disconnectedCallback() {
      removeEventListener("message", this.hear);
      this.frame.remove();
      this.frame = null;
    }

    attributeChangedCallback() {
      if (this.frame) this.frame.src = this.address();
    }

    address() {
      var own = this;
      var parts = ["embed=1"];
      QUERY.forEach(function (name) {
        var value = own.getAttribute(name);
        if (value !== null) parts.push(name + "=" + encodeURIComponent(value));
      });
      var run = this.getAttribute("run");
      var page = new URL(this.getAttribute("src") || home, document.baseURI);
      // Only pages, never a script's address.
      if (!/^(https?|file):$/.test(page.protocol)) page = new URL(home);
      var chapter = this.getAttribute("chapter");
      if (/^[a-z]+\/[a-z-]+$/.test(chapter)) page = new URL("chapters/" + chapter + ".html", page);
      page.search = "?" + parts.join("&");
      page.hash = run ? "run=" + encodeURIComponent(run) : "";
      return page.href;
    }

    onMessage(event) {
      var data = event.data;
      if (!this.frame || event.source !== this.frame.contentWindow) return;
      if (!data || data.version !== 1 || !/^evenkeel:[a-z]+$/.test(data.type)) return;
      var kind = data.type.slice(9);
      if (kind === "resize" && data.height > 0) {
        this.frame.style.height = Math.min(4000, Math.max(120, data.height)) + "px";
      }
      var answer = this.waiting[data.id];
      if (answer) {
        delete this.waiting[data.id];
        answer(data);
      }
      this.dispatchEvent(new CustomEvent("evenkeel-" + kind, { detail: data }));
    }

    ask(kind, fields) {
      var own = this;
      return new Promise(function (done) {
        if (!own.frame) return done(null);
        var id = "e" + ++number;
        own.waiting[id] = done;
        own.frame.contentWindow.postMessage(
          Object.assign({}, fields, { type: "evenkeel:" + kind, version: 1, id: id }),
          "*"
        );
      });
    }

    play() { return this.ask("play"); }
    pause() { return this.ask("pause"); }
    reset() { return this.ask("reset"); }
    seed(seed) { return this.ask("seed", { seed: seed }); }
    set(what) { return this.ask("set", what); }
    open(run) { return this.ask("open", { run: run }); }
    command(command) { return this.ask("command", { command: command }); }
    get() { return this.ask("get"); }
    link() { return this.ask("link"); }
    watch(on) { return this.ask("watch", { on: on }); }
  }
  customElements.define("evenkeel-scene", EvenkeelScene);
})();
