//! The scene editor: every field of a scene, as a form that is made from the published JSON Schema.
//!
//! Nothing on the stage changes before the reader applies the draft; then the scene restarts. The draft is kept while
//! the page is open, with its faults.

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
