//! nginx's traces: the try loop of ngx_http_upstream.c (1.22.1) over the core's pickers.

use std::collections::BTreeMap;

use super::bench::{Answer, Ask, Bench, at_ms, key_bytes};
use super::nginx_conf::{self, Conf, HashKey};
use super::place::ReplayError;
use super::trace::{Op, Request, Trace, When};
use super::{Line, Try};
use crate::sim::balance::endpoint::{AdminState, Tier, WEIGHT_UNIT};
use crate::sim::balance::picker::{RowValue, TryEnd};
use crate::sim::health::active::ActiveConfig;
use crate::sim::health::nginx_passive::NginxPassive;
use crate::sim::time::SimTime;

/// Replays a trace of nginx.
///
/// # Errors
/// Where its configuration asks for what is not known.
pub fn run(trace: &Trace, scores: bool) -> Result<Vec<Line>, ReplayError> {
    let conf = nginx_conf::read(trace)?;
    let checks = vec![ActiveConfig::default(); conf.servers.len()];
    let mut bench = Bench::new(&conf.servers, &checks, &conf.picker, scores);
    // With one server and no backup nginx counts no failures (`peers->single`).
    if conf.servers.len() > 1 {
        for (slot, server) in conf.servers.iter().enumerate() {
            let rule = NginxPassive::new(server.max_fails, server.fail_timeout_s);
            bench.set.at_mut(slot).nginx_passive = Some(rule);
        }
    }
    bench.sync(SimTime::ZERO);
    let mut replay = Replay { bench, conf, open: BTreeMap::new() };
    let mut lines = Vec::new();
    let mut due = trace.events.iter().peekable();
    for (request, number) in trace.requests.iter().zip(0_u64..) {
        while let Some(event) = due.next_if(|event| match event.when {
            When::BeforeRequest(first) => first <= number,
            When::Ms(ms) => ms <= request.t_ms,
        }) {
            replay.bench.apply(event);
        }
        match request.op {
            Op::Whole => {
                let (tries, last) = replay.request(request);
                if let Some(slot) = last {
                    replay.end(slot, request.sec, TryEnd::Answered);
                }
                lines.push(Line::Tries(tries));
            }
            Op::Open(id) => {
                let (tries, last) = replay.request(request);
                if replay.open.insert(id, last).is_some() {
                    return Err(request_error(number, format!("{id} is open already")));
                }
                lines.push(Line::Tries(tries));
            }
            Op::Close(id) => match replay.open.remove(&id) {
                Some(Some(slot)) => replay.end(slot, request.sec, TryEnd::Answered),
                Some(None) => {}
                None => return Err(request_error(number, format!("{id} is not open"))),
            },
        }
    }
    Ok(lines)
}

fn request_error(number: u64, reason: String) -> ReplayError {
    ReplayError { place: format!("requests[{number}].id"), reason }
}

/// A replay under way.
struct Replay {
    bench: Bench,
    conf: Conf,
    /// The slot that each open request holds, if any.
    open: BTreeMap<u64, Option<usize>>,
}

impl Replay {
    /// One request with its tries; the slot that it still holds, if the last try was answered.
    fn request(&mut self, request: &Request) -> (Vec<Try>, Option<usize>) {
        let address_text;
        let key = match self.conf.key {
            HashKey::Key => key_bytes(request),
            HashKey::Address => {
                address_text = request.client.map(|client| client.to_string()).unwrap_or_default();
                address_text.as_bytes()
            }
        };
        let mut left = self.tries_allowed();
        let (mut tries, mut tried) = (Vec::new(), Vec::new());
        let mut tier = Tier::Primary;
        loop {
            self.bench.set.tick_nginx(request.sec);
            let now = at_ms(request.sec.saturating_mul(1_000));
            let client = request.client;
            let mut picked = self.bench.pick(Ask { now, tier, tried: &tried, client, key });
            if picked.is_none() && tier == Tier::Primary {
                // The backups are a group of their own, where nothing was tried yet.
                tier = Tier::Backup;
                tried.clear();
                picked = self.bench.pick(Ask { now, tier, tried: &tried, client, key });
            }
            let Some(slot) = picked.map(|pick| pick.slot) else { return (tries, None) };
            tries.push(Try { server: slot, score: self.score(slot) });
            tried.push(self.bench.set.endpoints()[slot].id);
            self.bench.dispatch(slot);
            if let Some(rule) = &mut self.bench.set.at_mut(slot).nginx_passive {
                rule.on_picked(request.sec);
                self.bench.set.refresh();
            }
            let next = &self.conf.next;
            let end = match self.bench.answer(slot) {
                // A connection that was refused has sent nothing, so any request may go on.
                Answer::Refused => (TryEnd::Failed, left > 1 && next.after_refusal()),
                Answer::Status(status) if left > 1 && next.after(status, request.idempotent) => {
                    // 403 and 404 go on, but the server did what it should.
                    let failed = !matches!(status, 403 | 404);
                    (if failed { TryEnd::Failed } else { TryEnd::Abandoned }, true)
                }
                // Also an error status on the last try: it is handed on and not counted.
                Answer::Status(_) => return (tries, Some(slot)),
            };
            self.end(slot, request.sec, end.0);
            left -= 1;
            if !end.1 {
                return (tries, None);
            }
        }
    }

    /// A try ends.
    fn end(&mut self, slot: usize, now_s: u64, end: TryEnd) {
        self.bench.finish(slot, end);
        if let Some(rule) = &mut self.bench.set.at_mut(slot).nginx_passive {
            rule.on_finished(now_s, end == TryEnd::Failed);
            self.bench.set.refresh();
        }
    }

    /// As many tries as there are servers not marked down, backups included.
    fn tries_allowed(&self) -> usize {
        let endpoints = self.bench.set.endpoints().iter();
        let up = endpoints.filter(|endpoint| endpoint.admin == AdminState::Ready).count();
        match self.conf.next.tries {
            0 => up,
            most => up.min(most),
        }
    }

    /// The running score of `slot` after the pick, in whole weights.
    fn score(&self, slot: usize) -> Option<i64> {
        let id = self.bench.set.endpoints()[slot].id;
        let row = self.bench.rows().iter().find(|row| row.endpoint == id)?;
        match row.value {
            RowValue::Score { after, .. } => Some(after / i64::from(WEIGHT_UNIT)),
            _ => None,
        }
    }
}
