//! Parses an nginx configuration into directives and blocks. Unreadable parts are reported and left out; the rest
//! stays.

use super::lex::{TokenKind, lex};
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};

/// The deepest nesting of blocks that is read; nginx itself needs five or six.
const MAX_DEPTH: usize = 32;

/// A word of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NginxWord {
    /// The text without quotes and backslashes.
    pub text: String,
    /// The place in the text.
    pub span: Span,
}

/// One directive, with the content of its braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The first word, which names it.
    pub name: NginxWord,
    /// The words after the first.
    pub args: Vec<NginxWord>,
    /// The directives in its braces; `None` if it has none.
    pub block: Option<Vec<Self>>,
    /// The comment behind it on its line, without the `#`.
    pub comment: Option<String>,
}

impl Directive {
    /// From the first word to the last.
    #[must_use]
    pub fn span(&self) -> Span {
        let last = self.args.last().unwrap_or(&self.name);
        Span {
            to: last.span.to,
            ..self.name.span
        }
    }

    /// The words after the name.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        self.args.iter().map(|word| word.text.as_str()).collect()
    }

    /// Whether the directive has this name.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.text == name
    }

    /// The directives in its braces.
    #[must_use]
    pub fn children(&self) -> &[Self] {
        self.block.as_deref().unwrap_or_default()
    }
}

/// A block that is still open.
struct Open {
    /// `None` for a block that is left out, and for the text itself.
    owner: Option<Directive>,
    inside: Vec<Directive>,
    span: Span,
}

impl Open {
    const fn new(owner: Option<Directive>, span: Span) -> Self {
        Self {
            owner,
            inside: Vec::new(),
            span,
        }
    }
}

/// Parses a text. It never fails: errors become `notes`.
pub fn parse(text: &str, notes: &mut Diagnostics) -> Vec<Directive> {
    let tokens = lex(text, notes);
    let mut open = vec![Open::new(None, Span::default())];
    let mut words: Vec<NginxWord> = Vec::new();
    let mut too_deep = 0_usize;
    for token in tokens {
        let span = token.span;
        match token.kind {
            TokenKind::Word { text, .. } => {
                missing_end(&mut words, (&text, span), &mut open, notes);
                words.push(NginxWord { text, span });
            }
            TokenKind::Comment => remark(&mut open, &words, &text[span.from..span.to], span),
            TokenKind::Raw => {}
            TokenKind::End if words.is_empty() => notes.push(span, ConfigMessage::UnexpectedEnd),
            TokenKind::End => close_directive(&mut words, &mut open),
            TokenKind::Open if words.is_empty() => {
                notes.push(span, ConfigMessage::UnexpectedOpen);
                too_deep += usize::from(open.len() > MAX_DEPTH);
                if open.len() <= MAX_DEPTH {
                    open.push(Open::new(None, span));
                }
            }
            TokenKind::Open if open.len() > MAX_DEPTH => {
                notes.push(span, ConfigMessage::TooDeep { max: MAX_DEPTH });
                words.clear();
                too_deep += 1;
            }
            TokenKind::Open => {
                let owner = directive(&mut words);
                open.push(Open::new(owner, span));
            }
            TokenKind::Close => {
                if !words.is_empty() {
                    notes.push(words[0].span, ConfigMessage::MissingEnd);
                    close_directive(&mut words, &mut open);
                }
                if too_deep > 0 {
                    too_deep -= 1;
                } else if open.len() == 1 {
                    notes.push(span, ConfigMessage::UnexpectedClose);
                } else {
                    close_block(&mut open);
                }
            }
        }
    }
    if !words.is_empty() {
        notes.push(words[0].span, ConfigMessage::MissingEnd);
        close_directive(&mut words, &mut open);
    }
    while open.len() > 1 {
        let span = open.last().map_or(Span::default(), |block| block.span);
        notes.push(span, ConfigMessage::UnclosedBlock);
        close_block(&mut open);
    }
    open.pop().map(|block| block.inside).unwrap_or_default()
}

/// Takes the words read so far as one directive.
fn directive(words: &mut Vec<NginxWord>) -> Option<Directive> {
    let mut all = std::mem::take(words).into_iter();
    let name = all.next()?;
    Some(Directive {
        name,
        args: all.collect(),
        block: None,
        comment: None,
    })
}

fn close_directive(words: &mut Vec<NginxWord>, open: &mut [Open]) {
    if let (Some(read), Some(block)) = (directive(words), open.last_mut()) {
        block.inside.push(read);
    }
}

fn close_block(open: &mut Vec<Open>) {
    let Some(done) = open.pop() else { return };
    let Some(outer) = open.last_mut() else { return };
    match done.owner {
        Some(mut owner) => {
            owner.block = Some(done.inside);
            outer.inside.push(owner);
        }
        // Braces without a name: what they hold counts as if they were not there.
        None => outer.inside.extend(done.inside),
    }
}

/// Reports a directive that begins on a new line while the last one lacks its `;`, the usual slip. It is recognised by
/// a word that may be the name of a directive, and is not indented.
fn missing_end(
    words: &mut Vec<NginxWord>,
    (text, span): (&str, Span),
    open: &mut [Open],
    notes: &mut Diagnostics,
) {
    const CONTINUED: [&str; 5] = ["log_format", "map", "add_header", "if", "types"];
    let Some(last) = words.last() else { return };
    let first = &words[0];
    let indented = span.column > first.span.column;
    // An address or a parameter goes on with the line before it.
    let is_name = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
    let begins =
        text.starts_with(|one: char| one.is_ascii_lowercase()) && text.chars().all(is_name);
    if span.line == last.span.line
        || indented
        || !begins
        || CONTINUED.contains(&first.text.as_str())
    {
        return;
    }
    notes.push(
        Span {
            from: last.span.to,
            to: last.span.to,
            line: last.span.line,
            column: last.span.column + width(last.span),
        },
        ConfigMessage::MissingEnd,
    );
    close_directive(words, open);
}

/// The width of a word, for its place in a message.
fn width(span: Span) -> u32 {
    u32::try_from(span.to - span.from).unwrap_or(u32::MAX)
}

/// A comment belongs to the directive that ended on its line.
fn remark(open: &mut [Open], words: &[NginxWord], text: &str, span: Span) {
    let last = open.last_mut().and_then(|block| block.inside.last_mut());
    let Some(last) = last else { return };
    let line = last.args.last().unwrap_or(&last.name).span.line;
    if words.is_empty() && last.block.is_none() && line == span.line {
        last.comment = Some(text.trim_start_matches('#').trim().to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(list: &[Directive]) -> String {
        let one = |directive: &Directive| {
            let words = directive.words().join(" ");
            let inside = match &directive.block {
                Some(block) => format!("{{{}}}", outline(block)),
                None => String::new(),
            };
            format!("{}({words}){inside}", directive.name.text)
        };
        list.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    fn check(text: &str, expected: &str, said: &[&str]) {
        let mut notes = Diagnostics::default();
        assert_eq!(outline(&parse(text, &mut notes)), expected, "{text}");
        let notes = notes.finish();
        let places: Vec<String> = notes
            .iter()
            .map(|note| format!("{}:{}", note.span.line, note.span.column))
            .collect();
        assert_eq!(places, said, "{text}: {notes:?}");
    }

    #[test]
    fn blocks_nest() {
        check(
            "a b; c { d e f; g { h; } }",
            "a(b) c(){d(e f) g(){h()}}",
            &[],
        );
        check("log_format x 'a'\n  'b'; c;", "log_format(x a b) c()", &[]);
    }

    #[test]
    fn slips_cost_only_themselves() {
        check("a b\nc d;", "a(b) c(d)", &["1:4"]);
        check("a { b; ", "a(){b()}", &["1:3"]);
        check("} a;", "a()", &["1:1"]);
        check(";; a;", "a()", &["1:1", "1:2"]);
        check("a { b }", "a(){b()}", &["1:5"]);
        check("{ a; } b;", "a() b()", &["1:1"]);
        check("a 'b", "a(b)", &["1:1", "1:3"]);
    }

    #[test]
    fn depth_has_an_end() {
        let mut notes = Diagnostics::default();
        let text = "a{".repeat(100_000);
        let mut list = parse(&text, &mut notes);
        let mut depth = 0;
        while let Some(inner) = list.pop().and_then(|one| one.block) {
            list = inner;
            depth += 1;
        }
        assert_eq!(depth, MAX_DEPTH);
        let text = format!("{}{}b;", "a{".repeat(40), "}".repeat(40));
        let list = parse(&text, &mut Diagnostics::default());
        assert_eq!(list.last().map(|last| last.name.text.as_str()), Some("b"));
    }

    #[test]
    fn a_comment_belongs_to_its_line() {
        let list = parse(
            "a; # one\n# two\nb {# three\n}",
            &mut Diagnostics::default(),
        );
        assert_eq!(list[0].comment.as_deref(), Some("one"));
        assert_eq!(list[1].comment, None);
    }
}
