//! What happens at sites, in its order: VRRP between the balancers of a pair, nodes that die, stop and come back, and the
//! routes that follow. It decides nothing: RFC 9568 is in [`crate::ha::vrrp`], and who answers at an address in
//! [`super::topology`].

use super::Engine;
use super::event::{Event, SiteEvent};
use super::observations::ObservationKind;
use super::pair::PairOutputs;
use super::request::Phase;
use super::topology::NodeState;
use crate::balance::spec::Layer;
use crate::ha::vrrp::{VrrpInput, VrrpOutput, VrrpState};
use crate::ids::{BalancerId, EndpointId, RequestKey, SiteId};
use crate::scenario::topology::PairSpec;
use crate::time::SimTime;

impl Engine {
    /// Starts the timers of every pair.
    pub(super) fn start_pairs(&mut self) {
        for id in self.balancers.ids().collect::<Vec<_>>() {
            let timer = self.network.topology.vrrp_timer(id);
            self.await_vrrp(id, timer);
        }
    }

    fn await_vrrp(&mut self, balancer: BalancerId, timer: Option<SimTime>) {
        if let Some(at) = timer {
            let event = SiteEvent::Vrrp { balancer };
            self.schedule.at(at, Event::Site(event));
        }
    }

    pub(super) fn on_vrrp_timer(&mut self, id: BalancerId) {
        self.step_vrrp(id, VrrpInput::Timer);
    }

    pub(super) fn on_advert(&mut self, to: BalancerId, priority: u8, advert_cs: u16) {
        let pair = self.network.topology.pair_of(to);
        let (pair, place) = pair.expect("only the other of a pair advertises");
        let heard = pair.receive_advert(place, priority, advert_cs);
        let from = self.network.topology.other_of_pair(to);
        // It has the virtual MAC address as its source, so that learning bridges deliver to its sender (RFC 9568, 7.2):
        // after a split brain the one that stays needs not have heard the other to get the packets back.
        if heard.is_some() && !self.network.topology.segment_believes(from) {
            self.on_arp(from);
        }
        // What arrives at a dead machine is not heard.
        if let Some(input) = heard.filter(|_| self.network.topology.is_up(to)) {
            self.step_vrrp(to, input);
        }
    }

    /// Gives a VRRP machine an input, and carries out what it returns. A balancer that stands alone has none.
    fn step_vrrp(&mut self, id: BalancerId, input: VrrpInput) {
        let now = self.schedule.now();
        let Some((pair, place)) = self.network.topology.pair_of_mut(id) else {
            // It stands alone.
            return;
        };
        let outputs = pair.handle(now, place, input);
        for output in &outputs.all {
            match *output {
                VrrpOutput::Send(advert) => {
                    let other = self.network.topology.other_of_pair(id);
                    let pair = self.network.topology.pair_of_mut(id);
                    let (pair, _) = pair.expect("only one of a pair advertises");
                    pair.send((id, other), advert, &mut self.schedule);
                }
                VrrpOutput::GratuitousArp => {
                    let pair = self.network.topology.pair_of(id);
                    let (pair, _) = pair.expect("only one of a pair takes over");
                    let event = SiteEvent::Arp { balancer: id };
                    self.schedule.after(pair.spec.link_us, Event::Site(event));
                }
                VrrpOutput::Became(VrrpState::Active) => self.became_active(id, &outputs),
                VrrpOutput::Became(state) => self.left_active(id, state, outputs.was_active),
            }
        }
        self.await_vrrp(id, outputs.timer);
    }

    /// The segment believes the balancer that spoke last (gratuitous ARP, or an advertisement).
    pub(super) fn on_arp(&mut self, id: BalancerId) {
        self.network.topology.on_arp(id);
        let site = self.network.topology.nodes[id.index()].site;
        self.network.await_route(site, &mut self.schedule);
    }

    fn became_active(&mut self, id: BalancerId, why: &PairOutputs) {
        let now = self.schedule.now();
        self.record_node(id, ObservationKind::BecameActive);
        let pair = self.network.topology.pair_of_mut(id);
        let (pair, _) = pair.expect("only one of a pair takes over");
        if pair.took_over(now, id, why) {
            self.record_node(id, ObservationKind::SplitBrain);
        }
        self.begin_checks(id);
    }

    fn left_active(&mut self, id: BalancerId, state: VrrpState, was_active: bool) {
        if state == VrrpState::Backup && was_active {
            self.record_node(id, ObservationKind::BecameBackup);
        }
        if !self.network.topology.checks(id) {
            self.cancel_probes_of(id);
        }
    }

    /// Records an observation about a balancer.
    fn record_node(&mut self, id: BalancerId, kind: ObservationKind) {
        let name = self.network.topology.balancer_name(id);
        self.record.observe(self.schedule.now(), name, kind);
    }

    /// Records an observation about a site.
    fn record_site(&mut self, id: SiteId, kind: ObservationKind) {
        let name = &self.network.topology.site(id).name;
        self.record.observe(self.schedule.now(), name, kind);
    }

    /// The router of a pair learns which of its balancers are up.
    pub(super) fn on_ecmp_update(&mut self, site: SiteId) {
        self.network.topology.on_ecmp_update(site);
        self.network.await_route(site, &mut self.schedule);
    }

    fn tell_routers_of(&mut self, id: BalancerId) {
        let site = self.network.topology.nodes[id.index()].site;
        self.network.announce_to_routers(site, &mut self.schedule);
    }

    // ===== nodes =====

    /// A balancer's node loses its power.
    pub(super) fn kill_node(&mut self, id: BalancerId) {
        let node = &mut self.network.topology.nodes[id.index()];
        if node.state == NodeState::Dead {
            return;
        }
        node.state = NodeState::Dead;
        self.record_node(id, ObservationKind::BalancerDied);
        self.step_vrrp(id, VrrpInput::Crash);
        self.cancel_probes_of(id);
        let standby = self.standby_of(id);
        for key in self.requests_lost_with(id) {
            let attempt = self.requests.in_flight(key).current();
            match (standby, attempt) {
                (Some(standby), Some(endpoint)) => self.migrate_attempt(key, endpoint, standby),
                // What was still at the balancer died with it.
                _ => self.orphan_request(key),
            }
        }
        match standby {
            Some(standby) => {
                for connection in self.clients.connections_at(id) {
                    self.take_over_connection(connection, standby);
                }
            }
            None => {
                self.break_sockets_at(id);
                self.balancers.get_mut(id).flows_mut().clear();
                for connection in self.clients.connections_at(id) {
                    self.clients.connection_mut(connection).forget();
                }
            }
        }
        self.balancers.restart(id, self.schedule.now());
        self.tell_routers_of(id);
    }

    /// The requests that are at a balancer or beyond it.
    fn requests_lost_with(&self, id: BalancerId) -> Vec<RequestKey> {
        let theirs = self.requests.iter().filter(|(_, request)| {
            request.balancer() == id
                && !matches!(
                    request.phase(),
                    Phase::Resolving { .. }
                        | Phase::Connecting { .. }
                        | Phase::ToBalancer(_)
                        | Phase::Lost { .. }
                        | Phase::ToClient(..)
                )
        });
        theirs.map(|(key, _)| key).collect()
    }

    /// The other balancer of the pair, if it knows the connections.
    fn standby_of(&self, id: BalancerId) -> Option<BalancerId> {
        let topology = &self.network.topology;
        let others = topology
            .site(topology.nodes[id.index()].site)
            .balancers
            .iter();
        others.copied().find(|other| {
            *other != id && topology.is_up(*other) && self.shares_table_with(*other, id)
        })
    }

    /// Whether a balancer knows the connections of another: both are of one pair, at L4, with connection sync.
    pub(super) fn shares_table_with(&self, here: BalancerId, there: BalancerId) -> bool {
        self.network.topology.syncs(here, there) && self.balancers.get(here).layer() == Layer::L4
    }

    /// Moves the attempt of a request at a server to the standby, which knows its connection.
    fn migrate_attempt(&mut self, key: RequestKey, endpoint: EndpointId, standby: BalancerId) {
        let new = self.balancers.same_server(endpoint, standby);
        let new = new.expect("both of a pair know the servers of their site");
        let request = self.requests.in_flight_mut(key);
        request.move_to(new, self.schedule.now());
        let upstream_ref = self.balancers.upstream_ref_of(new);
        request.set_upstream_ref(upstream_ref);
        request.set_moved();
        let attempt = request.attempt();
        self.balancers.upstream_of_mut(new).on_sent(new);
        self.watch_attempt_timeout(upstream_ref, key, attempt);
    }

    /// A balancer is stopped cleanly: it announces that, and finishes what it has.
    pub(super) fn stop_node(&mut self, id: BalancerId) {
        if self.network.topology.is_up(id) {
            self.record_node(id, ObservationKind::BalancerStopped);
            self.step_vrrp(id, VrrpInput::Shutdown);
            self.network.topology.nodes[id.index()].state = NodeState::Stopped;
            self.tell_routers_of(id);
        }
    }

    /// A balancer comes back; after a loss of power its state is empty.
    pub(super) fn revive_node(&mut self, id: BalancerId) {
        let node = &mut self.network.topology.nodes[id.index()];
        let before = std::mem::replace(&mut node.state, NodeState::Up);
        if before == NodeState::Up {
            return;
        }
        self.record_node(id, ObservationKind::BalancerRevived);
        self.step_vrrp(id, VrrpInput::Startup);
        if before == NodeState::Dead {
            self.begin_checks(id);
        }
        self.tell_routers_of(id);
    }

    /// A balancer begins to probe its servers, if it probes any.
    fn begin_checks(&mut self, id: BalancerId) {
        if self.network.topology.checks(id) {
            self.cancel_probes_of(id);
            for upstream_ref in self.balancers.upstream_refs_of(id) {
                self.schedule_probes_of(upstream_ref);
            }
        }
    }

    fn cancel_probes_of(&mut self, id: BalancerId) {
        for upstream in self.balancers.get(id).upstreams() {
            for endpoint in upstream.endpoints() {
                self.probes.cancel(endpoint.id);
            }
        }
    }

    // ===== commands =====

    pub(super) fn set_link(&mut self, id: SiteId, up: bool) {
        let pair = self.network.topology.sites[id.index()].pair.as_mut();
        let pair = pair.expect("a site without a pair refuses");
        if std::mem::replace(&mut pair.link_up, up) != up {
            let kind = if up {
                ObservationKind::LinkMended
            } else {
                ObservationKind::LinkCut
            };
            self.record_site(id, kind);
        }
    }

    pub(super) fn kill_site(&mut self, id: SiteId) {
        self.record_site(id, ObservationKind::SiteDied);
        for balancer in self.network.topology.site(id).balancers.clone() {
            self.kill_node(balancer);
        }
        for server in self.servers.at_site(id) {
            self.crash_server(server);
        }
    }

    pub(super) fn restore_site(&mut self, id: SiteId) {
        self.record_site(id, ObservationKind::SiteRestored);
        for server in self.servers.at_site(id) {
            self.restore_quietly(server);
        }
        for balancer in self.network.topology.site(id).balancers.clone() {
            self.revive_node(balancer);
        }
    }

    /// Changes a pair. Its balancers keep their states; priorities and the interval reach the neighbour with the next
    /// advertisement, as on a real segment.
    pub(super) fn set_pair(&mut self, site: SiteId, change: &dyn Fn(&mut PairSpec)) {
        let now = self.schedule.now();
        let pair = self.network.topology.sites[site.index()].pair.as_mut();
        let pair = pair.expect("a site without a pair refuses");
        let timers = pair.reconfigure(now, change);
        let balancers = self.network.topology.site(site).balancers.clone();
        for (id, timer) in balancers.into_iter().zip(timers) {
            self.await_vrrp(id, timer);
        }
    }

    /// The standby balancer starts or stops probing its servers.
    pub(super) fn set_standby_checks(&mut self, site: SiteId, on: bool) {
        let balancers = self.network.topology.site(site).balancers.clone();
        let checked = |engine: &Self, id: &BalancerId| engine.network.topology.checks(*id);
        let before: Vec<bool> = balancers.iter().map(|id| checked(self, id)).collect();
        self.set_pair(site, &|pair| pair.standby_checks = on);
        for (id, before) in balancers.into_iter().zip(before) {
            match (before, checked(self, &id)) {
                (false, true) => self.begin_checks(id),
                (true, false) => self.cancel_probes_of(id),
                _ => {}
            }
        }
    }
}
