//! Checks of the lists that requests and connections are in: queues at balancers and servers, workers, handshakes,
//! WebSockets.

use super::{Check, Mark, Tally};
use crate::engine::request::Phase;
use crate::fleet::client::ConnectionId;
use crate::fleet::server::{ProcessState, Server};
use crate::ids::{ClientId, RequestKey, ServerId, UpstreamRef};

impl Check<'_> {
    /// Counts the lists that each request is in. An entry of a list that must be current is current.
    pub(super) fn tally_lists(&self, tally: &mut Tally) {
        for balancer in self.engine.balancers.iter() {
            for upstream in 0..tally.upstreams {
                let upstream = crate::ids::UpstreamId(upstream as u32);
                let balancer = balancer.id;
                self.tally_queues(tally, UpstreamRef { balancer, upstream });
            }
        }
        for server in self.engine.servers.iter() {
            self.tally_server(tally, server);
        }
        for handshake in self.engine.handshakes.iter() {
            self.agree(
                "anybody waits for",
                handshake,
                false,
                handshake.waiting.is_empty(),
            );
            for key in &handshake.waiting {
                let request = self.engine.requests.get(*key);
                let on = request.map(|request| request.connection);
                self.agree("connection of", key, Some(handshake.connection), on);
                tally.requests[key.slot as usize][Mark::Handshake as usize] += 1;
            }
            let state = self.engine.clients.connection(handshake.connection);
            self.agree("is open while it opens", handshake, false, state.opened);
            let pending = tally.connections[handshake.connection.0 as usize].handshakes;
            self.agree("pending events of an opening", handshake, 1, pending);
        }
        for socket in self.engine.websockets.iter() {
            let connection = &mut tally.connections[socket.connection.0 as usize];
            connection.open += 1;
            if socket.tunnel {
                tally.endpoints[socket.endpoint.index()].ties += 1;
            }
            let up = self.engine.servers.get(socket.server).map(Server::process);
            let lives = up.is_some_and(|process| process != ProcessState::Crashed);
            self.agree("server lives of", socket, true, lives);
        }
        let sockets = &self.engine.websockets;
        let gone = u64::from(sockets.closed()) + u64::from(sockets.broken());
        let all = gone + sockets.count() as u64;
        self.agree("opened WebSockets", (), u64::from(sockets.opened()), all);
    }

    fn tally_queues(&self, tally: &mut Tally, upstream_ref: UpstreamRef) {
        let queues = self.engine.balancers.queues(upstream_ref);
        let first = queues.waiting.entries().next().map(|one| one.until);
        let awaited = tally.upstream_mut(upstream_ref).waited;
        self.agree(
            "awaited end of waiting",
            upstream_ref,
            queues.waiting.is_watched(),
            awaited > 0,
        );
        self.agree(
            "events for one queue beyond the first",
            upstream_ref,
            0,
            awaited.saturating_sub(1),
        );
        let mut last = first;
        for one in queues.waiting.entries() {
            let key = one.key;
            self.agree(
                "turns come in order",
                (upstream_ref, key),
                true,
                last <= Some(one.until),
            );
            last = Some(one.until);
            if let Some(id) = one.endpoint {
                tally.endpoints[id.index()].queued += 1;
            }
            let request = self.engine.requests.get(key);
            let at = request.map(|request| request.upstream_ref());
            self.agree("upstream of who waits", key, Some(upstream_ref), at);
            tally.requests[key.slot as usize][Mark::BalancerQueue as usize] += 1;
        }
        if first.is_some() {
            self.agree("awaited turn of the first", upstream_ref, true, awaited > 0);
        }
        self.tally_deadlines(tally, upstream_ref);
    }

    fn tally_deadlines(&self, tally: &mut Tally, upstream_ref: UpstreamRef) {
        let deadlines = &self.engine.balancers.queues(upstream_ref).deadlines;
        let mut sent = None;
        for (key, attempt) in deadlines.iter() {
            let Some(request) = self.engine.requests.on_attempt(*key, *attempt) else {
                // Its try is over; it is dropped when the list comes to it.
                continue;
            };
            self.agree(
                "deadlines come in order",
                (upstream_ref, key),
                true,
                sent <= Some(request.sent_at),
            );
            sent = Some(request.sent_at);
            self.agree(
                "upstream of a deadline",
                key,
                upstream_ref,
                request.upstream_ref(),
            );
            tally.requests[key.slot as usize][Mark::Deadline as usize] += 1;
        }
        let front = deadlines.iter().find_map(|(key, attempt)| {
            let request = self.engine.requests.on_attempt(*key, *attempt)?;
            let config = self.engine.balancers.upstream(upstream_ref).config();
            Some(request.sent_at + config.request_timeout)
        });
        let awaited = tally.upstream_mut(upstream_ref).deadline;
        let in_time = front.is_none_or(|due| awaited <= due);
        self.agree(
            "deadline is awaited in time",
            (upstream_ref, awaited, front),
            true,
            in_time,
        );
    }

    fn tally_server(&self, tally: &mut Tally, server: &Server) {
        let mut place = |key: RequestKey, attempt: u32, mark: Mark| {
            let Some(request) = self.engine.requests.on_attempt(key, attempt) else {
                // Work for a request that was given up, or whose balancer died.
                return;
            };
            let there = request
                .current()
                .map(|id| self.engine.balancers.server_of(id));
            self.agree("server of a job", key, Some(server.id), there);
            tally.requests[key.slot as usize][mark as usize] += 1;
        };
        for job in server.running() {
            place(job.key, job.attempt, Mark::Worker);
        }
        for ticket in server.waiting().iter() {
            place(ticket.key, ticket.attempt, Mark::ServerQueue);
        }
    }

    /// Checks that a connection counts the requests on it, and that a client finds its open connections.
    pub(super) fn check_connections(&self, tally: &mut Tally) {
        let mut unused = 0;
        for (place, connection) in self.engine.clients.connections().enumerate() {
            let id = ConnectionId(place as u32);
            if connection.closing && connection.open == 0 {
                unused += 1;
            }
            let found = tally.connections[place].open;
            self.agree("requests on", (id, connection), connection.open, found);
            if let Some(endpoint) = self.engine.flow_of(id) {
                tally.endpoints[endpoint.index()].ties += 1;
                let upstream_ref = self.engine.balancers.upstream_ref_of(endpoint).balancer;
                self.agree(
                    "balancer of",
                    (id, connection),
                    connection.balancer(),
                    Some(upstream_ref),
                );
            }
        }
        self.agree(
            "unused connections",
            (),
            self.engine.clients.unused(),
            unused,
        );
        for (place, client) in self.engine.clients.all().iter().enumerate() {
            let id = ClientId(place as u32);
            for (user, connection) in client.open_connections() {
                let state = self.engine.clients.connection(connection);
                let owner = (state.client(), state.user(), state.closing);
                self.agree("owner of", connection, (id, user, false), owner);
            }
        }
    }

    /// Checks that a server awaits the ends of its jobs, a dead one has none, and no job waits for a free worker.
    pub(super) fn check_servers(&self, tally: &Tally) {
        for server in self.engine.servers.iter() {
            let (id, waiting) = (server.id, server.waiting().len());
            let ends = tally.ends[id.index()] as usize;
            self.agree("pending ends of jobs", id, Self::ends_of(server), ends);
            let jobs = server.running().len() + waiting;
            match server.process() {
                ProcessState::Crashed => self.agree("jobs of a dead server", id, 0, jobs),
                ProcessState::Up if waiting > 0 => {
                    let free = server.free_workers();
                    self.agree("free workers while somebody waits", id, 0, free);
                }
                ProcessState::Up | ProcessState::Hanging => {}
            }
        }
        for (place, ends) in tally.ends.iter().enumerate() {
            let gone = self.engine.servers.get(ServerId(place as u32)).is_none();
            if gone {
                self.agree("pending ends at a server that went", place, 0, *ends);
            }
        }
    }

    /// Whether a request in that phase has an attempt in flight.
    pub(super) const fn is_under_way(phase: Phase) -> bool {
        match phase {
            Phase::Dialling(_)
            | Phase::ToServer(_)
            | Phase::Waiting { .. }
            | Phase::InService { .. }
            | Phase::FromServer(..)
            | Phase::Direct(..) => true,
            Phase::Resolving { .. }
            | Phase::Lost { .. }
            | Phase::Connecting { .. }
            | Phase::ToBalancer(_)
            | Phase::AtBalancer { .. }
            | Phase::Queued { .. }
            | Phase::ToClient(..) => false,
        }
    }
}
