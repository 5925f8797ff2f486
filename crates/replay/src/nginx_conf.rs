//! Reads the lines of an nginx configuration that affect decisions: the upstream's lines and proxy_next_upstream.

use super::trace::{MOST_WEIGHT, Trace, TraceServer};
use super::trace_path::ReplayError;
use evenkeel_sim::balance::algorithm::{Algorithm, Implementation, PickerConfig};

/// The part of a request that the method hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HashKey {
    /// The client's address as bytes (`ip_hash`).
    Source,
    /// The request's key. If it is empty there is nothing to hash, not even an address.
    Key,
    /// The client's address as text.
    Address,
}

/// When a request goes on to the next server (`proxy_next_upstream`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Next {
    error: bool,
    statuses: Vec<u16>,
    non_idempotent: bool,
    /// `proxy_next_upstream_tries`; 0 is no limit.
    pub tries: usize,
}

impl Default for Next {
    fn default() -> Self {
        Self {
            error: true,
            statuses: Vec::new(),
            non_idempotent: false,
            tries: 0,
        }
    }
}

impl Next {
    /// Whether a request goes on after a refused connection.
    #[must_use]
    pub const fn after_refusal(&self) -> bool {
        self.error
    }

    /// Whether a request goes on after an answer with `status`.
    #[must_use]
    pub fn after(&self, status: u16, idempotent: bool) -> bool {
        self.statuses.contains(&status) && (idempotent || self.non_idempotent)
    }
}

/// The configuration of a trace.
#[derive(Clone, Debug)]
pub struct NginxConf {
    /// The servers, with the options of their lines.
    pub servers: Vec<TraceServer>,
    /// The load-balancing algorithm with its options.
    pub picker: PickerConfig,
    /// The part of a request that the method hashes.
    pub key: HashKey,
    /// When a request goes on to the next server.
    pub next: Next,
}

/// Reads the configuration of a trace.
///
/// # Errors
/// If a line is not known or nginx would refuse it.
pub fn read(trace: &Trace) -> Result<NginxConf, ReplayError> {
    let mut conf = NginxConf {
        servers: trace.servers.clone(),
        picker: PickerConfig::new(Algorithm::WeightedRoundRobin, Implementation::Nginx),
        key: HashKey::Key,
        next: Next::default(),
    };
    let mut servers_seen = 0;
    for (place, line) in trace.lines.iter().enumerate() {
        let error = |reason: String| ReplayError {
            place: format!("upstream[{place}]"),
            reason,
        };
        let line = line.trim().trim_end_matches(';');
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let Some((first, rest)) = words.split_first() else {
            continue;
        };
        if *first == "server" {
            let Some(server) = conf.servers.get_mut(servers_seen) else {
                return Err(error("has no entry in servers".to_owned()));
            };
            server_line(server, rest).map_err(error)?;
            servers_seen += 1;
        } else {
            method(&mut conf, first, rest).map_err(error)?;
        }
    }
    for (field, text) in &trace.around {
        for directive in text.split(';') {
            let error = |reason| ReplayError {
                place: (*field).to_owned(),
                reason,
            };
            next_upstream(&mut conf.next, directive).map_err(error)?;
        }
    }
    check(&conf)?;
    Ok(conf)
}

/// The words of a `server` line after `server`.
fn server_line(server: &mut TraceServer, words: &[&str]) -> Result<(), String> {
    let Some((address, parameters)) = words.split_first() else {
        return Err("a server needs an address".to_owned());
    };
    if *address != server.address {
        return Err(format!("{address} is not the address of {}", server.name));
    }
    for parameter in parameters {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let number = |least: u32, most: u32| {
            let number = value
                .parse()
                .ok()
                .filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| format!("{name} must be a number from {least} to {most}"))
        };
        match name {
            "weight" => server.weight = number(1, MOST_WEIGHT)?,
            "max_fails" => server.max_fails = number(0, u32::MAX)?,
            "max_conns" => {
                server.max_conns = Some(number(0, u32::MAX)?).filter(|most| *most > 0);
            }
            "fail_timeout" => server.fail_timeout_s = seconds(value)?,
            "backup" => server.backup = true,
            "down" => server.down = true,
            _ => return Err(format!("unknown parameter \"{parameter}\"")),
        }
    }
    Ok(())
}

/// A time of nginx in whole seconds: `10`, `10s`, `1m`, `1h`.
fn seconds(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.find(|one: char| !one.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, "s"),
    };
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(format!("unknown time \"{text}\"")),
    };
    let number: u32 = digits
        .parse()
        .map_err(|_| format!("unknown time \"{text}\""))?;
    Ok(u64::from(number) * unit)
}

/// A line that chooses the algorithm.
fn method(conf: &mut NginxConf, first: &str, rest: &[&str]) -> Result<(), String> {
    let algorithm = match (first, rest) {
        ("least_conn", []) => Algorithm::WeightedLeastConnections,
        ("ip_hash", []) => {
            conf.key = HashKey::Source;
            Algorithm::IpHash
        }
        ("hash", [key, "consistent"]) => {
            conf.key = hash_key(key)?;
            Algorithm::ConsistentHash
        }
        ("hash", [key]) => {
            conf.key = hash_key(key)?;
            Algorithm::KeyHash
        }
        ("random", []) => Algorithm::WeightedRandom,
        ("random", ["two"] | ["two", "least_conn"]) => Algorithm::PowerOfTwo,
        ("least_time", ["last_byte"]) => Algorithm::LeastTime,
        ("zone" | "keepalive" | "keepalive_timeout" | "keepalive_requests", _) => return Ok(()),
        _ => return Err(format!("unknown directive \"{first} {}\"", rest.join(" "))),
    };
    conf.picker = PickerConfig::new(algorithm, Implementation::Nginx);
    Ok(())
}

fn hash_key(variable: &str) -> Result<HashKey, String> {
    match variable {
        "$remote_addr" => Ok(HashKey::Address),
        "$request_uri" | "$uri" => Ok(HashKey::Key),
        _ if variable.starts_with("$arg_") => Ok(HashKey::Key),
        _ => Err(format!("the trace does not hold {variable}")),
    }
}

/// One directive outside the upstream; those that decide nothing here are passed over.
fn next_upstream(next: &mut Next, directive: &str) -> Result<(), String> {
    let words: Vec<&str> = directive.split_ascii_whitespace().collect();
    match words.as_slice() {
        ["proxy_next_upstream_tries", number] => {
            next.tries = number
                .parse::<u32>()
                .map_err(|_| format!("proxy_next_upstream_tries {number} is no number"))?
                as usize;
        }
        ["proxy_next_upstream", conditions @ ..] => {
            *next = Next {
                error: false,
                tries: next.tries,
                ..Next::default()
            };
            for condition in conditions {
                match *condition {
                    "error" => next.error = true,
                    "non_idempotent" => next.non_idempotent = true,
                    "timeout" | "invalid_header" | "updating" | "off" => {}
                    status => match status.strip_prefix("http_").map(str::parse) {
                        Some(Ok(code @ (403 | 404 | 429 | 500 | 502 | 503 | 504))) => {
                            next.statuses.push(code);
                        }
                        _ => return Err(format!("unknown condition \"{status}\"")),
                    },
                }
            }
            if conditions.contains(&"off") {
                *next = Next {
                    error: false,
                    tries: next.tries,
                    ..Next::default()
                };
            }
        }
        _ => {}
    }
    Ok(())
}

/// What nginx itself would refuse, or what would need more memory than a replay may take.
fn check(conf: &NginxConf) -> Result<(), ReplayError> {
    let hashes = [
        Algorithm::IpHash,
        Algorithm::KeyHash,
        Algorithm::ConsistentHash,
    ];
    let draws = [Algorithm::WeightedRandom, Algorithm::PowerOfTwo];
    let algorithm = conf.picker.algorithm;
    if hashes.contains(&algorithm) || draws.contains(&algorithm) {
        for (place, server) in conf.servers.iter().enumerate() {
            if server.backup {
                return Err(ReplayError {
                    place: format!("servers[{place}].backup"),
                    reason: "nginx allows no backup with this method".to_owned(),
                });
            }
        }
    }
    let total: u64 = conf
        .servers
        .iter()
        .map(|server| u64::from(server.weight))
        .sum();
    if algorithm == Algorithm::ConsistentHash && total > 10_000 {
        return Err(ReplayError {
            place: "servers".to_owned(),
            reason: "a ring is replayed up to a total weight of 10000".to_owned(),
        });
    }
    if conf.servers.iter().all(|server| server.backup) {
        return Err(ReplayError {
            place: "servers".to_owned(),
            reason: "nginx wants at least one server that is no backup".to_owned(),
        });
    }
    Ok(())
}
