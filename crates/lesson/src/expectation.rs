//! Conditions on a run: what a reader must have seen, and the answer that a run confirms.

use serde::{Deserialize, Serialize};

use super::measure::{Measure, Stretch};
use evenkeel_sim::engine::view::View;

/// A condition on a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// The measure is at least this.
    AtLeast(Measure, f64),
    /// The measure is at most this.
    AtMost(Measure, f64),
    /// The measure is neither below the first number nor above the second.
    Between(Measure, f64, f64),
    /// The first measure is more than the second.
    More(Measure, Measure),
    /// The balancer has this belief of the server: `["B", "down"]`, in the words of the stage.
    Belief(String, String),
    /// Whether the balancer ignores health because too few endpoints are healthy.
    Panic(bool),
    /// All of these conditions hold.
    All(Vec<Self>),
    /// At least one of these conditions holds.
    Any(Vec<Self>),
    /// This condition does not hold.
    Not(Box<Self>),
}

impl Expectation {
    /// Whether the condition holds. A measure without a value (yet) does not fulfil it.
    #[must_use]
    pub fn holds(&self, stretch: Stretch<'_>) -> bool {
        let number = |measure: &Measure| measure.number(stretch);
        match self {
            Self::AtLeast(measure, least) => number(measure).is_some_and(|value| value >= *least),
            Self::AtMost(measure, most) => number(measure).is_some_and(|value| value <= *most),
            Self::Between(measure, least, most) => {
                number(measure).is_some_and(|value| (*least..=*most).contains(&value))
            }
            Self::More(one, other) => number(one)
                .zip(number(other))
                .is_some_and(|(one, other)| one > other),
            Self::Belief(server, word) => believes(stretch.to, server, word),
            Self::Panic(panics) => stretch.to.balancer().is_panicking() == *panics,
            Self::All(all) => all.iter().all(|one| one.holds(stretch)),
            Self::Any(all) => all.iter().any(|one| one.holds(stretch)),
            Self::Not(one) => !one.holds(stretch),
        }
    }

    /// Adds the names of the servers that the condition refers to.
    pub fn servers(&self, names: &mut Vec<String>) {
        match self {
            Self::AtLeast(measure, _) | Self::AtMost(measure, _) | Self::Between(measure, ..) => {
                names.extend(measure.server().map(str::to_string));
            }
            Self::More(one, other) => {
                for measure in [one, other] {
                    names.extend(measure.server().map(str::to_string));
                }
            }
            Self::Belief(server, _) => names.push(server.clone()),
            Self::Panic(_) => {}
            Self::All(all) | Self::Any(all) => {
                for one in all {
                    one.servers(names);
                }
            }
            Self::Not(one) => one.servers(names),
        }
    }
}

fn believes(view: View<'_>, server: &str, word: &str) -> bool {
    view.members()
        .any(|member| member.server.spec.name == server && member.endpoint.belief().word() == word)
}
