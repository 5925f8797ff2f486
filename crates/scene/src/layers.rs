//! L4 and L7 side by side: the costs and abilities of a balancer at either layer, in figures of a run.

use evenkeel_sim::balance::balancer::Balancer;
use evenkeel_sim::balance::endpoint::Endpoint;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::balance::upstream::Upstream;
use evenkeel_sim::engine::command::{Command, LogEntry};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::engine::{Engine, EventBudget, Progress};
use evenkeel_sim::metrics::outcome::{Outcome, Rejection};
use evenkeel_sim::run::Run;
use evenkeel_sim::time::{SimDuration, SimTime};

/// The shortest time that a comparison runs.
const LEAST: SimDuration = SimDuration::from_secs(60);

/// The figures of a balancer in a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerFigures {
    /// The layer at which it works.
    pub layer: Layer,
    /// The mean time that its work held a request up; `None` before the first.
    pub added: Option<SimDuration>,
    /// The requests a second that one core could take, by their cost so far; `None` while they have cost nothing, and
    /// if the scene has no cores: then the time is no work.
    pub per_core: Option<f64>,
    /// The load of the busiest server as a multiple of its fair share, within its pool; `None` before the first
    /// attempt.
    pub spread: Option<f64>,
    /// The TLS handshakes that the balancer did itself.
    pub handshakes: u64,
    /// The share of requests that a rule routed by their heads, in thousandths.
    pub routed_permille: u64,
    /// The WebSockets that were opened.
    pub sockets: u32,
    /// The WebSockets that were refused because the upgrade was dropped.
    pub no_upgrade: u64,
    /// The requests that were answered.
    pub answered: u64,
    /// The 99th percentile of response times; `None` before the first answer.
    pub p99: Option<SimDuration>,
}

impl LayerFigures {
    /// The figures of a run so far.
    #[must_use]
    pub fn of(view: View<'_>) -> Self {
        Self::of_balancer(view, view.balancer())
    }

    /// The figures of one balancer; WebSockets and answers are the whole run's.
    #[must_use]
    pub fn of_balancer(view: View<'_>, balancer: &Balancer) -> Self {
        let front = balancer.front();
        let tally = front.tally();
        let sessions = &front.sessions;
        Self {
            layer: balancer.layer(),
            added: front.added(),
            per_core: front
                .processor()
                .and_then(|_| front.rate_per_core(view.now())),
            spread: balancer
                .upstreams()
                .iter()
                .filter_map(spread)
                .reduce(f64::max),
            handshakes: sessions.full() + sessions.resumed(),
            routed_permille: (tally.routed * 1_000)
                .checked_div(tally.requests)
                .unwrap_or(0),
            sockets: view.sockets().opened(),
            no_upgrade: view.totals().of(Outcome::Rejected(Rejection::NoUpgrade)),
            answered: view.totals().answered,
            p99: view.recorder().run_percentiles().map(|all| all.p99),
        }
    }
}

/// The load of the busiest endpoint of a pool as a multiple of its fair share by weight.
fn spread(pool: &Upstream) -> Option<f64> {
    let weighted = || pool.endpoints().iter().filter(|one| one.config.weight > 0);
    let all: u64 = weighted().map(|one| one.counts.tries).sum();
    let weights: u32 = weighted().map(|one| one.config.weight).sum();
    let times = |one: &Endpoint| {
        let fair = all as f64 * f64::from(one.config.weight) / f64::from(weights);
        one.counts.tries as f64 / fair
    };
    (all > 0).then(|| weighted().map(times).fold(0.0, f64::max))
}

/// The present scene under both layers: the same seed, traffic and commands, except for the layer. It runs in slices,
/// so that a page stays responsive.
#[derive(Debug)]
pub struct LayerComparison {
    lanes: [LayerRun; 2],
    until: SimTime,
}

#[derive(Debug)]
struct LayerRun {
    engine: Engine,
    /// The commands still to be given, next one first.
    left: std::vec::IntoIter<LogEntry>,
    next: Option<LogEntry>,
    done: bool,
}

impl LayerComparison {
    /// A comparison of the run from time 0 to now, and to a minute at least.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let lane = |layer| {
            let mut scenario = run.scenario.clone();
            scenario.balancer.layer = layer;
            let kept = |entry: &LogEntry| !matches!(entry.command, Command::SetLayer(_));
            let log: Vec<LogEntry> = run.ordered_log().into_iter().filter(kept).collect();
            let mut left = log.into_iter();
            LayerRun {
                engine: Engine::new(&scenario, run.seed),
                next: left.next(),
                left,
                done: false,
            }
        };
        Self {
            lanes: [lane(Layer::L4), lane(Layer::L7)],
            until: run.at.max(SimTime::ZERO + LEAST),
        }
    }

    /// Advances by `events` events; returns whether it is done.
    pub fn step(&mut self, events: u64) -> bool {
        for lane in &mut self.lanes {
            lane.step(self.until, events);
        }
        self.lanes.iter().all(|lane| lane.done)
    }

    /// The share of the work that is done, 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        let at = |lane: &LayerRun| lane.engine.view().now().as_us() as f64;
        let sum: f64 = self.lanes.iter().map(at).sum();
        (sum / 2.0 / self.until.as_us() as f64).min(1.0)
    }

    /// The length of the run that is compared.
    #[must_use]
    pub fn length(&self) -> SimDuration {
        self.until.since(SimTime::ZERO)
    }

    /// The figures so far, of L4 and of L7.
    #[must_use]
    pub fn figures(&self) -> [LayerFigures; 2] {
        [0, 1].map(|place| LayerFigures::of(self.lanes[place].engine.view()))
    }
}

impl LayerRun {
    fn step(&mut self, until: SimTime, events: u64) {
        if self.done {
            return;
        }
        let next = self.next.clone().filter(|entry| entry.at <= until);
        let goal = next.as_ref().map_or(until, |entry| entry.at);
        if self.engine.run_until(goal, EventBudget(events)) == Progress::OutOfBudget {
            return;
        }
        match next {
            Some(entry) => {
                // Impossible here means impossible there: it changes nothing in either lane.
                let _ = self.engine.apply(entry.command);
                self.next = self.left.next();
            }
            None => self.done = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::scenario::preset::default_scenario;

    #[test]
    fn slices_change_nothing_and_l7_costs_more() {
        let run = Run::start(default_scenario());
        let compare = |events| {
            let mut comparison = LayerComparison::of(&run);
            while !comparison.step(events) {
                assert!(comparison.progress() <= 1.0);
            }
            comparison.figures()
        };
        let [l4, l7] = compare(1_000_000);
        assert_eq!(compare(777), [l4, l7]);
        assert_eq!((l4.layer, l7.layer), (Layer::L4, Layer::L7));
        assert!(l7.added > l4.added && l4.added == Some(SimDuration::from_ms(2)));
        assert_eq!(
            (l4.per_core, l7.per_core),
            (None, None),
            "there are no cores"
        );
        assert!(
            l4.spread > l7.spread,
            "a keep-alive client stays at one server"
        );
        assert!(l4.handshakes == 0 && l7.handshakes > 0);
    }

    #[test]
    fn a_core_takes_more_at_l4() {
        let text = include_str!("../../../assets/scenarios/l7_saturated.json");
        let scenario = evenkeel_sim::scenario::validate::parse(text).expect("it is valid");
        let mut comparison = LayerComparison::of(&Run::start(scenario));
        while !comparison.step(1_000_000) {}
        let [l4, l7] = comparison.figures();
        assert!(l7.per_core.is_some() && l4.per_core > l7.per_core);
    }
}
