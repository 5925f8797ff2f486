// Runs the specs of tests/e2e for which `make audit` takes minutes and `make test` seconds.
import { spawnSync } from "node:child_process";

function specs(file, env, limitMinutes) {
  const args = ["test", file, "--project", "desktop", "--reporter", "line", "--workers", "1"];
  const { status, stdout } = spawnSync("node_modules/.bin/playwright", args, {
    encoding: "utf8",
    // These run on the release alone.
    env: { ...process.env, EVENKEEL_RELEASE: "1", ...env },
    timeout: limitMinutes * 60_000,
    maxBuffer: 1 << 26,
  });
  return { good: status === 0, text: stdout ?? "" };
}

const results = ({ good, text }, wanted, title, says) => {
  const rows = [...text.matchAll(wanted)].map(([, ...cells]) => cells);
  const bad = good && rows.length ? [] : [`${title}: ${text.slice(-2_000)}`];
  return { title, says, rows, good: good && rows.length ? 1 : 0, bad };
};

/** Minutes of random actions, from the day's own seed: an error names it. */
export function monkey() {
  const minutes = Number(process.env.EVENKEEL_MONKEY_MINUTES ?? 3);
  const seed = process.env.EVENKEEL_MONKEY_SEED ?? String(Math.floor(Date.now() / 86_400_000));
  const env = { EVENKEEL_MONKEY_MINUTES: String(minutes), EVENKEEL_MONKEY_SEED: seed };
  const run = specs("tests/e2e/monkey.spec.ts", env, minutes * 2 + 6);
  return {
    head: ["actions", "on", "seed"],
    ...results(run, /monkey: (\d+) actions on (.+?), seed (\d+)/g, "Random actions",
      `${minutes} minutes each: no error in the console, nothing lost.`),
  };
}

/** Ten minutes of the wall and an hour of simulated time at high load. */
export function long() {
  const minutes = Number(process.env.EVENKEEL_LONG_MINUTES ?? 10);
  const run = specs("tests/e2e/long.spec.ts", { EVENKEEL_LONG_MINUTES: String(minutes) }, minutes + 6);
  return {
    head: ["minutes of the wall", "simulated", "wasm memory, KiB", "elements", "JavaScript heap, KiB"],
    ...results(run, /long: (.+?); (.+?); (.+?); (.+?); (.+)/g, "A long run",
      "First and last reading. The time machine's copies may take 64 MiB, a bound of their own; nothing else may grow."),
  };
}
