//! The configuration panel: reads a configuration of a real balancer into the scene, and writes the scene as one.
//!
//! | file | contents |
//! |---|---|
//! | `panel` | the tabs |
//! | `source`, `files` | the text to read, and where it comes from |
//! | `gutter`, `remarks` | line numbers with marks, and the list of remarks |
//! | `listener` | the choice among several listeners of a text |
//! | `export` | the scene as a configuration text, to copy or download |

mod export;
mod files;
mod gutter;
mod listener;
pub mod panel;
mod remarks;
mod source;

/// The style sheet of the panel. It is not loaded with the first view.
pub const STYLE: &str = "style/config.css";
