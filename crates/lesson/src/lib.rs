//! Figures of chapters, as data: a scenario with a seed and a script, a question that the run answers, conditions that
//! the run must fulfil, and claims, the numbers that a text may give. A new figure needs a file in `assets/figures` and
//! no code.
//!
//! | file | contents |
//! |---|---|
//! | [`figure`] | the data of a figure, and its parser |
//! | [`measure`] | the measures of a run: one enum, one evaluator |
//! | [`expectation`] | conditions on a run |
//! | [`timed_command`] | commands with their times, by the names of servers |
//! | [`part`] | a figure or one of its fixes as a run whose log is known beforehand |
//! | [`amount`] | a measured number as text |
//! | [`figure_texts`] | the texts of figures, one file for each language |
//! | `library` | all figures of a folder, on the host |
//! | [`chapter`] | front matter and marks of a chapter |
//! | [`check`] | runs a figure without a page, and reports every fault |
//! | [`patch`] | JSON merge patch |
//! | `reading` | how long a chapter takes, on the host |
//! | [`proof`] | where the numbers of an answer were measured |

pub mod amount;
pub mod chapter;
pub mod check;
pub mod expectation;
pub mod figure;
pub mod figure_texts;
#[cfg(not(target_arch = "wasm32"))]
pub mod library;
pub mod measure;
pub mod part;
pub mod patch;
#[cfg(not(target_arch = "wasm32"))]
pub mod proof;
#[cfg(not(target_arch = "wasm32"))]
pub mod reading;
pub mod timed_command;
