//! What must hold for every algorithm of the catalogue, in every engine's form.

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};

use evenkeel::sim::balance::algorithm::{
    Algorithm, Asks, CATALOGUE, CatalogueRow, Flavour, KeyNeed, PickerConfig,
};
use evenkeel::sim::balance::endpoint::{AdminState, EndpointConfig, Tier};
use evenkeel::sim::balance::picker::{Pick, PickContext, PickKey, Picker, Row, TryEnd};
use evenkeel::sim::balance::set::EndpointSet;
use evenkeel::sim::health::active::{ActiveCheck, ActiveConfig};
use evenkeel::sim::ids::{EndpointId, ServerId};
use evenkeel::sim::rng::{Purpose, Rng, stream};
use evenkeel::sim::time::{SimTime, Span};
use proptest::prelude::*;

/// One picker with its endpoints and the requests in progress.
#[derive(Clone)]
struct Rig {
    set: EndpointSet,
    picker: Box<dyn Picker>,
    rng: Rng,
    now: SimTime,
    in_progress: VecDeque<EndpointId>,
    watch: bool,
    rows: Vec<Row>,
}

impl Rig {
    fn new(config: PickerConfig, weights: &[u32]) -> Self {
        let mut rig = Self {
            set: EndpointSet::default(),
            picker: config.build(),
            rng: stream(7, Purpose::Pick, 0),
            now: SimTime::from_us(1_000_000),
            in_progress: VecDeque::new(),
            watch: false,
            rows: Vec::new(),
        };
        for weight in weights {
            rig.join(*weight, Tier::Primary);
        }
        rig.sync();
        rig
    }

    fn add(&mut self, weight: u32, tier: Tier) {
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
        };
        self.set
            .add(config, ActiveCheck::new(&ActiveConfig::default()));
    }

    fn sync(&mut self) {
        self.set.refresh();
        self.picker
            .sync(self.now, self.set.endpoints(), self.set.usable());
    }

    fn set_admin(&mut self, slot: usize, admin: AdminState) {
        self.set.at_mut(slot).admin = admin;
        self.sync();
    }

    fn set_weight(&mut self, slot: usize, weight: u32) {
        self.set.at_mut(slot).config.weight = weight;
        self.sync();
    }

    fn pick(&mut self, client: u32, tried: &[EndpointId]) -> Option<Pick> {
        self.rows.clear();
        let text = format!("/item/{client}");
        let source = IpAddr::V4(Ipv4Addr::from(0x0A00_0000 + client * 256));
        let mut cx = PickContext {
            now: self.now,
            endpoints: self.set.endpoints(),
            usable: self.set.usable(),
            tried,
            key: PickKey {
                source,
                port: 4_000,
                text: text.as_bytes(),
            },
            rng: &mut self.rng,
            rows: self.watch.then_some(&mut self.rows),
        };
        self.picker.pick(&mut cx)
    }

    fn candidates(&self, tried: &[EndpointId]) -> Vec<usize> {
        let ids = self.set.endpoints().iter().map(|endpoint| endpoint.id);
        ids.enumerate()
            .filter(|(slot, id)| self.set.usable()[*slot] && !tried.contains(id))
            .map(|(slot, _)| slot)
            .collect()
    }

    fn send(&mut self, slot: usize) {
        let endpoint = self.set.at_mut(slot);
        endpoint.in_progress += 1;
        endpoint.active += 1;
        self.in_progress.push_back(endpoint.id);
        self.picker.on_dispatched(slot, self.set.endpoints());
    }

    /// Ends the oldest request.
    fn finish(&mut self, end: TryEnd) {
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
            .record(now, Span::from_ms(10 + 30 * slot as u64));
        self.picker.on_finished(slot, self.set.endpoints(), end);
    }
}

/// Every algorithm in every form.
fn configs() -> impl Iterator<Item = (&'static CatalogueRow, PickerConfig)> {
    CATALOGUE.iter().flat_map(|row| {
        let of =
            move |(flavour, _): &(Flavour, &str)| (row, PickerConfig::new(row.algorithm, *flavour));
        row.flavours.iter().map(of)
    })
}

/// Something that happens to a rig.
#[derive(Clone, Debug)]
enum Step {
    Pick { client: u32, tried: u8 },
    Finish(bool),
    Admin(usize, u8),
    Weight(usize, u32),
    Remove(usize),
    Add(u32, bool),
    Wait(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..50_u32, 0..8_u8).prop_map(|(client, tried)| Step::Pick { client, tried }),
        4 => any::<bool>().prop_map(Step::Finish),
        1 => (0..8_usize, 0..3_u8).prop_map(|(slot, state)| Step::Admin(slot, state)),
        1 => (0..8_usize, 0..20_u32).prop_map(|(slot, weight)| Step::Weight(slot, weight)),
        1 => (0..8_usize).prop_map(Step::Remove),
        1 => (0..5_u32, any::<bool>()).prop_map(|(weight, backup)| Step::Add(weight, backup)),
        1 => (0..30_000_000_u32).prop_map(Step::Wait),
    ]
}

/// Does one step; the pick if it was one.
fn play(rig: &mut Rig, step: &Step) -> Option<Option<Pick>> {
    let slots = rig.set.endpoints().len();
    match *step {
        Step::Pick { client, tried } => {
            // The bits of `tried` choose among the first endpoints.
            let ids: Vec<EndpointId> = rig
                .set
                .endpoints()
                .iter()
                .enumerate()
                .filter(|(slot, _)| *slot < 3 && tried & (1 << slot) != 0)
                .map(|(_, endpoint)| endpoint.id)
                .collect();
            let pick = rig.pick(client, &ids);
            let candidates = rig.candidates(&ids);
            match pick {
                Some(pick) => {
                    assert!(
                        candidates.contains(&pick.slot),
                        "{:?}: {pick:?}",
                        rig.picker
                    );
                    assert!(rig.set.endpoints()[pick.slot].config.weight > 0);
                    rig.send(pick.slot);
                }
                None => assert!(
                    candidates.is_empty(),
                    "{:?} refused {candidates:?}",
                    rig.picker
                ),
            }
            return Some(pick);
        }
        Step::Finish(answered) => {
            rig.finish(if answered {
                TryEnd::Answered
            } else {
                TryEnd::Failed
            });
        }
        Step::Admin(slot, state) if slot < slots => {
            let states = [AdminState::Ready, AdminState::Drain, AdminState::Maint];
            rig.set_admin(slot, states[usize::from(state)]);
        }
        Step::Weight(slot, weight) if slot < slots => rig.set_weight(slot, weight),
        Step::Remove(slot) if slot < slots => {
            let id = rig.set.endpoints()[slot].id;
            rig.set.remove(id);
            rig.in_progress.retain(|of| *of != id);
            rig.sync();
        }
        Step::Add(weight, backup) if slots < 12 => {
            rig.add(weight, if backup { Tier::Backup } else { Tier::Primary });
        }
        Step::Wait(us) => rig.now = rig.now + Span::from_us(u64::from(us)),
        _ => {}
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Only candidates are picked, one is always found, weight 0 takes nothing; a clone has the same
    /// future; and looking on changes nothing.
    #[test]
    fn any_history(
        weights in prop::collection::vec(0..10_u32, 0..7),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        for (_, config) in configs() {
            let mut rig = Rig::new(config, &weights);
            let half = steps.len() / 2;
            for step in &steps[..half] {
                play(&mut rig, step);
            }
            let mut twin = rig.clone();
            twin.watch = true;
            for step in &steps[half..] {
                prop_assert_eq!(play(&mut rig, step), play(&mut twin, step), "{:?}", config);
            }
        }
    }
}

#[test]
fn a_watched_pick_shows_one_row_an_endpoint() {
    for (row, config) in configs() {
        let mut rig = Rig::new(config, &[3, 1, 2]);
        rig.watch = true;
        for client in 0..20 {
            let pick = rig.pick(client, &[]).expect("three are usable");
            let shown: Vec<EndpointId> = rig.rows.iter().map(|row| row.endpoint).collect();
            let all: Vec<EndpointId> = rig.set.endpoints().iter().map(|one| one.id).collect();
            assert_eq!(shown, all, "{} {config:?}", row.id);
            rig.send(pick.slot);
        }
    }
}

#[test]
fn nothing_usable_is_no_pick() {
    for (row, config) in configs() {
        assert_eq!(Rig::new(config, &[]).pick(1, &[]), None, "{}", row.id);
        assert_eq!(Rig::new(config, &[0, 0]).pick(1, &[]), None, "{}", row.id);
        let mut rig = Rig::new(config, &[1, 1]);
        rig.set_admin(0, AdminState::Maint);
        rig.set_admin(1, AdminState::Drain);
        assert_eq!(rig.pick(1, &[]), None, "{}", row.id);
        rig.set_admin(1, AdminState::Ready);
        assert_eq!(
            rig.pick(1, &[]).map(|pick| pick.slot),
            Some(1),
            "{}",
            row.id
        );
    }
}

/// Picks with many requests always in progress, each of which lasts as many picks.
fn shares(config: PickerConfig, weights: &[u32], picks: u32, overlap: usize) -> Vec<f64> {
    let mut rig = Rig::new(config, weights);
    let mut counts = vec![0_u32; weights.len()];
    for client in 0..picks {
        let pick = rig.pick(client % 1_000, &[]).expect("all are usable");
        counts[pick.slot] += 1;
        rig.send(pick.slot);
        while rig.in_progress.len() > overlap {
            rig.finish(TryEnd::Answered);
        }
    }
    counts
        .iter()
        .map(|count| f64::from(*count) / f64::from(picks))
        .collect()
}

#[test]
fn shares_are_what_the_row_asks_for() {
    for weights in [[1, 1, 1, 1], [3, 1, 1, 1], [5, 3, 2, 1]] {
        for (row, config) in configs() {
            let total: u32 = weights.iter().sum();
            let asked: Vec<f64> = match row.asks {
                Asks::Equal => vec![0.25; 4],
                Asks::ByWeight => weights
                    .iter()
                    .map(|weight| f64::from(*weight) / f64::from(total))
                    .collect(),
                Asks::Nothing => continue,
            };
            // HAProxy draws from a ring, which is uneven; large weights make it less so.
            let (times, bound) = match (config.flavour, row.id) {
                (Flavour::Haproxy, "random") => (1, 0.1),
                (Flavour::Haproxy, "weighted_random") => (50, 0.04),
                // It flattens the weights under load: see the test below.
                (Flavour::Envoy, "weighted_least_connections") => continue,
                _ => (1, 0.015),
            };
            let found = shares(config, &weights.map(|weight| weight * times), 20_000, 400);
            for (found, asked) in found.iter().zip(&asked) {
                assert!(
                    (found - asked).abs() < bound,
                    "{} {config:?} {weights:?}: {found} of {asked}",
                    row.id
                );
            }
        }
    }
}

/// Which endpoint each of `clients` keys belongs to.
fn owners(rig: &mut Rig, clients: u32) -> Vec<EndpointId> {
    (0..clients)
        .map(|client| {
            let pick = rig.pick(client, &[]).expect("some are usable");
            rig.set.endpoints()[pick.slot].id
        })
        .collect()
}

#[test]
fn a_hash_gives_a_key_the_same_endpoint_every_time() {
    for (row, config) in configs().filter(|(row, _)| row.key != KeyNeed::None) {
        let mut rig = Rig::new(config, &[2, 1, 3, 1]);
        let first = owners(&mut rig, 300);
        for id in rig.set.endpoints() {
            assert!(first.contains(&id.id), "{} leaves one without keys", row.id);
        }
        assert_eq!(first, owners(&mut rig, 300), "{}", row.id);
    }
}

#[test]
fn a_hash_moves_only_the_keys_of_an_endpoint_that_fails_if_it_is_consistent() {
    for (row, config) in configs().filter(|(row, _)| row.consistent) {
        let mut rig = Rig::new(config, &[2, 1, 3, 1]);
        let before = owners(&mut rig, 500);
        for gone in 0..4 {
            rig.set_admin(gone, AdminState::Maint);
            let id = rig.set.endpoints()[gone].id;
            for (was, is) in before.iter().zip(owners(&mut rig, 500)) {
                assert!(*was == is || *was == id, "{} {config:?}", row.id);
            }
            rig.set_admin(gone, AdminState::Ready);
            assert_eq!(before, owners(&mut rig, 500), "{} {config:?}", row.id);
        }
    }
}

#[test]
fn removing_one_of_four_moves_only_its_keys_where_the_hash_is_consistent() {
    for (row, config) in configs().filter(|(row, _)| row.consistent) {
        let mut rig = Rig::new(config, &[10, 10, 10, 10]);
        let before = owners(&mut rig, 1_000);
        let gone = rig.set.endpoints()[1].id;
        rig.set.remove(gone);
        rig.sync();
        for (was, is) in before.iter().zip(owners(&mut rig, 1_000)) {
            assert!(*was == is || *was == gone, "{} {config:?}", row.id);
        }
    }
}

/// pingora's ketama is an independent reading of nginx's source.
#[test]
fn ketama_agrees_with_pingora() {
    use pingora_ketama::{Bucket, Continuum};

    let weights = [1, 2, 5, 1, 3];
    let config = PickerConfig::new(Algorithm::ConsistentHash, Flavour::Nginx);
    let mut rig = Rig::new(config, &weights);
    let buckets: Vec<Bucket> = rig
        .set
        .endpoints()
        .iter()
        .map(|one| {
            Bucket::new(
                one.config.address.parse().expect("an address"),
                one.config.weight,
            )
        })
        .collect();
    let continuum = Continuum::new(&buckets);
    for client in 0..5_000 {
        let pick = rig.pick(client, &[]).expect("all are usable");
        let theirs = continuum
            .node(format!("/item/{client}").as_bytes())
            .expect("a node");
        assert_eq!(
            rig.set.endpoints()[pick.slot].config.address,
            theirs.to_string()
        );
    }
}

#[test]
fn envoy_flattens_weights_under_load() {
    let config = PickerConfig::new(Algorithm::WeightedLeastConnections, Flavour::Envoy);
    // The share is the weight over the load, which is the share again: the square root of the weight.
    let found = shares(config, &[9, 1], 20_000, 400);
    assert!((found[0] - 0.75).abs() < 0.02, "{found:?}");
    // With nothing in progress it is by weight.
    let idle = shares(config, &[9, 1], 20_000, 0);
    assert!((idle[0] - 0.9).abs() < 0.01, "{idle:?}");
}

/// The first picks with nothing in progress, as digits from 1.
fn first_picks(config: PickerConfig, weights: &[u32], count: usize) -> String {
    let mut rig = Rig::new(config, weights);
    let digit =
        |pick: Option<Pick>| pick.map_or_else(String::new, |pick| (pick.slot + 1).to_string());
    (0..count).map(|_| digit(rig.pick(1, &[]))).collect()
}

#[test]
fn each_engine_has_its_own_order() {
    let orders = [
        (Flavour::Nginx, [5, 1, 1, 0], "1121311"),
        (Flavour::Nginx, [4, 3, 2, 1], "1231241321"),
        (Flavour::Haproxy, [5, 1, 1, 0], "1112113"),
        (Flavour::Haproxy, [4, 3, 2, 1], "1213214123"),
        (Flavour::Ipvs, [4, 3, 2, 1], "1121231234"),
        (Flavour::Ipvs, [4, 2, 0, 0], "112112"),
        (Flavour::Envoy, [4, 3, 2, 1], "1231214321"),
        (Flavour::Envoy, [1, 1, 1, 1], "12341234"),
    ];
    for (flavour, weights, expected) in orders {
        let config = PickerConfig::new(Algorithm::WeightedRoundRobin, flavour);
        assert_eq!(
            first_picks(config, &weights, expected.len()),
            expected,
            "{flavour:?} {weights:?}"
        );
    }
}
