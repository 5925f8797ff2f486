//! The figures under the stage: response times, shares, outcomes.
//!
//! Charts are SVG, computed by [`crate::scene::chart`] at the pulse and changed only where the
//! result differs.

mod distribution;
mod figure;
mod latency;
mod outcomes;

pub use distribution::DistributionPanel;
pub use latency::LatencyPanel;
pub use outcomes::OutcomesPanel;
