//! The run in words: numbers as the page writes them, observations as sentences, the stage as a summary for those who
//! do not see it.

use super::fleet::{is_fleet, summary};
use super::status::{down, trouble};
use evenkeel_sim::balance::algorithm::{CatalogueRow, Implementation};
use evenkeel_sim::balance::endpoint::Belief;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::engine::observations::{Observation, ObservationKind};
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::fleet::server::fault::FaultRow;
use evenkeel_sim::fleet::spec::ArrivalProcess;
use evenkeel_sim::metrics::outcome::{Failure, Outcome, Rejection};
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::t;
use evenkeel_words::{TextSlot, number, say};

pub use evenkeel_words::number::{count as thousands, percent};

/// A share, like `60.0 %`, or `0.13 %` where one digit fewer would make all servers of a fleet equal.
#[must_use]
pub fn share(part: f64) -> String {
    if part > 0.0 && part < 0.01 {
        number::of_hundred(number::fixed(part * 100.0, 2))
    } else {
        percent(part)
    }
}

/// An expected share: `60.0 %`; `0 %` for an endpoint not in use, `–` if the algorithm aims at none.
#[must_use]
pub fn expected(part: Option<f64>) -> String {
    match part {
        None => "–".to_string(),
        Some(part) if part <= 0.0 => number::of_hundred("0".to_string()),
        Some(part) => share(part),
    }
}

/// A duration: `850 µs`, `84 ms`, `1.62 s`, `12.3 s`, `2 min 5 s`: about three digits.
#[must_use]
pub fn duration(span: SimDuration) -> String {
    let us = span.as_us();
    let secs = span.as_secs_f64();
    // The bounds lie where rounding would write one digit more.
    match us {
        0..1_000 => t!("unit.us", n = us),
        1_000..9_950 => t!("unit.ms", n = number::fixed(us as f64 / 1e3, 1)),
        9_950..999_500 => t!("unit.ms", n = number::fixed(us as f64 / 1e3, 0)),
        999_500..9_995_000 => t!("unit.secs", n = number::fixed(secs, 2)),
        9_995_000..59_950_000 => t!("unit.secs", n = number::fixed(secs, 1)),
        _ => {
            let whole = (us + 500_000) / 1_000_000;
            t!("unit.min_s", min = whole / 60, s = whole % 60)
        }
    }
}

/// A duration on an axis that ends at `full`, both in microseconds: one unit for all its ticks.
#[must_use]
pub fn axis_duration(us: f64, full: f64) -> String {
    if us <= 0.0 {
        return "0".to_string();
    }
    // Ticks have at most two digits after the point.
    if full >= 1e6 {
        t!("unit.secs", n = number::short(us / 1e6, 2))
    } else if full >= 1e3 {
        t!("unit.ms", n = number::short(us / 1e3, 2))
    } else {
        t!("unit.us", n = number::short(us, 2))
    }
}

/// A simulated time, like `0:31.4`, `12:05.0` or `1:02:03.4`.
#[must_use]
pub fn clock(at: SimTime) -> String {
    let tenths = at.as_us() / 100_000;
    let (secs, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, secs) = (secs / 3_600, secs / 60 % 60, secs % 60);
    let sign = number::decimal_sign();
    if hours > 0 {
        format!("{hours}:{minutes:02}:{secs:02}{sign}{tenth}")
    } else {
        format!("{minutes}:{secs:02}{sign}{tenth}")
    }
}

/// An observation as a sentence.
#[must_use]
pub fn sentence(fact: &Observation) -> String {
    let name = &fact.server;
    match fact.kind {
        ObservationKind::Broke(row) => fault(row, "fact", &[("name", name.into())]),
        ObservationKind::Restored => t!("fact.restored", name = name),
        ObservationKind::Added => t!("fact.added", name = name),
        ObservationKind::Removed => t!("fact.removed", name = name),
        ObservationKind::Drained => t!("fact.drained", name = name),
        ObservationKind::Maintained => t!("fact.maintained", name = name),
        ObservationKind::Readied => t!("fact.readied", name = name),
        ObservationKind::WentDown => t!("fact.went_down", name = name),
        ObservationKind::WentUp => t!("fact.went_up", name = name),
        ObservationKind::Ejected { until } => t!(
            "fact.ejected",
            name = name,
            secs = (until.since(fact.at).as_us() + 500_000) / 1_000_000
        ),
        ObservationKind::Returned => t!("fact.returned", name = name),
        ObservationKind::Degraded => t!("fact.degraded", name = name),
        ObservationKind::Recovered => t!("fact.recovered", name = name),
        ObservationKind::PanicBegan => t!("fact.panic_began"),
        ObservationKind::PanicEnded => t!("fact.panic_ended"),
        ObservationKind::InFlightLimit => t!("fact.in_flight_limit"),
        ObservationKind::BalancerDied => t!("fact.box_died", name = name),
        ObservationKind::BalancerStopped => t!("fact.box_stopped", name = name),
        ObservationKind::BalancerRevived => t!("fact.box_revived", name = name),
        ObservationKind::BecameActive => t!("fact.became_active", name = name),
        ObservationKind::BecameBackup => t!("fact.became_backup", name = name),
        ObservationKind::SplitBrain => t!("fact.split_brain", name = name),
        ObservationKind::SiteDied => t!("fact.site_died", name = name),
        ObservationKind::SiteRestored => t!("fact.site_restored", name = name),
        ObservationKind::AddressDelisted => t!("fact.address_delisted", name = name),
        ObservationKind::AddressListed => t!("fact.address_listed", name = name),
        ObservationKind::LinkCut => t!("fact.link_cut"),
        ObservationKind::LinkMended => t!("fact.link_mended"),
        ObservationKind::ConnectionsReset { count } => {
            t!("fact.connections_reset", name = name, count = count)
        }
        ObservationKind::SocketsBroke { count } => t!("fact.sockets_broke", count = count),
    }
}

/// What is said of a fault: the text `fault.ID.WHAT`.
#[must_use]
pub fn fault(row: &FaultRow, what: &str, slots: &[(&str, TextSlot<'_>)]) -> String {
    say(&format!("fault.{}.{what}", row.id), slots)
}

/// The setting in a sentence: the traffic, and how it is distributed.
#[must_use]
pub fn setting(view: View<'_>) -> String {
    let balancer = view.balancer();
    let clients = view.clients().len();
    let rate = number::short(view.rate().rps(), 1);
    let algorithm = algorithm(balancer.picker().algorithm.row());
    if view.scenario().arrivals.process == ArrivalProcess::ClosedLoop {
        let users = view.clients().iter().map(|one| u64::from(one.spec.users));
        let users: u64 = users.sum();
        return match balancer.layer() {
            Layer::L4 => t!(
                "stage.spoken_users_l4",
                users = users,
                clients = clients,
                algorithm = algorithm
            ),
            Layer::L7 => t!(
                "stage.spoken_users_l7",
                users = users,
                clients = clients,
                algorithm = algorithm
            ),
        };
    }
    match balancer.layer() {
        Layer::L4 => t!(
            "stage.spoken_l4",
            clients = clients,
            rate = rate,
            algorithm = algorithm
        ),
        Layer::L7 => t!(
            "stage.spoken_l7",
            clients = clients,
            rate = rate,
            algorithm = algorithm
        ),
    }
}

/// The summary of the stage in words.
#[must_use]
pub fn describe(view: View<'_>) -> String {
    let mut text = setting(view);
    text.push(' ');
    text += &t!("stage.spoken_in_flight", n = view.in_flight());
    if is_fleet(view) {
        text.push(' ');
        return text + &summary(view);
    }
    for member in view.members() {
        text.push(' ');
        text += &describe_member(view, member);
    }
    text
}

fn describe_member(view: View<'_>, member: Member<'_>) -> String {
    let endpoint = member.endpoint;
    let name = &endpoint.config.name;
    let down = down(view);
    let wrong = member.server.trouble().filter(|_| down.is_none());
    let believed = down.unwrap_or_else(|| belief(endpoint.belief()));
    let (running, waiting) = (member.server.running().len(), member.server.waiting().len());
    match wrong.map(trouble) {
        Some(trouble) => t!(
            "stage.spoken_trouble",
            name = name,
            belief = believed,
            trouble = trouble,
            running = running,
            waiting = waiting
        ),
        None => t!(
            "stage.spoken_server",
            name = name,
            belief = believed,
            running = running,
            waiting = waiting
        ),
    }
}

/// The balancer's belief, in a word.
#[must_use]
pub fn belief(belief: Belief) -> String {
    match belief {
        Belief::Maintenance => t!("belief.maintenance"),
        Belief::Draining => t!("belief.draining"),
        Belief::Down => t!("belief.down"),
        Belief::Ejected => t!("belief.ejected"),
        Belief::SlowStart => t!("belief.slow_start"),
        Belief::Failing => t!("belief.failing"),
        Belief::Degraded => t!("belief.degraded"),
        Belief::Healthy => t!("belief.healthy"),
    }
}

/// The outcome of a request, in a word or two.
#[must_use]
pub fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Answered => t!("outcome.answered"),
        Outcome::Failed(Failure::ServerError) => t!("outcome.server_error"),
        Outcome::Failed(Failure::Refused) => t!("outcome.refused"),
        Outcome::Failed(Failure::Reset) => t!("outcome.reset"),
        Outcome::Failed(Failure::Removed) => t!("outcome.removed"),
        Outcome::Rejected(Rejection::QueueFull) => t!("outcome.queue_full"),
        Outcome::Rejected(Rejection::NoEndpoint) => t!("outcome.no_endpoint"),
        Outcome::Rejected(Rejection::BalancerQueueFull) => t!("outcome.balancer_queue_full"),
        Outcome::Rejected(Rejection::QueueTimeout) => t!("outcome.queue_timeout"),
        Outcome::Rejected(Rejection::InFlightLimit) => t!("outcome.in_flight_limit"),
        Outcome::TimedOut => t!("outcome.timed_out"),
        Outcome::Failed(Failure::Unreachable) => t!("outcome.unreachable"),
        Outcome::Failed(Failure::ConnectionBroken) => t!("outcome.connection_broken"),
        Outcome::Failed(Failure::LostWithBalancer) => t!("outcome.lost_with_balancer"),
        Outcome::Rejected(Rejection::Unauthorized) => t!("outcome.unauthorized"),
        Outcome::Rejected(Rejection::Forbidden) => t!("outcome.forbidden"),
        Outcome::Rejected(Rejection::RateLimited) => t!("outcome.rate_limited"),
        Outcome::Rejected(Rejection::NoUpgrade) => t!("outcome.no_upgrade"),
        Outcome::Rejected(Rejection::BalancerBusy) => t!("outcome.balancer_busy"),
    }
}

/// The name of an algorithm on the page.
#[must_use]
pub fn algorithm(row: &CatalogueRow) -> String {
    about(row, "label")
}

/// A text of the catalogue on an algorithm: its `label`, `rule`, `pros` and `cons`, and when to `choose` it.
#[must_use]
pub fn about(row: &CatalogueRow, what: &str) -> String {
    say(&format!("algorithm.{}.{what}", row.id), &[])
}

/// A text that one algorithm alone has, with a number in its slot, if it has one. `text` is the algorithm's id, a dot, and
/// one of its `own_texts`.
#[must_use]
pub fn own(text: &str, thousandths: u64) -> String {
    let n = number::decimal(thousandths, 1_000);
    say(&format!("algorithm.{text}"), &[("n", n.into())])
}

/// The difference of an implementation of an algorithm, as a sentence.
#[must_use]
pub fn form(row: &CatalogueRow, implementation: Implementation) -> String {
    say(
        &format!("algorithm.{}.as.{}", row.id, implementation.id()),
        &[],
    )
}

/// The name of an implementation: the program's, which no language changes, or a translated one.
#[must_use]
pub fn implementation(implementation: Implementation) -> String {
    match implementation {
        Implementation::Textbook => t!("algorithm.textbook"),
        program => program.label().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{Command, FaultKind};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::fleet::server::fault::FAULTS;
    use evenkeel_sim::ids::ServerId;
    use evenkeel_sim::scenario::preset::default_scenario;

    #[test]
    fn shares_have_one_digit_after_the_point() {
        assert_eq!(percent(0.602_4), "60.2 %");
        assert_eq!(percent(1.0), "100.0 %");
        assert_eq!(expected(Some(0.6)), "60.0 %");
        assert_eq!(expected(Some(0.0)), "0 %");
        assert_eq!(expected(None), "–");
    }

    #[test]
    fn durations_have_about_three_digits() {
        let table = [
            (0, "0 µs"),
            (999, "999 µs"),
            (1_500, "1.5 ms"),
            (9_949, "9.9 ms"),
            (9_950, "10 ms"),
            (84_400, "84 ms"),
            (999_499, "999 ms"),
            (999_500, "1.00 s"),
            (1_618_000, "1.62 s"),
            (9_994_999, "9.99 s"),
            (9_996_000, "10.0 s"),
            (59_949_000, "59.9 s"),
            (59_960_000, "1 min 0 s"),
            (125_000_000, "2 min 5 s"),
        ];
        for (us, text) in table {
            assert_eq!(duration(SimDuration::from_us(us)), text);
        }
    }

    #[test]
    fn an_axis_has_one_unit() {
        let table = [
            (0.0, 2e6, "0"),
            (5e5, 2e6, "0.5 s"),
            (2e6, 2e6, "2 s"),
            (2e5, 6e5, "200 ms"),
            (20.0, 60.0, "20 µs"),
        ];
        for (us, full, text) in table {
            assert_eq!(axis_duration(us, full), text);
        }
    }

    #[test]
    fn clocks_count_tenths() {
        let table = [
            (31_460_000, "0:31.4"),
            (725_000_000, "12:05.0"),
            (3_723_400_000, "1:02:03.4"),
        ];
        for (us, text) in table {
            assert_eq!(clock(SimTime::from_us(us)), text);
        }
    }

    #[test]
    fn facts_are_told() {
        let fact = |kind| Observation {
            number: 0,
            at: SimTime::from_us(4_000_000),
            server: "B".to_string(),
            kind,
        };
        assert_eq!(
            sentence(&fact(ObservationKind::Broke(FAULTS[0]))),
            "Server B was killed."
        );
        let until = SimTime::from_us(14_000_000);
        assert_eq!(
            sentence(&fact(ObservationKind::Ejected { until })),
            "Server B is ejected for 10 seconds: its last tries failed."
        );
        // What else may keep it out is not in the fact: neither sentence says that it is back.
        assert_eq!(
            sentence(&fact(ObservationKind::WentUp)),
            "Server B passes its checks again."
        );
        assert_eq!(
            sentence(&fact(ObservationKind::Returned)),
            "The ejection of server B is over."
        );
    }

    #[test]
    fn users_who_wait_for_their_answers_have_no_rate() {
        let mut scenario = default_scenario();
        scenario.arrivals.process = ArrivalProcess::ClosedLoop;
        let users: u32 = scenario.clients.iter().map(|one| one.users).sum();
        let said = setting(Engine::new(&scenario, 7).view());
        assert!(
            said.starts_with(&format!("{users} users behind 4 clients send")),
            "{said}"
        );
        assert!(!said.contains("a second"), "{said}");
    }

    #[test]
    fn the_stage_is_told() {
        let scenario = default_scenario();
        let mut engine = Engine::new(&scenario, scenario.seed);
        engine.run_until(SimTime::from_us(5_000_000), EventBudget::UNBOUNDED);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("B is there");
        let text = describe(engine.view());
        assert!(text.starts_with("4 clients send 30 requests a second to a load balancer, which distributes requests (layer 7). Algorithm: Weighted round robin. "), "{text}");
        assert!(
            text.contains(" Server B: believed healthy, really crashed, 0 in work, 0 waiting."),
            "{text}"
        );
    }
}
