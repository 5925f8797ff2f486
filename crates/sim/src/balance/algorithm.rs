//! Whose implementation of an algorithm, and what else belongs to the choice of one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::catalogue::{Algorithm, CATALOGUE, CatalogueRow, KeyNeed, ShareModel};
pub use super::config::PickerConfig;
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
    /// gRPC's client-side policies.
    Grpc,
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
        Self::Grpc,
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
            Self::Grpc => "grpc",
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
            Self::Grpc => "gRPC",
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
