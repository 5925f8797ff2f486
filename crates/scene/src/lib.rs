//! What the stage and the charts show, as plain data: shapes, paths and words.
//!
//! It is pure and needs no browser, so it is tested on the host. It reads the
//! [`View`](evenkeel_sim::engine::view::View) and never changes the run; the position of a request is a function of
//! the view alone, so motion is not state.

pub mod build;
pub mod chart;
pub mod comparison;
pub mod comparison_cases;
pub mod comparison_chart;
pub mod description;
pub mod failures;
mod few;
pub mod first_steps;
pub mod fleet;
mod flight;
mod flows;
pub mod follow;
pub mod hit;
pub mod layers;
pub mod layout;
pub mod marks;
pub mod markup;
pub mod pair;
pub mod path;
pub mod pick_explanation;
pub mod picker_state;
pub mod picture;
pub mod playback_clock;
pub mod recent_picks;
pub mod refusal;
pub mod request_head;
pub mod request_inspector;
mod return_ways;
pub mod shape;
pub mod sign;
pub mod small;
pub mod status;
pub mod strip;
pub mod svg;
mod turns;
pub mod verdict;
pub mod wires;
pub mod words;
mod worker_slots;
pub mod world;
pub mod world_answers;
pub mod world_layout;
pub mod world_map;
pub mod world_picture;
pub mod world_places;
pub mod world_told;
pub mod world_traffic;
