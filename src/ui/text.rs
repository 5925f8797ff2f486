//! Text that changes with the run.

use leptos::prelude::*;

/// What can stand in the page as text.
pub trait IntoText {
    /// The text; nothing is the empty one.
    fn into_text(self) -> String;
}

impl IntoText for String {
    fn into_text(self) -> String {
        self
    }
}

impl IntoText for &'static str {
    fn into_text(self) -> String {
        self.to_string()
    }
}

impl<T: IntoText> IntoText for Option<T> {
    fn into_text(self) -> String {
        self.map(T::into_text).unwrap_or_default()
    }
}

/// Text that is made anew when something that it reads changes.
///
/// A closure in a view has all the code of its own that puts a changing text into the page, half a kilobyte
/// compressed for each of some fifty; boxed in a signal that code is there once.
pub fn text<T: IntoText>(make: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || make().into_text())
}
