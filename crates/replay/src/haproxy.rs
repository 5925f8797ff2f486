//! Replays traces of HAProxy 2.6: requests, probes, commands and slow start over the core's pickers.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};

use super::haproxy_conf::{self, HaproxyConf};
use super::trace::{Op, RecordedProbe, Trace, TraceRequest, TraceTime};
use super::trace_path::ReplayError;
use super::upstream::{PickInput, ServerBehaviour, UpstreamReplay, at_ms, key_bytes};
use super::{ReplayedAttempt, ReplayedLine};
use evenkeel_sim::balance::endpoint::{AdminState, WEIGHT_UNIT};
use evenkeel_sim::balance::full_rule::FullRule;
use evenkeel_sim::balance::picker::AttemptEnd;
use evenkeel_sim::balance::pickers::haproxy::WEIGHT_SCALE;
use evenkeel_sim::health::active::{ActiveConfig, CheckTransition};
use evenkeel_sim::health::observe::{ErrorRow, ObservedRequest};

/// Replays a trace of HAProxy.
///
/// # Errors
/// If its configuration or a command asks for something unknown.
pub fn run(trace: &Trace) -> Result<Vec<ReplayedLine>, ReplayError> {
    let conf = haproxy_conf::read(trace)?;
    let checks: Vec<ActiveConfig> = conf.checks.iter().map(|check| check.active).collect();
    let mut upstream = UpstreamReplay::new(&conf.servers, &checks, &conf.picker, false);
    upstream.set.set_backup_rule(conf.backups);
    let servers = vec![Server::default(); conf.servers.len()];
    let mut replay = Replay {
        upstream,
        conf,
        servers,
        now_ms: 0,
        next_step_ms: None,
        open: BTreeMap::new(),
        waiting: VecDeque::new(),
        lines: Vec::new(),
    };
    replay.sync();
    let mut events = trace.events.iter().peekable();
    let mut probes = trace.probes.iter().peekable();
    for (request, number) in trace.requests.iter().zip(0_u64..) {
        // At one time: events, then requests, then checks.
        while let Some(probe) = probes.next_if(|probe| probe.t_ms < request.t_ms) {
            while let Some(event) = events.next_if(|event| is_due(event.when, probe.t_ms, None)) {
                replay.upstream.apply(event);
            }
            replay.probe(*probe);
        }
        while let Some(event) =
            events.next_if(|event| is_due(event.when, request.t_ms, Some(number)))
        {
            replay.upstream.apply(event);
        }
        replay.request(request, number)?;
    }
    for probe in probes {
        replay.probe(*probe);
    }
    Ok(replay.lines)
}

fn is_due(when: TraceTime, now_ms: u64, request: Option<u64>) -> bool {
    match when {
        TraceTime::Ms(ms) => ms <= now_ms,
        TraceTime::BeforeRequest(first) => request.is_some_and(|request| first <= request),
    }
}

/// The state of one server beside its endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Server {
    errors: ErrorRow,
    /// During slow start: when it came up, and the seconds since then at the last step.
    starting: Option<(u64, u64)>,
}

/// What became of a request.
enum Sent {
    /// A server has it.
    To(usize),
    /// It waits for this server, or for any.
    Waits(Option<usize>),
    /// The queue of its server is full: it was answered 503.
    Rejected,
}

/// A request that waits for a server with room.
struct Waiting {
    /// The number of the request.
    id: u64,
    /// Its line in what is replayed.
    line: usize,
    /// The server in whose own queue it waits; `None` is the backend's queue.
    server: Option<usize>,
    /// Since when it waits.
    since_ms: u64,
}

/// A replay under way.
struct Replay {
    upstream: UpstreamReplay,
    conf: HaproxyConf,
    servers: Vec<Server>,
    now_ms: u64,
    /// The time of the next slow-start step; `None` if there is none.
    next_step_ms: Option<u64>,
    /// The slot that each open request holds; `None` while it waits for one.
    open: BTreeMap<u64, Option<usize>>,
    /// Requests that wait for a server with room, first come first.
    waiting: VecDeque<Waiting>,
    lines: Vec<ReplayedLine>,
}

impl Replay {
    fn sync(&mut self) {
        self.upstream.sync(at_ms(self.now_ms));
    }

    /// Advances the clock; slow starts take their steps on the way.
    fn advance(&mut self, to_ms: u64) {
        while let Some(due) = self.next_step_ms.filter(|due| *due <= to_ms) {
            self.now_ms = due;
            for slot in 0..self.servers.len() {
                if self.next_step(slot) == Some(due) {
                    self.step(slot);
                }
            }
            self.find_next_step();
        }
        self.now_ms = self.now_ms.max(to_ms);
    }

    /// The next slow-start step of `slot`: each second after it came up.
    fn next_step(&self, slot: usize) -> Option<u64> {
        self.servers[slot]
            .starting
            .map(|(since, secs)| since + (secs + 1) * 1_000)
    }

    fn find_next_step(&mut self) {
        self.next_step_ms = (0..self.servers.len())
            .filter_map(|slot| self.next_step(slot))
            .min();
    }

    fn step(&mut self, slot: usize) {
        let whole = self.conf.checks[slot].slowstart_s;
        if let Some((since, secs)) = self.servers[slot].starting {
            let secs = secs + 1;
            self.servers[slot].starting = (secs < whole).then_some((since, secs));
        }
        self.set_ramp(slot);
    }

    /// `server_recalc_eweight` and `srv_dynamic_maxconn`: sixteenths of the weight, percents of the connection limit.
    fn set_ramp(&mut self, slot: usize) {
        let whole = self.conf.checks[slot].slowstart_s;
        let most = self.conf.servers[slot].max_conns;
        let endpoint = self.upstream.set.at_mut(slot);
        let (ramp, max_conns) = match self.servers[slot].starting {
            Some((_, secs)) => {
                let scale = u64::from(WEIGHT_SCALE);
                let sixteenths = ((scale * secs + whole) / whole).min(scale);
                let percent = 100 * secs / whole;
                let some = |most: u32| (u64::from(most) * percent / 100).max(1);
                (
                    u32::try_from(sixteenths).unwrap_or(WEIGHT_SCALE) * WEIGHT_UNIT / WEIGHT_SCALE,
                    most.map(|most| u32::try_from(some(most)).unwrap_or(most)),
                )
            }
            None => (WEIGHT_UNIT, most),
        };
        let changed = endpoint.ramp != ramp;
        (endpoint.ramp, endpoint.config.max_conns) = (ramp, max_conns);
        if changed {
            self.sync();
        }
    }

    fn comes_up(&mut self, slot: usize) {
        let slow = self.conf.checks[slot].slowstart_s > 0;
        self.servers[slot].starting = slow.then_some((self.now_ms, 0));
        self.set_ramp(slot);
        self.find_next_step();
    }

    fn on_transition(&mut self, slot: usize, transition: Option<CheckTransition>) {
        match transition {
            Some(CheckTransition::WentUp) => self.comes_up(slot),
            Some(CheckTransition::WentDown) => {
                self.servers[slot].starting = None;
                self.find_next_step();
            }
            None => return,
        }
        self.sync();
    }

    /// Handles one probe of a server.
    fn probe(&mut self, probe: RecordedProbe) {
        self.advance(probe.t_ms);
        let slot = probe.server;
        let transition = self.upstream.set.at_mut(slot).check.on_result(probe.pass);
        if probe.pass {
            self.servers[slot].errors.on_check_passed();
        }
        self.on_transition(slot, transition);
        let check = &self.upstream.set.endpoints()[slot].check;
        let (a, b) = check.counter();
        self.lines.push(ReplayedLine::State {
            server: slot,
            up: check.is_up(),
            a,
            b,
        });
    }

    fn request(&mut self, request: &TraceRequest, number: u64) -> Result<(), ReplayError> {
        self.advance(request.t_ms);
        for (place, command) in request.before.iter().enumerate() {
            self.command(command).map_err(|reason| ReplayError {
                place: format!("requests[{number}].before[{place}]"),
                reason,
            })?;
        }
        let id_error = |reason| ReplayError {
            place: format!("requests[{number}].id"),
            reason,
        };
        match request.op {
            Op::Whole => {
                if let Sent::To(slot) = self.send(request) {
                    self.upstream.finish(slot, AttemptEnd::Answered);
                }
            }
            Op::Open(id) => {
                let line = self.lines.len();
                let sent = self.send(request);
                let slot = match sent {
                    Sent::To(slot) => Some(slot),
                    Sent::Waits(_) | Sent::Rejected => None,
                };
                if self.open.insert(id, slot).is_some() {
                    return Err(id_error(format!("{id} is open already")));
                }
                if let Sent::Waits(server) = sent {
                    if let Some(slot) = server {
                        self.upstream.set.at_mut(slot).queued += 1;
                    }
                    self.waiting.push_back(Waiting {
                        id,
                        line,
                        server,
                        since_ms: self.now_ms,
                    });
                }
            }
            Op::Close(id) => match self.open.remove(&id) {
                Some(Some(slot)) => {
                    self.upstream.finish(slot, AttemptEnd::Answered);
                    self.next_waiting(slot);
                }
                Some(None) => {
                    let place = self.waiting.iter().position(|one| one.id == id);
                    place.and_then(|place| self.leave_queue(place));
                }
                None => return Err(id_error(format!("{id} is not open"))),
            },
        }
        Ok(())
    }

    /// Sends a request and writes its line.
    fn send(&mut self, request: &TraceRequest) -> Sent {
        let key = key_bytes(request);
        let pick = self.upstream.pick(PickInput {
            now: at_ms(self.now_ms),
            tier: self.upstream.set.tier(),
            tried: &[],
            // The recorder's own address.
            client: request.client.or(Some(IpAddr::V4(Ipv4Addr::LOCALHOST))),
            key: if key.is_empty() { b"/" } else { key },
        });
        let picked = pick.map(|pick| pick.slot);
        let endpoint = |slot: usize| &self.upstream.set.endpoints()[slot];
        let slot = picked.filter(|slot| !endpoint(*slot).is_full());
        let own = picked.filter(|_| self.upstream.full_rule == FullRule::OwnQueue);
        let has_room = own.is_none_or(|slot| endpoint(slot).has_queue_room());
        let tries = slot.map(|server| ReplayedAttempt {
            server,
            score: None,
        });
        self.lines
            .push(ReplayedLine::Tries(tries.into_iter().collect()));
        let Some(slot) = slot else {
            return if has_room {
                Sent::Waits(own)
            } else {
                Sent::Rejected
            };
        };
        self.upstream.dispatch(slot);
        let seen = match self.upstream.answer(slot) {
            ServerBehaviour::Refused => ObservedRequest::ConnectFailed,
            ServerBehaviour::Status(status) => ObservedRequest::Status(status),
        };
        if self.conf.checks[slot].checked {
            let config = self.conf.checks[slot].observe;
            let check = &mut self.upstream.set.at_mut(slot).check;
            let (_, transition) = self.servers[slot].errors.on_seen(seen, &config, check);
            self.on_transition(slot, transition);
        }
        Sent::To(slot)
    }

    /// Takes the request at a place out of its queue.
    fn leave_queue(&mut self, place: usize) -> Option<Waiting> {
        let waiting = self.waiting.remove(place)?;
        if let Some(slot) = waiting.server {
            self.upstream.set.at_mut(slot).queued -= 1;
        }
        Some(waiting)
    }

    /// A server has room again: the request that waited longest for it or for any gets it, within a millisecond one of
    /// its own queue (`pendconn_process_next_strm`).
    fn next_waiting(&mut self, slot: usize) {
        let endpoint = &self.upstream.set.endpoints()[slot];
        if endpoint.is_full() {
            return;
        }
        let (own, shared) = (Some(slot), endpoint.is_eligible());
        let fits = |one: &Waiting| one.server == own || one.server.is_none() && shared;
        let places = self.waiting.iter().enumerate();
        let fitting = places.filter(|(_, one)| fits(one));
        let next = fitting.min_by_key(|(_, one)| (one.since_ms, one.server.is_none()));
        let next = next.map(|(place, _)| place);
        let Some(Waiting { id, line, .. }) = next.and_then(|place| self.leave_queue(place)) else {
            return;
        };
        self.lines[line] = ReplayedLine::Tries(vec![ReplayedAttempt {
            server: slot,
            score: None,
        }]);
        self.open.insert(id, Some(slot));
        self.upstream.dispatch(slot);
    }

    /// Carries out a command of HAProxy's runtime interface.
    fn command(&mut self, command: &str) -> Result<(), String> {
        let words: Vec<&str> = command.split_ascii_whitespace().collect();
        let unknown = || format!("unknown command \"{command}\"");
        let (target, what): (&str, &[&str]) = match words.as_slice() {
            ["disable", "server", target] => (target, &["state", "maint"]),
            ["enable", "server", target] => (target, &["state", "ready"]),
            ["set", "server", target, what @ ..] => (target, what),
            ["set", "weight", target, weight] => (target, &["weight", *weight]),
            _ => return Err(unknown()),
        };
        let (_, name) = target.split_once('/').ok_or_else(unknown)?;
        let slot = self
            .conf
            .servers
            .iter()
            .position(|server| server.name == name);
        let slot = slot.ok_or_else(|| format!("there is no server \"{name}\""))?;
        match what {
            ["state", "maint"] => self.set_admin(slot, AdminState::Maint),
            ["state", "drain"] => self.set_admin(slot, AdminState::Drain),
            ["state", "ready"] => self.set_admin(slot, AdminState::Ready),
            ["weight", weight] => self.set_weight(slot, weight)?,
            _ => return Err(unknown()),
        }
        Ok(())
    }

    fn set_admin(&mut self, slot: usize, admin: AdminState) {
        let endpoint = self.upstream.set.at_mut(slot);
        let was = std::mem::replace(&mut endpoint.admin, admin);
        if was == AdminState::Maint && admin != AdminState::Maint {
            // It starts up but is checked at once, so one bad check takes it down.
            if self.conf.checks[slot].checked {
                endpoint.check.restart();
            }
            self.comes_up(slot);
        } else if admin == AdminState::Maint {
            self.servers[slot].starting = None;
            self.find_next_step();
        }
        self.sync();
    }

    fn set_weight(&mut self, slot: usize, text: &str) -> Result<(), String> {
        let configured = self.conf.servers[slot].weight;
        let weight = match text.strip_suffix('%') {
            None => text.parse().ok(),
            Some(percent) => percent.parse::<u32>().ok().map(|percent| {
                u32::try_from(u64::from(configured) * u64::from(percent) / 100).unwrap_or(u32::MAX)
            }),
        };
        let weight: u32 = weight
            .filter(|weight| *weight <= 256)
            .ok_or_else(|| format!("\"{text}\" is no weight from 0 to 256"))?;
        // A fixed table takes only 0 and the configured weight; HAProxy refuses others.
        if self.conf.dynamic || weight == 0 || weight == configured {
            self.upstream.set.at_mut(slot).config.weight = weight;
            self.sync();
        }
        Ok(())
    }
}
