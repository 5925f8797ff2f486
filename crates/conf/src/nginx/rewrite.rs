//! Reads nginx's `set`, `if` and `return`, which nginx runs in their order, and `split_clients`, `map` and `geo`.
//!
//! Understood are tests of one variable (`$uri ~ ^/path`, `$request_uri ~* text`, `$host`, `$request_method`,
//! `$http_…`, `$cookie_…`), variables that collect tests (`set $a "${a}+"`), and a variable that holds the upstream
//! (`proxy_pass http://$way`).

use std::cell::Cell;

use super::maps::MapTable;
use super::tree::{Directive, NginxWord};
use crate::conditions::both;
use crate::diagnostic::Span;
use evenkeel_sim::balance::l7::rules::{HeaderMatch, RouteMatch, SplitWeight};

/// The most variables that are kept.
pub(super) const MOST: usize = 256;

/// The condition of an action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RewriteCondition {
    /// The match of the request.
    pub when: RouteMatch,
    /// A header that must be missing.
    pub missing: Option<String>,
    /// Whether it applies only while no upstream was chosen.
    pub late: bool,
}

impl RewriteCondition {
    /// Both conditions; `None` if no rule of the scene can have both.
    fn and(&self, other: &Self) -> Option<Self> {
        if self.missing.is_some() && other.missing.is_some() {
            return None;
        }
        Some(Self {
            when: both(&self.when, &other.when)?,
            missing: self.missing.clone().or_else(|| other.missing.clone()),
            late: self.late || other.late,
        })
    }
}

/// The action of a line for a request that meets its condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RewriteAction {
    /// The request is answered with this status.
    Return(u16),
    /// The request goes to an upstream, or to the value of a variable.
    PassTo(String),
}

/// A variable that collects tests.
#[derive(Clone, Debug)]
struct Gathered {
    name: String,
    /// The value when all tests hold.
    text: String,
    condition: Option<RewriteCondition>,
    /// The place where it is first set.
    span: Span,
    is_tested: Cell<bool>,
}

/// A variable that holds the client's address.
#[derive(Clone, Debug)]
struct Address {
    name: String,
    condition: RewriteCondition,
    span: Span,
    is_counted: Cell<bool>,
}

/// The variables of a configuration.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// The variables that requests are passed to.
    pub targets: Vec<String>,
    gathered: Vec<Gathered>,
    /// The variables that hold the client's address if a condition holds.
    addresses: Vec<Address>,
    splits: Vec<(String, Vec<SplitWeight>)>,
    /// What maps say, by their variable.
    pub(super) maps: Vec<(String, MapTable)>,
}

/// The result of reading a line.
pub enum ParsedLine {
    /// The line changed variables only.
    VariablesOnly,
    /// The line has an action with its condition.
    Done(Box<RewriteCondition>, RewriteAction),
    /// The line tests what no rule of the scene can.
    TooMuch,
    /// The line is none of these.
    Other,
}

impl Variables {
    /// The condition under which a limit with this key counts; `None` if the key is no such variable.
    pub fn counts(&self, key: &str) -> Option<&RewriteCondition> {
        let name = key.strip_prefix('$')?;
        let found = self.addresses.iter().find(|one| one.name == name)?;
        found.is_counted.set(true);
        Some(&found.condition)
    }

    /// Variables that are set and have no effect, with their places.
    pub fn unused(&self) -> Vec<(String, Span)> {
        // A variable that holds an address in some cases is empty in the others.
        let is_address = |name: &str| self.addresses.iter().any(|one| one.name == name);
        let gathered = self
            .gathered
            .iter()
            .filter(|one| !one.is_tested.get() && !is_address(&one.name))
            .map(|one| (&one.name, one.span));
        let addresses = self
            .addresses
            .iter()
            .filter(|one| !one.is_counted.get())
            .map(|one| (&one.name, one.span));
        let said = |(name, span): (&String, Span)| (format!("set ${name}"), span);
        gathered.chain(addresses).map(said).collect()
    }

    /// The parts of a split, by its variable.
    pub fn split(&self, name: &str) -> Option<&[SplitWeight]> {
        let found = self.splits.iter().find(|(own, _)| own == name)?;
        Some(&found.1)
    }

    /// Takes a `split_clients`; `false` where it cannot be read.
    pub fn add_split(&mut self, line: &Directive) -> bool {
        let [_, variable] = line.args.as_slice() else {
            return false;
        };
        let (Some(name), Some(parts)) = (variable.text.strip_prefix('$'), parts(line)) else {
            return false;
        };
        let fits = self.splits.len() < MOST;
        if fits {
            self.splits.push((name.to_owned(), parts));
        }
        fits
    }

    /// Reads a `set`, an `if` or a `return`.
    pub fn read(&mut self, line: &Directive) -> ParsedLine {
        match line.name.text.as_str() {
            "set" => self.set(line, &RewriteCondition::default()),
            "return" => returned(line, RewriteCondition::default()),
            "if" => self.conditional(line),
            _ => ParsedLine::Other,
        }
    }

    fn conditional(&mut self, line: &Directive) -> ParsedLine {
        let [then] = line.children() else {
            return ParsedLine::Other;
        };
        let Some(condition) = self.test(&line.args) else {
            return ParsedLine::TooMuch;
        };
        match then.name.text.as_str() {
            "set" => self.set(then, &condition),
            "return" => returned(then, condition),
            _ => ParsedLine::Other,
        }
    }

    fn set(&mut self, line: &Directive, condition: &RewriteCondition) -> ParsedLine {
        let [variable, value] = line.args.as_slice() else {
            return ParsedLine::Other;
        };
        let Some(name) = variable.text.strip_prefix('$') else {
            return ParsedLine::Other;
        };
        let value = value.text.as_str();
        if self.gathered.len().max(self.addresses.len()) >= MOST {
            return ParsedLine::Other;
        }
        if matches!(value, "$binary_remote_addr" | "$remote_addr") {
            self.addresses.push(Address {
                name: name.to_owned(),
                condition: condition.clone(),
                span: line.span(),
                is_counted: Cell::new(false),
            });
            return ParsedLine::VariablesOnly;
        }
        if self.targets.iter().any(|target| target == name) {
            if value.is_empty() {
                return ParsedLine::VariablesOnly;
            }
            return ParsedLine::Done(
                Box::new(condition.clone()),
                RewriteAction::PassTo(value.to_owned()),
            );
        }
        if let Some(more) = value.strip_prefix(&format!("${{{name}}}")) {
            let found = self.gathered.iter_mut().find(|one| one.name == name);
            let Some(own) = found else {
                return ParsedLine::Other;
            };
            own.text += more;
            own.condition = own.condition.as_ref().and_then(|own| own.and(condition));
            return ParsedLine::VariablesOnly;
        }
        if *condition != RewriteCondition::default() || value.contains('$') {
            return ParsedLine::Other;
        }
        self.gathered.retain(|one| one.name != name);
        self.gathered.push(Gathered {
            name: name.to_owned(),
            text: value.to_owned(),
            condition: Some(RewriteCondition::default()),
            span: line.span(),
            is_tested: Cell::new(false),
        });
        ParsedLine::VariablesOnly
    }

    /// `($variable operator value)`
    fn test(&self, words: &[NginxWord]) -> Option<RewriteCondition> {
        let mut texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        let first = texts.first_mut()?;
        *first = first.strip_prefix('(')?;
        let last = texts.last_mut()?;
        *last = last.strip_suffix(')')?;
        texts.retain(|text| !text.is_empty());
        // An empty value, which was between quotes.
        let is_empty = |word: &&NginxWord| word.text.is_empty();
        if texts.len() == 2 && words.iter().any(|word| is_empty(&word)) {
            texts.push("");
        }
        let (variable, operator, value) = match texts.as_slice() {
            [variable] => (*variable, "!=", ""),
            [variable, operator, value] => (*variable, *operator, *value),
            _ => return None,
        };
        let name = variable.strip_prefix('$')?;
        if operator == "=" {
            if value.is_empty() && self.targets.iter().any(|target| target == name) {
                return Some(RewriteCondition {
                    late: true,
                    ..RewriteCondition::default()
                });
            }
            if let Some(own) = self.gathered.iter().find(|one| one.name == name) {
                own.is_tested.set(true);
                return own.condition.clone().filter(|_| own.text == value);
            }
        }
        builtin(name, operator, value)
    }
}

fn returned(line: &Directive, condition: RewriteCondition) -> ParsedLine {
    match line.words().as_slice() {
        [status] => match status.parse() {
            Ok(status) => ParsedLine::Done(Box::new(condition), RewriteAction::Return(status)),
            Err(_) => ParsedLine::Other,
        },
        _ => ParsedLine::Other,
    }
}

/// A test of a variable that nginx has itself.
pub(super) fn builtin(name: &str, operator: &str, value: &str) -> Option<RewriteCondition> {
    let mut when = RouteMatch::default();
    let mut missing = None;
    let text = || Some(value.to_owned());
    match (name, operator) {
        ("uri" | "request_uri" | "document_uri", "~") => {
            when.path = Some(literal(value.strip_prefix('^')?)?);
        }
        ("uri" | "request_uri" | "args" | "query_string", "~*") => {
            when.contains = Some(literal(value)?);
        }
        ("host" | "http_host", "=") if !value.is_empty() => when.host = text(),
        ("request_method", "=") if !value.is_empty() => when.method = text(),
        _ => {
            let (is_header, own) = match name.strip_prefix("http_") {
                Some(own) => (true, own.replace('_', "-")),
                None => (false, name.strip_prefix("cookie_")?.to_owned()),
            };
            let pair = |value| {
                Some(HeaderMatch {
                    name: own.clone(),
                    value,
                })
            };
            match (operator, value, is_header) {
                ("=", "", true) => missing = Some(own),
                ("=", "", false) => return None,
                ("=", _, true) => when.header = pair(text()),
                ("=", _, false) => when.cookie = pair(text()),
                ("!=", "", true) => when.header = pair(None),
                ("!=", "", false) => when.cookie = pair(None),
                _ => return None,
            }
        }
    }
    Some(RewriteCondition {
        when,
        missing,
        late: false,
    })
}

/// The text of a pattern that matches one text only.
fn literal(pattern: &str) -> Option<String> {
    let mut found = String::new();
    let mut letters = pattern.chars();
    while let Some(one) = letters.next() {
        match one {
            '\\' => match letters.next()? {
                'x' => {
                    let digits: String = letters.by_ref().take(2).collect();
                    let code = u8::from_str_radix(&digits, 16).ok();
                    found.push(code.filter(u8::is_ascii_graphic)?.into());
                }
                same if same.is_ascii_punctuation() => found.push(same),
                _ => return None,
            },
            '.' | '^' | '$' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '*' | '+' | '?' => {
                return None;
            }
            _ => found.push(one),
        }
    }
    (!found.is_empty()).then_some(found)
}

/// `90% old; * new;`: whole percents stay what they are, others are counted in hundredths.
fn parts(line: &Directive) -> Option<Vec<SplitWeight>> {
    let mut found: Vec<(u32, &str)> = Vec::new();
    let mut left: u32 = 10_000;
    for part in line.children() {
        let [pool] = part.args.as_slice() else {
            return None;
        };
        let share = match part.name.text.as_str() {
            "*" => left,
            text => hundredths(text.strip_suffix('%')?)?,
        };
        left = left.checked_sub(share)?;
        found.push((share, pool.text.as_str()));
    }
    let whole = found.iter().all(|(share, _)| share.is_multiple_of(100));
    let unit = if whole { 100 } else { 1 };
    let part = |(share, pool): &(u32, &str)| SplitWeight {
        pool: (*pool).to_owned(),
        share: share / unit,
    };
    (found.len() > 1 && left == 0).then(|| found.iter().map(part).collect())
}

/// Whether the shares of a split are more than everything.
pub(super) fn is_over(line: &Directive) -> bool {
    let shares = line
        .children()
        .iter()
        .filter_map(|part| part.name.text.strip_suffix('%'));
    shares.filter_map(hundredths).sum::<u32>() > 10_000
}

/// A percentage with at most two places, in hundredths.
fn hundredths(text: &str) -> Option<u32> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    if rest.len() > 2 || !rest.chars().all(|one| one.is_ascii_digit()) {
        return None;
    }
    let whole: u32 = whole.parse().ok().filter(|whole| *whole <= 100)?;
    let rest: u32 = format!("{rest:0<2}").parse().ok()?;
    Some(whole * 100 + rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::nginx::tree::parse;

    fn done(text: &str) -> Vec<String> {
        let mut variables = Variables {
            targets: vec!["way".to_owned()],
            ..Variables::default()
        };
        let tree = parse(text, &mut Diagnostics::default());
        let read = tree.iter().map(|line| match variables.read(line) {
            ParsedLine::VariablesOnly => "kept".to_owned(),
            ParsedLine::TooMuch => "too much".to_owned(),
            ParsedLine::Other => "other".to_owned(),
            ParsedLine::Done(condition, deed) => {
                let when = serde_json::to_value(&condition.when).expect("a condition");
                let said: Vec<String> = when
                    .as_object()
                    .expect("an object")
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                format!(
                    "{said:?} {:?} {} {deed:?}",
                    condition.missing, condition.late
                )
            }
        });
        read.collect()
    }

    #[test]
    fn tests_gather() {
        let text = r#"set $a ""; if ($uri ~ ^/pay\.php) { set $a "${a}+"; }
            if ($http_x_key = "") { set $a "${a}+"; } if ($a = "++") { return 401; }"#;
        let expected = r#"["path=\"/pay.php\""] Some("x-key") false Return(401)"#;
        assert_eq!(done(text), ["kept", "kept", "kept", expected]);
        let text = r#"if ($way = "") { set $way main; } set $way "";"#;
        assert_eq!(done(text), [r#"[] None true PassTo("main")"#, "kept"]);
    }

    #[test]
    fn what_is_no_rule_is_told_apart() {
        for (text, expected) in [
            ("if ($uri ~ a) { return 403; }", "too much"),
            ("if ($request_uri ~* a.*b) { return 403; }", "too much"),
            ("if ($scheme = http) { return 403; }", "too much"),
            ("if (-f $request_filename) { return 403; }", "too much"),
            ("if ($host = a) { rewrite ^ /b; }", "other"),
            ("if ($host = a) { return 403; set $b c; }", "other"),
            ("return 301 https://a;", "other"),
            ("set $a $b;", "other"),
        ] {
            assert_eq!(done(text), [expected], "{text}");
        }
    }

    #[test]
    fn splits_add_up() {
        for (text, expected) in [
            ("90% a; * b;", Some(vec![90, 10])),
            ("33.33% a; 33.3% b; * c;", Some(vec![3_333, 3_330, 3_337])),
            ("90% a; 20% b;", None),
            ("90% a;", None),
            ("x% a; * b;", None),
            ("0.001% a; * b;", None),
        ] {
            let tree = parse(
                &format!("split_clients \"$request_id\" $x {{ {text} }}"),
                &mut Diagnostics::default(),
            );
            let mut variables = Variables::default();
            assert_eq!(variables.add_split(&tree[0]), expected.is_some(), "{text}");
            let shares = variables.split("x").map(|parts| {
                let shares = parts.iter().map(|part| part.share);
                shares.collect::<Vec<u32>>()
            });
            assert_eq!(shares, expected, "{text}");
        }
    }
}
