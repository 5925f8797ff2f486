//! Damaged texts for the tests that throw them at parsers, from a seed, so that a failure can be
//! had again.

use rand::{RngExt as _, SeedableRng as _};
use rand_pcg::Pcg64;
use serde_json::Value;

/// Values that are seldom meant: too big, too small, of another kind, or of another place.
const ABSURD: &[&str] = &[
    "null",
    "-1",
    "0",
    "1",
    "0.5",
    "1e300",
    "65535",
    "4294967295",
    "1099511627776",
    "18446744073709551615",
    "\"\"",
    "\"x\"",
    "\"\\u0000\"",
    "\"::1\"",
    "[]",
    "{}",
    "[[]]",
    "true",
    "false",
];

/// Chooses what to damage, and how.
pub struct Mutator {
    random: Pcg64,
}

impl Mutator {
    /// The same seed chooses the same.
    pub fn new(seed: u64) -> Self {
        Self {
            random: Pcg64::seed_from_u64(seed),
        }
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.random.random_range(0..bound)
    }

    /// A place between two characters, or at an end.
    pub fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// One of a list.
    pub fn one<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())].clone()
    }

    /// A JSON document with up to four of its values replaced, removed or put elsewhere. `more`:
    /// further values to put in, as JSON.
    pub fn json(&mut self, good: &Value, more: &[&str]) -> String {
        let mut places = Vec::new();
        pointers(good, "", &mut places);
        let mut damaged = good.clone();
        for _ in 0..=self.below(4) {
            let place = self.one(&places);
            let value = match self.below(8) {
                0 => good.pointer(&self.one(&places)).cloned(),
                1 => None,
                _ if more.is_empty() || self.below(2) == 0 => parsed(self.one(ABSURD)),
                _ => parsed(self.one(more)),
            };
            put(&mut damaged, &place, value);
        }
        damaged.to_string()
    }

    /// A text with up to three bytes changed, a piece left out or doubled, or its end cut off.
    pub fn text(&mut self, good: &str) -> String {
        let mut bytes = good.as_bytes().to_vec();
        for _ in 0..=self.below(3) {
            if bytes.is_empty() {
                break;
            }
            let at = self.below(bytes.len());
            let end = at + self.below((bytes.len() - at).min(40));
            match self.below(5) {
                0 => drop(bytes.drain(at..end)),
                1 => {
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                2 => bytes.truncate(at),
                _ => bytes[at] = (self.below(128)) as u8,
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn parsed(text: &str) -> Option<Value> {
    Some(serde_json::from_str(text).expect("it is JSON"))
}

/// Every value of a document, by pointer.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                pointers(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
}

/// Puts a value in the place of another; `None` takes it out.
fn put(document: &mut Value, place: &str, value: Option<Value>) {
    if let Some(value) = value {
        if let Some(target) = document.pointer_mut(place) {
            *target = value;
        }
        return;
    }
    let Some((parent, name)) = place.rsplit_once('/') else {
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(fields)) => drop(fields.remove(name)),
        Some(Value::Array(list)) => {
            if let Ok(index) = name.parse::<usize>()
                && index < list.len()
            {
                list.remove(index);
            }
        }
        _ => {}
    }
}
