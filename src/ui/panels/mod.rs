//! The figures under the stage: response times, shares, outcomes; more of them on request.
//!
//! Charts are drawn by [`figure`], from what [`crate::scene::chart`] computes at the pulse.

mod cursor;
mod distribution;
pub(super) mod figure;
mod files;
mod latency;
mod more;
pub(super) mod numbers;
mod outcomes;

pub use distribution::DistributionPanel;
pub use latency::LatencyPanel;
pub use more::MoreCharts;
pub use outcomes::OutcomesPanel;
