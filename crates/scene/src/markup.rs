//! Text within markup.

/// Text for HTML and XML, between tags or in a quoted attribute: no character of it is markup. Tabs and line breaks
/// become spaces. Characters that XML 1.0 (section 2.2) does not have, and other control characters, are left out, so
/// that a scene's name cannot make a file unreadable.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\u{FFFE}' | '\u{FFFF}' => {}
            other if other.is_control() => {}
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        assert_eq!(
            escape("<img src=x onerror='a'>&\"\n"),
            "&lt;img src=x onerror=&#39;a&#39;&gt;&amp;&quot; "
        );
    }

    #[test]
    fn characters_that_xml_does_not_have_are_left_out() {
        assert_eq!(
            escape("a\u{0}\u{1}\u{1f}\u{85}\u{fffe}\u{ffff}b\té"),
            "ab é"
        );
    }
}
