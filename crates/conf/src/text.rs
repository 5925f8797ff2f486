//! Writes the text of a configuration: indented lines, comments, and allowed forms of names, addresses and times.

use std::fmt::Display;
use std::net::Ipv6Addr;

use evenkeel_sim::time::SimDuration;

/// The longest piece of a scene's own text in a comment or a name, in characters.
const MAX_SCENE_TEXT: usize = 80;

/// A text that grows by lines.
#[derive(Debug, Default)]
pub(super) struct ConfigWriter {
    out: String,
    depth: usize,
    unit: &'static str,
}

impl ConfigWriter {
    /// An empty text, indented by `unit` for each level.
    pub(super) const fn new(unit: &'static str) -> Self {
        Self {
            out: String::new(),
            depth: 0,
            unit,
        }
    }

    /// A line at the present depth.
    pub(super) fn line(&mut self, line: impl Display) {
        for _ in 0..self.depth {
            self.out.push_str(self.unit);
        }
        self.out.push_str(&line.to_string());
        self.out.push('\n');
    }

    /// A line that is a comment. Whatever the text holds, it stays one line.
    pub(super) fn comment(&mut self, text: impl Display) {
        let text = sanitize(&text.to_string(), usize::MAX);
        self.line(format_args!("# {text}"));
    }

    /// Adds an empty line.
    pub(super) fn blank_line(&mut self) {
        self.out.push('\n');
    }

    /// Indents the lines that `inside` writes by one level.
    pub(super) fn indented(&mut self, inside: impl FnOnce(&mut Self)) {
        self.depth += 1;
        inside(self);
        self.depth -= 1;
    }

    /// Writes a line, a block in braces with the lines of `inside`, and the closing brace.
    pub(super) fn block(&mut self, head: impl Display, inside: impl FnOnce(&mut Self)) {
        self.line(format_args!("{head} {{"));
        self.indented(inside);
        self.line("}");
    }

    /// The text of all lines.
    pub(super) fn finish(self) -> String {
        self.out
    }
}

/// Text of a scene for a comment: on one line, without control characters, and truncated.
pub(super) fn sanitize(text: &str, most: usize) -> String {
    let visible = |one: char| if one.is_control() { ' ' } else { one };
    // What turns the direction of writing could make a comment look like a directive.
    let harmless = |one: &char| !matches!(one, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars()
        .filter(harmless)
        .take(most)
        .map(visible)
        .collect()
}

/// Text of a scene, short enough for a remark.
pub(super) fn truncated(text: &str) -> String {
    sanitize(text, MAX_SCENE_TEXT)
}

/// Allocates unique names, in the characters that every program allows.
#[derive(Debug, Default)]
pub(super) struct UniqueNames(Vec<String>);

impl UniqueNames {
    /// A name as near to `wanted` as can be; `spare` where nothing of it is left.
    pub(super) fn take(&mut self, wanted: &str, spare: &str) -> String {
        let fits = |one: &char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_' | '.');
        let clean: String = wanted.chars().filter(fits).take(MAX_SCENE_TEXT).collect();
        let base = if clean.chars().any(|one| one.is_ascii_alphanumeric()) {
            clean
        } else {
            spare.to_owned()
        };
        let mut name = base.clone();
        let mut number = 2;
        while self.0.contains(&name) {
            name = format!("{base}-{number}");
            number += 1;
        }
        self.0.push(name.clone());
        name
    }
}

/// Host and port of an address, where every program can read it; the port may be missing.
pub(super) fn host_and_port(address: &str) -> Option<(&str, Option<u16>)> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']')?;
            host.parse::<Ipv6Addr>().ok()?;
            let port = match rest {
                "" => None,
                _ => Some(rest.strip_prefix(':')?),
            };
            (&address[..host.len() + 2], port)
        }
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let port = match port {
        Some(port) => Some(port.parse::<u16>().ok().filter(|port| *port > 0)?),
        None => None,
    };
    let fits = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '.' | '_');
    let good = host.starts_with('[')
        || (!host.is_empty() && host.chars().all(fits) && !host.starts_with(['-', '.', '_']));
    good.then_some((host, port))
}

/// A placeholder address from the documentation range, for the server at this index.
pub(super) fn placeholder_address(place: usize) -> String {
    match place {
        0..254 => format!("192.0.2.{}:80", place + 1),
        _ => format!("198.18.{}.{}:80", place / 256, place % 256),
    }
}

/// A time for nginx and HAProxy: in whole seconds if it is one, else in milliseconds, rounded up.
pub(super) fn time(span: SimDuration) -> String {
    let us = span.as_us();
    if us > 0 && us.is_multiple_of(1_000_000) {
        format!("{}s", us / 1_000_000)
    } else {
        format!("{}ms", us.div_ceil(1_000).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!(host_and_port("10.0.0.1:80"), Some(("10.0.0.1", Some(80))));
        assert_eq!(host_and_port("app-1.local"), Some(("app-1.local", None)));
        assert_eq!(host_and_port("[::1]:443"), Some(("[::1]", Some(443))));
        assert_eq!(host_and_port("[::1]"), Some(("[::1]", None)));
        for bad in [
            "", ":80", "a b:80", "a:0", "a:99999", "a;b:1", "[x]:1", "[::1]80", "::1", "a:1:2",
        ] {
            assert_eq!(host_and_port(bad), None, "{bad}");
        }
    }

    #[test]
    fn names_are_tame_and_apart() {
        let mut names = UniqueNames::default();
        assert_eq!(names.take("web 1", "s1"), "web1");
        assert_eq!(names.take("web1", "s2"), "web1-2");
        assert_eq!(names.take("α", "s3"), "s3");
        assert_eq!(names.take("<img onerror=x>", "s4"), "imgonerrorx");
    }

    #[test]
    fn a_comment_is_one_line() {
        let mut writer = ConfigWriter::new("  ");
        writer.comment("a\nserver evil;\r\u{202e}");
        assert_eq!(writer.finish(), "# a server evil; \n");
    }

    #[test]
    fn times() {
        assert_eq!(time(SimDuration::from_secs(10)), "10s");
        assert_eq!(time(SimDuration::from_ms(1_500)), "1500ms");
        assert_eq!(time(SimDuration::from_us(1)), "1ms");
    }
}
