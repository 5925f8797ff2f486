// A page of the benchmark: so many requests on their way, drawn by this project's painter or by PixiJS.
// `window.frames` counts the pictures, `window.script` has what each cost, in milliseconds.
const [WIDTH, HEIGHT] = [1200, 700];
const asked = new URLSearchParams(location.search);
const dots = Number(asked.get("dots"));

async function ours() {
  const { default: start, Show } = await import("/engine_wasm.js");
  await start();
  const canvas = document.body.appendChild(document.createElement("canvas"));
  const show = Show.new(canvas, WIDTH, HEIGHT, dots);
  return () => show.frame();
}

/** The same number of dots on ways of the same length and duration, by ParticleContainer. */
async function pixi() {
  const { Application, Graphics, Particle, ParticleContainer } = await import("/pixi.mjs");
  const app = new Application();
  await app.init({ width: WIDTH, height: HEIGHT, background: "#fbfaf6", antialias: true, autoStart: false, resolution: 1 });
  document.body.appendChild(app.canvas);
  const texture = app.renderer.generateTexture(new Graphics().circle(0, 0, 5.5).fill("#ffffff"));
  const container = new ParticleContainer({ dynamicProperties: { position: true, rotation: false, color: false } });
  const routes = Array.from({ length: 32 }, (_, i) => [WIDTH * 0.1, (HEIGHT * (i % 4 + 0.5)) / 4, WIDTH * 0.85, (HEIGHT * (Math.floor(i / 4) + 0.5)) / 8]);
  const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
  const parts = Array.from({ length: dots }, (_, i) => {
    const particle = new Particle({ texture, tint: colours[i % 4], anchorX: 0.5, anchorY: 0.5 });
    container.addParticle(particle);
    return { particle, route: routes[i % 32], phase: i / dots };
  });
  app.stage.addChild(container);
  let time = 0;
  return () => {
    time += 1 / 60;
    for (const { particle, route: [x0, y0, x1, y1], phase } of parts) {
      const way = (time / 1.41 + phase) % 1;
      particle.x = x0 + (x1 - x0) * way;
      particle.y = y0 + (y1 - y0) * way;
    }
    app.render();
    return dots;
  };
}

const frame = await { ours, pixi }[asked.get("by")]();
window.frames = 0;
window.script = [];
function loop() {
  const start = performance.now();
  window.seen = frame();
  window.script.push(performance.now() - start);
  window.frames += 1;
  requestAnimationFrame(loop);
}
requestAnimationFrame(loop);
