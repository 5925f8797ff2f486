//! The measures of a run: one enum, one evaluator. A figure names a measure, and needs no code.

use serde::{Deserialize, Serialize};

use super::amount::{Amount, AmountUnit};
use evenkeel_sim::balance::balancer::Balancer;
use evenkeel_sim::balance::picker::PickKey;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::ids::SiteId;
use evenkeel_sim::metrics::outcome::Totals;
use evenkeel_sim::metrics::recorder::Percentiles;
use evenkeel_sim::metrics::spread::LatencyHistogram;
use evenkeel_sim::time::SimDuration;

/// A measure of a run. Servers are given by their names on the stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Requests that clients sent.
    Arrived,
    /// Requests answered with a status below 500.
    Answered,
    /// Requests that failed: 5xx, refused, reset, removed.
    Failed,
    /// Requests that were rejected.
    Rejected,
    /// Requests without an answer in time.
    TimedOut,
    /// Requests that ended without a good answer, for whatever reason.
    Lost,
    /// Lost requests as a share of those that ended.
    ErrorShare,
    /// Answered requests as a share of those that ended.
    AnsweredShare,
    /// Requests in flight now.
    InFlight,
    /// Attempts beyond the first of a request.
    Retries,
    /// Attempts for each request that ended, retries included.
    TriesEach,
    /// The mean response time of answered requests.
    Mean,
    /// The median response time. Whole run only, as all percentiles.
    P50,
    /// The 95th percentile of response times.
    P95,
    /// The 99th percentile of response times.
    P99,
    /// The 99th percentile of the class at this index of the scenario, from 0.
    ClassP99(usize),
    /// The mean response time of the class at this index, from 0.
    ClassMean(usize),
    /// Picks of the server as a share of all picks.
    Share(String),
    /// Picks of the server; at L4 one for each connection.
    Picks(String),
    /// Attempts sent to the server.
    Tries(String),
    /// Good answers from the server.
    AnsweredBy(String),
    /// Good answers from the server as a share of those from all servers.
    AnsweredShareOf(String),
    /// Attempts at the server that failed, were rejected or timed out.
    LostAt(String),
    /// Attempts at the server that are not finished.
    InProgress(String),
    /// Requests that wait at the server now.
    Queued(String),
    /// The mean response time of the server over the whole run, as the balancer saw it.
    ServerMean(String),
    /// The most picks of any one server.
    MostPicks,
    /// The fewest picks of any one server.
    LeastPicks,
    /// The most attempts in progress at any one server now.
    MostInProgress,
    /// The longest queue at any one server now.
    LongestQueue,
    /// Jain's fairness index of picks per unit of weight, 1 if all are equal. Whole run only.
    Fairness,
    /// Servers that the balancer believes usable now.
    Usable,
    /// Servers in the scene now.
    Servers,
    /// The share of all keys (paths with their numbers) that go to another server at the end of the stretch than at
    /// its start.
    KeysMoved,
    /// The share of all keys that go to this server now.
    KeysAt(String),
    /// The first picks of the run, this many, as names.
    Sequence(usize),
    /// Picks of the balancer with this name.
    PicksAt(String),
    /// Balancers of the first pair that believe that they are active.
    Actives,
    /// The share of all users whose resolver would send them to the site with this name now.
    Pointing(String),
    /// A number of the scenario itself, by its JSON pointer: `/arrivals/rate_rps`.
    Given(String),
    /// The same for a number in microseconds, written as a time.
    GivenTime(String),
    /// The time from the start of the stretch until the balancer had this belief of the server, looked at every 10 ms:
    /// `["B", "down"]`. The checker measures it.
    Until(String, String),
}

/// A stretch of a run: its end, and its start if only what happened since counts.
#[derive(Clone, Copy, Debug)]
pub struct Stretch<'a> {
    /// The state at its start; `None` is the start of the run.
    pub from: Option<View<'a>>,
    /// The state at its end.
    pub to: View<'a>,
}

impl<'a> Stretch<'a> {
    /// The stretch from the start of the run.
    #[must_use]
    pub const fn whole(to: View<'a>) -> Self {
        Self { from: None, to }
    }

    /// The growth of a count over the stretch.
    fn grown(self, count: impl Fn(View<'_>) -> u64) -> f64 {
        let before = self.from.map_or(0, &count);
        count(self.to).saturating_sub(before) as f64
    }

    /// The growth of one of the totals over the stretch.
    fn total(self, of: impl Fn(&Totals) -> u64) -> f64 {
        self.grown(|view| of(view.totals()))
    }
}

impl Measure {
    /// The unit of its number.
    #[must_use]
    pub const fn unit(&self) -> AmountUnit {
        match self {
            Self::ErrorShare
            | Self::AnsweredShare
            | Self::Share(_)
            | Self::AnsweredShareOf(_)
            | Self::KeysMoved
            | Self::KeysAt(_)
            | Self::Pointing(_) => AmountUnit::Share,
            Self::Mean
            | Self::P50
            | Self::P95
            | Self::P99
            | Self::ClassP99(_)
            | Self::ClassMean(_)
            | Self::ServerMean(_)
            | Self::GivenTime(_)
            | Self::Until(..) => AmountUnit::Time,
            Self::TriesEach | Self::Fairness => AmountUnit::Ratio,
            Self::Sequence(_) => AmountUnit::Text,
            _ => AmountUnit::Count,
        }
    }

    /// Whether it can be measured between two times of a run, and not only from the start.
    #[must_use]
    pub const fn has_stretch(&self) -> bool {
        !matches!(
            self,
            Self::P50
                | Self::P95
                | Self::P99
                | Self::ClassP99(_)
                | Self::ClassMean(_)
                | Self::ServerMean(_)
                | Self::Fairness
                | Self::Sequence(_)
        )
    }

    /// The name in files, like `error_share`.
    #[must_use]
    pub fn name(&self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            Ok(serde_json::Value::Object(fields)) => {
                fields.keys().next().cloned().unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// The server, balancer or site that it is about; `None` if it is about the whole run.
    #[must_use]
    pub fn server(&self) -> Option<&str> {
        match self {
            Self::Share(name)
            | Self::Picks(name)
            | Self::Tries(name)
            | Self::AnsweredBy(name)
            | Self::AnsweredShareOf(name)
            | Self::LostAt(name)
            | Self::InProgress(name)
            | Self::Queued(name)
            | Self::ServerMean(name)
            | Self::KeysAt(name)
            | Self::PicksAt(name)
            | Self::Pointing(name)
            | Self::Until(name, _) => Some(name),
            _ => None,
        }
    }

    /// The class of requests that it is about, by its index in the scenario; `None` if it is about all.
    #[must_use]
    pub const fn class(&self) -> Option<usize> {
        match self {
            Self::ClassP99(class) | Self::ClassMean(class) => Some(*class),
            _ => None,
        }
    }

    /// The measured amount; `None` if it has no value.
    #[must_use]
    pub fn read(&self, stretch: Stretch<'_>) -> Option<Amount> {
        self.number(stretch).map(Amount::Number)
    }

    /// The measured number in its [`AmountUnit`]; `None` if there is nothing to measure yet, and for
    /// [`Self::Sequence`] and [`Self::Until`], which need a whole run.
    #[must_use]
    pub fn number(&self, stretch: Stretch<'_>) -> Option<f64> {
        let ended = || stretch.total(Totals::ended);
        let part = |some: f64, all: f64| (all > 0.0).then(|| some / all);
        match self {
            Self::Arrived => Some(stretch.total(|all| all.arrived)),
            Self::Answered => Some(stretch.total(|all| all.answered)),
            Self::Failed => Some(stretch.total(|all| all.failed)),
            Self::Rejected => Some(stretch.total(|all| all.rejected)),
            Self::TimedOut => Some(stretch.total(|all| all.timed_out)),
            Self::Lost => Some(stretch.total(Totals::unanswered)),
            Self::Retries => Some(stretch.total(|all| all.retries)),
            Self::ErrorShare => part(stretch.total(Totals::unanswered), ended()),
            Self::AnsweredShare => part(stretch.total(|all| all.answered), ended()),
            Self::TriesEach => part(ended() + stretch.total(|all| all.retries), ended()),
            Self::Mean => mean(stretch),
            Self::P50 | Self::P95 | Self::P99 => self.percentile(stretch.to),
            Self::ClassP99(_) | Self::ClassMean(_) => self.of_class(stretch.to),
            Self::Fairness => stretch.to.fairness(),
            Self::KeysMoved => keys_moved(stretch),
            Self::Given(_) | Self::GivenTime(_) => self.given(stretch.to),
            Self::Sequence(_) | Self::Until(..) => None,
            Self::PicksAt(name) => Some(stretch.grown(|view| picks_at(view, name))),
            Self::Pointing(name) => pointing(stretch.to, name),
            _ if self.server().is_some() => self.of_server(stretch),
            _ => Some(self.of_fleet(stretch)),
        }
    }

    fn percentile(&self, view: View<'_>) -> Option<f64> {
        let Percentiles { p50, p95, p99 } = view.recorder().run_percentiles()?;
        Some(ms(match self {
            Self::P50 => p50,
            Self::P95 => p95,
            _ => p99,
        }))
    }

    fn of_class(&self, view: View<'_>) -> Option<f64> {
        match self {
            Self::ClassP99(class) => {
                let spread = view.recorder().class(*class)?;
                Some(ms(spread.percentiles()?.p99))
            }
            Self::ClassMean(class) => Some(ms(view.recorder().class(*class)?.mean()?)),
            _ => None,
        }
    }

    fn of_server(&self, stretch: Stretch<'_>) -> Option<f64> {
        let name = self.server()?;
        let now = member(stretch.to, name)?;
        let grown = |count: &dyn Fn(&Member<'_>) -> u64| {
            stretch.grown(|view| member(view, name).map_or(0, |one| count(&one)))
        };
        let all = |count: &dyn Fn(&Member<'_>) -> u64| {
            stretch.grown(|view| view.members().map(|one| count(&one)).sum())
        };
        let part = |count: &dyn Fn(&Member<'_>) -> u64| {
            let whole = all(count);
            (whole > 0.0).then(|| grown(count) / whole)
        };
        match self {
            Self::Share(_) => part(&|one| one.endpoint.counts.picks),
            Self::Picks(_) => Some(grown(&|one| one.endpoint.counts.picks)),
            Self::Tries(_) => Some(grown(&|one| one.endpoint.counts.tries)),
            Self::AnsweredBy(_) => Some(grown(&|one| one.endpoint.counts.answered)),
            Self::AnsweredShareOf(_) => part(&|one| one.endpoint.counts.answered),
            Self::LostAt(_) => Some(grown(&|one| {
                let counts = one.endpoint.counts;
                counts.failed + counts.rejected + counts.timed_out
            })),
            Self::InProgress(_) => Some(f64::from(now.endpoint.in_progress)),
            Self::Queued(_) => Some(now.server.waiting().len() as f64),
            Self::ServerMean(_) => {
                let spread = stretch.to.recorder().endpoint(now.endpoint.id.index());
                spread.and_then(LatencyHistogram::mean).map(ms)
            }
            Self::KeysAt(_) => {
                let servers_by_key = servers_by_key(stretch.to);
                let own = servers_by_key
                    .iter()
                    .filter(|home| home.as_deref() == Some(name));
                (!servers_by_key.is_empty())
                    .then(|| own.count() as f64 / servers_by_key.len() as f64)
            }
            _ => None,
        }
    }

    fn of_fleet(&self, stretch: Stretch<'_>) -> f64 {
        let view = stretch.to;
        let picks = || {
            view.members().map(|one| {
                let name = &one.server.spec.name;
                stretch.grown(|view| member(view, name).map_or(0, |one| one.endpoint.counts.picks))
            })
        };
        let most = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        match self {
            Self::MostPicks => most(&mut picks()),
            Self::LeastPicks => picks().fold(f64::MAX, f64::min),
            Self::MostInProgress => most(
                &mut view
                    .members()
                    .map(|one| f64::from(one.endpoint.in_progress)),
            ),
            Self::LongestQueue => {
                most(&mut view.members().map(|one| one.server.waiting().len() as f64))
            }
            Self::Usable => {
                let usable = |one: &Member<'_>| view.balancer().is_usable(one.endpoint.id);
                view.members().filter(usable).count() as f64
            }
            Self::Actives => {
                let pair = view
                    .topology()
                    .sites
                    .first()
                    .and_then(|site| site.pair.as_ref());
                pair.map_or(0, |pair| pair.actives()) as f64
            }
            Self::Servers => view.members().count() as f64,
            _ => view.in_flight() as f64,
        }
    }

    fn given(&self, view: View<'_>) -> Option<f64> {
        let scenario = serde_json::to_value(view.scenario()).ok()?;
        match self {
            Self::Given(pointer) => scenario.pointer(pointer)?.as_f64(),
            Self::GivenTime(pointer) => Some(scenario.pointer(pointer)?.as_f64()? / 1_000.0),
            _ => None,
        }
    }
}

fn ms(span: SimDuration) -> f64 {
    span.as_us() as f64 / 1_000.0
}

fn member<'a>(view: View<'a>, name: &str) -> Option<Member<'a>> {
    view.members().find(|one| one.server.spec.name == name)
}

fn picks_at(view: View<'_>, name: &str) -> u64 {
    let own = view.balancers().filter(|balancer| balancer.name == name);
    let picks = |balancer: &Balancer| -> u64 {
        let endpoints = balancer.endpoints().iter();
        endpoints.map(|endpoint| endpoint.counts.picks).sum()
    };
    own.map(picks).sum()
}

fn pointing(view: View<'_>, name: &str) -> Option<f64> {
    let place = view
        .topology()
        .sites
        .iter()
        .position(|site| site.name == name)?;
    let site = SiteId(u32::try_from(place).ok()?);
    Some(view.pointing_at(site).ratio())
}

fn mean(stretch: Stretch<'_>) -> Option<f64> {
    let sum = |view: View<'_>| view.recorder().answered_us() as f64;
    let answered = stretch.total(|all| all.answered);
    let took = sum(stretch.to) - stretch.from.map_or(0.0, sum);
    (answered > 0.0).then(|| took / answered / 1_000.0)
}

/// For every key of the scenario, the server that it goes to now. A copy of the upstream picks, so that the run does
/// not change.
fn servers_by_key(view: View<'_>) -> Vec<Option<String>> {
    let Some(client) = view.clients().first() else {
        return Vec::new();
    };
    let Some(mut upstream) = view.balancer().upstreams().first().cloned() else {
        return Vec::new();
    };
    let mut servers_by_key = Vec::new();
    for class in &view.scenario().classes {
        for item in 0..class.items {
            let text = if class.items > 1 {
                format!("{}{item}", class.path)
            } else {
                class.path.clone()
            };
            let key = PickKey {
                source: client.spec.address,
                port: 0,
                user: 0,
                text: text.as_bytes(),
            };
            let picked = upstream.pick(view.now(), key, &[]).picked();
            let endpoint = picked.and_then(|id| upstream.endpoint(id));
            let name = endpoint.and_then(|one| view.member(one.config.server));
            servers_by_key.push(name.map(|one| one.server.spec.name.clone()));
        }
    }
    servers_by_key
}

fn keys_moved(stretch: Stretch<'_>) -> Option<f64> {
    let (before, after) = (servers_by_key(stretch.from?), servers_by_key(stretch.to));
    let moved = before.iter().zip(&after).filter(|(old, new)| old != new);
    (!before.is_empty()).then(|| moved.count() as f64 / before.len() as f64)
}
