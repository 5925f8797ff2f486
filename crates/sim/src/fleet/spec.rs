//! The configuration of servers, clients and requests, as a scenario gives it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

/// The arrival process of requests.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// The distribution of the gaps between arrivals.
    #[serde(default)]
    pub process: ArrivalProcess,
    /// The mean rate in requests a second over all clients, 0 to 1,000,000. A closed loop has none.
    pub rate_rps: f64,
    /// Whether classes come in a fixed rotation, each as often as its share says, and not at random: like a job that
    /// comes with every fourth request. Not in a closed loop.
    #[serde(default)]
    pub in_turn: bool,
    /// The mean thinking time of a user of a closed loop, between an answer and the next request.
    #[serde(default)]
    pub think_us: SimDuration,
    /// Bursts of requests, at the same mean rate; `None` is no bursts.
    #[serde(default)]
    pub bursts: Option<Bursts>,
    /// A spike of the rate; `None` is no spike.
    #[serde(default)]
    pub spike: Option<Spike>,
}

/// Bursts: times with and without requests in turn, beginning with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// How long requests come. The rate is raised so that the mean is kept.
    pub on_us: SimDuration,
    /// How long no requests come.
    pub off_us: SimDuration,
}

/// A spike: a higher rate for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// When the spike begins.
    pub at_us: SimDuration,
    /// How long the spike lasts.
    pub for_us: SimDuration,
    /// The factor on the rate, in thousandths: 3000 is three times.
    pub times_permille: u32,
}

/// The distribution of the gaps between arrivals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalProcess {
    /// Independent users: exponential gaps (Poisson process).
    #[default]
    Poisson,
    /// Equal gaps, like a metronome.
    Steady,
    /// A fixed number of users: each sends, waits for the answer, thinks, and sends again.
    ClosedLoop,
}

/// A source of requests: one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// The short name on the stage.
    pub name: String,
    /// A description, like `office NAT, 40 users`.
    #[serde(default)]
    pub note: String,
    /// The address, IPv4 or IPv6.
    pub address: IpAddr,
    /// The number of users behind the address, each with their own connection, 1 to 10,000.
    #[serde(default = "one")]
    pub users: u32,
    /// The share of all requests, relative to the other clients' shares.
    #[serde(default = "one")]
    pub share: u32,
    /// The number of requests on one connection before it is closed. 1 opens a new one for each.
    #[serde(default = "one")]
    pub requests_per_connection: u32,
}

/// A request class of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassSpec {
    /// The kind, which gives colour, shape and default path.
    pub kind: RequestKind,
    /// The share of all requests, relative to the other classes' shares.
    #[serde(default = "one")]
    pub share: u32,
    /// The work of one request: the time it takes a server of speed 1.
    pub work: Work,
    /// The path that key hashes see; a number is added where `items` is more than 1.
    pub path: String,
    /// The number of different items under that path, all requested equally often.
    #[serde(default = "one")]
    pub items: u32,
    /// The host that the requests ask for.
    #[serde(default = "default_host")]
    pub host: String,
    /// The method; if empty, that of the kind: POST for a checkout or a gRPC call, else GET.
    #[serde(default)]
    pub method: String,
    /// The headers, besides those that the kind always has.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The cookies of the requests.
    #[serde(default)]
    pub cookies: BTreeMap<String, String>,
    /// How long a WebSocket stays open once the server agreed.
    #[serde(default)]
    pub hold_us: SimDuration,
}

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestKind {
    /// A request for a page.
    Page,
    /// A request for a static file.
    Static,
    /// A checkout, which is not idempotent.
    Checkout,
    /// A call by gRPC.
    Grpc,
    /// A WebSocket: a request for an upgrade of the protocol (RFC 6455), and then a connection that stays open.
    WebSocket,
}

/// A distribution of work. All times are in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// Always the same time.
    Fixed {
        /// The time of every request.
        us: SimDuration,
    },
    /// An exponential distribution of work.
    Exponential {
        /// The mean of the distribution.
        mean_us: SimDuration,
    },
    /// A log-normal distribution: most times near the middle, some far above.
    LogNormal {
        /// The median of the distribution.
        median_us: SimDuration,
        /// The standard deviation of the logarithm, 0 to 4.
        sigma: f64,
    },
    /// One of two times.
    Bimodal {
        /// The time of most requests.
        us: SimDuration,
        /// The time of the rare requests.
        rare_us: SimDuration,
        /// The share of the rare time, in thousandths.
        rare_permille: u32,
    },
    /// A Pareto distribution, with a heavy tail.
    Pareto {
        /// The smallest time that is drawn.
        min_us: SimDuration,
        /// The exponent of the tail, over 1 to 100; nearer 1 is heavier.
        alpha: f64,
    },
}

/// The settings of clients' connections. Without them a connection is there as soon as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSpec {
    /// Whether clients use TLS, which takes one more round trip (TLS 1.3, RFC 8446, section 2).
    #[serde(default = "yes")]
    pub tls: bool,
    /// How long a connection may be idle before its client closes it; 0 is for ever.
    #[serde(default)]
    pub idle_us: SimDuration,
}

/// The latencies of the links, one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// The latency between a client and the balancer.
    pub client_us: SimDuration,
    /// The latency between the balancer and a server.
    pub server_us: SimDuration,
}

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
    pub speed_permille: u32,
    /// How the workers are divided among requests.
    pub discipline: Discipline,
}

/// How workers are divided among requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discipline {
    /// One worker for one request, first come, first served.
    #[default]
    Fifo,
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
