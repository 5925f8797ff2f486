//! Templates: texts that another program makes a configuration of (Jinja, Go, ERB, consul-template, envsubst).
//!
//! A best effort reads them: defaults are taken, loops are read once, the first branch of a condition is taken. What
//! stands for a value keeps its length in bytes, so that every place of the text stays where it is.

use std::collections::BTreeSet;
use std::ops::Range;

/// A character that the readers of all formats leave out of words.
pub(super) const FILLER: char = '\u{1}';

/// The longest mark, in bytes.
const LONGEST: usize = 1_000;

/// How the marks of a template begin and end: what prints a value, what controls, what is a comment.
const MARKS: [(&str, &str, Kind); 7] = [
    ("{#", "#}", Kind::Comment),
    ("{%", "%}", Kind::Control),
    ("{{", "}}", Kind::Either),
    ("<%#", "%>", Kind::Comment),
    ("<%=", "%>", Kind::Value),
    ("<%", "%>", Kind::Control),
    ("${", "}", Kind::Variable),
];

/// Words that begin a block which an `end` closes.
const BLOCKS: [&str; 14] = [
    "if",
    "unless",
    "for",
    "range",
    "with",
    "define",
    "block",
    "macro",
    "raw",
    "filter",
    "call",
    "each",
    "while",
    "autoescape",
];
/// Words that begin another branch.
const BRANCHES: [&str; 4] = ["else", "elif", "elsif", "elseif"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    Control,
    Value,
    /// Go has one mark for values and control.
    Either,
    /// A variable of the environment, in capitals.
    Variable,
}

/// A template, with its marks replaced.
pub(super) struct Plain {
    /// The text, as long as the template.
    pub(super) text: String,
    /// The begin of the first mark, in bytes.
    pub(super) first: usize,
    /// The lines, from 1, in which something stands for a value.
    pub(super) lines: BTreeSet<u32>,
    /// Whether all marks are variables of the environment, as HAProxy itself has them.
    pub(super) environment: bool,
}

/// Replaces the marks of a template; `None` if the text is none.
pub(super) fn plain(text: &str) -> Option<Plain> {
    // Lua has braces of its own.
    let lua = text.contains("_by_lua_block");
    let mut found = Plain {
        text: String::with_capacity(text.len()),
        first: 0,
        lines: BTreeSet::new(),
        environment: true,
    };
    let set = variables(text);
    let mut blocks = Blocks::default();
    let mut at = 0;
    let mut line = 1;
    let mut marks = 0_u32;
    while at < text.len() {
        let rest = &text[at..];
        let mark = next_mark(rest).filter(|mark| match mark.kind {
            Kind::Either => !lua,
            Kind::Variable => !set.contains(variable_name(&rest[mark.inside.clone()])),
            _ => true,
        });
        let skipped = blocks.skipped > 0;
        let Some(mark) = mark else {
            let next = rest.chars().next().unwrap_or(' ');
            line += u32::from(next == '\n');
            if skipped && next != '\n' {
                blank(&rest[..next.len_utf8()], &mut found.text);
            } else {
                found.text.push(next);
            }
            at += next.len_utf8();
            continue;
        };
        if marks == 0 {
            found.first = at;
        }
        marks += 1;
        found.environment &= mark.kind == Kind::Variable;
        let whole = &rest[..mark.len];
        let inside = rest[mark.inside.clone()].trim_matches(['-', '~', '+', ' ', '\t', '\n', '\r']);
        match mark.kind {
            Kind::Comment => blank(whole, &mut found.text),
            Kind::Control => {
                control(inside, &mut blocks);
                blank(whole, &mut found.text);
            }
            Kind::Either if is_control(inside) => {
                control(inside, &mut blocks);
                blank(whole, &mut found.text);
            }
            Kind::Value | Kind::Either | Kind::Variable if skipped => blank(whole, &mut found.text),
            Kind::Value | Kind::Either | Kind::Variable => {
                found.lines.insert(line);
                value(inside, whole, &mut found.text);
            }
        }
        line += u32::try_from(whole.matches('\n').count()).unwrap_or(0);
        at += mark.len;
    }
    (marks > 0).then_some(found)
}

/// A mark at the start of a text.
struct Mark {
    kind: Kind,
    /// The length in bytes, with its ends.
    len: usize,
    /// What stands between its ends.
    inside: Range<usize>,
}

fn next_mark(text: &str) -> Option<Mark> {
    let (open, close, kind) = MARKS.iter().find(|(open, ..)| text.starts_with(open))?;
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let to = open.len() + text.get(open.len()..end)?.find(close)?;
    let inside = &text[open.len()..to];
    let one_line = !inside.contains('\n');
    let fits = match kind {
        Kind::Either => {
            let first = inside.trim_start_matches(['-', '~', ' ']).chars().next();
            let begins = |one: char| {
                one.is_alphabetic() || matches!(one, '.' | '$' | '_' | '/' | '(' | '"' | '\'')
            };
            one_line && first.is_some_and(begins)
        }
        Kind::Variable => {
            let name = variable_name(inside);
            let capital = |one: char| one.is_ascii_uppercase() || one == '_';
            one_line
                && name.starts_with(capital)
                && name.chars().all(|one| capital(one) || one.is_ascii_digit())
        }
        // nginx has comments of its own behind a brace.
        Kind::Comment => one_line,
        Kind::Control | Kind::Value => true,
    };
    fits.then(|| Mark {
        kind: *kind,
        len: to + close.len(),
        inside: open.len()..to,
    })
}

/// The name in `${NAME-default}`.
fn variable_name(inside: &str) -> &str {
    inside.split(['-', ':', '=']).next().unwrap_or_default()
}

/// The variables of nginx with names in capitals, which are not of the environment: `set $SKIP 0;`.
fn variables(text: &str) -> BTreeSet<&str> {
    let ends = |one: char| !one.is_ascii_alphanumeric() && one != '_';
    let names = text
        .split('$')
        .skip(1)
        .filter_map(|rest| rest.split(ends).next());
    names.filter(|name| !name.is_empty()).collect()
}

fn first_word(inside: &str) -> &str {
    let ends = |one: char| !one.is_alphanumeric() && one != '_';
    inside.split(ends).next().unwrap_or_default()
}

/// Whether what stands in Go's braces controls, and prints nothing.
fn is_control(inside: &str) -> bool {
    let word = first_word(inside);
    BLOCKS.contains(&word)
        || BRANCHES.contains(&word)
        || matches!(word, "end" | "template" | "include" | "break" | "continue")
        || inside.starts_with("/*")
        || inside.contains(":=")
}

/// The blocks that are open.
#[derive(Default)]
struct Blocks {
    /// For each whether its first branch is over.
    over: Vec<bool>,
    /// How many of them are.
    skipped: usize,
}

fn control(inside: &str, blocks: &mut Blocks) {
    let word = first_word(inside);
    if BRANCHES.contains(&word) {
        if let Some(over) = blocks.over.last_mut().filter(|over| !**over) {
            *over = true;
            blocks.skipped += 1;
        }
    } else if word.starts_with("end") {
        blocks.skipped -= usize::from(blocks.over.pop().unwrap_or(false));
    } else if BLOCKS.contains(&word) || inside.ends_with("do") || inside.ends_with('|') {
        blocks.over.push(false);
    }
}

/// Writes spaces of the same length in bytes; ends of lines stay.
fn blank(text: &str, out: &mut String) {
    out.extend(
        text.bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' }),
    );
}

/// Writes what an expression stands for, as long as it is: its default, else its name.
fn value(inside: &str, whole: &str, out: &mut String) {
    let room = whole.len();
    let plain = |one: char| one.is_ascii_alphanumeric() || ".-_:/".contains(one);
    let fits = |text: &&str| !text.is_empty() && text.len() <= room && text.chars().all(plain);
    let name = inside.split(['|', '(', ' ', '-', ':', '=']);
    let name = { name }
        .map(|part| part.trim_matches(['.', '$', '@']))
        .find(fits);
    let mut text = default(inside).filter(fits).or(name).unwrap_or("x");
    // An address ends in its port; a path of names in what it is of.
    if !text.contains([':', '/']) && !text.starts_with(|one: char| one.is_ascii_digit()) {
        text = text.rsplit('.').next().unwrap_or(text);
    }
    out.push_str(text);
    out.extend(std::iter::repeat_n(FILLER, room - text.len()));
}

/// The default of an expression: `x | default('web')`, `default "web"`, `PORT-80`, `PORT:-80`.
fn default(inside: &str) -> Option<&str> {
    if let Some((_, rest)) = inside.split_once("default") {
        let rest = rest.trim_start_matches(['(', ' ']);
        let quote = rest.chars().next().filter(|one| matches!(one, '"' | '\''));
        return match quote {
            Some(quote) => rest[1..].split(quote).next(),
            None => rest.split([')', ' ', ',', '|']).next(),
        };
    }
    let (name, rest) = inside.split_once('-')?;
    let capital =
        |one: char| one.is_ascii_uppercase() || one == '_' || one == ':' || one.is_ascii_digit();
    (!name.is_empty() && name.chars().all(capital)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_replaced_at_their_length() {
        for (text, expected) in [
            ("a;", None),
            ("listen ${PORT};", Some("listen PORT;")),
            ("a ${port};", None),
            ("t \"${T-5s}\"", Some("t \"5s\"")),
            ("w={{ w | default(3) }};", Some("w=3;")),
            ("{{ a.b }}:1", Some("b:1")),
            (
                "{% for s in all %}\ns {{ s }};\n{% endfor %}",
                Some("                  \ns s;\n            "),
            ),
            (
                "{{ if x }}a{{ else }}b{{ end }}c",
                Some("          a                    c"),
            ),
            (
                "<% if x %>a<% else %>b<% end %>",
                Some("          a                    "),
            ),
            ("<%= @host %>;", Some("host;")),
            ("x {# no #} y", Some("x          y")),
            ("content_by_lua_block { x = {{1}} }", None),
            ("{{ never closed", None),
            ("a {# one\n b;\n #}", None),
            ("set $SKIP 0; a ${SKIP};", None),
        ] {
            let found = plain(text);
            let read = found.as_ref().map(|one| one.text.replace(FILLER, ""));
            assert_eq!(read.as_deref(), expected, "{text}");
            if let Some(found) = found {
                assert_eq!(found.text.len(), text.len(), "{text}");
            }
        }
    }
}
