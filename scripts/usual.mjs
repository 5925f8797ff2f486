// How long a step usually takes, as `make times` measured it last (docs/times.json). A step prints it at its start.
import { readFileSync } from "node:fs";

const FILE = new URL("../docs/times.json", import.meta.url);

function read() {
  try {
    return JSON.parse(readFileSync(FILE, "utf8"));
  } catch {
    return {}; // Nothing was measured yet.
  }
}

/** Seconds as people say them. */
export const said = (seconds) =>
  seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;

/** ", usually 40 s (3 min on a bare clone)", or "" for a step that was never measured. */
export function usually(step) {
  const { warm = {}, bare = {} } = read();
  if (!(step in warm) && !(step in bare)) return "";
  const first = step in warm ? `usually ${said(warm[step])}` : "";
  const cold = step in bare && bare[step] > 1.5 * (warm[step] ?? 0) ? `${said(bare[step])} on a bare clone` : "";
  return `, ${[first, cold].filter(Boolean).join(", ")}`;
}
