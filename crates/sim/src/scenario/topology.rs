//! The part of a scenario in front of the balancers: a pair of them, the name that leads to them, the sites, and the
//! patience of clients.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::gslb::geodns::GeoDnsPolicy;
use crate::health::active::ActiveConfig;
use crate::time::SimDuration;

/// The settings of an HA pair: two balancers instead of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairSpec {
    /// Whether one balancer stands by or both work.
    #[serde(default)]
    pub mode: PairMode,
    /// The two balancers. `balancer` of the scenario has the settings of both.
    pub members: [MemberSpec; 2],
    /// Active-passive: the virtual IP that clients know.
    #[serde(default)]
    pub vip: Option<IpAddr>,
    /// Active-passive: the time between two VRRP advertisements, in hundredths of a second.
    #[serde(default = "default_advert")]
    pub advert_cs: u32,
    /// Active-passive: whether the balancer of higher priority takes the address back.
    #[serde(default = "yes")]
    pub preempt: bool,
    /// Active-passive, L4: whether each tells the other which connection goes to which server (connection sync).
    #[serde(default)]
    pub shared_connections: bool,
    /// Active-passive: whether the standby probes the servers. If not, it starts without their health.
    #[serde(default)]
    pub standby_checks: bool,
    /// The latency of an advertisement or a gratuitous ARP on their segment.
    #[serde(default = "default_link")]
    pub link_us: SimDuration,
    /// Active-active: how clients are spread over the two.
    #[serde(default)]
    pub spread: ClientSpread,
    /// Active-active by ECMP: the time until the routers see that a balancer is gone or back.
    #[serde(default = "default_detect")]
    pub detect_us: SimDuration,
}

/// One balancer of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSpec {
    /// The name on the stage.
    pub name: String,
    /// The balancer's own address.
    pub address: IpAddr,
    /// The VRRP priority, 1 to 255: the higher is active.
    #[serde(default = "default_priority")]
    pub priority: u8,
}

/// Whether one balancer of a pair stands by or both work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PairMode {
    /// One has the virtual IP, the other takes over when it hears nothing (VRRP).
    #[default]
    ActivePassive,
    /// Both balancers take traffic.
    ActiveActive,
}

/// How clients are spread over two balancers that both work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientSpread {
    /// The name has both addresses: a client takes one, and the other if it gets no answer.
    #[default]
    Dns,
    /// One address, and the router in front hashes each connection to one of the two.
    Ecmp,
}

/// The settings of the scene's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsSpec {
    /// The GeoDNS policy among the healthy sites.
    pub policy: GeoDnsPolicy,
    /// The time to live of an answer.
    pub ttl_us: SimDuration,
    /// Whether the authority looks at the user's network, if the resolver passes it on.
    pub client_subnet: bool,
    /// One address for all sites: the network takes each packet to the nearest. DNS decides nothing.
    pub anycast: bool,
    /// The authority's own checks of each address; `null` is no checks.
    pub checks: Option<ActiveConfig>,
    /// The round-trip time between a resolver and the authority.
    pub answer_us: SimDuration,
    /// Anycast: the time until routes follow when a site is gone or back.
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
    /// The path factor: how much longer cables are than the straight way, in thousandths.
    #[serde(default = "default_path_factor")]
    pub path_factor_permille: u32,
    /// The sites, in which the `servers` of the scenario stand.
    pub sites: Vec<SiteSpec>,
    /// The resolvers that users ask.
    pub resolvers: Vec<ResolverSpec>,
    /// The city and the resolver of each client.
    pub users: Vec<UserSpec>,
}

/// A site: a data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteSpec {
    /// The name of the site.
    pub name: String,
    /// The key of its region.
    pub region: String,
    /// The key of its city.
    pub city: String,
    /// The weight for the weighted GeoDNS policy.
    #[serde(default = "one")]
    pub weight: u32,
    /// The latency of packets beyond what distance gives, one way: a detour.
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
    /// The name of the resolver.
    pub name: String,
    /// The key of its city: where the authority believes its users to be.
    pub city: String,
    /// The number of machines with a cache each; a user always asks the same one.
    #[serde(default = "one")]
    pub caches: u32,
    /// The shortest time that it keeps an answer, whatever the time to live says.
    #[serde(default)]
    pub keep_us: SimDuration,
    /// Whether it passes the user's network on (EDNS client subnet, RFC 7871).
    #[serde(default)]
    pub sends_subnet: bool,
}

/// The city and the resolver of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// The name of the client.
    pub client: String,
    /// The key of its city.
    pub city: String,
    /// The name of the resolver that it asks.
    pub resolver: String,
}

/// What a client does when it hears no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RetransmitPolicy {
    /// The time until it sends again, then twice this, four times this … (RFC 6298: 1 s).
    pub resend_us: SimDuration,
    /// The time until it gives up.
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
