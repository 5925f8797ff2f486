//! Health state machines: they are given results with their times, and return the changes of health. They know no
//! network and no event queue.

pub mod active;
pub mod nginx_passive;
pub mod observe;
pub mod outlier;
pub mod passive;
