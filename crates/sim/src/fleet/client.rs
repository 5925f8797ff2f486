//! Clients and their connections.

use super::chunked::ChunkedVec;
use super::spec::ClientSpec;
use crate::ids::{BalancerId, ClientId, ServerId, VipId};
use crate::time::SimTime;

/// The first port that a client connects from (the range of Linux: 32768 to 60999).
const FIRST_PORT: u16 = 32_768;
const PORTS: u32 = 28_232;

/// A connection: its position in the table of connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionId(pub u32);

/// The value for no number.
const NONE: u16 = u16::MAX;
/// The bit of a balancer that lost its power, and what it knew of the connection with it.
const FORGOTTEN: u16 = 1 << 15;

/// A client's connection to the balancer. There may be one for each request in flight, so its
/// numbers are as wide as the limits ask for.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    client: u16,
    user: u16,
    /// The client's port of the connection.
    pub port: u16,
    vip: u16,
    balancer: u16,
    /// Whether either side closed it; it is freed when the last request is back.
    pub closing: bool,
    /// Whether its handshake is done, in scenes that simulate handshakes.
    pub opened: bool,
    /// How many requests it may still carry.
    pub left: u32,
    /// The requests on it that have not come back.
    pub open: u32,
    /// How often its slot in the table was freed before: events for an earlier connection have another number.
    pub serial: u32,
}

impl Connection {
    /// The client that opened it.
    #[must_use]
    pub fn client(&self) -> ClientId {
        ClientId(self.client.into())
    }

    /// The user behind the client's address.
    #[must_use]
    pub fn user(&self) -> u32 {
        self.user.into()
    }

    /// The virtual IP it goes to; `None` until that is known.
    #[must_use]
    pub fn vip(&self) -> Option<VipId> {
        (self.vip != NONE).then_some(VipId(self.vip.into()))
    }

    /// Sets the virtual IP it goes to.
    pub const fn set_vip(&mut self, vip: VipId) {
        self.vip = vip.0 as u16;
    }

    /// The balancer at the other end (L7), or on the way to the server (L4); `None` until a packet has reached one. What
    /// that balancer knows of the connection is its own.
    #[must_use]
    pub fn balancer(&self) -> Option<BalancerId> {
        let balancer = self.balancer & !FORGOTTEN;
        (self.balancer != NONE).then_some(BalancerId(balancer.into()))
    }

    /// Whether its balancer lost its power and no other knows it: whoever gets its next packet answers with a reset
    /// (RFC 9293, section 3.5.1, half-open connections).
    #[must_use]
    pub const fn is_forgotten(&self) -> bool {
        self.balancer != NONE && self.balancer & FORGOTTEN != 0
    }

    /// Its balancer lost its power, and no other knows the connection.
    pub const fn forget(&mut self) {
        self.balancer |= FORGOTTEN;
    }

    /// Sets the balancer at the other end, or on the way; `None` if there is none.
    pub fn set_balancer(&mut self, balancer: Option<BalancerId>) {
        self.balancer = balancer.map_or(NONE, |id| id.0 as u16);
    }
}

/// A source of requests: one address, one or more users.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's name, address and habits.
    pub spec: ClientSpec,
    users: Vec<Option<ConnectionId>>,
    /// By user: the server that a balancer's cookie names.
    cookies: Vec<Option<ServerId>>,
    ports_used: u32,
}

#[cfg(debug_assertions)]
impl Client {
    /// The users with a connection that takes further requests, each with the connection.
    pub(crate) fn open_connections(&self) -> impl Iterator<Item = (u32, ConnectionId)> {
        let users = (0..).zip(&self.users);
        users.filter_map(|(user, connection)| Some((user, (*connection)?)))
    }
}

/// All clients and their connections.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    clients: Vec<Client>,
    connections: ChunkedVec<Connection>,
    free: Vec<u32>,
    /// By connection, where idle ones are closed: when its last request came back.
    idle_since: Vec<SimTime>,
}

impl Clients {
    /// The clients of a scenario, not connected yet.
    #[must_use]
    pub fn new(specs: &[ClientSpec]) -> Self {
        let client = |spec: &ClientSpec| Client {
            spec: spec.clone(),
            users: vec![None; spec.users as usize],
            cookies: vec![None; spec.users as usize],
            ports_used: 0,
        };
        Self {
            clients: specs.iter().map(client).collect(),
            ..Self::default()
        }
    }

    /// All clients, by identity.
    #[must_use]
    pub fn all(&self) -> &[Client] {
        &self.clients
    }

    /// The number of slots in the table of connections: as many as were ever open at once.
    #[must_use]
    pub const fn connection_places(&self) -> usize {
        self.connections.len()
    }

    /// The client with this identity.
    #[must_use]
    pub fn get(&self, id: ClientId) -> &Client {
        let count = self.clients.len();
        debug_assert!(id.index() < count, "{id:?} of {count}");
        &self.clients[id.index()]
    }

    /// A connection in use.
    #[must_use]
    pub fn connection(&self, id: ConnectionId) -> &Connection {
        let count = self.connections.len();
        debug_assert!((id.0 as usize) < count, "{id:?} of {count} that ever were");
        self.connections.get(id.0 as usize).expect("it is in use")
    }

    /// A connection in use, to change.
    pub fn connection_mut(&mut self, id: ConnectionId) -> &mut Connection {
        let place = self.connections.get_mut(id.0 as usize);
        place.expect("it is in use")
    }

    /// Records when a connection became idle.
    pub fn rest(&mut self, id: ConnectionId, now: SimTime) {
        let place = id.0 as usize;
        if self.idle_since.len() <= place {
            self.idle_since.resize(place + 1, SimTime::ZERO);
        }
        self.idle_since[place] = now;
    }

    /// When a connection last became idle.
    #[must_use]
    pub fn idle_since(&self, id: ConnectionId) -> SimTime {
        let since = self.idle_since.get(id.0 as usize);
        since.copied().unwrap_or(SimTime::ZERO)
    }

    /// The connection for the next request of a user: the open one, or a new one. Returns whether it is new.
    pub fn connect(&mut self, client: ClientId, user: u32) -> (ConnectionId, bool) {
        let state = &mut self.clients[client.index()];
        if let Some(id) = state.users[user as usize] {
            let connection = self.connections.get_mut(id.0 as usize);
            let connection = connection.expect("it is in use");
            connection.open += 1;
            connection.left -= 1;
            if connection.left == 0 {
                connection.closing = true;
                state.users[user as usize] = None;
            }
            return (id, false);
        }
        let port = FIRST_PORT + (state.ports_used % PORTS) as u16;
        state.ports_used += 1;
        let left = state.spec.requests_per_connection - 1;
        let closing = left == 0;
        let mut connection = Connection {
            client: client.0 as u16,
            user: user as u16,
            port,
            vip: NONE,
            balancer: NONE,
            closing,
            opened: false,
            left,
            open: 1,
            serial: 0,
        };
        let id = if let Some(slot) = self.free.pop() {
            let id = ConnectionId(slot);
            let place = self.connection_mut(id);
            connection.serial = place.serial;
            *place = connection;
            id
        } else {
            self.connections.push(connection);
            ConnectionId(u32::try_from(self.connections.len() - 1).expect("fewer than 2^32"))
        };
        if !closing {
            self.clients[client.index()].users[user as usize] = Some(id);
        }
        (id, true)
    }

    /// Closes a connection: no further request goes on it.
    pub fn close(&mut self, id: ConnectionId) {
        let connection = self.connection_mut(id);
        connection.closing = true;
        let (client, user) = (connection.client(), connection.user());
        let user = &mut self.clients[client.index()].users[user as usize];
        if *user == Some(id) {
            *user = None;
        }
    }

    /// A request on the connection came back. A closed connection without requests is freed; returns whether it was.
    pub fn release(&mut self, id: ConnectionId) -> bool {
        let connection = self.connection_mut(id);
        debug_assert!(connection.open > 0, "nothing is on {id:?}");
        connection.open -= 1;
        self.free_if_idle(id)
    }

    /// Frees a closed connection without requests; returns whether it did. A connection must not be used after that.
    pub fn free_if_idle(&mut self, id: ConnectionId) -> bool {
        let connection = self.connection_mut(id);
        if !connection.closing || connection.open > 0 {
            return false;
        }
        connection.serial = connection.serial.wrapping_add(1);
        self.free.push(id.0);
        true
    }

    /// The connections in use that go to or through a balancer.
    #[must_use]
    pub fn connections_at(&self, balancer: BalancerId) -> Vec<ConnectionId> {
        let in_use = |one: &Connection| !one.closing || one.open > 0;
        let theirs = |one: &Connection| one.balancer() == Some(balancer) && in_use(one);
        let places = self.connections.iter().enumerate();
        places
            .filter(|(_, one)| theirs(one))
            .map(|(place, _)| ConnectionId(place as u32))
            .collect()
    }

    /// All slots of the table of connections, including freed ones.
    #[cfg(debug_assertions)]
    pub(crate) fn connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.iter()
    }

    /// The number of slots that hold no connection.
    #[cfg(debug_assertions)]
    pub(crate) const fn unused(&self) -> usize {
        self.free.len()
    }

    /// The server that a user's cookie names; `None` until a balancer has set one.
    ///
    /// The balancer inserts the cookie and keeps nothing: its value names the server, and the client carries it. So do
    /// HAProxy (`cookie NAME insert`, with the value of `cookie` on each `server` line) and nginx (`sticky cookie`, with
    /// a hash of the server's address).
    #[must_use]
    pub fn cookie(&self, client: ClientId, user: u32) -> Option<ServerId> {
        self.clients[client.index()].cookies[user as usize]
    }

    /// Sets a user's cookie: the balancer's answer came from this server.
    pub fn set_cookie(&mut self, client: ClientId, user: u32, server: ServerId) {
        self.clients[client.index()].cookies[user as usize] = Some(server);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients(requests_per_connection: u32) -> Clients {
        let address = std::net::IpAddr::from([198, 51, 100, 21]);
        let (name, note) = ("β".to_string(), String::new());
        let spec = ClientSpec {
            name,
            note,
            address,
            users: 1,
            share: 1,
            requests_per_connection,
        };
        Clients::new(&[spec])
    }

    #[test]
    fn a_connection_carries_its_number_of_requests_and_goes() {
        let mut clients = clients(2);
        let (first, new) = clients.connect(ClientId(0), 0);
        assert!(new);
        assert_eq!(clients.connect(ClientId(0), 0), (first, false));
        let (second, new) = clients.connect(ClientId(0), 0);
        assert!(new && second != first);
        assert!(!clients.release(first));
        assert!(clients.release(first));
        let ports = [first, second].map(|id| clients.connection(id).port);
        assert_ne!(ports[0], ports[1]);
    }

    #[test]
    fn a_closed_connection_takes_nothing_more() {
        let mut clients = clients(100);
        let (first, _) = clients.connect(ClientId(0), 0);
        clients.close(first);
        let (second, new) = clients.connect(ClientId(0), 0);
        assert!(new && second != first);
    }
}
