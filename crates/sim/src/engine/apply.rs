//! Commands: what each one changes.

use super::Engine;
use super::command::{Command, CommandError, FaultKind, NodeFault, SiteCommand};
use super::dns::Dns;
use super::frontend;
use super::observations::ObservationKind;
use super::observer::Observed;
use super::request::AttemptResult;
use crate::balance::endpoint::AdminState;
use crate::balance::spec::Layer;
use crate::fleet::spec::Discipline;
use crate::ids::{EndpointId, ServerId, SiteId, UpstreamId, UpstreamRef};
use crate::scenario::ServerSpec;
use crate::time::SimDuration;
use crate::units::{MilliRps, Permille};

impl Engine {
    /// Carries a command out, now, and logs it.
    ///
    /// # Errors
    /// [`CommandError`] if it cannot be done; then nothing has changed.
    pub fn apply(&mut self, command: Command) -> Result<(), CommandError> {
        self.view().check(&command)?;
        self.record.remember(self.schedule.now(), &command);
        match command {
            Command::Fault(id, fault) => self.break_or_mend(id, fault),
            Command::SetWeight(id, weight) => {
                for endpoint in self.balancers.records_of(id) {
                    let upstream = self.balancers.upstream_of_mut(endpoint);
                    upstream.set_weight(self.schedule.now(), endpoint, weight);
                }
            }
            Command::SetAdmin(id, admin) => self.set_admin(id, admin),
            Command::AddServer => self.add_server(),
            Command::RemoveServer(id) => self.remove_server(id),
            Command::SetAlgorithm(algorithm, implementation) => {
                // Pools have algorithms of their own.
                let main =
                    |upstream_ref: &UpstreamRef| upstream_ref.upstream == UpstreamId::default();
                for upstream_ref in self.balancers.upstream_refs().into_iter().filter(main) {
                    let upstream = self.balancers.upstream_mut(upstream_ref);
                    upstream.set_algorithm(self.schedule.now(), algorithm, implementation);
                }
            }
            Command::SetLayer(layer) => self.set_layer(layer),
            Command::SetTraffic(rate) => {
                let rate = MilliRps(rate);
                self.workload.set_rate(rate, &mut self.schedule);
            }
            Command::SetActiveChecks(config) => {
                self.probes.cancel_all();
                for upstream_ref in self.balancers.upstream_refs() {
                    self.balancers
                        .upstream_mut(upstream_ref)
                        .set_active(self.schedule.now(), config);
                }
                self.schedule_all_probes();
            }
            Command::Site(command) => self.apply_site(command),
            Command::SetPassiveChecks(config) => {
                for upstream_ref in self.balancers.upstream_refs() {
                    self.balancers
                        .upstream_mut(upstream_ref)
                        .set_passive(self.schedule.now(), config);
                }
            }
            Command::Frontend(command) => {
                for id in self.balancers.ids() {
                    let balancer = self.balancers.get_mut(id);
                    frontend::apply(&command, balancer, self.schedule.now());
                }
            }
        }
        self.after_event();
        #[cfg(debug_assertions)]
        self.audit(true);
        Ok(())
    }

    /// Carries out a command in front of the balancers.
    fn apply_site(&mut self, command: SiteCommand) {
        match command {
            SiteCommand::Node(id, NodeFault::Kill) => self.kill_node(id),
            SiteCommand::Node(id, NodeFault::Stop) => self.stop_node(id),
            SiteCommand::Node(id, NodeFault::Revive) => self.revive_node(id),
            SiteCommand::SetLink(id, up) => self.set_link(id, up),
            SiteCommand::KillSite(id) => self.kill_site(id),
            SiteCommand::RestoreSite(id) => self.restore_site(id),
            SiteCommand::SetPriority(id, priority) => {
                let (site, place) = self.network.topology.position_in_site(id);
                self.set_pair(site, &|pair| pair.members[place].priority = priority);
            }
            SiteCommand::SetAdvertInterval(site, advert_cs) => {
                self.set_pair(site, &|pair| pair.advert_cs = advert_cs);
            }
            SiteCommand::SetPreempt(site, on) => self.set_pair(site, &|pair| pair.preempt = on),
            SiteCommand::SetSharedConnections(site, on) => {
                self.set_pair(site, &|pair| pair.shared_connections = on);
            }
            SiteCommand::SetStandbyChecks(site, on) => self.set_standby_checks(site, on),
            SiteCommand::SetPolicy(policy) => self.name_mut().set_policy(policy),
            SiteCommand::SetTtl(ttl) => self.name_mut().spec.ttl_us = ttl,
            SiteCommand::SetClientSubnet(on) => self.name_mut().spec.client_subnet = on,
            SiteCommand::SetAnycast(on) => self.name_mut().spec.anycast = on,
        }
    }

    fn name_mut(&mut self) -> &mut Dns {
        let dns = self.network.dns.as_mut();
        dns.expect("a scene without a name refuses")
    }

    fn break_or_mend(&mut self, id: ServerId, fault: FaultKind) {
        let now = self.schedule.now();
        let server = self.servers.expect_mut(id);
        server.inject(now, fault);
        let broke = fault.row().map(ObservationKind::Broke);
        let kind = broke.unwrap_or(ObservationKind::Restored);
        let name = server.spec.name.clone();
        self.record.observe(now, &name, kind);
        self.observe(Observed::Fault(id, kind));
        if fault == FaultKind::Crash {
            self.reset_jobs(id);
            self.drop_connections_of(id, &name);
        } else {
            self.reschedule_jobs(id);
        }
    }

    /// Crashes a server as part of a larger fault: no observation of its own.
    pub(super) fn crash_server(&mut self, id: ServerId) {
        self.servers.expect_mut(id).crash();
        self.reset_jobs(id);
        self.drop_connections_of(id, "");
    }

    /// Closes the connections of a server whose process died.
    fn drop_connections_of(&mut self, id: ServerId, name: &str) {
        self.reset_connections_of(id);
        self.break_sockets(name, &|socket| socket.server == id);
        for endpoint in self.balancers.records_of(id) {
            let upstream_ref = self.balancers.upstream_ref_of(endpoint);
            let front = self.balancers.get_mut(upstream_ref.balancer).front_mut();
            front.keepalive.drop_all(endpoint);
        }
    }

    /// Restores a server as part of a larger repair: no observation of its own.
    pub(super) fn restore_quietly(&mut self, id: ServerId) {
        let now = self.schedule.now();
        self.servers.expect_mut(id).restore(now);
        self.reschedule_jobs(id);
    }

    /// Sends a reset for every request on a server whose process died.
    fn reset_jobs(&mut self, id: ServerId) {
        for job in self.servers.expect_mut(id).clear() {
            // Work for a request that was given up, or whose balancer died, was for nobody.
            if self.requests.on_attempt(job.key, job.attempt).is_some() {
                self.respond(job.key, AttemptResult::Reset);
            }
        }
    }

    /// Schedules every running job of a server anew after its speed changed.
    fn reschedule_jobs(&mut self, id: ServerId) {
        self.servers.reschedule(id, &mut self.schedule);
        self.start_waiting(id);
    }

    fn set_admin(&mut self, id: ServerId, admin: AdminState) {
        let fact = match admin {
            AdminState::Ready => ObservationKind::Readied,
            AdminState::Drain => ObservationKind::Drained,
            AdminState::Maint => ObservationKind::Maintained,
        };
        self.record_server(id, fact);
        for endpoint in self.balancers.records_of(id) {
            self.set_admin_of(endpoint, admin);
        }
    }

    fn set_admin_of(&mut self, endpoint: EndpointId, admin: AdminState) {
        let upstream = self.balancers.upstream_of_mut(endpoint);
        let was = upstream.endpoint(endpoint).map(|one| one.admin);
        upstream.set_admin(self.schedule.now(), endpoint, admin);
        let maintained = |state| state == AdminState::Maint;
        match (was.is_some_and(maintained), maintained(admin)) {
            // HAProxy neither checks a server in maintenance nor trusts its old checks after it.
            (false, true) => self.probes.cancel(endpoint),
            (true, false) => {
                self.start_endpoint(endpoint);
            }
            _ => {}
        }
    }

    fn add_server(&mut self) {
        let index = self.servers.installed();
        let number = index as u64 + 1;
        let name = server_name(index);
        // The scenario's last of the first one's kind: the first may be an exception, as the strong one of a scene is.
        let servers = &self.scenario.servers;
        let kind = servers.first().map(|first| (&first.pool, first.tier));
        let last = servers
            .iter()
            .rfind(|one| kind == Some((&one.pool, one.tier)));
        let spec = match last.cloned() {
            Some(like) => ServerSpec {
                name,
                address: address(number),
                weight: 1,
                ..like
            },
            None => ServerSpec {
                name,
                address: address(number),
                weight: 1,
                tier: crate::balance::endpoint::Tier::Primary,
                workers: 3,
                queue: 12,
                max_conns: None,
                max_queue: None,
                speed_permille: Permille::ONE,
                discipline: Discipline::default(),
                pool: None,
            },
        };
        let (id, endpoints) = self.install(&spec, SiteId::default());
        for endpoint in &endpoints {
            self.balancers
                .upstream_of_mut(*endpoint)
                .start(self.schedule.now());
        }
        self.record_server(id, ObservationKind::Added);
        for endpoint in endpoints {
            self.start_endpoint(endpoint);
        }
    }

    /// An endpoint joins: its slow start and its probes begin, where they are on.
    fn start_endpoint(&mut self, endpoint: EndpointId) {
        self.start_slow_start(endpoint);
        let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
        let checks = self.network.topology.checks(balancer);
        if checks && self.balancers.upstream_of(endpoint).active().is_some() {
            self.probes
                .send_after(endpoint, SimDuration::ZERO, &mut self.schedule);
        }
    }

    /// Records an observation about a server.
    fn record_server(&mut self, id: ServerId, kind: ObservationKind) {
        let name = self.servers.expect(id).spec.name.clone();
        self.record.observe(self.schedule.now(), &name, kind);
    }

    fn remove_server(&mut self, id: ServerId) {
        self.record_server(id, ObservationKind::Removed);
        let name = self.servers.expect(id).spec.name.clone();
        self.break_sockets(&name, &|socket| socket.server == id);
        self.fail_requests_of(id);
        for endpoint in self.balancers.records_of(id) {
            let balancer = self.balancers.upstream_ref_of(endpoint).balancer;
            let flows = self.balancers.get_mut(balancer).flows_mut();
            flows.remove_all_to(endpoint);
            self.probes.cancel(endpoint);
            self.balancers
                .upstream_of_mut(endpoint)
                .remove(self.schedule.now(), endpoint);
        }
        self.servers.remove(id);
    }

    fn set_layer(&mut self, layer: Layer) {
        if self.balancers.first().layer() == layer {
            return;
        }
        self.break_sockets("", &|_| true);
        for id in self.balancers.ids() {
            let now = self.schedule.now();
            self.balancers.get_mut(id).set_layer(now, layer);
        }
    }
}

/// The name of the server number `index`, from 0: A to Z, AA to AZ, BA …
fn server_name(index: usize) -> String {
    let letter = char::from(b'A' + (index % 26) as u8);
    if index < 26 {
        letter.to_string()
    } else {
        server_name(index / 26 - 1) + &letter.to_string()
    }
}

/// The address of the server number `number`, from 1, in 10.0.0.0/16.
fn address(number: u64) -> String {
    format!(
        "10.0.{}.{}:8080",
        number / 250,
        number % 250 + u64::from(number >= 250)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_on_after_z() {
        let names = [0, 25, 26, 51, 52, 701, 702].map(server_name);
        assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
