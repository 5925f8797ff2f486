//! Which commands a world must take and which it must refuse, decided from the scene and not as the
//! engine does. With it a random history fails where a command is refused for no reason.

use evenkeel::sim::balance::l7::rules::{RouteAction, Rule};
use evenkeel::sim::engine::command::{Command, FaultKind, SiteCommand};
use evenkeel::sim::engine::frontend::FrontendCommand;
use evenkeel::sim::engine::view::View;
use evenkeel::sim::fleet::spec::ArrivalProcess;
use evenkeel::sim::ids::{BalancerId, ServerId, SiteId};
use evenkeel::sim::run::CommandTarget;
use evenkeel::sim::scenario::Scenario;
use evenkeel::sim::scenario::limits::{MAX_COMMANDS, MAX_CORES, MAX_RULES, MAX_SERVERS};
use evenkeel::sim::scenario::topology::{PairMode, PairSpec};
use evenkeel::sim::time::SimDuration;

/// Gives a command, which must be refused exactly if it is impossible; then the log is
/// as before. Tells whether it was carried out.
pub fn attempt(world: &mut impl CommandTarget, command: &Command) -> bool {
    let expected = is_possible(world.view(), command);
    let before = world.view().log().len();
    let done = world.apply(command.clone());
    assert_eq!(done.is_ok(), expected, "{command:?} gave {done:?}");
    if done.is_err() {
        assert_eq!(world.view().log().len(), before, "{command:?} was noted");
    }
    expected
}

/// Whether the command can be carried out. Texts of rules and draws of pickers are taken to be
/// valid, as in all commands of the random histories.
fn is_possible(view: View<'_>, command: &Command) -> bool {
    let there = |id: &ServerId| {
        let members = view.balancers().flat_map(|one| view.members_of(one.id));
        members.into_iter().any(|member| member.server.id == *id)
    };
    assert!(view.log().len() < MAX_COMMANDS, "the histories are short");
    match command {
        Command::Fault(id, fault) => there(id) && is_fault(*fault),
        Command::SetWeight(id, weight) => there(id) && *weight <= 256,
        Command::SetAdmin(id, _) | Command::RemoveServer(id) => there(id),
        Command::AddServer => view.members().count() < MAX_SERVERS,
        Command::SetAlgorithm(algorithm, form) => algorithm.row().flavours.contains(form),
        Command::SetTraffic(per_1000_s) => {
            let open = view.scenario().arrivals.process != ArrivalProcess::ClosedLoop;
            open && *per_1000_s <= 1_000_000_000
        }
        Command::SetLayer(_) | Command::SetActiveChecks(_) | Command::SetPassiveChecks(_) => true,
        Command::Frontend(command) => is_front(view, command),
        Command::Site(command) => is_edge(view.scenario(), *command),
    }
}

fn is_fault(fault: FaultKind) -> bool {
    match serde_json::to_value(fault).expect("it can be written") {
        // `{"slow": 4000}`: a factor of 1 to 1000; all others are a share.
        serde_json::Value::Object(fault) => fault.iter().all(|(name, permille)| {
            let permille = permille.as_u64().expect("thousandths");
            match name.as_str() {
                "slow" => (1_000..=1_000_000).contains(&permille),
                _ => (1..=1_000).contains(&permille),
            }
        }),
        _ => true,
    }
}

fn is_front(view: View<'_>, command: &FrontendCommand) -> bool {
    let scene = view.scenario();
    let rules = view.balancer().front().rules.rules();
    let at = |place: u32| rules.get(place as usize).map(|rule| &rule.then);
    match command {
        FrontendCommand::SwitchRule(place, _) | FrontendCommand::RemoveRule(place) => {
            at(*place).is_some()
        }
        FrontendCommand::SetLimit(place, limit) => {
            let limits = matches!(at(*place), Some(RouteAction::Limit(_)));
            let rate = (1..=1_000_000_000).contains(&limit.rate_permille);
            limits && rate && (1..=1_000_000).contains(&limit.burst)
        }
        FrontendCommand::SetSplit(place, percent) => {
            let two = matches!(at(*place), Some(RouteAction::Split(parts)) if parts.len() == 2);
            two && *percent <= 100
        }
        FrontendCommand::SetPoolAlgorithm(pool, algorithm, form) => {
            pool.index() <= scene.pools.len() && algorithm.row().flavours.contains(form)
        }
        FrontendCommand::SetCores(cores) => {
            scene.balancer.processor.is_some() && (1..=MAX_CORES).contains(cores)
        }
        FrontendCommand::SetReturnPath(_) => true,
        FrontendCommand::SetKeepalive(spec) => spec.is_none_or(|spec| spec.idle <= 10_000),
        FrontendCommand::AddRule(place, rule) => {
            let room = rules.len() < MAX_RULES && *place as usize <= rules.len();
            room && has_its_pools(scene, rule)
        }
        FrontendCommand::SetRule(place, rule) => at(*place).is_some() && has_its_pools(scene, rule),
        FrontendCommand::MoveRule(from, to) => at(*from).is_some() && at(*to).is_some(),
    }
}

fn has_its_pools(scene: &Scenario, rule: &Rule) -> bool {
    let there = |name: &String| {
        *name == scene.balancer.pool || scene.pools.iter().any(|pool| pool.name == *name)
    };
    match &rule.then {
        RouteAction::Pool(name) => there(name),
        RouteAction::Split(parts) => parts.iter().all(|part| there(&part.pool)),
        _ => true,
    }
}

/// The pair of each site, in the order of the sites: the scene itself is one where there is no world.
fn sites(scene: &Scenario) -> Vec<Option<&PairSpec>> {
    match &scene.world {
        Some(world) => world.sites.iter().map(|site| site.pair.as_ref()).collect(),
        None => vec![scene.pair.as_ref()],
    }
}

fn is_edge(scene: &Scenario, command: SiteCommand) -> bool {
    let sites = sites(scene);
    let site = |id: SiteId| sites.get(id.index());
    let shares_an_address =
        |pair: &Option<&PairSpec>| pair.is_some_and(|pair| pair.mode == PairMode::ActivePassive);
    // Balancers are numbered site by site; each stands for the pair of its site.
    let mut balancers = Vec::new();
    for pair in &sites {
        balancers.extend(vec![*pair; if pair.is_some() { 2 } else { 1 }]);
    }
    let balancer = |id: BalancerId| balancers.get(id.index());
    match command {
        SiteCommand::Node(id, _) => balancer(id).is_some(),
        SiteCommand::KillSite(id) | SiteCommand::RestoreSite(id) => site(id).is_some(),
        SiteCommand::SetTtl(ttl) => scene.dns.is_some() && ttl <= SimDuration::from_secs(3_600),
        SiteCommand::SetPolicy(_) | SiteCommand::SetClientSubnet(_) => scene.dns.is_some(),
        SiteCommand::SetAnycast(_) => scene.world.is_some(),
        SiteCommand::SetPriority(id, priority) => {
            balancer(id).is_some_and(shares_an_address) && priority >= 1
        }
        SiteCommand::SetAdvertInterval(id, advert_cs) => {
            site(id).is_some_and(shares_an_address) && (1..=4_095).contains(&advert_cs)
        }
        SiteCommand::SetLink(id, _)
        | SiteCommand::SetPreempt(id, _)
        | SiteCommand::SetSharedConnections(id, _)
        | SiteCommand::SetStandbyChecks(id, _) => site(id).is_some_and(shares_an_address),
    }
}
