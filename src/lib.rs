//! Evenkeel: an interactive load balancer that you can break.
//!
//! | module | what it is | may use |
//! |---|---|---|
//! | [`sim`] | the core: a deterministic simulation, free of the page | nothing of the crate |
//! | [`conf`] | configurations of real balancers, to scenes and back | `sim`, `words` |
//! | [`edit`] | editing a scene: the schema as a form, its checks, undo | `sim`, `words` |
//! | [`embed`] | the page inside other pages: its address, snippets and messages | `sim`, `scene` |
//! | [`replay`] | recorded traces of real balancers, decided again by the core | `sim` |
//! | [`lesson`] | figures as data: a scene with a question, gates and claims | `sim` |
//! | [`words`] | every text of the page, in the reader's language | nothing of the crate |
//! | [`scene`] | what the stage shows, as plain data: shapes and words | `sim`, `words` |
//! | `ui` | the page; exists on wasm32 only | all |
//!
//! ARCHITECTURE.md is the map, DESIGN.md the reasons.

pub mod conf;
pub mod edit;
pub mod embed;
pub mod lesson;
pub mod replay;
pub mod scene;
pub mod sim;
#[cfg(target_arch = "wasm32")]
pub mod ui;
pub mod words;
