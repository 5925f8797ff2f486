//! The limits, in one place. A scenario or a command beyond one is refused with its name.

pub use crate::balance::l7::processor::MAX_CORES;
pub use crate::field::{MAX_SPAN_US, MAX_TEXT};
pub use crate::fleet::spec::{MAX_RATE_RPS, MAX_USERS};

/// The most servers in a scene.
pub const MAX_SERVERS: usize = 1_024;
/// The most clients in a scene.
pub const MAX_CLIENTS: usize = 1_024;
/// The most users of a closed loop, over all clients.
pub const MAX_PEOPLE: u64 = 100_000;
/// The most request classes in a scene.
pub const MAX_CLASSES: usize = 64;
/// The most requests in flight at one time.
pub const MAX_IN_FLIGHT: usize = 200_000;
/// The most commands in one run's log.
pub const MAX_COMMANDS: usize = 2_000;
/// The most sites in a scene.
pub const MAX_SITES: usize = 32;
/// The most resolvers in a scene.
pub const MAX_RESOLVERS: usize = 256;
/// The most caches of one resolver.
pub const MAX_CACHES: u32 = 10_000;
/// The most workers or queue places of one server.
pub const MAX_SLOTS: u32 = 10_000;
/// The most bytes of a scenario file.
pub const MAX_FILE: usize = 1 << 20;
/// The most pools in a scene, including the main one.
pub const MAX_POOLS: usize = 16;
/// The most routing rules in a scene.
pub const MAX_RULES: usize = 64;
