//! Writes the match of a rule as conditions of HAProxy.

use evenkeel_sim::balance::l7::rules::{HeaderMatch, RouteMatch};

/// The tests in braces, all of which must hold; `None` if a text cannot be a word.
pub(super) fn tests(when: &RouteMatch) -> Option<Vec<String>> {
    let mut found = Vec::new();
    for (start, value) in [
        ("path_beg", &when.path),
        ("url_sub -i", &when.contains),
        ("hdr(host) -i", &when.host),
        ("method", &when.method),
    ] {
        if let Some(value) = value {
            found.push(format!("{{ {start} {} }}", word(value)?));
        }
    }
    for (fetch, pair) in [("req.hdr", &when.header), ("req.cook", &when.cookie)] {
        if let Some(HeaderMatch { name: own, value }) = pair {
            let how = match value {
                Some(value) => format!("str {}", word(value)?),
                None => "found".to_owned(),
            };
            found.push(format!("{{ {fetch}({}) -m {how} }}", name(own)?));
        }
    }
    Some(found)
}

/// The test that a header is missing.
pub(super) fn missing(header: &str) -> Option<String> {
    Some(format!("!{{ req.hdr({}) -m found }}", name(header)?))
}

/// ` if { … } { … }`, empty for all requests.
pub(super) fn joined(tests: &[String]) -> String {
    match tests {
        [] => String::new(),
        _ => format!(" if {}", tests.join(" ")),
    }
}

/// The name of a header or a cookie, as it stands in brackets.
fn name(text: &str) -> Option<&str> {
    let fits = |one: char| one.is_ascii_alphanumeric() || "._-~:+@*".contains(one);
    (!text.is_empty() && text.chars().all(fits)).then_some(text)
}

/// A word of HAProxy, quoted if it has to be; `None` if it cannot be written.
fn word(text: &str) -> Option<String> {
    let bare = |one: char| one.is_ascii_alphanumeric() || "/._-~:;=+@*".contains(one);
    let is_plain = |one: char| one == ' ' || one.is_ascii_graphic();
    // What begins so is a flag; a brace alone ends the test, in quotes as well.
    if text.is_empty() || text.starts_with('-') || matches!(text, "{" | "}") {
        return None;
    }
    if text.chars().all(bare) {
        return Some(text.to_owned());
    }
    let mut quoted = String::new();
    for one in text.chars() {
        if matches!(one, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(one);
    }
    text.chars().all(is_plain).then(|| format!("\"{quoted}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_they_must_be() {
        for (text, expected) in [
            ("/pay", Some("/pay")),
            ("' or 1=1", Some("\"' or 1=1\"")),
            ("a\"$b\\", Some(r#""a\"\$b\\""#)),
            ("-x", None),
            ("}", None),
            ("a\nb", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(word(text).as_deref(), expected, "{text}");
        }
        assert_eq!(missing("a,b"), None);
    }
}
