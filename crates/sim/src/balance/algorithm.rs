//! The names of algorithms, what is known of each, and the only place that joins a name to a
//! mechanism.

use serde::{Deserialize, Serialize};

pub use super::catalogue::CATALOGUE;
use super::picker::Picker;
use super::pickers::bounded_load::BoundedLoad;
use super::pickers::envoy_edf::{EnvoyEdf, EnvoyLeastRequest};
use super::pickers::envoy_ring::EnvoyRing;
use super::pickers::first::First;
use super::pickers::haproxy::{HashFunction, HashSource, Hashing};
use super::pickers::haproxy_leastconn::HaproxyLeastConn;
use super::pickers::haproxy_map::HaproxyMap;
use super::pickers::haproxy_ring::{HaproxyRandom, HaproxyRing};
use super::pickers::haproxy_roundrobin::HaproxyRoundRobin;
use super::pickers::ip_hash::IpHash;
use super::pickers::ipvs::{IpvsLeastConn, IpvsRoundRobin};
use super::pickers::ketama::Ketama;
use super::pickers::key_hash::KeyHash;
use super::pickers::least_conn::LeastConn;
use super::pickers::least_time::LeastTime;
use super::pickers::maglev::Maglev;
use super::pickers::peak_ewma::PeakEwma;
use super::pickers::random::Random;
use super::pickers::random_two::RandomTwo;
use super::pickers::rendezvous::Rendezvous;
use super::pickers::smooth_wrr::SmoothWrr;
use super::pickers::subset::Subset;

/// A balancing idea, as a scenario, a link or the page names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// In rotation, all equal.
    RoundRobin,
    /// In rotation, each as often as its weight says. The page begins with it.
    #[default]
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
    /// A hash of the key on a ring, where a busy owner is passed over.
    BoundedLoadHash,
    /// A hash of the key over a table that every endpoint fills in its own order.
    Maglev,
    /// The highest score that the key's hash gives.
    Rendezvous,
    /// Any of the few that who asks keeps to.
    Subset,
    /// The better of two drawn, by the recent peak of response time times load.
    PeakEwma,
    /// The first in the list with room.
    First,
}

/// Whose form of an algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Implementation {
    /// nginx 1.22 (least_time: 1.31).
    #[default]
    Nginx,
    /// HAProxy 2.6.
    Haproxy,
    /// Envoy.
    Envoy,
    /// Linux IPVS.
    Ipvs,
    /// Twitter's Finagle.
    Finagle,
    /// As the paper that describes it has it.
    Textbook,
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
pub enum ShareModel {
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
    /// Its name in scenarios and links, and in the keys of what the page says of it.
    pub id: &'static str,
    /// What it must be able to read.
    pub key: KeyNeed,
    /// Which shares it asks for.
    pub asks: ShareModel,
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
    /// Whose forms of it can be chosen; the first is used where the one asked for does not exist.
    pub flavours: &'static [Implementation],
}

impl CatalogueRow {
    /// Whether weights change what it does.
    #[must_use]
    pub const fn honours_weight(&self) -> bool {
        self.weighted
    }

    /// The form that is used where `implementation` is asked for: that one, or the first there is.
    #[must_use]
    pub fn form(&self, implementation: Implementation) -> Implementation {
        if self.has(implementation) {
            implementation
        } else {
            self.flavours[0]
        }
    }

    /// Whether it makes sense only where endpoints have a limit of connections.
    #[must_use]
    pub const fn needs_limits(&self) -> bool {
        matches!(self.algorithm, Algorithm::First)
    }

    /// Whether it exists in this engine's form.
    #[must_use]
    pub fn has(&self, implementation: Implementation) -> bool {
        self.flavours.contains(&implementation)
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

impl Implementation {
    /// All of them, in the order of the page.
    pub const ALL: &'static [Self] = &[
        Self::Nginx,
        Self::Haproxy,
        Self::Envoy,
        Self::Ipvs,
        Self::Finagle,
        Self::Textbook,
    ];

    /// Its name in scenarios, links and keys of texts.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Envoy => "envoy",
            Self::Ipvs => "ipvs",
            Self::Finagle => "finagle",
            Self::Textbook => "textbook",
        }
    }

    /// The program's own name.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Haproxy => "HAProxy",
            Self::Envoy => "Envoy",
            Self::Ipvs => "IPVS",
            Self::Finagle => "Finagle",
            Self::Textbook => "Textbook",
        }
    }
}

/// What HAProxy's `hash-type` says. Other engines have one way each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HashOptions {
    /// The function; `None` is sdbm, with the avalanche if the hash is consistent.
    pub function: Option<HashFunction>,
    /// Whether the avalanche follows a function that is named.
    pub avalanche: bool,
    /// For IP hash and key hash: a ring instead of a table.
    pub consistent: bool,
}

/// Everything that chooses a picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickerConfig {
    /// The idea.
    pub algorithm: Algorithm,
    /// Whose form of it. Where the algorithm does not exist in that form, its first one is used.
    #[serde(default)]
    pub implementation: Implementation,
    /// HAProxy's `hash-type`.
    #[serde(default)]
    pub hash: HashOptions,
    /// HAProxy's `random(N)` and Envoy's `choice_count`: how many are drawn for power of two choices;
    /// `None` is two.
    #[serde(default)]
    pub draws: Option<u8>,
    /// HAProxy's `static-rr`: round robin by a fixed table.
    #[serde(default)]
    pub static_table: bool,
}

impl PickerConfig {
    /// An algorithm in one engine's form, everything else at its default.
    #[must_use]
    pub const fn new(algorithm: Algorithm, implementation: Implementation) -> Self {
        let hash = HashOptions {
            function: None,
            avalanche: false,
            consistent: false,
        };
        Self {
            algorithm,
            implementation,
            hash,
            draws: None,
            static_table: false,
        }
    }

    /// A new picker. The only match on [`Algorithm`].
    #[must_use]
    pub fn build(&self) -> Box<dyn Picker> {
        let haproxy = self.algorithm.row().form(self.implementation) == Implementation::Haproxy;
        match self.algorithm {
            Algorithm::RoundRobin => self.round_robin(false),
            Algorithm::WeightedRoundRobin => self.round_robin(true),
            Algorithm::LeastConnections => self.least_connections(false),
            Algorithm::WeightedLeastConnections => self.least_connections(true),
            Algorithm::IpHash if haproxy => {
                self.haproxy_hash(HashSource::Address, self.hash.consistent)
            }
            Algorithm::IpHash => Box::new(IpHash::default()),
            Algorithm::LeastTime => Box::new(LeastTime::default()),
            Algorithm::Random if haproxy => Box::new(HaproxyRandom::new(1, false)),
            Algorithm::Random => Box::new(Random::new(false)),
            Algorithm::WeightedRandom if haproxy => Box::new(HaproxyRandom::new(1, true)),
            Algorithm::WeightedRandom => Box::new(Random::new(true)),
            Algorithm::PowerOfTwo => self.choices(),
            Algorithm::KeyHash if haproxy => {
                self.haproxy_hash(HashSource::Path, self.hash.consistent)
            }
            Algorithm::KeyHash => Box::new(KeyHash::default()),
            Algorithm::ConsistentHash => self.ring(),
            Algorithm::BoundedLoadHash => {
                Box::new(BoundedLoad::new(self.hashing(HashSource::Path, true)))
            }
            Algorithm::Maglev => Box::new(Maglev::default()),
            Algorithm::Rendezvous => Box::new(Rendezvous::default()),
            Algorithm::Subset => Box::new(Subset::default()),
            Algorithm::PeakEwma => Box::new(PeakEwma::default()),
            Algorithm::First => Box::new(First),
        }
    }

    fn round_robin(&self, honours_weight: bool) -> Box<dyn Picker> {
        match self.algorithm.row().form(self.implementation) {
            Implementation::Haproxy if self.static_table => {
                Box::new(HaproxyMap::in_turn(honours_weight))
            }
            Implementation::Haproxy => Box::new(HaproxyRoundRobin::new(honours_weight)),
            Implementation::Envoy => Box::new(EnvoyEdf::round_robin(honours_weight)),
            Implementation::Ipvs => Box::new(IpvsRoundRobin::new(honours_weight)),
            _ => Box::new(SmoothWrr::new(honours_weight)),
        }
    }

    fn least_connections(&self, honours_weight: bool) -> Box<dyn Picker> {
        match self.algorithm.row().form(self.implementation) {
            Implementation::Haproxy => Box::new(HaproxyLeastConn::new(honours_weight)),
            Implementation::Envoy => Box::new(EnvoyLeastRequest::new(honours_weight, 2)),
            Implementation::Ipvs => Box::new(IpvsLeastConn::new(honours_weight)),
            _ => Box::new(LeastConn::new(honours_weight)),
        }
    }

    fn choices(&self) -> Box<dyn Picker> {
        let draws = self.draws.unwrap_or(2);
        match self.algorithm.row().form(self.implementation) {
            Implementation::Haproxy => Box::new(HaproxyRandom::new(draws.into(), true)),
            Implementation::Envoy => Box::new(EnvoyLeastRequest::new(true, draws)),
            _ => Box::new(RandomTwo::default()),
        }
    }

    fn ring(&self) -> Box<dyn Picker> {
        match self.algorithm.row().form(self.implementation) {
            Implementation::Haproxy => self.haproxy_hash(HashSource::Path, true),
            Implementation::Envoy => Box::new(EnvoyRing::default()),
            _ => Box::new(Ketama::default()),
        }
    }

    /// HAProxy's `hash-type`.
    fn hashing(&self, source: HashSource, consistent: bool) -> Hashing {
        let function = self.hash.function.unwrap_or_default();
        let avalanche = match self.hash.function {
            Some(_) => self.hash.avalanche,
            None => consistent,
        };
        Hashing {
            source,
            function,
            avalanche,
        }
    }

    fn haproxy_hash(&self, source: HashSource, consistent: bool) -> Box<dyn Picker> {
        let hashing = self.hashing(source, consistent);
        if consistent {
            Box::new(HaproxyRing::new(hashing))
        } else {
            Box::new(HaproxyMap::hashed(hashing))
        }
    }
}

/// The picker of an algorithm in one engine's form, everything else at its default.
#[must_use]
pub fn build(algorithm: Algorithm, implementation: Implementation) -> Box<dyn Picker> {
    PickerConfig::new(algorithm, implementation).build()
}
