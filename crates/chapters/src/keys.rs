//! What the shapes in a figure mean.

use evenkeel_lesson::library::LanguageTexts;
use maud::{Markup, PreEscaped, html};

/// A shape, 40 by 20, and the word of the frame that explains it.
const KEYS: &[(&str, &str)] = &[
    (
        "key-request",
        r#"<path class="wire edge" d="M2 10H38"/><path class="f page" d="M14 10a6 6 0 1 0 12 0a6 6 0 1 0-12 0z"/>"#,
    ),
    (
        "key-answer",
        r#"<path class="wire edge" d="M2 10H38"/><path class="h page" d="M15 10a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"/>"#,
    ),
    (
        "key-failed",
        r#"<path class="wire edge" d="M2 10H38"/><path class="h down" d="M14 10a6 6 0 1 0 12 0a6 6 0 1 0-12 0z"/><path class="l down" d="M17 7l6 6M23 7l-6 6"/>"#,
    ),
    (
        "key-kinds",
        r#"<path class="f page" d="M1 10a5 5 0 1 0 10 0a5 5 0 1 0-10 0z"/><path class="f checkout" d="M20 4l6 6-6 6-6-6z"/><path class="f static" d="M30 5h9v10h-9z"/>"#,
    ),
    (
        "key-workers",
        r#"<path class="slot" d="M5 4h12v12H5zM23 4h12v12H23z"/><path class="f page" d="M7 10a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"/>"#,
    ),
    (
        "key-waiting",
        r#"<path class="f page" d="M1 10a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0zM10 10a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z"/><text class="s soft" x="20" y="14">+8</text>"#,
    ),
    (
        "key-gone",
        r#"<path class="slot" d="M14 4h12v12H14z"/><path class="l ink" d="M16 10a4 4 0 1 0 8 0a4 4 0 1 0-8 0z"/>"#,
    ),
    (
        "key-check",
        r#"<path class="h soft" d="M3 10a6 6 0 1 0 12 0a6 6 0 1 0-12 0z"/><path class="l soft" d="M9 7v6M6 10h6"/><path class="h healthy" d="M25 10a6 6 0 1 0 12 0a6 6 0 1 0-12 0z"/><path class="l healthy" d="M28 10l2 3 4-5"/>"#,
    ),
    (
        "key-count",
        r#"<text class="soft c" x="20" y="15">42</text>"#,
    ),
];

/// The list of shapes with their meanings.
pub fn keys(language: &LanguageTexts) -> Markup {
    html! {
        ul.keys {
            @for (word, shape) in KEYS {
                li {
                    svg.key viewBox="0 0 40 20" aria-hidden="true" { (PreEscaped(shape)) }
                    " " span { (language.word(word)) }
                }
            }
        }
    }
}
