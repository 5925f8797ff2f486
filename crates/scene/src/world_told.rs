//! The map in words: the sentences at its head, and the whole picture for those who do not see it.

use super::world::{SiteRow, SiteState, whole_time};
use super::world_answers::{ClientAnswers, misled};
use super::world_picture::{WorldFacts, at_most, dark, site_line};
use evenkeel_sim::engine::observations::ObservationKind;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::gslb::geodns::GeoDnsPolicy;
use evenkeel_sim::ids::SiteId;
use evenkeel_sim::time::SimTime;
use evenkeel_words::{scene_text, t};

/// How many names a sentence lists before it counts the others.
const NAMED: usize = 2;

/// The sentences at the head of the map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorldHeadline {
    /// What is so, or what happened.
    pub said: String,
    /// Who is lost and for how much longer; empty where nobody is.
    pub lost: String,
    /// What changes when there is something new to say: who is down and who still goes there. The texts change with
    /// every second; a screen reader is told when this does.
    pub situation: Vec<String>,
}

/// The sentences at the head of the map.
pub(super) fn headline(facts: &WorldFacts<'_>) -> WorldHeadline {
    let down: Vec<&SiteRow> = dark(facts.sites).collect();
    if down.is_empty() {
        return WorldHeadline {
            said: calm(facts),
            ..WorldHeadline::default()
        };
    }
    let names = list(down.iter().map(|row| row.name.clone()));
    let said = match (
        &down[..],
        killed_at(facts.view, &facts.view.topology().site(down[0].id).name),
    ) {
        ([one], Some(at)) => t!(
            "world.now.killed",
            name = &one.name,
            time = ago(facts.view, at)
        ),
        _ => t!("world.now.dark", names = names, count = down.len()),
    };
    let holders = holders(facts);
    let mut situation: Vec<String> = down.iter().map(|row| row.name.clone()).collect();
    situation.extend(holders.iter().map(|(name, _)| name.clone()));
    WorldHeadline {
        said,
        lost: format!("{} {}", gone(&down), rest(facts, &down, &holders)),
        situation,
    }
}

/// How many requests sites that are down have cost. Who still waits is neither lost nor fine.
fn gone(down: &[&SiteRow]) -> String {
    let lost: u64 = down.iter().map(|row| row.lost).sum();
    let open: u64 = down.iter().map(|row| row.unanswered).sum();
    match (lost, open) {
        (_, 0) => t!("world.now.lost", lost = lost),
        (0, _) => t!("world.now.open", open = open),
        _ => t!("world.now.lost.open", lost = lost, open = open),
    }
}

/// Who still goes to sites that are down, and for how much longer.
fn rest(facts: &WorldFacts<'_>, down: &[&SiteRow], holders: &[(String, &ClientAnswers)]) -> String {
    let anycast = facts.view.dns().is_some_and(|names| names.spec.anycast);
    let listed = down.iter().any(|row| row.listed);
    let names = list(holders.iter().map(|(name, _)| name.clone()));
    let count = holders.len();
    match (count, anycast, listed) {
        (0, false, true) => t!("world.now.asked"),
        (0, ..) => t!("world.now.nobody"),
        (_, true, _) => t!("world.now.routed", names = names, count = count),
        (_, false, true) => t!("world.now.listed", names = names),
        (_, false, false) => {
            let times = holders.iter().flat_map(|(_, one)| {
                let lost = one.sites().filter(|(id, _)| is_down(down, *id));
                lost.map(|(_, answer)| answer.longest)
            });
            t!(
                "world.now.held",
                names = names,
                count = count,
                time = at_most(times)
            )
        }
    }
}

fn is_down(down: &[&SiteRow], id: SiteId) -> bool {
    down.iter().any(|row| row.id == id)
}

/// The clients of which some users are sent to a site that is down, in the scenario's order: names stay where they are
/// until their answers have run out.
fn holders<'a>(facts: &WorldFacts<'a>) -> Vec<(String, &'a ClientAnswers)> {
    let down: Vec<&SiteRow> = dark(facts.sites).collect();
    let lost = |one: &&ClientAnswers| one.sites().any(|(id, _)| is_down(&down, id));
    let clients = &facts.view.scenario().clients;
    let found = facts.answers.iter().filter(lost);
    found
        .map(|one| (scene_text(&clients[one.client.index()].name), one))
        .collect()
}

/// Who goes where while nothing is wrong.
fn calm(facts: &WorldFacts<'_>) -> String {
    let Some(names) = facts.view.dns() else {
        return String::new();
    };
    if names.spec.anycast {
        return t!("world.calm.anycast");
    }
    let first = facts.sites.iter().find(|row| row.listed);
    let rule = match (names.spec.policy, first) {
        (GeoDnsPolicy::Nearest, _) => t!("world.calm.nearest"),
        (GeoDnsPolicy::LowestLatency, _) => t!("world.calm.lowest_latency"),
        (GeoDnsPolicy::Weighted, _) => t!("world.calm.weighted"),
        (GeoDnsPolicy::RoundRobin, _) => t!("world.calm.round_robin"),
        (GeoDnsPolicy::Failover, Some(first)) => t!("world.calm.failover", site = &first.name),
        (GeoDnsPolicy::Failover, None) => String::new(),
    };
    let ttl = names.spec.ttl_us;
    let kept = match ttl.as_us() {
        0 => t!("world.calm.asked"),
        _ => t!("world.calm.kept", time = whole_time(ttl)),
    };
    let far = misled(facts.view, facts.answers).into_iter().map(|one| {
        let city = names.resolver_of(one.client).city;
        t!(
            "world.far",
            name = scene_text(&facts.view.scenario().clients[one.client.index()].name),
            city = city.map_or_else(String::new, |city| scene_text(city.name)),
            site = scene_text(&facts.view.topology().site(one.sent).name)
        )
    });
    let sentences = [rule, kept].into_iter().chain(far);
    sentences.collect::<Vec<_>>().join(" ")
}

/// The whole picture in words: each site, who fails and for how much longer, and who goes where.
pub(super) fn description(facts: &WorldFacts<'_>) -> String {
    let anycast = facts.view.dns().is_some_and(|names| names.spec.anycast);
    let mut told: Vec<String> = facts
        .sites
        .iter()
        .map(|row| site_line(row, anycast))
        .collect();
    let down: Vec<&SiteRow> = dark(facts.sites).collect();
    let before = told.len();
    for (name, client) in holders(facts) {
        for (id, answer) in client.sites().filter(|(id, _)| is_down(&down, *id)) {
            let row = down.iter().find(|row| row.id == id);
            let site = row.map_or("", |row| &row.name);
            let listed = row.is_some_and(|row| row.listed);
            let (count, all) = (answer.users, client.users);
            told.push(if anycast {
                t!("world.told.routed", name = &name, site = site)
            } else if listed {
                t!(
                    "world.told.listed",
                    name = &name,
                    count = count,
                    all = all,
                    site = site
                )
            } else {
                t!(
                    "world.told.fails",
                    name = &name,
                    count = count,
                    all = all,
                    site = site,
                    time = whole_time(answer.longest)
                )
            });
        }
    }
    if told.len() == before {
        told.push(t!("world.told.none"));
    }
    told.extend(served(facts));
    told.join(" ")
}

/// For each site that answers: the clients of which most users are sent there.
fn served<'a>(facts: &'a WorldFacts<'a>) -> impl Iterator<Item = String> + 'a {
    let up = facts
        .sites
        .iter()
        .filter(|row| row.state != SiteState::Dark);
    up.filter_map(|row| {
        let there = facts
            .answers
            .iter()
            .filter(|one| one.main_site() == Some(row.id));
        let clients = &facts.view.scenario().clients;
        let names: Vec<String> = there
            .map(|one| scene_text(&clients[one.client.index()].name))
            .collect();
        (!names.is_empty()).then(|| {
            t!(
                "world.told.goes",
                site = &row.name,
                names = names.join(", ")
            )
        })
    })
}

/// When a site was killed; `None` if it was not, or if that is no longer known.
fn killed_at(view: View<'_>, name: &str) -> Option<SimTime> {
    let facts = view.facts().iter().rev();
    let mut of_site = facts.filter(|fact| {
        let kind = matches!(
            fact.kind,
            ObservationKind::SiteDied | ObservationKind::SiteRestored
        );
        kind && fact.server == name
    });
    let last = of_site.next()?;
    (last.kind == ObservationKind::SiteDied).then_some(last.at)
}

fn ago(view: View<'_>, at: SimTime) -> String {
    // What has begun is not told as over: 9.9 s are 9 s.
    let whole = view.now().since(at).as_us() / 1_000_000;
    whole_time(evenkeel_sim::time::SimDuration::from_secs(whole))
}

/// Some names in a sentence: `A`, `A and B`, `A, B and C`, `A, B, C and 4 more`.
fn list(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    if more > 0 {
        let first = names.join(", ");
        return t!("world.list.more", first = first, count = more);
    }
    match names.pop() {
        None => String::new(),
        Some(last) if names.is_empty() => last,
        Some(last) => t!("world.list.and", first = names.join(", "), last = last),
    }
}
