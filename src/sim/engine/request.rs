//! A request in flight: who sent it, where it is, what has become of it.

use crate::sim::balance::front::table::Ruling;
use crate::sim::edge::resolver::Answer as NameAnswer;
use crate::sim::fleet::client::ConnectionId;
use crate::sim::fleet::traffic::Draw;
use crate::sim::ids::{EndpointId, GateId, Home, RequestKey, ServerId};
use crate::sim::metrics::outcome::{Failure, Outcome};
use crate::sim::time::SimTime;

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// With the resolver: its client asks where to send it.
    Resolving {
        /// When the answer is there.
        until: SimTime,
    },
    /// Nobody has it: its client waits, and sends again or gives up.
    Lost {
        /// When.
        until: SimTime,
    },
    /// At its client, until its connection is open.
    Connecting {
        /// Since when.
        since: SimTime,
    },
    /// From the client to the balancer.
    ToBalancer(Trip),
    /// At the balancer: TLS, reading.
    AtBalancer {
        /// Since when.
        since: SimTime,
        /// When the balancer will pick.
        until: SimTime,
    },
    /// At the balancer, which has nobody with room.
    Queued {
        /// Since when.
        since: SimTime,
    },
    /// At the balancer, while it opens a connection to the server.
    Dialling(Trip),
    /// From the balancer to a server.
    ToServer(Trip),
    /// In a server's queue, or held by one that hangs.
    Waiting {
        /// Since when.
        since: SimTime,
    },
    /// A worker is on it.
    InService {
        /// Since when.
        since: SimTime,
    },
    /// An answer, a refusal or a reset is on its way to the balancer.
    FromServer(Trip, Answer),
    /// The same on its way past the balancer to the client (direct server return).
    Direct(Trip, Answer),
    /// The outcome is on its way to the client.
    ToClient(Trip, Outcome),
}

/// A way from one place to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    /// When it began.
    pub depart: SimTime,
    /// When it ends.
    pub arrive: SimTime,
}

impl Trip {
    /// How much of it lies behind at `now`, 0 to 1.
    #[must_use]
    pub fn progress(&self, now: SimTime) -> f64 {
        let whole = self.arrive.since(self.depart).as_us();
        let part = now.since(self.depart).as_us();
        if whole == 0 {
            1.0
        } else {
            (part as f64 / whole as f64).min(1.0)
        }
    }
}

/// What came of a try at a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200.
    Ok,
    /// 500.
    ServerError,
    /// 503: the queue was full.
    QueueFull,
    /// 426: it asked for another protocol, and the server did not see that.
    NoUpgrade,
    /// Nobody listened.
    Refused,
    /// The server died with the request on it.
    Reset,
}

impl Answer {
    /// What the request comes to, if it is not tried again.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Ok => Outcome::Answered,
            Self::ServerError => Outcome::Failed(Failure::ServerError),
            Self::QueueFull => {
                Outcome::Rejected(crate::sim::metrics::outcome::Rejection::QueueFull)
            }
            Self::NoUpgrade => {
                Outcome::Rejected(crate::sim::metrics::outcome::Rejection::NoUpgrade)
            }
            Self::Refused => Outcome::Failed(Failure::Refused),
            Self::Reset => Outcome::Failed(Failure::Reset),
        }
    }
}

/// The try under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Try {
    /// To which endpoint.
    pub endpoint: EndpointId,
    /// To which machine.
    pub server: ServerId,
    /// When it was sent.
    pub sent_at: SimTime,
}

/// A request in flight.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which arrival of the run it is, from 1.
    pub number: u64,
    /// What it is.
    pub draw: Draw,
    /// The connection it came on.
    pub connection: ConnectionId,
    /// Whether that connection is new with it: TLS begins anew.
    pub fresh_connection: bool,
    /// What its client was told of the name; `None` where it knows the address.
    pub answer: Option<NameAnswer>,
    /// The address it goes to.
    pub gate: GateId,
    /// How often its client has sent it.
    pub sends: u32,
    /// Whether its balancer died with it.
    pub orphaned: bool,
    /// Whether it went on under another balancer after its own had died.
    pub moved: bool,
    /// The balancer it is at, and the upstream there.
    pub home: Home,
    /// When it was sent.
    pub born: SimTime,
    /// Where it is.
    pub phase: Phase,
    /// How often it was sent to a server. Void tries have a smaller number.
    pub attempt: u32,
    /// The try under way.
    pub current: Option<Try>,
    /// The last try, once what it came to is on its way to the client.
    pub served: Option<Try>,
    /// What the balancer's rules said of it; `None` before, without rules, and at L4.
    pub ruling: Option<Ruling>,
    /// The endpoints of earlier tries.
    pub tried: Vec<EndpointId>,
}

/// The table of requests in flight.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    slots: Vec<(u32, Option<Request>)>,
    free: Vec<u32>,
    live: usize,
}

impl Requests {
    /// Puts a request in.
    pub fn insert(&mut self, request: Request) -> RequestKey {
        self.live += 1;
        if let Some(slot) = self.free.pop() {
            let place = &mut self.slots[slot as usize];
            place.1 = Some(request);
            return RequestKey {
                slot,
                generation: place.0,
            };
        }
        let slot = u32::try_from(self.slots.len()).expect("the in-flight limit is below 2^32");
        self.slots.push((0, Some(request)));
        RequestKey {
            slot,
            generation: 0,
        }
    }

    /// Takes a request out: its key is stale from now on.
    pub fn remove(&mut self, key: RequestKey) -> Option<Request> {
        let place = self.slots.get_mut(key.slot as usize)?;
        if place.0 != key.generation {
            return None;
        }
        let request = place.1.take()?;
        place.0 = place.0.wrapping_add(1);
        self.free.push(key.slot);
        self.live -= 1;
        Some(request)
    }

    /// A request, unless its key is stale.
    #[must_use]
    pub fn get(&self, key: RequestKey) -> Option<&Request> {
        let place = self.slots.get(key.slot as usize)?;
        if place.0 == key.generation {
            place.1.as_ref()
        } else {
            None
        }
    }

    /// A request, to change.
    pub fn get_mut(&mut self, key: RequestKey) -> Option<&mut Request> {
        let place = self.slots.get_mut(key.slot as usize)?;
        if place.0 == key.generation {
            place.1.as_mut()
        } else {
            None
        }
    }

    /// A request whose try number `attempt` is still the one under way.
    #[must_use]
    pub fn on_attempt(&self, key: RequestKey, attempt: u32) -> Option<&Request> {
        self.get(key)
            .filter(|request| request.attempt == attempt && request.current.is_some())
    }

    /// All requests in flight, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (RequestKey, &Request)> {
        self.slots
            .iter()
            .enumerate()
            .filter_map(|(slot, (generation, request))| {
                let key = RequestKey {
                    slot: slot as u32,
                    generation: *generation,
                };
                request.as_ref().map(|request| (key, request))
            })
    }

    /// How many are in flight.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.live
    }

    /// How many places the table has: as many as were ever in flight at once.
    #[must_use]
    pub const fn places(&self) -> usize {
        self.slots.len()
    }

    /// Whether none is in flight.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.live == 0
    }
}
