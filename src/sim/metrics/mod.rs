//! What a run amounts to: outcomes and response times, in all and second by second.

pub mod outcome;
pub mod recorder;
