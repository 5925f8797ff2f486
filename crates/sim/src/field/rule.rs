//! The rules that a field of a scene can have.

use std::collections::BTreeMap;

use super::value::{PartValue, TextValue, TimeValue, WholeValue};
use super::{Checked, Faults, MAX_HEADERS, MAX_SPAN_US, MAX_TEXT, place};

/// What a field may hold, and how the editor shows it. `K` is the kind of rule.
#[derive(Clone, Copy, Debug)]
pub struct FieldRule<K> {
    /// The range of the field.
    pub kind: K,
    /// What the editor is told of the field.
    pub hints: FieldHints,
}

/// What the editor is told of a field, besides its title and its description, which are the field's documentation.
#[derive(Clone, Copy, Debug)]
pub struct FieldHints {
    /// The unit in which the form shows a number (`x-unit`); empty is none.
    pub unit: &'static str,
    /// How many units of the file are one unit of the form (`x-per`).
    pub per: u32,
    /// The value that a new entry begins with, as JSON; text that is no JSON stands for itself.
    pub example: &'static str,
    /// The list whose names the field takes (`x-names`); empty is none.
    pub names: &'static str,
    /// The page of the editor that has the field (`x-parts`); empty is that of the part.
    pub page: &'static str,
    /// The title, where the field has no documentation of its own, or that of an entry of a list of names; else empty.
    pub title: &'static str,
    /// The description, where the field has no documentation of its own; else empty.
    pub description: &'static str,
}

/// Nothing to tell.
const NOTHING: FieldHints = FieldHints {
    unit: "",
    per: 1,
    example: "",
    names: "",
    page: "",
    title: "",
    description: "",
};

impl<K> FieldRule<K> {
    const fn of(kind: K) -> Self {
        Self {
            kind,
            hints: NOTHING,
        }
    }

    /// With a unit of the form: `per` of the file are one of it.
    #[must_use]
    pub const fn unit(mut self, unit: &'static str, per: u32) -> Self {
        (self.hints.unit, self.hints.per) = (unit, per);
        self
    }

    /// With a value that a new entry begins with, as JSON; text that is no JSON stands for itself.
    #[must_use]
    pub const fn example(mut self, example: &'static str) -> Self {
        self.hints.example = example;
        self
    }

    /// With the list whose names the field takes: `clients`, `servers`, `pools` or `resolvers`.
    #[must_use]
    pub const fn names(mut self, list: &'static str) -> Self {
        self.hints.names = list;
        self
    }

    /// With the page of the editor that has the field.
    #[must_use]
    pub const fn page(mut self, page: &'static str) -> Self {
        self.hints.page = page;
        self
    }

    /// With a title and a description, for a field that has no documentation of its own, or for the entries of a list of
    /// names.
    #[must_use]
    pub const fn told(mut self, title: &'static str, description: &'static str) -> Self {
        (self.hints.title, self.hints.description) = (title, description);
        self
    }
}

/// A whole number between two bounds.
#[derive(Clone, Copy, Debug)]
pub struct WholeRange {
    /// The smallest value that is allowed.
    pub min: u32,
    /// The largest value that is allowed.
    pub max: u32,
}

/// A whole number, `min` to `max`.
#[must_use]
pub const fn whole(min: u32, max: u32) -> FieldRule<WholeRange> {
    FieldRule::of(WholeRange { min, max })
}

impl FieldRule<WholeRange> {
    /// Checks the value of a field.
    pub fn check(&self, value: &impl WholeValue, place: &str, faults: &mut Faults) {
        let WholeRange { min, max } = self.kind;
        if let Some(value) = value.whole() {
            faults.check((min..=max).contains(&value), place, || {
                format!("{value} is not between {min} and {max}")
            });
        }
    }
}

/// A number between two bounds.
#[derive(Clone, Copy, Debug)]
pub struct RealRange {
    /// The smallest value that is allowed.
    pub min: f64,
    /// Whether the smallest value itself is too small.
    pub above: bool,
    /// The largest value that is allowed.
    pub max: f64,
}

/// A number, `min` to `max`.
#[must_use]
pub const fn real(min: f64, max: f64) -> FieldRule<RealRange> {
    let above = false;
    FieldRule::of(RealRange { min, above, max })
}

/// A number above `min`, up to `max`.
#[must_use]
pub const fn above(min: f64, max: f64) -> FieldRule<RealRange> {
    let above = true;
    FieldRule::of(RealRange { min, above, max })
}

impl FieldRule<RealRange> {
    /// Checks the value of a field.
    pub fn check(&self, value: &f64, place: &str, faults: &mut Faults) {
        let RealRange { min, above, max } = self.kind;
        let value = *value;
        if above {
            faults.check(value > min && value <= max, place, || {
                format!("{value} is not over {min} and up to {max}")
            });
        } else {
            faults.check((min..=max).contains(&value), place, || {
                format!("{value} is not between {min} and {max}")
            });
        }
    }
}

/// A time of at most an hour.
#[derive(Clone, Copy, Debug)]
pub struct SpanRange {
    /// The shortest time, in microseconds.
    pub min_us: u64,
}

/// A time between `min_us` microseconds and an hour. The form shows milliseconds.
#[must_use]
pub const fn span(min_us: u64) -> FieldRule<SpanRange> {
    FieldRule::of(SpanRange { min_us })
}

impl FieldRule<SpanRange> {
    /// Checks the value of a field.
    pub fn check(&self, value: &impl TimeValue, place: &str, faults: &mut Faults) {
        let (us, min) = (value.span().as_us(), self.kind.min_us);
        faults.check((min..=MAX_SPAN_US).contains(&us), place, || {
            format!("{us} is not between {min} and {MAX_SPAN_US} microseconds")
        });
    }
}

/// A text of at most [`MAX_TEXT`] characters.
#[derive(Clone, Copy, Debug)]
pub struct TextLength {
    /// Whether it may be blank.
    pub blank: bool,
}

/// A text of at most [`MAX_TEXT`] characters that is not blank.
pub const NAME: FieldRule<TextLength> = FieldRule::of(TextLength { blank: false });

/// A text of at most [`MAX_TEXT`] characters.
pub const TEXT: FieldRule<TextLength> = FieldRule::of(TextLength { blank: true });

impl FieldRule<TextLength> {
    /// Checks the value of a field; of a list, each entry.
    pub fn check(&self, value: &impl TextValue, place: &str, faults: &mut Faults) {
        value.each_text(place, &mut |place, text| {
            let blank = !self.kind.blank && text.trim().is_empty();
            faults.check(!blank, place, || "is empty".into());
            length(text, place, faults);
        });
    }
}

fn length(text: &str, place: &str, faults: &mut Faults) {
    let length = text.chars().count();
    faults.check(length <= MAX_TEXT, place, || {
        format!("{length} characters are more than the limit of {MAX_TEXT}")
    });
}

/// An object of names and texts.
#[derive(Clone, Copy, Debug)]
pub struct TextPairs;

/// An object of at most [`MAX_HEADERS`] names and texts.
pub const PAIRS: FieldRule<TextPairs> = FieldRule::of(TextPairs);

impl FieldRule<TextPairs> {
    /// Checks the value of a field.
    pub fn check(&self, pairs: &BTreeMap<String, String>, at: &str, faults: &mut Faults) {
        faults.check(pairs.len() <= MAX_HEADERS, at, || {
            format!("{} are more than the limit of {MAX_HEADERS}", pairs.len())
        });
        for (name, value) in pairs {
            NAME.check(name, at, faults);
            TEXT.check(value, &place(at, name), faults);
        }
    }
}

/// A part with fields of its own.
#[derive(Clone, Copy, Debug)]
pub struct PartFields;

/// A part with fields of its own, or `null` where it may be missing.
pub const PART: FieldRule<PartFields> = FieldRule::of(PartFields);

impl FieldRule<PartFields> {
    /// Checks the fields of the part.
    pub fn check<T: Checked>(&self, value: &impl PartValue<T>, place: &str, faults: &mut Faults) {
        value.each(place, &mut |place, part: &T| part.check(place, faults));
    }
}

/// A list of parts.
#[derive(Clone, Copy, Debug)]
pub struct ListLength {
    /// The smallest number of entries.
    pub min: usize,
    /// The largest number of entries.
    pub max: usize,
    /// What an entry is called, in the plural.
    pub entries: &'static str,
    /// Whether one entry needs a share over 0.
    pub shared: bool,
}

/// A list of `min` to `max` parts.
#[must_use]
pub const fn list(min: usize, max: usize) -> FieldRule<ListLength> {
    FieldRule::of(ListLength {
        min,
        max,
        entries: "entries",
        shared: false,
    })
}

impl FieldRule<ListLength> {
    /// With another word for the entries.
    #[must_use]
    pub const fn of_entries(mut self, entries: &'static str) -> Self {
        self.kind.entries = entries;
        self
    }

    /// With entries that have a `share`, of which one needs to be over 0.
    #[must_use]
    pub const fn with_shares(mut self) -> Self {
        self.kind.shared = true;
        self
    }

    /// Checks the length of the list and each entry.
    pub fn check<T: Checked>(&self, list: &[T], place: &str, faults: &mut Faults) {
        let ListLength {
            min, max, entries, ..
        } = self.kind;
        let count = list.len();
        faults.check((min..=max).contains(&count), place, || match min {
            0 => format!("{count} are more than the limit of {max}"),
            _ => format!("{count} {entries}; between {min} and {max} are needed"),
        });
        for (index, entry) in list.iter().enumerate() {
            entry.check(&format!("{place}[{index}]"), faults);
        }
    }
}

/// A list of words without a repetition.
#[derive(Clone, Copy, Debug)]
pub struct WordSet {
    /// The smallest number of words.
    pub min: usize,
}

/// A list of at least `min` words without a repetition. The least number is checked elsewhere.
#[must_use]
pub const fn set(min: usize) -> FieldRule<WordSet> {
    FieldRule::of(WordSet { min })
}

impl FieldRule<WordSet> {
    /// Checks that no word stands there twice.
    pub fn check<T: PartialEq>(&self, words: &[T], place: &str, faults: &mut Faults) {
        for (index, word) in words.iter().enumerate() {
            let twice = words[..index].contains(word);
            faults.check(!twice, &format!("{place}[{index}]"), || {
                "stands there twice".into()
            });
        }
    }
}

/// The name of an entry of another list.
#[derive(Clone, Copy, Debug)]
pub struct NameReference;

/// The name of an entry of another list of the scene, which is checked elsewhere.
#[must_use]
pub const fn reference(list: &'static str) -> FieldRule<NameReference> {
    FieldRule::of(NameReference).names(list)
}

/// A list of names of entries of another list.
#[derive(Clone, Copy, Debug)]
pub struct NameReferences;

/// A list of names of entries of another list of the scene, which is checked elsewhere.
pub const NAMES: FieldRule<NameReferences> = FieldRule::of(NameReferences);

/// The rule of a field that has one value alone.
#[derive(Clone, Copy, Debug)]
pub struct FixedNumber(
    /// The value that the field must have.
    pub u32,
);

/// A number that has one value alone, which is checked elsewhere.
#[must_use]
pub const fn fixed(value: u32) -> FieldRule<FixedNumber> {
    FieldRule::of(FixedNumber(value))
}

/// A word of a list.
#[derive(Clone, Copy, Debug)]
pub struct WordChoice(
    /// The words with their titles, in the order of the form.
    pub fn() -> Vec<(&'static str, &'static str)>,
);

/// A word of a list, which is checked elsewhere.
#[must_use]
pub const fn one_of(words: fn() -> Vec<(&'static str, &'static str)>) -> FieldRule<WordChoice> {
    FieldRule::of(WordChoice(words))
}

/// Any value of the field's type.
#[derive(Clone, Copy, Debug)]
pub struct AnyValue;

/// Any value of the field's type, for a field of which the editor is told something.
pub const ANY: FieldRule<AnyValue> = FieldRule::of(AnyValue);

/// Rules that find no fault: the type of the field allows nothing wrong, or `scenario::validate` looks.
macro_rules! finds_nothing {
    ($($kind:ty),*) => { $(
        impl FieldRule<$kind> {
            /// Finds no fault: every value of the type is right.
            pub fn check<T>(&self, _value: &T, _place: &str, _faults: &mut Faults) {}
        }
    )* };
}

finds_nothing!(
    AnyValue,
    FixedNumber,
    WordChoice,
    NameReference,
    NameReferences
);
