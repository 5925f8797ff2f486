//! The traffic: which requests arrive, and when. Every property of a request is drawn at its arrival from its own
//! stream, so that nothing the balancer does changes the traffic.

use rand_distr::{Distribution, Exp1, LogNormal, Pareto};

use super::rate_profile::RateProfile;
use super::spec::{ArrivalProcess, Arrivals, ClassSpec, ClientSpec, Work};
use crate::ids::{ClassId, ClientId};
use crate::rng::{Purpose, Rng, below, stream};
use crate::time::{SimDuration, SimTime};
use crate::units::MilliRps;

/// The most work of one request in microseconds: an hour.
const MAX_WORK_US: u64 = 3_600_000_000;

/// The sampled properties of a request, whatever becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestSample {
    /// The client that sends it.
    pub client: ClientId,
    /// The user behind the client's address.
    pub user: u32,
    /// The class of the request.
    pub class: ClassId,
    /// The number of the item, among those of the class.
    pub item: u32,
    /// The work of the request, at speed 1.
    pub work: SimDuration,
    /// Decides whether a server that fails a share of its answers fails this one: 0 to 999.
    pub fault_roll: u32,
}

/// The source of all requests of a run.
#[derive(Clone, Debug)]
pub struct Traffic {
    process: ArrivalProcess,
    think: SimDuration,
    pace: RateProfile,
    /// How many expected arrivals are left until the next one comes, at `since`. The fraction by
    /// which an arrival was early is kept: rounding each gap down to a microsecond would raise the
    /// rate by 2.5 % at 50,000 a second.
    gap_left: f64,
    since: SimTime,
    arrival: Rng,
    source: Rng,
    class: Rng,
    work: Rng,
    fault: Rng,
    /// The users of a closed loop, each with the random stream of all its draws.
    loop_users: Vec<(ClientId, u32, Rng)>,
    client_shares: Shares,
    users: Vec<u32>,
    class_shares: Shares,
    /// The position in the rotation of the classes; `None` if classes are drawn at random.
    turn: Option<u32>,
    items: Vec<u32>,
    works: Vec<Work>,
}

impl Traffic {
    /// The traffic that these clients send.
    #[must_use]
    pub fn new(
        arrivals: Arrivals,
        clients: &[ClientSpec],
        classes: &[ClassSpec],
        seed: u64,
    ) -> Self {
        let mut traffic = Self {
            process: arrivals.process,
            think: arrivals.think_us,
            pace: RateProfile::new(
                MilliRps::from_rps(arrivals.rate_rps),
                arrivals.bursts,
                arrivals.spike,
            ),
            gap_left: 0.0,
            since: SimTime::ZERO,
            arrival: stream(seed, Purpose::Arrival, 0),
            source: stream(seed, Purpose::Source, 0),
            class: stream(seed, Purpose::Class, 0),
            work: stream(seed, Purpose::Work, 0),
            fault: stream(seed, Purpose::Fault, 0),
            loop_users: loop_users(arrivals.process, clients, seed),
            client_shares: Shares::new(clients.iter().map(|client| client.share).collect()),
            users: clients.iter().map(|client| client.users).collect(),
            class_shares: Shares::new(classes.iter().map(|class| class.share).collect()),
            turn: arrivals.in_turn.then_some(0),
            items: classes.iter().map(|class| class.items).collect(),
            works: classes.iter().map(|class| class.work).collect(),
        };
        traffic.draw_gap();
        traffic
    }

    /// When the next request arrives; `None` if the rate is 0, and in a closed loop.
    #[must_use]
    pub fn next_at(&self) -> Option<SimTime> {
        if self.is_closed() {
            None
        } else {
            self.pace.reach(self.since, self.gap_left)
        }
    }

    /// Takes the request that arrives now, and begins the gap to the next one.
    pub fn arrive(&mut self, now: SimTime) -> RequestSample {
        self.gap_left -= self.pace.expected(self.since, now);
        self.since = now;
        self.draw_gap();
        let client = self.client_shares.draw(&mut self.source);
        let user = below(&mut self.source, self.users[client as usize]);
        let class = self.next_class();
        let item = below(&mut self.class, self.items[class as usize]);
        let work = sample(self.works[class as usize], &mut self.work);
        let fault_roll = below(&mut self.fault, 1_000);
        let (client, class) = (ClientId(client), ClassId(class));
        RequestSample {
            client,
            user,
            class,
            item,
            work,
            fault_roll,
        }
    }

    /// Whether the traffic is a closed loop: users who each send after the last answer.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.process == ArrivalProcess::ClosedLoop
    }

    /// The number of users of a closed loop.
    #[must_use]
    pub fn users(&self) -> u32 {
        self.loop_users.len() as u32
    }

    /// Draws the thinking time of a user of a closed loop: exponential.
    pub fn think(&mut self, user_index: u32) -> SimDuration {
        let unit: f64 = Exp1.sample(&mut self.loop_users[user_index as usize].2);
        SimDuration::from_us((unit * self.think.as_us() as f64) as u64)
    }

    /// Draws the next request of a user of a closed loop.
    pub fn send(&mut self, user_index: u32) -> RequestSample {
        let (client, user, rng) = &mut self.loop_users[user_index as usize];
        let class = self.class_shares.draw(rng);
        let item = below(rng, self.items[class as usize]);
        let work = sample(self.works[class as usize], rng);
        let fault_roll = below(rng, 1_000);
        let (client, user, class) = (*client, *user, ClassId(class));
        RequestSample {
            client,
            user,
            class,
            item,
            work,
            fault_roll,
        }
    }

    /// The index of the closed-loop user who sent a request; `None` without a closed loop.
    #[must_use]
    pub fn user_index(&self, draw: &RequestSample) -> Option<u32> {
        let found = self
            .loop_users
            .binary_search_by_key(&(draw.client, draw.user), |(client, user, _)| {
                (*client, *user)
            });
        found.ok().map(|place| place as u32)
    }

    /// The present mean rate.
    #[must_use]
    pub const fn rate(&self) -> MilliRps {
        self.pace.rate
    }

    /// Changes the rate from now on. The present gap is stretched or shortened, not drawn anew, so that the sequence
    /// of requests stays the same.
    pub fn set_rate(&mut self, now: SimTime, rate: MilliRps) {
        self.gap_left = (self.gap_left - self.pace.expected(self.since, now)).max(0.0);
        self.since = now;
        self.pace.rate = rate;
    }

    /// The class of the next request: at random, or by the position in the rotation.
    fn next_class(&mut self) -> u32 {
        let Some(turn) = self.turn else {
            return self.class_shares.draw(&mut self.class);
        };
        self.turn = Some((turn + 1) % self.class_shares.total.max(1));
        self.class_shares.at_place(turn)
    }

    fn draw_gap(&mut self) {
        self.gap_left += match self.process {
            ArrivalProcess::Poisson | ArrivalProcess::ClosedLoop => Exp1.sample(&mut self.arrival),
            ArrivalProcess::Steady => 1.0,
        };
    }
}

/// The users of a closed loop, in the order of client and user.
fn loop_users(
    process: ArrivalProcess,
    clients: &[ClientSpec],
    seed: u64,
) -> Vec<(ClientId, u32, Rng)> {
    let mut users = Vec::new();
    if process == ArrivalProcess::ClosedLoop {
        for (client, spec) in clients.iter().enumerate() {
            for user in 0..spec.users {
                let rng = stream(seed, Purpose::Person, users.len() as u64);
                users.push((ClientId(client as u32), user, rng));
            }
        }
    }
    users
}

/// The shares of several items, as parts of a whole.
#[derive(Clone, Debug)]
struct Shares {
    all: Vec<u32>,
    total: u32,
}

impl Shares {
    fn new(all: Vec<u32>) -> Self {
        let total: u64 = all.iter().map(|share| u64::from(*share)).sum();
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        Self { all, total }
    }

    /// Draws an item by its share.
    fn draw(&self, rng: &mut Rng) -> u32 {
        self.at_place(below(rng, self.total))
    }

    /// The item whose part of the whole contains the position `at`.
    fn at_place(&self, mut at: u32) -> u32 {
        for (index, share) in self.all.iter().enumerate() {
            if at < *share {
                return index as u32;
            }
            at -= share;
        }
        0
    }
}

/// Draws the work of one request: at least a microsecond, at most an hour.
fn sample(work: Work, rng: &mut Rng) -> SimDuration {
    let us = match work {
        Work::Fixed { us } => return us,
        Work::Exponential { mean_us } => {
            let unit: f64 = Exp1.sample(rng);
            unit * mean_us.as_us() as f64
        }
        Work::LogNormal { median_us, sigma } => {
            let unit = LogNormal::new(0.0, sigma).map_or(1.0, |normal| normal.sample(rng));
            unit * median_us.as_us() as f64
        }
        Work::Bimodal {
            us,
            rare_us,
            rare_permille,
        } => {
            return if below(rng, 1_000) < rare_permille.0 {
                rare_us
            } else {
                us
            };
        }
        Work::Pareto { min_us, alpha } => Pareto::new(min_us.as_us() as f64, alpha)
            .map_or(min_us.as_us() as f64, |pareto| pareto.sample(rng)),
    };
    SimDuration::from_us((us as u64).clamp(1, MAX_WORK_US))
}

/// The mean work of one request over all classes.
#[must_use]
pub fn mean_work(classes: &[ClassSpec]) -> SimDuration {
    let mut sum = 0.0;
    let mut shares = 0.0;
    for class in classes {
        let mean = match class.work {
            Work::Fixed { us } => us.as_us() as f64,
            Work::Exponential { mean_us } => mean_us.as_us() as f64,
            Work::LogNormal { median_us, sigma } => {
                median_us.as_us() as f64 * libm::exp(sigma * sigma / 2.0)
            }
            Work::Bimodal {
                us,
                rare_us,
                rare_permille,
            } => {
                let rare = rare_permille.ratio();
                us.as_us() as f64 * (1.0 - rare) + rare_us.as_us() as f64 * rare
            }
            Work::Pareto { min_us, alpha } => min_us.as_us() as f64 * alpha / (alpha - 1.0),
        };
        sum += mean * f64::from(class.share);
        shares += f64::from(class.share);
    }
    SimDuration::from_us((sum / shares) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Permille;

    const ARRIVALS: Arrivals = Arrivals {
        in_turn: false,
        process: ArrivalProcess::Poisson,
        rate_rps: 30.0,
        think_us: SimDuration::ZERO,
        bursts: None,
        spike: None,
    };

    fn class(work: Work) -> ClassSpec {
        let kind = crate::fleet::spec::RequestKind::Page;
        ClassSpec {
            kind,
            share: 1,
            work,
            path: "/".to_string(),
            items: 5,
            host: String::new(),
            method: String::new(),
            headers: std::collections::BTreeMap::new(),
            cookies: std::collections::BTreeMap::new(),
            hold_us: SimDuration::ZERO,
        }
    }

    fn client(last: u8, users: u32) -> ClientSpec {
        ClientSpec {
            name: last.to_string(),
            note: String::new(),
            address: std::net::IpAddr::from([192, 0, 2, last]),
            users,
            share: u32::from(last),
            requests_per_connection: 1,
        }
    }

    fn traffic() -> Traffic {
        let work = Work::Exponential {
            mean_us: SimDuration::from_ms(100),
        };
        Traffic::new(
            ARRIVALS,
            &[client(1, 1), client(2, 40)],
            &[class(work), class(work)],
            1,
        )
    }

    fn mean_of(work: Work) -> f64 {
        let mut rng = stream(1, Purpose::Work, 0);
        let sum: u64 = (0..200_000).map(|_| sample(work, &mut rng).as_us()).sum();
        sum as f64 / 200_000.0
    }

    #[test]
    fn classes_in_turn_come_as_often_as_their_shares_say() {
        let work = Work::Fixed {
            us: SimDuration::from_ms(1),
        };
        let mut classes = [class(work), class(work)];
        classes[0].share = 3;
        let arrivals = Arrivals {
            in_turn: true,
            ..ARRIVALS
        };
        let mut traffic = Traffic::new(arrivals, &[client(1, 1)], &classes, 7);
        let seen: Vec<u32> = (0..8)
            .map(|_| traffic.arrive(SimTime::ZERO).class.0)
            .collect();
        assert_eq!(seen, [0, 0, 0, 1, 0, 0, 0, 1]);
    }

    #[test]
    fn samples_have_the_mean_that_is_computed() {
        let ms = SimDuration::from_ms;
        let works = [
            Work::Fixed { us: ms(100) },
            Work::Exponential { mean_us: ms(100) },
            Work::LogNormal {
                median_us: ms(100),
                sigma: 0.5,
            },
            Work::Bimodal {
                us: ms(100),
                rare_us: ms(1_000),
                rare_permille: Permille(100),
            },
            Work::Pareto {
                min_us: ms(100),
                alpha: 3.0,
            },
        ];
        for work in works {
            let (seen, said) = (mean_of(work), mean_work(&[class(work)]).as_us() as f64);
            assert!(
                (seen / said - 1.0).abs() < 0.01,
                "{work:?}: {seen} for {said}"
            );
        }
    }

    #[test]
    fn the_rate_is_kept_and_a_change_keeps_the_sequence() {
        let mut traffic = traffic();
        let mut other = traffic.clone();
        other.set_rate(SimTime::ZERO, MilliRps::from_rps(300.0));
        let mut last = SimTime::ZERO;
        for _ in 0..30_000 {
            last = traffic.next_at().expect("the rate is not 0");
            let draw = traffic.arrive(last);
            let at = other.next_at().expect("the rate is not 0");
            assert_eq!(other.arrive(at), draw);
        }
        assert!(
            (last.as_secs_f64() / 1_000.0 - 1.0).abs() < 0.02,
            "{last:?}"
        );
    }

    #[test]
    fn a_high_rate_is_kept_to_the_part_of_a_microsecond() {
        let mut traffic = traffic();
        traffic.set_rate(SimTime::ZERO, MilliRps::from_rps(400_000.0));
        let mut last = SimTime::ZERO;
        for _ in 0..1_000_000 {
            last = traffic.next_at().expect("the rate is not 0");
            traffic.arrive(last);
        }
        // A million exponential gaps: four standard deviations are 0.4 %.
        assert!((last.as_secs_f64() / 2.5 - 1.0).abs() < 0.004, "{last:?}");
    }

    #[test]
    fn rate_zero_stops_and_the_gap_waits() {
        let mut traffic = traffic();
        let due = traffic.next_at().expect("the rate is not 0");
        traffic.set_rate(SimTime::ZERO, MilliRps(0));
        assert_eq!(traffic.next_at(), None);
        traffic.set_rate(SimTime::from_us(5_000_000), MilliRps::from_rps(30.0));
        let later = traffic.next_at().expect("the rate is not 0");
        assert_eq!(
            later.since(SimTime::from_us(5_000_000)),
            due.since(SimTime::ZERO)
        );
    }
}
