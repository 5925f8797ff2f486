//! Writes the English texts that the page's program holds: see `src/late.rs`.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

#[path = "src/late.rs"]
mod late;

fn main() {
    let english = "../../assets/words/en.json";
    println!("cargo::rerun-if-changed={english}");
    println!("cargo::rerun-if-changed=src/late.rs");
    let text = fs::read_to_string(english).expect("the English texts are part of the project");
    let mut texts: BTreeMap<String, String> =
        serde_json::from_str(&text).expect("a test reads the English texts");
    texts.retain(|key, _| !late::is_late(key));
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    let written = serde_json::to_string(&texts).expect("texts are strings");
    fs::write(Path::new(&out).join("built_in.json"), written).expect("the folder is there");
}
