//! The advertisements that a backup waits for in vain.

use super::seconds;
use evenkeel_sim::engine::pair::HaPair;
use evenkeel_sim::engine::topology::Site;
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ha::vrrp::{Vrrp, VrrpState};
use evenkeel_sim::ids::SiteId;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::t;

/// How long the misses are seen after the takeover that they led to.
const AFTER: SimDuration = SimDuration::from_secs(4);
/// The most that are missed: then the backup takes over.
const MOST: u64 = 3;

/// The advertisements that a backup has missed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Missed {
    /// The number of missed advertisements, 0 to 3.
    pub count: usize,
    /// What it waits for, in words; empty where it hears its peer.
    pub text: String,
}

/// What the backup of a site has missed; nothing where it hears the active balancer, and where there is no backup.
#[must_use]
pub fn missed(view: View<'_>, id: SiteId) -> Missed {
    let site = view.topology().sites.get(id.index());
    let Some((site, pair)) = site.and_then(|site| Some((site, site.pair.as_ref()?))) else {
        return Missed::default();
    };
    if !pair.is_passive() {
        return Missed::default();
    }
    let backup = pair
        .machines
        .iter()
        .position(|one| one.state() == VrrpState::Backup);
    backup
        .and_then(|place| waiting(view, site, pair, place))
        .or_else(|| after(view, pair))
        .unwrap_or_default()
}

/// While the backup waits.
fn waiting(view: View<'_>, site: &Site, pair: &HaPair, place: usize) -> Option<Missed> {
    let machine = &pair.machines[place];
    let now = view.now();
    let timer = machine.timer()?;
    if said_goodbye(site, pair, place, now) {
        let left = seconds(timer.since(now), 2);
        return Some(Missed {
            count: 0,
            text: t!("pair.missed.goodbye", secs = left),
        });
    }
    let silent = silence(machine, timer, now);
    let count = (silent.as_us() / interval(machine).as_us().max(1)).min(MOST);
    (count > 0).then(|| Missed {
        count: count as usize,
        text: t!("pair.missed", count = count, secs = seconds(silent, 2)),
    })
}

/// Just after a takeover.
fn after(view: View<'_>, pair: &HaPair) -> Option<Missed> {
    let last = pair.takeovers.back()?;
    let news = view.now().since(last.at) < AFTER && !last.clean;
    news.then(|| Missed {
        count: MOST as usize,
        text: t!(
            "pair.missed.took",
            count = MOST,
            secs = seconds(last.within, 2)
        ),
    })
}

/// Whether the last that a backup heard was that the active balancer stops.
fn said_goodbye(site: &Site, pair: &HaPair, place: usize, now: SimTime) -> bool {
    let own = site.balancers.get(place);
    let mut heard = pair.adverts.iter().rev().filter(|sent| {
        Some(&sent.from) != own && sent.carried && sent.at + pair.spec.link_us <= now
    });
    heard.next().is_some_and(|sent| sent.priority == 0)
}

/// The time between two advertisements, as the backup heard it. The takeover comes after three of them and the skew.
fn interval(machine: &Vrrp) -> SimDuration {
    let three = machine.active_down().as_us() - machine.skew().as_us();
    SimDuration::from_us(three / MOST)
}

/// How long the backup has heard nothing.
fn silence(machine: &Vrrp, timer: SimTime, now: SimTime) -> SimDuration {
    let left = timer.since(now).as_us();
    SimDuration::from_us(machine.active_down().as_us().saturating_sub(left))
}
