//! The core: a deterministic simulation of clients, a load balancer and servers.
//!
//! # Layers
//! Lower to upper; a layer may use those before it, never those after:
//! `time, ids, rng, queue, hash` · `fleet` (truth), `health`, `metrics` · `balance` (belief; may use
//! `health`, never `fleet`), `gslb` · `scenario` · `engine`, the only one that sees both truth and
//! belief ·
//! `run`, all that is needed to replay a run · `history`, time travel in both directions ·
//! `comparison`, several runs side by side · `share`, a run as the text of a link.
//! `tests/it/tidy.rs` guards this table.
//!
//! # The determinism contract
//! 1. Time is `u64` microseconds of simulated time; there is no wall clock.
//! 2. Events happen in the order (time, sequence): ties are first in, first out.
//! 3. Randomness comes from a named generator (PCG), never from one whose algorithm may change,
//!    and never as `usize`.
//! 4. Transcendental mathematics goes through `libm`: std's differs between host and wasm.
//! 5. Nothing iterates over a hash map.
//! 6. Every purpose and entity has a random stream of its own, and what a request is (its source,
//!    class and work) is drawn when it arrives: another algorithm sees the very same traffic.
//! 7. Results do not depend on how a run is cut into `run_until` calls.
//! 8. A digest of everything that was decided is equal on host and wasm.

pub mod balance;
pub mod comparison;
pub mod engine;
pub mod fleet;
pub mod gslb;
pub mod hash;
pub mod health;
pub mod history;
pub mod ids;
pub mod metrics;
pub mod queue;
pub mod rng;
pub mod run;
pub mod scenario;
pub mod share;
pub mod time;
