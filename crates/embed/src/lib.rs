//! The page inside other pages: the settings in its address, the snippets that embed it, and the messages between it
//! and the page around. Pure text, tested without a browser.
//!
//! The messages are described for others in `assets/embed.d.ts`.

pub mod address;
pub mod figures;
pub mod message;
pub mod snippet;
