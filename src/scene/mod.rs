//! What the stage shows, as plain data and words.

pub mod layout;
pub mod pace;
pub mod status;
pub mod why;
