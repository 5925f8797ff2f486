//! The first three things to try on the stage, and the result of each: one sentence at a time. All of it is read from
//! the present run, so that it also holds after a jump in time.

use super::words::{duration, share};
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::engine::observations::ObservationKind;
use evenkeel_sim::engine::observer::fault_history::FaultEpisode;
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::server::ServerFault;
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::units::Permille;
use evenkeel_words::t;

/// The speed, in thousandths, from which a server is too strong for a weight of 1.
const STRONG: Permille = Permille(2_000);
/// The number of requests waiting at a server that is worth a sentence.
const LINE: usize = 3;

/// The settings that the reader can reach beside the suggestion: an embedded frame may have less than the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// Whether the weights of servers can be set.
    pub weights: bool,
    /// Whether the algorithm can be set.
    pub algorithm: bool,
}

/// A hint: a sentence on what happened, and what to try next. Either may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hint {
    /// The sentence on what happened.
    pub happened: String,
    /// The sentence on what to try.
    pub try_this: String,
    /// The server that a press on what to try revives, if it says that.
    pub revive: Option<ServerId>,
    /// Whether nothing is left to try: the chapters explain what was seen.
    pub last: bool,
}

/// The hint for the present state.
#[must_use]
pub fn hint(view: View<'_>, reach: Reach) -> Hint {
    let said = |happened: String, try_this: String| Hint {
        happened,
        try_this,
        ..Hint::default()
    };
    if let Some(hint) = drowning(view) {
        return hint;
    }
    let Some((server, episode)) = last_kill(view) else {
        return said(String::new(), t!("first.kill"));
    };
    let name = named(view, server);
    let lost = episode.lost + episode.caught;
    match (episode.found, episode.mended) {
        (None, None) => said(t!("first.dying", lost = lost), String::new()),
        // Revived before anybody knew.
        (None, Some(_)) => said(String::new(), t!("first.kill")),
        (Some(_), _) if is_adaptive(view) => Hint {
            happened: t!("first.switched"),
            try_this: t!("first.read"),
            last: true,
            ..Hint::default()
        },
        (Some((until, _)), _) => match weighed(view) {
            Some(strong) => said(t!("first.weighed", name = strong), next_algorithm(reach)),
            None => {
                let took = duration(until.since(episode.began));
                let (try_this, revive) = after_a_kill(view, reach, server);
                Hint {
                    happened: t!("first.known", name = &name, lost = lost, took = took),
                    try_this,
                    revive,
                    last: false,
                }
            }
        },
    }
}

/// What to try once a dead server was found out, and the server to revive, if it is that.
fn after_a_kill(view: View<'_>, reach: Reach, server: ServerId) -> (String, Option<ServerId>) {
    let is_dead = |id| view.member(id).is_some_and(|one| is_dead(&one));
    let revive = |id| (t!("first.revive", name = named(view, id)), Some(id));
    match strong(view).filter(|_| reach.weights) {
        Some(strong) if is_dead(strong) => revive(strong),
        Some(strong) => (t!("first.weigh", name = named(view, strong)), None),
        None if is_dead(server) => revive(server),
        None => (next_algorithm(reach), None),
    }
}

fn next_algorithm(reach: Reach) -> String {
    if reach.algorithm {
        t!("first.switch")
    } else {
        String::new()
    }
}

/// The server that was killed last, and what came of it.
fn last_kill(view: View<'_>) -> Option<(ServerId, FaultEpisode)> {
    let lanes = view.checks()?.lanes();
    let kills = lanes.flat_map(|(_, lane)| {
        let episodes = lane.episodes.iter();
        episodes
            .filter(|one| one.fault == ObservationKind::Broke(ServerFault::Crashed.row()))
            .map(|one| (lane.server, *one))
    });
    kills.max_by_key(|(_, episode)| episode.began)
}

fn named(view: View<'_>, server: ServerId) -> String {
    let member = view.member(server);
    member.map_or_else(String::new, |one| one.server.spec.name.clone())
}

fn is_dead(member: &Member<'_>) -> bool {
    member.server.trouble() == Some(ServerFault::Crashed)
}

/// A server that is stronger than its weight says.
fn strong(view: View<'_>) -> Option<ServerId> {
    let mut members = view.members();
    let strong = members
        .find(|one| one.server.spec.speed_permille >= STRONG && one.endpoint.config.weight == 1)?;
    Some(strong.server.id)
}

/// A server that drowns because it has more weight than its machine can carry, and what would help.
fn drowning(view: View<'_>) -> Option<Hint> {
    let member = view.members().find(|one| {
        let weight = one.endpoint.config.weight;
        let carries = one.server.spec.speed_permille;
        weight > 1 && Permille(weight * 1_000) > carries && one.server.waiting().len() >= LINE
    })?;
    Some(Hint {
        happened: t!(
            "first.drowns",
            name = &member.server.spec.name,
            share = share(view.share(member.endpoint.id).unwrap_or(0.0)),
            queued = member.server.waiting().len()
        ),
        try_this: t!("first.lighten"),
        ..Hint::default()
    })
}

/// A strong server that has got more weight and is in use.
fn weighed(view: View<'_>) -> Option<String> {
    let member = view.members().find(|one| {
        let out = matches!(one.endpoint.belief(), Belief::Ejected | Belief::Down);
        let strong = one.server.spec.speed_permille >= STRONG;
        strong && one.endpoint.config.weight > 1 && !out && !is_dead(one)
    })?;
    Some(member.server.spec.name.clone())
}

/// Whether the balancer looks at how busy servers are.
fn is_adaptive(view: View<'_>) -> bool {
    let adaptive = [
        "least_connections",
        "weighted_least_connections",
        "power_of_two",
    ];
    adaptive.contains(&view.balancer().picker().algorithm.row().id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::balance::algorithm::{Algorithm, Implementation};
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::scenario::preset::start_scenario;
    use evenkeel_sim::time::SimTime;

    const ALL: Reach = Reach {
        weights: true,
        algorithm: true,
    };

    fn engine() -> Engine {
        let mut engine = Engine::new(&start_scenario(), 7);
        engine.set_watched(true);
        engine
    }

    fn run(engine: &mut Engine, ms: u64) {
        let to = SimTime::from_us(engine.view().now().as_us() + ms * 1_000);
        engine.run_until(to, EventBudget::UNBOUNDED);
    }

    fn fault(engine: &mut Engine, server: u32, kind: FaultKind) {
        let fault = Command::Fault(ServerId(server), kind);
        engine.apply(fault).expect("the server is there");
    }

    /// Runs until the balancer has found out that a server is dead.
    fn until_known(engine: &mut Engine) {
        for _ in 0..100 {
            if last_kill(engine.view()).is_some_and(|(_, episode)| episode.found.is_some()) {
                return;
            }
            run(engine, 100);
        }
        panic!("nobody found out");
    }

    #[test]
    fn each_step_answers_to_what_was_done() {
        let mut engine = engine();
        run(&mut engine, 5_000);
        assert_eq!(hint(engine.view(), ALL).try_this, t!("first.kill"));
        fault(&mut engine, 3, FaultKind::Crash);
        assert_eq!(
            hint(engine.view(), ALL).happened,
            t!("first.dying", lost = 0_u64)
        );
        until_known(&mut engine);
        run(&mut engine, 5_000);
        let said = hint(engine.view(), ALL);
        let (_, episode) = last_kill(engine.view()).expect("D was killed");
        // Passive checks eject at the third failure; more were on their way. All are on D's card.
        let lost = episode.lost + episode.caught;
        assert!(lost >= 3, "{episode:?}");
        let member = engine.view().member(ServerId(3)).expect("it is there");
        assert_eq!(member.endpoint.counts.failed, lost);
        assert!(said.happened.starts_with(&format!("{lost} ")), "{said:?}");
        let (until, _) = episode.found.expect("it was found out");
        let took = duration(until.since(episode.began));
        assert!(said.happened.contains(&took), "{said:?}");
        assert_eq!(said.try_this, t!("first.weigh", name = "A"));
        engine
            .apply(Command::SetWeight(ServerId(0), 3))
            .expect("a weight");
        let said = hint(engine.view(), ALL);
        assert_eq!(said.happened, t!("first.weighed", name = "A"));
        assert_eq!(said.try_this, t!("first.switch"));
        let least = Algorithm::LeastConnections;
        engine
            .apply(Command::SetAlgorithm(
                least,
                least.row().form(Implementation::Nginx),
            ))
            .expect("an algorithm");
        assert!(hint(engine.view(), ALL).last);
    }

    #[test]
    fn a_dead_strong_server_is_revived_first() {
        let mut engine = engine();
        run(&mut engine, 2_000);
        fault(&mut engine, 0, FaultKind::Crash);
        until_known(&mut engine);
        assert_eq!(
            hint(engine.view(), ALL).try_this,
            t!("first.revive", name = "A")
        );
        engine
            .apply(Command::SetWeight(ServerId(0), 3))
            .expect("a weight");
        let said = hint(engine.view(), ALL).happened;
        assert_ne!(
            said,
            t!("first.weighed", name = "A"),
            "it gets no turn at all"
        );
    }

    #[test]
    fn a_frame_suggests_what_can_be_done_in_it() {
        let mut engine = engine();
        run(&mut engine, 2_000);
        fault(&mut engine, 3, FaultKind::Crash);
        until_known(&mut engine);
        let small = Reach {
            weights: false,
            ..ALL
        };
        assert_eq!(
            hint(engine.view(), small).try_this,
            t!("first.revive", name = "D")
        );
        fault(&mut engine, 3, FaultKind::Restore);
        assert_eq!(hint(engine.view(), small).try_this, t!("first.switch"));
        let none = Reach {
            algorithm: false,
            ..small
        };
        assert_eq!(hint(engine.view(), none).try_this, "");
    }

    #[test]
    fn a_weight_that_a_machine_cannot_carry_is_explained() {
        let mut first = engine();
        first
            .apply(Command::SetWeight(ServerId(1), 3))
            .expect("a weight");
        run(&mut first, 2_000);
        let calm = hint(first.view(), ALL);
        assert_eq!(calm.happened, "", "nobody waits yet");
        run(&mut first, 28_000);
        let member = first.view().member(ServerId(1)).expect("it is there");
        let waiting = member.server.waiting().len();
        assert!(waiting >= LINE, "{waiting}");
        let said = hint(first.view(), ALL);
        assert!(said.happened.contains(&format!("{waiting} ")), "{said:?}");
        assert_ne!(said.try_this, calm.try_this);
        // The strong machine carries the same weight.
        let mut second = engine();
        second
            .apply(Command::SetWeight(ServerId(0), 3))
            .expect("a weight");
        run(&mut second, 30_000);
        assert_eq!(hint(second.view(), ALL).try_this, calm.try_this);
    }
}
