//! The page inside other pages: the parameters in its address, the snippets that embed it, and the messages between it
//! and the page around. Everything is text, and is tested without a browser.
//!
//! `assets/embed.d.ts` describes the messages for authors of other pages.

pub mod address;
pub mod figures;
pub mod message;
pub mod snippet;
