//! Commands that change a pair that shares a virtual IP while it runs.

use super::Engine;
use super::command::SiteCommand;
use super::topology::HaPair;
use crate::ids::{BalancerId, SiteId};

impl Engine {
    /// Changes a pair. Its balancers keep their states; priorities and the interval reach the neighbour with the next
    /// advertisement, as on a real segment.
    pub(super) fn set_pair(&mut self, command: SiteCommand) {
        match command {
            SiteCommand::SetPriority(id, priority) => {
                let (site, place) = self.topology.position_in_site(id);
                self.retune(site, |pair| pair.spec.members[place].priority = priority);
            }
            SiteCommand::SetAdvertInterval(site, advert_cs) => {
                self.retune(site, |pair| pair.spec.advert_cs = advert_cs);
            }
            SiteCommand::SetPreempt(site, on) => {
                self.retune(site, |pair| pair.spec.preempt = on);
            }
            SiteCommand::SetSharedConnections(site, on) => {
                self.retune(site, |pair| pair.spec.shared_connections = on);
            }
            SiteCommand::SetStandbyChecks(site, on) => self.set_standby_checks(site, on),
            _ => {}
        }
    }

    /// Changes the pair's configuration and gives it to both VRRP machines.
    fn retune(&mut self, site: SiteId, change: impl FnOnce(&mut HaPair)) {
        let now = self.schedule.now();
        let pair = self.topology.sites[site.index()].pair.as_mut();
        let pair = pair.expect("a site without a pair refuses");
        change(pair);
        let before = pair.machines.each_ref().map(|one| one.timer());
        for (place, config) in pair.configs().into_iter().enumerate() {
            pair.machines[place].reconfigure(now, config);
        }
        let after = pair.machines.each_ref().map(|one| one.timer());
        let balancers = self.topology.site(site).balancers.clone();
        for (place, id) in balancers.into_iter().enumerate() {
            if before[place] != after[place] {
                self.await_vrrp(id);
            }
        }
    }

    /// The standby balancer starts or stops probing its servers.
    fn set_standby_checks(&mut self, site: SiteId, on: bool) {
        let balancers = self.topology.site(site).balancers.clone();
        let checked = |engine: &Self, id: &BalancerId| engine.checks(*id);
        let before: Vec<bool> = balancers.iter().map(|id| checked(self, id)).collect();
        self.retune(site, |pair| pair.spec.standby_checks = on);
        for (id, before) in balancers.into_iter().zip(before) {
            match (before, self.checks(id)) {
                (false, true) => self.begin_checks(id),
                (true, false) => self.cancel_probes_of(id),
                _ => {}
            }
        }
    }
}
