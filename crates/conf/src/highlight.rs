//! Syntax highlighting: cuts a configuration into pieces of a kind. The pieces together are the whole text.

use super::ConfigFormat;
use super::diagnostic::{Diagnostics, Span};
use super::haproxy::tree::section_kind;
use super::nginx::lex::TokenKind;
use super::{haproxy, nginx};

/// The kind of a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HighlightPiece {
    /// White space, and text without a colour of its own.
    Plain,
    /// A comment up to the end of its line.
    Comment,
    /// A directive, a keyword or a key.
    Name,
    /// The begin of a section.
    Section,
    /// A number, also with a unit.
    Number,
    /// A text in quotes.
    Quoted,
    /// A variable, like `$host`.
    Variable,
    /// A brace or a semicolon.
    Mark,
}

impl HighlightPiece {
    /// The name of its style class.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Comment => "comment",
            Self::Name => "name",
            Self::Section => "section",
            Self::Number => "number",
            Self::Quoted => "quoted",
            Self::Variable => "variable",
            Self::Mark => "mark",
        }
    }
}

/// Cuts a text into pieces.
#[must_use]
pub fn pieces(text: &str, dialect: ConfigFormat) -> Vec<(HighlightPiece, &str)> {
    let found = match dialect {
        ConfigFormat::Nginx => nginx_pieces(text),
        ConfigFormat::Haproxy => haproxy_pieces(text),
        ConfigFormat::Envoy => yaml_pieces(text),
    };
    let mut all = Vec::new();
    let mut at = 0;
    for (piece, from, to) in found {
        if from > at {
            all.push((HighlightPiece::Plain, &text[at..from]));
        }
        all.push((piece, &text[from..to]));
        at = to;
    }
    if at < text.len() {
        all.push((HighlightPiece::Plain, &text[at..]));
    }
    all
}

type Found = (HighlightPiece, usize, usize);

fn value(word: &str) -> HighlightPiece {
    match word.chars().next() {
        Some('"' | '\'') => HighlightPiece::Quoted,
        Some('$') => HighlightPiece::Variable,
        Some(first) if first.is_ascii_digit() => HighlightPiece::Number,
        _ => HighlightPiece::Plain,
    }
}

fn nginx_pieces(text: &str) -> Vec<Found> {
    let mut first = true;
    let mut found = Vec::new();
    for token in nginx::lex::lex(text, &mut Diagnostics::default()) {
        let Span { from, to, .. } = token.span;
        let piece = match token.kind {
            TokenKind::Comment => HighlightPiece::Comment,
            TokenKind::Raw => HighlightPiece::Plain,
            TokenKind::End | TokenKind::Open | TokenKind::Close => {
                first = true;
                HighlightPiece::Mark
            }
            TokenKind::Word { .. } if first => {
                first = false;
                HighlightPiece::Name
            }
            TokenKind::Word { .. } => value(&text[from..to]),
        };
        found.push((piece, from, to));
    }
    found
}

fn haproxy_pieces(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    for line in haproxy::lex::lex(text, &mut Diagnostics::default()) {
        for (place, word) in line.words.iter().enumerate() {
            let Span { from, to, .. } = word.span;
            let piece = match place {
                0 if section_kind(&word.text).is_some() => HighlightPiece::Section,
                0 => HighlightPiece::Name,
                _ => value(&text[from..to]),
            };
            found.push((piece, from, to));
        }
        if let Some(comment) = line.comment {
            found.push((HighlightPiece::Comment, comment.from, comment.to));
        }
    }
    found
}

/// The pieces of the YAML that this crate writes: keys, comments, quotes, numbers.
fn yaml_pieces(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        yaml_line(line, at, &mut found);
        at += line.len();
    }
    found
}

fn yaml_line(line: &str, start: usize, found: &mut Vec<Found>) {
    let is_edge = |one: char| one.is_whitespace() || "{}[],".contains(one);
    let mut at = 0;
    while let Some(next) = line[at..].chars().next() {
        let rest = &line[at..];
        let length = match next {
            '#' => rest.trim_end().len(),
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            _ if is_edge(next) => next.len_utf8(),
            _ => rest.find(is_edge).unwrap_or(rest.len()),
        };
        let word = &rest[..length];
        let is_key = word.ends_with(':') || rest[length..].starts_with(':');
        let piece = match next {
            '#' => HighlightPiece::Comment,
            '{' | '}' | '[' | ']' | ',' => HighlightPiece::Mark,
            _ if word == "-" => HighlightPiece::Mark,
            _ if is_key => HighlightPiece::Name,
            _ => value(word),
        };
        if piece != HighlightPiece::Plain {
            found.push((piece, start + at, start + at + length));
        }
        at += length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, dialect: ConfigFormat, expected: &[(HighlightPiece, &str)]) {
        let pieces = pieces(text, dialect);
        let whole: String = pieces.iter().map(|(_, text)| *text).collect();
        assert_eq!(whole, text);
        let marked: Vec<_> = pieces
            .into_iter()
            .filter(|(piece, _)| *piece != HighlightPiece::Plain)
            .collect();
        assert_eq!(marked, expected);
    }

    #[test]
    fn each_dialect_has_its_pieces() {
        use HighlightPiece::{Comment, Mark, Name, Number, Quoted, Section, Variable};
        check(
            "hash $uri; # é\nserver a:1 { x \"b\" 10s; }",
            ConfigFormat::Nginx,
            &[
                (Name, "hash"),
                (Variable, "$uri"),
                (Mark, ";"),
                (Comment, "# é"),
                (Name, "server"),
                (Mark, "{"),
                (Name, "x"),
                (Quoted, "\"b\""),
                (Number, "10s"),
                (Mark, ";"),
                (Mark, "}"),
            ],
        );
        check(
            "backend b\n  timeout server 5s # x\n",
            ConfigFormat::Haproxy,
            &[
                (Section, "backend"),
                (Name, "timeout"),
                (Number, "5s"),
                (Comment, "# x"),
            ],
        );
        check(
            "a: { b: \"x\", n: 3 } # c\n- name: web\n",
            ConfigFormat::Envoy,
            &[
                (Name, "a:"),
                (Mark, "{"),
                (Name, "b:"),
                (Quoted, "\"x\""),
                (Mark, ","),
                (Name, "n:"),
                (Number, "3"),
                (Mark, "}"),
                (Comment, "# c"),
                (Mark, "-"),
                (Name, "name:"),
            ],
        );
    }
}
