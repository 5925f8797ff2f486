// The features that rustc's WebAssembly uses, by name, for Binaryen's tools: with --all-features they
// write files that browsers refuse to load, and with none they refuse to read ours.
export const FEATURES = [
  "--enable-bulk-memory",
  "--enable-bulk-memory-opt",
  "--enable-nontrapping-float-to-int",
  "--enable-sign-ext",
  "--enable-mutable-globals",
  "--enable-reference-types",
  "--enable-multivalue",
];
