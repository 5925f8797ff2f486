//! The limits, in one place. Each is refused with its name where a scenario or a command passes it.

/// Servers in a scene.
pub const MAX_SERVERS: usize = 1_024;
/// Clients in a scene.
pub const MAX_CLIENTS: usize = 1_024;
/// Users behind one client address.
pub const MAX_USERS: u32 = 10_000;
/// Users of a closed loop, all clients together.
pub const MAX_PEOPLE: u64 = 100_000;
/// Request classes in a scene.
pub const MAX_CLASSES: usize = 64;
/// Requests in flight at one time.
pub const MAX_IN_FLIGHT: usize = 200_000;
/// Commands in one run's log.
pub const MAX_COMMANDS: usize = 2_000;
/// Requests a second.
pub const MAX_RATE_RPS: f64 = 1_000_000.0;
/// Any length of time in a scenario: one hour.
pub const MAX_SPAN_US: u64 = 3_600_000_000;
/// Sites of a world.
pub const MAX_SITES: usize = 32;
/// Resolvers of a world.
pub const MAX_RESOLVERS: usize = 256;
/// Caches of one resolver.
pub const MAX_CACHES: u32 = 10_000;
/// Characters in a name, note, path or address.
pub const MAX_TEXT: usize = 200;
/// Worker slots or queue places of one server.
pub const MAX_SLOTS: u32 = 10_000;
/// Bytes of a scenario file.
pub const MAX_FILE: usize = 1 << 20;
/// Pools in a scene, the main one included.
pub const MAX_POOLS: usize = 16;
/// Routing rules in a scene.
pub const MAX_RULES: usize = 64;
/// Headers or cookies of one class.
pub const MAX_HEADERS: usize = 32;
/// Cores of a balancer.
pub const MAX_CORES: u32 = 256;
