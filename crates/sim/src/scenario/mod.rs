//! The scenario: the typed description that a run starts from. `assets/scenarios/default.json` has an example of every
//! field, and the README of that folder describes them.

pub mod limits;
pub mod preset;
pub mod topology;
pub mod validate;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::limits::{MAX_CLASSES, MAX_CLIENTS, MAX_POOLS, MAX_RULES, MAX_SERVERS, MAX_SLOTS};
use self::topology::{DnsSpec, PAIR_EXAMPLE, PairSpec, RetransmitPolicy, WorldSpec};
use super::balance::algorithm::{Algorithm, Implementation};
use super::balance::config::UpstreamConfig;
use super::balance::endpoint::{MAX_WEIGHT, Tier};
use super::balance::l7::rules::Rule;
use super::balance::spec::{BalancerSpec, DRAWS};
use super::fleet::spec::{
    Arrivals, ClassSpec, ClientSpec, ConnectionSpec, Discipline, Links, MachineSpec,
};
use super::ids::SiteId;
use crate::field::schema::describe;
use crate::field::{ANY, NAME, PART, fixed, list, reference, scene_fields, whole};
use crate::units::Permille;

/// The description of a whole scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// # Format version
    /// Only version 1 is known.
    pub version: u32,
    /// # Name
    /// What the scene is called.
    pub name: String,
    /// # Scale
    /// Whether delays are stretched for the eye.
    #[serde(default)]
    pub scale: Scale,
    /// # Seed
    /// Decides every random draw: the same seed gives the same run.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// # Traffic
    /// When requests come.
    pub arrivals: Arrivals,
    /// # Clients
    /// Who sends requests. At least one needs a share over 0.
    pub clients: Vec<ClientSpec>,
    /// # Kinds of request
    /// The kinds of request that clients send. At least one needs a share over 0.
    pub classes: Vec<ClassSpec>,
    /// # Links
    /// How long each way takes, in one direction.
    pub links: Links,
    /// # Connections
    /// How clients open and close connections. Without it a connection is there as soon as it is needed.
    #[serde(default)]
    pub connections: Option<ConnectionSpec>,
    /// # Balancer
    /// The balancer between clients and servers.
    pub balancer: BalancerSpec,
    /// # Servers
    /// The servers behind the balancer. No two may have the same name.
    pub servers: Vec<ServerSpec>,
    /// # More pools
    /// Pools besides the balancer's main one. Pools share every setting but the algorithm.
    #[serde(default)]
    pub pools: Vec<PoolSpec>,
    /// # Rules
    /// What the balancer does with which request at L7, in order. A request that no rule routes goes to the
    /// main pool.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// # A pair of balancers
    /// Two balancers instead of one. In a world they belong to the sites.
    #[serde(default)]
    pub pair: Option<PairSpec>,
    /// # A name
    /// How DNS answers for the scene's name. Without it clients know the addresses.
    #[serde(default)]
    pub dns: Option<DnsSpec>,
    /// # A world
    /// Sites in several cities. Every client needs a place, and every server one site.
    #[serde(default)]
    pub world: Option<WorldSpec>,
    /// # Patience
    /// What clients do when they get no answer. Without it they send again after 1 s and give up after 10 s.
    #[serde(default)]
    pub patience: Option<RetransmitPolicy>,
}

scene_fields!(Scenario {
    version: fixed(1),
    name: NAME.page("Scene").example("A scene"),
    scale: ANY.page("Scene"),
    seed: ANY.page("Scene"),
    arrivals: PART.page("Traffic"),
    clients: list(1, MAX_CLIENTS).with_shares().page("Clients"),
    classes: list(1, MAX_CLASSES).with_shares().page("Requests"),
    links: PART.page("Network"),
    connections: PART.page("Network"),
    balancer: PART,
    servers: list(0, MAX_SERVERS).page("Servers"),
    pools: list(0, MAX_POOLS - 1).page("Pools and rules"),
    rules: list(0, MAX_RULES).page("Pools and rules"),
    pair: PART.page("Two balancers").example(PAIR_EXAMPLE),
    dns: PART.page("Name and world"),
    world: PART.page("Name and world"),
    patience: PART.page("Network"),
});

/// A pool: a group of servers with its own algorithm. All else (checks, retries, limits) is the balancer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct PoolSpec {
    /// # Name
    /// What rules and servers call it.
    pub name: String,
    /// # Algorithm
    /// How it picks a server.
    pub algorithm: Algorithm,
    /// # As in
    /// Whose form of the algorithm. Not every program has every algorithm.
    #[serde(default)]
    pub engine: Implementation,
    /// # Servers drawn
    /// For power of two choices, as in HAProxy and Envoy: how many are drawn. Without it, two.
    #[serde(default)]
    pub draws: Option<u8>,
}

scene_fields!(PoolSpec, "Pool" {
    name: NAME.example("pool"),
    algorithm: ANY.example("weighted_round_robin"),
    draws: DRAWS,
});

impl PoolSpec {
    /// The configuration of the pool's upstream: the main one's, except for the algorithm.
    #[must_use]
    pub fn upstream(&self, balancer: &BalancerSpec) -> UpstreamConfig {
        let mut config = balancer.upstream();
        config.picker.algorithm = self.algorithm;
        config.picker.implementation = self.engine;
        config.picker.draws = self.draws;
        config
    }
}

impl Scenario {
    /// The names of all pools: the balancer's main one, then the others.
    #[must_use]
    pub fn pool_names(&self) -> Vec<String> {
        let main = std::iter::once(&self.balancer.pool);
        let others = self.pools.iter().map(|pool| &pool.name);
        main.chain(others).cloned().collect()
    }

    /// The index in [`Scenario::pool_names`] of a server's pool.
    #[must_use]
    pub fn pool_of(&self, server: &ServerSpec) -> usize {
        let is_its = |name: &String| server.pool.as_ref() == Some(name);
        self.pool_names().iter().position(is_its).unwrap_or(0)
    }

    /// The site of a server; the first if the scene has no sites.
    #[must_use]
    pub fn site_of(&self, server: &str) -> SiteId {
        let sites = self.world.iter().flat_map(|world| &world.sites);
        let here = |site: &topology::SiteSpec| site.servers.iter().any(|name| name == server);
        let place = sites.map(here).position(|found| found);
        SiteId(place.unwrap_or(0) as u32)
    }
}

/// Whether times are stretched for the eye.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// # Stretched for the eye
    ///
    /// Stretched a hundred times or more, so that the eye can follow one request.
    #[default]
    Human,
    /// # As in a data centre
    ///
    /// The times of a data centre.
    True,
}

/// A server, and how the balancer uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct ServerSpec {
    /// # Name
    /// Short: it stands on the stage.
    pub name: String,
    /// # Address
    /// Address and port: what hash rings are made of.
    pub address: String,
    /// # Weight
    /// The balancer's weight for it. 0 takes nothing new.
    #[serde(default = "one")]
    pub weight: u32,
    /// # Tier
    /// Used from the start, or only when the primaries are gone.
    #[serde(default)]
    pub tier: Tier,
    /// # Workers
    /// Requests it works on at once.
    #[serde(default = "one")]
    pub workers: u32,
    /// # Queue
    /// Requests that may wait for a worker; one more is answered 503.
    #[serde(default = "default_queue")]
    pub queue: u32,
    /// # Connection limit
    /// The most requests (at L4 connections) that the balancer gives it at once. Without it there is no limit.
    #[serde(default)]
    pub max_conns: Option<u32>,
    /// # Own queue at the balancer
    /// The most requests that may wait at the balancer for this server alone. Without it there is no limit.
    ///
    /// As in HAProxy, whose hashes and cookies let a request wait for one server: `maxqueue`. The queue of the
    /// balancer has to be on.
    #[serde(default)]
    pub max_queue: Option<u32>,
    /// # Speed
    /// 2 does work twice as fast; in the file in thousandths.
    ///
    /// 2000 is twice as fast.
    #[serde(default = "default_speed")]
    pub speed_permille: Permille,
    /// # How workers share
    /// How its workers divide themselves among requests.
    #[serde(default)]
    pub discipline: Discipline,
    /// # Pool
    /// Without it, the balancer's main pool.
    #[serde(default)]
    pub pool: Option<String>,
}

scene_fields!(ServerSpec, "Server" {
    name: NAME.example("new"),
    address: NAME.example("10.0.0.9:8080"),
    weight: whole(0, MAX_WEIGHT),
    workers: whole(1, MAX_SLOTS),
    queue: whole(0, MAX_SLOTS),
    max_conns: whole(1, 1_000_000).example("10"),
    max_queue: whole(1, 1_000_000).example("10"),
    speed_permille: whole(1, 1_000_000).unit("times", 1_000),
    pool: reference("pools").example("main"),
});

impl ServerSpec {
    /// The machine, without the balancer's settings for it.
    #[must_use]
    pub fn machine(&self) -> MachineSpec {
        MachineSpec {
            name: self.name.clone(),
            address: self.address.clone(),
            workers: self.workers,
            queue: self.queue,
            speed_permille: self.speed_permille,
            discipline: self.discipline,
        }
    }
}

const fn one() -> u32 {
    1
}

const fn default_seed() -> u64 {
    7
}

const fn default_queue() -> u32 {
    100
}

const fn default_speed() -> Permille {
    Permille::ONE
}
