//! What a reader, a script or a link may do to a run. Commands are logged with their time: the scenario, the seed and
//! the log give the same run again. (Play, pause and speed are not commands: they cannot change a result.)

use std::fmt;

use serde::{Deserialize, Serialize};

use super::frontend::FrontendCommand;
use crate::balance::algorithm::{Algorithm, Implementation};
use crate::balance::endpoint::AdminState;
use crate::balance::spec::Layer;
pub use crate::fleet::server::fault::FaultKind;
use crate::gslb::geodns::GeoDnsPolicy;
use crate::health::active::ActiveConfig;
use crate::health::passive::PassiveSpec;
use crate::ids::{BalancerId, ServerId, SiteId};
use crate::scenario::validate::ValidationError;
use crate::time::{SimDuration, SimTime};

/// One act on the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A fault of a server, or its repair. Changes the machine, not what balancers believe of it.
    Fault(ServerId, FaultKind),
    /// The weight that balancers have for a server, 0 to 256.
    SetWeight(ServerId, u32),
    /// The admin state of a server.
    SetAdmin(ServerId, AdminState),
    /// Adds a server like the scenario's last one in the pool and tier of the first, with weight 1.
    AddServer,
    /// Takes a server out of the scene; its requests fail.
    RemoveServer(ServerId),
    /// The load-balancing algorithm, and whose implementation of it.
    SetAlgorithm(Algorithm, Implementation),
    /// Whether the balancer works on connections (L4) or on requests (L7).
    SetLayer(Layer),
    /// The request rate, in thousandths of a request a second.
    SetTraffic(u64),
    /// The settings of active checks; `None` turns them off.
    SetActiveChecks(Option<ActiveConfig>),
    /// The settings of passive checks; `None` turns them off.
    SetPassiveChecks(Option<PassiveSpec>),
    /// A change of the frontend.
    #[serde(rename = "front")]
    Frontend(FrontendCommand),
    /// A change in front of the balancers.
    #[serde(rename = "edge")]
    Site(SiteCommand),
}

/// An act on balancers, sites or the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SiteCommand {
    /// A fault of a balancer's node, or its repair.
    #[serde(rename = "box")]
    Node(BalancerId, NodeFault),
    /// Whether the link between a site's pair carries packets.
    SetLink(SiteId, bool),
    /// A whole site loses its power: its balancers and servers.
    KillSite(SiteId),
    /// Everything at a site runs again.
    RestoreSite(SiteId),
    /// How the authority chooses a site.
    SetPolicy(GeoDnsPolicy),
    /// The time to live of the authority's answers from now on, at most one hour; 0 forbids caching.
    SetTtl(SimDuration),
    /// Whether the authority looks at users' networks (EDNS client subnet).
    SetClientSubnet(bool),
    /// Whether one address leads every client to the nearest site (anycast).
    SetAnycast(bool),
    /// A balancer's VRRP priority, 1 to 255. Its neighbour hears of it with the next advertisement.
    SetPriority(BalancerId, u8),
    /// The time between two VRRP advertisements of a site's pair, in hundredths of a second, 1 to 4095.
    SetAdvertInterval(SiteId, u32),
    /// Whether the balancer of higher priority in a site's pair takes the address back.
    SetPreempt(SiteId, bool),
    /// Whether a site's pair tells each other which connection goes to which server (connection sync).
    SetSharedConnections(SiteId, bool),
    /// Whether the standby balancer of a site's pair probes the servers.
    SetStandbyChecks(SiteId, bool),
}

/// The faults of a balancer's node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeFault {
    /// The node loses its power.
    Kill,
    /// The balancer is stopped cleanly.
    Stop,
    /// The node runs again.
    Revive,
}

impl Command {
    /// Whether the command changes the request rate.
    #[must_use]
    pub const fn is_of_traffic(&self) -> bool {
        matches!(self, Self::SetTraffic(_))
    }
}

/// A command with its time: it takes effect after everything up to and including that time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When the command was given.
    pub at: SimTime,
    /// The command that was given.
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
                (Command::Frontend(old), Command::Frontend(new)) => old.sets_the_same(new),
                _ => false,
            }
    }
}

/// The numeric parameters of commands, with their units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// How many times slower a server is, in thousandths.
    Factor,
    /// The share of answers that fail, in thousandths.
    Share,
    /// The weight of a server.
    Weight,
    /// The request rate, in requests per 1,000 seconds.
    Rate,
    /// The time to live of the authority's answers, in microseconds.
    Ttl,
    /// The rate that a rule lets through, in requests per 1,000 seconds.
    LimitRate,
    /// The burst that a rule lets through, in requests.
    Burst,
    /// The share of the first side of a traffic split, in percent.
    Split,
    /// The cores of a balancer's processor.
    Cores,
    /// The connections kept open to a server.
    Kept,
    /// The VRRP priority of a balancer.
    Priority,
    /// The time between two VRRP advertisements, in hundredths of a second.
    Advert,
}

/// The items that a scene may only have a limited number of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitedItem {
    /// The servers of a scene.
    Servers,
    /// The commands of a run.
    Commands,
    /// The routing rules of a frontend.
    Rules,
}

/// The things a command may ask for that a scene may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SceneItem {
    /// The balancer that the command names.
    Balancer,
    /// The site that the command names.
    Site,
    /// A pair of balancers with a link between them: one that shares a virtual IP.
    Link,
    /// Several sites in one scene.
    World,
    /// A name that clients resolve.
    Names,
    /// The pool that the command names.
    Pool,
    /// A processor for the scene's balancers.
    Processor,
}

/// Why a command was refused. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// There is no such server (any more).
    UnknownServer(ServerId),
    /// A number is out of its range.
    OutOfRange {
        /// The parameter that is out of range.
        what: Parameter,
        /// The smallest value allowed.
        min: u64,
        /// The largest value allowed.
        max: u64,
    },
    /// A limit is reached.
    Limit {
        /// The item of which there are too many.
        what: LimitedItem,
        /// The largest number of them.
        max: usize,
    },
    /// A closed loop has no rate: its users send when they have their answer.
    ClosedLoop,
    /// The scene lacks what the command is about.
    NotInScene(SceneItem),
    /// The chosen program has no implementation of the algorithm.
    NoSuchForm(Algorithm, Implementation),
    /// There is no rule at this position, from 0.
    UnknownRule(u32),
    /// The rule at this position is no rate limit.
    LimitsNothing(u32),
    /// The rule at this position is no split between two pools.
    IsNoSplit(u32),
    /// A rule that is not valid: its first fault, with the place in the rule.
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
