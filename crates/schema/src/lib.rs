//! The JSON Schema of a scene, written from the types that read it, and its texts in other languages.
//!
//! Titles and descriptions are the documentation of the fields, ranges are what stands beside each struct
//! (`evenkeel_sim::field`), names of algorithms are those of the catalogue in the page's words. So a new field, or a new
//! algorithm, needs no second list. The page's editor draws its form from the schema.

mod document;
mod order;

use std::collections::BTreeMap;

use evenkeel_sim::balance::algorithm::{CATALOGUE, Implementation};

/// The name of the schema's file in a built page.
pub const FILE: &str = "scenario.schema.json";

/// The schema as the text of a file, with fields in the order of the structs.
#[must_use]
pub fn text() -> String {
    order::text(&document::document())
}

/// The texts of the schema in another language: an object of English texts and translations.
///
/// `texts` is `assets/scenario.schema.LANGUAGE.json`, `words` is `assets/words/LANGUAGE.json`, which has the names of
/// algorithms.
///
/// # Errors
/// What is wrong with one of the two.
pub fn translation(texts: &str, words: &str) -> Result<String, serde_json::Error> {
    let mut texts: BTreeMap<String, String> = serde_json::from_str(texts)?;
    let words: BTreeMap<String, String> = serde_json::from_str(words)?;
    let english = english();
    for row in CATALOGUE {
        let key = format!("algorithm.{}.label", row.id);
        if let (Some(label), Some(other)) = (english.get(&key), words.get(&key)) {
            texts.insert(label.clone(), other.clone());
        }
    }
    // A program has one name in every language.
    let programs = Implementation::ALL.iter();
    for program in programs.filter(|one| **one != Implementation::Textbook) {
        texts.insert(program.label().into(), program.label().into());
    }
    serde_json::to_string(&texts)
}

/// The page's words in English, by key.
fn english() -> BTreeMap<String, String> {
    let words = include_str!("../../../assets/words/en.json");
    serde_json::from_str(words).expect("an object of texts")
}
