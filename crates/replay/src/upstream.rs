//! The common parts of both programs' replays: the endpoints, the picker, and the behaviour of the servers.

use std::net::{IpAddr, Ipv4Addr};

use super::trace::{Change, TraceEvent, TraceRequest, TraceServer};
use evenkeel_sim::balance::algorithm::PickerConfig;
use evenkeel_sim::balance::endpoint::{AdminState, EndpointConfig, Tier};
use evenkeel_sim::balance::full_rule::FullRule;
use evenkeel_sim::balance::picker::{AttemptEnd, CandidateRow, Pick, PickContext, PickKey, Picker};
use evenkeel_sim::balance::set::EndpointSet;
use evenkeel_sim::health::active::{ActiveCheck, ActiveConfig};
use evenkeel_sim::ids::{EndpointId, ServerId};
use evenkeel_sim::rng::{Purpose, Rng, stream};
use evenkeel_sim::time::{SimDuration, SimTime};

/// The present behaviour of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerBehaviour {
    /// The server refuses the connection.
    Refused,
    /// The server answers with this status.
    Status(u16),
}

/// One upstream under replay. Slots are indexes in the trace's list of servers.
#[derive(Debug)]
pub struct UpstreamReplay {
    /// The endpoints of the upstream.
    pub set: EndpointSet,
    /// By slot: whether the server refuses, and the status of its answers.
    answers: Vec<(bool, u16)>,
    picker: Box<dyn Picker>,
    /// What happens to a request for a full server.
    pub full_rule: FullRule,
    rng: Rng,
    rows: Option<Vec<CandidateRow>>,
}

/// The input of one pick besides the endpoints.
#[derive(Clone, Copy, Debug)]
pub struct PickInput<'a> {
    /// The time of the pick.
    pub now: SimTime,
    /// The tier to pick from.
    pub tier: Tier,
    /// The endpoints tried before for this request.
    pub tried: &'a [EndpointId],
    /// The client's address; `None` if the trace has none.
    pub client: Option<IpAddr>,
    /// The key that hashes use.
    pub key: &'a [u8],
}

impl UpstreamReplay {
    /// All servers in their first state. `watched`: whether compared values are recorded.
    #[must_use]
    pub fn new(
        servers: &[TraceServer],
        checks: &[ActiveConfig],
        picker: &PickerConfig,
        watched: bool,
    ) -> Self {
        let mut set = EndpointSet::default();
        for ((server, check), number) in servers.iter().zip(checks).zip(0..) {
            let config = EndpointConfig {
                server: ServerId(number),
                name: server.name.clone(),
                address: server.address.clone(),
                hash_id: server.id,
                weight: server.weight,
                tier: if server.backup {
                    Tier::Backup
                } else {
                    Tier::Primary
                },
                max_conns: server.max_conns,
                max_queue: server.max_queue,
            };
            set.add(config, ActiveCheck::new(check));
            if server.down {
                set.at_mut(number as usize).admin = AdminState::Maint;
            }
        }
        set.refresh();
        Self {
            set,
            answers: vec![(false, 200); servers.len()],
            picker: picker.build(),
            full_rule: FullRule::of(picker.algorithm, picker.implementation),
            rng: stream(0, Purpose::Pick, 0),
            rows: watched.then(Vec::new),
        }
    }

    /// Tells the picker that the endpoints changed.
    pub fn sync(&mut self, now: SimTime) {
        self.set.refresh();
        self.picker
            .sync(now, self.set.endpoints(), self.set.usable());
    }

    /// Picks a slot for a request.
    pub fn pick(&mut self, ask: PickInput<'_>) -> Option<Pick> {
        if let Some(rows) = &mut self.rows {
            rows.clear();
        }
        let mut cx = PickContext {
            now: ask.now,
            endpoints: self.set.endpoints(),
            usable: self.set.usable_in(ask.tier),
            tried: ask.tried,
            takes_avoided: false,
            repick: 0,
            walked: 0,
            full_rule: self.full_rule,
            key: PickKey {
                source: ask.client.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                port: 0,
                user: 0,
                text: ask.key,
            },
            rng: &mut self.rng,
            rows: self.rows.as_mut(),
        };
        self.picker.pick(&mut cx)
    }

    /// The compared values of the last pick, if they were recorded.
    #[must_use]
    pub fn rows(&self) -> &[CandidateRow] {
        self.rows.as_deref().unwrap_or(&[])
    }

    /// Counts a request that goes to `slot`.
    pub fn dispatch(&mut self, slot: usize) {
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress += 1;
        endpoint.active += 1;
        self.picker.on_dispatched(slot, self.set.endpoints());
    }

    /// Counts the end of a request at `slot`.
    pub fn finish(&mut self, slot: usize, end: AttemptEnd) {
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress = endpoint.in_progress.saturating_sub(1);
        endpoint.active = endpoint.active.saturating_sub(1);
        self.picker.on_finished(slot, self.set.endpoints(), end);
    }

    /// Applies an event to its servers.
    pub fn apply(&mut self, event: &TraceEvent) {
        for &server in &event.servers {
            match event.change {
                Change::Refuse(refuses) => self.answers[server].0 = refuses,
                Change::Status(status) => self.answers[server].1 = status,
                Change::Health => {}
            }
        }
    }

    /// The answer of the server at `slot` to a request.
    #[must_use]
    pub fn answer(&self, slot: usize) -> ServerBehaviour {
        match self.answers[slot] {
            (true, _) => ServerBehaviour::Refused,
            (false, status) => ServerBehaviour::Status(status),
        }
    }
}

/// The bytes of the key that hashes use.
#[must_use]
pub fn key_bytes(request: &TraceRequest) -> &[u8] {
    request.key.as_deref().unwrap_or("").as_bytes()
}

/// A time in milliseconds.
#[must_use]
pub fn at_ms(ms: u64) -> SimTime {
    SimTime::ZERO + SimDuration::from_us(ms.saturating_mul(1_000))
}
