//! The figures that an embedded page sends to the page around it. Times are in microseconds. Fields may be added
//! within a version; none is taken away.

use serde_json::{Value, json};

use evenkeel_sim::engine::view::{Member, View};

/// The present figures, as JSON.
#[must_use]
pub fn figures(view: View<'_>, playing: bool) -> Value {
    let totals = view.totals();
    let balancer = view.balancer();
    let servers: Vec<Value> = view.members().map(|member| server(view, &member)).collect();
    json!({
        "at_us": view.now().as_us(),
        "playing": playing,
        "scene": view.scenario().name,
        "seed": view.seed(),
        "algorithm": balancer.picker().algorithm.row().id,
        "layer": balancer.layer(),
        "rate_permille": view.rate().0,
        "arrived": totals.arrived,
        "answered": totals.answered,
        "failed": totals.failed,
        "rejected": totals.rejected,
        "timed_out": totals.timed_out,
        "in_flight": view.in_flight(),
        "digest": view.digest().to_string(),
        "servers": servers,
    })
}

fn server(view: View<'_>, member: &Member<'_>) -> Value {
    let endpoint = member.endpoint;
    json!({
        "id": member.server.id,
        "name": member.server.spec.name,
        "state": endpoint.belief().word(),
        "weight": endpoint.config.weight,
        "in_progress": endpoint.in_progress,
        "share": view.share(endpoint.id),
        "answered": endpoint.counts.answered,
        "failed": endpoint.counts.failed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::run::Run;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    #[test]
    fn the_figures_add_up() {
        let run = Run {
            at: SimTime::from_us(20_000_000),
            ..Run::start(default_scenario())
        };
        let engine = run.replay();
        let told = figures(engine.view(), true);
        let number = |name: &str| told[name].as_u64().unwrap_or_else(|| panic!("{name}"));
        let ends = ["answered", "failed", "rejected", "timed_out", "in_flight"].map(number);
        assert_eq!(number("arrived"), ends.iter().sum::<u64>());
        assert_eq!(told["servers"].as_array().map(Vec::len), Some(4));
        assert_eq!(told["digest"], engine.view().digest().to_string());
    }
}
