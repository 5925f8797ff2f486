//! Edits a scene, without a page: the published JSON Schema as the description of a form, the faults of a scene by that
//! schema, new parts made from it, and a draft with undo and redo.
//!
//! The form is made from the schema alone (`crates/schema`), so a field of the format is in the editor once it is in
//! the schema. `tests/it/scene_schema.rs` compares the schema with the format.

pub mod check;
pub mod json_path;
pub mod make;
pub mod saved_scenes;
pub mod scene_draft;
pub mod schema;
