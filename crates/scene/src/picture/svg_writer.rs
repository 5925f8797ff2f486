//! Writing SVG: text that cannot become markup, numbers without needless digits, lines that fit.

use std::fmt::Write as _;

/// The width of a letter of the system's sans font, as a share of its size: rather too much than too little, as
/// nothing is measured here.
const LETTER: f64 = 0.54;
/// The width of a letter of the monospaced font, as a share of its size.
const MONO: f64 = 0.62;

/// An SVG document that grows.
#[derive(Default)]
pub struct SvgWriter(pub String);

impl SvgWriter {
    /// Adds markup to the document.
    pub fn put(&mut self, markup: &str) {
        self.0.push_str(markup);
        self.0.push('\n');
    }

    /// Adds a text at a position.
    pub fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        if !text.is_empty() {
            let (x, y) = (number(x), number(y));
            let text = escape(text);
            let _ = writeln!(
                self.0,
                r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#
            );
        }
    }

    /// Adds a rectangle with round corners.
    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), rx: f64) {
        let [x, y, width, height, rx] = [x, y, width, height, rx].map(number);
        let _ = writeln!(
            self.0,
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{rx}"/>"#
        );
    }

    /// Adds a path with this outline.
    pub fn path(&mut self, class: &str, outline: &str, more: &str) {
        let _ = writeln!(self.0, r#"<path class="{class}" d="{outline}"{more}/>"#);
    }
}

/// A number with at most one digit after the point.
pub fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() / 10.0;
    // Not "-0".
    format!("{}", if tenths == 0.0 { 0.0 } else { tenths })
}

/// Text for XML: markup characters are escaped, and characters that XML lacks are left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{0}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            _ => out.push(letter),
        }
    }
    out
}

/// The number of letters of a size that fit into a width.
pub fn room(width: f64, size: f64) -> usize {
    (width / (size * LETTER)).max(1.0) as usize
}

/// The same for the monospaced font.
pub fn room_mono(width: f64, size: f64) -> usize {
    (width / (size * MONO)).max(1.0) as usize
}

/// A text of at most `most` letters; an ellipsis stands for the rest.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// A text in lines of at most `most` letters, cut after `lines` lines.
pub fn wrap(text: &str, most: usize, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let full = out.len() == lines;
        match out.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ if full => {
                let last = out.pop().unwrap_or_default();
                out.push(cut(&format!("{last} {word}"), most));
                break;
            }
            _ => out.push(cut(word, most)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_markup() {
        assert_eq!(
            escape("<img src=x onerror='a'>\u{0}&\"\n"),
            "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot; "
        );
    }

    #[test]
    fn lines_fit() {
        assert_eq!(cut("eight letters", 6), "eight…");
        assert_eq!(
            wrap("the score is the highest of all", 12, 2),
            ["the score is", "the highest…"]
        );
        assert_eq!(wrap("one two", 20, 2), ["one two"]);
        assert_eq!(wrap("", 20, 2), Vec::<String>::new());
        assert_eq!(
            [number(-0.01), number(1.25), number(3.0)],
            ["0", "1.3", "3"]
        );
    }
}
