//! Splits an nginx configuration into tokens, as nginx does (nginx 1.22.1, src/core/ngx_conf_file.c,
//! `ngx_conf_read_token`): quotes and `#` count only where a word begins, a backslash takes the next character as it
//! is, and `${` in a word opens no block.

use crate::cursor::Cursor;
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};
use crate::template::FILLER;

/// The kind of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word, with its quotes and backslashes resolved.
    Word {
        /// The text without quotes and backslashes.
        text: String,
        /// Whether it was in quotes.
        quoted: bool,
    },
    /// `;`
    End,
    /// `{`
    Open,
    /// `}`
    Close,
    /// From `#` to the end of the line.
    Comment,
    /// The content of the braces of a `*_by_lua_block`.
    Raw,
}

/// A token and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The kind of the token.
    pub kind: TokenKind,
    /// The place in the text.
    pub span: Span,
}

/// Reads all tokens of a text. White space makes none.
pub fn lex(text: &str, notes: &mut Diagnostics) -> Vec<Token> {
    let mut cursor = Cursor::new(text);
    let mut tokens: Vec<Token> = Vec::new();
    // The first word of the directive that is being read.
    let mut first: Option<usize> = None;
    loop {
        cursor.skip(char::is_whitespace);
        let start = cursor.here();
        let Some(next) = cursor.peek() else {
            return tokens;
        };
        let kind = match next {
            ';' | '{' | '}' => {
                cursor.bump();
                match next {
                    ';' => TokenKind::End,
                    '{' => TokenKind::Open,
                    _ => TokenKind::Close,
                }
            }
            '#' => {
                cursor.skip(|one| one != '\n');
                TokenKind::Comment
            }
            '"' | '\'' => quoted(&mut cursor, next, notes),
            _ => bare(&mut cursor),
        };
        let is_word = matches!(kind, TokenKind::Word { .. });
        let opens_lua = kind == TokenKind::Open && first.is_some_and(|at| is_lua(&tokens[at].kind));
        if is_word {
            first = first.or(Some(tokens.len()));
        } else if kind != TokenKind::Comment {
            first = None;
        }
        tokens.push(Token {
            kind,
            span: cursor.since(start),
        });
        if opens_lua {
            tokens.push(raw(&mut cursor));
        }
    }
}

/// Whether the braces after this word hold Lua code.
fn is_lua(kind: &TokenKind) -> bool {
    matches!(kind, TokenKind::Word { text, .. } if text.ends_with("_by_lua_block"))
}

fn quoted(cursor: &mut Cursor<'_>, quote: char, notes: &mut Diagnostics) -> TokenKind {
    let start = cursor.here();
    cursor.bump();
    let mut text = String::new();
    loop {
        match cursor.bump() {
            None => {
                notes.push(start, ConfigMessage::UnclosedQuote);
                break;
            }
            Some('\\') => escape(cursor, &mut text),
            Some(next) if next == quote => break,
            Some(FILLER) => {}
            Some(next) => text.push(next),
        }
    }
    // nginx wants a space, `;`, `{` or `)` here.
    let ends = |next: char| next.is_whitespace() || matches!(next, ';' | '{' | ')');
    if cursor.peek().is_some_and(|next| !ends(next)) {
        notes.push(cursor.here(), ConfigMessage::AfterQuote);
    }
    TokenKind::Word { text, quoted: true }
}

fn bare(cursor: &mut Cursor<'_>) -> TokenKind {
    let mut text = String::new();
    while let Some(next) = cursor.peek() {
        if next.is_whitespace() || next == ';' {
            break;
        }
        if next == '{' && !text.ends_with('$') {
            break;
        }
        cursor.bump();
        if next == '\\' {
            escape(cursor, &mut text);
        } else if next != FILLER {
            text.push(next);
        }
    }
    TokenKind::Word {
        text,
        quoted: false,
    }
}

/// Reads what follows a backslash: known escapes are resolved, others stay as they are.
fn escape(cursor: &mut Cursor<'_>, text: &mut String) {
    match cursor.bump() {
        Some(same @ ('"' | '\'' | '\\')) => text.push(same),
        Some('t') => text.push('\t'),
        Some('r') => text.push('\r'),
        Some('n') => text.push('\n'),
        Some(other) => text.extend(['\\', other]),
        None => text.push('\\'),
    }
}

/// Reads Lua up to the brace that closes the block, without it. Braces in its strings and comments do not count.
fn raw(cursor: &mut Cursor<'_>) -> Token {
    let start = cursor.here();
    let mut depth = 0_u32;
    while let Some(next) = cursor.peek() {
        match next {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            _ => {}
        }
        cursor.bump();
        match next {
            '"' | '\'' => lua_string(cursor, next),
            '-' if cursor.peek() == Some('-') => {
                cursor.bump();
                if !lua_long(cursor) {
                    cursor.skip(|one| one != '\n');
                }
            }
            '[' => {
                lua_level(cursor, cursor.clone());
            }
            _ => {}
        }
    }
    Token {
        kind: TokenKind::Raw,
        span: cursor.since(start),
    }
}

/// Reads the rest of a string of Lua, which ends at its line at the latest.
fn lua_string(cursor: &mut Cursor<'_>, quote: char) {
    while let Some(next) = cursor.peek().filter(|next| *next != '\n') {
        cursor.bump();
        if next == '\\' {
            cursor.bump();
        } else if next == quote {
            return;
        }
    }
}

/// Reads a long comment or string of Lua, `[[ … ]]` or `[=[ … ]=]`, if one begins here.
fn lua_long(cursor: &mut Cursor<'_>) -> bool {
    let before = cursor.clone();
    cursor.peek() == Some('[') && {
        cursor.bump();
        lua_level(cursor, before)
    }
}

/// Reads on after the first `[` of a long string of Lua; goes back to `before` if it is none.
fn lua_level<'a>(cursor: &mut Cursor<'a>, before: Cursor<'a>) -> bool {
    let mut level = 0;
    while cursor.peek() == Some('=') {
        cursor.bump();
        level += 1;
    }
    if cursor.peek() != Some('[') {
        *cursor = before;
        return false;
    }
    let end = format!("]{}]", "=".repeat(level));
    let mut last = String::new();
    while let Some(next) = cursor.bump() {
        last.push(next);
        if !end.starts_with(last.as_str()) {
            // What ended in `]` may begin the end.
            last = if next == ']' {
                "]".to_owned()
            } else {
                String::new()
            };
        } else if last == end {
            break;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let tokens = lex(text, &mut Diagnostics::default());
        let word = |token: Token| match token.kind {
            TokenKind::Word { text, .. } => text,
            TokenKind::End => ";".to_owned(),
            TokenKind::Open => "{".to_owned(),
            TokenKind::Close => "}".to_owned(),
            TokenKind::Comment => "#".to_owned(),
            TokenKind::Raw => "raw".to_owned(),
        };
        tokens.into_iter().map(word).collect()
    }

    #[test]
    fn words_quotes_and_escapes() {
        assert_eq!(words("a b;c"), ["a", "b", ";", "c"]);
        assert_eq!(words(r#"a "b c" 'd"e';"#), ["a", "b c", "d\"e", ";"]);
        assert_eq!(words(r"re ^/a\.b\;c;"), ["re", r"^/a\.b\;c", ";"]);
        assert_eq!(words("x ${a}b{"), ["x", "${a}b", "{"]);
        assert_eq!(words("a#b # c\nd"), ["a#b", "#", "d"]);
        assert_eq!(words("s{}t"), ["s", "{", "}", "t"]);
    }

    #[test]
    fn lua_is_no_configuration() {
        let text = "content_by_lua_block { if a { b; } } c;";
        let expected = ["content_by_lua_block", "{", "raw", "}", "c", ";"];
        assert_eq!(words(text), expected);
        for lua in [
            "a = \"}\"",
            "a = '\\'}'",
            "-- it is }\n a()",
            "--[[ } \n } ]] a()",
            "a = [=[ } ]] } ]=]",
            "a[1] = { b[2] }",
        ] {
            let text = format!("content_by_lua_block {{ {lua} }} c;");
            assert_eq!(words(&text), expected, "{lua}");
        }
    }

    #[test]
    fn places_count_characters() {
        let mut notes = Diagnostics::default();
        let tokens = lex("é a;\n  'b", &mut notes);
        let places: Vec<(u32, u32)> = tokens
            .iter()
            .map(|token| (token.span.line, token.span.column))
            .collect();
        assert_eq!(places, [(1, 1), (1, 3), (1, 4), (2, 3)]);
        assert_eq!(notes.finish()[0].message, ConfigMessage::UnclosedQuote);
    }
}
