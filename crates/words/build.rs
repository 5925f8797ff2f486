//! Writes the English texts that the page's program holds: without those that only parts say which load on demand.
//! These parts load the whole file first.

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

/// How the keys of texts begin that the configuration panel, the editor and the comparison say.
const LATE: [&str; 3] = ["conf.", "edit.", "race."];
/// Of these the ones that the page itself says: the names of buttons that open a part, and faults of typed values.
const BUILT_IN: [&str; 4] = ["edit.fault.", "edit.open", "edit.title", "race.open"];

fn main() {
    let english = "../../assets/words/en.json";
    println!("cargo::rerun-if-changed={english}");
    let text = fs::read_to_string(english).expect("the English texts are part of the project");
    let mut texts: BTreeMap<String, String> =
        serde_json::from_str(&text).expect("a test reads the English texts");
    texts.retain(|key, _| {
        let begins = |with: &&str| key.starts_with(*with);
        !LATE.iter().any(begins) || BUILT_IN.iter().any(begins)
    });
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    let written = serde_json::to_string(&texts).expect("texts are strings");
    fs::write(Path::new(&out).join("built_in.json"), written).expect("the folder is there");
}
