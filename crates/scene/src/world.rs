//! The sites on a map: cities, sites, and the users sent to each. Map units: two a degree, from 180° W and 78° N, as
//! `assets/map/land.txt` has it.

use super::chart::table::{DataTable, TableCell};
use super::shape::Paint;
use super::words::{clock, percent, thousands};
use super::world_answers::{ClientAnswers, answers, share_of};
use super::world_map::project;
use evenkeel_sim::engine::request::Phase;
use evenkeel_sim::engine::topology::NodeState;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::{ServerId, SiteId};
use evenkeel_sim::time::SimDuration;
use evenkeel_words::{scene_text, t};

/// The size of the map in its own units.
pub const MAP: (f64, f64) = (720.0, 270.0);

/// The number of seconds in the table of failed users.
const FAILED_ROWS: usize = 90;

/// The state of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteState {
    /// All of its balancers run.
    Well,
    /// Some of its balancers do not run.
    Hurt,
    /// No balancer answers there.
    Dark,
}

/// One site in the table.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteRow {
    /// The identity of the site.
    pub id: SiteId,
    /// The name of the site.
    pub name: String,
    /// The name of its region.
    pub region: &'static str,
    /// The position on the map.
    pub at: (f64, f64),
    /// The state of the site.
    pub state: SiteState,
    /// The state in a word.
    pub word: String,
    /// Whether the name may still be answered with the site.
    pub listed: bool,
    /// The share of users whose resolver holds an answer that leads there, in thousandths.
    pub users: u32,
    /// Requests that were answered there.
    pub answered: u64,
    /// Requests sent there that were not answered.
    pub lost: u64,
    /// Requests sent there that nobody answers, and whose clients have not given up yet.
    pub unanswered: u64,
}

/// The users of one client.
#[derive(Clone, Debug, PartialEq)]
pub struct UserRow {
    /// The name of the client.
    pub name: String,
    /// The position on the map.
    pub at: (f64, f64),
    /// The name of its city.
    pub city: String,
    /// The name of its resolver.
    pub resolver: String,
    /// The site that its users are sent to, and the latency one way in milliseconds.
    pub sent: String,
}

/// The colour of a site, by its order: the one of the server with that number.
#[must_use]
pub const fn site_paint(id: SiteId) -> Paint {
    Paint::of_server(ServerId(id.0))
}

/// A time in whole seconds, never less than it is: `12 s`, `2 min 5 s`.
#[must_use]
pub fn whole_time(time: SimDuration) -> String {
    let secs = time.as_us().div_ceil(1_000_000);
    if secs < 120 {
        t!("unit.secs", n = secs)
    } else {
        t!("unit.min_s", min = secs / 60, s = secs % 60)
    }
}

fn site_ids(view: View<'_>) -> impl Iterator<Item = SiteId> + use<> {
    (0..view.topology().sites.len() as u32).map(SiteId)
}

/// The sites in the order of the scenario; empty if the scene has none.
#[must_use]
pub fn sites(view: View<'_>) -> Vec<SiteRow> {
    site_rows(view, &answers(view))
}

/// The same of answers that were read before.
pub(super) fn site_rows(view: View<'_>, sent: &[ClientAnswers]) -> Vec<SiteRow> {
    let unanswered = unanswered(view);
    let row = |id: SiteId| {
        let edge = view.topology();
        let site = edge.site(id);
        let up = |id: &evenkeel_sim::ids::BalancerId| edge.nodes[id.index()].state == NodeState::Up;
        let state = if edge.is_unreachable(id) {
            SiteState::Dark
        } else if site.balancers.iter().all(up) {
            SiteState::Well
        } else {
            SiteState::Hurt
        };
        let word = match state {
            SiteState::Well => t!("world.word.well"),
            SiteState::Hurt => t!("world.word.hurt"),
            SiteState::Dark => t!("world.word.dark"),
        };
        let anycast = view.dns().is_some_and(|names| names.spec.anycast);
        let in_zone = |vip| view.dns().is_none_or(|names| names.zone.is_up(vip));
        let listed = if anycast {
            site.announced
        } else {
            site.vips.iter().any(|vip| in_zone(*vip))
        };
        Some(SiteRow {
            id,
            name: scene_text(&site.name),
            region: site.region?.name,
            at: project(site.city?),
            state,
            word,
            listed,
            users: share_of(sent, id),
            answered: site.totals.answered,
            lost: site.totals.unanswered(),
            unanswered: unanswered[id.index()],
        })
    };
    site_ids(view).filter_map(row).collect()
}

/// The requests that nobody answers, by the site that they were sent to.
fn unanswered(view: View<'_>) -> Vec<u64> {
    let edge = view.topology();
    let mut counts = vec![0; edge.sites.len()];
    for (_, request) in view.requests() {
        if matches!(request.phase, Phase::Lost { .. }) {
            counts[edge.vips[request.vip.index()].site.index()] += 1;
        }
    }
    counts
}

/// The sites as a table.
#[must_use]
pub fn site_table(view: View<'_>) -> DataTable {
    let mut table = DataTable::new([
        t!("world.head.site"),
        t!("world.head.region"),
        t!("world.head.state"),
        t!("world.head.listed"),
        t!("world.head.users"),
        t!("world.head.answered"),
        t!("world.head.lost"),
        t!("world.head.unanswered"),
    ]);
    let anycast = view.dns().is_some_and(|names| names.spec.anycast);
    let count = |number: u64| TableCell::number(thousands(number), number as f64);
    for row in sites(view) {
        let part = f64::from(row.users) / 1e3;
        table.rows.push(vec![
            TableCell::text(row.name),
            TableCell::text(row.region),
            TableCell::text(row.word),
            TableCell::text(listed_word(row.listed, anycast)),
            TableCell::number(percent(part), part * 100.0),
            count(row.answered),
            count(row.lost),
            count(row.unanswered),
        ]);
    }
    table
}

/// Whether clients are sent to a site, in words.
#[must_use]
pub fn listed_word(listed: bool, anycast: bool) -> String {
    match (listed, anycast) {
        (true, false) => t!("world.listed"),
        (false, false) => t!("world.delisted"),
        (true, true) => t!("world.announced"),
        (false, true) => t!("world.withdrawn"),
    }
}

/// The state of a site, and whether clients are sent to it: `up · in DNS`, `down, still in DNS`.
#[must_use]
pub fn state_line(row: &SiteRow, anycast: bool) -> String {
    if row.state == SiteState::Dark && row.listed && !anycast {
        return t!("world.still_listed");
    }
    format!("{} · {}", row.word, listed_word(row.listed, anycast))
}

/// The number of users that failed, for each second with some, newest first.
#[must_use]
pub fn failed_table(view: View<'_>) -> DataTable {
    let mut table = DataTable::new([t!("world.head.second"), t!("world.head.failed")]);
    let samples = view.topology().samples().iter().rev();
    let some = samples.filter(|one| one.failed_users > 0).take(FAILED_ROWS);
    table.rows = some
        .map(|one| {
            let users = u64::from(one.failed_users);
            vec![
                TableCell::number(clock(one.at), one.at.as_secs_f64()),
                TableCell::number(thousands(users), users as f64),
            ]
        })
        .collect();
    table
}

/// The users, in the order of the scenario's clients.
#[must_use]
pub fn users(view: View<'_>) -> Vec<UserRow> {
    let edge = view.topology();
    let row = |one: &ClientAnswers| {
        let city = edge.cities[one.client.index()]?;
        let sent: Vec<String> = one
            .sites()
            .map(|(id, _)| {
                let ms = (edge.path_latency(one.client, id).as_us() + 500) / 1_000;
                let name = scene_text(&edge.site(id).name);
                let percent = u64::from((one.part(id) + 5) / 10);
                t!("world.sent", name = name, percent = percent, ms = ms)
            })
            .collect();
        Some(UserRow {
            name: scene_text(&view.scenario().clients[one.client.index()].name),
            at: project(city),
            city: scene_text(city.name),
            resolver: view.dns()?.resolver_of(one.client).spec.name.clone(),
            sent: sent.join(" · "),
        })
    };
    answers(view).iter().filter_map(row).collect()
}

/// The number of users that failed in each of the last `count` seconds, oldest first.
#[must_use]
pub fn failed_users(view: View<'_>, count: usize) -> Vec<u32> {
    let samples = view.topology().samples();
    let skip = samples.len().saturating_sub(count);
    samples
        .iter()
        .skip(skip)
        .map(|one| one.failed_users)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, SiteCommand};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::validate::parse;
    use evenkeel_sim::time::SimDuration;

    fn scene() -> Engine {
        let text = include_str!("../../../assets/scenarios/world.json");
        Engine::new(&parse(text).expect("it is valid"), 7)
    }

    #[test]
    fn every_user_and_site_is_on_the_map_and_shares_add_up() {
        let mut engine = scene();
        engine.run_until(
            engine.view().now() + SimDuration::from_secs(20),
            EventBudget::UNBOUNDED,
        );
        let view = engine.view();
        let places = sites(view).into_iter().map(|one| one.at);
        for (x, y) in places.chain(users(view).into_iter().map(|one| one.at)) {
            assert!((0.0..MAP.0).contains(&x) && (0.0..MAP.1).contains(&y));
        }
        let sum: u32 = sites(view).iter().map(|one| one.users).sum();
        // Some answers have run out and nobody has asked since.
        assert!((600..=1_000).contains(&sum), "{sum}");
        let lines = crate::world_picture::picture(view).flows;
        assert!(!lines.is_empty() && lines.iter().all(|flow| !flow.astray));
    }

    #[test]
    fn the_scale_of_a_world_is_not_that_of_one_data_centre() {
        let line = crate::status::scale_line(scene().view());
        assert!(line.contains("0.5 ms from balancer to server"), "{line}");
    }

    #[test]
    fn a_dead_site_is_dark_and_its_users_are_astray() {
        let mut engine = scene();
        let kill = SiteCommand::KillSite(SiteId(1));
        engine.apply(Command::Site(kill)).expect("it is there");
        engine.run_until(
            engine.view().now() + SimDuration::from_secs(8),
            EventBudget::UNBOUNDED,
        );
        let view = engine.view();
        let london = &sites(view)[1];
        assert_eq!((london.state, london.users > 100), (SiteState::Dark, true));
        let lines = crate::world_picture::picture(view).flows;
        assert!(lines.iter().any(|flow| flow.astray));
        assert!(failed_users(view, 4).iter().sum::<u32>() > 10);
        let table = site_table(view);
        assert_eq!(table.rows[1][2].text, "down");
        assert!(!failed_table(view).rows.is_empty());
    }
}
