//! The names of algorithms, what is known of each, and the only place that joins a name to a
//! mechanism.

use serde::{Deserialize, Serialize};

pub use super::catalogue::CATALOGUE;
use super::picker::Picker;
use super::pickers::ip_hash::IpHash;
use super::pickers::ketama::Ketama;
use super::pickers::key_hash::KeyHash;
use super::pickers::least_conn::LeastConn;
use super::pickers::least_time::LeastTime;
use super::pickers::random::Random;
use super::pickers::random_two::RandomTwo;
use super::pickers::smooth_wrr::SmoothWrr;

/// A balancing idea, as a scenario, a link or the page names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// In rotation, all equal.
    RoundRobin,
    /// In rotation, each as often as its weight says.
    WeightedRoundRobin,
    /// The one with the fewest in progress.
    LeastConnections,
    /// The one with the fewest in progress for its weight.
    WeightedLeastConnections,
    /// The same client address, the same endpoint.
    IpHash,
    /// The lowest response time times load.
    LeastTime,
    /// Any, all equally likely.
    Random,
    /// Any, as likely as its weight says.
    WeightedRandom,
    /// The better of two drawn.
    PowerOfTwo,
    /// A hash of the key over the slots.
    KeyHash,
    /// A hash of the key on a ring.
    ConsistentHash,
}

/// Whose form of an algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// nginx 1.22 (least_time: 1.31).
    #[default]
    Nginx,
    /// HAProxy 2.6.
    Haproxy,
    /// Envoy.
    Envoy,
    /// Linux IPVS.
    Ipvs,
}

/// What an algorithm must be able to read of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// Nothing.
    None,
    /// The client's address: L4 is enough.
    Address,
    /// The request's path: needs L7.
    Path,
}

/// Which share of the picks an algorithm asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// The same for all in use.
    Equal,
    /// By weight.
    ByWeight,
    /// Nothing: the share is what keys or response times make it.
    Nothing,
}

/// One algorithm's line in the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueRow {
    /// Which.
    pub algorithm: Algorithm,
    /// Its name in scenarios and links.
    pub id: &'static str,
    /// Its name on the page.
    pub label: &'static str,
    /// What it does, in one line.
    pub rule: &'static str,
    /// What speaks for it.
    pub pros: &'static str,
    /// What speaks against it.
    pub cons: &'static str,
    /// When to choose it.
    pub choose_for: &'static str,
    /// What it must be able to read.
    pub key: KeyNeed,
    /// Which shares it asks for.
    pub asks: Asks,
    /// Whether weights change what it does.
    pub weighted: bool,
    /// Whether it moves no key that it need not when the endpoints change.
    pub consistent: bool,
    /// How an nginx upstream block spells it.
    pub nginx: Option<&'static str>,
    /// How an HAProxy backend spells it.
    pub haproxy: Option<&'static str>,
    /// How an Envoy cluster spells it.
    pub envoy: Option<&'static str>,
    /// Whose forms of it can be chosen, each with how it differs in one line; the first is used
    /// where the one asked for does not exist.
    pub flavours: &'static [(Flavour, &'static str)],
}

impl CatalogueRow {
    /// Whether weights change what it does.
    #[must_use]
    pub const fn honours_weight(&self) -> bool {
        self.weighted
    }

    /// Whether it exists in this engine's form.
    #[must_use]
    pub fn has(&self, flavour: Flavour) -> bool {
        self.flavours.iter().any(|(has, _)| *has == flavour)
    }
}

impl Algorithm {
    /// Its line in the catalogue.
    #[must_use]
    pub fn row(self) -> &'static CatalogueRow {
        CATALOGUE
            .iter()
            .find(|row| row.algorithm == self)
            .expect("every algorithm has a row: tests/it/catalogue.rs")
    }
}

impl Flavour {
    /// All of them, in the order of the page.
    pub const ALL: &'static [Self] = &[Self::Nginx, Self::Haproxy, Self::Envoy, Self::Ipvs];

    /// Its name on the page.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
            Self::Ipvs => "IPVS",
        }
    }
}

/// Everything that chooses a picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickerConfig {
    /// The idea.
    pub algorithm: Algorithm,
    /// Whose form of it. Where the algorithm does not exist in that form, its first one is used.
    #[serde(default)]
    pub flavour: Flavour,
}

impl PickerConfig {
    /// An algorithm in one engine's form, everything else at its default.
    #[must_use]
    pub const fn new(algorithm: Algorithm, flavour: Flavour) -> Self {
        Self { algorithm, flavour }
    }

    /// A new picker. The only match on [`Algorithm`].
    #[must_use]
    pub fn build(&self) -> Box<dyn Picker> {
        match self.algorithm {
            Algorithm::RoundRobin => Box::new(SmoothWrr::new(false)),
            Algorithm::WeightedRoundRobin => Box::new(SmoothWrr::new(true)),
            Algorithm::LeastConnections => Box::new(LeastConn::new(false)),
            Algorithm::WeightedLeastConnections => Box::new(LeastConn::new(true)),
            Algorithm::IpHash => Box::new(IpHash::default()),
            Algorithm::LeastTime => Box::new(LeastTime::default()),
            Algorithm::Random => Box::new(Random::new(false)),
            Algorithm::WeightedRandom => Box::new(Random::new(true)),
            Algorithm::PowerOfTwo => Box::new(RandomTwo::default()),
            Algorithm::KeyHash => Box::new(KeyHash::default()),
            Algorithm::ConsistentHash => Box::new(Ketama::default()),
        }
    }
}

/// The picker of an algorithm in one engine's form, everything else at its default.
#[must_use]
pub fn build(algorithm: Algorithm, flavour: Flavour) -> Box<dyn Picker> {
    PickerConfig::new(algorithm, flavour).build()
}
