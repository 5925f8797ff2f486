//! The names of algorithms, the facts about each, and the only place that maps a name to a picker.

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

/// A load-balancing algorithm, as a scenario, a link or the page names it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// Takes turns, all endpoints alike.
    RoundRobin,
    /// Takes turns in proportion to the weights. The page starts with it.
    #[default]
    WeightedRoundRobin,
    /// Picks the endpoint with the fewest in progress.
    LeastConnections,
    /// Picks the endpoint with the fewest in progress for its weight.
    WeightedLeastConnections,
    /// Maps a client address to the same endpoint every time.
    IpHash,
    /// Picks the endpoint with the lowest response time times load.
    LeastTime,
    /// Draws any endpoint, all equally likely.
    Random,
    /// Draws any endpoint, in proportion to its weight.
    WeightedRandom,
    /// Draws two endpoints and picks the less loaded one.
    PowerOfTwo,
    /// Hashes the key over the slots.
    KeyHash,
    /// Hashes the key onto a ring.
    ConsistentHash,
    /// Hashes the key onto a ring, and passes over a busy owner.
    BoundedLoadHash,
    /// Hashes the key over a table that every endpoint fills in its own order.
    Maglev,
    /// Picks the endpoint with the highest score under the key's hash.
    Rendezvous,
    /// Draws any endpoint of the small subset that each client keeps to.
    Subset,
    /// Draws two endpoints and picks the one with the lower recent peak of response time times load.
    PeakEwma,
    /// Picks the first endpoint in the list with room.
    First,
}

/// Whose implementation of an algorithm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Implementation {
    /// nginx 1.22 (least_time: 1.31).
    #[default]
    Nginx,
    /// HAProxy, version 2.6.
    Haproxy,
    /// Envoy's load-balancing policies.
    Envoy,
    /// The schedulers of Linux IPVS.
    Ipvs,
    /// Twitter's Finagle, as Linkerd uses it too.
    Finagle,
    /// The algorithm as its paper describes it.
    Textbook,
}

/// The part of a request that an algorithm must be able to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyNeed {
    /// The algorithm reads no part of a request.
    None,
    /// The client's address: L4 is enough.
    Address,
    /// The request's path: needs L7.
    Path,
}

/// The share of the picks that an algorithm aims at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShareModel {
    /// The same share for all endpoints in use.
    Equal,
    /// Shares in proportion to the weights.
    ByWeight,
    /// No target: keys or response times determine the share.
    Nothing,
}

/// The catalogue's row of one algorithm.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueRow {
    /// The algorithm of the row.
    pub algorithm: Algorithm,
    /// The algorithm's name in scenarios and links, and in the keys of the page's texts.
    pub id: &'static str,
    /// The part of a request that it must be able to read.
    pub key: KeyNeed,
    /// The shares that it aims at.
    pub asks: ShareModel,
    /// Whether weights change its picks.
    pub weighted: bool,
    /// Whether it moves only the necessary keys when the endpoints change.
    pub consistent: bool,
    /// Its directive in an nginx upstream block; `None` if nginx has none.
    pub nginx: Option<&'static str>,
    /// Its spelling in an HAProxy backend; `None` if HAProxy has none.
    pub haproxy: Option<&'static str>,
    /// Its spelling in an Envoy cluster; `None` if Envoy has none.
    pub envoy: Option<&'static str>,
    /// The implementations to choose from; the first is used if the one asked for does not exist.
    pub flavours: &'static [Implementation],
}

impl CatalogueRow {
    /// Whether weights change its picks.
    #[must_use]
    pub const fn honours_weight(&self) -> bool {
        self.weighted
    }

    /// The implementation used if `implementation` is asked for: that one, or else the first.
    #[must_use]
    pub fn form(&self, implementation: Implementation) -> Implementation {
        if self.has(implementation) {
            implementation
        } else {
            self.flavours[0]
        }
    }

    /// Whether it makes sense only if endpoints have a connection limit.
    #[must_use]
    pub const fn needs_limits(&self) -> bool {
        matches!(self.algorithm, Algorithm::First)
    }

    /// Whether it exists in this implementation.
    #[must_use]
    pub fn has(&self, implementation: Implementation) -> bool {
        self.flavours.contains(&implementation)
    }
}

impl Algorithm {
    /// The row of the algorithm in the catalogue.
    #[must_use]
    pub fn row(self) -> &'static CatalogueRow {
        CATALOGUE
            .iter()
            .find(|row| row.algorithm == self)
            .expect("every algorithm has a row: tests/it/catalogue.rs")
    }
}

impl Implementation {
    /// All implementations, in the order of the page.
    pub const ALL: &'static [Self] = &[
        Self::Nginx,
        Self::Haproxy,
        Self::Envoy,
        Self::Ipvs,
        Self::Finagle,
        Self::Textbook,
    ];

    /// The name in scenarios, links and keys of texts.
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

    /// The name of the program.
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

/// HAProxy's `hash-type`. Other implementations have one way each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HashOptions {
    /// The hash function; `None` is sdbm, with the avalanche if the hash is consistent.
    pub function: Option<HashFunction>,
    /// Whether the avalanche follows a hash function that is named.
    pub avalanche: bool,
    /// For IP hash and key hash: a ring instead of a table.
    pub consistent: bool,
}

/// Everything that determines a picker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PickerConfig {
    /// The load-balancing algorithm.
    pub algorithm: Algorithm,
    /// Whose implementation of it. If the algorithm does not exist in it, its first one is used.
    #[serde(default)]
    pub implementation: Implementation,
    /// HAProxy's `hash-type` settings.
    #[serde(default)]
    pub hash: HashOptions,
    /// The number of endpoints drawn for power of two choices (HAProxy's `random(N)`, Envoy's `choice_count`); `None`
    /// is two.
    #[serde(default)]
    pub draws: Option<u8>,
    /// HAProxy's `static-rr`: round robin by a fixed table.
    #[serde(default)]
    pub static_table: bool,
}

impl PickerConfig {
    /// An algorithm in one implementation, everything else at its default.
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

    /// A new picker for this configuration. The only match on [`Algorithm`].
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

    /// The hashing that HAProxy's `hash-type` describes for a hash of `source`.
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

/// The picker of an algorithm in one implementation, everything else at its default.
#[must_use]
pub fn build(algorithm: Algorithm, implementation: Implementation) -> Box<dyn Picker> {
    PickerConfig::new(algorithm, implementation).build()
}
