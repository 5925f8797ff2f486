//! Writes the chapters as static pages: one HTML file a chapter and language, the plan, the glossary.
//! The build runs it on the built page; the pages read, print and are found without the program.

mod body;
mod card;
mod code;
mod figure;
mod fold;
mod json;
mod keys;
mod lists;
mod page;
mod picture;
mod pictures;
mod quiz;
mod scenes;
mod site;
mod write;

pub use site::ChapterSite;
pub use write::write;
