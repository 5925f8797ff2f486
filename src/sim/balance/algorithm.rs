//! The catalogue of algorithms: one row each, and the only place that joins a name to a mechanism.

use serde::{Deserialize, Serialize};

use super::picker::Picker;
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
    /// How an nginx upstream block spells it.
    pub nginx: Option<&'static str>,
    /// How an HAProxy backend spells it.
    pub haproxy: Option<&'static str>,
    /// How an Envoy cluster spells it.
    pub envoy: Option<&'static str>,
    /// forms
    pub flavours: &'static [(Flavour, &'static str)],
}

impl CatalogueRow {
    /// Whether weights change what it does.
    #[must_use]
    pub fn honours_weight(&self) -> bool {
        true
    }
}

/// Every algorithm, in the order of the page.
pub const CATALOGUE: &[CatalogueRow] = &[CatalogueRow {
    algorithm: Algorithm::WeightedRoundRobin,
    id: "weighted_round_robin",
    label: "Weighted round robin",
    rule: "",
    pros: "",
    cons: "",
    choose_for: "",
    key: KeyNeed::None,
    asks: Asks::ByWeight,
    nginx: None,
    haproxy: None,
    envoy: None,
    flavours: &[(Flavour::Nginx, "")],
}];

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

/// The picker of an algorithm in one engine's form.
#[must_use]
pub fn build(algorithm: Algorithm, flavour: Flavour) -> Box<dyn Picker> {
    let _ = (algorithm, flavour);
    Box::new(SmoothWrr::new(true))
}
