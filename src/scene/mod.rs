//! What the stage shows, as plain data.
