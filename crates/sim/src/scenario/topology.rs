//! What a scenario says of the balancers' surroundings: a pair of them, the name that leads to
//! them, the sites of a world, and how patient clients are.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::gslb::geodns::GeoDnsPolicy;
use crate::health::active::ActiveConfig;
use crate::time::SimDuration;

/// Two balancers in the place of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairSpec {
    /// Whether one waits or both work.
    #[serde(default)]
    pub mode: PairMode,
    /// The two. `balancer` says how both of them work.
    pub members: [MemberSpec; 2],
    /// Active-passive: the virtual address that clients know.
    #[serde(default)]
    pub vip: Option<IpAddr>,
    /// Active-passive: from one VRRP advertisement to the next, in hundredths of a second.
    #[serde(default = "default_advert")]
    pub advert_cs: u32,
    /// Active-passive: whether the one of higher priority takes the address back.
    #[serde(default = "yes")]
    pub preempt: bool,
    /// Active-passive, L4: whether each tells the other which connection goes to which server.
    #[serde(default)]
    pub shared_connections: bool,
    /// Active-passive: whether the one that waits checks the servers. If not, it starts cold.
    #[serde(default)]
    pub standby_checks: bool,
    /// How long an advertisement or a gratuitous ARP takes on their segment.
    #[serde(default = "default_link")]
    pub link_us: SimDuration,
    /// Active-active: who spreads clients over the two.
    #[serde(default)]
    pub spread: ClientSpread,
    /// Active-active by ECMP: how long the routers need to see that one is gone or back.
    #[serde(default = "default_detect")]
    pub detect_us: SimDuration,
}

/// One of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSpec {
    /// Its name on the stage.
    pub name: String,
    /// Its own address.
    pub address: IpAddr,
    /// Its VRRP priority, 1 to 255: the higher is active.
    #[serde(default = "default_priority")]
    pub priority: u8,
}

/// Whether one of a pair waits or both work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairMode {
    /// One has the virtual address, the other waits for it to fall silent (VRRP).
    #[default]
    ActivePassive,
    /// Both take traffic.
    ActiveActive,
}

/// Who spreads clients over two balancers that both work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientSpread {
    /// The name has both addresses: a client takes one, and the other if that is silent.
    #[default]
    Dns,
    /// One address, and the router in front hashes each connection to one of the two.
    Ecmp,
}

/// How the name is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsSpec {
    /// Which of the healthy sites.
    pub policy: GeoDnsPolicy,
    /// How long an answer may be kept.
    pub ttl_us: SimDuration,
    /// Whether the authority looks at the user's network where the resolver passes it on.
    pub client_subnet: bool,
    /// One address for all sites: the network takes each packet to the nearest. DNS decides nothing.
    pub anycast: bool,
    /// The authority's own checks of each address; `null` is none.
    pub checks: Option<ActiveConfig>,
    /// From a resolver to the authority and back.
    pub answer_us: SimDuration,
    /// Anycast: how long routes need to follow when a site is gone or back.
    pub converge_us: SimDuration,
}

impl Default for DnsSpec {
    fn default() -> Self {
        Self {
            policy: GeoDnsPolicy::default(),
            ttl_us: SimDuration::from_secs(60),
            client_subnet: false,
            anycast: false,
            checks: None,
            answer_us: SimDuration::from_ms(20),
            converge_us: SimDuration::from_secs(3),
        }
    }
}

/// Sites in several cities behind one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// How much longer cables are than the straight way, in thousandths.
    #[serde(default = "default_path_factor")]
    pub path_factor_permille: u32,
    /// The sites. `servers` of the scenario stand in them.
    pub sites: Vec<SiteSpec>,
    /// The resolvers that users ask.
    pub resolvers: Vec<ResolverSpec>,
    /// Where each client lives and whom it asks.
    pub users: Vec<UserSpec>,
}

/// A data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSpec {
    /// Its name.
    pub name: String,
    /// The key of its region.
    pub region: String,
    /// The key of its city.
    pub city: String,
    /// Its weight, for the policy that goes by weights.
    #[serde(default = "one")]
    pub weight: u32,
    /// What packets need beyond what geography says, one way: a detour.
    #[serde(default)]
    pub extra_us: SimDuration,
    /// Two balancers; `null` is one.
    #[serde(default)]
    pub pair: Option<PairSpec>,
    /// The names of its servers.
    pub servers: Vec<String>,
}

/// A resolver, or a farm of them behind one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolverSpec {
    /// Its name.
    pub name: String,
    /// The key of its city: where the authority believes its users to be.
    pub city: String,
    /// Machines with a cache each; a user always asks the same one.
    #[serde(default = "one")]
    pub caches: u32,
    /// It keeps every answer for at least this long, whatever the TTL says.
    #[serde(default)]
    pub keep_us: SimDuration,
    /// Whether it passes the user's network on (RFC 7871).
    #[serde(default)]
    pub sends_subnet: bool,
}

/// Where a client is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// The name of the client.
    pub client: String,
    /// The key of its city.
    pub city: String,
    /// The name of the resolver it asks.
    pub resolver: String,
}

/// What a client does that hears nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetransmitPolicy {
    /// It sends again after this, after twice this, four times this … (RFC 6298: 1 s).
    pub resend_us: SimDuration,
    /// It gives up after this.
    pub give_up_us: SimDuration,
}

impl Default for RetransmitPolicy {
    fn default() -> Self {
        Self {
            resend_us: SimDuration::from_secs(1),
            give_up_us: SimDuration::from_secs(10),
        }
    }
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

const fn default_advert() -> u32 {
    100
}

const fn default_priority() -> u8 {
    100
}

const fn default_link() -> SimDuration {
    SimDuration::from_ms(1)
}

const fn default_detect() -> SimDuration {
    SimDuration::from_secs(1)
}

const fn default_path_factor() -> u32 {
    1_500
}
