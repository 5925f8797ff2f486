//! The configuration panel: a configuration of a real balancer becomes the scene, and the scene one.
//!
//! | file | what it is |
//! |---|---|
//! | `panel` | the tabs |
//! | `source`, `files`, `gutter`, `remarks` | the text to read, where it comes from, its line marks, what is said of it |
//! | `export` | the scene as text, to copy or download |

mod export;
mod files;
mod gutter;
pub mod panel;
mod remarks;
mod source;

/// The panel's style sheet, which is no part of the first view.
pub const STYLE: &str = "style/config.css";
