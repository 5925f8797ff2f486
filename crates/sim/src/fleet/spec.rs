//! What is fixed of the fleet and of those who use it, as a scenario says it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::time::SimDuration;

/// The arrival process.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// How gaps between arrivals are spread.
    #[serde(default)]
    pub process: ArrivalProcess,
    /// Mean requests a second over all clients, 0 to 1,000,000. A closed loop has none.
    pub rate_rps: f64,
    /// Classes come in a fixed rotation, each as often as its share says, and not by chance: a job
    /// that comes with every fourth request. Not in a closed loop.
    #[serde(default)]
    pub in_turn: bool,
    /// How long a user of a closed loop thinks between an answer and the next request, on average.
    #[serde(default)]
    pub think_us: SimDuration,
    /// Requests come in bursts, at the same mean rate.
    #[serde(default)]
    pub bursts: Option<Bursts>,
    /// For a while there are more.
    #[serde(default)]
    pub spike: Option<Spike>,
}

/// On and off in turn, beginning with on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// How long requests come. The rate is so much higher that the mean is kept.
    pub on_us: SimDuration,
    /// How long none come.
    pub off_us: SimDuration,
}

/// More requests for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spike {
    /// When it begins.
    pub at_us: SimDuration,
    /// How long it lasts.
    pub for_us: SimDuration,
    /// How many times the rate, in thousandths: 3000 is three times.
    pub times_permille: u32,
}

/// How gaps between arrivals are spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalProcess {
    /// Independent users: exponential gaps.
    #[default]
    Poisson,
    /// A metronome: equal gaps.
    Steady,
    /// A fixed number of users: each sends, waits for the answer, thinks, and sends again.
    ClosedLoop,
}

/// A source of requests: one address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSpec {
    /// Short name on the stage.
    pub name: String,
    /// What it is: `office NAT, 40 users`.
    #[serde(default)]
    pub note: String,
    /// Its address, IPv4 or IPv6.
    pub address: IpAddr,
    /// People behind the address, each with a connection of their own. 1 to 10,000.
    #[serde(default = "one")]
    pub users: u32,
    /// Its part of all requests, relative to the other clients' parts.
    #[serde(default = "one")]
    pub share: u32,
    /// Requests on one connection before it is closed. 1 opens a new one for each.
    #[serde(default = "one")]
    pub requests_per_connection: u32,
}

/// A kind of request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassSpec {
    /// Which kind: its colour, shape and default path.
    pub kind: RequestKind,
    /// Its part of all requests, relative to the other classes' parts.
    #[serde(default = "one")]
    pub share: u32,
    /// How much work one is: the time it takes a server of speed 1.
    pub work: Work,
    /// The path that key hashes see; a number is added where `items` is more than 1.
    pub path: String,
    /// How many different things are asked for under that path, all equally often.
    #[serde(default = "one")]
    pub items: u32,
    /// The host it asks for.
    #[serde(default = "default_host")]
    pub host: String,
    /// Its method; empty is what its kind usually has: POST for a checkout or a gRPC call, else GET.
    #[serde(default)]
    pub method: String,
    /// Its headers, besides those that its kind always has.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Its cookies.
    #[serde(default)]
    pub cookies: BTreeMap<String, String>,
    /// How long a WebSocket stays open once the server agreed.
    #[serde(default)]
    pub hold_us: SimDuration,
}

impl ClassSpec {
    /// One thing, asked for without anything special.
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

    /// The method.
    #[must_use]
    pub fn method(&self) -> &str {
        match self.kind {
            _ if !self.method.is_empty() => &self.method,
            RequestKind::Checkout | RequestKind::Grpc => "POST",
            _ => "GET",
        }
    }

    /// All headers: those of its kind first.
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
    /// A page.
    Page,
    /// A static file.
    Static,
    /// A checkout.
    Checkout,
    /// A gRPC call.
    Grpc,
    /// A WebSocket: a request that asks to change the protocol (RFC 6455), and then a connection
    /// that stays.
    WebSocket,
}

/// A distribution of work. Times in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "distribution", rename_all = "snake_case", deny_unknown_fields)]
pub enum Work {
    /// Always the same.
    Fixed {
        /// That time.
        us: SimDuration,
    },
    /// Exponential.
    Exponential {
        /// The mean.
        mean_us: SimDuration,
    },
    /// Log-normal: most near the middle, some far above.
    LogNormal {
        /// Half are below this.
        median_us: SimDuration,
        /// Standard deviation of the logarithm, 0 to 4.
        sigma: f64,
    },
    /// One of two times.
    Bimodal {
        /// The usual one.
        us: SimDuration,
        /// The rare one.
        rare_us: SimDuration,
        /// How often the rare one comes, in thousandths.
        rare_permille: u32,
    },
    /// Pareto: a heavy tail.
    Pareto {
        /// The least it can be.
        min_us: SimDuration,
        /// The tail's exponent, over 1 to 100; nearer 1 is heavier.
        alpha: f64,
    },
}

/// How clients' connections live. Without it a connection is there as soon as it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionSpec {
    /// Whether clients speak TLS, which takes one more round trip (TLS 1.3, RFC 8446, section 2).
    #[serde(default = "yes")]
    pub tls: bool,
    /// How long a connection may be idle before its client closes it; 0 is for ever.
    #[serde(default)]
    pub idle_us: SimDuration,
}

/// One-way delays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Links {
    /// Between a client and the balancer.
    pub client_us: SimDuration,
    /// Between the balancer and a server.
    pub server_us: SimDuration,
}

/// A machine: what is fixed of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineSpec {
    /// Its name: `A`.
    pub name: String,
    /// Address and port.
    pub address: String,
    /// Requests it works on at once, 1 to 10,000.
    pub workers: u32,
    /// Requests that may wait for a worker; one more is answered 503.
    pub queue: u32,
    /// Its speed in thousandths: 2000 does work twice as fast.
    pub speed_permille: u32,
    /// How the workers divide themselves.
    pub discipline: Discipline,
}

/// How workers divide themselves among requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discipline {
    /// One worker, one request, first come, first served.
    #[default]
    Fifo,
    /// Every request that was accepted is in service, and the workers' speed is shared out evenly;
    /// none goes faster than one worker.
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
