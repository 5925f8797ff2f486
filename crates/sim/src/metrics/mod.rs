//! What a run amounts to: outcomes and response times, in all and second by second.

pub mod fairness;
pub mod outcome;
pub mod recorder;
pub mod spread;
