//! Paths in a scene: `servers[2].weight`, as faults name places.

use std::fmt;

use serde_json::Value;

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathSegment {
    /// The field with this name.
    Field(String),
    /// The list entry with this number, from 0.
    Entry(usize),
}

/// The path from a scene to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonPath(pub Vec<PathSegment>);

impl JsonPath {
    /// The path of dotted names (`balancer.retries`).
    #[must_use]
    pub fn of(names: &str) -> Self {
        Self(
            names
                .split('.')
                .map(|name| PathSegment::Field(name.to_owned()))
                .collect(),
        )
    }

    /// The path of a fault's place: `servers[2].weight`.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut steps = Vec::new();
        for name in text.split('.') {
            let (field, entries) = name.split_once('[').unwrap_or((name, ""));
            steps.push(PathSegment::Field(field.to_owned()));
            let entries = entries
                .split(['[', ']'])
                .filter_map(|entry| entry.parse().ok());
            steps.extend(entries.map(PathSegment::Entry));
        }
        Self(steps)
    }

    /// The path to the field with this name below it.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.then(PathSegment::Field(name.to_owned()))
    }

    /// The path to the entry with this number below it.
    #[must_use]
    pub fn entry(&self, number: usize) -> Self {
        self.then(PathSegment::Entry(number))
    }

    fn then(&self, step: PathSegment) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The value at the path; `None` if there is none.
    #[must_use]
    pub fn get<'a>(&self, scene: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(scene, |value, step| match step {
            PathSegment::Field(name) => value.get(name),
            PathSegment::Entry(number) => value.get(number),
        })
    }

    /// The value at the path, to change.
    pub fn get_mut<'a>(&self, scene: &'a mut Value) -> Option<&'a mut Value> {
        self.0.iter().try_fold(scene, |value, step| match step {
            PathSegment::Field(name) => value.get_mut(name),
            PathSegment::Entry(number) => value.get_mut(number),
        })
    }

    /// Whether `text`, as a path, is this one or one below it.
    #[must_use]
    pub fn holds(&self, text: &str) -> bool {
        let own = self.to_string();
        let rest = text.strip_prefix(&own);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                PathSegment::Field(name) if number == 0 => write!(f, "{name}")?,
                PathSegment::Field(name) => write!(f, ".{name}")?,
                PathSegment::Entry(entry) => write!(f, "[{entry}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_faults_name_it() {
        let place = JsonPath::of("servers").entry(2).field("weight");
        assert_eq!(place.to_string(), "servers[2].weight");
        assert_eq!(JsonPath::read("servers[2].weight"), place);
        assert!(JsonPath::of("servers").entry(2).holds("servers[2].weight"));
        assert!(place.holds("servers[2].weight"));
        assert!(!JsonPath::of("serv").holds("servers[2].weight"));
        assert!(!JsonPath::of("servers").entry(2).holds("servers[20]"));
    }
}
