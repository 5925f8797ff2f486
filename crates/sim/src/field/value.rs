//! The types that the fields of a scene have, as their rules see them.

use crate::time::SimDuration;
use crate::units::Permille;

/// A whole number, or none.
pub trait WholeValue {
    /// The number; `None` if there is none, which is no fault.
    fn whole(&self) -> Option<u32>;
}

impl WholeValue for u32 {
    fn whole(&self) -> Option<u32> {
        Some(*self)
    }
}

impl WholeValue for u8 {
    fn whole(&self) -> Option<u32> {
        Some(u32::from(*self))
    }
}

impl WholeValue for Permille {
    fn whole(&self) -> Option<u32> {
        Some(self.0)
    }
}

impl<T: WholeValue> WholeValue for Option<T> {
    fn whole(&self) -> Option<u32> {
        self.as_ref().and_then(WholeValue::whole)
    }
}

/// The value of a field that is a time.
pub trait TimeValue {
    /// The time.
    fn span(&self) -> SimDuration;
}

impl TimeValue for SimDuration {
    fn span(&self) -> SimDuration {
        *self
    }
}

/// One text, several, or none.
pub trait TextValue {
    /// Shows each text with its place.
    fn each_text(&self, place: &str, show: &mut dyn FnMut(&str, &str));
}

impl TextValue for String {
    fn each_text(&self, place: &str, show: &mut dyn FnMut(&str, &str)) {
        show(place, self);
    }
}

impl<T: TextValue> TextValue for Option<T> {
    fn each_text(&self, place: &str, show: &mut dyn FnMut(&str, &str)) {
        if let Some(text) = self {
            text.each_text(place, show);
        }
    }
}

/// One part, several, or none.
pub trait PartValue<T> {
    /// Shows each part with its place.
    fn each(&self, place: &str, show: &mut dyn FnMut(&str, &T));
}

impl<T: super::Checked> PartValue<T> for T {
    fn each(&self, place: &str, show: &mut dyn FnMut(&str, &T)) {
        show(place, self);
    }
}

impl<T: super::Checked> PartValue<T> for Option<T> {
    fn each(&self, place: &str, show: &mut dyn FnMut(&str, &T)) {
        if let Some(part) = self {
            show(place, part);
        }
    }
}

impl<T: super::Checked, const N: usize> PartValue<T> for [T; N] {
    fn each(&self, place: &str, show: &mut dyn FnMut(&str, &T)) {
        for (index, part) in self.iter().enumerate() {
            show(&format!("{place}[{index}]"), part);
        }
    }
}
