//! Lines that fit: how much text a place takes, where nothing can be measured.

/// The width of a letter of the system's sans font, as a share of its size: rather too much than too little.
const LETTER: f64 = 0.54;
/// The width of a letter of the monospaced font, as a share of its size.
const MONO: f64 = 0.62;

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
    fn lines_fit() {
        assert_eq!(cut("eight letters", 6), "eight…");
        assert_eq!(
            wrap("the score is the highest of all", 12, 2),
            ["the score is", "the highest…"]
        );
        assert_eq!(wrap("one two", 20, 2), ["one two"]);
        assert_eq!(wrap("", 20, 2), Vec::<String>::new());
    }
}
