//! `headless run`: one scenario for some simulated seconds, as one JSON object.

use evenkeel::sim::engine::view::View;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::scenario::preset::DEFAULT_JSON;
use evenkeel::sim::scenario::validate::parse;
use evenkeel::sim::time::{SimTime, Span};
use serde::Serialize;

/// The longest run that may be asked for: a simulated day.
const MAX_SECONDS: u64 = 86_400;

/// The printed object. Times in microseconds.
#[derive(Serialize)]
struct Report {
    seed: u64,
    simulated_seconds: u64,
    arrived: u64,
    answered: u64,
    failed: u64,
    rejected: u64,
    timed_out: u64,
    in_flight: usize,
    latency: Latency,
    servers: Vec<ServerReport>,
    digest: String,
}

/// Response times of answered requests.
#[derive(Serialize)]
struct Latency {
    p50_us: Option<u64>,
    p95_us: Option<u64>,
    p99_us: Option<u64>,
    mean_us: Option<u64>,
}

/// What one server was sent. Its counts are of tries.
#[derive(Serialize)]
struct ServerReport {
    name: String,
    state: &'static str,
    picks: u64,
    tries: u64,
    answered: u64,
    failed: u64,
    rejected: u64,
    timed_out: u64,
    in_progress: u32,
    share: f64,
}

/// Runs and reports.
pub fn run(path: &str, options: &[&str]) -> Result<String, String> {
    let text = if path == "default" {
        DEFAULT_JSON.to_string()
    } else {
        super::read(path)?
    };
    let scenario = parse(&text).map_err(|error| {
        let faults: Vec<String> = error
            .0
            .iter()
            .map(|fault| format!("{path}: {}: {}", fault.place, fault.reason))
            .collect();
        faults.join("\n")
    })?;
    let (seconds, seed) = options_of(options)?;
    let seconds = seconds.ok_or_else(|| super::USAGE.to_string())?;
    let mut engine = Engine::new(&scenario, seed.unwrap_or(scenario.seed));
    engine.run_until(
        SimTime::ZERO + Span::from_secs(seconds),
        EventBudget::UNBOUNDED,
    );
    let report = report(engine.view(), seconds);
    let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
    Ok(json + "\n")
}

fn options_of(options: &[&str]) -> Result<(Option<u64>, Option<u64>), String> {
    let (mut seconds, mut seed) = (None, None);
    for pair in options.chunks(2) {
        let [name, value] = pair else {
            return Err(super::USAGE.to_string());
        };
        let number: u64 = value.parse().map_err(|_| {
            format!(
                "{name} {value}: a whole number from 0 to {} is needed",
                u64::MAX
            )
        })?;
        match *name {
            "--seconds" if number <= MAX_SECONDS => seconds = Some(number),
            "--seconds" => return Err(format!("--seconds {number}: at most {MAX_SECONDS}")),
            "--seed" => seed = Some(number),
            _ => return Err(format!("{name}: unknown option\n{}", super::USAGE)),
        }
    }
    Ok((seconds, seed))
}

fn report(view: View<'_>, seconds: u64) -> Report {
    let totals = view.totals();
    let percentiles = view.recorder().run_percentiles();
    Report {
        seed: view.seed(),
        simulated_seconds: seconds,
        arrived: totals.arrived,
        answered: totals.answered,
        failed: totals.failed,
        rejected: totals.rejected,
        timed_out: totals.timed_out,
        in_flight: view.in_flight(),
        latency: Latency {
            p50_us: percentiles.map(|all| all.p50.as_us()),
            p95_us: percentiles.map(|all| all.p95.as_us()),
            p99_us: percentiles.map(|all| all.p99.as_us()),
            mean_us: view.recorder().run_mean().map(Span::as_us),
        },
        servers: view
            .members()
            .map(|member| {
                let counts = member.endpoint.counts;
                ServerReport {
                    name: member.server.spec.name.clone(),
                    state: member.endpoint.belief().word(),
                    picks: counts.picks,
                    tries: counts.tries,
                    answered: counts.answered,
                    failed: counts.failed,
                    rejected: counts.rejected,
                    timed_out: counts.timed_out,
                    in_progress: member.endpoint.in_progress,
                    share: view.share(member.endpoint.id).unwrap_or(0.0),
                }
            })
            .collect(),
        digest: view.digest().to_string(),
    }
}
