//! The charts below the stage: response times, shares, outcomes, and more of them on request.
//!
//! [`figure`] draws charts from the data that [`crate::scene::chart`] computes at each pulse.

mod action_field;
mod compare;
mod cursor;
mod distribution;
pub(super) mod figure;
mod files;
mod inside;
mod latency;
mod more;
pub(super) mod numbers;
mod outcomes;
mod pools;
mod rule_edit;
mod rule_form;
mod rules;
mod scope;
mod upstream_connections;

pub use compare::CompareLayers;
pub use distribution::DistributionPanel;
pub use inside::BalancerPanel;
pub use latency::LatencyPanel;
pub use more::MoreCharts;
pub use outcomes::OutcomesPanel;
pub use scope::PanelScope;
