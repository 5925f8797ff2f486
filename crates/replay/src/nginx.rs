//! Replays traces of nginx: the retry loop of ngx_http_upstream.c (1.22.1) over the core's pickers.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use super::nginx_conf::{self, HashKey, NginxConf};
use super::trace::{Op, Trace, TraceRequest, TraceTime};
use super::trace_path::ReplayError;
use super::upstream::{PickInput, ServerBehaviour, UpstreamReplay, at_ms, key_bytes};
use super::{ReplayedAttempt, ReplayedLine};
use evenkeel_sim::balance::endpoint::{AdminState, Tier, WEIGHT_UNIT};
use evenkeel_sim::balance::picker::{AttemptEnd, CandidateValue};
use evenkeel_sim::health::active::ActiveConfig;
use evenkeel_sim::health::nginx_passive::NginxPassive;
use evenkeel_sim::health::passive::PassiveState;
use evenkeel_sim::ids::EndpointId;
use evenkeel_sim::time::SimTime;

/// Replays a trace of nginx.
///
/// # Errors
/// If its configuration asks for something unknown.
pub fn run(trace: &Trace, scores: bool) -> Result<Vec<ReplayedLine>, ReplayError> {
    let conf = nginx_conf::read(trace)?;
    let checks = vec![ActiveConfig::default(); conf.servers.len()];
    let mut upstream = UpstreamReplay::new(&conf.servers, &checks, &conf.picker, scores);
    // With one server and no backup nginx counts no failures (`peers->single`).
    if conf.servers.len() > 1 {
        for (slot, server) in conf.servers.iter().enumerate() {
            let rule = NginxPassive::new(server.max_fails, server.fail_timeout_s);
            upstream.set.at_mut(slot).passive = PassiveState::MaxFails(rule);
        }
    }
    upstream.sync(SimTime::ZERO);
    let mut replay = Replay {
        upstream,
        conf,
        open: BTreeMap::new(),
    };
    let mut lines = Vec::new();
    let mut due = trace.events.iter().peekable();
    for (request, number) in trace.requests.iter().zip(0_u64..) {
        while let Some(event) = due.next_if(|event| match event.when {
            TraceTime::BeforeRequest(first) => first <= number,
            TraceTime::Ms(ms) => ms <= request.t_ms,
        }) {
            replay.upstream.apply(event);
        }
        match request.op {
            Op::Whole => {
                let (tries, last) = replay.request(request);
                if let Some(slot) = last {
                    replay.end(slot, request.sec, AttemptEnd::Answered);
                }
                lines.push(ReplayedLine::Tries(tries));
            }
            Op::Open(id) => {
                let (tries, last) = replay.request(request);
                if replay.open.insert(id, last).is_some() {
                    return Err(request_error(number, format!("{id} is open already")));
                }
                lines.push(ReplayedLine::Tries(tries));
            }
            Op::Close(id) => match replay.open.remove(&id) {
                Some(Some(slot)) => replay.end(slot, request.sec, AttemptEnd::Answered),
                Some(None) => {}
                None => return Err(request_error(number, format!("{id} is not open"))),
            },
        }
    }
    Ok(lines)
}

fn request_error(number: u64, reason: String) -> ReplayError {
    ReplayError {
        place: format!("requests[{number}].id"),
        reason,
    }
}

/// The end of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Its answer was passed to the client.
    HandedOn,
    /// It failed and counts against the server.
    Failed { goes_on: bool },
    /// The request goes on to the next server, but this one is not blamed.
    Passed,
}

/// One request of the replay.
struct ReplayedRequest<'a> {
    request: &'a TraceRequest,
    client: Option<IpAddr>,
    key: Cow<'a, [u8]>,
    tier: Tier,
    tried: Vec<EndpointId>,
}

impl<'a> ReplayedRequest<'a> {
    fn new(request: &'a TraceRequest, key: HashKey) -> Self {
        let address = request.client.map(|client| client.to_string());
        let (client, key) = match key {
            HashKey::Source => (request.client, Cow::default()),
            HashKey::Key => (None, Cow::Borrowed(key_bytes(request))),
            HashKey::Address => (None, Cow::Owned(address.unwrap_or_default().into_bytes())),
        };
        Self {
            request,
            client,
            key,
            tier: Tier::Primary,
            tried: Vec::new(),
        }
    }

    fn ask(&self) -> PickInput<'_> {
        PickInput {
            now: at_ms(self.request.sec.saturating_mul(1_000)),
            tier: self.tier,
            tried: &self.tried,
            client: self.client,
            key: &self.key,
        }
    }
}

/// The state of a replay.
struct Replay {
    upstream: UpstreamReplay,
    conf: NginxConf,
    /// The slot that each open request holds, if any.
    open: BTreeMap<u64, Option<usize>>,
}

impl Replay {
    /// Replays one request with its attempts; returns also the slot it still holds, if the last was answered.
    fn request(&mut self, request: &TraceRequest) -> (Vec<ReplayedAttempt>, Option<usize>) {
        let mut left = self.tries_allowed();
        let mut request_state = ReplayedRequest::new(request, self.conf.key);
        let mut tries = Vec::new();
        while let Some(slot) = self.pick(&mut request_state) {
            let score = self.score(slot);
            tries.push(ReplayedAttempt {
                server: slot,
                score,
            });
            let end = match self.upstream.answer(slot) {
                // A connection that was refused has sent nothing, so any request may go on.
                ServerBehaviour::Refused => Ended::Failed {
                    goes_on: left > 1 && self.conf.next.after_refusal(),
                },
                ServerBehaviour::Status(status) => self.judge(status, left, request.idempotent),
            };
            let goes_on = match end {
                Ended::HandedOn => return (tries, Some(slot)),
                Ended::Failed { goes_on } => {
                    self.end(slot, request.sec, AttemptEnd::Failed);
                    goes_on
                }
                Ended::Passed => {
                    self.end(slot, request.sec, AttemptEnd::Abandoned);
                    true
                }
            };
            left -= 1;
            if !goes_on {
                break;
            }
        }
        (tries, None)
    }

    /// The end of an attempt answered with `status` (`ngx_http_upstream_test_next`). An error on the last attempt is
    /// passed on and not counted; 403 and 404 go on, but the server did what it should.
    fn judge(&self, status: u16, left: usize, idempotent: bool) -> Ended {
        if left <= 1 || !self.conf.next.after(status, idempotent) {
            Ended::HandedOn
        } else if matches!(status, 403 | 404) {
            Ended::Passed
        } else {
            Ended::Failed { goes_on: true }
        }
    }

    /// Picks the next server and sends the request there.
    fn pick(&mut self, request_state: &mut ReplayedRequest<'_>) -> Option<usize> {
        let now_s = request_state.request.sec;
        self.upstream.set.tick_nginx(now_s);
        let mut picked = self.upstream.pick(request_state.ask());
        if picked.is_none() && request_state.tier == Tier::Primary {
            // The backups are a group of their own, where nothing was tried yet.
            request_state.tier = Tier::Backup;
            request_state.tried.clear();
            picked = self.upstream.pick(request_state.ask());
        }
        let slot = picked?.slot;
        request_state
            .tried
            .push(self.upstream.set.endpoints()[slot].id);
        self.upstream.dispatch(slot);
        if let Some(rule) = self.upstream.set.at_mut(slot).passive.max_fails_mut() {
            rule.on_picked(now_s);
            self.upstream.set.refresh();
        }
        Some(slot)
    }

    /// Ends an attempt at a slot.
    fn end(&mut self, slot: usize, now_s: u64, end: AttemptEnd) {
        self.upstream.finish(slot, end);
        if let Some(rule) = self.upstream.set.at_mut(slot).passive.max_fails_mut() {
            rule.on_finished(now_s, end == AttemptEnd::Failed);
            self.upstream.set.refresh();
        }
    }

    /// The number of attempts allowed: as many as there are servers not marked down, backups included.
    fn tries_allowed(&self) -> usize {
        let endpoints = self.upstream.set.endpoints().iter();
        let up = endpoints
            .filter(|endpoint| endpoint.admin == AdminState::Ready)
            .count();
        match self.conf.next.tries {
            0 => up,
            most => up.min(most),
        }
    }

    /// The running score of `slot` after the pick, in whole weights.
    fn score(&self, slot: usize) -> Option<i64> {
        let id = self.upstream.set.endpoints()[slot].id;
        let row = self.upstream.rows().iter().find(|row| row.endpoint == id)?;
        match row.value {
            CandidateValue::Score { after, .. } => Some(after / i64::from(WEIGHT_UNIT)),
            _ => None,
        }
    }
}
