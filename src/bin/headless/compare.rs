//! `headless compare`: one scenario under several algorithms, on the same traffic, as a table.

use std::fmt::Write;

use evenkeel::sim::balance::algorithm::CATALOGUE;
use evenkeel::sim::engine::view::View;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::time::SimDuration;

use crate::run::{options_of, scenario, simulate};

/// Runs the scenario once for each algorithm and prints a line for each.
pub fn compare(path: &str, options: &[&str]) -> Result<String, String> {
    let scenario = scenario(path)?;
    let options = options_of(options)?;
    let usage = || super::USAGE.to_string();
    let seconds = options.seconds.ok_or_else(usage)?;
    let names = options.algorithms.ok_or_else(usage)?;
    let scenes: Vec<Scenario> = names
        .split(',')
        .map(|name| with_algorithm(&scenario, name))
        .collect::<Result<_, _>>()?;
    let mut text = heading();
    for scene in &scenes {
        let engine = simulate(scene, options.seed, seconds);
        text += &line(engine.view());
    }
    Ok(text)
}

/// The scenario under another algorithm, `NAME` or `NAME:ENGINE`. Without an engine it is the
/// scenario's, or the algorithm's own where that has no form of it.
fn with_algorithm(scenario: &Scenario, name: &str) -> Result<Scenario, String> {
    let (id, engine) = match name.split_once(':') {
        Some((id, engine)) => (id, Some(engine)),
        None => (name, None),
    };
    let Some(row) = CATALOGUE.iter().find(|row| row.id == id) else {
        let known: Vec<&str> = CATALOGUE.iter().map(|row| row.id).collect();
        return Err(format!(
            "--algorithms {id}: unknown; there are {}",
            known.join(", ")
        ));
    };
    let wanted = scenario.balancer.engine;
    let implementation = match engine {
        Some(word) => row
            .flavours
            .iter()
            .copied()
            .find(|implementation| implementation.id() == word)
            .ok_or_else(|| format!("--algorithms {name}: {word} has no form of {id}"))?,
        None if row.has(wanted) => wanted,
        None => row.flavours[0],
    };
    let mut scene = scenario.clone();
    scene.balancer.algorithm = row.algorithm;
    scene.balancer.engine = implementation;
    Ok(scene)
}

fn heading() -> String {
    format!(
        "{:<28} {:<8} {:>9} {:>8} {:>8} {:>9} {:>8} {:>10} {:>10} {:>10} {:>10} {:>8}\n",
        "algorithm",
        "engine",
        "answered",
        "failed",
        "rejected",
        "timed_out",
        "retries",
        "mean_ms",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "fairness"
    )
}

fn line(view: View<'_>) -> String {
    let (spec, totals) = (view.balancer().spec(), view.totals());
    let all = view.recorder().run_percentiles();
    let ms = |span: Option<SimDuration>| {
        span.map_or("-".to_string(), |span| {
            format!("{:.3}", span.as_us() as f64 / 1e3)
        })
    };
    let mut text = format!(
        "{:<28} {:<8} {:>9} {:>8} {:>8} {:>9} {:>8}",
        spec.algorithm.row().id,
        spec.engine.id(),
        totals.answered,
        totals.failed,
        totals.rejected,
        totals.timed_out,
        totals.retries
    );
    let times = [
        view.recorder().run_mean(),
        all.map(|all| all.p50),
        all.map(|all| all.p95),
        all.map(|all| all.p99),
    ];
    for time in times {
        // Writing to a string cannot fail.
        let _ = write!(text, " {:>10}", ms(time));
    }
    let fairness = view
        .fairness()
        .map_or("-".to_string(), |jain| format!("{jain:.4}"));
    text + &format!(" {fairness:>8}\n")
}
