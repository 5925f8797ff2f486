//! The listeners of a configuration: what clients connect to. A scene is made of one of them.

use std::collections::{BTreeMap, BTreeSet};

use super::diagnostic::Span;
use evenkeel_sim::balance::spec::Layer;

/// A listener of a configuration: an nginx `server`, an HAProxy `frontend` or `listen`, or, where the text has none of
/// these, an upstream or a backend. Where connections are sent on by a name in TLS, each name is a way of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// The name by which it is chosen. No other way of the text has it.
    pub name: String,
    /// The addresses and ports that it listens on, as written; empty if the text has none.
    pub listens: Vec<String>,
    /// Whether it sends on connections or requests.
    pub layer: Layer,
    /// The line that begins it.
    pub span: Span,
}

impl Listener {
    /// The ports, without addresses.
    fn ports(&self) -> impl Iterator<Item = &str> {
        let port = |text: &'_ str| text.rfind(':').map_or(0, |at| at + 1);
        self.listens.iter().map(move |text| &text[port(text)..])
    }
}

/// The listeners of a text, and the one that the scene is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listeners {
    /// All of them, in the order of the text.
    pub all: Vec<Listener>,
    /// The index of the one that was taken; 0 where there is none.
    pub chosen: usize,
}

impl Listeners {
    /// Makes every name unique: adds the port to a name that was there before, or else a number.
    pub(super) fn distinguish(&mut self) {
        let mut taken = BTreeSet::new();
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for one in &mut self.all {
            if taken.insert(one.name.clone()) {
                continue;
            }
            let plain = one.name.clone();
            let with_port = one.ports().next().map(|port| format!("{plain}:{port}"));
            one.name = with_port.unwrap_or_else(|| plain.clone());
            let count = counts.entry(plain.clone()).or_insert(1);
            while !taken.insert(one.name.clone()) {
                *count += 1;
                one.name = format!("{plain} {count}");
            }
        }
    }

    /// The index of the listener with this name or port, whatever the case.
    #[must_use]
    pub fn find(&self, wanted: &str) -> Option<usize> {
        let named = |one: &Listener| one.name.eq_ignore_ascii_case(wanted);
        let listens = |one: &Listener| {
            one.listens.iter().any(|text| text == wanted) || one.ports().any(|port| port == wanted)
        };
        let by_name = self.all.iter().position(named);
        by_name.or_else(|| self.all.iter().position(listens))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_ports_are_found() {
        let one = |name: &str, listens: &[&str]| Listener {
            name: name.to_owned(),
            listens: listens.iter().map(ToString::to_string).collect(),
            layer: Layer::L7,
            span: Span::default(),
        };
        let mut listeners = Listeners {
            all: vec![
                one("a", &["80"]),
                one("a", &["[::]:443"]),
                one("a", &[]),
                one("b", &["*:81"]),
            ],
            chosen: 0,
        };
        listeners.distinguish();
        let names: Vec<&str> = listeners.all.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "a:443", "a 2", "b"]);
        assert_eq!(listeners.find("A:443"), Some(1));
        assert_eq!(listeners.find("81"), Some(3));
        assert_eq!(listeners.find("82"), None);
    }
}
