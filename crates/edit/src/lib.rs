//! Editing a scene, without a page: the published schema as a description of a form, what is wrong
//! with a scene by it, new parts made from it, and a draft with undo and redo.
//!
//! The form is drawn from `assets/scenario.schema.json` alone, so a field of the format is in the
//! editor once it is in the schema; `tests/it/scene_schema.rs` holds the schema to the format.

pub mod check;
pub mod json_path;
pub mod make;
pub mod saved_scenes;
pub mod scene_draft;
pub mod schema;
