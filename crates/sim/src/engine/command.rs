//! What a reader, a script or a link may do to the world. Commands are logged with their time: the
//! scenario, the seed and the log give the run again. (Play, pause and speed are not commands: they
//! cannot change a result.)

use std::fmt;

use serde::{Deserialize, Serialize};

use super::frontend::FrontendCommand;
use crate::balance::algorithm::{Algorithm, Implementation};
use crate::balance::endpoint::AdminState;
use crate::balance::spec::Layer;
use crate::gslb::geodns::GeoDnsPolicy;
use crate::health::active::ActiveConfig;
use crate::health::outlier::OutlierConfig;
use crate::ids::{BalancerId, ServerId, SiteId};
use crate::scenario::validate::ValidationError;
use crate::time::{SimDuration, SimTime};

/// One act upon the world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Something breaks at a server, or is mended. Changes the truth only.
    Fault(ServerId, FaultKind),
    /// The balancer's weight for a server, 0 to 256.
    SetWeight(ServerId, u32),
    /// What the operator wants of a server.
    SetAdmin(ServerId, AdminState),
    /// One more server, like the scenario's first, with weight 1.
    AddServer,
    /// Takes a server out of the scene; its requests fail.
    RemoveServer(ServerId),
    /// How the balancer picks.
    SetAlgorithm(Algorithm, Implementation),
    /// Connections or requests.
    SetLayer(Layer),
    /// Requests a second, in thousandths.
    SetTraffic(u64),
    /// Active checks; `None` is off.
    SetActiveChecks(Option<ActiveConfig>),
    /// Passive checks; `None` is off.
    SetPassiveChecks(Option<OutlierConfig>),
    /// What the balancer does before it picks.
    Front(FrontendCommand),
    /// Something in front of the balancers.
    Edge(SiteCommand),
}

/// An act upon balancers, sites and the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteCommand {
    /// Something happens to a balancer's machine.
    Box(BalancerId, NodeFault),
    /// Whether the link between a site's pair carries anything.
    SetLink(SiteId, bool),
    /// A whole site loses its power: balancers and servers.
    KillSite(SiteId),
    /// Everything at a site runs again.
    RestoreSite(SiteId),
    /// How the authority chooses.
    SetPolicy(GeoDnsPolicy),
    /// How long answers may be kept from now on, at most one hour; 0 is not at all.
    SetTtl(SimDuration),
    /// Whether the authority looks at users' networks.
    SetClientSubnet(bool),
    /// Whether one address leads to the nearest site.
    SetAnycast(bool),
    /// A balancer's VRRP priority, 1 to 255. Its neighbour hears of it with the next advertisement.
    SetPriority(BalancerId, u8),
    /// From one advertisement of a site's pair to the next, in hundredths of a second, 1 to 4095.
    SetAdvertInterval(SiteId, u32),
    /// Whether the better one of a site's pair takes the address back.
    SetPreempt(SiteId, bool),
    /// Whether a site's pair tells each other which connection goes to which server.
    SetSharedConnections(SiteId, bool),
    /// Whether the one of a site's pair that waits checks the servers.
    SetStandbyChecks(SiteId, bool),
}

/// What can happen to a balancer's machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeFault {
    /// It loses its power.
    Kill,
    /// It is stopped cleanly.
    Stop,
    /// It runs again.
    Revive,
}

impl Command {
    /// Whether it changes how many requests come.
    #[must_use]
    pub const fn is_of_traffic(&self) -> bool {
        matches!(self, Self::SetTraffic(_))
    }
}

/// What can happen to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The process dies.
    Crash,
    /// The process accepts and never answers.
    Hang,
    /// Everything takes this many times as long, in thousandths.
    Slow(u32),
    /// This share of its answers, in thousandths, is a 500. Its health page still says 200.
    Fail(u32),
    /// The same, but the 500 comes at once, without a worker: such a server looks idle.
    FailFast(u32),
    /// All is well again.
    Restore,
}

/// A command and when it was given: after everything up to and including that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When.
    pub at: SimTime,
    /// What.
    pub command: Command,
}

impl LogEntry {
    /// Two rates at the same instant are one, the second: a slider that is dragged while the run
    /// stands still leaves one entry. Tells whether this one takes the place of `last`, the one
    /// before it. (Not so two weights: an algorithm may have rearranged itself for the first.)
    #[must_use]
    pub fn replaces(&self, last: &Self) -> bool {
        self.at == last.at
            && match (&last.command, &self.command) {
                (Command::SetTraffic(_), Command::SetTraffic(_)) => true,
                (Command::Front(old), Command::Front(new)) => old.sets_the_same(new),
                _ => false,
            }
    }
}

/// A number that a command gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// How many times slower, in thousandths.
    Factor,
    /// Which part of the answers, in thousandths.
    Share,
    /// A server's weight.
    Weight,
    /// Requests in 1,000 seconds.
    Rate,
    /// How long an answer of the name may be kept, in microseconds.
    Ttl,
    /// Requests in 1,000 seconds that a rule lets through.
    LimitRate,
    /// Requests at once that a rule lets through.
    Burst,
    /// The first side of a split, of 100.
    Split,
    /// Cores of a balancer.
    Cores,
    /// Connections kept to a server.
    Kept,
    /// A VRRP priority.
    Priority,
    /// From one advertisement to the next, in hundredths of a second.
    Advert,
}

/// What a scene has only so many of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitedItem {
    /// Servers.
    Servers,
    /// Commands of a run.
    Commands,
    /// Routing rules.
    Rules,
}

/// What a scene may be without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownId {
    /// That balancer.
    Balancer,
    /// That site.
    Site,
    /// A pair of balancers with a link between them: one that shares a virtual address.
    Link,
    /// Sites in the world.
    World,
    /// A name that clients ask for.
    Names,
    /// That pool.
    Pool,
    /// A processor for its balancers.
    Processor,
}

/// Why a command was refused. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// There is no such server (any more).
    UnknownServer(ServerId),
    /// A number is out of its range.
    OutOfRange {
        /// Which number.
        what: Parameter,
        /// The least allowed.
        min: u64,
        /// The most allowed.
        max: u64,
    },
    /// A limit is reached.
    Limit {
        /// Of what.
        what: LimitedItem,
        /// How many.
        max: usize,
    },
    /// A closed loop has no rate: its users send when they have their answer.
    ClosedLoop,
    /// The scene has nothing of the kind.
    NotInScene(UnknownId),
    /// The engine's form of the algorithm does not exist.
    NoSuchForm(Algorithm, Implementation),
    /// There is no rule at this place, from 0.
    UnknownRule(u32),
    /// The rule at this place is no limit.
    LimitsNothing(u32),
    /// The rule at this place is no split of two.
    IsNoSplit(u32),
    /// A rule that cannot be: what is wrong first, with its place in the rule.
    BadRule(ValidationError),
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownServer(_) => write!(f, "This server is no longer in the scene."),
            Self::OutOfRange { what, min, max } => {
                write!(f, "{what:?} must be between {min} and {max}.")
            }
            Self::Limit { what, max } => write!(f, "{what:?} are at most {max} in a scene."),
            Self::ClosedLoop => {
                write!(
                    f,
                    "In a closed loop users wait for an answer before asking again, so traffic cannot be set."
                )
            }
            Self::UnknownRule(place) => write!(f, "There is no rule number {}.", place + 1),
            Self::LimitsNothing(place) => write!(f, "Rule number {} sets no limit.", place + 1),
            Self::BadRule(fault) => write!(f, "{}: {}", fault.place, fault.reason),
            Self::IsNoSplit(place) => {
                let number = place + 1;
                write!(f, "Rule number {number} does not split between two pools.")
            }
            Self::NotInScene(what) => write!(f, "This scene lacks: {what:?}."),
            Self::NoSuchForm(algorithm, implementation) => {
                write!(
                    f,
                    "{} has no form of {}.",
                    implementation.label(),
                    algorithm.row().id
                )
            }
        }
    }
}

impl std::error::Error for CommandError {}
