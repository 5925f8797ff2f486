//! The cases that a comparison offers: settings whose difference is known, each with a scene in which it shows. What
//! wins in each is measured (`tests/it/verdict.rs`).

use super::fleet::is_fleet;
use evenkeel_sim::balance::algorithm::CATALOGUE;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::comparison::{ComparedConfig, RunComparison};
use evenkeel_sim::engine::command::{Command, FaultKind, LogEntry, SiteCommand};
use evenkeel_sim::engine::view::View;
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::run::Run;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::preset::default_scenario;
use evenkeel_sim::scenario::validate::faults;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_sim::units::Permille;
use evenkeel_words::t;

/// The fault of a server that takes four times as long.
pub const SLOW: FaultKind = FaultKind::Slow(Permille(4_000));

/// A fault that is there from the start of a comparison, in every run.
pub type GivenFault = (ServerId, FaultKind);

/// A case with a known outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// Round robin or least connections, with one slow server.
    SlowServer,
    /// A random server or the better of two, under load.
    TwoChoices,
    /// Passive checks or none, where a server fails every request at once.
    BlackHole,
    /// L4 or L7, with long connections of unequal load.
    Layers,
    /// IP hash or round robin, where many people share one address.
    SharedAddress,
}

impl Case {
    /// All cases, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::SlowServer,
        Self::TwoChoices,
        Self::BlackHole,
        Self::Layers,
        Self::SharedAddress,
    ];

    /// What is compared with what, and where.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::SlowServer => t!("race.case.slow"),
            Self::TwoChoices => t!("race.case.choices"),
            Self::BlackHole => t!("race.case.hole"),
            Self::Layers => t!("race.case.layers"),
            Self::SharedAddress => t!("race.case.address"),
        }
    }

    /// What to watch, in a sentence.
    #[must_use]
    pub fn watch(self) -> String {
        match self {
            Self::SlowServer => t!("race.watch.slow"),
            Self::TwoChoices => t!("race.watch.choices"),
            Self::BlackHole => t!("race.watch.hole"),
            Self::Layers => t!("race.watch.layers"),
            Self::SharedAddress => t!("race.watch.address"),
        }
    }

    /// The scene: four equal servers near their clients, so that work and queues decide how long a request takes.
    #[must_use]
    pub fn scenario(self) -> Scenario {
        let near = SimDuration::from_ms(150);
        let mut scenario = default_scenario();
        scenario.name = self.name();
        (scenario.links.client_us, scenario.links.server_us) = (near, near);
        match self {
            Self::SlowServer | Self::BlackHole => (),
            Self::TwoChoices => scenario.arrivals.rate_rps = 38.0,
            Self::Layers => {
                scenario.arrivals.rate_rps = 20.0;
                for (client, share) in scenario.clients.iter_mut().zip([10, 4, 1, 1]) {
                    client.share = share;
                    client.users = 1;
                    client.requests_per_connection = 100_000;
                }
            }
            Self::SharedAddress => scenario.arrivals.rate_rps = 24.0,
        }
        scenario
    }

    /// The settings of the runs.
    #[must_use]
    pub fn configs(self) -> Vec<ComparedConfig> {
        let scenario = self.scenario();
        let with = |id| with_algorithm(&scenario, id);
        match self {
            Self::SlowServer => ["round_robin", "least_connections"].map(with).to_vec(),
            Self::TwoChoices => ["random", "power_of_two"].map(with).to_vec(),
            Self::BlackHole => {
                let checked = ComparedConfig {
                    active_checks: false,
                    ..with("least_connections")
                };
                let blind = |one| ComparedConfig {
                    active_checks: false,
                    passive_checks: false,
                    ..one
                };
                vec![checked, blind(checked), blind(with("round_robin"))]
            }
            Self::Layers => [Layer::L4, Layer::L7]
                .map(|layer| ComparedConfig {
                    layer,
                    ..with("round_robin")
                })
                .to_vec(),
            Self::SharedAddress => ["ip_hash", "round_robin"].map(with).to_vec(),
        }
    }

    /// The fault that is there from the start.
    #[must_use]
    pub const fn fault(self) -> Option<GivenFault> {
        match self {
            Self::SlowServer => Some((ServerId(3), SLOW)),
            Self::BlackHole => Some((ServerId(1), FaultKind::FailFast(Permille(1_000)))),
            Self::TwoChoices | Self::Layers | Self::SharedAddress => None,
        }
    }
}

/// The settings of a scene with another algorithm, in the implementation that comes nearest to the scene's.
#[must_use]
pub fn with_algorithm(scenario: &Scenario, id: &str) -> ComparedConfig {
    let own = ComparedConfig::of(scenario);
    let row = CATALOGUE.iter().find(|row| row.id == id);
    row.map_or(own, |row| ComparedConfig {
        algorithm: row.algorithm,
        engine: row.form(own.engine),
        ..own
    })
}

/// A comparison of a run with faults that are there from the start.
#[must_use]
pub fn begin(base: &Run, configs: &[ComparedConfig], faults: &[GivenFault]) -> RunComparison {
    let mut race = RunComparison::new(base, configs);
    for (server, fault) in faults {
        // A server that has left the scene meanwhile has no fault.
        let _ = race.send(Command::Fault(*server, *fault));
    }
    race
}

/// The settings that stand beside the scene's own at first.
const OTHERS: [&str; 3] = ["least_connections", "power_of_two", "round_robin"];

/// The run of a comparison of what is on the stage: its scene as it is now, from the start, with the faults that were
/// given since. `run` is the one that `view` shows. A scene that cannot start anew, as one without servers, starts as it
/// did.
#[must_use]
pub fn as_on_the_stage(view: View<'_>, run: &Run) -> Run {
    let scenario = Scenario {
        seed: run.seed,
        ..view.edited()
    };
    if !faults(&scenario).is_empty() {
        return run.clone();
    }
    // In the edited scene servers are numbered anew.
    let members = view.balancers().flat_map(|one| view.members_of(one.id));
    let mut ids: Vec<u32> = members.map(|member| member.server.id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let renumbered = |id: ServerId| ids.binary_search(&id.0).ok().map(|at| ServerId(at as u32));
    let kept = |entry: &LogEntry| {
        let command = match entry.command {
            Command::Fault(id, fault) => Command::Fault(renumbered(id)?, fault),
            Command::Site(
                what @ (SiteCommand::Node(..)
                | SiteCommand::SetLink(..)
                | SiteCommand::KillSite(_)
                | SiteCommand::RestoreSite(_)),
            ) => Command::Site(what),
            _ => return None,
        };
        Some(LogEntry {
            at: entry.at,
            command,
        })
    };
    let so_far = run.log.iter().filter(|entry| entry.at <= view.now());
    Run {
        seed: run.seed,
        scenario,
        log: so_far.filter_map(kept).collect(),
        at: SimTime::ZERO,
    }
}

/// The settings of the scene itself, and two others.
#[must_use]
pub fn opening_configs(base: &Run) -> Vec<ComparedConfig> {
    let own = ComparedConfig::of(&base.scenario);
    let others = OTHERS.iter().map(|id| with_algorithm(&base.scenario, id));
    let others = others.filter(|one| one.algorithm != own.algorithm);
    std::iter::once(own).chain(others).take(3).collect()
}

/// The fault that makes a comparison worth watching: the last server is slower. `None` where the run has faults of its
/// own, where there is only one server, and where one of so many would not be felt.
#[must_use]
pub fn opening_fault(base: &Run, race: &RunComparison) -> Option<GivenFault> {
    let is_fault = |command: &Command| matches!(command, Command::Fault(..));
    if base.log.iter().any(|entry| is_fault(&entry.command)) {
        return None;
    }
    let view = race.lanes().first()?.view();
    let last = view.members().last().filter(|_| !is_fleet(view))?;
    (view.members().count() > 1).then_some((last.server.id, SLOW))
}

/// What a comparison begins with, in a sentence: the slow server; `None` where no server is slow from the start.
#[must_use]
pub fn slow_from_the_start(race: &RunComparison, faults: &[GivenFault]) -> Option<String> {
    let (id, _) = faults.iter().find(|(_, fault)| *fault == SLOW)?;
    let member = race.lanes().first()?.view().member(*id)?;
    Some(t!("race.slow_server", name = &member.server.spec.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::balance::algorithm::{Algorithm, Implementation};
    use evenkeel_sim::engine::Engine;
    use evenkeel_sim::engine::EventBudget;

    #[test]
    fn every_case_is_a_valid_scene_and_its_fault_can_be_given() {
        for case in Case::ALL {
            let scenario = case.scenario();
            assert_eq!(faults(&scenario), Vec::new(), "{case:?}");
            for config in case.configs() {
                let own = config.scenario(&scenario);
                assert_eq!(faults(&own), Vec::new(), "{case:?}");
                let mut engine = Engine::new(&own, 1);
                if let Some((id, fault)) = case.fault() {
                    assert!(engine.apply(Command::Fault(id, fault)).is_ok(), "{case:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_on_the_stage_is_compared_as_it_is_now() {
        let start = Run::start(default_scenario());
        let mut engine = Engine::new(&start.scenario, start.seed);
        let least = Algorithm::LeastConnections;
        let given = [
            Command::RemoveServer(ServerId(1)),
            Command::AddServer,
            Command::SetPassiveChecks(None),
            Command::SetAlgorithm(least, Implementation::Nginx),
            Command::Fault(ServerId(4), FaultKind::Crash),
            Command::Fault(ServerId(0), FaultKind::Crash),
        ];
        for command in given {
            engine.run_until(
                engine.view().now() + SimDuration::from_secs(1),
                EventBudget::UNBOUNDED,
            );
            engine.apply(command).expect("it is possible");
        }
        let run = Run {
            log: engine.view().log().to_vec(),
            at: engine.view().now(),
            ..start
        };
        let compared = as_on_the_stage(engine.view(), &run);
        assert_eq!(
            compared.scenario,
            Scenario {
                seed: run.seed,
                ..engine.view().edited()
            }
        );
        assert_eq!(opening_configs(&compared)[0].algorithm, least);
        assert!(!opening_configs(&compared)[0].passive_checks);
        // Server E is the fourth now.
        let faults: Vec<_> = compared
            .log
            .iter()
            .map(|one| (one.at.whole_secs(), one.command.clone()))
            .collect();
        assert_eq!(
            faults,
            [
                (5, Command::Fault(ServerId(3), FaultKind::Crash)),
                (6, Command::Fault(ServerId(0), FaultKind::Crash)),
            ]
        );
    }

    #[test]
    fn a_scene_without_a_fault_begins_with_a_slow_server_and_others_do_not() {
        let mut run = Run::start(default_scenario());
        let configs = [with_algorithm(&run.scenario, "random"); 2];
        let race = RunComparison::new(&run, &configs);
        let given = opening_fault(&run, &race).expect("there is none yet");
        let race = begin(&run, &configs, &[given]);
        let said = slow_from_the_start(&race, &[given]);
        assert_eq!(
            said.as_deref(),
            Some("Server D works 4 times slower, in every lane.")
        );
        run.log.push(LogEntry {
            at: SimTime::ZERO,
            command: Command::Fault(ServerId(0), FaultKind::Crash),
        });
        assert_eq!(opening_fault(&run, &race), None);
    }
}
