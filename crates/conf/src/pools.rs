//! The pools of a scene, as they are written in every program.

use super::ir::spare_name;
use super::text::UniqueNames;
use evenkeel_sim::balance::algorithm::{Algorithm, Implementation};
use evenkeel_sim::balance::l7::rules::{RouteMatch, Rule};
use evenkeel_sim::scenario::{Scenario, ServerSpec};

/// A pool to be written.
pub(super) struct Pool<'a> {
    /// The name in the scene.
    pub(super) own_name: String,
    /// The name in the form that every program allows.
    pub(super) name: String,
    /// The algorithm that picks one of its servers.
    pub(super) algorithm: Algorithm,
    /// Whose implementation of the algorithm.
    pub(super) engine: Implementation,
    /// The number of draws; `None` is the default.
    pub(super) draws: Option<u8>,
    /// The servers, each with its index in the scene and its name in the form that every program allows.
    pub(super) servers: Vec<(usize, String, &'a ServerSpec)>,
}

/// All pools of a scene, the main one first.
pub(super) fn pools(scene: &Scenario) -> Vec<Pool<'_>> {
    let balancer = &scene.balancer;
    let main = (
        &balancer.pool,
        balancer.algorithm,
        balancer.engine,
        balancer.draws,
    );
    let others = scene
        .pools
        .iter()
        .map(|one| (&one.name, one.algorithm, one.engine, one.draws));
    let mut pool_names = UniqueNames::default();
    let mut pools: Vec<Pool<'_>> = std::iter::once(main)
        .chain(others)
        .enumerate()
        .map(|(place, (own_name, algorithm, engine, draws))| Pool {
            name: pool_names.take(own_name, &format!("pool{}", place + 1)),
            own_name: own_name.clone(),
            algorithm,
            engine,
            draws,
            servers: Vec::new(),
        })
        .collect();
    let mut names = UniqueNames::default();
    for (place, server) in scene.servers.iter().enumerate() {
        let name = names.take(&server.name, &spare_name(place));
        let found = server
            .pool
            .as_ref()
            .and_then(|pool| pools.iter().position(|one| one.own_name == *pool));
        if let Some(pool) = pools.get_mut(found.unwrap_or(0)) {
            pool.servers.push((place, name, server));
        }
    }
    pools
}

/// The name of a pool in the form that every program allows.
pub(super) fn written<'a>(pools: &'a [Pool<'_>], own_name: &str) -> Option<&'a str> {
    let pool = pools.iter().find(|pool| pool.own_name == own_name)?;
    Some(&pool.name)
}

/// A name that no pool has, as near to `wanted` as can be.
pub(super) fn spare(pools: &[Pool<'_>], wanted: String) -> String {
    let mut name = wanted;
    while pools.iter().any(|pool| pool.name == name) {
        name.push('-');
    }
    name
}

/// The path of a rule with no other condition, if every program can write it as one word.
pub(super) fn path_alone(rule: &Rule) -> Option<&str> {
    let path = rule.when.path.as_deref()?;
    let rest = RouteMatch {
        path: None,
        ..rule.when.clone()
    };
    let fits = |one: char| one.is_ascii_alphanumeric() || "/._-~".contains(one);
    let good = path.starts_with('/') && path.chars().all(fits);
    (rest == RouteMatch::default() && good).then_some(path)
}
