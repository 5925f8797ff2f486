//! Text that changes with the run.

use leptos::prelude::*;

/// A value that can be shown as text.
pub trait IntoText {
    /// The text; `None` gives an empty one.
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

/// A text that is computed again when a signal that it reads changes.
///
/// A closure in a view is compiled with all the code that puts a changing text into the page, half a kilobyte
/// compressed for each of some fifty. Boxed in a signal, that code is in the program once.
pub fn text<T: IntoText>(make: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || make().into_text())
}
