//! Version 1: a run's JSON as the difference from a fixed document, in few bytes.
//!
//! The fixed document is the default scene as it was when this version was made (`v1_base.json`),
//! with its seed, no commands, at time 0. Both sides read it through today's format, so a field
//! that came later stands in it with its default and costs nothing until it is used.
//!
//! A scene that is exactly the first scene, as it was when that came (`v1_start.json`), is its name alone:
//! it is what most links are of.
//!
//! Each value is one byte, a kind and a small number, and what the kind needs. A member of a list is
//! written as the difference from the member in the same place of the fixed document, or else from
//! the one before it: a server like the last one takes its name and its address.

use std::sync::OnceLock;

use serde_json::{Map, Number, Value, json};

use super::LinkError;
use super::words::WORDS;
use crate::scenario::limits::MAX_FILE;
use crate::scenario::validate::parse;

/// The first byte of a link.
pub const VERSION: u8 = 1;

/// The default scene as it was when version 1 was made. Never to be changed.
const BASE: &str = include_str!("v1_base.json");
/// The first scene as it was when its name came to stand for it. Never to be changed.
const START: &str = include_str!("v1_start.json");
/// The text that stands for the first scene.
const START_NAME: &str = "start";
/// The greatest depth of nested values. The format needs eight.
const MAX_DEPTH: u32 = 24;
/// The most decimal places of a number that is written as a whole number.
const MAX_PLACES: u8 = 6;

/// The kinds of values, in the upper half of their first byte.
mod kind {
    /// The value of the fixed document.
    pub const SAME: u8 = 0;
    /// A constant: the small number is 0 null, 1 false, 2 true, 3 not there (in an object).
    pub const CONSTANT: u8 = 1;
    /// A whole number from 0 on.
    pub const WHOLE: u8 = 2;
    /// A negative number: −1 minus the number.
    pub const NEGATIVE: u8 = 3;
    /// A number greater than the fixed document's, by this difference.
    pub const MORE: u8 = 4;
    /// A number less than the fixed document's, by this difference.
    pub const LESS: u8 = 5;
    /// A decimal number: the small number is how many decimal places it has; the digits follow.
    pub const DECIMAL: u8 = 6;
    /// A floating-point number of eight bytes.
    pub const FLOAT: u8 = 7;
    /// A word, by its number in the list.
    pub const WORD: u8 = 8;
    /// A text with this number of bytes.
    pub const TEXT: u8 = 9;
    /// An edited text: the number of bytes from the front of the fixed document's text, the number from its end, and
    /// the text between them.
    pub const EDIT: u8 = 10;
    /// A list with this number of members.
    pub const LIST: u8 = 11;
    /// An object with this number of fields.
    pub const OBJECT: u8 = 12;
    /// The fixed document's object with this number of changed fields.
    pub const CHANGE: u8 = 13;
}

/// The small number that means that the real number follows.
const FOLLOWS: u64 = 15;
const NULL: u64 = 0;
const FALSE: u64 = 1;
const TRUE: u64 = 2;
const ABSENT: u64 = 3;

/// The fixed document that all runs differ from, parsed once.
fn base() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let scenario = parse(BASE).expect("the fixed scene is valid: every test of links reads it");
        json!({ "scenario": scenario, "seed": scenario.seed, "log": [], "at": 0 })
    })
}

/// The scene that has a name, parsed once.
fn start() -> &'static Value {
    static SCENE: OnceLock<Value> = OnceLock::new();
    SCENE.get_or_init(|| {
        json!(parse(START).expect("the first scene is valid: a test of links reads it"))
    })
}

// ===== writing =====

/// A run's JSON as bytes.
pub fn encode(json: &str) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(json).expect("it was written a moment ago");
    if value["scenario"] == *start() {
        value["scenario"] = START_NAME.into();
    }
    let mut out = Vec::new();
    write(&value, Some(base()), &mut out);
    out
}

fn head(kind: u8, number: u64, out: &mut Vec<u8>) {
    if number < FOLLOWS {
        out.push(kind << 4 | number as u8);
    } else {
        out.push(kind << 4 | FOLLOWS as u8);
        varint(number - FOLLOWS, out);
    }
}

fn varint(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn write(value: &Value, like: Option<&Value>, out: &mut Vec<u8>) {
    if like == Some(value) {
        return head(kind::SAME, 0, out);
    }
    match value {
        Value::Null => head(kind::CONSTANT, NULL, out),
        Value::Bool(false) => head(kind::CONSTANT, FALSE, out),
        Value::Bool(true) => head(kind::CONSTANT, TRUE, out),
        Value::Number(number) => write_number(number, like, out),
        Value::String(text) => write_text(text, like.and_then(Value::as_str), out),
        Value::Array(list) => {
            head(kind::LIST, list.len() as u64, out);
            let old = like.and_then(Value::as_array);
            for (place, member) in list.iter().enumerate() {
                let before = place.checked_sub(1).map(|place| &list[place]);
                let like = old.and_then(|old| old.get(place)).or(before);
                write(member, like, out);
            }
        }
        Value::Object(fields) => match like.and_then(Value::as_object) {
            // Nothing in common (another command): taking the old fields away would cost more.
            Some(old) if fields.keys().any(|key| old.contains_key(key)) => {
                write_change(fields, old, out);
            }
            _ => {
                head(kind::OBJECT, fields.len() as u64, out);
                for (key, value) in fields {
                    write_key(key, out);
                    write(value, None, out);
                }
            }
        },
    }
}

fn write_change(fields: &Map<String, Value>, old: &Map<String, Value>, out: &mut Vec<u8>) {
    let gone = old.keys().filter(|key| !fields.contains_key(*key));
    let changed = fields
        .iter()
        .filter(|&(key, value)| old.get(key) != Some(value));
    let count = gone.clone().count() + changed.clone().count();
    head(kind::CHANGE, count as u64, out);
    for key in gone {
        write_key(key, out);
        head(kind::CONSTANT, ABSENT, out);
    }
    for (key, value) in changed {
        write_key(key, out);
        write(value, old.get(key), out);
    }
}

/// A field's name: its place in the list from 1, or 0 and the name.
fn write_key(key: &str, out: &mut Vec<u8>) {
    match WORDS.iter().position(|word| *word == key) {
        Some(place) => varint(place as u64 + 1, out),
        None => {
            varint(0, out);
            varint(key.len() as u64, out);
            out.extend_from_slice(key.as_bytes());
        }
    }
}

fn write_number(number: &Number, like: Option<&Value>, out: &mut Vec<u8>) {
    if let Some(whole) = number.as_u64() {
        let shortest = match like.and_then(Value::as_u64) {
            Some(old) if whole.abs_diff(old) < whole && whole > old => (kind::MORE, whole - old),
            Some(old) if whole.abs_diff(old) < whole => (kind::LESS, old - whole),
            _ => (kind::WHOLE, whole),
        };
        head(shortest.0, shortest.1, out);
    } else if let Some(negative) = number.as_i64() {
        head(kind::NEGATIVE, negative.unsigned_abs() - 1, out);
    } else {
        let float = number.as_f64().unwrap_or(0.0);
        match (0..=MAX_PLACES).find_map(|places| digits(float, places)) {
            Some((places, digits)) => {
                head(kind::DECIMAL, u64::from(places), out);
                varint(digits, out);
            }
            None => {
                head(kind::FLOAT, 0, out);
                out.extend_from_slice(&float.to_le_bytes());
            }
        }
    }
}

/// The digits of a number with so many places, if that is the whole of it.
fn digits(float: f64, places: u8) -> Option<(u8, u64)> {
    let scaled = libm::round(float * ten_to(places));
    let fits = (0.0..9.0e15).contains(&scaled) && float.is_sign_positive();
    (fits && scaled / ten_to(places) == float).then_some((places, scaled as u64))
}

fn ten_to(places: u8) -> f64 {
    (0..places).fold(1.0, |power, _| power * 10.0)
}

fn write_text(text: &str, like: Option<&str>, out: &mut Vec<u8>) {
    if let Some(place) = WORDS.iter().position(|word| *word == text) {
        return head(kind::WORD, place as u64, out);
    }
    let (front, back) = like.map_or((0, 0), |old| in_common(text, old));
    if front + back > 1 {
        head(kind::EDIT, front as u64, out);
        varint(back as u64, out);
        varint((text.len() - front - back) as u64, out);
        out.extend_from_slice(&text.as_bytes()[front..text.len() - back]);
    } else {
        head(kind::TEXT, text.len() as u64, out);
        out.extend_from_slice(text.as_bytes());
    }
}

/// How many bytes two texts have in common at the front and at the end, in whole characters.
fn in_common(text: &str, old: &str) -> (usize, usize) {
    let same = |pair: &(char, char)| pair.0 == pair.1;
    let length = |pair: (char, char)| pair.0.len_utf8();
    let front: usize = text
        .chars()
        .zip(old.chars())
        .take_while(same)
        .map(length)
        .sum();
    let (text, old) = (text[front..].chars().rev(), old[front..].chars().rev());
    (front, text.zip(old).take_while(same).map(length).sum())
}

// ===== reading =====

/// The JSON of a run from its bytes.
pub fn decode(bytes: &[u8]) -> Result<String, LinkError> {
    let mut reader = Reader {
        bytes,
        // Text of a scene and of as many commands as a run may have.
        room: 2 * MAX_FILE,
    };
    let mut value = reader.value(Some(base()), 0)?;
    if !reader.bytes.is_empty() {
        return Err(LinkError::Damaged);
    }
    // Any other text is no scene, as the reader of scenes says.
    if value.get("scenario").and_then(Value::as_str) == Some(START_NAME) {
        value["scenario"] = start().clone();
    }
    Ok(value.to_string())
}

struct Reader<'a> {
    bytes: &'a [u8],
    /// About how many bytes of JSON may still be made.
    room: usize,
}

impl Reader<'_> {
    fn take(&mut self, count: u64) -> Result<&[u8], LinkError> {
        let count = usize::try_from(count).map_err(|_| LinkError::Damaged)?;
        let (taken, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or(LinkError::Damaged)?;
        self.bytes = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, LinkError> {
        Ok(self.take(1)?[0])
    }

    fn varint(&mut self) -> Result<u64, LinkError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7F);
            if shift == 63 && part > 1 {
                break;
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(LinkError::Damaged)
    }

    fn head(&mut self) -> Result<(u8, u64), LinkError> {
        let byte = self.byte()?;
        let small = u64::from(byte & 0x0F);
        let number = if small == FOLLOWS {
            self.varint()?
                .checked_add(FOLLOWS)
                .ok_or(LinkError::Damaged)?
        } else {
            small
        };
        Ok((byte >> 4, number))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), LinkError> {
        self.room = self.room.checked_sub(bytes).ok_or(LinkError::TooLarge)?;
        Ok(())
    }

    fn text(&mut self, length: u64) -> Result<String, LinkError> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| LinkError::Damaged)?;
        let text = text.to_string();
        self.spend(text.len())?;
        Ok(text)
    }

    fn value(&mut self, like: Option<&Value>, depth: u32) -> Result<Value, LinkError> {
        let (kind, number) = self.head()?;
        self.made(kind, number, like, depth)
    }

    fn made(
        &mut self,
        kind: u8,
        number: u64,
        like: Option<&Value>,
        depth: u32,
    ) -> Result<Value, LinkError> {
        if depth > MAX_DEPTH {
            return Err(LinkError::TooLarge);
        }
        self.spend(8)?;
        let old = || like.and_then(Value::as_u64).ok_or(LinkError::Damaged);
        let whole = |number: Option<u64>| number.map(Value::from).ok_or(LinkError::Damaged);
        match kind {
            kind::SAME => {
                let like = like.ok_or(LinkError::Damaged)?;
                self.spend(cost(like))?;
                Ok(like.clone())
            }
            kind::CONSTANT => match number {
                NULL => Ok(Value::Null),
                FALSE => Ok(Value::Bool(false)),
                TRUE => Ok(Value::Bool(true)),
                _ => Err(LinkError::Damaged),
            },
            kind::WHOLE => Ok(Value::from(number)),
            kind::NEGATIVE => {
                let number = i64::try_from(number).map_err(|_| LinkError::Damaged)?;
                Ok(Value::from(-1 - number))
            }
            kind::MORE => whole(old()?.checked_add(number)),
            kind::LESS => whole(old()?.checked_sub(number)),
            kind::DECIMAL => self.decimal(number),
            kind::FLOAT => {
                let bytes = self.take(8)?.try_into().map_err(|_| LinkError::Damaged)?;
                let number = Number::from_f64(f64::from_le_bytes(bytes));
                number.map(Value::Number).ok_or(LinkError::Damaged)
            }
            kind::WORD => {
                let word = WORDS.get(usize::try_from(number).unwrap_or(usize::MAX));
                let word = word.ok_or(LinkError::Damaged)?;
                self.spend(word.len())?;
                Ok(Value::from(*word))
            }
            kind::TEXT => self.text(number).map(Value::from),
            kind::EDIT => self.edit(number, like.and_then(Value::as_str)),
            kind::LIST => self.list(number, like.and_then(Value::as_array), depth),
            kind::OBJECT => self.object(number, &Map::new(), depth),
            kind::CHANGE => {
                let old = like.and_then(Value::as_object).ok_or(LinkError::Damaged)?;
                self.spend(old.iter().map(|(key, value)| key.len() + cost(value)).sum())?;
                self.object(number, old, depth)
            }
            _ => Err(LinkError::Damaged),
        }
    }

    fn decimal(&mut self, places: u64) -> Result<Value, LinkError> {
        let places = u8::try_from(places)
            .ok()
            .filter(|&places| places <= MAX_PLACES);
        let places = places.ok_or(LinkError::Damaged)?;
        let float = self.varint()? as f64 / ten_to(places);
        Number::from_f64(float)
            .map(Value::Number)
            .ok_or(LinkError::Damaged)
    }

    fn edit(&mut self, front: u64, old: Option<&str>) -> Result<Value, LinkError> {
        let old = old.ok_or(LinkError::Damaged)?;
        let back = self.varint()?;
        let between = self.varint()?;
        let middle = self.text(between)?;
        self.spend(old.len())?;
        let front = usize::try_from(front)
            .ok()
            .and_then(|front| old.get(..front));
        let back = usize::try_from(back).ok().and_then(|back| {
            let start = old.len().checked_sub(back)?;
            old.get(start..)
        });
        match (front, back) {
            (Some(front), Some(back)) => Ok(Value::from(format!("{front}{middle}{back}"))),
            _ => Err(LinkError::Damaged),
        }
    }

    fn list(
        &mut self,
        count: u64,
        old: Option<&Vec<Value>>,
        depth: u32,
    ) -> Result<Value, LinkError> {
        let mut list: Vec<Value> = Vec::new();
        for place in 0..count {
            let place = usize::try_from(place).map_err(|_| LinkError::Damaged)?;
            let like = old.and_then(|old| old.get(place)).or(list.last());
            let member = self.value(like, depth + 1)?;
            list.push(member);
        }
        Ok(Value::Array(list))
    }

    fn object(
        &mut self,
        count: u64,
        old: &Map<String, Value>,
        depth: u32,
    ) -> Result<Value, LinkError> {
        let mut fields = old.clone();
        for _ in 0..count {
            let key = self.key()?;
            let (kind, number) = self.head()?;
            if (kind, number) == (kind::CONSTANT, ABSENT) {
                fields.remove(&key);
            } else {
                let value = self.made(kind, number, old.get(&key), depth + 1)?;
                fields.insert(key, value);
            }
        }
        Ok(Value::Object(fields))
    }

    fn key(&mut self) -> Result<String, LinkError> {
        let number = self.varint()?;
        let Some(place) = number.checked_sub(1) else {
            let length = self.varint()?;
            return self.text(length);
        };
        let word = usize::try_from(place)
            .ok()
            .and_then(|place| WORDS.get(place));
        let word = word.ok_or(LinkError::Damaged)?;
        self.spend(word.len())?;
        Ok((*word).to_string())
    }
}

/// About how many bytes of JSON a value is.
fn cost(value: &Value) -> usize {
    8 + match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(cost).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| key.len() + cost(value))
            .sum(),
    }
}
