//! The results of a run: outcomes and response times, in total and second by second.

pub mod fairness;
pub mod outcome;
pub mod recorder;
pub mod spread;
