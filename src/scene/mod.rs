//! What the stage shows, as plain data.

pub mod layout;
