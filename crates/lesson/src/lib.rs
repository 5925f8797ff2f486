//! Figures: living scenes that teach one thing each, as data. A figure is a scenario with a seed and
//! a script, a question that the run itself answers, gates that the run must pass, and claims: the
//! numbers that a text may say of it. A new figure needs a file in `assets/figures` and no code.
//!
//! | file | what it is |
//! |---|---|
//! | [`figure`] | the data, and how it is read from a file |
//! | [`measure`] | the measures of a run: one enum, one evaluator |
//! | [`expectation`] | conditions on a run |
//! | [`timed_command`] | commands by the names of servers, at their times |
//! | [`part`] | a figure or one of its fixes as a run whose log is known beforehand |
//! | [`amount`] | a measured number as a text writes it |
//! | [`figure_texts`] | the texts of figures, one file for each language |
//! | `library` | all figures of a folder, on the host |
//! | [`chapter`] | a chapter's front matter and marks |
//! | [`check`] | runs a figure without a page and tells every fault |
//! | [`patch`] | JSON merge patch |
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
pub mod timed_command;
