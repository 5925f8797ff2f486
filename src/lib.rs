//! Evenkeel: an interactive load balancer that you can break.
//!
//! The page is the module `ui`, which exists on wasm32 only. All that it shows comes from the crates
//! under `crates/`, which know nothing of a browser; they are named here as the page and the tests
//! call them. The command line is `crates/cli`.
//!
//! | crate | what it is | may use |
//! |---|---|---|
//! | [`sim`] | the core: a deterministic simulation | none of the others |
//! | [`words`] | every text of the page, in the reader's language | none of the others |
//! | [`conf`] | configurations of real balancers, to scenes and back | `sim`, `words` |
//! | [`edit`] | editing a scene: the schema as a form, its checks, undo | `sim`, `words` |
//! | [`scene`] | what the stage shows, as plain data: shapes and words | `sim`, `words` |
//! | [`embed`] | the page inside other pages: its address, snippets and messages | `sim`, `scene` |
//! | [`replay`] | recorded traces of real balancers, decided again by the core | `sim` |
//! | [`lesson`] | figures as data: a scene with a question, gates and claims | `sim` |
//!
//! Cargo refuses any other use. ARCHITECTURE.md is the map, DESIGN.md the reasons.

pub use evenkeel_words::t;
pub use {
    evenkeel_conf as conf, evenkeel_edit as edit, evenkeel_embed as embed,
    evenkeel_lesson as lesson, evenkeel_replay as replay, evenkeel_scene as scene,
    evenkeel_sim as sim, evenkeel_words as words,
};

#[cfg(target_arch = "wasm32")]
pub mod ui;
