//! The configuration of servers, clients and requests, as a scenario gives it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::field::schema::describe;
use crate::field::{ANY, NAME, PAIRS, PART, TEXT, above, real, scene_fields, span, whole};
use crate::time::SimDuration;
use crate::units::Permille;

/// The highest request rate, in requests a second.
pub const MAX_RATE_RPS: f64 = 1_000_000.0;
/// The most users behind one client address.
pub const MAX_USERS: u32 = 10_000;

/// The arrival process of requests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// # Process
    /// How the gaps between requests are spread.
    #[serde(default)]
    pub process: ArrivalProcess,
    /// # Rate
    /// Requests a second from all clients together. A closed loop has no rate.
    pub rate_rps: f64,
    /// # Kinds in turn
    /// Kinds of request come in a fixed rotation by their shares, not by chance. Not in a closed loop.
    ///
    /// Each class comes as often as its share says, like a job that comes with every fourth request.
    #[serde(default)]
    pub in_turn: bool,
    /// # Thinking time
    /// Closed loop: how long a user thinks after an answer, on average.
    #[serde(default)]
    pub think_us: SimDuration,
    /// # Bursts
    /// Requests come in bursts, at the same mean rate.
    #[serde(default)]
    pub bursts: Option<Bursts>,
    /// # Spike
    /// For a while there are more requests.
    #[serde(default)]
    pub spike: Option<Spike>,
}

scene_fields!(Arrivals {
    rate_rps: real(0.0, MAX_RATE_RPS).unit("a second", 1).example("30"),
    think_us: span(0),
    bursts: PART,
    spike: PART,
});

/// Bursts: times with and without requests in turn, beginning with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// # On for
    /// How long requests come.
    ///
    /// The rate is raised so that the mean is kept.
    pub on_us: SimDuration,
    /// # Off for
    /// How long none come.
    pub off_us: SimDuration,
}

scene_fields!(Bursts {
    on_us: span(1_000).example("2000000"),
    off_us: span(1_000).example("2000000"),
});

/// A spike: a higher rate for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// # Begins at
    /// When it begins, from the start of the run.
    pub at_us: SimDuration,
    /// # Lasts
    /// How long it lasts.
    pub for_us: SimDuration,
    /// # Height
    /// How many times the usual rate; in the file in thousandths.
    pub times_permille: Permille,
}

scene_fields!(Spike {
    at_us: span(0).example("10000000"),
    for_us: span(1_000).example("10000000"),
    times_permille: whole(0, 1_000_000).unit("times", 1_000).example("3000"),
});

/// The distribution of the gaps between arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalProcess {
    /// # Independent users (Poisson)
    ///
    /// Independent users: exponential gaps (Poisson process).
    #[default]
    Poisson,
    /// # Equal gaps, like a metronome
    ///
    /// Equal gaps, like a metronome.
    Steady,
    /// # Each user waits for the answer (closed loop)
    ///
    /// A fixed number of users: each sends, waits for the answer, thinks, and sends again.
    ClosedLoop,
}

/// A source of requests: one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// # Name
    /// Short: it stands on the stage.
    pub name: String,
    /// # Note
    /// What it is, in a few words.
    #[serde(default)]
    pub note: String,
    /// # Address
    /// IPv4 or IPv6: what hashes of the address see.
    pub address: IpAddr,
    /// # Users
    /// People behind the address, each with a connection of their own. In a closed loop at most 100,000 in all.
    #[serde(default = "one")]
    pub users: u32,
    /// # Share
    /// Its part of all requests, relative to the other clients' parts.
    #[serde(default = "one")]
    pub share: u32,
    /// # Requests a connection
    /// After so many a connection is closed. 1 opens a new one for each.
    #[serde(default = "one")]
    pub requests_per_connection: u32,
}

scene_fields!(ClientSpec, "Client" {
    name: NAME.example("new"),
    note: TEXT,
    address: ANY.example("198.51.100.9"),
    users: whole(1, MAX_USERS),
    share: whole(0, 1_000_000),
    requests_per_connection: whole(1, 1_000_000),
});

/// A request class of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct ClassSpec {
    /// # Kind
    /// Its shape on the stage, and what is usual for it.
    pub kind: RequestKind,
    /// # Share
    /// Its part of all requests, relative to the other kinds' parts.
    #[serde(default = "one")]
    pub share: u32,
    /// # Work
    /// How long a server of usual speed works on one.
    pub work: Work,
    /// # Path
    /// What hashes of the path see; with more than one item its number is added.
    pub path: String,
    /// # Items
    /// How many different things clients request under the path, all equally often.
    #[serde(default = "one")]
    pub items: u32,
    /// # Host
    /// The host it asks for.
    #[serde(default = "default_host")]
    pub host: String,
    /// # Method
    /// Empty is the usual one: POST for a checkout or a gRPC call, else GET.
    #[serde(default)]
    pub method: String,
    /// # Headers
    /// Besides those that its kind always has.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// # Cookies
    /// Cookies that it brings.
    #[serde(default)]
    pub cookies: BTreeMap<String, String>,
    /// # Stays open
    /// How long a WebSocket stays open once the server agreed. Only for a WebSocket.
    #[serde(default)]
    pub hold_us: SimDuration,
}

scene_fields!(ClassSpec, "Kind of request" {
    kind: ANY.example("page"),
    share: whole(0, 1_000_000),
    work: PART,
    path: NAME.example("/page/"),
    items: whole(1, 1_000_000),
    host: TEXT,
    method: TEXT,
    headers: PAIRS,
    cookies: PAIRS,
    hold_us: span(0),
});

impl ClassSpec {
    /// A class with one item and without headers or cookies of its own.
    #[must_use]
    pub fn plain(kind: RequestKind, path: &str, work: Work) -> Self {
        Self {
            kind,
            share: one(),
            work,
            path: path.to_owned(),
            items: one(),
            host: default_host(),
            method: String::new(),
            headers: BTreeMap::new(),
            cookies: BTreeMap::new(),
            hold_us: SimDuration::ZERO,
        }
    }

    /// The method of the requests.
    #[must_use]
    pub fn method(&self) -> &str {
        match self.kind {
            _ if !self.method.is_empty() => &self.method,
            RequestKind::Checkout | RequestKind::Grpc => "POST",
            _ => "GET",
        }
    }

    /// All headers: those of the kind first.
    #[must_use]
    pub fn all_headers(&self) -> Vec<(String, String)> {
        let own: &[(&str, &str)] = match self.kind {
            RequestKind::Grpc => &[("content-type", "application/grpc")],
            RequestKind::WebSocket => &[("connection", "upgrade"), ("upgrade", "websocket")],
            _ => &[],
        };
        let own = own
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        own.chain(self.headers.clone()).collect()
    }
}

/// The kinds of request that the stage can tell apart.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// # Page
    ///
    /// A request for a page.
    Page,
    /// # Static file
    ///
    /// A request for a static file.
    Static,
    /// # Checkout
    ///
    /// A checkout, which is not idempotent.
    Checkout,
    /// # gRPC call
    ///
    /// A call by gRPC.
    Grpc,
    /// # WebSocket
    ///
    /// A WebSocket: a request for an upgrade of the protocol (RFC 6455), and then a connection that stays open.
    WebSocket,
}

/// A distribution of work. All times are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// # Exponential
    ///
    /// An exponential distribution of work.
    Exponential {
        /// # Mean
        /// The mean of all.
        mean_us: SimDuration,
    },
    /// # Always the same
    ///
    /// Always the same time.
    Fixed {
        /// # Time
        /// Every one takes this long.
        us: SimDuration,
    },
    /// # Log-normal
    ///
    /// A log-normal distribution: most times near the middle, some far above.
    LogNormal {
        /// # Median
        /// Half of all are below this.
        median_us: SimDuration,
        /// # Spread
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
    /// # One of two times
    ///
    /// One of two times.
    Bimodal {
        /// # Usual time
        /// How long most take.
        us: SimDuration,
        /// # Rare time
        /// How long a few take.
        rare_us: SimDuration,
        /// # How often rare
        /// The part that takes the rare time; in the file in thousandths.
        rare_permille: Permille,
    },
    /// # Heavy tail (Pareto)
    ///
    /// A Pareto distribution, with a heavy tail.
    Pareto {
        /// # Least
        /// The least that one can take.
        min_us: SimDuration,
        /// # Tail exponent
        /// Over 1; the nearer to 1, the heavier the tail.
        alpha: f64,
    },
}

scene_fields!(enum Work, "Distribution" {
    Fixed { us: span(1).example("200000") },
    Exponential { mean_us: span(1).example("200000") },
    LogNormal {
        median_us: span(1).example("200000"),
        sigma: real(0.0, 4.0).example("0.5"),
    },
    Bimodal {
        us: span(1).example("150000"),
        rare_us: span(1).example("600000"),
        rare_permille: whole(0, 1_000).unit("%", 10).example("100"),
    },
    Pareto {
        min_us: span(1).example("100000"),
        alpha: above(1.0, 100.0).example("2.5"),
    },
});

/// The settings of clients' connections. Without them a connection is there as soon as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSpec {
    /// # TLS
    /// Clients speak TLS, which takes one more round trip.
    ///
    /// TLS 1.3: RFC 8446, section 2.
    #[serde(default = "yes")]
    pub tls: bool,
    /// # Idle limit
    /// After so long without a request a client closes its connection. 0 is never.
    #[serde(default)]
    pub idle_us: SimDuration,
}

scene_fields!(ConnectionSpec { idle_us: span(0) });

/// The latencies of the links, one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// # Client to balancer
    /// From a client to the balancer, one way.
    pub client_us: SimDuration,
    /// # Balancer to server
    /// From the balancer to a server, one way.
    pub server_us: SimDuration,
}

scene_fields!(Links {
    client_us: span(0).example("350000"),
    server_us: span(0).example("350000"),
});

/// The configuration of a server's machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSpec {
    /// The name, like `A`.
    pub name: String,
    /// The address with the port.
    pub address: String,
    /// The number of workers: requests processed at once, 1 to 10,000.
    pub workers: u32,
    /// Requests that may wait for a worker; one more is answered 503.
    pub queue: u32,
    /// The speed in thousandths: 2000 does work twice as fast.
    pub speed_permille: Permille,
    /// How the workers are divided among requests.
    pub discipline: Discipline,
}

/// How workers are divided among requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Discipline {
    /// # One request each, the rest wait
    ///
    /// One worker for one request, first come, first served.
    #[default]
    Fifo,
    /// # All at once, sharing the speed
    ///
    /// Processor sharing: every accepted request is in service, and the workers' speed is shared out evenly; none is
    /// faster than one worker.
    Sharing,
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

fn default_host() -> String {
    "shop.example".to_string()
}
