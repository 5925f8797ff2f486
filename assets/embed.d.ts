// The messages between an embedded Evenkeel (`?embed=1`) and the page around it, version 1.
// Unknown types are ignored on both sides; fields may be added within a version, none is taken away.

/** What the page around sends. `id` comes back with the answer. */
export type Ask = { version: 1; id?: string | number } & (
  | { type: "evenkeel:play" | "evenkeel:pause" | "evenkeel:reset" | "evenkeel:get" | "evenkeel:link" }
  | { type: "evenkeel:seed"; seed: number }
  | { type: "evenkeel:set"; speed?: number; theme?: "auto" | "light" | "dark" }
  /** A link to a scene, or the text after `#run=` in one. */
  | { type: "evenkeel:open"; run: string }
  /** As in a run's log: `"add_server"`, `{ fault: [1, "crash"] }`, `{ set_weight: [0, 3] }`. */
  | { type: "evenkeel:command"; command: string | Record<string, unknown> }
  | { type: "evenkeel:watch"; on: boolean }
);

export interface Server {
  id: number;
  name: string;
  /** What the balancer believes: healthy, degraded, failing, slow start, down, ejected, draining, maintenance. */
  state: string;
  weight: number;
  in_progress: number;
  /** Of the picks, 0 to 1; null before the first. */
  share: number | null;
  answered: number;
  failed: number;
}

export interface Figures {
  type: "evenkeel:figures";
  version: 1;
  id?: string | number;
  /** Simulated microseconds since the start. */
  at_us: number;
  playing: boolean;
  scene: string;
  seed: number;
  algorithm: string;
  layer: "l4" | "l7";
  /** Requests a second, in thousandths. */
  rate_permille: number;
  /** arrived = answered + failed + rejected + timed_out + in_flight, always. */
  arrived: number;
  answered: number;
  failed: number;
  rejected: number;
  timed_out: number;
  in_flight: number;
  /** The same on every machine for the same run at the same time. */
  digest: string;
  servers: Server[];
}

/** What the embedded page sends. */
export type Tell =
  | Figures
  | { type: "evenkeel:ready"; version: 1; scene: string }
  | { type: "evenkeel:resize"; version: 1; height: number }
  | { type: "evenkeel:link"; version: 1; id?: string | number; run: string }
  | { type: "evenkeel:done"; version: 1; id?: string | number }
  | { type: "evenkeel:refused"; version: 1; id?: string | number; reason: string };

export interface EvenkeelScene extends HTMLElement {
  play(): Promise<Tell>;
  pause(): Promise<Tell>;
  reset(): Promise<Tell>;
  seed(seed: number): Promise<Tell>;
  set(what: { speed?: number; theme?: "auto" | "light" | "dark" }): Promise<Tell>;
  open(run: string): Promise<Tell>;
  command(command: string | Record<string, unknown>): Promise<Tell>;
  get(): Promise<Tell>;
  link(): Promise<Tell>;
  watch(on: boolean): Promise<Tell>;
}
