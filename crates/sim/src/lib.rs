//! The engine crate: a deterministic simulation of clients, load balancers and servers. It knows no browser.
//!
//! # Example
//! Run a scene for a simulated minute, kill a server, and read each server's share of the picks:
//!
//! ```
//! use evenkeel_sim::balance::endpoint::Belief;
//! use evenkeel_sim::engine::command::{Command, FaultKind};
//! use evenkeel_sim::engine::{Engine, EventBudget};
//! use evenkeel_sim::fleet::server::ProcessState;
//! use evenkeel_sim::scenario::{preset, validate};
//! use evenkeel_sim::time::SimTime;
//!
//! // Servers A, B, C and D behind weighted round robin, with active and passive health checks.
//! // `validate::parse` reads a scene from JSON instead.
//! let mut scenario = preset::start_scenario();
//! scenario.servers[0].weight = 3;
//! assert!(validate::faults(&scenario).is_empty());
//!
//! // Scene, seed and commands decide everything: the same three give the same run on every machine.
//! let mut engine = Engine::new(&scenario, 7);
//! engine.run_until(SimTime::from_us(60_000_000), EventBudget::UNBOUNDED);
//!
//! // Shares in percent, in the order of the servers. Reading through a view changes nothing.
//! fn shares(engine: &Engine) -> Vec<u32> {
//!     let view = engine.view();
//!     let share = |endpoint| view.share(endpoint).expect("requests have arrived");
//!     let members = view.members();
//!     members.map(|member| (100.0 * share(member.endpoint.id)).round() as u32).collect()
//! }
//! assert_eq!(shares(&engine), [50, 17, 17, 17]);
//!
//! // The kill changes the server. The balancer still believes that B is up, and goes on picking B.
//! let b = engine.view().members().nth(1).expect("four servers").server.id;
//! engine.apply(Command::Fault(b, FaultKind::Crash))?;
//! let member = engine.view().member(b).expect("B is still in the scene");
//! assert_eq!(member.server.process(), ProcessState::Crashed);
//! assert_eq!(member.endpoint.belief(), Belief::Healthy);
//!
//! // Failed attempts and probes show the fault. The others then share the traffic by their weights.
//! engine.run_until(SimTime::from_us(120_000_000), EventBudget::UNBOUNDED);
//! let member = engine.view().member(b).expect("B is still in the scene");
//! assert_eq!(member.endpoint.belief(), Belief::Down);
//! assert_eq!(shares(&engine), [60, 0, 20, 20]);
//!
//! // Every request that arrived is answered, failed, rejected, timed out or in flight.
//! assert!(engine.view().is_conserved());
//! # Ok::<(), evenkeel_sim::engine::command::CommandError>(())
//! ```
//!
//! # Layers
//! Lower to upper; a layer may use those before it, never those after:
//! `time, units, ids, rng, queue, hash, field` · `fleet` (truth), `health`, `metrics` · `balance` (belief; may use
//! `health`, never `fleet`), `ha`, `gslb` · `scenario` · `engine`, the only one that sees both truth and
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
pub mod field;
pub mod fleet;
pub mod gslb;
pub mod ha;
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
pub mod units;
