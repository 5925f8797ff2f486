//! VRRP version 3 (RFC 9568): which of several routers answers for a virtual IP.
//!
//! A state machine without clock or network: it is given events with their times, and returns what to send. Section
//! 6.4 has its three states, section 6.1 its timers. A backup takes over when its master-down timer ends
//! ([`Vrrp::active_down`]): RFC 5798 calls the time `Master_Down_Interval`, RFC 9568 `Active_Down_Interval`.
//!
//! One thing beyond the RFC is taken from keepalived: an active router that hears one of lower priority also repeats its
//! gratuitous ARP (`garp_lower_prio_repeat`), since the segment may have believed the other.
//!
//! A router that becomes active sends one gratuitous ARP: section 6.4.2 asks for no more. Daemons
//! send several and some again after seconds (keepalived: `garp_master_repeat`, five, and
//! `garp_master_delay`, once more after five seconds), because a segment may lose a frame. The
//! segment here loses none unless its link is cut, so repeats would change nothing to be seen.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::time::{SimDuration, SimTime};

/// The priority of the router that owns the virtual address (RFC 9568, 5.2.4).
pub const OWNER: u8 = 255;
/// The longest advertisement interval, in hundredths of a second: the field has 12 bits.
pub const MAX_ADVERT_CS: u32 = 4_095;

/// The configuration of one router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VrrpConfig {
    /// The priority, 1 to 254; [`OWNER`] for the owner of the address. The higher wins.
    pub priority: u8,
    /// The router's own address: of equal priorities the higher address wins.
    pub address: IpAddr,
    /// The time between two advertisements, in hundredths of a second, 1 to [`MAX_ADVERT_CS`].
    pub advert_cs: u32,
    /// Whether it takes over from an active router of lower priority.
    pub preempt: bool,
}

/// The state of a router.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VrrpState {
    /// The router does not run.
    #[default]
    Initialize,
    /// The router listens, and takes over when it hears nothing.
    Backup,
    /// The router answers for the virtual IP.
    Active,
}

impl VrrpState {
    /// The word for it on the page.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Initialize => "stopped",
            Self::Backup => "backup",
            Self::Active => "active",
        }
    }
}

/// An advertisement, as far as it decides anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advert {
    /// The sender's priority; 0 says that it stops.
    pub priority: u8,
    /// The sender's interval, in hundredths of a second.
    pub advert_cs: u32,
    /// The sender's own address.
    pub from: IpAddr,
}

/// The inputs of a router's state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VrrpInput {
    /// The router starts to run.
    Startup,
    /// The router is stopped cleanly.
    Shutdown,
    /// The router loses its power, without telling anyone.
    Crash,
    /// The time of [`Vrrp::timer`] has come.
    Timer,
    /// An advertisement of another router arrived.
    Heard(Advert),
}

/// The outputs of a router's state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VrrpOutput {
    /// Send an advertisement to all others.
    Send(Advert),
    /// Tell the segment that the virtual IP is here.
    GratuitousArp,
    /// The router changed its state.
    Became(VrrpState),
}

/// The VRRP state machine of one router.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vrrp {
    config: VrrpConfig,
    state: VrrpState,
    /// If active: when it advertises next. If backup: when it takes over.
    timer: Option<SimTime>,
    /// The interval of the active router, as it advertised: `Active_Adver_Interval`.
    active_cs: u32,
}

impl Vrrp {
    /// A router that does not run yet.
    #[must_use]
    pub const fn new(config: VrrpConfig) -> Self {
        Self {
            config,
            state: VrrpState::Initialize,
            timer: None,
            active_cs: config.advert_cs,
        }
    }

    /// A router in a group that has been running for long: active, or backup of one that advertises now.
    #[must_use]
    pub fn after_startup(config: VrrpConfig, now: SimTime, active: bool) -> Self {
        let mut router = Self::new(config);
        if active {
            router.state = VrrpState::Active;
            router.timer = Some(now);
        } else {
            router.become_backup(now);
        }
        router
    }

    /// The present state of the router.
    #[must_use]
    pub const fn state(&self) -> VrrpState {
        self.state
    }

    /// The present configuration of the router.
    #[must_use]
    pub const fn config(&self) -> &VrrpConfig {
        &self.config
    }

    /// When the router needs [`VrrpInput::Timer`]; `None` while it does not run.
    #[must_use]
    pub const fn timer(&self) -> Option<SimTime> {
        self.timer
    }

    /// `Skew_Time`: (256 − priority) × interval / 256. The lower the priority, the longer.
    #[must_use]
    pub fn skew(&self) -> SimDuration {
        interval(self.active_cs).scaled(256 - u64::from(self.config.priority), 256)
    }

    /// The master-down timer (`Active_Down_Interval`): how long a backup hears nothing before it takes over. Three
    /// intervals and the skew.
    #[must_use]
    pub fn active_down(&self) -> SimDuration {
        interval(self.active_cs).times(3) + self.skew()
    }

    /// Handles an input; the outputs are added to `out`.
    pub fn handle(&mut self, now: SimTime, input: VrrpInput, out: &mut Vec<VrrpOutput>) {
        match (self.state, input) {
            (VrrpState::Initialize, VrrpInput::Startup) if self.config.priority == OWNER => {
                self.become_active(now, out);
            }
            (VrrpState::Initialize, VrrpInput::Startup) => {
                self.active_cs = self.config.advert_cs;
                self.become_backup(now);
                out.push(VrrpOutput::Became(VrrpState::Backup));
            }
            (VrrpState::Initialize, _) | (_, VrrpInput::Startup) => {}
            (VrrpState::Active, VrrpInput::Shutdown) => {
                out.push(VrrpOutput::Send(self.advert(0)));
                self.stop(out);
            }
            (_, VrrpInput::Shutdown | VrrpInput::Crash) => self.stop(out),
            (VrrpState::Backup, VrrpInput::Timer) => self.become_active(now, out),
            (VrrpState::Active, VrrpInput::Timer) => self.advertise(now, out),
            (VrrpState::Backup, VrrpInput::Heard(advert)) => self.heard_as_backup(now, advert),
            (VrrpState::Active, VrrpInput::Heard(advert)) => self.heard_as_active(now, advert, out),
        }
    }

    fn heard_as_backup(&mut self, now: SimTime, advert: Advert) {
        if advert.priority == 0 {
            self.timer = Some(now + self.skew());
        } else if !self.preempts() || advert.priority >= self.config.priority {
            self.active_cs = advert.advert_cs;
            self.timer = Some(now + self.active_down());
        }
    }

    fn heard_as_active(&mut self, now: SimTime, advert: Advert, out: &mut Vec<VrrpOutput>) {
        let own = (self.config.priority, self.config.address);
        if advert.priority == 0 {
            self.advertise(now, out);
        } else if (advert.priority, advert.from) > own {
            self.active_cs = advert.advert_cs;
            self.become_backup(now);
            out.push(VrrpOutput::Became(VrrpState::Backup));
        } else {
            // RFC 9568 asserts itself at once, so that two are active for no longer than needed.
            out.push(VrrpOutput::Send(self.advert(self.config.priority)));
            out.push(VrrpOutput::GratuitousArp);
        }
    }

    /// Whether it preempts; the owner of the address always does (RFC 9568, 6.1, `Preempt_Mode`).
    const fn preempts(&self) -> bool {
        self.config.preempt || self.config.priority == OWNER
    }

    /// Changes the configuration; the state stays. The interval of an active router counts from its next
    /// advertisement, which comes no later than the old or the new one allows. A backup keeps the interval that it
    /// heard of, and its timer moves with its skew.
    pub fn reconfigure(&mut self, now: SimTime, config: VrrpConfig) {
        let skew = self.skew();
        self.config = config;
        match (self.state, self.timer) {
            (VrrpState::Active, Some(at)) => {
                self.timer = Some(at.min(now + interval(config.advert_cs)));
            }
            (VrrpState::Backup, Some(at)) => {
                let moved = (at.as_us() + self.skew().as_us()).saturating_sub(skew.as_us());
                self.timer = Some(SimTime::from_us(moved).max(now));
            }
            _ => {}
        }
    }

    fn become_backup(&mut self, now: SimTime) {
        self.state = VrrpState::Backup;
        self.timer = Some(now + self.active_down());
    }

    fn become_active(&mut self, now: SimTime, out: &mut Vec<VrrpOutput>) {
        self.state = VrrpState::Active;
        self.advertise(now, out);
        out.push(VrrpOutput::GratuitousArp);
        out.push(VrrpOutput::Became(VrrpState::Active));
    }

    fn advertise(&mut self, now: SimTime, out: &mut Vec<VrrpOutput>) {
        out.push(VrrpOutput::Send(self.advert(self.config.priority)));
        self.timer = Some(now + interval(self.config.advert_cs));
    }

    fn stop(&mut self, out: &mut Vec<VrrpOutput>) {
        self.state = VrrpState::Initialize;
        self.timer = None;
        out.push(VrrpOutput::Became(VrrpState::Initialize));
    }

    const fn advert(&self, priority: u8) -> Advert {
        Advert {
            priority,
            advert_cs: self.config.advert_cs,
            from: self.config.address,
        }
    }
}

fn interval(centiseconds: u32) -> SimDuration {
    SimDuration::from_ms(10).times(u64::from(centiseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(priority: u8, last: u8, advert_cs: u32, preempt: bool) -> Vrrp {
        Vrrp::new(VrrpConfig {
            priority,
            address: IpAddr::from([10, 0, 0, last]),
            advert_cs,
            preempt,
        })
    }

    fn tell(router: &mut Vrrp, at_ms: u64, input: VrrpInput) -> Vec<VrrpOutput> {
        let mut out = Vec::new();
        router.handle(SimTime::from_us(at_ms * 1_000), input, &mut out);
        out
    }

    #[test]
    fn timers_follow_the_formulas() {
        // Worked by hand: 3 × 1 s + (256 − 100) × 1 s / 256 = 3.609375 s.
        let cases = [
            (100, 100, 3_609_375),
            (1, 100, 3_996_093),
            (254, 100, 3_007_812),
            (100, 10, 360_937),
            (254, 1_000, 30_078_125),
        ];
        for (priority, advert_cs, us) in cases {
            let router = router(priority, 1, advert_cs, true);
            assert_eq!(router.active_down().as_us(), us, "{priority} {advert_cs}");
        }
    }

    #[test]
    fn a_backup_takes_over_when_it_hears_nothing_and_the_owner_at_once() {
        let mut backup = router(100, 1, 100, true);
        tell(&mut backup, 0, VrrpInput::Startup);
        assert_eq!(backup.state(), VrrpState::Backup);
        assert_eq!(backup.timer(), Some(SimTime::from_us(3_609_375)));
        let out = tell(&mut backup, 3_610, VrrpInput::Timer);
        assert_eq!(backup.state(), VrrpState::Active);
        assert!(out.contains(&VrrpOutput::GratuitousArp), "{out:?}");
        let mut owner = router(OWNER, 1, 100, true);
        tell(&mut owner, 0, VrrpInput::Startup);
        assert_eq!(owner.state(), VrrpState::Active);
    }

    #[test]
    fn priority_zero_leaves_only_the_skew() {
        let (mut first, mut second) = (router(200, 1, 100, true), router(100, 2, 100, true));
        tell(&mut first, 0, VrrpInput::Startup);
        tell(&mut second, 0, VrrpInput::Startup);
        tell(&mut first, 3_300, VrrpInput::Timer);
        let out = tell(&mut first, 5_000, VrrpInput::Shutdown);
        let VrrpOutput::Send(goodbye) = out[0] else {
            panic!("{out:?}");
        };
        assert_eq!(goodbye.priority, 0);
        tell(&mut second, 5_000, VrrpInput::Heard(goodbye));
        assert_eq!(second.timer(), Some(SimTime::from_us(5_000_000 + 609_375)));
    }

    #[test]
    fn preemption_decides_whether_a_lesser_advert_is_heeded() {
        let lesser = Advert {
            priority: 50,
            advert_cs: 100,
            from: IpAddr::from([10, 0, 0, 9]),
        };
        for (preempt, expected) in [(true, 3_609_375), (false, 2_000_000 + 3_609_375)] {
            let mut backup = router(100, 1, 100, preempt);
            tell(&mut backup, 0, VrrpInput::Startup);
            tell(&mut backup, 2_000, VrrpInput::Heard(lesser));
            assert_eq!(backup.timer(), Some(SimTime::from_us(expected)));
        }
    }

    #[test]
    fn of_two_active_the_higher_stays_and_ties_go_to_the_higher_address() {
        for (priority, last, yields) in [(200, 1, true), (100, 9, true), (100, 1, false)] {
            let mut active = router(100, 5, 100, true);
            tell(&mut active, 0, VrrpInput::Startup);
            tell(&mut active, 4_000, VrrpInput::Timer);
            let advert = Advert {
                priority,
                advert_cs: 300,
                from: IpAddr::from([10, 0, 0, last]),
            };
            let out = tell(&mut active, 4_100, VrrpInput::Heard(advert));
            assert_eq!(active.state() == VrrpState::Backup, yields);
            // Who stays asserts itself; who yields waits by the other's interval.
            assert_eq!(out.contains(&VrrpOutput::GratuitousArp), !yields);
            if yields {
                assert_eq!(active.active_down().as_us(), 9_000_000 + 1_828_125);
            }
        }
    }

    #[test]
    fn a_crash_is_told_to_nobody() {
        let mut active = router(OWNER, 1, 100, true);
        tell(&mut active, 0, VrrpInput::Startup);
        let out = tell(&mut active, 10, VrrpInput::Crash);
        assert_eq!(out, [VrrpOutput::Became(VrrpState::Initialize)]);
        assert_eq!(active.timer(), None);
    }
}
