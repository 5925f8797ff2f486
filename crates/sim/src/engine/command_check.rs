//! Which commands can be carried out. A check reads the run through a [`View`], so that a command that is refused has
//! changed nothing.

use super::command::{
    Command, CommandError, FaultKind, LimitedItem, Parameter, SceneItem, SiteCommand,
};
use super::frontend::FrontendCommand;
use super::pair::HaPair;
use super::view::View;
use crate::balance::endpoint::MAX_WEIGHT;
use crate::balance::l7::rules::{RouteAction, Rule};
use crate::ha::vrrp::MAX_ADVERT_CS;
use crate::ids::{ServerId, SiteId};
use crate::scenario::limits::{
    MAX_COMMANDS, MAX_CORES, MAX_RATE_RPS, MAX_RULES, MAX_SERVERS, MAX_SPAN_US,
};
use crate::scenario::validate::rule_faults;

impl View<'_> {
    /// Refuses a command that cannot be carried out.
    pub(super) fn check(&self, command: &Command) -> Result<(), CommandError> {
        let range = |what, value: u64, min, max| {
            if (min..=max).contains(&value) {
                Ok(())
            } else {
                Err(CommandError::OutOfRange { what, min, max })
            }
        };
        match *command {
            Command::Fault(id, fault) => {
                self.known(id)?;
                let what = match fault {
                    FaultKind::Slow(_) => Parameter::Factor,
                    _ => Parameter::Share,
                };
                let mut fault = fault;
                match fault.permille() {
                    Some((value, within)) => {
                        let [min, max] = [within.start(), within.end()].map(|end| u64::from(*end));
                        range(what, u64::from(*value), min, max)
                    }
                    None => Ok(()),
                }
            }
            Command::SetWeight(id, weight) => {
                self.known(id)?;
                range(
                    Parameter::Weight,
                    u64::from(weight),
                    0,
                    u64::from(MAX_WEIGHT),
                )
            }
            Command::SetAdmin(id, _) | Command::RemoveServer(id) => self.known(id),
            Command::AddServer if self.engine.servers.iter().count() >= MAX_SERVERS => {
                Err(CommandError::Limit {
                    what: LimitedItem::Servers,
                    max: MAX_SERVERS,
                })
            }
            Command::SetAlgorithm(algorithm, implementation)
                if !algorithm.row().has(implementation) =>
            {
                Err(CommandError::NoSuchForm(algorithm, implementation))
            }
            Command::Frontend(ref command) => self.check_frontend(command),
            Command::Site(command) => self.check_site(command),
            Command::SetTraffic(_) if self.engine.workload.is_closed() => {
                Err(CommandError::ClosedLoop)
            }
            Command::SetTraffic(rate) => {
                range(Parameter::Rate, rate, 0, MAX_RATE_RPS as u64 * 1_000)
            }
            _ => Ok(()),
        }?;
        if self.engine.record.log.len() >= MAX_COMMANDS
            && !self.engine.record.replaces_last(self.now(), command)
        {
            return Err(CommandError::Limit {
                what: LimitedItem::Commands,
                max: MAX_COMMANDS,
            });
        }
        Ok(())
    }

    fn known(&self, id: ServerId) -> Result<(), CommandError> {
        self.engine
            .servers
            .get(id)
            .map(|_| ())
            .ok_or(CommandError::UnknownServer(id))
    }

    /// Refuses a change that cannot be made.
    fn check_frontend(&self, command: &FrontendCommand) -> Result<(), CommandError> {
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
                if pool.index() >= self.engine.balancers.first().upstreams().len() {
                    return Err(CommandError::NotInScene(SceneItem::Pool));
                }
                if algorithm.row().has(implementation) {
                    Ok(())
                } else {
                    Err(CommandError::NoSuchForm(algorithm, implementation))
                }
            }
            FrontendCommand::SetCores(_) if self.engine.scenario.balancer.processor.is_none() => {
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
        let count = self.engine.balancers.first().front().rules.rules().len();
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
        let found = rule_faults(rule, &self.engine.scenario.pool_names());
        found
            .into_iter()
            .next()
            .map_or(Ok(()), |fault| Err(CommandError::BadRule(fault)))
    }

    fn rule(&self, place: u32) -> Result<&Rule, CommandError> {
        let rules = self.engine.balancers.first().front().rules.rules();
        rules
            .get(place as usize)
            .ok_or(CommandError::UnknownRule(place))
    }

    /// Refuses a command that cannot be carried out.
    fn check_site(&self, command: SiteCommand) -> Result<(), CommandError> {
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
            let pair = self.engine.network.topology.sites.get(id.index());
            pair.and_then(|site| site.pair.as_ref())
                .is_some_and(HaPair::is_passive)
        };
        match command {
            SiteCommand::Node(id, _) => known(
                id.index() < self.engine.network.topology.nodes.len(),
                SceneItem::Balancer,
            ),
            SiteCommand::KillSite(id) | SiteCommand::RestoreSite(id) => known(
                id.index() < self.engine.network.topology.sites.len(),
                SceneItem::Site,
            ),
            SiteCommand::SetTtl(ttl) if self.engine.network.dns.is_some() => {
                within(Parameter::Ttl, ttl.as_us(), 0, MAX_SPAN_US)
            }
            SiteCommand::SetAnycast(_) => {
                known(self.engine.scenario.world.is_some(), SceneItem::World)
            }
            SiteCommand::SetPriority(id, priority) => {
                let place = self.engine.network.topology.nodes.get(id.index());
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
            _ => known(self.engine.network.dns.is_some(), SceneItem::Names),
        }
    }
}
