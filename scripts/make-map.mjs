// Makes assets/map/land.txt, the coastlines of the world scene as one SVG path. Run once:
//   npm install --no-save world-atlas@2 topojson-client@3 && node scripts/make-map.mjs
// The data is Natural Earth's land at 1:110 million (public domain), in world-atlas's TopoJSON (ISC).
// Projection: equirectangular, two units a degree; x from 180° W, y from 78° N.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const from = process.argv[2] ?? '.';
const require = createRequire(pathToFileURL(`${from}/package.json`));
const { feature } = require('topojson-client');
const atlas = JSON.parse(readFileSync(require.resolve('world-atlas/land-110m.json'), 'utf8'));

const NORTH = 78;
const SOUTH = -57;
/** Points nearer to the line through their neighbours than this are left out. */
const TOLERANCE = 0.9;
/** Islands smaller than this, in square units, are left out. */
const SMALLEST = 9;

const project = ([lon, lat]) => [
  (lon + 180) * 2,
  (NORTH - Math.max(SOUTH, Math.min(NORTH, lat))) * 2,
];

const area = (ring) =>
  Math.abs(
    ring.reduce((sum, [x, y], place) => {
      const [nextX, nextY] = ring[(place + 1) % ring.length];
      return sum + x * nextY - nextX * y;
    }, 0) / 2,
  );

/** Douglas and Peucker's rule. */
function simplify(points) {
  if (points.length < 3) return points;
  const [[ax, ay], [bx, by]] = [points[0], points.at(-1)];
  const length = Math.hypot(bx - ax, by - ay);
  const off = ([x, y]) =>
    length === 0
      ? Math.hypot(x - ax, y - ay)
      : Math.abs((bx - ax) * (ay - y) - (ax - x) * (by - ay)) / length;
  let worst = 0;
  let place = 0;
  points.forEach((point, index) => {
    if (off(point) > worst) [worst, place] = [off(point), index];
  });
  if (worst <= TOLERANCE) return [points[0], points.at(-1)];
  return [...simplify(points.slice(0, place + 1)).slice(0, -1), ...simplify(points.slice(place))];
}

/** A ring over the date line goes on beyond it; a second one, a turn to the west, shows the rest. */
function unwrap(ring) {
  let turn = 0;
  const whole = ring.map(([lon, lat], place) => {
    const before = place > 0 ? ring[place - 1][0] : lon;
    if (lon - before > 180) turn -= 360;
    if (lon - before < -180) turn += 360;
    return [lon + turn, lat];
  });
  const over = (sign) => whole.some(([lon]) => sign * lon > 180);
  const moved = (by) => whole.map(([lon, lat]) => [lon + by, lat]);
  if (over(1)) return [whole, moved(-360)];
  return over(-1) ? [whole, moved(360)] : [whole];
}

const round = (number) => String(Math.round(number));
const land = feature(atlas, atlas.objects.land);
const polygons = (land.features ?? [land]).flatMap(({ geometry }) =>
  geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates,
);
const path = polygons
  .map((polygon) => polygon[0])
  .filter((ring) => ring.some(([, lat]) => lat > SOUTH))
  .flatMap(unwrap)
  .map((ring) => ring.map(project))
  .filter((ring) => area(ring) >= SMALLEST)
  .map((ring) => {
    const half = Math.floor(ring.length / 2);
    return [...simplify(ring.slice(0, half + 1)).slice(0, -1), ...simplify(ring.slice(half)).slice(0, -1)];
  })
  .filter((ring) => ring.length > 2)
  .map((ring) => {
    let [x, y] = ring[0].map(Math.round);
    const steps = ring.slice(1).map(([nextX, nextY]) => {
      const [dx, dy] = [Math.round(nextX) - x, Math.round(nextY) - y];
      [x, y] = [x + dx, y + dy];
      return `${dx}${dy < 0 ? '' : ' '}${dy}`;
    });
    return `M${ring[0].map(round).join(' ')}l${steps.join(' ').replaceAll(' -', '-')}z`;
  })
  .join('');
writeFileSync('assets/map/land.txt', path);
console.log(`assets/map/land.txt: ${path.length} bytes`);
