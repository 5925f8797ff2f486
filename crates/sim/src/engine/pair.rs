//! An HA pair: two balancers that cover for each other.
//!
//! Owns the two VRRP machines ([`crate::ha::vrrp`], RFC 9568), the link between them, and what is kept of takeovers
//! and advertisements. It takes a time and an input, and answers with outputs that the engine carries out.
//! **Invariant:** an address is vacant exactly while no machine is active after one was. Intervals are hundredths of a
//! second, as in the RFC; times are microseconds of simulated time.

use std::collections::VecDeque;

use super::event::{Event, SiteEvent};
use super::schedule::Schedule;
use crate::ha::vrrp::{Advert, Vrrp, VrrpConfig, VrrpInput, VrrpOutput, VrrpState};
use crate::ids::BalancerId;
use crate::scenario::topology::{PairMode, PairSpec};
use crate::time::{SimDuration, SimTime};

/// How many takeovers and advertisements are kept for the page.
const KEPT: usize = 16;

/// A takeover: the virtual IP went from one balancer of a pair to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takeover {
    /// When the address was left without an active balancer.
    pub since: SimTime,
    /// When a balancer became active again.
    pub at: SimTime,
    /// The balancer that took over.
    pub by: BalancerId,
    /// The longest time that VRRP allows: three intervals and the skew, or the skew alone after a clean stop.
    pub within: SimDuration,
    /// Whether the balancer before stopped cleanly.
    pub clean: bool,
}

impl Takeover {
    /// How long the address had no active balancer.
    #[must_use]
    pub const fn took(&self) -> SimDuration {
        self.at.since(self.since)
    }
}

/// One VRRP advertisement that was sent, kept for the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdvertSent {
    /// When it was sent.
    pub at: SimTime,
    /// The balancer that sent it.
    pub from: BalancerId,
    /// The sender's priority, 0 to 255; 0 says that it stops.
    pub priority: u8,
    /// Whether the link carried it to the other balancer.
    pub carried: bool,
}

/// What a VRRP machine does after an input, and what was known before it.
#[derive(Clone, Debug, Default)]
pub(super) struct PairOutputs {
    /// What to carry out, in its order.
    pub all: Vec<VrrpOutput>,
    /// When its timer runs out, if that has changed.
    pub timer: Option<SimTime>,
    /// Whether it was active before the input.
    pub was_active: bool,
    /// How long it waits for an advertisement before it takes over (RFC 9568: Active_Down_Interval).
    down: SimDuration,
    /// How much longer it waits than one of the highest priority (RFC 9568: Skew_Time).
    skew: SimDuration,
}

/// An HA pair: two balancers that cover for each other.
#[derive(Clone, Debug)]
pub struct HaPair {
    /// The configuration of the pair.
    pub spec: PairSpec,
    /// Their VRRP machines, in the order of the members; idle where both work.
    pub machines: [Vrrp; 2],
    /// Whether the link between the two carries packets.
    pub link_up: bool,
    /// Since when no balancer has the address, and whether the last one stopped cleanly; `None` if one has it.
    pub vacant: Option<(SimTime, bool)>,
    /// The last takeovers, newest last.
    pub takeovers: VecDeque<Takeover>,
    /// The last advertisements, newest last.
    pub adverts: VecDeque<AdvertSent>,
}

impl HaPair {
    /// The pair that a scenario describes: the one of higher priority is active.
    pub(super) fn new(spec: &PairSpec) -> Self {
        let configs = configs(spec);
        let rank = |config: &VrrpConfig| (config.priority, config.address);
        let first = rank(&configs[0]) > rank(&configs[1]);
        let settled = |index: usize, config| {
            Vrrp::after_startup(config, SimTime::ZERO, (index == 0) == first)
        };
        let [a, b] = configs;
        let machines = match spec.mode {
            PairMode::ActivePassive => [settled(0, a), settled(1, b)],
            PairMode::ActiveActive => configs.map(Vrrp::new),
        };
        Self {
            spec: spec.clone(),
            machines,
            link_up: true,
            vacant: None,
            takeovers: VecDeque::new(),
            adverts: VecDeque::new(),
        }
    }

    /// The VRRP configuration of the two machines, in the order of the members.
    #[must_use]
    pub fn configs(&self) -> [VrrpConfig; 2] {
        configs(&self.spec)
    }

    /// Whether the two share a virtual IP (active-passive).
    #[must_use]
    pub fn is_passive(&self) -> bool {
        self.spec.mode == PairMode::ActivePassive
    }

    /// How many of the two believe that they are active, 0 to 2.
    #[must_use]
    pub fn actives(&self) -> usize {
        let active = |one: &&Vrrp| one.state() == VrrpState::Active;
        self.machines.iter().filter(active).count()
    }

    /// Gives a machine an input; returns what it does. Where both work, neither waits for the other, and nothing
    /// happens.
    pub(super) fn handle(&mut self, now: SimTime, place: usize, input: VrrpInput) -> PairOutputs {
        let mut outputs = PairOutputs::default();
        if !self.is_passive() {
            return outputs;
        }
        let machine = &mut self.machines[place];
        let before = machine.timer();
        outputs.was_active = machine.state() == VrrpState::Active;
        // What a takeover may take is decided by the interval that it had heard of.
        (outputs.down, outputs.skew) = (machine.active_down(), machine.skew());
        machine.handle(now, input, &mut outputs.all);
        let after = machine.timer();
        outputs.timer = after.filter(|_| after != before);
        if outputs.was_active && self.actives() == 0 {
            self.vacant = Some((now, input == VrrpInput::Shutdown));
        }
        outputs
    }

    /// An advertisement reaches a machine; `None` if the link was cut meanwhile.
    pub(super) fn receive_advert(
        &self,
        place: usize,
        priority: u8,
        advert_cs: u16,
    ) -> Option<VrrpInput> {
        let advert = Advert {
            priority,
            advert_cs: u32::from(advert_cs),
            from: self.spec.members[1 - place].address,
        };
        self.link_up.then_some(VrrpInput::Heard(advert))
    }

    /// A balancer sends an advertisement: the link carries it to the other one, unless it is cut.
    pub(super) fn send(
        &mut self,
        (from, to): (BalancerId, BalancerId),
        advert: Advert,
        schedule: &mut Schedule,
    ) {
        let sent = AdvertSent {
            at: schedule.now(),
            from,
            priority: advert.priority,
            carried: self.link_up,
        };
        keep(&mut self.adverts, sent);
        if self.link_up {
            let event = SiteEvent::Advert {
                to,
                priority: advert.priority,
                advert_cs: advert.advert_cs as u16,
            };
            schedule.after(self.spec.link_us, Event::Site(event));
        }
    }

    /// A balancer became active after an input that had these outputs. Returns whether the other one is active too;
    /// otherwise the takeover is kept.
    pub(super) fn took_over(&mut self, now: SimTime, by: BalancerId, why: &PairOutputs) -> bool {
        if self.actives() > 1 {
            return true;
        }
        if let Some((since, clean)) = self.vacant.take() {
            let takeover = Takeover {
                since,
                at: now,
                by,
                within: if clean { why.skew } else { why.down },
                clean,
            };
            keep(&mut self.takeovers, takeover);
        }
        false
    }

    /// Changes the configuration and gives it to both machines, which keep their states. Returns for each when its timer
    /// runs out, if that has changed.
    pub(super) fn reconfigure(
        &mut self,
        now: SimTime,
        change: &dyn Fn(&mut PairSpec),
    ) -> [Option<SimTime>; 2] {
        change(&mut self.spec);
        let configs = self.configs();
        [0, 1].map(|place| {
            let machine = &mut self.machines[place];
            let before = machine.timer();
            machine.reconfigure(now, configs[place]);
            machine.timer().filter(|after| before != Some(*after))
        })
    }
}

fn configs(spec: &PairSpec) -> [VrrpConfig; 2] {
    spec.members.each_ref().map(|member| VrrpConfig {
        priority: member.priority,
        address: member.address,
        advert_cs: spec.advert_cs,
        preempt: spec.preempt,
    })
}

fn keep<T>(list: &mut VecDeque<T>, one: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(one);
}
