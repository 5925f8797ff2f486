//! The commands that change what a balancer does before it picks: its rules, its processor, the path of responses, the
//! connections it keeps. They apply to every balancer of the scene.

use serde::{Deserialize, Serialize};

use super::Engine;
use super::command::{CommandError, LimitedItem, Parameter, SceneItem};
use crate::balance::algorithm::{Algorithm, Implementation};
use crate::balance::balancer::Balancer;
use crate::balance::l7::keepalive::KeepaliveSpec;
use crate::balance::l7::rules::{RouteAction, Rule};
use crate::balance::l7::token_bucket::RateLimit;
use crate::balance::spec::ReturnPath;
use crate::ids::UpstreamId;
use crate::scenario::limits::{MAX_CORES, MAX_RATE_RPS, MAX_RULES};
use crate::scenario::validate::rule_faults;

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

impl Engine {
    /// Refuses a change that cannot be made.
    pub(super) fn check_front(&self, command: &FrontendCommand) -> Result<(), CommandError> {
        let range = |what, value: u32, min: u32, max: u32| {
            let (min, max) = (u64::from(min), u64::from(max));
            if (min..=max).contains(&u64::from(value)) {
                Ok(())
            } else {
                Err(CommandError::OutOfRange { what, min, max })
            }
        };
        match *command {
            FrontendCommand::SwitchRule(place, _) | FrontendCommand::RemoveRule(place) => {
                self.rule(place).map(|_| ())
            }
            FrontendCommand::SetLimit(place, limit) => {
                if !matches!(self.rule(place)?.then, RouteAction::Limit(_)) {
                    return Err(CommandError::LimitsNothing(place));
                }
                let most = MAX_RATE_RPS as u32 * 1_000;
                range(Parameter::LimitRate, limit.rate_permille, 1, most)?;
                range(Parameter::Burst, limit.burst, 1, 1_000_000)
            }
            FrontendCommand::SetSplit(place, percent) => {
                match &self.rule(place)?.then {
                    RouteAction::Split(parts) if parts.len() == 2 => {}
                    _ => return Err(CommandError::IsNoSplit(place)),
                }
                range(Parameter::Split, percent, 0, 100)
            }
            FrontendCommand::SetPoolAlgorithm(pool, algorithm, implementation) => {
                if pool.index() >= self.balancers.first().upstreams().len() {
                    return Err(CommandError::NotInScene(SceneItem::Pool));
                }
                if algorithm.row().has(implementation) {
                    Ok(())
                } else {
                    Err(CommandError::NoSuchForm(algorithm, implementation))
                }
            }
            FrontendCommand::SetCores(_) if self.scenario.balancer.processor.is_none() => {
                Err(CommandError::NotInScene(SceneItem::Processor))
            }
            FrontendCommand::SetCores(cores) => range(Parameter::Cores, cores, 1, MAX_CORES),
            FrontendCommand::SetKeepalive(Some(spec)) => {
                range(Parameter::Kept, spec.idle, 0, 10_000)
            }
            FrontendCommand::SetKeepalive(None) | FrontendCommand::SetReturnPath(_) => Ok(()),
            FrontendCommand::AddRule(place, ref rule) => self.check_new_rule(place, rule),
            FrontendCommand::SetRule(place, ref rule) => {
                self.rule(place)?;
                self.check_words(rule)
            }
            FrontendCommand::MoveRule(from, to) => self.rule(from).and(self.rule(to)).map(|_| ()),
        }
    }

    fn check_new_rule(&self, place: u32, rule: &Rule) -> Result<(), CommandError> {
        let count = self.balancers.first().front().rules.rules().len();
        if count >= MAX_RULES {
            return Err(CommandError::Limit {
                what: LimitedItem::Rules,
                max: MAX_RULES,
            });
        }
        if place as usize > count {
            return Err(CommandError::UnknownRule(place));
        }
        self.check_words(rule)
    }

    /// Checks a rule with the validation of scenarios.
    fn check_words(&self, rule: &Rule) -> Result<(), CommandError> {
        let found = rule_faults(rule, &self.scenario.pool_names());
        found
            .into_iter()
            .next()
            .map_or(Ok(()), |fault| Err(CommandError::BadRule(fault)))
    }

    fn rule(&self, place: u32) -> Result<&Rule, CommandError> {
        let rules = self.balancers.first().front().rules.rules();
        rules
            .get(place as usize)
            .ok_or(CommandError::UnknownRule(place))
    }

    /// Makes the change at every balancer.
    pub(super) fn apply_front(&mut self, command: &FrontendCommand) {
        let ids: Vec<_> = self.balancers.ids().collect();
        for id in ids {
            let now = self.schedule.now();
            let balancer = self.balancers.get_mut(id);
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
                    respec(balancer, |spec| spec.return_path = path);
                }
                FrontendCommand::SetKeepalive(keepalive) => {
                    respec(balancer, |spec| spec.keepalive = keepalive);
                }
            }
        }
    }
}

/// Changes the configuration of a balancer, for all its pools.
fn respec(balancer: &mut Balancer, change: impl Fn(&mut crate::balance::spec::BalancerSpec)) {
    for place in 0..balancer.upstreams().len() as u32 {
        balancer
            .upstream_mut(UpstreamId(place))
            .update_spec(&change);
    }
}
