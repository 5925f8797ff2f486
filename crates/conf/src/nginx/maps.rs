//! Reads `map` and `geo`, where they decide which upstream a request goes to.

use super::listeners::host_of;
use super::rewrite::{MOST, Variables, builtin};
use super::tree::Directive;
use crate::diagnostic::{ConfigMessage, Diagnostics};
use evenkeel_sim::balance::l7::rules::RouteMatch;

/// What a `map` or a `geo` says of the upstream of a request.
#[derive(Clone, Debug, Default)]
pub struct MapTable {
    /// Conditions, each with its value, in the order in which nginx tries them.
    pub cases: Vec<(RouteMatch, String)>,
    /// The value of all other requests.
    pub default: Option<String>,
}

impl Variables {
    /// The cases of a map, by its variable.
    pub fn map(&self, name: &str) -> Option<&MapTable> {
        let found = self.maps.iter().find(|(own, _)| own == name)?;
        Some(&found.1)
    }

    /// Takes a `map` or a `geo` that decides where requests go; `false` where it decides something else. A case that no
    /// rule of the scene can have gets a diagnostic: a `geo` has no others, since it looks at addresses.
    pub fn add_map(&mut self, line: &Directive, notes: &mut Diagnostics) -> bool {
        let words = line.words();
        let (source, variable) = match words.as_slice() {
            [variable] if line.is("geo") => ("$remote_addr", variable),
            [source, variable] => (*source, variable),
            _ => return false,
        };
        let (Some(source), Some(name)) = (source.strip_prefix('$'), variable.strip_prefix('$'))
        else {
            return false;
        };
        if self.maps.len() >= MOST || !self.targets.iter().any(|target| target == name) {
            return false;
        }
        let mut map = MapTable::default();
        let mut patterns = Vec::new();
        for case in line.children() {
            let key = case.name.text.as_str();
            let Some(value) = case.args.first().map(|word| host_of(&word.text).to_owned()) else {
                continue;
            };
            let (operator, value_of_key) = match key.strip_prefix('~') {
                Some(rest) => match rest.strip_prefix('*') {
                    Some(rest) => ("~*", rest),
                    None => ("~", rest),
                },
                None => ("=", key.strip_prefix('\\').unwrap_or(key)),
            };
            if key == "default" {
                map.default = Some(value);
                continue;
            }
            let condition = builtin(source, operator, value_of_key);
            match condition.filter(|one| one.missing.is_none() && !value.contains('$')) {
                Some(one) if operator == "=" => map.cases.push((one.when, value)),
                Some(one) => patterns.push((one.when, value)),
                None => notes.push(case.span(), ConfigMessage::Condition),
            }
        }
        map.cases.append(&mut patterns);
        self.maps.push((name.to_owned(), map));
        true
    }
}
