//! The page inside other pages: what its address may ask for, the snippets that put it there, the
//! messages that it and the page around it send each other. Pure text, tested without a browser.
//!
//! The messages are described for others in `assets/embed.d.ts`.

pub mod address;
pub mod figures;
pub mod message;
pub mod snippet;
