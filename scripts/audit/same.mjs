// The same commit gives the same bytes: built again, with nothing left of the page's first build.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";

const make = () => {
  execFileSync("make", ["dist"], { stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync("release/SHA256SUMS", "utf8");
};

export function same() {
  const first = make();
  // What cargo made of the page and its second program, and what Trunk made of that.
  rmSync("dist", { recursive: true, force: true });
  execFileSync("cargo", ["clean", "--quiet", "--release", "-p", "evenkeel", "--target", "wasm32-unknown-unknown"]);
  const second = make();
  const equal = first === second;
  return {
    title: "The same bytes",
    says: "`make dist` twice on the same commit, the second time built anew.",
    head: ["file", "SHA-256"],
    rows: second.trim().split("\n").map((line) => line.split("  ").reverse()),
    good: equal ? 1 : 0,
    bad: equal ? [] : [`the second archive differs:\n${first}${second}`],
  };
}
