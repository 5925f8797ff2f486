//! Weighted round robin by load reports: gRPC's `weighted_round_robin`, which xDS calls client-side weighted round robin.
//!
//! Source: gRFC A58, and gRPC's src/core/load_balancing/weighted_round_robin/weighted_round_robin.cc and
//! static_stride_scheduler.cc. An endpoint's weight is its requests a second over its utilization, errors added. The
//! weights in use are taken anew in each update period. Reports have to come for the blackout period before a weight is
//! used, also when the endpoint was away, and after the expiration period without one it is used no longer
//! ([`LoadWeights`]). Without a weight an endpoint gets the mean of the others; where none has one, all take turns
//! (`round_robin`). Configured weights are not used.
//!
//! gRPC does not know which endpoints a request has tried before. Here those are passed over, and those that are full.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::per_slot::PerSlot;
use crate::balance::endpoint::Endpoint;
use crate::balance::picker::{
    CandidateValue, LoadReport, OwnFigures, Pick, PickContext, Picker, Reason,
};
use crate::balance::picker_state::{PickerState, PickerStateQuery};
use crate::field::schema::describe;
use crate::field::{scene_fields, span, whole};
use crate::rng::any_u64;
use crate::time::{SimDuration, SimTime};
use crate::units::Permille;

/// The settings of weights by load reports, under the names and with the defaults of gRPC. (A name of a file ends with the
/// unit; Envoy's export strips it.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = describe::<Self>)]
#[serde(deny_unknown_fields, default)]
pub struct LoadWeights {
    /// # Blackout period
    /// How long a server's reports have to come before its weight is used.
    pub blackout_period_us: SimDuration,
    /// # Weight expiration period
    /// How long a weight is used after a server's last report.
    pub weight_expiration_period_us: SimDuration,
    /// # Weight update period
    /// How often the weights are taken anew.
    pub weight_update_period_us: SimDuration,
    /// # Error utilization penalty
    /// What a server's share of errors counts as its busy share: at 1, a server with nothing but errors is busy once
    /// more.
    pub error_utilization_penalty_permille: Permille,
}

scene_fields!(LoadWeights {
    blackout_period_us: span(0),
    weight_expiration_period_us: span(1),
    // gRPC takes less for 100 ms.
    weight_update_period_us: span(100_000),
    error_utilization_penalty_permille: whole(0, 1_000_000).unit("", 1_000),
});

impl LoadWeights {
    /// The defaults of gRPC (gRFC A58).
    pub const DEFAULT: Self = Self {
        blackout_period_us: SimDuration::from_secs(10),
        weight_expiration_period_us: SimDuration::from_secs(180),
        weight_update_period_us: SimDuration::from_secs(1),
        error_utilization_penalty_permille: Permille::ONE,
    };
}

impl Default for LoadWeights {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The weight of an endpoint, by its reports (gRPC's `EndpointWeight`).
#[derive(Clone, Copy, Debug, Default)]
struct EndpointWeight {
    /// The requests a second of the last report.
    qps: f64,
    /// The utilization of the last report, errors added.
    load: f64,
    updated: Option<SimTime>,
    /// Since when reports come; `None` if they have to begin anew.
    since: Option<SimTime>,
    ready: bool,
}

impl EndpointWeight {
    /// Takes a report, unless it says nothing.
    fn report(&mut self, now: SimTime, report: LoadReport, settings: &LoadWeights) {
        if report.qps <= 0.0 || report.utilization <= 0.0 {
            return;
        }
        self.qps = report.qps;
        let penalty = settings.error_utilization_penalty_permille.ratio();
        self.load = report.utilization + report.eps / report.qps * penalty;
        self.since.get_or_insert(now);
        self.updated = Some(now);
    }

    /// The weight to use; 0 if there is none.
    fn get(&mut self, now: SimTime, settings: &LoadWeights) -> f32 {
        let expiration = settings.weight_expiration_period_us;
        if self.updated.is_none_or(|at| now.since(at) >= expiration) {
            self.since = None;
        }
        match self.since {
            Some(since) if now.since(since) >= settings.blackout_period_us => {
                (self.qps / self.load) as f32
            }
            _ => 0.0,
        }
    }
}

/// gRPC's scheduler: in each round an endpoint is picked or passed over, evenly over the rounds, and the one with the
/// largest weight is picked in every round.
#[derive(Clone, Debug)]
struct StaticStride {
    /// The weights, of [`StaticStride::MOST`].
    weights: Vec<u16>,
    /// The weight that 1 of these is.
    unit: f64,
}

impl StaticStride {
    /// The largest weight.
    const MOST: u64 = u16::MAX as u64;
    /// Known weights are at most so many times their mean (`kMaxRatio`).
    const MOST_OF_MEAN: f64 = 10.0;
    /// Known weights are at least this part of their mean (`kMinRatio`).
    const LEAST_OF_MEAN: f64 = 0.01;

    /// The scheduler for these weights, 0 for one that is not known. `None` for less than two endpoints, or if no
    /// weight is known.
    fn new(weights: &[f32]) -> Option<Self> {
        let known = weights.iter().filter(|weight| **weight > 0.0);
        let count = known.clone().count();
        if weights.len() < 2 || count == 0 {
            return None;
        }
        let mean = known.clone().copied().map(f64::from).sum::<f64>() / count as f64;
        let most = known.copied().fold(0.0_f32, f32::max);
        let most = f64::from(most).min(Self::MOST_OF_MEAN * mean);
        let scale = Self::MOST as f64 / most;
        let mean = libm::round(scale * mean);
        let least = libm::round(mean * Self::LEAST_OF_MEAN).max(1.0);
        let scaled = weights.iter().map(|weight| match f64::from(*weight) {
            0.0 => mean as u16,
            weight => libm::round(weight.min(most) * scale).max(least) as u16,
        });
        Some(Self {
            weights: scaled.collect(),
            unit: 1.0 / scale,
        })
    }

    /// The place that comes next after `sequence`, which goes on.
    fn pick(&self, sequence: &mut u32) -> usize {
        let count = self.weights.len() as u64;
        loop {
            let (place, round) = (u64::from(*sequence) % count, u64::from(*sequence) / count);
            *sequence = sequence.wrapping_add(1);
            let weight = u64::from(self.weights[place as usize]);
            // The offset keeps neighbours of equal weight from being passed over in the same rounds.
            let offset = place * (Self::MOST / 2);
            if (weight * round + offset) % Self::MOST >= Self::MOST - weight {
                return place as usize;
            }
        }
    }

    /// The share of the picks that a place gets, in thousandths.
    fn share(&self, place: usize) -> u64 {
        let all: f64 = self.weights.iter().copied().map(f64::from).sum();
        libm::round(f64::from(self.weights[place]) / all * 1e3) as u64
    }
}

/// The picker of gRPC's weighted round robin.
#[derive(Clone, Debug, Default)]
pub struct ClientSideWrr {
    settings: LoadWeights,
    weights: PerSlot<EndpointWeight>,
    /// The slots of the endpoints in use.
    hosts: Vec<u32>,
    /// The scheduler of the hosts; `None` while all take turns.
    scheduler: Option<StaticStride>,
    built_at: SimTime,
    /// The place of the scheduler; `None` before its first pick. It begins anywhere, so that many clients do not fall
    /// into step.
    sequence: Option<u32>,
    /// The place of the turns, likewise.
    turn: Option<u32>,
}

impl ClientSideWrr {
    /// A picker that knows no weight yet.
    #[must_use]
    pub fn new(settings: LoadWeights) -> Self {
        Self {
            settings,
            ..Self::default()
        }
    }

    fn build(&mut self, now: SimTime) {
        let hosts = self.hosts.iter();
        let weights: Vec<f32> = hosts
            .map(|slot| self.weights[*slot as usize].get(now, &self.settings))
            .collect();
        self.scheduler = StaticStride::new(&weights);
        self.built_at = now;
    }

    /// Takes the weights anew if it is time: as they were when the period was over. Call it before they change.
    fn update(&mut self, now: SimTime) {
        let period = self.settings.weight_update_period_us;
        let periods = now.since(self.built_at).as_us() / period.as_us();
        if periods > 0 {
            self.build(self.built_at + period.times(periods));
        }
    }

    fn choose(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        let first = cx.candidates().next()?;
        let own = |slot: &u32| cx.is_candidate(*slot as usize);
        if !self.hosts.iter().any(own) {
            let reason = Reason::Fallback;
            return Some(Pick {
                slot: first,
                reason,
            });
        }
        loop {
            let (place, reason) = if let Some(scheduler) = &self.scheduler {
                let sequence = self.sequence.get_or_insert_with(|| any_u64(cx.rng) as u32);
                let place = scheduler.pick(sequence);
                let reason = Reason::Own {
                    text: "client_side_weighted_round_robin.reason",
                    thousandths: scheduler.share(place) * 100,
                };
                (place, reason)
            } else {
                let turn = self.turn.get_or_insert_with(|| any_u64(cx.rng) as u32);
                let place = *turn as usize % self.hosts.len();
                *turn = turn.wrapping_add(1);
                (place, Reason::NextInTurn)
            };
            let slot = self.hosts[place] as usize;
            if cx.is_candidate(slot) {
                let reason = match self.hosts.len() {
                    1 => Reason::OnlyOne,
                    _ => reason,
                };
                return Some(Pick { slot, reason });
            }
        }
    }

    /// The last report of a slot and the weight that is used for it.
    fn figures(&self, slot: usize) -> OwnFigures {
        let thousandths = |number: f64| libm::round(number * 1e3) as u64;
        let place = self.hosts.iter().position(|host| *host as usize == slot);
        let used = self.scheduler.as_ref().zip(place);
        let used =
            used.map(|(scheduler, place)| f64::from(scheduler.weights[place]) * scheduler.unit);
        let EndpointWeight {
            qps, load, updated, ..
        } = self.weights[slot];
        let told = |number| updated.map(|_| thousandths(number));
        OwnFigures {
            figures: [
                ("client_side_weighted_round_robin.qps", told(qps)),
                ("client_side_weighted_round_robin.load", told(load)),
                (
                    "client_side_weighted_round_robin.weight",
                    used.map(thousandths),
                ),
            ],
        }
    }
}

impl Picker for ClientSideWrr {
    fn pick(&mut self, cx: &mut PickContext<'_>) -> Option<Pick> {
        self.update(cx.now);
        let pick = self.choose(cx)?;
        if cx.is_watched() {
            for slot in 0..cx.endpoints.len() {
                let value = if cx.is_candidate(slot) {
                    CandidateValue::Own(self.figures(slot))
                } else {
                    CandidateValue::NotUsed
                };
                cx.note(slot, value);
            }
        }
        Some(pick)
    }

    fn sync(&mut self, now: SimTime, endpoints: &[Endpoint], usable: &[bool]) {
        let changed = self.weights.align(endpoints, |_| EndpointWeight::default());
        let before = std::mem::take(&mut self.hosts);
        for (slot, usable) in (0_u32..).zip(usable) {
            let weight = &mut self.weights[slot as usize];
            if *usable {
                self.hosts.push(slot);
                if !weight.ready {
                    weight.since = None;
                }
            }
            weight.ready = *usable;
        }
        if changed || before != self.hosts {
            self.turn = None;
            self.build(now);
        }
    }

    fn on_load_report(&mut self, now: SimTime, slot: usize, report: LoadReport) {
        self.update(now);
        self.weights[slot].report(now, report, &self.settings);
    }

    fn internals(&self, _look: PickerStateQuery<'_>) -> PickerState {
        let slots = 0..self.weights.len();
        PickerState::Own {
            text: "client_side_weighted_round_robin.inside",
            figures: slots.map(|slot| self.figures(slot)).collect(),
        }
    }

    fn boxed_clone(&self) -> Box<dyn Picker> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_us(ms * 1_000)
    }

    const HALF_BUSY: LoadReport = LoadReport {
        qps: 100.0,
        eps: 0.0,
        utilization: 0.5,
    };

    fn picks(scheduler: &StaticStride, count: usize) -> Vec<usize> {
        let mut sequence = 0;
        (0..count).map(|_| scheduler.pick(&mut sequence)).collect()
    }

    fn shares(weights: &[f32]) -> Vec<usize> {
        let scheduler = StaticStride::new(weights).expect("weights are known");
        let picks = picks(&scheduler, 10_000);
        let of = |place| picks.iter().filter(|pick| **pick == place).count();
        (0..weights.len()).map(of).collect()
    }

    /// Worked out by hand from `StaticStrideScheduler::Pick`, in which (weight × round + place × 32767) mod 65535 has to
    /// reach 65535 − weight. Round 0: 0 of 43690, 32767 of 21845, and the last always. Round 1: 21845 of 43690, 10922 of
    /// 21845. Round 2: 43690 of 43690, 54612 of 21845. Three rounds are a cycle.
    #[test]
    fn the_stride_picks_as_grpc_does() {
        let scheduler = StaticStride::new(&[1.0, 2.0, 3.0]).expect("weights are known");
        assert_eq!(scheduler.weights, [21_845, 43_690, 65_535]);
        assert_eq!(picks(&scheduler, 12), [1, 2, 2, 0, 1, 2, 1, 2, 2, 0, 1, 2]);
    }

    #[test]
    fn picks_follow_weights_and_an_unknown_one_gets_the_mean() {
        assert!(StaticStride::new(&[]).is_none());
        assert!(StaticStride::new(&[1.0]).is_none());
        assert!(StaticStride::new(&[0.0, 0.0]).is_none());
        let near = |found: Vec<usize>, asked: &[usize]| {
            let close = found.iter().zip(asked).all(|(a, b)| a.abs_diff(*b) < 20);
            assert!(close, "{found:?}, not {asked:?}");
        };
        near(shares(&[1.0, 2.0, 3.0]), &[1_667, 3_333, 5_000]);
        near(shares(&[1.0, 3.0, 0.0]), &[1_667, 5_000, 3_333]);
        // At most ten times the mean, which is 1 + 999 / 30 here; at least a hundredth of it.
        let mut weights = vec![1.0; 29];
        weights.push(1_000.0);
        let scheduler = StaticStride::new(&weights).expect("weights are known");
        let mean = 65_535.0 / 10.0;
        assert_eq!(scheduler.weights[29], 65_535);
        assert_eq!(f64::from(scheduler.weights[0]), libm::round(mean / 34.3));
        let scheduler = StaticStride::new(&[1e-6, 1.0]).expect("weights are known");
        assert_eq!(scheduler.weights, [328, 65_535]);
    }

    #[test]
    fn the_weight_is_requests_over_utilization_and_errors_count_as_load() {
        let weigh = |eps: f64, utilization: f64| {
            let mut weight = EndpointWeight::default();
            let report = LoadReport {
                qps: 100.0,
                eps,
                utilization,
            };
            weight.report(at(0), report, &LoadWeights::DEFAULT);
            weight.get(at(10_000), &LoadWeights::DEFAULT)
        };
        assert_eq!(weigh(0.0, 0.5), 200.0);
        assert_eq!(weigh(0.0, 0.25), 400.0);
        // A tenth of the answers are errors.
        assert_eq!(weigh(10.0, 0.4), 200.0);
        assert_eq!(weigh(0.0, 0.0), 0.0);
    }

    #[test]
    fn weights_are_taken_anew_when_an_update_period_is_over() {
        let mut picker = ClientSideWrr::new(LoadWeights {
            weight_update_period_us: SimDuration::from_ms(2_500),
            ..LoadWeights::DEFAULT
        });
        let built = [0, 2_499, 2_500, 4_000, 9_999, 10_000].map(|ms| {
            picker.update(at(ms));
            picker.built_at
        });
        assert_eq!(built, [0, 0, 2_500, 2_500, 7_500, 10_000].map(at));
    }

    #[test]
    fn a_weight_counts_after_the_blackout_and_until_it_expires() {
        let mut weight = EndpointWeight::default();
        weight.report(at(0), HALF_BUSY, &LoadWeights::DEFAULT);
        weight.report(at(9_000), HALF_BUSY, &LoadWeights::DEFAULT);
        assert_eq!(weight.get(at(9_999), &LoadWeights::DEFAULT), 0.0);
        assert_eq!(weight.get(at(10_000), &LoadWeights::DEFAULT), 200.0);
        assert_eq!(weight.get(at(188_999), &LoadWeights::DEFAULT), 200.0);
        assert_eq!(weight.get(at(189_000), &LoadWeights::DEFAULT), 0.0);
        // Then the blackout begins anew with the next report.
        weight.report(at(190_000), HALF_BUSY, &LoadWeights::DEFAULT);
        assert_eq!(weight.get(at(199_999), &LoadWeights::DEFAULT), 0.0);
        assert_eq!(weight.get(at(200_000), &LoadWeights::DEFAULT), 200.0);
        // A report that says nothing changes nothing.
        let empty = LoadReport {
            qps: 0.0,
            ..HALF_BUSY
        };
        weight.report(at(201_000), empty, &LoadWeights::DEFAULT);
        assert_eq!(weight.updated, Some(at(190_000)));
    }
}
