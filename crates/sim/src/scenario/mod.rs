//! The scenario: the typed description that a run starts from. `assets/scenarios/default.json` has an example of every
//! field, and the README of that folder describes them.

pub mod limits;
pub mod preset;
pub mod topology;
pub mod validate;

use serde::{Deserialize, Serialize};

use self::topology::{DnsSpec, PairSpec, RetransmitPolicy, WorldSpec};
use super::balance::algorithm::{Algorithm, Implementation};
use super::balance::endpoint::Tier;
use super::balance::l7::rules::Rule;
use super::balance::spec::BalancerSpec;
use super::fleet::spec::{
    Arrivals, ClassSpec, ClientSpec, ConnectionSpec, Discipline, Links, MachineSpec,
};
use super::ids::SiteId;

/// The description of a whole scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The version of the format: 1.
    pub version: u32,
    /// The name of the scene.
    pub name: String,
    /// Whether times are stretched for the eye, or as in a data centre.
    #[serde(default)]
    pub scale: Scale,
    /// The seed of every random draw.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// The arrival process of the requests.
    pub arrivals: Arrivals,
    /// The clients that send them.
    pub clients: Vec<ClientSpec>,
    /// The classes of the requests.
    pub classes: Vec<ClassSpec>,
    /// The latencies of the links.
    pub links: Links,
    /// The settings of clients' connections; `null`: a connection is there as soon as it is needed.
    #[serde(default)]
    pub connections: Option<ConnectionSpec>,
    /// The balancer between clients and servers.
    pub balancer: BalancerSpec,
    /// The servers behind the balancer.
    pub servers: Vec<ServerSpec>,
    /// The pools besides the balancer's main one.
    #[serde(default)]
    pub pools: Vec<PoolSpec>,
    /// The rules of the frontend, in order (L7).
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Two balancers instead of one; `null` is one.
    #[serde(default)]
    pub pair: Option<PairSpec>,
    /// The settings of the scene's name; `null`: clients know the addresses.
    #[serde(default)]
    pub dns: Option<DnsSpec>,
    /// Sites in several cities; `null` is a single site.
    #[serde(default)]
    pub world: Option<WorldSpec>,
    /// What clients do when they hear no answer; `null` is the default.
    #[serde(default)]
    pub patience: Option<RetransmitPolicy>,
}

/// A pool: a group of servers with its own algorithm. All else (checks, retries, limits) is the balancer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSpec {
    /// The name that rules and servers use.
    pub name: String,
    /// The algorithm that picks one of its servers.
    pub algorithm: Algorithm,
    /// Whose implementation of the algorithm.
    #[serde(default)]
    pub engine: Implementation,
    /// The number of endpoints drawn for power of two choices; `null` is two.
    #[serde(default)]
    pub draws: Option<u8>,
}

impl PoolSpec {
    /// The configuration of the pool: the balancer's, except for the algorithm.
    #[must_use]
    pub fn spec(&self, balancer: &BalancerSpec) -> BalancerSpec {
        BalancerSpec {
            algorithm: self.algorithm,
            engine: self.engine,
            draws: self.draws,
            pool: self.name.clone(),
            ..balancer.clone()
        }
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Stretched a hundred times or more, so that the eye can follow one request.
    #[default]
    Human,
    /// The times of a data centre.
    True,
}

/// A server, and how the balancer uses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSpec {
    /// The name, like `A`.
    pub name: String,
    /// The address and port, which rings hash.
    pub address: String,
    /// The balancer's weight for it, 0 to 256.
    #[serde(default = "one")]
    pub weight: u32,
    /// Whether it is a primary or a backup.
    #[serde(default)]
    pub tier: Tier,
    /// The number of workers: requests processed at once, 1 to 10,000.
    #[serde(default = "one")]
    pub workers: u32,
    /// Requests that may wait for a worker; one more is answered 503.
    #[serde(default = "default_queue")]
    pub queue: u32,
    /// The most requests (L4: connections) that the balancer gives it at once; `null` is no limit.
    #[serde(default)]
    pub max_conns: Option<u32>,
    /// The speed in thousandths: 2000 does work twice as fast.
    #[serde(default = "default_speed")]
    pub speed_permille: u32,
    /// How its workers are divided among requests.
    #[serde(default)]
    pub discipline: Discipline,
    /// The pool it belongs to; `null` is the balancer's main one.
    #[serde(default)]
    pub pool: Option<String>,
}

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

const fn default_speed() -> u32 {
    1_000
}
