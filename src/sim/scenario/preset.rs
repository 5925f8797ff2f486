//! Scenes that come with the program.

use super::Scenario;
use super::validate::parse;

/// The file of the default scene: also the format's example.
pub const DEFAULT_JSON: &str = include_str!("../../../assets/scenarios/default.json");

/// The default scene: four equal servers behind weighted round robin, at about 60 % load.
#[must_use]
pub fn default_scenario() -> Scenario {
    parse(DEFAULT_JSON).expect("the default scene is valid: tests in scenario::validate")
}
