//! Whose implementation of an algorithm, and everything that determines a picker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::catalogue::{Algorithm, CATALOGUE, CatalogueRow, KeyNeed, ShareModel};
use super::picker::Picker;
use super::pickers;
use super::pickers::haproxy::HashFunction;
use crate::field::schema::describe;
use crate::field::{ANY, scene_fields};

/// Whose implementation of an algorithm.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct HashOptions {
    /// # Function
    /// Without it sdbm, with the avalanche where the hash is consistent.
    pub function: Option<HashFunction>,
    /// # Avalanche
    /// The avalanche follows a function that is named.
    pub avalanche: bool,
    /// # Consistent
    /// For IP hash and key hash: a ring in the place of a table.
    pub consistent: bool,
}

scene_fields!(HashOptions {
    function: ANY.example("sdbm"),
});

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

    /// A new picker for this configuration.
    #[must_use]
    pub fn build(&self) -> Box<dyn Picker> {
        pickers::build(self)
    }
}

/// The picker of an algorithm in one implementation, everything else at its default.
#[must_use]
pub fn build(algorithm: Algorithm, implementation: Implementation) -> Box<dyn Picker> {
    PickerConfig::new(algorithm, implementation).build()
}
