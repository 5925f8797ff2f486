//! The state of things in a few words: what the balancer knows of a server beside the truth about
//! it, what its layer means, what scale the scene is in.

use crate::sim::balance::algorithm::KeyNeed;
use crate::sim::balance::endpoint::{Belief, WEIGHT_UNIT};
use crate::sim::balance::spec::Layer;
use crate::sim::engine::probes::ProbePhase;
use crate::sim::engine::view::{Member, View};
use crate::sim::fleet::server::Trouble;
use crate::sim::time::{SimTime, Span};

/// What is wrong with a machine, in a word or two.
#[must_use]
pub fn trouble(trouble: Trouble) -> String {
    match trouble {
        Trouble::Crashed => "crashed".to_string(),
        Trouble::Hanging => "hanging".to_string(),
        Trouble::Failing(permille) => format!("fails {} %", decimal(u64::from(permille), 10)),
        Trouble::Slow(permille) => format!("{}× slower", decimal(u64::from(permille), 1_000)),
    }
}

/// What lies behind the balancer's word for a server: what it counts, and what it waits for.
#[must_use]
pub fn belief_detail(view: View<'_>, member: &Member<'_>) -> String {
    let endpoint = member.endpoint;
    match endpoint.belief() {
        Belief::Maintenance => String::new(),
        Belief::Draining if endpoint.in_progress == 0 => "nothing left to finish".to_string(),
        Belief::Draining => format!("{} left to finish", endpoint.in_progress),
        Belief::Down => {
            let (passed, rise) = endpoint.check.counter();
            let next = check(view, member, "recheck");
            format!("{next} · passed {passed} of {rise}")
        }
        Belief::Ejected => match endpoint.outlier.ejected_until() {
            Some(until) => format!("back in {} s", secs_left(view, until)),
            None => String::new(),
        },
        Belief::SlowStart => format!(
            "at {} % of its weight",
            endpoint.ramp * 100 / WEIGHT_UNIT.max(1)
        ),
        Belief::Failing if endpoint.check.is_failing() => {
            let (left, fall) = endpoint.check.counter();
            let next = check(view, member, "recheck");
            format!("check {} of {fall} failed · {next}", fall - left)
        }
        Belief::Failing => {
            let most = view.balancer().passive().map_or(0, |config| {
                config
                    .consecutive_failures
                    .max(endpoint.outlier.failures_in_row())
            });
            let failures = endpoint.outlier.failures_in_row();
            format!("{failures} of {most} failures in a row")
        }
        Belief::Degraded => match endpoint.latency.recent_mean() {
            Some(mean) => format!("mean answer {}", seconds(mean)),
            None => String::new(),
        },
        Belief::Healthy => check(view, member, "next check"),
    }
}

/// Where the check of a server is.
fn check(view: View<'_>, member: &Member<'_>, what: &str) -> String {
    match member.probe {
        ProbePhase::Idle { next } => format!("{what} {} s", secs_left(view, next)),
        ProbePhase::Off if view.balancer().passive().is_some() => "passive checks only".to_string(),
        ProbePhase::Off => "no checks".to_string(),
        _ => "being checked".to_string(),
    }
}

/// What the algorithm does, at this layer.
#[must_use]
pub fn rule_line(view: View<'_>) -> &'static str {
    let spec = view.balancer().spec();
    let row = spec.algorithm.row();
    if spec.layer == Layer::L4 && row.key == KeyNeed::Path {
        "At L4 no path can be read: the client's address and port are hashed instead."
    } else {
        row.rule
    }
}

/// How the engine whose form of the algorithm is used does it.
#[must_use]
pub fn form_line(view: View<'_>) -> String {
    let spec = view.balancer().spec();
    let row = spec.algorithm.row();
    let how = row.flavours.iter().find(|(form, _)| *form == spec.engine);
    how.map_or_else(String::new, |(form, how)| {
        format!("As in {}: {}", form.label(), lower(how))
    })
}

/// The same sentence with a small first letter, unless it begins with a name or a number.
fn lower(sentence: &str) -> String {
    let word = sentence.split_whitespace().next().unwrap_or_default();
    let mut text = sentence.to_string();
    if let Some(first) = text.get_mut(..1).filter(|_| !NAMES.contains(&word)) {
        first.make_ascii_lowercase();
    }
    text
}

/// What keeps its capital letter within a sentence.
const NAMES: &[&str] = &["Ketama:"];

/// What the balancer can and cannot do at its layer, with what it costs.
#[must_use]
pub fn layer_line(view: View<'_>) -> String {
    let spec = view.balancer().spec();
    match spec.layer {
        Layer::L4 => format!(
            "One pick per connection; sees address and port. TLS stays shut, 5xx unseen. {} a request.",
            cost(spec.forward_us)
        ),
        Layer::L7 => format!(
            "One pick per request; sees path and status. Ending TLS takes {}, reading {}.",
            cost(spec.tls_us),
            cost(spec.parse_us)
        ),
    }
}

/// How long ways take in this scene, and how that compares with a data centre.
#[must_use]
pub fn scale_line(view: View<'_>) -> String {
    let links = view.scenario().links;
    let way = links.client_us.max(links.server_us);
    match view.scenario().scale {
        crate::sim::scenario::Scale::Human => format!(
            "Human scale: each way takes {} here, so that the eye can follow. A data centre is a \
             hundred or more times faster.",
            seconds(way)
        ),
        crate::sim::scenario::Scale::True => {
            format!(
                "True scale: each way takes {}, as in a data centre.",
                cost(way)
            )
        }
    }
}

/// A number given in 1/`unit`, with at most two decimals and none that say nothing.
#[must_use]
pub fn decimal(value: u64, unit: u64) -> String {
    let hundredths = (value * 100 + unit / 2) / unit;
    match (hundredths / 100, hundredths % 100) {
        (whole, 0) => whole.to_string(),
        (whole, part) if part % 10 == 0 => format!("{whole}.{}", part / 10),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

fn seconds(span: Span) -> String {
    format!("{} s", decimal(span.as_us(), 1_000_000))
}

fn cost(span: Span) -> String {
    format!("{} ms", decimal(span.as_us(), 1_000))
}

/// Whole seconds, a begun one counted: a countdown ends at 1, not at 0.
fn whole_secs(span: Span) -> u64 {
    span.as_us().div_ceil(1_000_000)
}

fn secs_left(view: View<'_>, until: SimTime) -> u64 {
    whole_secs(until.since(view.now()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::engine::command::{Command, FaultKind};
    use crate::sim::engine::{Engine, EventBudget};
    use crate::sim::ids::ServerId;
    use crate::sim::scenario::preset::default_scenario;

    fn world() -> Engine {
        Engine::new(&default_scenario(), 7)
    }

    fn run(engine: &mut Engine, ms: u64) {
        let until = engine.view().now() + Span::from_ms(ms);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }

    fn detail(engine: &Engine, server: u32) -> String {
        let view = engine.view();
        let member = view.member(ServerId(server)).expect("it is in the scene");
        let word = member.endpoint.belief().word();
        format!("{word}: {}", belief_detail(view, &member))
    }

    #[test]
    fn numbers_have_no_needless_decimals() {
        let shown = [0, 1_000, 350, 2_500, 40, 1_005].map(|value| decimal(value, 1_000));
        assert_eq!(shown, ["0", "1", "0.35", "2.5", "0.04", "1.01"]);
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
            Trouble::Crashed,
            Trouble::Hanging,
            Trouble::Failing(500),
            Trouble::Slow(4_000),
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
            "As in nginx: smooth: the turns of a heavy server are spread out among the others."
        );
        assert_eq!(lower("Ketama: 160 points."), "Ketama: 160 points.");
    }

    #[test]
    fn the_layer_line_takes_its_numbers_from_the_scene() {
        let mut engine = world();
        assert!(layer_line(engine.view()).contains("Ending TLS takes 120 ms, reading 40 ms."));
        engine.apply(Command::SetLayer(Layer::L4)).expect("allowed");
        assert!(layer_line(engine.view()).contains("2 ms a request."));
        assert!(scale_line(engine.view()).contains("0.35 s"));
    }
}
