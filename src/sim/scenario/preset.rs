//! Scenes that come with the program.

use super::Scenario;
use super::validate::parse;

/// The file of the default scene: also the format's example.
pub const DEFAULT_JSON: &str = include_str!("../../../assets/scenarios/default.json");

/// Each scene's file in `assets/scenarios`, and its name there. The first is built in.
pub const SCENES: &[(&str, &str)] = &[
    ("default", "Four equal servers"),
    ("l4_keepalive", "Long connections at L4"),
    ("grpc_trap", "One gRPC connection at L4"),
    ("direct_return", "Answers that pass the balancer by"),
    ("l7_routing", "Routing by what is written"),
    ("ab_split", "A new version for one in ten"),
    ("rate_limit", "Who may come in"),
    ("websocket", "A WebSocket that fails"),
    ("l7_saturated", "A balancer with one slow core"),
    ("active_passive", "Two balancers, one address"),
    (
        "active_active_40",
        "Two balancers, both at work, each at 40 %",
    ),
    (
        "active_active_70",
        "Two balancers, both at work, each at 70 %",
    ),
    ("world", "The whole world behind one name"),
];

/// The default scene: four equal servers behind weighted round robin, at about 60 % load.
#[must_use]
pub fn default_scenario() -> Scenario {
    parse(DEFAULT_JSON).expect("the default scene is valid: tests in scenario::validate")
}
