//! The share of the picks that each server got, beside the share that the algorithm aims at.

use super::Chart;
use super::axes::AxisUnit;
use super::bars::{Bar, Bars, draw};
use super::table::{DataTable, TableCell};
use crate::fleet::is_fleet;
use crate::request_head::pool_name;
use crate::shape::Paint;
use crate::status::down;
use crate::words;
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::ids::ServerId;
use evenkeel_words::t;

/// How many servers at each end of a fleet are shown.
const EXTREMES: usize = 5;

/// One server's row of the table and bar of the chart.
#[derive(Clone, Debug, PartialEq)]
pub struct ShareRow {
    /// The identity of the server.
    pub id: ServerId,
    /// The name of the server, like `A`.
    pub name: String,
    /// The server's pool; `None` if there is only one.
    pub pool: Option<String>,
    /// The balancer's belief; `None` while the balancer is dead and believes nothing.
    pub state: Option<Belief>,
    /// The belief in words, or that the site or the balancer is down.
    pub word: String,
    /// The weight of the server.
    pub weight: u32,
    /// Attempts sent to the server and not yet finished.
    pub in_progress: u32,
    /// Attempts answered with a status below 500.
    pub answered: u64,
    /// Attempts that ended in an error, had no answer in time or were rejected: all that ended without a good answer,
    /// as everywhere.
    pub failed: u64,
    /// Failed attempts that the server's full queue rejected.
    pub rejected: u64,
    /// The share of the picks, 0 to 1.
    pub share: f64,
    /// The share that the algorithm aims at, 0 to 1; `None` if it aims at none.
    pub expected: Option<f64>,
}

impl ShareRow {
    /// A number of the row as text; `–` while the balancer is dead, which has lost its counts.
    #[must_use]
    pub fn counted(&self, number: u64) -> String {
        match self.state {
            Some(_) => words::thousands(number),
            None => "–".to_string(),
        }
    }
}

/// The rows of all servers, in the order of their identities. Of a fleet, those with the most picks and those with the
/// fewest.
#[must_use]
pub fn rows(view: View<'_>) -> Vec<ShareRow> {
    if !is_fleet(view) {
        return all_rows(view);
    }
    let mut members: Vec<Member<'_>> = view.members().collect();
    members.sort_by_key(|member| std::cmp::Reverse(member.endpoint.counts.recent_picks));
    let (first, rest) = members.split_at(EXTREMES);
    let ends = first.iter().chain(&rest[rest.len() - EXTREMES..]);
    ends.map(|member| row(view, *member)).collect()
}

fn all_rows(view: View<'_>) -> Vec<ShareRow> {
    view.members().map(|member| row(view, member)).collect()
}

fn row(view: View<'_>, member: Member<'_>) -> ShareRow {
    let endpoint = member.endpoint;
    let counts = &endpoint.counts;
    let balancer = view.balancer();
    let several = balancer.upstreams().len() > 1;
    let pool = balancer.pool_of(endpoint.id).filter(|_| several);
    let down = down(view);
    ShareRow {
        id: member.server.id,
        name: endpoint.config.name.clone(),
        pool: pool.map(|pool| pool_name(view, pool.index())),
        state: down.is_none().then(|| endpoint.belief()),
        word: down
            .clone()
            .unwrap_or_else(|| words::belief(endpoint.belief())),
        weight: endpoint.config.weight,
        in_progress: endpoint.in_progress,
        answered: counts.answered,
        failed: counts.failed + counts.timed_out + counts.rejected,
        rejected: counts.rejected,
        share: view.share(endpoint.id).unwrap_or(0.0),
        expected: match down {
            Some(_) => None,
            None => view.balancer().expected_share(endpoint.id),
        },
    }
}

/// The chart of a view, `width` pixels wide and as high as it needs.
#[must_use]
pub fn chart(view: View<'_>, width: f64) -> Chart {
    let rows = rows(view);
    let bars = rows.iter().map(|row| Bar {
        key: u64::from(row.id.0),
        name: row.name.clone(),
        amount: row.share,
        asked: row.expected,
        look: (
            Paint::of_server(row.id),
            if row.expected == Some(0.0) { 0.35 } else { 1.0 },
        ),
        text: reading(row),
    });
    let heads = heads(&rows).into_iter();
    let bars = Bars {
        heads: heads
            .map(|(place, pool)| (place, t!("stage.pool", name = pool)))
            .collect(),
        rows: bars.collect(),
        full: Some(full_scale(&rows)),
        name: t!("distribution.level"),
        description: describe(&rows),
    };
    draw(&bars, AxisUnit::Share, width)
}

/// The start of each pool, if there are several and their servers stand together.
#[must_use]
pub fn heads(rows: &[ShareRow]) -> Vec<(usize, String)> {
    let begins = |place: usize| place == 0 || rows[place - 1].pool != rows[place].pool;
    let pool = |place: usize| Some((place, rows[place].pool.clone()?));
    (0..rows.len())
        .filter(|place| begins(*place))
        .filter_map(pool)
        .collect()
}

/// `Server A, healthy: 25.1 % of the picks, 25.0 % expected.`
fn reading(row: &ShareRow) -> String {
    let (name, state) = (&row.name, &row.word);
    let share = words::share(row.share);
    match row.expected {
        None => t!(
            "distribution.reading",
            name = name,
            state = state,
            share = share
        ),
        Some(_) => t!(
            "distribution.reading_expected",
            name = name,
            state = state,
            share = share,
            expected = words::expected(row.expected)
        ),
    }
}

/// The numbers of the chart as a table.
#[must_use]
pub fn numbers(view: View<'_>) -> DataTable {
    let mut table = DataTable::new([
        t!("distribution.head_server"),
        t!("distribution.head_state"),
        t!("distribution.head_weight"),
        t!("distribution.head_in_progress"),
        t!("distribution.head_answered"),
        t!("distribution.head_failed"),
        t!("distribution.head_rejected"),
        t!("distribution.head_share"),
        t!("distribution.head_expected"),
    ]);
    for row in all_rows(view) {
        let count = |number: u64| match row.state {
            Some(_) => TableCell::number(row.counted(number), number as f64),
            None => TableCell::text(row.counted(number)),
        };
        let name = match &row.pool {
            Some(pool) => t!("distribution.in_pool", name = &row.name, pool = pool),
            None => row.name.clone(),
        };
        table.rows.push(vec![
            TableCell::text(name),
            TableCell::text(row.word.clone()),
            TableCell::number(row.weight.to_string(), f64::from(row.weight)),
            count(u64::from(row.in_progress)),
            count(row.answered),
            count(row.failed),
            count(row.rejected),
            TableCell::number(words::share(row.share), row.share * 100.0),
            match row.expected {
                Some(part) => TableCell::number(words::expected(row.expected), part * 100.0),
                None => TableCell::text("–"),
            },
        ]);
    }
    table
}

/// The value at the right end of the bars. It depends on the expected shares, not on the actual ones, so that bars do
/// not rescale while they move; without expected shares it is 1.
#[must_use]
pub fn full_scale(rows: &[ShareRow]) -> f64 {
    let asked = rows.iter().map(|row| row.expected.unwrap_or(1.0));
    let asked = asked.fold(0.0, f64::max);
    let got = rows.iter().map(|row| row.share).fold(0.0, f64::max);
    [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8]
        .into_iter()
        .find(|&full| full >= asked * 1.5 && full >= got)
        .unwrap_or(1.0)
}

/// What the shares are shares of.
#[must_use]
pub fn meaning(layer: Layer) -> String {
    match layer {
        Layer::L4 => t!("distribution.meaning_l4"),
        Layer::L7 => t!("distribution.meaning_l7"),
    }
}

/// The number of attempts that full queues rejected, in all.
#[must_use]
pub fn turned_away(rows: &[ShareRow]) -> String {
    let sum: u64 = rows.iter().map(|row| row.rejected).sum();
    t!("distribution.rejected", sum = sum)
}

/// The chart in words.
#[must_use]
pub fn describe(rows: &[ShareRow]) -> String {
    let mut text = t!("distribution.spoken");
    for row in rows {
        let (name, share) = (&row.name, words::share(row.share));
        text.push(' ');
        text.push_str(&match row.expected {
            Some(_) => {
                let asked = words::expected(row.expected);
                t!(
                    "distribution.spoken_row",
                    name = name,
                    share = share,
                    asked = asked
                )
            }
            None => t!("distribution.spoken_row_free", name = name, share = share),
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, NodeFault, SiteCommand};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::{BalancerId, SiteId};
    use evenkeel_sim::scenario::ServerSpec;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    fn engine() -> Engine {
        let scenario = default_scenario();
        Engine::new(&scenario, scenario.seed)
    }

    #[test]
    fn three_one_one_is_sixty_twenty_twenty() {
        let mut engine = engine();
        engine.apply(Command::RemoveServer(ServerId(3))).expect("D");
        engine.apply(Command::SetWeight(ServerId(0), 3)).expect("A");
        engine.run_until(SimTime::from_us(60_000_000), EventBudget::UNBOUNDED);
        let rows = rows(engine.view());
        let asked: Vec<_> = rows
            .iter()
            .map(|row| words::expected(row.expected))
            .collect();
        assert_eq!(asked, ["60.0 %", "20.0 %", "20.0 %"]);
        assert!((rows[0].share - 0.6).abs() < 0.002);
        assert_eq!(full_scale(&rows), 1.0);
        assert!(describe(&rows).contains(" B: 20.0 %, 20.0 % expected. C:"));
        let chart = chart(engine.view(), 400.0);
        let text = &chart.stops[1].text;
        assert_eq!(
            text,
            "Server B, healthy: 20.0 % of the picks, 20.0 % expected."
        );
        assert!(numbers(engine.view()).csv().contains("B,healthy,1,"));
    }

    #[test]
    fn pools_stand_apart_and_each_is_a_whole() {
        let text = include_str!("../../../../assets/scenarios/l7_routing.json");
        let scenario = evenkeel_sim::scenario::validate::parse(text).expect("it is valid");
        let mut engine = Engine::new(&scenario, 7);
        engine.run_until(SimTime::from_us(60_000_000), EventBudget::UNBOUNDED);
        let rows = rows(engine.view());
        let heads = heads(&rows);
        assert_eq!(heads.len(), scenario.pools.len() + 1);
        for (number, (first, _)) in heads.iter().enumerate() {
            let next = heads.get(number + 1).map_or(rows.len(), |(next, _)| *next);
            let sum: f64 = rows[*first..next].iter().map(|row| row.share).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{first}: {sum}");
        }
        let drawn = chart(engine.view(), 400.0);
        assert!(drawn.height > super::super::bars::height(rows.len()));
    }

    #[test]
    fn before_the_first_pick_all_shares_are_none() {
        let engine = engine();
        let rows = rows(engine.view());
        assert!(rows.iter().all(|row| words::share(row.share) == "0.0 %"));
        assert_eq!(full_scale(&rows), 0.4);
        assert_eq!(turned_away(&rows), "Rejected by a full queue: 0.");
    }

    #[test]
    fn nobody_believes_anything_at_a_site_without_power() {
        let text = include_str!("../../../../assets/scenarios/world.json");
        let scenario = evenkeel_sim::scenario::validate::parse(text).expect("it is valid");
        let mut engine = Engine::new(&scenario, 7);
        engine.run_until(SimTime::from_us(20_000_000), EventBudget::UNBOUNDED);
        let words = |engine: &Engine| {
            let rows = rows(engine.view());
            rows.into_iter()
                .map(|row| (row.word, row.expected))
                .collect::<Vec<_>>()
        };
        assert!(
            words(&engine)
                .iter()
                .all(|row| row.0 == "healthy" && row.1.is_some())
        );
        let kill = |fault| Command::Site(SiteCommand::Node(BalancerId(0), fault));
        engine.apply(kill(NodeFault::Kill)).expect("it is there");
        assert!(
            words(&engine)
                .iter()
                .all(|row| row.0 == "balancer down" && row.1.is_none())
        );
        let site = Command::Site(SiteCommand::KillSite(SiteId(0)));
        engine.apply(site).expect("it is there");
        assert!(
            words(&engine)
                .iter()
                .all(|row| row.0 == "site down" && row.1.is_none())
        );
        // What it had counted went with it.
        let csv = numbers(engine.view()).csv();
        assert!(csv.contains("T1,site down,1,–,–,–,–,0,–"), "{csv}");
    }

    #[test]
    fn failed_is_all_that_had_no_good_answer() {
        let mut engine = engine();
        let hundred = Command::SetTraffic(100_000);
        engine.apply(hundred).expect("it is possible");
        engine.run_until(SimTime::from_us(20_000_000), EventBudget::UNBOUNDED);
        // Until all answers have come back: servers count before clients do.
        engine
            .apply(Command::SetTraffic(0))
            .expect("it is possible");
        engine.run_until(SimTime::from_us(60_000_000), EventBudget::UNBOUNDED);
        assert_eq!(engine.view().in_flight(), 0);
        let rows = rows(engine.view());
        assert!(
            rows.iter()
                .all(|row| row.rejected > 0 && row.failed >= row.rejected)
        );
        // Nothing is tried twice here, so the rows add up to what the page says of the whole.
        let totals = engine.view().totals();
        assert_eq!(totals.retries, 0);
        let lost = totals.ended() - totals.answered;
        assert_eq!(rows.iter().map(|row| row.failed).sum::<u64>(), lost);
        assert!(crate::strip::line(engine.view()).contains(&words::thousands(lost)));
    }

    #[test]
    fn a_weight_of_zero_asks_for_nothing() {
        let mut engine = engine();
        engine.apply(Command::SetWeight(ServerId(1), 0)).expect("B");
        let rows = rows(engine.view());
        assert_eq!(words::expected(rows[1].expected), "0 %");
    }

    #[test]
    fn a_fleet_shows_its_ends_and_digits_that_tell_them_apart() {
        let mut scenario = default_scenario();
        let first = scenario.servers[0].clone();
        let server = |number: usize| ServerSpec {
            name: format!("s{number}"),
            address: format!("10.0.{}.{}:80", number / 250, number % 250),
            ..first.clone()
        };
        scenario.servers = (0..500).map(server).collect();
        let mut engine = Engine::new(&scenario, 7);
        engine.run_until(SimTime::from_us(40_000_000), EventBudget::UNBOUNDED);
        let rows = rows(engine.view());
        assert_eq!(rows.len(), 2 * EXTREMES);
        assert!(rows.is_sorted_by(|a, b| a.share >= b.share));
        assert_eq!(words::share(0.0013), "0.13 %");
        let full = full_scale(&rows);
        assert_ne!(
            AxisUnit::Share.tick(full / 2.0, full),
            AxisUnit::Share.tick(full, full)
        );
        assert_eq!(numbers(engine.view()).rows.len(), 500);
    }
}
