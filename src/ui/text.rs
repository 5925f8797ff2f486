//! Text that changes with the run.

use leptos::prelude::*;

/// What can stand in the page as text.
pub trait Words {
    /// The text; nothing is the empty one.
    fn words(self) -> String;
}

impl Words for String {
    fn words(self) -> String {
        self
    }
}

impl Words for &'static str {
    fn words(self) -> String {
        self.to_string()
    }
}

impl<T: Words> Words for Option<T> {
    fn words(self) -> String {
        self.map(T::words).unwrap_or_default()
    }
}

/// Text that is made anew when something that it reads changes.
///
/// A closure in a view has all the code of its own that puts a changing text into the page, half a kilobyte
/// compressed for each of some fifty; boxed in a signal that code is there once.
pub fn text<T: Words>(make: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || make().words())
}
