//! One picker with its endpoints and the requests in progress, without an engine around it.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use evenkeel::sim::balance::algorithm::{CATALOGUE, CatalogueRow, Implementation, PickerConfig};
use evenkeel::sim::balance::endpoint::{AdminState, EndpointConfig, Tier};
use evenkeel::sim::balance::full_rule::FullRule;
use evenkeel::sim::balance::picker::{
    AttemptEnd, CandidateRow, Pick, PickContext, PickKey, Picker,
};
use evenkeel::sim::balance::set::EndpointSet;
use evenkeel::sim::health::active::{ActiveCheck, ActiveConfig};
use evenkeel::sim::ids::{EndpointId, ServerId};
use evenkeel::sim::rng::{Purpose, Rng, stream};
use evenkeel::sim::time::{SimDuration, SimTime};

/// One picker with its endpoints and the requests in progress.
#[derive(Clone)]
pub struct Rig {
    pub set: EndpointSet,
    pub picker: Box<dyn Picker>,
    rng: Rng,
    pub now: SimTime,
    pub in_progress: VecDeque<EndpointId>,
    pub watch: bool,
    pub rows: Vec<CandidateRow>,
}

impl Rig {
    /// Endpoints with these weights, all ready.
    pub fn new(config: PickerConfig, weights: &[u32]) -> Self {
        Self::seeded(config, weights, 7)
    }

    /// As [`Self::new`], with another random stream.
    pub fn seeded(config: PickerConfig, weights: &[u32], seed: u64) -> Self {
        let mut rig = Self::empty(config, seed);
        for weight in weights {
            rig.join(*weight, Tier::Primary);
        }
        rig.sync();
        rig
    }

    /// Equal endpoints at these addresses of a recording; HAProxy's ids are their numbers there.
    pub fn recorded(config: PickerConfig, servers: &[(u32, &str)]) -> Self {
        let mut rig = Self::empty(config, 7);
        for (number, address) in servers {
            rig.join(1, Tier::Primary);
            let last = rig.set.endpoints().len() - 1;
            let config = &mut rig.set.at_mut(last).config;
            config.hash_id = *number;
            (*address).clone_into(&mut config.address);
        }
        rig.sync();
        rig
    }

    fn empty(config: PickerConfig, seed: u64) -> Self {
        Self {
            set: EndpointSet::default(),
            picker: config.build(),
            rng: stream(seed, Purpose::Pick, 0),
            now: SimTime::from_us(1_000_000),
            in_progress: VecDeque::new(),
            watch: false,
            rows: Vec::new(),
        }
    }

    pub fn add(&mut self, weight: u32, tier: Tier) {
        self.join(weight, tier);
        self.sync();
    }

    fn join(&mut self, weight: u32, tier: Tier) {
        let number = u32::try_from(self.set.endpoints().len()).expect("few");
        let config = EndpointConfig {
            server: ServerId(number),
            name: format!("s{number}"),
            address: format!("10.0.0.{number}:8080"),
            hash_id: number + 1,
            weight,
            tier,
            max_conns: None,
            max_queue: None,
        };
        self.set
            .add(config, ActiveCheck::new(&ActiveConfig::default()));
    }

    pub fn sync(&mut self) {
        self.set.refresh();
        self.picker
            .sync(self.now, self.set.endpoints(), self.set.usable());
    }

    pub fn set_admin(&mut self, slot: usize, admin: AdminState) {
        self.set.at_mut(slot).admin = admin;
        self.sync();
    }

    pub fn set_weight(&mut self, slot: usize, weight: u32) {
        self.set.at_mut(slot).config.weight = weight;
        self.sync();
    }

    pub fn pick(&mut self, client: u32, tried: &[EndpointId]) -> Option<Pick> {
        let text = format!("/item/{client}");
        let source = IpAddr::V4(Ipv4Addr::from(0x0A00_0000 + client * 256));
        self.pick_for(source, text.as_bytes(), tried)
    }

    /// A pick for an address and a path.
    pub fn pick_for(&mut self, source: IpAddr, text: &[u8], tried: &[EndpointId]) -> Option<Pick> {
        self.pick_on(source, text, tried, 0).0
    }

    /// A pick that goes on after so many steps of a walk; returns also how many there are then.
    pub fn pick_on(
        &mut self,
        source: IpAddr,
        text: &[u8],
        tried: &[EndpointId],
        walked: u32,
    ) -> (Option<Pick>, u32) {
        self.rows.clear();
        let mut cx = PickContext {
            now: self.now,
            endpoints: self.set.endpoints(),
            usable: self.set.usable(),
            tried,
            takes_avoided: false,
            repick: 0,
            walked,
            full_rule: FullRule::PassOver,
            key: PickKey {
                source,
                port: 4_000,
                user: 0,
                text,
            },
            rng: &mut self.rng,
            rows: self.watch.then_some(&mut self.rows),
        };
        let pick = self.picker.pick(&mut cx);
        (pick, cx.walked)
    }

    pub fn candidates(&self, tried: &[EndpointId]) -> Vec<usize> {
        let ids = self.set.endpoints().iter().map(|endpoint| endpoint.id);
        ids.enumerate()
            .filter(|(slot, id)| self.set.usable()[*slot] && !tried.contains(id))
            .map(|(slot, _)| slot)
            .collect()
    }

    pub fn send(&mut self, slot: usize) {
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress += 1;
        endpoint.active += 1;
        self.in_progress.push_back(endpoint.id);
        self.picker.on_dispatched(slot, self.set.endpoints());
    }

    /// Ends the oldest request.
    pub fn finish(&mut self, end: AttemptEnd) {
        let Some(slot) = self
            .in_progress
            .pop_front()
            .and_then(|id| self.set.slot_of(id))
        else {
            return;
        };
        let now = self.now;
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress -= 1;
        endpoint.active -= 1;
        endpoint
            .latency
            .record(now, SimDuration::from_ms(10 + 30 * slot as u64));
        self.picker.on_finished(slot, self.set.endpoints(), end);
    }
}

/// Every algorithm in every form.
pub fn configs() -> impl Iterator<Item = (&'static CatalogueRow, PickerConfig)> {
    CATALOGUE.iter().flat_map(|row| {
        let of = move |implementation: &Implementation| {
            (row, PickerConfig::new(row.algorithm, *implementation))
        };
        row.flavours.iter().map(of)
    })
}
