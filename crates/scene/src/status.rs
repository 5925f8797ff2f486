//! States in a few words: what the balancer knows of a server beside the truth, the meaning of its layer, the scale of
//! the scene.

use super::words::{about, fault, form, implementation};
use evenkeel_sim::balance::algorithm::{Implementation, KeyNeed};
use evenkeel_sim::balance::endpoint::{Belief, WEIGHT_UNIT};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::probes::ProbePhase;
use evenkeel_sim::engine::topology::NodeState;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::server::ServerFault;
use evenkeel_sim::health::outlier::Outlier;
use evenkeel_sim::ids::BalancerId;
use evenkeel_sim::scenario::Scale;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::number;
pub use evenkeel_words::number::decimal;
use evenkeel_words::t;

/// The fault of a server, in a word or two.
#[must_use]
pub fn trouble(trouble: ServerFault) -> String {
    let permille = trouble.permille().into();
    let share = number::of_hundred(decimal(permille, 10));
    let times = decimal(permille, 1_000);
    let slots = [
        ("share", share.as_str().into()),
        ("times", times.as_str().into()),
    ];
    fault(trouble.row(), "state", &slots)
}

/// Why no balancer knows the servers: their site has no power, or the balancer has none. `None` while the balancer
/// works.
#[must_use]
pub fn down(view: View<'_>) -> Option<String> {
    let edge = view.topology();
    let dead = |id: BalancerId| edge.nodes[id.index()].state == NodeState::Dead;
    let own = view.balancer().id;
    if !dead(own) {
        return None;
    }
    let site = edge.site(edge.nodes[own.index()].site);
    Some(
        if site.region.is_some() && site.balancers.iter().all(|id| dead(*id)) {
            t!("distribution.site_down")
        } else {
            t!("distribution.balancer_down")
        },
    )
}

/// The state of the balancer itself, if it does not run.
#[must_use]
pub fn balancer_state(view: View<'_>) -> Option<String> {
    match view.topology().nodes[view.balancer().id.index()].state {
        NodeState::Dead => Some(t!("pair.word.dead")),
        NodeState::Stopped => Some(t!("pair.word.stopped")),
        NodeState::Up => None,
    }
}

/// The details behind the balancer's belief of a server: its counters, and what it waits for.
#[must_use]
pub fn belief_detail(view: View<'_>, member: &Member<'_>) -> String {
    let endpoint = member.endpoint;
    match endpoint.belief() {
        Belief::Maintenance => String::new(),
        Belief::Draining if endpoint.in_progress == 0 => t!("belief.nothing_left"),
        Belief::Draining => t!("belief.left", n = endpoint.in_progress),
        Belief::Down => {
            let (passed, rise) = endpoint.check.counter();
            let next = check(view, member, true);
            t!("belief.passed", next = next, passed = passed, rise = rise)
        }
        Belief::Ejected => match endpoint.passive.outlier().and_then(Outlier::ejected_until) {
            Some(until) => t!("belief.back_in", secs = secs_left(view, until)),
            None => String::new(),
        },
        Belief::SlowStart => {
            let part = (endpoint.ramp * 100 / WEIGHT_UNIT.max(1)).to_string();
            t!("belief.ramp", part = number::of_hundred(part))
        }
        Belief::Failing if endpoint.check.is_failing() => {
            let (left, fall) = endpoint.check.counter();
            let next = check(view, member, true);
            t!(
                "belief.failed",
                next = next,
                failed = fall - left,
                fall = fall
            )
        }
        Belief::Failing => {
            let failures = endpoint
                .passive
                .outlier()
                .map_or(0, Outlier::failures_in_row);
            let most = view
                .balancer()
                .passive()
                .map_or(0, |spec| spec.consecutive_failures.max(failures));
            t!("belief.failures", failures = failures, most = most)
        }
        Belief::Degraded => match endpoint.latency.recent_mean() {
            Some(mean) => t!("belief.mean", mean = seconds(mean)),
            None => String::new(),
        },
        Belief::Healthy => check(view, member, false),
    }
}

/// The phase of a server's probe; `again` if one failed before.
fn check(view: View<'_>, member: &Member<'_>, again: bool) -> String {
    match member.probe {
        ProbePhase::Idle { next } if again => {
            t!("belief.recheck", secs = secs_left(view, next))
        }
        ProbePhase::Idle { next } => t!("belief.next_check", secs = secs_left(view, next)),
        ProbePhase::Off if view.balancer().passive().is_some() => t!("belief.passive_only"),
        ProbePhase::Off => t!("belief.no_checks"),
        _ => t!("belief.checking"),
    }
}

/// The rule of the algorithm at this layer.
#[must_use]
pub fn rule_line(view: View<'_>) -> String {
    let balancer = view.balancer();
    let row = balancer.picker().algorithm.row();
    if balancer.layer() == Layer::L4 && row.key == KeyNeed::Path {
        t!("algorithm.l4_key")
    } else {
        about(row, "rule")
    }
}

/// The difference of the chosen implementation of the algorithm.
#[must_use]
pub fn form_line(view: View<'_>) -> String {
    let picker = view.balancer().picker();
    let row = picker.algorithm.row();
    if !row.has(picker.implementation) {
        return String::new();
    }
    let how = form(row, picker.implementation);
    match picker.implementation {
        Implementation::Textbook => t!("algorithm.form_textbook", how = how),
        engine => t!(
            "algorithm.form_line",
            engine = implementation(engine),
            how = how
        ),
    }
}

/// The load of the balancer's processor; empty if the scene gives it none.
#[must_use]
pub fn processor_line(view: View<'_>) -> String {
    let now = view.now();
    view.balancer()
        .front()
        .processor()
        .map_or_else(String::new, |processor| {
            t!(
                "balancer.processor",
                busy = number::percent(f64::from(processor.share_permille(now)) / 1e3),
                waiting = processor.waiting(now)
            )
        })
}

/// What the balancer can and cannot do at its layer, with the costs.
#[must_use]
pub fn layer_line(view: View<'_>) -> String {
    let config = view.balancer().front().config();
    // What takes no time in this scene is left out.
    let some = |span: SimDuration| (span > SimDuration::ZERO).then(|| cost(span));
    match (config.layer, some(config.tls), some(config.parse)) {
        (Layer::L4, ..) => match some(config.forward) {
            Some(cost) => t!("layer.l4", cost = cost),
            None => t!("layer.l4_free"),
        },
        (Layer::L7, Some(tls), Some(parse)) => t!("layer.l7", tls = tls, parse = parse),
        (Layer::L7, Some(tls), None) => t!("layer.l7_tls", tls = tls),
        (Layer::L7, None, Some(parse)) => t!("layer.l7_parse", parse = parse),
        (Layer::L7, None, None) => t!("layer.l7_free"),
    }
}

/// The latencies of this scene, compared with those of a data centre.
#[must_use]
pub fn scale_line(view: View<'_>) -> String {
    let scenario = view.scenario();
    let links = scenario.links;
    let way = links.client_us.max(links.server_us);
    match scenario.scale {
        Scale::Human => t!("scale.human", way = seconds(way)),
        // Between cities a request is on its way far longer than within a data centre.
        Scale::True if scenario.world.is_some() => {
            t!("scale.world", way = cost(links.server_us))
        }
        Scale::True => t!("scale.true", way = cost(way)),
    }
}

fn seconds(span: SimDuration) -> String {
    t!("unit.secs", n = decimal(span.as_us(), 1_000_000))
}

fn cost(span: SimDuration) -> String {
    t!("unit.ms", n = decimal(span.as_us(), 1_000))
}

/// Whole seconds, rounded up: a countdown ends at 1, not at 0.
fn whole_secs(span: SimDuration) -> u64 {
    span.as_us().div_ceil(1_000_000)
}

fn secs_left(view: View<'_>, until: SimTime) -> u64 {
    whole_secs(until.since(view.now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::balance::algorithm::Algorithm;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::units::Permille;

    fn world() -> Engine {
        Engine::new(&default_scenario(), 7)
    }

    fn run(engine: &mut Engine, ms: u64) {
        let until = engine.view().now() + SimDuration::from_ms(ms);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }

    fn detail(engine: &Engine, server: u32) -> String {
        let view = engine.view();
        let member = view.member(ServerId(server)).expect("it is in the scene");
        let word = member.endpoint.belief().word();
        format!("{word}: {}", belief_detail(view, &member))
    }

    #[test]
    fn a_healthy_server_counts_down_to_its_check() {
        let mut engine = world();
        assert_eq!(detail(&engine, 1), "healthy: next check 3 s");
        run(&mut engine, 600);
        assert_eq!(detail(&engine, 1), "healthy: next check 2 s");
        assert_eq!(detail(&engine, 0), "healthy: being checked");
    }

    #[test]
    fn without_checks_the_page_says_so() {
        let mut engine = world();
        engine
            .apply(Command::SetActiveChecks(None))
            .expect("allowed");
        assert_eq!(detail(&engine, 0), "healthy: passive checks only");
        engine
            .apply(Command::SetPassiveChecks(None))
            .expect("allowed");
        assert_eq!(detail(&engine, 0), "healthy: no checks");
    }

    #[test]
    fn a_killed_server_fails_is_ejected_and_goes_down() {
        let mut engine = world();
        engine
            .apply(Command::Fault(ServerId(1), FaultKind::Crash))
            .expect("allowed");
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..200 {
            run(&mut engine, 100);
            let now = detail(&engine, 1);
            let kind = now.split(char::is_numeric).next().unwrap_or_default();
            if seen.last().is_none_or(|last| last != kind) {
                seen.push(kind.to_string());
            }
        }
        assert!(
            seen.iter().any(|text| text.starts_with("failing: ")),
            "{seen:?}"
        );
        assert!(
            seen.iter()
                .any(|text| text.starts_with("ejected: back in ")),
            "{seen:?}"
        );
        assert!(
            seen.iter().any(|text| text.starts_with("down: recheck ")),
            "{seen:?}"
        );
    }

    #[test]
    fn the_truth_has_its_own_words() {
        let words = [
            ServerFault::Crashed,
            ServerFault::Hanging,
            ServerFault::Failing(Permille(500)),
            ServerFault::Slow(Permille(4_000)),
        ];
        assert_eq!(
            words.map(trouble),
            ["crashed", "hanging", "fails 50 %", "4× slower"]
        );
    }

    #[test]
    fn the_form_is_told_in_one_line() {
        let engine = Engine::new(&default_scenario(), 7);
        assert_eq!(
            form_line(engine.view()),
            "As in nginx. Smooth: the turns of a heavy server are spread out among the others."
        );
    }

    #[test]
    fn a_textbook_is_no_program() {
        let mut engine = world();
        let rendezvous = Command::SetAlgorithm(Algorithm::Rendezvous, Implementation::Textbook);
        engine.apply(rendezvous).expect("allowed");
        assert!(form_line(engine.view()).starts_with("Textbook version. "));
    }

    #[test]
    fn the_layer_line_takes_its_numbers_from_the_scene() {
        let mut engine = world();
        let line = layer_line(engine.view());
        assert!(line.ends_with("Terminating TLS takes 120 ms, reading a request 40 ms."));
        engine.apply(Command::SetLayer(Layer::L4)).expect("allowed");
        assert!(layer_line(engine.view()).contains("adds 2 ms to each request."));
        assert!(scale_line(engine.view()).contains("0.35 s"));
    }

    #[test]
    fn what_takes_no_time_is_left_out_of_the_layer_line() {
        let line = |tls_ms, parse_ms, layer| {
            let mut scenario = default_scenario();
            scenario.balancer.tls_us = SimDuration::from_ms(tls_ms);
            scenario.balancer.parse_us = SimDuration::from_ms(parse_ms);
            scenario.balancer.forward_us = SimDuration::ZERO;
            scenario.balancer.layer = layer;
            layer_line(Engine::new(&scenario, 7).view())
        };
        assert!(line(0, 150, Layer::L7).ends_with("Reading a request takes 150 ms."));
        assert!(line(120, 0, Layer::L7).ends_with("Terminating TLS takes 120 ms."));
        for layer in [Layer::L4, Layer::L7] {
            let line = line(0, 0, layer);
            assert!(!line.contains(" ms"), "{line}");
        }
    }
}
