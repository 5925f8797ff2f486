//! The scene as the reader's commands have left it: what an export or a saved file is made of.

use super::view::View;
use crate::balance::balancer::Balancer;
use crate::balance::endpoint::{AdminState, Endpoint};
use crate::ids::ServerId;
use crate::scenario::{PoolSpec, Scenario, ServerSpec};

/// Rates in commands count requests in 1,000 seconds.
const RATE_UNIT: f64 = 1_000.0;

impl View<'_> {
    /// The scenario with everything that commands can change as it is now: algorithm, layer, checks, traffic, weights,
    /// servers, rules, work, pairs, the name. Faults are not part of a scenario. A server in maintenance or draining
    /// takes nothing new, which a scenario says by weight 0.
    #[must_use]
    pub fn edited(&self) -> Scenario {
        let mut scene = self.scenario().clone();
        let balancer = self.balancer();
        let (now, picker) = (balancer.front().config(), balancer.picker());
        scene.balancer.algorithm = picker.algorithm;
        scene.balancer.engine = picker.implementation;
        scene.balancer.layer = now.layer;
        scene.balancer.active_checks = balancer.active().copied();
        scene.balancer.passive_checks = balancer.passive().copied();
        let changed = self.log().iter().any(|entry| entry.command.is_of_traffic());
        if changed {
            scene.arrivals.rate_rps = self.rate().0 as f64 / RATE_UNIT;
        }
        scene.balancer.keepalive = now.keepalive;
        scene.balancer.return_path = now.return_path;
        let cores = balancer.front().processor().map(|one| one.cores() as u32);
        if let (Some(spec), Some(cores)) = (&mut scene.balancer.processor, cores) {
            spec.cores = cores;
        }
        scene.rules = balancer.front().rules.rules().to_vec();
        surroundings(&mut scene, *self);
        pools(&mut scene, balancer);
        // Every site's; of a server that several know, what this balancer makes of it.
        let others = self.balancers().filter(|one| one.id != balancer.id);
        let members = others.flat_map(|one| self.members_of(one.id));
        let mut servers: Vec<(ServerId, ServerSpec)> = self
            .members()
            .chain(members)
            .map(|member| {
                let id = member.server.id;
                let old = self.scenario().servers.get(id.index());
                (id, spec(old, &member.server.spec, member.endpoint))
            })
            .collect();
        servers.sort_by_cached_key(|(id, _)| u64::from(id.0));
        servers.dedup_by_key(|(id, _)| *id);
        scene.servers = servers.into_iter().map(|(_, spec)| spec).collect();
        scene
    }
}

/// Puts the present settings of pairs and the name into the scene.
fn surroundings(scene: &mut Scenario, view: View<'_>) {
    let sites = &view.topology().sites;
    let spec = |place: usize| {
        sites
            .get(place)?
            .pair
            .as_ref()
            .map(|pair| pair.spec.clone())
    };
    match &mut scene.world {
        None => scene.pair = spec(0),
        Some(world) => {
            for (place, site) in world.sites.iter_mut().enumerate() {
                site.pair = spec(place);
            }
        }
    }
    if let (Some(dns), Some(names)) = (&mut scene.dns, view.dns()) {
        *dns = names.spec;
    }
}

/// Puts the present algorithm into the other pools: the command sets them all.
fn pools(scene: &mut Scenario, balancer: &Balancer) {
    for (pool, upstream) in scene
        .pools
        .iter_mut()
        .zip(balancer.upstreams().iter().skip(1))
    {
        let picker = upstream.config().picker;
        *pool = PoolSpec {
            algorithm: picker.algorithm,
            engine: picker.implementation,
            ..pool.clone()
        };
    }
}

/// A server as it is now: the machine and the balancer's settings for it.
fn spec(
    old: Option<&ServerSpec>,
    machine: &crate::fleet::spec::MachineSpec,
    endpoint: &Endpoint,
) -> ServerSpec {
    let ready = endpoint.admin == AdminState::Ready;
    ServerSpec {
        name: machine.name.clone(),
        address: machine.address.clone(),
        weight: if ready { endpoint.config.weight } else { 0 },
        tier: endpoint.config.tier,
        workers: machine.workers,
        queue: machine.queue,
        max_conns: endpoint.config.max_conns,
        max_queue: endpoint.config.max_queue,
        speed_permille: machine.speed_permille,
        discipline: machine.discipline,
        pool: old.and_then(|old| old.pool.clone()),
    }
}
