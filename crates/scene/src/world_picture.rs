//! What the map shows at one time, read from the run once: sites, cities, lines, and the words for all of it.

use super::words::thousands;
use super::world::{SiteRow, SiteState, site_rows, whole_time};
use super::world_answers::{ClientAnswers, answers, misled};
use super::world_map::{UserCity, UserFlow, flows, project, user_cities};
use super::world_told::{WorldHeadline, description, headline};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::SiteId;
use evenkeel_sim::time::SimDuration;
use evenkeel_words::{scene_text, t};

/// The share of a city's users that is sent to one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CityPart {
    /// The site that the part of the users is sent to.
    pub site: SiteId,
    /// The share in thousandths of the city's users.
    pub users: u32,
    /// Whether no balancer answers there.
    pub astray: bool,
}

/// The users of one city as they are now.
#[derive(Clone, Debug, PartialEq)]
pub struct CityState {
    /// The sites that its users are sent to, in the order of the sites. What is missing to 1,000 has no answer.
    pub parts: Vec<CityPart>,
    /// The site that most of them are sent to; `None` if no cache holds an answer.
    pub main: Option<SiteId>,
    /// Whether some of them are sent to a site that does not answer.
    pub astray: bool,
    /// What is left of the cached answer that is kept longest, in thousandths of its time; of those that lead to a
    /// dead site, if there are some. `None` with anycast, where answers do not matter.
    pub left: Option<u32>,
    /// A sentence for each client there.
    pub told: String,
}

/// A resolver that stands elsewhere and misleads users.
#[derive(Clone, Debug, PartialEq)]
pub struct FarResolver {
    /// The position of the users' city, in map units.
    pub from: (f64, f64),
    /// The position of the resolver's city, in map units.
    pub to: (f64, f64),
    /// Who asks where, and is sent where.
    pub told: String,
}

/// The map at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldPicture {
    /// The sites, in the order of the scenario.
    pub sites: Vec<SiteRow>,
    /// The states of [`user_cities`], in their order.
    pub cities: Vec<CityState>,
    /// The lines from cities to sites.
    pub flows: Vec<UserFlow>,
    /// The resolvers that mislead users.
    pub far: Vec<FarResolver>,
    /// The sentences at the head of the map.
    pub headline: WorldHeadline,
    /// The whole picture in words.
    pub description: String,
    /// Whether routes and not names decide where packets go.
    pub anycast: bool,
}

/// What the words for the map are made from.
pub(super) struct WorldFacts<'a> {
    pub(super) view: View<'a>,
    pub(super) sites: &'a [SiteRow],
    pub(super) answers: &'a [ClientAnswers],
}

/// Reads the map from the run.
#[must_use]
pub fn picture(view: View<'_>) -> WorldPicture {
    let answers = answers(view);
    let sites = site_rows(view, &answers);
    let places = user_cities(view);
    let anycast = view.dns().is_some_and(|names| names.spec.anycast);
    let facts = WorldFacts {
        view,
        sites: &sites,
        answers: &answers,
    };
    WorldPicture {
        cities: places.iter().map(|city| state(&facts, city)).collect(),
        flows: flows(view, &places, &answers),
        far: far(&facts),
        headline: headline(&facts),
        description: description(&facts),
        anycast,
        sites,
    }
}

fn state(facts: &WorldFacts<'_>, city: &UserCity) -> CityState {
    let edge = facts.view.topology();
    let theirs = || {
        let clients = city.clients.iter();
        clients.filter_map(|id| facts.answers.get(id.index()))
    };
    let all: u64 = theirs().map(|one| u64::from(one.share)).sum();
    let part = |site: SiteId| {
        let sum: u64 = theirs()
            .map(|one| u64::from(one.share) * u64::from(one.part(site)))
            .sum();
        let users = (sum / all.max(1)) as u32;
        let astray = edge.is_unreachable(site);
        (users > 0).then_some(CityPart {
            site,
            users,
            astray,
        })
    };
    let sites = (0..edge.sites.len() as u32).map(SiteId);
    let parts: Vec<CityPart> = sites.filter_map(part).collect();
    let astray = parts.iter().any(|one| one.astray);
    let most = parts.iter().map(|one| one.users).max();
    let main = parts.iter().find(|one| Some(one.users) == most);
    let anycast = facts.view.dns().is_some_and(|names| names.spec.anycast);
    let left = theirs().flat_map(|one| {
        let kept = one.kept.as_us().max(1);
        let sites = one
            .sites()
            .filter(move |(id, _)| !astray || edge.is_unreachable(*id));
        sites.map(move |(_, answer)| (answer.longest.as_us() * 1_000 / kept).min(1_000) as u32)
    });
    CityState {
        left: (!anycast).then(|| left.max().unwrap_or(0)),
        main: main.map(|one| one.site),
        told: theirs()
            .map(|one| client_line(facts, one))
            .collect::<Vec<_>>()
            .join("\n"),
        astray,
        parts,
    }
}

/// Where a client's users are sent, and how long that lasts: the tooltip of its city.
fn client_line(facts: &WorldFacts<'_>, client: &ClientAnswers) -> String {
    let edge = facts.view.topology();
    let name = scene_text(&facts.view.scenario().clients[client.client.index()].name);
    let anycast = facts.view.dns().is_some_and(|names| names.spec.anycast);
    let sent: Vec<String> = client
        .sites()
        .map(|(id, answer)| {
            let site = scene_text(&edge.site(id).name);
            let percent = u64::from((client.part(id) + 5) / 10);
            if anycast {
                t!("world.city.routed", site = site)
            } else {
                let time = whole_time(answer.longest);
                t!(
                    "world.city.sent",
                    percent = percent,
                    site = site,
                    time = time
                )
            }
        })
        .collect();
    if sent.is_empty() {
        return t!("world.city.none", name = name);
    }
    format!("{name}: {}", sent.join(" · "))
}

fn far(facts: &WorldFacts<'_>) -> Vec<FarResolver> {
    let view = facts.view;
    let found = misled(view, facts.answers).into_iter();
    let one = |one: super::world_answers::MisledClient| {
        let resolver = view.dns()?.resolver_of(one.client);
        let from = view.topology().cities[one.client.index()]?;
        let to = resolver.city?;
        Some(FarResolver {
            from: project(from),
            to: project(to),
            told: t!(
                "world.far",
                name = scene_text(&view.scenario().clients[one.client.index()].name),
                city = scene_text(to.name),
                site = scene_text(&view.topology().site(one.sent).name)
            ),
        })
    };
    found.filter_map(one).collect()
}

/// The name of a site's card for a reader of the picture: its state and its counts.
pub(super) fn site_line(row: &SiteRow, anycast: bool) -> String {
    t!(
        "world.told.site",
        name = &row.name,
        state = super::world::state_line(row, anycast),
        percent = u64::from((row.users + 5) / 10),
        answered = thousands(row.answered),
        lost = thousands(row.lost),
        unanswered = thousands(row.unanswered)
    )
}

/// The sites of which no balancer answers.
pub(super) fn dark(sites: &[SiteRow]) -> impl Iterator<Item = &SiteRow> + Clone {
    sites.iter().filter(|row| row.state == SiteState::Dark)
}

/// The longest time of some answers, in words.
pub(super) fn at_most(times: impl Iterator<Item = SimDuration>) -> String {
    whole_time(times.max().unwrap_or_default())
}
