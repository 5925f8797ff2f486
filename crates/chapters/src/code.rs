//! Configurations in their colours.

use evenkeel_conf::ConfigFormat;
use evenkeel_conf::highlight::{HighlightPiece, pieces};
use maud::{Markup, html};
use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

/// The events of a text with every block of nginx's configuration in colours.
pub fn coloured<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut nginx = false;
    events.map(move |event| match event {
        Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
            nginx = &*language == "nginx";
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language)))
        }
        Event::End(TagEnd::CodeBlock) => {
            nginx = false;
            event
        }
        Event::Text(text) if nginx => Event::Html(spans(&text).into_string().into()),
        other => other,
    })
}

/// A text of nginx's configuration in colours. The classes are those of `assets/chapters/lesson.css`.
pub fn spans(text: &str) -> Markup {
    html! {
        @for (piece, text) in pieces(text, ConfigFormat::Nginx) {
            @if piece == HighlightPiece::Plain { (text) } @else { span class={ "c-" (piece.id()) } { (text) } }
        }
    }
}
