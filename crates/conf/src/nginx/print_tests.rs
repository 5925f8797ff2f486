//! Writes the match of a rule as tests of nginx's `if`.

use std::fmt::Write as _;

use evenkeel_sim::balance::l7::rules::{HeaderMatch, RouteMatch};

/// The contents of the brackets, all of which must hold; `None` if nginx has no such test.
pub(super) fn tests(when: &RouteMatch) -> Option<Vec<String>> {
    let mut found = Vec::new();
    if let Some(path) = &when.path {
        // A path ends where the query begins.
        let path = Some(path).filter(|path| !path.contains('?'))?;
        found.push(format!("$uri ~ {}", word(&format!("^{}", pattern(path)?))?));
    }
    if let Some(part) = &when.contains {
        found.push(format!("$request_uri ~* {}", word(&pattern(part)?)?));
    }
    if let Some(host) = &when.host {
        // nginx has the host in small letters.
        found.push(format!("$host = {}", value(&host.to_ascii_lowercase())?));
    }
    if let Some(method) = &when.method {
        found.push(format!("$request_method = {}", value(method)?));
    }
    for (kind, pair) in [("http", &when.header), ("cookie", &when.cookie)] {
        if let Some(HeaderMatch {
            name,
            value: wanted,
        }) = pair
        {
            let name = variable(kind, name)?;
            found.push(match wanted {
                Some(wanted) => format!("{name} = {}", value(wanted)?),
                None => format!("{name} != \"\""),
            });
        }
    }
    Some(found)
}

/// The test that a header is missing.
pub(super) fn missing(header: &str) -> Option<String> {
    Some(format!("{} = \"\"", variable("http", header)?))
}

/// `$http_content_type`, `$cookie_beta`
fn variable(kind: &str, name: &str) -> Option<String> {
    let fits = |one: char| match kind {
        // nginx drops headers with an underscore.
        "http" => one.is_ascii_alphanumeric() || one == '-',
        _ => one.is_ascii_alphanumeric() || one == '_',
    };
    let good = !name.is_empty() && name.chars().all(fits);
    let own = match kind {
        "http" => name.to_ascii_lowercase().replace('-', "_"),
        _ => name.to_owned(),
    };
    good.then(|| format!("${kind}_{own}"))
}

/// A value to compare with; `None` for an empty one, which a missing value would equal, and for one with a dollar,
/// which cannot be escaped.
fn value(text: &str) -> Option<String> {
    let good = !text.is_empty() && !text.contains(['$', '\\']);
    good.then(|| word(text))?
}

/// A text escaped for a regular expression.
fn pattern(text: &str) -> Option<String> {
    let mut found = String::new();
    for one in text.chars() {
        match one {
            'a'..='z' | 'A'..='Z' | '0'..='9' => found.push(one),
            '/' | '_' | '-' | '=' | ' ' | '<' | '>' | ':' | ',' | '&' | '%' | '~' | '@' | '!' => {
                found.push(one);
            }
            // Quotes and backslashes mean something to the reader of the file as well.
            '"' | '\'' | '\\' => write!(found, "\\x{:02x}", u32::from(one)).ok()?,
            '!'..='~' => found.extend(['\\', one]),
            _ => return None,
        }
    }
    Some(found)
}

/// A word of the configuration, quoted if it has to be.
fn word(text: &str) -> Option<String> {
    let bare = |one: char| one.is_ascii_alphanumeric() || "/_-^.\\".contains(one);
    let is_plain = |one: char| one == ' ' || one.is_ascii_graphic();
    if text.chars().all(bare) {
        return Some(text.to_owned());
    }
    // In a pattern every quote is spelt out already, and a backslash stays before what is no quote.
    let quoted = text.replace('"', "\\\"");
    text.chars().all(is_plain).then(|| format!("\"{quoted}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(when: &str) -> Option<Vec<String>> {
        tests(&serde_json::from_str(when).expect("a condition"))
    }

    fn is(when: &str, expected: &[&str]) {
        let expected = expected.iter().map(ToString::to_string).collect();
        assert_eq!(told(when), Some(expected), "{when}");
    }

    #[test]
    fn each_part_is_a_test() {
        is(r#"{"path": "/pay.php"}"#, &[r"$uri ~ ^/pay\.php"]);
        is(
            r#"{"contains": "' or 1=1"}"#,
            &[r#"$request_uri ~* "\x27 or 1=1""#],
        );
        is(
            r#"{"host": "Shop.example", "method": "POST"}"#,
            &["$host = shop.example", "$request_method = POST"],
        );
        is(
            r#"{"header": {"name": "Content-Type", "value": "a b"}, "cookie": {"name": "beta"}}"#,
            &[r#"$http_content_type = "a b""#, r#"$cookie_beta != """#],
        );
        is("{}", &[]);
    }

    #[test]
    fn what_nginx_cannot_test_is_none() {
        for when in [
            r#"{"host": "$x"}"#,
            r#"{"path": "/a\nb"}"#,
            r#"{"path": "/a?b"}"#,
            r#"{"contains": "é"}"#,
            r#"{"header": {"name": "a_b"}}"#,
            r#"{"header": {"name": "a", "value": ""}}"#,
            r#"{"cookie": {"name": "a-b"}}"#,
        ] {
            assert_eq!(told(when), None, "{when}");
        }
        assert_eq!(missing("X-Key").as_deref(), Some("$http_x_key = \"\""));
        assert_eq!(missing("x y"), None);
    }
}
