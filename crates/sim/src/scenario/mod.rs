//! The typed description of a world: what a scene starts from. `assets/scenarios/default.json` has
//! an example of every field, and the README of that folder describes them.

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

/// A whole scene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Format version: 1.
    pub version: u32,
    /// What the scene is called.
    pub name: String,
    /// Whether delays are stretched for the eye.
    #[serde(default)]
    pub scale: Scale,
    /// Decides every random draw.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// When requests come.
    pub arrivals: Arrivals,
    /// Who sends them.
    pub clients: Vec<ClientSpec>,
    /// What they ask for.
    pub classes: Vec<ClassSpec>,
    /// How long the ways take.
    pub links: Links,
    /// How clients' connections live; `null`: they are there as soon as they are needed.
    #[serde(default)]
    pub connections: Option<ConnectionSpec>,
    /// What stands in the middle.
    pub balancer: BalancerSpec,
    /// What stands behind it.
    pub servers: Vec<ServerSpec>,
    /// The pools besides the balancer's main one.
    #[serde(default)]
    pub pools: Vec<PoolSpec>,
    /// What the balancer does with which request, in order (L7).
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Two balancers in the place of one; `null` is one.
    #[serde(default)]
    pub pair: Option<PairSpec>,
    /// How the name of the scene is answered; `null`: clients know the addresses.
    #[serde(default)]
    pub dns: Option<DnsSpec>,
    /// Sites in several cities; `null` is one place.
    #[serde(default)]
    pub world: Option<WorldSpec>,
    /// What clients do that hear nothing; `null` is the default.
    #[serde(default)]
    pub patience: Option<RetransmitPolicy>,
}

/// A group of servers with an algorithm of its own. All else (checks, retries, limits) is as the
/// balancer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolSpec {
    /// The name that rules and servers use.
    pub name: String,
    /// How one of its servers is picked.
    pub algorithm: Algorithm,
    /// Whose form of the algorithm.
    #[serde(default)]
    pub engine: Implementation,
    /// How many are drawn for power of two choices; `null` is two.
    #[serde(default)]
    pub draws: Option<u8>,
}

impl PoolSpec {
    /// Its configuration: the balancer's, but for the algorithm.
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

    /// The place in [`Scenario::pool_names`] of a server's pool.
    #[must_use]
    pub fn pool_of(&self, server: &ServerSpec) -> usize {
        let is_its = |name: &String| server.pool.as_ref() == Some(name);
        self.pool_names().iter().position(is_its).unwrap_or(0)
    }

    /// The site that a server stands in; the first where there is no world.
    #[must_use]
    pub fn site_of(&self, server: &str) -> SiteId {
        let sites = self.world.iter().flat_map(|world| &world.sites);
        let here = |site: &topology::SiteSpec| site.servers.iter().any(|name| name == server);
        let place = sites.map(here).position(|found| found);
        SiteId(place.unwrap_or(0) as u32)
    }
}

/// Whether delays are those of a data centre.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Stretched a hundred times or more, so that the eye can follow one request.
    #[default]
    Human,
    /// As in a data centre.
    True,
}

/// A server, and how the balancer is to use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerSpec {
    /// Its name: `A`.
    pub name: String,
    /// Address and port: what rings hash.
    pub address: String,
    /// The balancer's weight for it, 0 to 256.
    #[serde(default = "one")]
    pub weight: u32,
    /// Primary or backup.
    #[serde(default)]
    pub tier: Tier,
    /// Requests it works on at once, 1 to 10,000.
    #[serde(default = "one")]
    pub workers: u32,
    /// Requests that may wait for a worker; one more is answered 503.
    #[serde(default = "default_queue")]
    pub queue: u32,
    /// The most requests (L4: connections) that the balancer gives it at once; `null` is no limit.
    #[serde(default)]
    pub max_conns: Option<u32>,
    /// Its speed in thousandths: 2000 does work twice as fast.
    #[serde(default = "default_speed")]
    pub speed_permille: u32,
    /// How its workers divide themselves among requests.
    #[serde(default)]
    pub discipline: Discipline,
    /// The pool it belongs to; `null` is the balancer's main one.
    #[serde(default)]
    pub pool: Option<String>,
}

impl ServerSpec {
    /// The machine, without what the balancer is to make of it.
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
