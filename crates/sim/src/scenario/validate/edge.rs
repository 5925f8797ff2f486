//! The validation of a scenario's pairs, names, sites and resolvers.

use crate::field::Faults;
use crate::gslb::geo::{CITIES, REGIONS, find_city, find_region};
use crate::scenario::Scenario;
use crate::scenario::topology::{ClientSpread, PairMode, PairSpec, SiteSpec, WorldSpec};

/// Checks everything in front of the balancers.
pub(super) fn check(faults: &mut Faults, scenario: &Scenario) {
    if let Some(spec) = &scenario.pair {
        pair(faults, "pair", spec);
        faults.check(scenario.world.is_none(), "pair", || {
            "a world has its pairs in its sites: world.sites[].pair".into()
        });
    }
    if let Some(spec) = &scenario.dns {
        let anycast = !spec.anycast || scenario.world.is_some();
        faults.check(anycast, "dns.anycast", || {
            "needs the sites of a world".into()
        });
    }
    if let Some(spec) = &scenario.world {
        world(faults, scenario, spec);
    }
}

fn pair(faults: &mut Faults, place: &str, spec: &PairSpec) {
    let [first, second] = &spec.members;
    faults.check(
        first.name != second.name,
        &format!("{place}.members[1].name"),
        || format!("\"{}\" is the name of members[0] already", second.name),
    );
    let second_address = format!("{place}.members[1].address");
    faults.check(first.address != second.address, &second_address, || {
        if first.priority == second.priority && spec.mode == PairMode::ActivePassive {
            let address = second.address;
            let priority = second.priority;
            format!(
                "{address} with priority {priority} is what members[0] has: of equal priorities the higher address wins, so neither would"
            )
        } else {
            format!("{} is the address of members[0] already", second.address)
        }
    });
    let passive = spec.mode == PairMode::ActivePassive;
    faults.check(
        !passive || spec.vip.is_some(),
        &format!("{place}.vip"),
        || "active_passive needs the virtual address that clients know".into(),
    );
    let ecmp = passive || spec.spread == ClientSpread::Dns || spec.vip.is_some();
    faults.check(ecmp, &format!("{place}.vip"), || {
        "ecmp needs the one address that clients know".into()
    });
}

fn world(faults: &mut Faults, scenario: &Scenario, spec: &WorldSpec) {
    for (index, one) in spec.sites.iter().enumerate() {
        let place = format!("world.sites[{index}]");
        site(faults, &place, one);
        faults.check(
            spec.sites[..index]
                .iter()
                .all(|other| other.name != one.name),
            &format!("{place}.name"),
            || format!("\"{}\" is the name of another site already", one.name),
        );
    }
    for (index, one) in spec.resolvers.iter().enumerate() {
        let place = format!("world.resolvers[{index}]");
        city(faults, &format!("{place}.city"), &one.city);
        faults.check(
            spec.resolvers[..index]
                .iter()
                .all(|other| other.name != one.name),
            &format!("{place}.name"),
            || format!("\"{}\" is the name of another resolver already", one.name),
        );
    }
    users(faults, scenario, spec);
    upstream_refs(faults, scenario, spec);
}

fn site(faults: &mut Faults, place: &str, spec: &SiteSpec) {
    let region = find_region(&spec.region);
    faults.check(region.is_some(), &format!("{place}.region"), || {
        let known: Vec<&str> = REGIONS.iter().map(|region| region.key).collect();
        format!(
            "\"{}\" is not a known region: {}",
            spec.region,
            known.join(", ")
        )
    });
    city(faults, &format!("{place}.city"), &spec.city);
    if let (Some(region), Some(city)) = (region, find_city(&spec.city)) {
        faults.check(city.region == region.key, &format!("{place}.city"), || {
            format!("{} is in {}, not in {}", city.key, city.region, region.key)
        });
    }
    if let Some(spec) = &spec.pair {
        pair(faults, &format!("{place}.pair"), spec);
    }
}

fn city(faults: &mut Faults, place: &str, key: &str) {
    faults.check(find_city(key).is_some(), place, || {
        let known: Vec<&str> = CITIES.iter().map(|city| city.key).collect();
        format!("\"{key}\" is not a known city: {}", known.join(", "))
    });
}

/// Checks that every client has a city and a resolver, and that every entry names a client.
fn users(faults: &mut Faults, scenario: &Scenario, spec: &WorldSpec) {
    for (index, one) in spec.users.iter().enumerate() {
        let place = format!("world.users[{index}]");
        city(faults, &format!("{place}.city"), &one.city);
        let known = scenario
            .clients
            .iter()
            .any(|client| client.name == one.client);
        faults.check(known, &format!("{place}.client"), || {
            format!("\"{}\" is not the name of a client", one.client)
        });
        let first = spec
            .users
            .iter()
            .position(|other| other.client == one.client);
        faults.check(first == Some(index), &format!("{place}.client"), || {
            format!("\"{}\" has a place already", one.client)
        });
        let known = spec
            .resolvers
            .iter()
            .any(|other| other.name == one.resolver);
        faults.check(known, &format!("{place}.resolver"), || {
            format!("\"{}\" is not the name of a resolver", one.resolver)
        });
    }
    for (index, client) in scenario.clients.iter().enumerate() {
        let placed = spec.users.iter().any(|user| user.client == client.name);
        faults.check(placed, &format!("clients[{index}]"), || {
            format!("\"{}\" has no place in world.users", client.name)
        });
    }
}

/// Checks that every server stands in exactly one site.
fn upstream_refs(faults: &mut Faults, scenario: &Scenario, spec: &WorldSpec) {
    for (index, site) in spec.sites.iter().enumerate() {
        for (number, name) in site.servers.iter().enumerate() {
            let known = scenario.servers.iter().any(|server| server.name == *name);
            let place = format!("world.sites[{index}].servers[{number}]");
            faults.check(known, &place, || {
                format!("\"{name}\" is not the name of a server")
            });
        }
    }
    for (index, server) in scenario.servers.iter().enumerate() {
        let names = spec.sites.iter().flat_map(|site| &site.servers);
        let count = names.filter(|name| **name == server.name).count();
        faults.check(count == 1, &format!("servers[{index}]"), || {
            format!(
                "\"{}\" stands in {count} sites of the world, and should in one",
                server.name
            )
        });
    }
}
