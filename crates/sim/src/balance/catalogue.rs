//! The catalogue: every algorithm there is, and one row of facts about each. Whatever lists algorithms (the page, the
//! command line, the JSON Schema, the tests) reads it here.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::algorithm::Implementation;
use super::full_rule::FullRule;

/// A load-balancing algorithm, as a scenario, a link or the page names it. Its name there is the variant in snake case,
/// and the `id` of its row.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
    /// Takes turns in proportion to weights that it works out from load reports.
    ClientSideWeightedRoundRobin,
    /// Picks the first endpoint in the list with room.
    First,
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
    /// Whether it makes sense only if endpoints have a connection limit.
    pub needs_limits: bool,
    /// Whether it wants load reports. Only a balancer that reads answers (L7) gets them.
    pub reads_load: bool,
    /// What HAProxy's form of it does with a request whose endpoint is full; other programs pass over it.
    pub haproxy_full: FullRule,
    /// The algorithm that comes nearest, for a program that lacks this one.
    pub nearest: Algorithm,
    /// The names of texts that this algorithm alone has: heads of columns, and reasons. Each is `algorithm.ID.NAME` in the
    /// page's words.
    pub own_texts: &'static [&'static str],
    /// The implementations to choose from; the first is used if the one asked for does not exist.
    pub flavours: &'static [Implementation],
}

impl CatalogueRow {
    /// The implementation used if `implementation` is asked for: that one, or else the first.
    #[must_use]
    pub fn form(&self, implementation: Implementation) -> Implementation {
        if self.has(implementation) {
            implementation
        } else {
            self.flavours[0]
        }
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

/// What a row says unless it says otherwise.
const PLAIN: CatalogueRow = CatalogueRow {
    algorithm: Algorithm::RoundRobin,
    id: "",
    key: KeyNeed::None,
    asks: ShareModel::Nothing,
    weighted: false,
    consistent: false,
    needs_limits: false,
    reads_load: false,
    haproxy_full: FullRule::PassOver,
    nearest: Algorithm::RoundRobin,
    own_texts: &[],
    flavours: &[],
};

/// Every algorithm, in the order of the page.
pub const CATALOGUE: &[CatalogueRow] = &[
    CatalogueRow {
        algorithm: Algorithm::RoundRobin,
        id: "round_robin",
        asks: ShareModel::Equal,
        flavours: &[
            Implementation::Nginx,
            Implementation::Haproxy,
            Implementation::Envoy,
            Implementation::Ipvs,
        ],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::WeightedRoundRobin,
        id: "weighted_round_robin",
        asks: ShareModel::ByWeight,
        weighted: true,
        flavours: &[
            Implementation::Nginx,
            Implementation::Haproxy,
            Implementation::Envoy,
            Implementation::Ipvs,
        ],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::LeastConnections,
        id: "least_connections",
        asks: ShareModel::Equal,
        flavours: &[
            Implementation::Nginx,
            Implementation::Haproxy,
            Implementation::Envoy,
            Implementation::Ipvs,
        ],
        haproxy_full: FullRule::OwnQueueRoom,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::WeightedLeastConnections,
        id: "weighted_least_connections",
        asks: ShareModel::ByWeight,
        weighted: true,
        flavours: &[
            Implementation::Nginx,
            Implementation::Haproxy,
            Implementation::Envoy,
            Implementation::Ipvs,
        ],
        haproxy_full: FullRule::OwnQueueRoom,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::IpHash,
        id: "ip_hash",
        key: KeyNeed::Address,
        weighted: true,
        flavours: &[Implementation::Nginx, Implementation::Haproxy],
        haproxy_full: FullRule::OwnQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::LeastTime,
        id: "least_time",
        weighted: true,
        nearest: Algorithm::WeightedLeastConnections,
        flavours: &[Implementation::Nginx],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::Random,
        id: "random",
        asks: ShareModel::Equal,
        flavours: &[Implementation::Nginx, Implementation::Haproxy],
        haproxy_full: FullRule::SharedQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::WeightedRandom,
        id: "weighted_random",
        asks: ShareModel::ByWeight,
        weighted: true,
        nearest: Algorithm::Random,
        flavours: &[Implementation::Nginx, Implementation::Haproxy],
        haproxy_full: FullRule::SharedQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::PowerOfTwo,
        id: "power_of_two",
        asks: ShareModel::ByWeight,
        weighted: true,
        nearest: Algorithm::WeightedLeastConnections,
        flavours: &[
            Implementation::Nginx,
            Implementation::Haproxy,
            Implementation::Envoy,
        ],
        haproxy_full: FullRule::SharedQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::KeyHash,
        id: "key_hash",
        key: KeyNeed::Path,
        weighted: true,
        nearest: Algorithm::ConsistentHash,
        flavours: &[Implementation::Nginx, Implementation::Haproxy],
        haproxy_full: FullRule::OwnQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::ConsistentHash,
        id: "consistent_hash",
        key: KeyNeed::Path,
        weighted: true,
        consistent: true,
        flavours: &[
            Implementation::Nginx,
            Implementation::Haproxy,
            Implementation::Envoy,
        ],
        haproxy_full: FullRule::OwnQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::BoundedLoadHash,
        id: "bounded_load_hash",
        key: KeyNeed::Path,
        weighted: true,
        consistent: true,
        nearest: Algorithm::ConsistentHash,
        flavours: &[Implementation::Haproxy],
        haproxy_full: FullRule::OwnQueue,
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::Maglev,
        id: "maglev",
        key: KeyNeed::Path,
        weighted: true,
        nearest: Algorithm::ConsistentHash,
        flavours: &[Implementation::Envoy],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::Rendezvous,
        id: "rendezvous",
        key: KeyNeed::Path,
        weighted: true,
        consistent: true,
        nearest: Algorithm::Maglev,
        flavours: &[Implementation::Textbook],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::Subset,
        id: "subset",
        nearest: Algorithm::Random,
        flavours: &[Implementation::Textbook],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::PeakEwma,
        id: "peak_ewma",
        nearest: Algorithm::PowerOfTwo,
        flavours: &[Implementation::Finagle],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::ClientSideWeightedRoundRobin,
        id: "client_side_weighted_round_robin",
        reads_load: true,
        // The shares follow the servers' speeds there too, without weights.
        nearest: Algorithm::LeastConnections,
        own_texts: &["qps", "load", "weight", "reason", "inside"],
        flavours: &[Implementation::Grpc],
        ..PLAIN
    },
    CatalogueRow {
        algorithm: Algorithm::First,
        id: "first",
        needs_limits: true,
        flavours: &[Implementation::Haproxy],
        ..PLAIN
    },
];
