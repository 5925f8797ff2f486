//! The scene editor: everything that a scene says, in panels drawn from the published schema.
//!
//! Nothing on the stage changes before the reader applies; then the scene starts anew. The draft is
//! kept while the page is open, faulty or not.

mod choice;
mod control;
mod field;
mod footer;
mod list;
mod names;
mod opener;
mod pairs;
mod panel;
mod saved_scene_list;
mod saved_scene_row;
mod saved_scenes;
mod schema_store;
mod source;
mod state;

pub use opener::EditorButton;
pub use panel::Editor;
