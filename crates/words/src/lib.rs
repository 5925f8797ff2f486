//! The texts of the page: one file for each language, `assets/words/*.json`, from flat keys to whole sentences.
//!
//! ```
//! use evenkeel_words::t;
//! assert_eq!(t!("fault.crash.fact", name = "B"), "Server B was killed.");
//! ```
//!
//! English is built in; another language loads when it is chosen ([`choose`]). The text of a key that a language lacks
//! is English. [`t!`](crate::t) takes the key as a literal and a value for each slot; [`say`] is for the few keys that
//! are made from an identity (`algorithm.round_robin.rule`), whose families are listed in `tests/it/words.rs`.
//!
//! In a text,
//! - `{name}` is replaced by the value of that name: a text as it is, a whole number as the language writes it
//!   (`1,318`);
//! - `{name|request is|requests are}` is replaced by the form for the number of that name: the first for 1.
//!
//! To add a text, add a line to `en.json` and to each other language, and use `t!`. Texts are whole sentences or whole
//! labels, never parts to be joined, since the order of words differs from language to language. To add a language, add
//! its file, and a row in [`LANGUAGES`].

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

mod fill;
pub mod late;
pub mod number;

/// The languages: the name of the file, and the language's own name. The first is built in.
pub const LANGUAGES: &[(&str, &str)] = &[("en", "English"), ("es", "Español")];

/// A value for a slot.
pub enum TextSlot<'a> {
    /// Put in as it is.
    Text(Cow<'a, str>),
    /// A whole number, written by the language's rules, and what decides the form.
    Count(u64),
}

impl<'a> From<&'a str> for TextSlot<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text.into())
    }
}

impl<'a> From<&'a String> for TextSlot<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for TextSlot<'_> {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<u64> for TextSlot<'_> {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<u32> for TextSlot<'_> {
    fn from(number: u32) -> Self {
        Self::Count(number.into())
    }
}

impl From<usize> for TextSlot<'_> {
    fn from(number: usize) -> Self {
        Self::Count(number as u64)
    }
}

/// A language: its texts by key.
struct Table(BTreeMap<String, String>);

impl Table {
    fn parse(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }
}

/// The English texts that a program begins with. The page's program lacks those of parts that load on demand
/// ([`late`]): see [`add_english`].
const BUILT_IN: &str = if cfg!(target_arch = "wasm32") {
    include_str!(concat!(env!("OUT_DIR"), "/built_in.json"))
} else {
    include_str!("../../../assets/words/en.json")
};

thread_local! {
    static ENGLISH: RefCell<Table> = RefCell::new(
        Table::parse(BUILT_IN).expect("the file is part of the program, and a test reads it"),
    );
    /// Whether the English texts are all there.
    static WHOLE: Cell<bool> = const { Cell::new(!cfg!(target_arch = "wasm32")) };
    /// The language that was chosen, where it is not English.
    static CHOSEN: RefCell<Option<Table>> = const { RefCell::new(None) };
}

/// Chooses the language of all texts; `json` is its file, `None` is English. Returns false, with nothing changed, if
/// the file cannot be read.
pub fn choose(json: Option<&str>) -> bool {
    let table = json.map(Table::parse);
    if matches!(table, Some(None)) {
        return false;
    }
    CHOSEN.with_borrow_mut(|chosen| *chosen = table.flatten());
    true
}

/// Whether every text can be said in the chosen language.
#[must_use]
pub fn is_whole() -> bool {
    WHOLE.get() || CHOSEN.with_borrow(Option::is_some)
}

/// Takes in the whole file of English texts. Returns false, with nothing changed, if the file cannot be read.
pub fn add_english(json: &str) -> bool {
    let Some(table) = Table::parse(json) else {
        return false;
    };
    ENGLISH.set(table);
    WHOLE.set(true);
    true
}

/// The text of a key in the chosen language, with its slots filled. A key that no language has is returned as it is, so
/// that a reader sees which text is missing.
#[must_use]
pub fn say(key: &str, slots: &[(&str, TextSlot<'_>)]) -> String {
    with_text(key, |text| fill::fill(text, slots))
}

/// Gives `use_it` the bare text of a key.
fn with_text<T>(key: &str, use_it: impl FnOnce(&str) -> T) -> T {
    CHOSEN.with_borrow(|chosen| {
        let found = chosen.as_ref().and_then(|table| table.0.get(key));
        match found {
            Some(text) => use_it(text),
            None => {
                ENGLISH.with_borrow(|table| use_it(table.0.get(key).map_or(key, String::as_str)))
            }
        }
    })
}

/// The parts of a text before and after its one slot, for a page that puts an element there.
#[must_use]
pub fn around(key: &str) -> (String, String) {
    with_text(key, |text| {
        let (before, slot) = text.split_once('{').unwrap_or((text, ""));
        let after = slot.split_once('}').map_or("", |(_, after)| after);
        (before.to_string(), after.to_string())
    })
}

/// A name or a note of one of the project's own scenes as the page shows it in the chosen language: the text of
/// `scene.` and what stands in the scene's file, where there is one. Any other text is given back as it is.
/// Names in files stay as they are, since links and saved scenes hold them.
#[must_use]
pub fn scene_text(text: &str) -> String {
    let key = format!("scene.{text}");
    with_text(&key, |found| {
        if found == key { text } else { found }.to_string()
    })
}

/// The text of a key: `t!("stage.add")`, or with values for its slots:
/// `t!("fault.crash.fact", name = &server.name)`. See [`words`](crate).
#[macro_export]
macro_rules! t {
    ($key:literal) => {
        $crate::say($key, &[])
    };
    ($key:literal, $($name:ident = $value:expr),+ $(,)?) => {
        $crate::say($key, &[$((stringify!($name), $crate::TextSlot::from($value))),+])
    };
}
