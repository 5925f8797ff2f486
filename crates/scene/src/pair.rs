//! The balancers of an HA pair: as rows for the page, and as a picture in which requests move.

pub mod addresses;
pub mod costs;
pub mod falls;
pub mod layout;
pub mod marks;
pub mod missed;
pub mod route;
pub mod servers;
pub mod story;

use self::costs::lost_at_node;
use super::chart::table::{DataTable, TableCell};
use super::words::{clock, thousands};
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::engine::request::{Phase, Request};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::engine::{pair::HaPair, topology::NodeState};
use evenkeel_sim::ha::vrrp::{Vrrp, VrrpState};
use evenkeel_sim::ids::{BalancerId, SiteId, VipId};
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::number;
use evenkeel_words::t;

/// The most advertisements in the table.
const ADVERTS: usize = 8;

/// The look of a balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeView {
    /// The balancer answers for an address.
    Works,
    /// The balancer stands by.
    Waits,
    /// The balancer was stopped and takes nothing new.
    Stopped,
    /// The balancer's node is dead.
    Dead,
}

/// One balancer of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeRow {
    /// The identity of the balancer.
    pub id: BalancerId,
    /// The name of the balancer.
    pub name: String,
    /// The balancer's own address.
    pub address: String,
    /// The look of the balancer.
    pub look: NodeView,
    /// Its state in a word.
    pub word: String,
    /// Its VRRP priority, with a comma for what follows; empty where both work.
    pub priority: String,
    /// What its VRRP timer is for, and when it ends; empty where both work.
    pub timer: String,
    /// Requests that are at it or at a server for it.
    pub in_hand: usize,
    /// Requests that reached it in the whole run.
    pub reached: u64,
    /// The number of servers that it believes healthy, and of all it knows.
    pub believes: (usize, usize),
    /// Requests that were lost at it for good, while it does not run.
    pub lost: u64,
    /// Requests that found it dead, and that their clients send again.
    pub waiting: u64,
    /// The share of its processor that is busy; empty where the scene gives it none.
    pub load: String,
}

/// The balancers of a site, one or two.
#[derive(Clone, Debug, PartialEq)]
pub struct PairPicture {
    /// A sentence on the address that clients know, and which balancer answers there.
    pub address: String,
    /// The balancers of the site.
    pub boxes: Vec<NodeRow>,
    /// Whether the link between them carries packets; `None` if there is none to cut.
    pub link_up: Option<bool>,
    /// The time of the last takeover against the formula, or the formula alone; empty where both work.
    pub takeover: String,
}

/// The picture of a site's balancers; `None` for a site that does not exist.
#[must_use]
pub fn picture(view: View<'_>, id: SiteId) -> Option<PairPicture> {
    let edge = view.topology();
    let site = edge.sites.get(id.index())?;
    let passive = site.pair.as_ref().filter(|pair| pair.is_passive());
    let boxes: Vec<NodeRow> = site.balancers.iter().map(|id| row(view, *id)).collect();
    Some(PairPicture {
        address: address_line(view, site.pair.as_ref(), &site.vips),
        boxes,
        link_up: passive.map(|pair| pair.link_up),
        takeover: passive.map_or_else(String::new, |pair| takeover_line(view, pair)),
    })
}

fn address_line(view: View<'_>, pair: Option<&HaPair>, vips: &[VipId]) -> String {
    let vip = pair.and_then(|pair| pair.spec.vip);
    let Some(vip) = vip else {
        return t!("pair.addresses", count = vips.len() as u64);
    };
    let vip = vip.to_string();
    let answers = vips
        .iter()
        .find_map(|vip| view.topology().vip_owner(*vip, 0));
    match (answers, pair.is_some_and(HaPair::is_passive)) {
        (_, false) => t!("pair.ecmp", vip = vip),
        (Some(id), true) => {
            let name = view.topology().nodes[id.index()].name.clone();
            t!("pair.answers", vip = vip, name = name)
        }
        (None, true) => t!("pair.silent", vip = vip),
    }
}

fn row(view: View<'_>, id: BalancerId) -> NodeRow {
    let edge = view.topology();
    let record = &edge.nodes[id.index()];
    let (site, place) = edge.position_in_site(id);
    let pair = edge.site(site).pair.as_ref();
    let passive = pair.filter(|pair| pair.is_passive());
    let machine = passive.map(|pair| &pair.machines[place]);
    let unheard = passive.is_some_and(|pair| pair.actives() > 1)
        && edge
            .site(site)
            .vips
            .first()
            .and_then(|vip| edge.vip_owner(*vip, 0))
            != Some(id);
    let look = match (record.state, machine.map(Vrrp::state)) {
        (NodeState::Dead, _) => NodeView::Dead,
        (NodeState::Stopped, _) => NodeView::Stopped,
        (NodeState::Up, Some(VrrpState::Backup)) => NodeView::Waits,
        (NodeState::Up, _) => NodeView::Works,
    };
    let word = match (look, machine) {
        (NodeView::Dead, _) => t!("pair.word.dead"),
        (NodeView::Stopped, _) => t!("pair.word.stopped"),
        (NodeView::Waits, _) => t!("pair.word.backup"),
        (NodeView::Works, Some(_)) if unheard => t!("pair.word.unheard"),
        (NodeView::Works, Some(_)) => t!("pair.word.active"),
        (NodeView::Works, None) => t!("pair.word.works"),
    };
    let endpoints = view.balancer_at(id).endpoints();
    let well = |belief| {
        matches!(
            belief,
            Belief::Healthy | Belief::Failing | Belief::SlowStart
        )
    };
    let healthy = endpoints.iter().filter(|one| well(one.belief())).count();
    let in_hand = |request: &Request| {
        let away = matches!(
            request.phase,
            Phase::Resolving { .. }
                | Phase::Connecting { .. }
                | Phase::ToBalancer(_)
                | Phase::Lost { .. }
                | Phase::ToClient(..)
        );
        request.upstream_ref.balancer == id && !away
    };
    let (lost, waiting) = if edge.is_up(id) {
        (0, 0)
    } else {
        lost_at_node(view, id)
    };
    NodeRow {
        id,
        name: name_of(view, id),
        address: pair.map_or_else(String::new, |pair| {
            pair.spec.members[place].address.to_string()
        }),
        look,
        word,
        priority: machine.map_or_else(String::new, |machine| {
            t!(
                "pair.timer.priority",
                priority = u64::from(machine.config().priority)
            )
        }),
        timer: machine.map_or_else(String::new, |machine| timer_line(view.now(), machine)),
        in_hand: view.requests().filter(|(_, one)| in_hand(one)).count(),
        reached: record.reached,
        believes: (healthy, endpoints.len()),
        lost,
        waiting,
        load: load(view, id),
    }
}

/// The share of a balancer's processor that is busy; empty where the scene gives it none, or its node is dead.
fn load(view: View<'_>, id: BalancerId) -> String {
    let processor = view.balancer_at(id).front().processor();
    let alive = view.topology().nodes[id.index()].state != NodeState::Dead;
    processor.filter(|_| alive).map_or_else(String::new, |one| {
        let busy = f64::from(one.share_permille(view.now())) / 1e3;
        t!("pair.figures.load", busy = number::percent(busy))
    })
}

/// The name of a balancer; that of its site, where it has none of its own; a word for it, where neither has one.
#[must_use]
pub fn name_of(view: View<'_>, id: BalancerId) -> String {
    let record = &view.topology().nodes[id.index()];
    let site = &view.topology().site(record.site).name;
    match (record.name.as_str(), site.as_str()) {
        ("", "") => t!("picture.balancer"),
        ("", site) => site.to_string(),
        (name, _) => name.to_string(),
    }
}

fn timer_line(now: SimTime, machine: &Vrrp) -> String {
    let Some(at) = machine.timer() else {
        return t!("pair.timer.none");
    };
    let left = seconds(at.since(now), 1);
    if machine.state() == VrrpState::Active {
        t!("pair.timer.advert", secs = left)
    } else {
        t!("pair.timer.takeover", secs = left)
    }
}

fn takeover_line(view: View<'_>, pair: &HaPair) -> String {
    if let Some((since, _)) = pair.vacant {
        return t!("pair.vacant", secs = seconds(view.now().since(since), 1));
    }
    let interval = seconds(
        SimDuration::from_ms(10).times(u64::from(pair.spec.advert_cs)),
        2,
    );
    let Some(last) = pair.takeovers.back() else {
        let backup = pair
            .machines
            .iter()
            .find(|one| one.state() == VrrpState::Backup);
        return backup.map_or_else(String::new, |one| {
            t!(
                "pair.formula",
                interval = interval,
                skew = seconds(one.skew(), 2),
                most = seconds(one.active_down(), 2)
            )
        });
    };
    let name = view.topology().nodes[last.by.index()].name.clone();
    // The backup's timer starts when the last advertisement arrives, which may be after the sender has died.
    let way = pair.spec.link_us;
    let (took, most) = (seconds(last.took(), 2), seconds(last.within + way, 2));
    let way = seconds(way, 2);
    if last.clean {
        return t!(
            "pair.took.clean",
            name = name,
            took = took,
            most = most,
            way = way
        );
    }
    t!(
        "pair.took",
        name = name,
        took = took,
        most = most,
        interval = interval,
        way = way
    )
}

fn seconds(span: SimDuration, digits: usize) -> String {
    number::fixed(span.as_us() as f64 / 1e6, digits)
}

/// The balancers of a site as a table; empty for a site that does not exist.
#[must_use]
pub fn table(view: View<'_>, id: SiteId) -> DataTable {
    let mut table = DataTable::new([
        t!("pair.head.balancer"),
        t!("pair.head.address"),
        t!("pair.head.state"),
        t!("pair.head.timer"),
        t!("pair.head.in_hand"),
        t!("pair.head.reached"),
        t!("pair.head.believes"),
    ]);
    let count = |number: u64| TableCell::number(thousands(number), number as f64);
    for row in picture(view, id).map(|all| all.boxes).unwrap_or_default() {
        let (well, all) = row.believes;
        let believes = t!("pair.well_of", well = well, all = all);
        table.rows.push(vec![
            TableCell::text(row.name),
            TableCell::text(row.address),
            TableCell::text(row.word),
            TableCell::text(format!("{} {}", row.priority, row.timer).trim().to_string()),
            count(row.in_hand as u64),
            count(row.reached),
            TableCell::number(believes, well as f64),
        ]);
    }
    table
}

/// The last advertisements on a site's link, newest first; empty if there are none.
#[must_use]
pub fn adverts(view: View<'_>, id: SiteId) -> DataTable {
    let mut table = DataTable::new([
        t!("pair.head.sent"),
        t!("pair.head.from"),
        t!("pair.head.priority"),
        t!("pair.head.carried"),
    ]);
    let site = view.topology().sites.get(id.index());
    let Some(pair) = site.and_then(|site| site.pair.as_ref()) else {
        return table;
    };
    for advert in pair.adverts.iter().rev().take(ADVERTS) {
        let carried = if advert.carried {
            t!("pair.advert.carried")
        } else {
            t!("pair.advert.lost")
        };
        let priority = u64::from(advert.priority);
        table.rows.push(vec![
            TableCell::number(clock(advert.at), advert.at.as_secs_f64()),
            TableCell::text(view.topology().nodes[advert.from.index()].name.clone()),
            TableCell::number(thousands(priority), priority as f64),
            TableCell::text(carried),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, NodeFault, SiteCommand};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::validate::parse;

    fn scene() -> Engine {
        let text = include_str!("../../../assets/scenarios/active_passive.json");
        let scenario = parse(text).expect("it is valid");
        Engine::new(&scenario, 7)
    }

    fn run(engine: &mut Engine, ms: u64) {
        let until = engine.view().now() + SimDuration::from_ms(ms);
        engine.run_until(until, EventBudget::UNBOUNDED);
    }

    #[test]
    fn the_formula_stands_there_before_and_the_time_it_took_after() {
        let mut engine = scene();
        run(&mut engine, 10_300);
        let before = picture(engine.view(), SiteId(0)).expect("it is there");
        assert!(before.takeover.contains("3.61"), "{}", before.takeover);
        assert!(before.address.contains("LB 1"), "{}", before.address);
        assert_eq!(
            before.boxes.iter().map(|one| one.look).collect::<Vec<_>>(),
            [NodeView::Works, NodeView::Waits]
        );
        let kill = SiteCommand::Node(BalancerId(0), NodeFault::Kill);
        engine.apply(Command::Site(kill)).expect("it is there");
        run(&mut engine, 1_000);
        let vacant = picture(engine.view(), SiteId(0)).expect("it is there");
        assert!(vacant.takeover.contains("1.0"), "{vacant:?}");
        assert!(vacant.address.contains("Nobody answers"), "{vacant:?}");
        run(&mut engine, 5_000);
        let after = picture(engine.view(), SiteId(0)).expect("it is there");
        assert!(after.takeover.starts_with("LB 2"), "{}", after.takeover);
        assert_eq!(after.boxes[0].look, NodeView::Dead);
        let table = table(engine.view(), SiteId(0));
        assert_eq!(table.rows.len(), 2);
        assert_eq!(table.rows[1][2].text, "active");
        assert!(after.boxes[1].in_hand > 0);
    }

    #[test]
    fn adverts_are_lost_where_the_link_is_cut() {
        let mut engine = scene();
        run(&mut engine, 10_040);
        let cut = SiteCommand::SetLink(SiteId(0), false);
        engine.apply(Command::Site(cut)).expect("there is one");
        run(&mut engine, 1_100);
        let adverts = adverts(engine.view(), SiteId(0));
        let ends = [0, adverts.rows.len() - 1].map(|place| adverts.rows[place][3].text.clone());
        assert_eq!(ends, ["lost where the link is cut", "arrived"]);
    }
}
