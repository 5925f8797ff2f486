//! What the pages are written from, and what they refer to.

use std::path::PathBuf;

/// What to write, and what the pages refer to.
pub struct ChapterSite<'a> {
    /// Where the texts are.
    pub assets: PathBuf,
    /// The folder of the built page, where the chapters are written.
    pub out: PathBuf,
    /// The content-security policy of every page.
    pub policy: &'a str,
    /// The address of the program's script.
    pub program: &'a str,
    /// The addresses of the style sheets.
    pub styles: &'a [String],
    /// Whether the cards are written that other places show beside links to the pages: most of the work.
    pub cards: bool,
    /// The public address of the folder, ending in "/"; empty where the build does not know it.
    pub address: &'a str,
}
