//! The texts of a small stage, in a figure on the page and in its picture: which balancer is shown if there are
//! several, its name, and what stands in front of it.

use super::pick_explanation::why;
use super::words;
use evenkeel_sim::engine::topology::NodeState;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ha::vrrp::VrrpState;
use evenkeel_sim::ids::{BalancerId, SiteId};
use evenkeel_words::scene_text;
use evenkeel_words::t;

/// The balancer that a figure should look at: the present one while it works, then another of its site that does, then
/// one of another site. `None` if none works: the figure stays.
#[must_use]
pub fn working(view: View<'_>) -> Option<BalancerId> {
    let now = view.balancer().id;
    let edge = view.topology();
    let home = edge.position_in_site(now).0;
    let near = view
        .balancers()
        .filter(|one| edge.position_in_site(one.id).0 == home);
    let far = view
        .balancers()
        .filter(|one| edge.position_in_site(one.id).0 != home);
    [now]
        .into_iter()
        .chain(near.chain(far).map(|one| one.id))
        .find(|id| works(view, *id))
}

/// Whether a balancer's node runs and, in an active-passive pair, it holds the virtual IP.
#[must_use]
pub fn works(view: View<'_>, id: BalancerId) -> bool {
    let edge = view.topology();
    let (site, place) = edge.position_in_site(id);
    let pair = edge.sites[site.index()].pair.as_ref();
    let waits = pair
        .is_some_and(|pair| pair.is_passive() && pair.machines[place].state() != VrrpState::Active);
    edge.is_up(id) && !waits
}

/// The text in a client's circle and the text beside it: a name that is too long for the circle, such as a city's,
/// stands beside it.
#[must_use]
pub fn sign(name: &str, note: &str) -> (String, String) {
    if name.chars().count() <= 2 {
        return (name.to_string(), scene_text(note));
    }
    (name.chars().take(1).collect(), scene_text(name))
}

/// The sites that resolvers send users to, or the balancers and their states; empty if there is one that works.
#[must_use]
pub fn in_front(view: View<'_>) -> Vec<String> {
    let edge = view.topology();
    let share = |place: usize| view.pointing_at(SiteId(place as u32)).0 / 10;
    if view.dns().is_some() && edge.sites.len() > 1 {
        let sites = edge.sites.iter().enumerate();
        return sites
            .map(|(place, site)| format!("{}\u{a0}{}\u{a0}%", scene_text(&site.name), share(place)))
            .collect();
    }
    let word = |id: BalancerId| match (edge.nodes[id.index()].state, works(view, id)) {
        (NodeState::Dead, _) => t!("pair.word.dead"),
        (NodeState::Stopped, _) => t!("pair.word.stopped"),
        (NodeState::Up, true) => t!("pair.word.active"),
        (NodeState::Up, false) => t!("pair.word.backup"),
    };
    let balancers: Vec<_> = view.balancers().collect();
    match balancers.as_slice() {
        [one] if edge.is_up(one.id) => Vec::new(),
        [one] => vec![word(one.id)],
        more => more
            .iter()
            .map(|one| format!("{}\u{a0}· {}", one.name, word(one.id)))
            .collect(),
    }
}

/// The algorithm, and the shown site if there are several.
#[must_use]
pub fn heading(view: View<'_>) -> String {
    let algorithm = words::algorithm(view.balancer().picker().algorithm.row());
    let edge = view.topology();
    let (site, _) = edge.position_in_site(view.balancer().id);
    match edge.sites.as_slice() {
        [_] => algorithm,
        sites => format!("{} · {algorithm}", scene_text(&sites[site.index()].name)),
    }
}

/// The server that was picked last and the reason, or that none is picked any more.
#[must_use]
pub fn reason(view: View<'_>) -> String {
    if view.topology().is_up(view.balancer().id) {
        let said = why(view, 0);
        format!("{} {}", said.question, said.answer)
    } else {
        t!("figure.stopped")
    }
}
