//! `headless run`: one scenario for some simulated seconds, as one JSON object.

use std::collections::BTreeMap;

use super::edge::{self, BalancerReport, SiteReport};
use super::front::{self, SocketReport, WorkReport};
use evenkeel::sim::engine::command::LogEntry;
use evenkeel::sim::engine::view::View;
use evenkeel::sim::engine::{Engine, EventBudget};
use evenkeel::sim::fleet::spec::RequestKind;
use evenkeel::sim::metrics::outcome::{OUTCOMES, Outcome, Totals};
use evenkeel::sim::metrics::spread::LatencyHistogram;
use evenkeel::sim::run::Run;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::preset::DEFAULT_JSON;
use evenkeel::sim::scenario::validate::parse;
use evenkeel::sim::time::{SimDuration, SimTime};
use serde::Serialize;

/// The longest run that may be asked for: a simulated day.
const MAX_SECONDS: u64 = 86_400;

/// The printed object. Times in microseconds.
#[derive(Serialize)]
struct Report {
    seed: u64,
    simulated_seconds: u64,
    at_us: u64,
    arrived: u64,
    answered: u64,
    failed: u64,
    rejected: u64,
    timed_out: u64,
    in_flight: usize,
    /// How many ended why, where any did.
    reasons: BTreeMap<&'static str, u64>,
    retries: u64,
    latency: UpstreamLatency,
    /// Jain's index of picks for each unit of weight.
    fairness: Option<f64>,
    classes: Vec<ClassReport>,
    servers: Vec<ServerReport>,
    /// What each balancer's work came to.
    work: Vec<WorkReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    web_sockets: Option<SocketReport>,
    /// Where there is more than one balancer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    balancers: Vec<BalancerReport>,
    /// Where there is a world.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sites: Vec<SiteReport>,
    /// Users with a request that ended without an answer, second by second, where there is a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed_users: Vec<u32>,
    digest: String,
}

/// Response times of answered requests.
#[derive(Default, Serialize)]
struct UpstreamLatency {
    p50_us: Option<u64>,
    p95_us: Option<u64>,
    p99_us: Option<u64>,
    mean_us: Option<u64>,
}

/// What became of one kind of request, as its clients saw it.
#[derive(Serialize)]
struct ClassReport {
    kind: RequestKind,
    path: String,
    answered: u64,
    latency: UpstreamLatency,
}

/// What one server was sent. Its counts are of tries.
#[derive(Serialize)]
struct ServerReport {
    name: String,
    /// Whose record it is, where there is more than one balancer.
    #[serde(skip_serializing_if = "Option::is_none")]
    balancer: Option<String>,
    state: &'static str,
    picks: u64,
    tries: u64,
    answered: u64,
    failed: u64,
    rejected: u64,
    timed_out: u64,
    in_progress: u32,
    share: f64,
    /// From sending a try to the end of its answer.
    latency: UpstreamLatency,
}

/// What both commands may be asked.
#[derive(Default)]
pub struct Options {
    /// How long to run.
    pub seconds: Option<u64>,
    /// Another seed than the scenario's.
    pub seed: Option<u64>,
    /// What to compare.
    pub algorithms: Option<String>,
    /// What to do, and when.
    pub acts: Vec<LogEntry>,
}

/// Runs and reports.
pub fn run(path: &str, options: &[&str]) -> Result<String, String> {
    let options = options_of(options)?;
    let engine = edge::simulate(&start(path, &options, None)?, &options)?;
    let report = report(engine.view());
    let json = serde_json::to_string_pretty(&report).map_err(|error| error.to_string())?;
    Ok(json + "\n")
}

/// The run that a scenario or a link is the start of, up to where the options say, or the link, or
/// `seconds` does.
pub fn start(path: &str, options: &Options, seconds: Option<u64>) -> Result<Run, String> {
    let usage = || super::USAGE.to_string();
    if options.algorithms.is_some() {
        return Err(usage());
    }
    let end = |secs| SimTime::ZERO + SimDuration::from_secs(secs);
    let mut run = match super::link::run_in(path) {
        Some(run) => run?,
        None => {
            let mut run = Run::start(scenario(path)?);
            run.at = end(options.seconds.or(seconds).ok_or_else(usage)?);
            run
        }
    };
    run.seed = options.seed.unwrap_or(run.seed);
    run.at = options.seconds.map_or(run.at, end);
    run.log.extend(options.acts.iter().cloned());
    run.log.sort_by_key(|entry| entry.at);
    Ok(run)
}

/// Reads a scenario; `default` is the scene that the page opens with.
pub fn scenario(path: &str) -> Result<Scenario, String> {
    let text = if path == "default" {
        DEFAULT_JSON.to_string()
    } else {
        super::read(path)?
    };
    parse(&text).map_err(|error| {
        let faults: Vec<String> = error
            .0
            .iter()
            .map(|fault| format!("{path}: {}: {}", fault.place, fault.reason))
            .collect();
        faults.join("\n")
    })
}

/// Runs a scenario from its start.
pub fn simulate(scenario: &Scenario, seed: Option<u64>, seconds: u64) -> Engine {
    let mut engine = Engine::new(scenario, seed.unwrap_or(scenario.seed));
    engine.run_until(
        SimTime::ZERO + SimDuration::from_secs(seconds),
        EventBudget::UNBOUNDED,
    );
    engine
}

/// Reads `--name value` pairs.
pub fn options_of(pairs: &[&str]) -> Result<Options, String> {
    let mut options = Options::default();
    for pair in pairs.chunks(2) {
        let [name, value] = pair else {
            return Err(super::USAGE.to_string());
        };
        let number = || {
            let wrong = |_| {
                let most = u64::MAX;
                format!("{name} {value}: a whole number from 0 to {most} is needed")
            };
            value.parse::<u64>().map_err(wrong)
        };
        match *name {
            "--seconds" => {
                let seconds = number()?;
                if seconds > MAX_SECONDS {
                    return Err(format!("--seconds {seconds}: at most {MAX_SECONDS}"));
                }
                options.seconds = Some(seconds);
            }
            "--do" => options.acts.push(edge::act(value)?),
            "--seed" => options.seed = Some(number()?),
            "--algorithms" => options.algorithms = Some((*value).to_string()),
            _ => return Err(format!("{name}: unknown option\n{}", super::USAGE)),
        }
    }
    Ok(options)
}

impl UpstreamLatency {
    fn of(spread: Option<&LatencyHistogram>) -> Self {
        let all = spread.and_then(LatencyHistogram::percentiles);
        Self {
            p50_us: all.map(|all| all.p50.as_us()),
            p95_us: all.map(|all| all.p95.as_us()),
            p99_us: all.map(|all| all.p99.as_us()),
            mean_us: spread
                .and_then(LatencyHistogram::mean)
                .map(SimDuration::as_us),
        }
    }
}

fn reasons(totals: &Totals) -> BTreeMap<&'static str, u64> {
    OUTCOMES
        .into_iter()
        .filter(|outcome| *outcome != Outcome::Answered && totals.of(*outcome) > 0)
        .map(|outcome| (outcome.word(), totals.of(outcome)))
        .collect()
}

fn classes(view: View<'_>) -> Vec<ClassReport> {
    let specs = view.scenario().classes.iter().enumerate();
    specs
        .map(|(class, spec)| {
            let spread = view.recorder().class(class);
            ClassReport {
                kind: spec.kind,
                path: spec.path.clone(),
                answered: spread.map_or(0, LatencyHistogram::count),
                latency: UpstreamLatency::of(spread),
            }
        })
        .collect()
}

fn report(view: View<'_>) -> Report {
    let totals = view.totals();
    let several = view.balancers().nth(1).is_some();
    let percentiles = view.recorder().run_percentiles();
    Report {
        seed: view.seed(),
        simulated_seconds: view.now().whole_secs(),
        at_us: view.now().as_us(),
        arrived: totals.arrived,
        answered: totals.answered,
        failed: totals.failed,
        rejected: totals.rejected,
        timed_out: totals.timed_out,
        in_flight: view.in_flight(),
        reasons: reasons(totals),
        retries: totals.retries,
        latency: UpstreamLatency {
            p50_us: percentiles.map(|all| all.p50.as_us()),
            p95_us: percentiles.map(|all| all.p95.as_us()),
            p99_us: percentiles.map(|all| all.p99.as_us()),
            mean_us: view.recorder().run_mean().map(SimDuration::as_us),
        },
        fairness: view.fairness(),
        classes: classes(view),
        work: front::work(view),
        web_sockets: front::sockets(view),
        servers: view
            .balancers()
            .flat_map(|balancer| {
                let name = several.then(|| balancer.name.clone());
                view.members_of(balancer.id)
                    .map(move |member| (name.clone(), member))
            })
            .map(|(balancer, member)| {
                let counts = member.endpoint.counts;
                ServerReport {
                    name: member.server.spec.name.clone(),
                    balancer,
                    state: member.endpoint.belief().word(),
                    picks: counts.picks,
                    tries: counts.tries,
                    answered: counts.answered,
                    failed: counts.failed,
                    rejected: counts.rejected,
                    timed_out: counts.timed_out,
                    in_progress: member.endpoint.in_progress,
                    share: view.share(member.endpoint.id).unwrap_or(0.0),
                    latency: UpstreamLatency::of(
                        view.recorder().endpoint(member.endpoint.id.index()),
                    ),
                }
            })
            .collect(),
        balancers: edge::balancers(view),
        sites: edge::sites(view),
        failed_users: edge::failed_users(view),
        digest: view.digest().to_string(),
    }
}
