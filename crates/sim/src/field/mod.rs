//! The fields of a scene: what each may hold, said once beside its struct with [`scene_fields!`](crate::scene_fields).
//!
//! A rule gives the check of a scene its range and its message, and gives the JSON Schema (feature `schema`) the same
//! range. What depends on several fields is checked by `scenario::validate`.
//!
//! ```
//! use evenkeel_sim::field::{Checked, Faults, span, whole};
//! use evenkeel_sim::time::SimDuration;
//!
//! struct Queue { limit: u32, timeout_us: SimDuration }
//!
//! evenkeel_sim::scene_fields!(Queue {
//!     limit: whole(0, 100),
//!     timeout_us: span(1),
//! });
//!
//! let mut faults = Faults::default();
//! let queue = Queue { limit: 101, timeout_us: SimDuration::ZERO };
//! queue.check("queue", &mut faults);
//! assert_eq!(faults.0[0].to_string(), "queue.limit: 101 is not between 0 and 100");
//! assert_eq!(faults.0[1].place, "queue.timeout_us");
//! ```

use std::fmt;

mod rule;
pub mod schema;
mod value;

pub use crate::scene_fields;
pub use rule::{
    ANY, FieldRule, NAME, NAMES, PAIRS, PART, TEXT, WholeRange, above, fixed, list, one_of, real,
    reference, set, span, whole,
};
pub use value::{PartValue, TextValue, TimeValue, WholeValue};

/// The most characters in a name, note, path or address.
pub const MAX_TEXT: usize = 200;
/// The longest time in a scene, in microseconds: one hour.
pub const MAX_SPAN_US: u64 = 3_600_000_000;
/// The most headers or cookies of one class.
pub const MAX_HEADERS: usize = 32;

/// One fault of a scene, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    /// The place: `servers[2].weight`, or line and column of text that cannot be read.
    pub place: String,
    /// The reason: what is wrong and what would be right.
    pub reason: String,
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

/// The faults found so far, in the order in which they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<ValidationError>);

impl Faults {
    /// Records a fault at a place, unless all is well there.
    pub fn check(&mut self, good: bool, place: &str, reason: impl FnOnce() -> String) {
        if !good {
            self.0.push(ValidationError {
                place: place.to_string(),
                reason: reason(),
            });
        }
    }
}

/// A part of a scene whose fields have rules.
pub trait Checked {
    /// Records what is wrong with the fields of the part. `at` is the place of the part; empty for the scene itself.
    fn check(&self, at: &str, faults: &mut Faults);

    /// Gives the JSON Schema of the part the rules of its fields.
    fn describe(schema: &mut schema::PartSchema<'_>);
}

/// The place of a field of a part.
#[must_use]
pub fn place(at: &str, field: &str) -> String {
    if at.is_empty() {
        field.to_string()
    } else {
        format!("{at}.{field}")
    }
}

/// Says what the fields of a struct, or of the variants of an enum, may hold. Fields without a range need no line.
///
/// - `Struct { field: rule, … }`; a text after the name is the title of an entry where the struct is one of a list;
/// - `enum Enum, "Label" { Variant { field: rule, … }, … }` for variants with named fields;
/// - `enum Enum, "Label" { Variant(name: rule), … }` for variants with one value, which stands in the scene as
///   `{"name": …}`. Variants without a line have no rule.
///
/// The label is that of the choice between the forms of an enum.
#[macro_export]
macro_rules! scene_fields {
    ($part:ident $(, $title:literal)? { $($field:ident: $rule:expr),* $(,)? }) => {
        impl $crate::field::Checked for $part {
            fn check(&self, at: &str, faults: &mut $crate::field::Faults) {
                $( $rule.check(&self.$field, &$crate::field::place(at, stringify!($field)), faults); )*
            }

            fn describe(schema: &mut $crate::field::schema::PartSchema<'_>) {
                $( schema.title($title); )?
                $( schema.field(stringify!($field), &$rule); )*
            }
        }
    };
    (enum $part:ident, $choice:literal { $($variant:ident { $($field:ident: $rule:expr),* $(,)? }),* $(,)? }) => {
        impl $crate::field::Checked for $part {
            fn check(&self, at: &str, faults: &mut $crate::field::Faults) {
                match self {
                    $( Self::$variant { $($field),* } => {
                        $( $rule.check($field, &$crate::field::place(at, stringify!($field)), faults); )*
                    } )*
                }
            }

            fn describe(schema: &mut $crate::field::schema::PartSchema<'_>) {
                schema.choice($choice);
                $( $( schema.variant_field(stringify!($variant), stringify!($field), &$rule); )* )*
            }
        }
    };
    (enum $part:ident, $choice:literal { $($variant:ident($name:ident: $rule:expr)),* $(,)? }) => {
        impl $crate::field::Checked for $part {
            fn check(&self, at: &str, faults: &mut $crate::field::Faults) {
                match self {
                    $( Self::$variant(value) => {
                        $rule.check(value, &$crate::field::place(at, stringify!($name)), faults);
                    } )*
                    #[allow(unreachable_patterns, reason = "an enum may have no other variant")]
                    _ => {}
                }
            }

            fn describe(schema: &mut $crate::field::schema::PartSchema<'_>) {
                schema.choice($choice);
                $( schema.variant_field(stringify!($variant), stringify!($name), &$rule); )*
            }
        }
    };
}
