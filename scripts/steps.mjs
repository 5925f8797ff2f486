// Runs the programs of a build step, and prints what the step does and how long it usually takes.
import { spawn } from "node:child_process";

/** Where cargo puts what it compiles. */
export const TARGET = process.env.CARGO_TARGET_DIR ?? "target";

const terminal = process.stderr.isTTY === true;

/**
 * Does one thing. `what` says what it is, `usual` how long it usually takes ("20 s"; "" for what takes no time
 * that anybody notices, which is said only when it took a second after all).
 */
export async function step(what, usual, work) {
  const started = Date.now();
  if (usual) console.error(`build: ${what} (usually ${usual})`);
  const result = await work();
  const seconds = (Date.now() - started) / 1000;
  if (usual || seconds >= 1) console.error(`build: ${what}: done in ${seconds.toFixed(1)} s`);
  return result;
}

/**
 * Runs a program to its end; resolves to what it printed. Throws where it fails. With `quiet` its warnings are shown
 * only then.
 */
export function run(program, args, { env = {}, quiet = false } = {}) {
  return new Promise((done, fail) => {
    const stdio = ["ignore", "pipe", quiet ? "pipe" : "inherit"];
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio });
    let output = "";
    let warnings = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr?.on("data", (chunk) => (warnings += chunk));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done(output) : fail(new Error(`${program} ${args[0]} failed\n${warnings}`))));
  });
}

/** Runs cargo: with its own progress at a terminal, else with its warnings and errors alone. */
export const cargo = (args, env) => run("cargo", [args[0], ...(terminal ? [] : ["--quiet"]), ...args.slice(1)], { env });
