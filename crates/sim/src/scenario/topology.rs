//! The part of a scenario in front of the balancers: a pair of them, the name that leads to them, the sites, and the
//! patience of clients.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limits::{MAX_CACHES, MAX_CLIENTS, MAX_RESOLVERS, MAX_SITES};
use crate::field::schema::describe;
use crate::field::{ANY, NAME, NAMES, PART, list, one_of, reference, scene_fields, span, whole};
use crate::gslb::geo::{CITIES, REGIONS};
use crate::gslb::geodns::GeoDnsPolicy;
use crate::ha::vrrp::MAX_ADVERT_CS;
use crate::health::active::ActiveConfig;
use crate::time::SimDuration;
use crate::units::Permille;

/// The pair that the editor begins with, as JSON.
pub(super) const PAIR_EXAMPLE: &str = r#"{
    "mode": "active_passive",
    "members": [
        { "name": "LB1", "address": "192.0.2.11", "priority": 200 },
        { "name": "LB2", "address": "192.0.2.12", "priority": 100 }
    ],
    "vip": "192.0.2.10", "advert_cs": 100, "preempt": true, "shared_connections": false,
    "standby_checks": false, "link_us": 1000, "spread": "dns", "detect_us": 1000000
}"#;

/// The settings of an HA pair: two balancers instead of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct PairSpec {
    /// # Mode
    /// Whether one waits or both work.
    #[serde(default)]
    pub mode: PairMode,
    /// # The two
    /// They need names and addresses of their own.
    ///
    /// The scene's `balancer` has the settings of both.
    pub members: [MemberSpec; 2],
    /// # Virtual address
    /// The one address that clients know. Active-passive and ECMP need it.
    #[serde(default)]
    pub vip: Option<IpAddr>,
    /// # Advertisements
    /// Active-passive: from one VRRP advertisement to the next; in the file in hundredths of a second.
    #[serde(default = "default_advert")]
    pub advert_cs: u32,
    /// # Takes the address back
    /// Active-passive: the one of higher priority does so when it is back.
    #[serde(default = "yes")]
    pub preempt: bool,
    /// # Shared connections
    /// Active-passive at L4: each tells the other which connection goes to which server.
    ///
    /// Connection sync.
    #[serde(default)]
    pub shared_connections: bool,
    /// # Checks while waiting
    /// Active-passive: the one that waits checks the servers. If not, it starts cold.
    #[serde(default)]
    pub standby_checks: bool,
    /// # Between the two
    /// How long an advertisement takes on their segment.
    ///
    /// The same goes for a gratuitous ARP.
    #[serde(default = "default_link")]
    pub link_us: SimDuration,
    /// # Who spreads clients
    /// Active-active: who sends which client to which of the two.
    #[serde(default)]
    pub spread: ClientSpread,
    /// # Router notices after
    /// ECMP: how long until the router sees that one is gone or back.
    #[serde(default = "default_detect")]
    pub detect_us: SimDuration,
}

scene_fields!(PairSpec {
    members: PART,
    vip: ANY.example("192.0.2.10"),
    advert_cs: whole(1, MAX_ADVERT_CS).unit("s", 100),
    link_us: span(0),
    detect_us: span(0),
});

/// One balancer of a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct MemberSpec {
    /// # Name
    /// Short: it stands on the stage.
    pub name: String,
    /// # Address
    /// Its own address.
    pub address: IpAddr,
    /// # VRRP priority
    /// The higher one is active.
    #[serde(default = "default_priority")]
    pub priority: u8,
}

scene_fields!(MemberSpec, "Balancer" {
    name: NAME.example("LB"),
    address: ANY.example("192.0.2.11"),
    priority: whole(1, 255),
});

/// Whether one balancer of a pair stands by or both work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PairMode {
    /// # Active-passive: one waits
    ///
    /// One has the virtual IP, the other takes over when it hears nothing (VRRP).
    #[default]
    ActivePassive,
    /// # Active-active: both work
    ///
    /// Both balancers take traffic.
    ActiveActive,
}

/// How clients are spread over two balancers that both work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientSpread {
    /// # The name has both addresses
    ///
    /// The name has both addresses: a client takes one, and the other if it gets no answer.
    #[default]
    Dns,
    /// # The router in front hashes (ECMP)
    ///
    /// One address, and the router in front hashes each connection to one of the two.
    Ecmp,
}

/// The settings of the scene's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct DnsSpec {
    /// # Policy
    /// Which of the healthy sites DNS answers with.
    pub policy: GeoDnsPolicy,
    /// # TTL
    /// How long an answer may be kept. 0: each new connection asks.
    pub ttl_us: SimDuration,
    /// # Client subnet
    /// The authority looks at the user's network where the resolver passes it on.
    ///
    /// EDNS client subnet: RFC 7871.
    pub client_subnet: bool,
    /// # Anycast
    /// One address for all sites: the network takes each packet to the nearest. Needs a world.
    ///
    /// DNS decides nothing then.
    pub anycast: bool,
    /// # The authority's checks
    /// It checks each address itself. Without it, every site counts as healthy.
    pub checks: Option<ActiveConfig>,
    /// # Resolver to authority
    /// From a resolver to the authority and back.
    pub answer_us: SimDuration,
    /// # Routes follow after
    /// Anycast: how long routes need when a site is gone or back.
    pub converge_us: SimDuration,
}

scene_fields!(DnsSpec {
    ttl_us: span(0),
    checks: PART,
    answer_us: span(0),
    converge_us: span(0),
});

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct WorldSpec {
    /// # Length of cables
    /// How much longer cables are than the straight way; in the file in thousandths.
    #[serde(default = "default_path_factor")]
    pub path_factor_permille: Permille,
    /// # Sites
    /// Data centres. Every server stands in one of them.
    pub sites: Vec<SiteSpec>,
    /// # Resolvers
    /// Whom users ask for the name.
    pub resolvers: Vec<ResolverSpec>,
    /// # Where clients are
    /// A place for every client of the scene.
    pub users: Vec<UserSpec>,
}

scene_fields!(WorldSpec {
    path_factor_permille: whole(1_000, 100_000).unit("times", 1_000),
    sites: list(1, MAX_SITES),
    resolvers: list(1, MAX_RESOLVERS),
    users: list(0, MAX_CLIENTS),
});

/// A site: a data centre.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct SiteSpec {
    /// # Name
    /// No two sites may have the same.
    pub name: String,
    /// # Region
    /// The region of its city.
    ///
    /// A key of [`crate::gslb::geo::REGIONS`].
    pub region: String,
    /// # City
    /// Where it is.
    ///
    /// A key of [`crate::gslb::geo::CITIES`].
    pub city: String,
    /// # Weight
    /// For the policy that goes by weights.
    #[serde(default = "one")]
    pub weight: u32,
    /// # Detour
    /// What packets need beyond what geography says, one way.
    #[serde(default)]
    pub extra_us: SimDuration,
    /// # A pair of balancers
    /// Two balancers instead of one.
    #[serde(default)]
    pub pair: Option<PairSpec>,
    /// # Its servers
    /// The names of the servers that stand here.
    pub servers: Vec<String>,
}

scene_fields!(SiteSpec, "Site" {
    name: NAME.example("site"),
    region: one_of(region_names).example("europe"),
    city: one_of(city_names).example("frankfurt"),
    weight: whole(0, 256),
    extra_us: span(0),
    pair: PART.example(PAIR_EXAMPLE),
    servers: NAMES.names("servers").told("Server", "").example("A"),
});

/// A resolver, or a farm of them behind one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct ResolverSpec {
    /// # Name
    /// No two resolvers may have the same.
    pub name: String,
    /// # City
    /// Where the authority believes its users to be.
    pub city: String,
    /// # Caches
    /// Machines with a cache each; a user always asks the same one.
    #[serde(default = "one")]
    pub caches: u32,
    /// # Keeps at least
    /// It keeps every answer so long, whatever the TTL says.
    #[serde(default)]
    pub keep_us: SimDuration,
    /// # Passes the subnet on
    /// It tells the authority the user's network.
    ///
    /// EDNS client subnet: RFC 7871.
    #[serde(default)]
    pub sends_subnet: bool,
}

scene_fields!(ResolverSpec, "Resolver" {
    name: NAME.example("resolver"),
    city: one_of(city_names).example("frankfurt"),
    caches: whole(1, MAX_CACHES),
    keep_us: span(0),
});

/// The city and the resolver of a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct UserSpec {
    /// # Client
    /// The name of the client.
    pub client: String,
    /// # City
    /// Where it is.
    pub city: String,
    /// # Resolver
    /// The name of the resolver it asks.
    pub resolver: String,
}

scene_fields!(UserSpec, "Place" {
    client: reference("clients").example("client"),
    city: one_of(city_names).example("frankfurt"),
    resolver: reference("resolvers").example("resolver"),
});

/// What a client does when it hears no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct RetransmitPolicy {
    /// # Sends again after
    /// And then after twice this, four times this, and so on.
    ///
    /// RFC 6298 says 1 s.
    pub resend_us: SimDuration,
    /// # Gives up after
    /// Counted from the first packet.
    pub give_up_us: SimDuration,
}

scene_fields!(RetransmitPolicy {
    resend_us: span(1_000),
    give_up_us: span(1_000),
});

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

const fn default_path_factor() -> Permille {
    Permille(1_500)
}

/// The keys of the regions with their names, in the order of the keys.
fn region_names() -> Vec<(&'static str, &'static str)> {
    let mut names: Vec<_> = REGIONS.iter().map(|one| (one.key, one.name)).collect();
    names.sort_unstable();
    names
}

/// The keys of the cities with their names, in the order of the keys.
fn city_names() -> Vec<(&'static str, &'static str)> {
    let mut names: Vec<_> = CITIES.iter().map(|one| (one.key, one.name)).collect();
    names.sort_unstable();
    names
}
