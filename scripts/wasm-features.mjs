// The WebAssembly features that rustc's output uses, by name, for Binaryen's tools. With --all-features the tools write
// files that browsers refuse to load; without any they refuse to read rustc's output.
export const FEATURES = [
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-nontrapping-float-to-int",
  "--enable-sign-ext",
  "--enable-mutable-globals",
  "--enable-reference-types",
  "--enable-multivalue",
];
