//! A recorded trace: only its inputs are read, never the recorded answers.

use std::net::IpAddr;

use serde_json::Value;

use super::trace_path::{At, ReplayError};

/// The most servers that a trace may have.
pub const MOST_SERVERS: usize = 1_024;

/// The most requests, events or probes in a trace.
pub const MOST_ENTRIES: usize = 1_000_000;

/// The largest weight of a server in nginx.
pub const MOST_WEIGHT: u32 = 65_535;

/// The largest time: about 31,000 years of milliseconds.
const MOST_TIME: u64 = 1 << 40;

/// The program that a trace was recorded from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordedProxy {
    /// A trace of nginx.
    Nginx,
    /// A trace of HAProxy.
    Haproxy,
}

/// One server as the trace lists it.
#[derive(Clone, Debug)]
pub struct TraceServer {
    /// Its name in the output.
    pub name: String,
    /// The address, like `127.0.0.1:27101`.
    pub address: String,
    /// The configured weight of the server.
    pub weight: u32,
    /// HAProxy's `id`; its position from 1 where it has none.
    pub id: u32,
    /// Whether it is a backup, used only while no primary is usable.
    pub backup: bool,
    /// nginx's `down` or HAProxy's `disabled`.
    pub down: bool,
    /// nginx's `max_fails` of the server.
    pub max_fails: u32,
    /// nginx's `fail_timeout`, in seconds.
    pub fail_timeout_s: u64,
    /// The most requests at a time; `None` is no limit.
    pub max_conns: Option<u32>,
    /// The most requests in HAProxy's queue of the server; `None` is no limit.
    pub max_queue: Option<u32>,
}

/// The operation of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The request comes and is answered before the next.
    Whole,
    /// The request comes and stays open, under this number.
    Open(u64),
    /// The open request with this number ends.
    Close(u64),
}

/// One entry of `requests`.
#[derive(Clone, Debug)]
pub struct TraceRequest {
    /// The operation of the entry.
    pub op: Op,
    /// The key that hashes use; `None` if the trace has none.
    pub key: Option<String>,
    /// The client's address, after the `real_ip` module if the trace has it.
    pub client: Option<IpAddr>,
    /// Whether the request may be sent twice: false for POST, LOCK and PATCH.
    pub idempotent: bool,
    /// The time in milliseconds since the start.
    pub t_ms: u64,
    /// The whole seconds since the start, on the balancer's own clock.
    pub sec: u64,
    /// The HAProxy commands that run before it.
    pub before: Vec<String>,
}

/// The change of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The server refuses connections, or no longer does.
    Refuse(bool),
    /// The server answers requests with this status from now on.
    Status(u16),
    /// The server's answers to probes change, which the probes show.
    Health,
}

/// The time when an event takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TraceTime {
    /// Just before the request with this number, from 0.
    BeforeRequest(u64),
    /// At this time, in milliseconds.
    Ms(u64),
}

/// One event of a trace.
#[derive(Clone, Debug)]
pub struct TraceEvent {
    /// The time of the event.
    pub when: TraceTime,
    /// The indexes of the servers that change.
    pub servers: Vec<usize>,
    /// The change of the servers.
    pub change: Change,
}

/// One probe, with the server's answer.
#[derive(Clone, Copy, Debug)]
pub struct RecordedProbe {
    /// The time in milliseconds since the start.
    pub t_ms: u64,
    /// The index of the server.
    pub server: usize,
    /// Whether the answer passes the check: 2xx and 3xx do.
    pub pass: bool,
}

/// The inputs of a trace.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The program that the trace was recorded from.
    pub engine: RecordedProxy,
    /// The servers in configuration order.
    pub servers: Vec<TraceServer>,
    /// The lines of the upstream (nginx) or backend (HAProxy).
    pub lines: Vec<String>,
    /// nginx's directives around the upstream: those of `http`, then those of `location`.
    pub around: Vec<(&'static str, String)>,
    /// The requests, in order.
    pub requests: Vec<TraceRequest>,
    /// The events, in order.
    pub events: Vec<TraceEvent>,
    /// The probes, in order.
    pub probes: Vec<RecordedProbe>,
}

/// The name of the field with the upstream's lines in a trace of this program.
#[must_use]
pub const fn lines_field(engine: RecordedProxy) -> &'static str {
    match engine {
        RecordedProxy::Nginx => "upstream",
        RecordedProxy::Haproxy => "config",
    }
}

/// Reads the inputs of a trace.
///
/// # Errors
/// If the file is no trace, is statistical, or holds what no trace may.
pub fn read(json: &str) -> Result<Trace, ReplayError> {
    let file: Value = serde_json::from_str(json).map_err(|error| ReplayError {
        place: format!("line {} column {}", error.line(), error.column()),
        reason: "is not JSON".to_owned(),
    })?;
    let root = At::root(&file);
    if !file.is_object() {
        return Err(root.error("a trace is a JSON object"));
    }
    if let Some(statistical) = root.field("statistical")
        && statistical.flag()?
    {
        return Err(statistical.error("a statistical trace has no decisions to replay"));
    }
    let engine = root.need("engine")?;
    let engine = match engine.text()? {
        "nginx" => RecordedProxy::Nginx,
        "haproxy" => RecordedProxy::Haproxy,
        other => return Err(engine.error(format!("unknown engine \"{other}\""))),
    };
    let servers = read_servers(&root, engine)?;
    let mut lines = Vec::new();
    for line in root.need(lines_field(engine))?.list(4 * MOST_SERVERS)? {
        lines.push(line.text()?.to_owned());
    }
    let mut around = Vec::new();
    for field in ["http", "location"] {
        if let Some(text) = root.field(field) {
            around.push((field, text.text()?.to_owned()));
        }
    }
    let requests = read_requests(&root)?;
    if requests.len().saturating_mul(servers.len()) > 100 * MOST_ENTRIES {
        return Err(root
            .need("requests")?
            .error("too many requests for so many servers"));
    }
    let events = read_events(&root, engine, &servers)?;
    let probes = read_probes(&root, &servers)?;
    Ok(Trace {
        engine,
        servers,
        lines,
        around,
        requests,
        events,
        probes,
    })
}

fn read_servers(root: &At<'_>, engine: RecordedProxy) -> Result<Vec<TraceServer>, ReplayError> {
    let list = root.need("servers")?;
    let mut servers: Vec<TraceServer> = Vec::new();
    let (least_weight, most_weight) = match engine {
        RecordedProxy::Nginx => (1, MOST_WEIGHT),
        RecordedProxy::Haproxy => (0, 256),
    };
    for (server, place) in list.list(MOST_SERVERS)?.zip(1_u32..) {
        let name = server.need("name")?;
        let address = server.need("address")?;
        let number = |key, least, most, default: Option<u32>| match server.field(key) {
            Some(value) => value.small(least, most).map(Some),
            None => Ok(default),
        };
        let flag = |key| server.field(key).map_or(Ok(false), |value| value.flag());
        let spec = TraceServer {
            name: name.text()?.to_owned(),
            address: address.text()?.to_owned(),
            weight: number("weight", least_weight, most_weight, Some(1))?.unwrap_or(1),
            id: number("id", 1, u32::MAX, Some(place))?.unwrap_or(place),
            backup: flag("backup")?,
            down: flag("down")? || flag("disabled")?,
            max_fails: number("max_fails", 0, u32::MAX, Some(1))?.unwrap_or(1),
            fail_timeout_s: number("fail_timeout_s", 0, u32::MAX, Some(10))?
                .unwrap_or(10)
                .into(),
            max_conns: limit(number("maxconn", 0, u32::MAX, None)?).or(limit(number(
                "max_conns",
                0,
                u32::MAX,
                None,
            )?)),
            max_queue: limit(number("maxqueue", 0, u32::MAX, None)?),
        };
        if spec.name.is_empty() || spec.name.contains([',', ' ', '/']) {
            return Err(name.error("must be a name without comma, blank or slash"));
        }
        if servers.iter().any(|other| other.name == spec.name) {
            return Err(name.error(format!("\"{}\" is there twice", spec.name)));
        }
        servers.push(spec);
    }
    if servers.is_empty() {
        return Err(list.error("there must be at least one server"));
    }
    Ok(servers)
}

/// A limit, where 0 is none, in both programs.
fn limit(most: Option<u32>) -> Option<u32> {
    most.filter(|most| *most > 0)
}

fn read_requests(root: &At<'_>) -> Result<Vec<TraceRequest>, ReplayError> {
    let mut requests = Vec::new();
    let list = root.need("requests")?;
    for request in list.list(MOST_ENTRIES)? {
        let id = || request.need("id")?.number(0, u64::MAX);
        let op = match request.field("op") {
            None => Op::Whole,
            Some(op) => match op.text()? {
                "open" => Op::Open(id()?),
                "close" => Op::Close(id()?),
                other => return Err(op.error(format!("unknown operation \"{other}\""))),
            },
        };
        let address = |key| -> Result<Option<IpAddr>, ReplayError> {
            let Some(address) = request.field(key) else {
                return Ok(None);
            };
            let parsed = address.text()?.parse();
            parsed
                .map(Some)
                .map_err(|_| address.error("must be an IP address"))
        };
        let client = match address("seen_ip")? {
            Some(seen) => Some(seen),
            None => address("client_ip")?,
        };
        let time = |key| {
            request
                .field(key)
                .map_or(Ok(0), |time| time.number(0, MOST_TIME))
        };
        let mut before = Vec::new();
        if let Some(commands) = request.field("before") {
            for command in commands.list(MOST_SERVERS)? {
                before.push(command.text()?.to_owned());
            }
        }
        let method = request.field("method");
        let method = method.as_ref().map_or(Ok("GET"), At::text)?;
        requests.push(TraceRequest {
            op,
            key: request
                .field("key")
                .map(|key| key.text().map(str::to_owned))
                .transpose()?,
            client,
            idempotent: !matches!(method, "POST" | "LOCK" | "PATCH"),
            t_ms: time("t_ms")?,
            sec: time("sec")?,
            before,
        });
    }
    Ok(requests)
}

fn read_events(
    root: &At<'_>,
    engine: RecordedProxy,
    servers: &[TraceServer],
) -> Result<Vec<TraceEvent>, ReplayError> {
    let mut events = Vec::new();
    let field = match engine {
        RecordedProxy::Nginx => "events",
        RecordedProxy::Haproxy => "timeline",
    };
    let Some(list) = root.field(field) else {
        return Ok(events);
    };
    for entry in list.list(MOST_ENTRIES)? {
        // Rows of the timeline without an event are recorded answers.
        let Some(event) = entry.field("event") else {
            if engine == RecordedProxy::Nginx {
                return Err(entry.error("has no event"));
            }
            continue;
        };
        let text = event.text()?;
        let (names, what) = match engine {
            RecordedProxy::Nginx => text.split_once(' ').map(|(what, names)| (names, what)),
            RecordedProxy::Haproxy => text.split_once(' '),
        }
        .ok_or_else(|| event.error(format!("unknown event \"{text}\"")))?;
        let change =
            change(what).ok_or_else(|| event.error(format!("unknown event \"{text}\"")))?;
        let mut places = Vec::new();
        for name in names.split(',') {
            places.push(server_at(&event, servers, name.trim())?);
        }
        let when = match entry.field("before_request") {
            Some(before) => TraceTime::BeforeRequest(before.number(0, MOST_ENTRIES as u64)?),
            None => TraceTime::Ms(entry.need("t_ms")?.number(0, MOST_TIME)?),
        };
        events.push(TraceEvent {
            when,
            servers: places,
            change,
        });
    }
    Ok(events)
}

fn change(what: &str) -> Option<Change> {
    let status = |digits: &str| {
        let status: u16 = digits.parse().ok()?;
        (100..1_000)
            .contains(&status)
            .then_some(Change::Status(status))
    };
    match what {
        "refuse" | "listen off" => Some(Change::Refuse(true)),
        "listen" | "listen on" => Some(Change::Refuse(false)),
        _ if what.starts_with("health") => Some(Change::Health),
        _ => status(what.strip_prefix("status")?.trim_start()),
    }
}

fn server_at(at: &At<'_>, servers: &[TraceServer], name: &str) -> Result<usize, ReplayError> {
    let place = servers.iter().position(|server| server.name == name);
    place.ok_or_else(|| at.error(format!("there is no server \"{name}\"")))
}

fn read_probes(root: &At<'_>, servers: &[TraceServer]) -> Result<Vec<RecordedProbe>, ReplayError> {
    let mut probes = Vec::new();
    let Some(list) = root.field("probes") else {
        return Ok(probes);
    };
    for probe in list.list(MOST_ENTRIES)? {
        let server = probe.need("server")?;
        let answer = probe.need("answer")?;
        let pass = match answer.value() {
            Value::Number(_) => (200..400).contains(&answer.number(100, 999)?),
            // No answer in time, a refusal or a reset.
            Value::String(_) => false,
            _ => return Err(answer.error("must be a status or a word")),
        };
        probes.push(RecordedProbe {
            t_ms: probe.need("t_ms")?.number(0, MOST_TIME)?,
            server: server_at(&server, servers, server.text()?)?,
            pass,
        });
    }
    Ok(probes)
}
