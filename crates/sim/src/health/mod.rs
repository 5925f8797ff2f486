//! Health machines: they take in what happened and when, and say what it means. They know no
//! network and no event queue.

pub mod active;
pub mod nginx_passive;
pub mod observe;
pub mod outlier;
