//! The commands that change what a balancer does before it picks: its rules, its processor, the path of responses, the
//! connections it keeps. They apply to every balancer of the scene.

use serde::{Deserialize, Serialize};

use crate::balance::algorithm::{Algorithm, Implementation};
use crate::balance::balancer::Balancer;
use crate::balance::l7::keepalive::KeepaliveSpec;
use crate::balance::l7::rules::Rule;
use crate::balance::l7::token_bucket::RateLimit;
use crate::balance::spec::ReturnPath;
use crate::ids::UpstreamId;
use crate::time::SimTime;

/// One change of the frontend. Rules are named by their position, from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrontendCommand {
    /// Turns a rule on or off.
    SwitchRule(u32, bool),
    /// Sets the rate limit of a rule.
    SetLimit(u32, RateLimit),
    /// Sets how many of 100 requests the first side of a split between two pools gets.
    SetSplit(u32, u32),
    /// Sets the algorithm of a pool, and whose implementation of it.
    SetPoolAlgorithm(UpstreamId, Algorithm, Implementation),
    /// Sets the number of cores of the processor.
    SetCores(u32),
    /// Sets the path of responses at L4.
    SetReturnPath(ReturnPath),
    /// Sets which connections to servers are kept open; `None`: connections cost nothing and are always there.
    SetKeepalive(Option<KeepaliveSpec>),
    /// Adds a rule at this position: those from there on move down by one.
    AddRule(u32, Box<Rule>),
    /// Replaces the rule at this position.
    SetRule(u32, Box<Rule>),
    /// Removes the rule at this position.
    RemoveRule(u32),
    /// Moves the rule at the first position to the second.
    MoveRule(u32, u32),
}

impl FrontendCommand {
    /// Whether it sets the same thing as another: of two at one instant the later one counts.
    #[must_use]
    pub fn sets_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::SetLimit(one, _), Self::SetLimit(two, _))
            | (Self::SetSplit(one, _), Self::SetSplit(two, _)) => one == two,
            (Self::SetCores(_), Self::SetCores(_)) => true,
            _ => false,
        }
    }
}

/// Makes a change at a balancer.
pub(super) fn apply(command: &FrontendCommand, balancer: &mut Balancer, now: SimTime) {
    match *command {
        FrontendCommand::AddRule(place, ref rule) => {
            balancer
                .front_mut()
                .edit_rules(|rules| rules.insert(place as usize, rule));
        }
        FrontendCommand::SetRule(place, ref rule) => {
            balancer
                .front_mut()
                .edit_rules(|rules| rules.replace(place as usize, rule));
        }
        FrontendCommand::RemoveRule(place) => {
            balancer
                .front_mut()
                .edit_rules(|rules| rules.remove(place as usize));
        }
        FrontendCommand::MoveRule(from, to) => {
            balancer
                .front_mut()
                .edit_rules(|rules| rules.relocate(from as usize, to as usize));
        }
        FrontendCommand::SwitchRule(place, on) => {
            balancer.front_mut().rules.switch(place as usize, on);
        }
        FrontendCommand::SetLimit(place, limit) => {
            balancer.front_mut().rules.set_limit(place as usize, limit);
        }
        FrontendCommand::SetSplit(place, percent) => {
            balancer
                .front_mut()
                .rules
                .set_split(place as usize, percent);
        }
        FrontendCommand::SetPoolAlgorithm(pool, algorithm, implementation) => {
            let upstream = balancer.upstream_mut(pool);
            upstream.set_algorithm(now, algorithm, implementation);
        }
        FrontendCommand::SetCores(cores) => balancer.front_mut().set_cores(cores, now),
        FrontendCommand::SetReturnPath(path) => {
            balancer.front_mut().set_return_path(path);
        }
        FrontendCommand::SetKeepalive(keepalive) => {
            balancer.front_mut().set_keepalive(keepalive);
        }
    }
}
