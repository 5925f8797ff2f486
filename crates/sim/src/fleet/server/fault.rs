//! The faults of a server: what each does to the machine, and one row of facts about each. Whatever lists faults (the
//! server's menu, comparisons, the event list, the command line, the tests) reads it here. Shares and factors are in
//! thousandths.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{ProcessState, Server};
use crate::rng::{Purpose, Rng, below, stream};
use crate::time::SimTime;
use crate::units::Permille;

/// A packet gets through after so many losses at the latest: then TCP would give up (Linux: `tcp_retries2`).
const MOST_LOSSES: u32 = 15;

/// The faults of a server, as a command gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The server's process dies.
    Crash,
    /// The server's process accepts requests and never answers.
    Hang,
    /// Everything takes this many times as long, in thousandths.
    Slow(Permille),
    /// This share of the server's answers, in thousandths, is a 500. Its health page still says 200.
    Fail(Permille),
    /// Like `Fail`, but the 500 comes at once, without a worker: such a server looks idle.
    FailFast(Permille),
    /// The link to the server loses this share of its packets, in thousandths.
    Loss(Permille),
    /// The server is repaired: no fault is left.
    Restore,
}

/// The fault of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerFault {
    /// The process is gone.
    Crashed,
    /// The process accepts requests and never answers.
    Hanging,
    /// A share of its answers, in thousandths, is a 500.
    Failing(Permille),
    /// It is slower than it should be, in thousandths of its usual time.
    Slow(Permille),
    /// The link to it loses a share of its packets, in thousandths.
    Loss(Permille),
}

/// The facts about one fault.
#[derive(Debug, PartialEq, Eq)]
pub struct FaultRow {
    /// Its name in the keys of the page's texts, `fault.ID.…`.
    pub id: &'static str,
    /// What the entry of the server's menu does; `None` if the menu has no entry for it.
    pub menu: Option<FaultKind>,
    /// What it is in a comparison.
    pub compared: FaultKind,
}

static CRASH: FaultRow = FaultRow {
    id: "crash",
    menu: None,
    compared: FaultKind::Crash,
};
static HANG: FaultRow = FaultRow {
    id: "hang",
    menu: Some(FaultKind::Hang),
    compared: FaultKind::Hang,
};
static SLOW: FaultRow = FaultRow {
    id: "slow",
    menu: Some(FaultKind::Slow(Permille(4_000))),
    compared: FaultKind::Slow(Permille(4_000)),
};
static FAIL: FaultRow = FaultRow {
    id: "fail",
    menu: Some(FaultKind::Fail(Permille(500))),
    compared: FaultKind::FailFast(Permille(1_000)),
};

static LOSS: FaultRow = FaultRow {
    id: "loss",
    menu: Some(FaultKind::Loss(Permille(300))),
    compared: FaultKind::Loss(Permille(300)),
};

/// Every fault, in the order of the page.
pub static FAULTS: &[&FaultRow] = &[&CRASH, &HANG, &SLOW, &FAIL, &LOSS];

impl FaultKind {
    /// Every command by example, with what it does in a few words.
    pub const EXAMPLES: &[(Self, &str)] = &[
        (Self::Crash, "its process dies"),
        (Self::Hang, "it accepts and never answers"),
        (Self::Slow(Permille(4_000)), "all takes 4 times as long"),
        (Self::Fail(Permille(300)), "300 of 1000 answers are 500s"),
        (Self::FailFast(Permille(300)), "the same, at once"),
        (
            Self::Loss(Permille(300)),
            "its link loses 300 of 1000 packets",
        ),
        (Self::Restore, "it is repaired"),
    ];

    /// The row of the fault; `None` for the repair.
    #[must_use]
    pub const fn row(self) -> Option<&'static FaultRow> {
        match self {
            Self::Crash => Some(&CRASH),
            Self::Hang => Some(&HANG),
            Self::Slow(_) => Some(&SLOW),
            Self::Fail(_) | Self::FailFast(_) => Some(&FAIL),
            Self::Loss(_) => Some(&LOSS),
            Self::Restore => None,
        }
    }

    /// Its share or factor, and the range of that; `None` if it has none.
    #[must_use]
    pub const fn permille(&mut self) -> Option<(&mut Permille, RangeInclusive<u32>)> {
        match self {
            Self::Slow(factor) => Some((factor, 1_000..=1_000_000)),
            Self::Fail(share) | Self::FailFast(share) | Self::Loss(share) => {
                Some((share, 1..=1_000))
            }
            Self::Crash | Self::Hang | Self::Restore => None,
        }
    }
}

impl ServerFault {
    /// The row of the fault.
    #[must_use]
    pub const fn row(self) -> &'static FaultRow {
        match self {
            Self::Crashed => &CRASH,
            Self::Hanging => &HANG,
            Self::Failing(_) => &FAIL,
            Self::Slow(_) => &SLOW,
            Self::Loss(_) => &LOSS,
        }
    }

    /// Its share or factor; 0 if it has none.
    #[must_use]
    pub const fn permille(self) -> Permille {
        match self {
            Self::Crashed | Self::Hanging => Permille(0),
            Self::Failing(permille) | Self::Slow(permille) | Self::Loss(permille) => permille,
        }
    }
}

/// The faults of a process that works.
#[derive(Clone, Debug)]
pub(super) struct Faults {
    /// How many times slower than its speed it is; 1000 is not slow at all.
    pub slow: Permille,
    /// The share of its answers that is a 500.
    fail: Permille,
    /// Whether these 500s come at once, without a worker.
    fails_fast: bool,
    /// The packets that its link loses; `None` if it loses none.
    loss: Option<PacketLoss>,
}

/// A link that loses packets.
#[derive(Clone, Debug)]
struct PacketLoss {
    share: Permille,
    /// Which packets are lost; `None` before the first.
    draws: Option<Box<Rng>>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            slow: Permille::ONE,
            fail: Permille(0),
            fails_fast: false,
            loss: None,
        }
    }
}

impl Server {
    /// Breaks or repairs the server. Of a process that works it ends other faults; a dead or hanging one stays so until
    /// it is repaired. After a crash call [`Self::clear`] and tell the requests.
    pub fn inject(&mut self, now: SimTime, fault: FaultKind) {
        match fault {
            FaultKind::Crash => return self.crash(),
            FaultKind::Hang => return self.hang(now),
            FaultKind::Restore => return self.restore(now),
            FaultKind::Slow(_)
            | FaultKind::Fail(_)
            | FaultKind::FailFast(_)
            | FaultKind::Loss(_) => {}
        }
        if self.process == ProcessState::Up {
            self.restore(now);
        }
        match fault {
            FaultKind::Slow(permille) => self.slow_down(now, permille),
            FaultKind::Fail(share) => self.faults.fail = share,
            FaultKind::FailFast(share) => {
                (self.faults.fail, self.faults.fails_fast) = (share, true);
            }
            FaultKind::Loss(share) => {
                self.faults.loss = Some(PacketLoss { share, draws: None });
            }
            FaultKind::Crash | FaultKind::Hang | FaultKind::Restore => {}
        }
    }

    /// How often in a row something fails that needs so many packets to cross the link, in a run with this seed.
    pub fn losses(&mut self, packets: u32, seed: u64) -> u32 {
        let Some(loss) = &mut self.faults.loss else {
            return 0;
        };
        // The stream 0 decides which attempts fail.
        let index = u64::from(self.id.0) + 1;
        let draws = loss
            .draws
            .get_or_insert_with(|| Box::new(stream(seed, Purpose::Fault, index)));
        let mut is_lost = || below(draws, 1_000) < loss.share.0;
        let fails = |_: &u32| (0..packets).any(|_| is_lost());
        (0..MOST_LOSSES).take_while(fails).count() as u32
    }

    /// The process dies. Call [`Self::clear`] and tell the requests.
    pub fn crash(&mut self) {
        self.process = ProcessState::Crashed;
        self.load = None;
    }

    /// The process hangs: all its jobs stand still.
    pub fn hang(&mut self, now: SimTime) {
        self.advance_jobs(now);
        self.process = ProcessState::Hanging;
        self.reschedule(now);
    }

    /// Ends all faults; hanging jobs go on.
    pub fn restore(&mut self, now: SimTime) {
        self.advance_jobs(now);
        self.process = ProcessState::Up;
        self.faults = Faults::default();
        self.reschedule(now);
    }

    /// Makes it `factor` times slower than its speed, work in progress included.
    pub fn slow_down(&mut self, now: SimTime, factor: Permille) {
        self.advance_jobs(now);
        self.faults.slow = factor.max(Permille(1));
        self.reschedule(now);
    }

    /// Whether it fails an attempt of a request: it fails a share of its answers, which the request's `fault_roll`
    /// decides, 0 to 999. Another server or attempt gives another number, the same request the same one.
    #[must_use]
    pub const fn fails(&self, fault_roll: u32, attempt: u32) -> bool {
        (fault_roll + 389 * self.id.0 + 617 * (attempt - 1)) % 1_000 < self.faults.fail.0
    }

    /// Whether it fails an attempt at once, without a worker.
    #[must_use]
    pub const fn fails_at_once(&self, fault_roll: u32, attempt: u32) -> bool {
        self.faults.fails_fast && self.fails(fault_roll, attempt)
    }

    /// The server's fault; `None` if it has none.
    #[must_use]
    pub fn trouble(&self) -> Option<ServerFault> {
        let faults = &self.faults;
        match self.process {
            ProcessState::Crashed => Some(ServerFault::Crashed),
            ProcessState::Hanging => Some(ServerFault::Hanging),
            ProcessState::Up if faults.fail > Permille(0) => {
                Some(ServerFault::Failing(faults.fail))
            }
            ProcessState::Up if faults.slow > Permille::ONE => Some(ServerFault::Slow(faults.slow)),
            ProcessState::Up => faults
                .loss
                .as_ref()
                .map(|loss| ServerFault::Loss(loss.share)),
        }
    }
}
