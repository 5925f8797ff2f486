//! `evenkeel compare`: one scene under several algorithms, on the same traffic, as a table.

mod algorithm;

use std::io::Write;

use clap::{Args, ValueHint};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::engine::{Engine, EventBudget};
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::time::{SimDuration, SimTime};

use self::algorithm::{AlgorithmParser, ComparedAlgorithm};
use crate::error::CliError;
use crate::options::{seconds, seed};
use crate::scene::SceneSource;

/// Print a table of algorithms on the same traffic, a line each
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel compare default --algorithms round_robin,least_connections --seconds 60
  evenkeel compare default --algorithms ip_hash,maglev,random:haproxy --seconds 60 --seed 3")]
pub struct CompareArgs {
    /// A scene file, or `default`
    #[arg(value_name = "SCENE", value_hint = ValueHint::FilePath)]
    scene: SceneSource,
    /// Algorithms as in a scene file, with commas between; NAME:ENGINE takes the form of another engine than the
    /// scene's
    #[arg(
        long,
        required = true,
        value_name = "NAME[:ENGINE]",
        value_delimiter = ',',
        value_parser = AlgorithmParser
    )]
    algorithms: Vec<ComparedAlgorithm>,
    /// Simulated seconds, at most a day (86400)
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_negative_numbers = true)]
    seconds: u64,
    /// Another seed than the scene's
    #[arg(long, value_parser = seed, allow_negative_numbers = true)]
    seed: Option<u64>,
}

impl CompareArgs {
    /// Runs the scene once for each algorithm and writes a line for each.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let scene = self.scene.scenario()?;
        let seed = self.seed.unwrap_or(scene.seed);
        let end = SimTime::ZERO + SimDuration::from_secs(self.seconds);
        write_heading(out)?;
        for choice in &self.algorithms {
            let mut engine = Engine::new(&with_algorithm(&scene, choice), seed);
            engine.run_until(end, EventBudget::UNBOUNDED);
            write_line(out, engine.view())?;
            out.flush()?;
        }
        Ok(())
    }
}

/// The scene under another algorithm. Without an engine it is the scene's, or the algorithm's own where that has no
/// form of it.
fn with_algorithm(scene: &Scenario, choice: &ComparedAlgorithm) -> Scenario {
    let mut scene = scene.clone();
    let engine = choice.engine.unwrap_or(scene.balancer.engine);
    scene.balancer.algorithm = choice.row.algorithm;
    scene.balancer.engine = choice.row.form(engine);
    scene
}

fn write_heading(out: &mut dyn Write) -> Result<(), CliError> {
    writeln!(
        out,
        "{:<28} {:<8} {:>9} {:>8} {:>8} {:>9} {:>8} {:>10} {:>10} {:>10} {:>10} {:>8}",
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
    )?;
    Ok(())
}

fn write_line(out: &mut dyn Write, view: View<'_>) -> Result<(), CliError> {
    let (picker, totals) = (view.balancer().picker(), view.totals());
    write!(
        out,
        "{:<28} {:<8} {:>9} {:>8} {:>8} {:>9} {:>8}",
        picker.algorithm.row().id,
        picker.implementation.id(),
        totals.answered,
        totals.failed,
        totals.rejected,
        totals.timed_out,
        totals.retries
    )?;
    let all = view.recorder().run_percentiles();
    let times = [
        view.recorder().run_mean(),
        all.map(|all| all.p50),
        all.map(|all| all.p95),
        all.map(|all| all.p99),
    ];
    for time in times {
        write!(out, " {:>10}", time.map_or("-".to_owned(), milliseconds))?;
    }
    let fairness = view.fairness();
    let fairness = fairness.map_or("-".to_owned(), |jain| format!("{jain:.4}"));
    writeln!(out, " {fairness:>8}")?;
    Ok(())
}

fn milliseconds(time: SimDuration) -> String {
    format!("{:.3}", time.as_us() as f64 / 1e3)
}
