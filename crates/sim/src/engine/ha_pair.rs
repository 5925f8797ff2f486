//! HA pairs in the run: their timers, advertisements and the address between them; nodes that die, stop and come back.

use super::Engine;
use super::command::{CommandError, NodeFault, Parameter, SceneItem, SiteCommand};
use super::event::{Event, SiteEvent};
use super::observations::ObservationKind;
use super::request::Phase;
use super::request_record::RequestRecord;
use super::topology::{AdvertSent, HaPair, NodeState, Takeover, VipKind};
use crate::ha::vrrp::{Advert, MAX_ADVERT_CS, VrrpInput, VrrpOutput, VrrpState};
use crate::ids::{BalancerId, RequestKey, SiteId, UpstreamRef};
use crate::scenario::limits::MAX_SPAN_US;
use crate::time::SimDuration;

impl Engine {
    /// Starts the timers of every pair.
    pub(super) fn start_pairs(&mut self) {
        for id in self.balancers.ids().collect::<Vec<_>>() {
            self.await_vrrp(id);
        }
    }

    /// The pair that a balancer belongs to, and its index there; `None` if it has no pair.
    fn pair_of(&mut self, id: BalancerId) -> Option<(&mut HaPair, usize)> {
        let (site, place) = self.topology.position_in_site(id);
        let pair = self.topology.sites[site.index()].pair.as_mut()?;
        Some((pair, place))
    }

    pub(super) fn await_vrrp(&mut self, id: BalancerId) {
        let Some((pair, place)) = self.pair_of(id) else {
            // It stands alone.
            return;
        };
        if let Some(at) = pair.machines[place].timer() {
            self.schedule
                .at(at, Event::Site(SiteEvent::Vrrp { balancer: id }));
        }
    }

    pub(super) fn on_vrrp_timer(&mut self, id: BalancerId) {
        self.tell_vrrp(id, VrrpInput::Timer);
    }

    pub(super) fn on_advert(&mut self, to: BalancerId, priority: u8, advert_cs: u16) {
        let up = self.topology.is_up(to);
        let (pair, place) = self
            .pair_of(to)
            .expect("only the other of a pair advertises");
        // What arrives at a dead machine, or when the link was cut meanwhile, is not heard.
        if up && pair.link_up {
            let from = pair.spec.members[1 - place].address;
            let advert = Advert {
                priority,
                advert_cs: u32::from(advert_cs),
                from,
            };
            self.tell_vrrp(to, VrrpInput::Heard(advert));
        }
    }

    /// Gives a VRRP machine an input, and carries out what it returns.
    fn tell_vrrp(&mut self, id: BalancerId, input: VrrpInput) {
        let now = self.schedule.now();
        let Some((pair, place)) = self.pair_of(id) else {
            // It stands alone.
            return;
        };
        if !pair.is_passive() {
            // Both work, and neither waits for the other.
            return;
        }
        let before = pair.machines[place].timer();
        let clean = input == VrrpInput::Shutdown;
        let was_active = pair.machines[place].state() == VrrpState::Active;
        // What a takeover may take is decided by the interval that it had heard of.
        let within = pair.machines[place].active_down();
        let skew = pair.machines[place].skew();
        let mut outputs = Vec::new();
        pair.machines[place].handle(now, input, &mut outputs);
        let after = pair.machines[place].timer();
        if was_active && pair.actives() == 0 {
            pair.vacant = Some((now, clean));
        }
        for output in outputs {
            match output {
                VrrpOutput::Send(advert) => self.send_advert(id, advert),
                VrrpOutput::GratuitousArp => self.send_arp(id),
                VrrpOutput::Became(VrrpState::Active) => self.became_active(id, within, skew),
                VrrpOutput::Became(state) => self.left_active(id, state, was_active),
            }
        }
        if after != before {
            self.await_vrrp(id);
        }
    }

    fn send_advert(&mut self, id: BalancerId, advert: Advert) {
        let now = self.schedule.now();
        let (site, _) = self.topology.position_in_site(id);
        let (pair, place) = self.pair_of(id).expect("only one of a pair advertises");
        let (link, carried) = (pair.spec.link_us, pair.link_up);
        pair.keep_advert(AdvertSent {
            at: now,
            from: id,
            priority: advert.priority,
            carried,
        });
        if carried {
            let to = self.topology.site(site).balancers[1 - place];
            let event = SiteEvent::Advert {
                to,
                priority: advert.priority,
                advert_cs: advert.advert_cs as u16,
            };
            self.schedule.at(now + link, Event::Site(event));
        }
    }

    fn send_arp(&mut self, id: BalancerId) {
        let (pair, _) = self.pair_of(id).expect("only one of a pair takes over");
        let link = pair.spec.link_us;
        let event = Event::Site(SiteEvent::Arp { balancer: id });
        self.schedule.at(self.schedule.now() + link, event);
    }

    /// The segment believes the balancer that spoke last (gratuitous ARP).
    pub(super) fn on_arp(&mut self, id: BalancerId) {
        let (site, _) = self.topology.position_in_site(id);
        for vip in self.topology.site(site).vips.clone() {
            if let VipKind::Virtual { arp } = &mut self.topology.vips[vip.index()].kind {
                *arp = Some(id);
            }
        }
        self.await_route(site);
    }

    fn became_active(&mut self, id: BalancerId, down: SimDuration, skew: SimDuration) {
        let now = self.schedule.now();
        self.record_node(id, ObservationKind::BecameActive);
        let (pair, _) = self.pair_of(id).expect("only one of a pair takes over");
        if pair.actives() > 1 {
            self.record_node(id, ObservationKind::SplitBrain);
        } else if let Some((since, clean)) = pair.vacant.take() {
            pair.keep_takeover(Takeover {
                since,
                at: now,
                by: id,
                within: if clean { skew } else { down },
                clean,
            });
        }
        self.begin_checks(id);
    }

    fn left_active(&mut self, id: BalancerId, state: VrrpState, was_active: bool) {
        if state == VrrpState::Backup && was_active {
            self.record_node(id, ObservationKind::BecameBackup);
        }
        if !self.checks(id) {
            self.cancel_probes_of(id);
        }
    }

    /// Whether a balancer probes its servers now: a standby does so only if standby checks are on.
    pub(super) fn checks(&self, id: BalancerId) -> bool {
        let (site, place) = self.topology.position_in_site(id);
        let waits = self.topology.site(site).pair.as_ref().is_some_and(|pair| {
            pair.is_passive()
                && !pair.spec.standby_checks
                && pair.machines[place].state() != VrrpState::Active
        });
        self.topology.nodes[id.index()].state != NodeState::Dead && !waits
    }

    /// Records an observation about a balancer.
    fn record_node(&mut self, id: BalancerId, kind: ObservationKind) {
        let record = &self.topology.nodes[id.index()];
        let name = if record.name.is_empty() {
            self.topology.site(record.site).name.clone()
        } else {
            record.name.clone()
        };
        self.record.observe(self.schedule.now(), &name, kind);
    }

    // ===== routes =====

    /// Schedules the time when routers see what became of a site.
    fn await_route(&mut self, site: SiteId) {
        let converge = self.dns.as_ref().map(|names| names.spec.converge_us);
        if let Some(delay) = converge {
            let event = Event::Site(SiteEvent::RouteUpdate { site });
            self.schedule.at(self.schedule.now() + delay, event);
        }
    }

    fn await_ecmp(&mut self, site: SiteId) {
        if let Some(pair) = &self.topology.site(site).pair {
            let delay = pair.spec.detect_us;
            let event = Event::Site(SiteEvent::EcmpUpdate { site });
            self.schedule.at(self.schedule.now() + delay, event);
        }
    }

    pub(super) fn on_route_update(&mut self, site: SiteId) {
        let dark = self.topology.is_unreachable(site);
        self.topology.sites[site.index()].announced = !dark;
    }

    /// A router learns which balancers of a pair are up.
    pub(super) fn on_ecmp_update(&mut self, site: SiteId) {
        let up: Vec<bool> = {
            let balancers = self.topology.site(site).balancers.iter();
            balancers.map(|id| self.topology.is_up(*id)).collect()
        };
        for vip in self.topology.site(site).vips.clone() {
            if let VipKind::Ecmp { routed } = &mut self.topology.vips[vip.index()].kind {
                *routed = [up[0], up[1]];
            }
        }
        self.await_route(site);
    }

    fn tell_routers(&mut self, site: SiteId) {
        self.await_ecmp(site);
        self.await_route(site);
    }

    // ===== boxes =====

    /// A balancer's node loses its power.
    pub(super) fn kill_node(&mut self, id: BalancerId) {
        if self.topology.nodes[id.index()].state == NodeState::Dead {
            return;
        }
        self.topology.nodes[id.index()].state = NodeState::Dead;
        self.record_node(id, ObservationKind::BalancerDied);
        self.tell_vrrp(id, VrrpInput::Crash);
        self.cancel_probes_of(id);
        let standby = self.standby_of(id);
        let on_it = |(_, request): &(RequestKey, &RequestRecord)| {
            request.balancer() == id
                && !matches!(
                    request.phase(),
                    Phase::Resolving { .. }
                        | Phase::Connecting { .. }
                        | Phase::ToBalancer(_)
                        | Phase::Lost { .. }
                        | Phase::ToClient(..)
                )
        };
        let theirs: Vec<RequestKey> = self
            .requests
            .iter()
            .filter(on_it)
            .map(|one| one.0)
            .collect();
        for key in theirs {
            match standby {
                Some(standby) if self.migrate_attempt(key, standby) => {}
                _ => self.orphan_request(key),
            }
        }
        if standby.is_none() {
            self.break_sockets_at(id);
        }
        self.forget_connections(id, standby);
        self.balancers.restart(id, self.schedule.now());
        let (site, _) = self.topology.position_in_site(id);
        self.tell_routers(site);
    }

    /// The other balancer of the pair, if it knows the connections.
    fn standby_of(&self, id: BalancerId) -> Option<BalancerId> {
        let (site, _) = self.topology.position_in_site(id);
        let others = self.topology.site(site).balancers.iter();
        others.copied().find(|other| {
            *other != id && self.topology.is_up(*other) && self.shares_table_with(*other, id)
        })
    }

    /// Moves the attempt of a request at a server to the standby, if the standby knows its connection; returns whether
    /// it does.
    fn migrate_attempt(&mut self, key: RequestKey, standby: BalancerId) -> bool {
        let request = self.requests.in_flight_mut(key);
        let Some(endpoint) = request.current() else {
            // It was still at the balancer, and died with it.
            return false;
        };
        let new = self.balancers.same_server(endpoint, standby);
        let new = new.expect("both of a pair know the servers of their site");
        request.move_to(new, self.schedule.now());
        let upstream_ref = self.balancers.upstream_ref_of(new);
        request.set_upstream_ref(upstream_ref);
        request.set_moved();
        let attempt = request.attempt();
        self.balancers.upstream_of_mut(new).on_sent(new);
        self.watch_attempt_timeout(upstream_ref, key, attempt);
        true
    }

    /// The connections of a balancer that died: the standby takes them over, or they are forgotten.
    fn forget_connections(&mut self, id: BalancerId, standby: Option<BalancerId>) {
        let Some(standby) = standby else {
            self.balancers.get_mut(id).flows_mut().clear();
            return;
        };
        for connection in self.clients.connections_at(id) {
            self.take_over_connection(connection, standby);
        }
    }

    /// A balancer is stopped cleanly: it announces that, and finishes what it has.
    fn stop_node(&mut self, id: BalancerId) {
        if self.topology.is_up(id) {
            self.record_node(id, ObservationKind::BalancerStopped);
            self.tell_vrrp(id, VrrpInput::Shutdown);
            self.topology.nodes[id.index()].state = NodeState::Stopped;
            let (site, _) = self.topology.position_in_site(id);
            self.tell_routers(site);
        }
    }

    /// A balancer comes back; after a loss of power its state is empty.
    pub(super) fn revive_node(&mut self, id: BalancerId) {
        if self.topology.is_up(id) {
            return;
        }
        let was_dead = self.topology.nodes[id.index()].state == NodeState::Dead;
        self.topology.nodes[id.index()].state = NodeState::Up;
        self.record_node(id, ObservationKind::BalancerRevived);
        self.tell_vrrp(id, VrrpInput::Startup);
        if was_dead {
            self.begin_checks(id);
        }
        let (site, _) = self.topology.position_in_site(id);
        self.tell_routers(site);
    }

    /// A balancer begins to probe its servers, if [`Engine::checks`] allows it.
    pub(super) fn begin_checks(&mut self, id: BalancerId) {
        if self.checks(id) {
            self.cancel_probes_of(id);
            for upstream_ref in self.balancers.upstream_refs_of(id) {
                self.schedule_probes_of(upstream_ref);
            }
        }
    }

    pub(super) fn cancel_probes_of(&mut self, id: BalancerId) {
        for upstream_ref in self.balancers.upstream_refs_of(id) {
            self.cancel_probes_at(upstream_ref);
        }
    }

    fn cancel_probes_at(&mut self, upstream_ref: UpstreamRef) {
        let endpoints = self.balancers.upstream(upstream_ref).endpoints().iter();
        for id in endpoints.map(|one| one.id).collect::<Vec<_>>() {
            self.cancel_probe(id);
        }
    }

    // ===== commands =====

    /// Refuses a command that cannot be carried out.
    pub(super) fn check_edge(&self, command: SiteCommand) -> Result<(), CommandError> {
        let known = |good, what| {
            if good {
                Ok(())
            } else {
                Err(CommandError::NotInScene(what))
            }
        };
        let within = |what, value: u64, min, max| {
            if (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(CommandError::OutOfRange { what, min, max })
            }
        };
        let passive = |id: SiteId| {
            let pair = self.topology.sites.get(id.index());
            pair.and_then(|site| site.pair.as_ref())
                .is_some_and(HaPair::is_passive)
        };
        match command {
            SiteCommand::Node(id, _) => {
                known(id.index() < self.topology.nodes.len(), SceneItem::Balancer)
            }
            SiteCommand::KillSite(id) | SiteCommand::RestoreSite(id) => {
                known(id.index() < self.topology.sites.len(), SceneItem::Site)
            }
            SiteCommand::SetTtl(ttl) if self.dns.is_some() => {
                within(Parameter::Ttl, ttl.as_us(), 0, MAX_SPAN_US)
            }
            SiteCommand::SetAnycast(_) => known(self.scenario.world.is_some(), SceneItem::World),
            SiteCommand::SetPriority(id, priority) => {
                let place = self.topology.nodes.get(id.index());
                known(place.is_some(), SceneItem::Balancer)?;
                known(place.is_some_and(|one| passive(one.site)), SceneItem::Link)?;
                within(Parameter::Priority, u64::from(priority), 1, 255)
            }
            SiteCommand::SetAdvertInterval(id, advert_cs) => {
                known(passive(id), SceneItem::Link)?;
                let most = u64::from(MAX_ADVERT_CS);
                within(Parameter::Advert, u64::from(advert_cs), 1, most)
            }
            SiteCommand::SetPreempt(id, _)
            | SiteCommand::SetSharedConnections(id, _)
            | SiteCommand::SetStandbyChecks(id, _)
            | SiteCommand::SetLink(id, _) => known(passive(id), SceneItem::Link),
            _ => known(self.dns.is_some(), SceneItem::Names),
        }
    }

    /// Carries a command out.
    pub(super) fn apply_edge(&mut self, command: SiteCommand) {
        match command {
            SiteCommand::Node(id, NodeFault::Kill) => self.kill_node(id),
            SiteCommand::Node(id, NodeFault::Stop) => self.stop_node(id),
            SiteCommand::Node(id, NodeFault::Revive) => self.revive_node(id),
            SiteCommand::SetLink(id, up) => self.set_link(id, up),
            SiteCommand::KillSite(id) => self.kill_site(id),
            SiteCommand::RestoreSite(id) => self.restore_site(id),
            SiteCommand::SetPriority(..)
            | SiteCommand::SetAdvertInterval(..)
            | SiteCommand::SetPreempt(..)
            | SiteCommand::SetSharedConnections(..)
            | SiteCommand::SetStandbyChecks(..) => self.set_pair(command),
            naming => self.set_naming(naming),
        }
    }

    fn set_naming(&mut self, command: SiteCommand) {
        let names = self.dns.as_mut().expect("a scene without a name refuses");
        match command {
            SiteCommand::SetPolicy(policy) => {
                (names.spec.policy, names.zone.policy) = (policy, policy);
            }
            SiteCommand::SetTtl(ttl) => names.spec.ttl_us = ttl,
            SiteCommand::SetClientSubnet(on) => names.spec.client_subnet = on,
            SiteCommand::SetAnycast(on) => names.spec.anycast = on,
            _ => {}
        }
    }

    fn set_link(&mut self, id: SiteId, up: bool) {
        let site = &mut self.topology.sites[id.index()];
        let pair = site.pair.as_mut().expect("a site without a pair refuses");
        if std::mem::replace(&mut pair.link_up, up) != up {
            let kind = if up {
                ObservationKind::LinkMended
            } else {
                ObservationKind::LinkCut
            };
            let name = site.name.clone();
            self.record.observe(self.schedule.now(), &name, kind);
        }
    }

    fn kill_site(&mut self, id: SiteId) {
        let name = self.topology.site(id).name.clone();
        self.record
            .observe(self.schedule.now(), &name, ObservationKind::SiteDied);
        for balancer in self.topology.site(id).balancers.clone() {
            self.kill_node(balancer);
        }
        for server in self.servers.at_site(id) {
            self.crash_quietly(server);
        }
    }

    fn restore_site(&mut self, id: SiteId) {
        let name = self.topology.site(id).name.clone();
        self.record
            .observe(self.schedule.now(), &name, ObservationKind::SiteRestored);
        for server in self.servers.at_site(id) {
            self.restore_quietly(server);
        }
        for balancer in self.topology.site(id).balancers.clone() {
            self.revive_node(balancer);
        }
    }
}
