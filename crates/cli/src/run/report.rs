//! The object that `evenkeel run` prints.

use std::collections::BTreeMap;

use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::spec::RequestKind;
use evenkeel_sim::metrics::outcome::{OUTCOMES, Outcome, Totals};
use evenkeel_sim::metrics::recorder::Percentiles;
use evenkeel_sim::metrics::spread::LatencyHistogram;
use evenkeel_sim::time::SimDuration;
use serde::Serialize;

use super::topology::{self, BalancerReport, SiteReport};
use super::work::{self, SocketReport, WorkReport};

/// What became of a run. Times in microseconds.
#[derive(Serialize)]
pub struct Report {
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
    latency: LatencyReport,
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

/// Response times of answered requests; `null` before the first.
#[derive(Serialize)]
struct LatencyReport {
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
    latency: LatencyReport,
}

/// What one server was sent. Its counts are of attempts.
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
    /// From sending an attempt to the end of its answer.
    latency: LatencyReport,
}

impl Report {
    /// The report of a run up to now.
    pub fn of(view: View<'_>) -> Self {
        let totals = view.totals();
        let recorder = view.recorder();
        Self {
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
            latency: LatencyReport::new(recorder.run_percentiles(), recorder.run_mean()),
            fairness: view.fairness(),
            classes: classes(view),
            work: work::work(view),
            web_sockets: work::sockets(view),
            servers: servers(view),
            balancers: topology::balancers(view),
            sites: topology::sites(view),
            failed_users: topology::failed_users(view),
            digest: view.digest().to_string(),
        }
    }
}

impl LatencyReport {
    fn new(percentiles: Option<Percentiles>, mean: Option<SimDuration>) -> Self {
        Self {
            p50_us: percentiles.map(|all| all.p50.as_us()),
            p95_us: percentiles.map(|all| all.p95.as_us()),
            p99_us: percentiles.map(|all| all.p99.as_us()),
            mean_us: mean.map(SimDuration::as_us),
        }
    }

    fn of(spread: Option<&LatencyHistogram>) -> Self {
        Self::new(
            spread.and_then(LatencyHistogram::percentiles),
            spread.and_then(LatencyHistogram::mean),
        )
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
                latency: LatencyReport::of(spread),
            }
        })
        .collect()
}

fn servers(view: View<'_>) -> Vec<ServerReport> {
    let several = view.balancers().nth(1).is_some();
    view.balancers()
        .flat_map(|balancer| {
            let name = several.then(|| balancer.name.clone());
            let members = view.members_of(balancer.id);
            members.map(move |member| server(view, name.clone(), member))
        })
        .collect()
}

fn server(view: View<'_>, balancer: Option<String>, member: Member<'_>) -> ServerReport {
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
        latency: LatencyReport::of(view.recorder().endpoint(member.endpoint.id.index())),
    }
}
