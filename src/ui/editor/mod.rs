//! The scene editor: everything that a scene says, in panels drawn from the published schema.
//!
//! Nothing on the stage changes before the reader applies; then the scene starts anew. The draft is
//! kept while the page is open, faulty or not.

mod choice;
mod control;
mod desk;
mod field;
mod foot;
mod kept;
mod kept_row;
mod list;
mod names;
mod opener;
mod pairs;
mod panel;
mod shelf;
mod source;
mod stock;

pub use opener::EditorButton;
pub use panel::Editor;
