//! The run on one line: the marks of what happened, for the scrub bar under the stage and their list.

use std::collections::VecDeque;

use super::words::{self, sentence};
use evenkeel_sim::engine::command::{Command, LogEntry, SiteCommand};
use evenkeel_sim::engine::frontend::FrontendCommand;
use evenkeel_sim::engine::observations::{Observation, ObservationKind};
use evenkeel_sim::history::History;
use evenkeel_sim::ids::ServerId;
use evenkeel_sim::time::{SimDuration, SimTime};
use evenkeel_words::t;

/// The number of places of the line: marks that fall into the same one are one tick.
const PLACES: u64 = 240;
/// How near, in thousandths of the line, the pointer must be to a mark to snap to it.
const PULL: u64 = 8;
/// The lengths of the line, in seconds: the first one that holds the run is used.
const LENGTHS: [u64; 10] = [
    60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 43_200,
];
/// The longest time that can be entered: a day.
pub const LONGEST: SimDuration = SimDuration::from_secs(86_400);

/// The look of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkTone {
    /// The mark of a setting.
    Plain,
    /// The mark of good news.
    Good,
    /// The mark of bad news.
    Bad,
}

/// A mark on the line: something that happened, with its time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TimelineMark {
    /// The time of the mark.
    pub at: SimTime,
    /// The sentence on what happened.
    pub text: String,
    /// The look of the mark.
    pub tone: MarkTone,
}

/// What the list of marks depends on: the list is made anew only when this changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    facts: Option<(u64, SimTime, u64)>,
    commands: usize,
    last_command: Option<LogEntry>,
}

/// The observations to tell, oldest first: a site that fails takes its balancers with it, and returns with them, which
/// is one observation and not three.
pub fn told(facts: &VecDeque<Observation>) -> impl DoubleEndedIterator<Item = &Observation> {
    let whole = |fact: &Observation, kind| {
        let mut here = facts.iter().filter(|other| other.at == fact.at);
        here.any(|other| other.kind == kind)
    };
    facts.iter().filter(move |fact| match fact.kind {
        ObservationKind::BalancerDied => !whole(fact, ObservationKind::SiteDied),
        ObservationKind::BalancerRevived => !whole(fact, ObservationKind::SiteRestored),
        _ => true,
    })
}

/// The version of a history's marks.
#[must_use]
pub fn version(history: &History) -> Version {
    let facts = history.facts();
    let ends = facts.front().zip(facts.back());
    Version {
        facts: ends.map(|(first, last)| (first.number, last.at, last.number)),
        commands: history.log().len(),
        last_command: history.log().last().cloned(),
    }
}

/// All marks up to the furthest time of the run, in order: the commands and their consequences.
#[must_use]
pub fn marks(history: &History) -> Vec<TimelineMark> {
    let facts = told(history.facts()).map(|fact| TimelineMark {
        at: fact.at,
        text: sentence(fact),
        tone: tone(fact.kind),
    });
    let settings = history.log().iter().filter_map(|entry| {
        Some(TimelineMark {
            at: entry.at,
            text: setting(history, entry.command.clone())?,
            tone: MarkTone::Plain,
        })
    });
    let mut marks: Vec<TimelineMark> = settings
        .filter(|mark| mark.at <= history.furthest())
        .chain(facts)
        .collect();
    marks.sort_by_cached_key(|mark| mark.at.as_us());
    marks
}

/// The sentence on a command; `None` if an observation tells it already.
fn setting(history: &History, command: Command) -> Option<String> {
    let name = |id| server_name(history, id);
    Some(match command {
        Command::SetWeight(id, weight) => {
            t!("mark.weight", name = name(id), weight = u64::from(weight))
        }
        Command::SetAlgorithm(algorithm, _) => {
            t!("mark.algorithm", name = words::algorithm(algorithm.row()))
        }
        Command::SetLayer(_) => t!("mark.layer"),
        Command::SetTraffic(rate) => t!("mark.traffic", rate = (rate + 500) / 1_000),
        Command::SetActiveChecks(_) => t!("mark.active_checks"),
        Command::SetPassiveChecks(_) => t!("mark.passive_checks"),
        Command::Frontend(command) => match command {
            FrontendCommand::SetPoolAlgorithm(..) => t!("mark.pool"),
            FrontendCommand::SetCores(_)
            | FrontendCommand::SetReturnPath(_)
            | FrontendCommand::SetKeepalive(_) => t!("mark.work"),
            _ => t!("mark.rules"),
        },
        Command::Site(command) => match command {
            SiteCommand::SetPolicy(_)
            | SiteCommand::SetTtl(_)
            | SiteCommand::SetClientSubnet(_)
            | SiteCommand::SetAnycast(_) => t!("mark.name"),
            SiteCommand::SetPriority(..)
            | SiteCommand::SetAdvertInterval(..)
            | SiteCommand::SetPreempt(..)
            | SiteCommand::SetSharedConnections(..)
            | SiteCommand::SetStandbyChecks(..) => t!("mark.pair"),
            // What breaks or is mended is in the facts.
            _ => return None,
        },
        _ => return None,
    })
}

/// The present name of a server, or the one it had in the scene.
fn server_name(history: &History, id: ServerId) -> String {
    let view = history.view();
    let now = view
        .member(id)
        .map(|member| member.server.spec.name.clone());
    let then = || {
        let spec = view.scenario().servers.get(id.index());
        spec.map(|spec| spec.name.clone())
    };
    now.or_else(then).unwrap_or_default()
}

const fn tone(kind: ObservationKind) -> MarkTone {
    match kind {
        ObservationKind::Broke(_)
        | ObservationKind::Removed
        | ObservationKind::WentDown
        | ObservationKind::Ejected { .. }
        | ObservationKind::Degraded
        | ObservationKind::PanicBegan
        | ObservationKind::InFlightLimit
        | ObservationKind::BalancerDied
        | ObservationKind::BalancerStopped
        | ObservationKind::SplitBrain
        | ObservationKind::SiteDied
        | ObservationKind::AddressDelisted
        | ObservationKind::LinkCut => MarkTone::Bad,
        ObservationKind::Restored
        | ObservationKind::WentUp
        | ObservationKind::Recovered
        | ObservationKind::PanicEnded
        | ObservationKind::BalancerRevived
        | ObservationKind::SiteRestored
        | ObservationKind::AddressListed
        | ObservationKind::LinkMended => MarkTone::Good,
        _ => MarkTone::Plain,
    }
}

/// The length of the line for a run up to `furthest`: it grows in jumps, so that it stays the same most of the time.
#[must_use]
pub fn length(furthest: SimTime) -> SimDuration {
    let secs = furthest.as_us().div_ceil(1_000_000);
    let fits = LENGTHS.into_iter().find(|length| *length >= secs);
    SimDuration::from_secs(fits.unwrap_or_else(|| secs.next_multiple_of(43_200)))
}

/// The position of a time on the line, in thousandths.
#[must_use]
pub fn permille(at: SimTime, length: SimDuration) -> u64 {
    (at.as_us() * 1_000 / length.as_us().max(1)).min(1_000)
}

/// The ticks on the line: position in thousandths, and the worst tone there.
#[must_use]
pub fn ticks(marks: &[TimelineMark], length: SimDuration) -> Vec<(u64, MarkTone)> {
    let mut ticks: Vec<(u64, MarkTone)> = Vec::new();
    for mark in marks {
        let place = mark.at.as_us() * PLACES / length.as_us().max(1);
        let at = permille(mark.at, length);
        match ticks.last_mut() {
            Some((last, tone)) if *last * PLACES / 1_000 == place || *last == at => {
                *tone = (*tone).max(mark.tone);
            }
            _ => ticks.push((at, mark.tone)),
        }
    }
    ticks
}

/// The time that the pointer means: the mark that it is near to, or else the time itself.
#[must_use]
pub fn pulled(marks: &[TimelineMark], to: SimTime, length: SimDuration) -> SimTime {
    let far = |mark: &&TimelineMark| mark.at.as_us().abs_diff(to.as_us());
    let nearest = marks.iter().min_by_key(far);
    nearest
        .filter(|mark| far(mark) * 1_000 <= PULL * length.as_us())
        .map_or(to, |mark| mark.at)
}

/// The next mark after `now`; `None` if there is none.
#[must_use]
pub fn next(marks: &[TimelineMark], now: SimTime) -> Option<&TimelineMark> {
    marks.iter().find(|mark| mark.at > now)
}

/// The last mark before `now`: of several at one instant, the last.
#[must_use]
pub fn previous(marks: &[TimelineMark], now: SimTime) -> Option<&TimelineMark> {
    marks.iter().rev().find(|mark| mark.at < now)
}

/// Parses a time as a reader writes it: `83`, `1:23.4`, `1:02:03`.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn parse_clock(text: &str) -> Result<SimTime, String> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    let seconds = parts.last().copied().unwrap_or_default();
    let (whole, tenths) = match seconds.split_once(['.', ',']) {
        Some((whole, part)) => (whole, part),
        None => (seconds, ""),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = |text: &str| digits(text).then(|| text.parse::<u64>().ok()).flatten();
    let us = if tenths.is_empty() && !seconds.contains(['.', ',']) {
        Some(0)
    } else if tenths.len() <= 6 {
        number(tenths).map(|part| part * 10_u64.pow(6 - tenths.len() as u32))
    } else {
        None
    };
    let mut secs = number(whole).filter(|secs| parts.len() == 1 || *secs < 60);
    for (place, unit) in parts.iter().rev().skip(1).zip([60, 3_600]) {
        let more = number(place).and_then(|more| more.checked_mul(unit));
        secs = secs
            .zip(more)
            .and_then(|(secs, more)| secs.checked_add(more));
    }
    let at = secs
        .zip(us)
        .filter(|_| parts.len() <= 3)
        .and_then(|(secs, us)| secs.checked_mul(1_000_000)?.checked_add(us));
    match at {
        None => Err(t!("scrub.no_time")),
        Some(us) if us > LONGEST.as_us() => Err(t!("scrub.too_long")),
        Some(us) => Ok(SimTime::from_us(us)),
    }
}

/// Whether older observations or commands were dropped, so that the list does not begin at the start.
#[must_use]
pub fn is_cut(facts: &VecDeque<Observation>) -> bool {
    facts.front().is_some_and(|fact| fact.number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::command::{FaultKind, NodeFault};
    use evenkeel_sim::engine::{Engine, EventBudget};
    use evenkeel_sim::ids::{BalancerId, SiteId};
    use evenkeel_sim::run::Run;
    use evenkeel_sim::scenario::preset::default_scenario;

    fn secs(secs: u64) -> SimTime {
        SimTime::from_us(secs * 1_000_000)
    }

    #[test]
    fn a_site_goes_and_comes_back_in_one_piece_of_news_each() {
        let text = include_str!("../../../assets/scenarios/world.json");
        let scenario = evenkeel_sim::scenario::validate::parse(text).expect("it is valid");
        let mut engine = Engine::new(&scenario, 7);
        let mut give = |secs: u64, command| {
            engine.run_until(self::secs(secs), EventBudget::UNBOUNDED);
            let at = engine.view().now();
            engine.apply(Command::Site(command)).expect("it is there");
            let facts = engine.view().facts();
            assert!(facts.iter().filter(|fact| fact.at == at).count() > 1);
            let told = told(facts).filter(|fact| fact.at == at).map(sentence);
            told.collect::<Vec<_>>()
        };
        let gone = give(5, SiteCommand::KillSite(SiteId(0)));
        assert_eq!(gone.len(), 1, "{gone:?}");
        let back = give(6, SiteCommand::RestoreSite(SiteId(0)));
        assert_eq!(back.len(), 1, "{back:?}");
        // A balancer that goes alone is news.
        let alone = SiteCommand::Node(BalancerId(0), NodeFault::Kill);
        engine.apply(Command::Site(alone)).expect("it is there");
        let last = told(engine.view().facts())
            .next_back()
            .map(|fact| fact.kind);
        assert_eq!(last, Some(ObservationKind::BalancerDied));
    }

    fn killed() -> History {
        let mut history = History::new(&Run::start(default_scenario()));
        let acts = [
            (5, Command::SetWeight(ServerId(0), 3)),
            (10, Command::Fault(ServerId(1), FaultKind::Crash)),
        ];
        for (at, act) in acts {
            history.run_until(secs(at), EventBudget::UNBOUNDED);
            history.send(act).expect("the server is there");
        }
        history.run_until(secs(40), EventBudget::UNBOUNDED);
        history
    }

    #[test]
    fn what_was_done_and_what_came_of_it_in_order() {
        let marks = marks(&killed());
        let told: Vec<(u64, &str, MarkTone)> = marks
            .iter()
            .take(2)
            .map(|mark| (mark.at.as_us() / 1_000_000, mark.text.as_str(), mark.tone))
            .collect();
        let expected = [
            (5, "The weight of server A became 3.", MarkTone::Plain),
            (10, "Server B was killed.", MarkTone::Bad),
        ];
        assert_eq!(told, expected);
        assert!(marks.len() > 2 && marks.is_sorted_by_key(|mark| mark.at));
        assert_eq!(
            previous(&marks, secs(10)).map(|mark| mark.at),
            Some(secs(5))
        );
        assert_eq!(next(&marks, secs(5)).map(|mark| mark.at), Some(secs(10)));
        assert_eq!(previous(&marks, secs(5)), None);
        assert_eq!(next(&marks, secs(40)), None);
    }

    #[test]
    fn the_list_changes_with_what_it_shows() {
        let mut history = killed();
        let before = version(&history);
        history.seek_now(secs(20));
        assert_eq!(version(&history), before, "a jump changes nothing");
        let set = Command::SetTraffic(40_000);
        history.send(set).expect("it has a rate");
        assert_ne!(version(&history), before);
    }

    #[test]
    fn ticks_that_fall_together_are_one() {
        let mark = |ms: u64, tone| TimelineMark {
            at: SimTime::from_us(ms * 1_000),
            text: String::new(),
            tone,
        };
        let marks = [
            mark(10_000, MarkTone::Plain),
            mark(10_010, MarkTone::Bad),
            mark(30_000, MarkTone::Good),
        ];
        let line = SimDuration::from_secs(60);
        assert_eq!(
            ticks(&marks, line),
            [(166, MarkTone::Bad), (500, MarkTone::Good)]
        );
        let many: Vec<TimelineMark> = (0..60_000).map(|ms| mark(ms, MarkTone::Plain)).collect();
        assert!(ticks(&many, line).len() <= 500);
        // A hand near a mark means the mark.
        let at = |ms: u64| SimTime::from_us(ms * 1_000);
        assert_eq!(pulled(&marks, at(30_400), line), at(30_000));
        assert_eq!(pulled(&marks, at(31_000), line), at(31_000));
        assert_eq!(pulled(&[], at(5), line), at(5));
    }

    #[test]
    fn the_line_grows_in_jumps() {
        let table = [
            (0, 60),
            (60, 60),
            (61, 120),
            (3_601, 7_200),
            (90_000, 129_600),
        ];
        for (furthest, length_s) in table {
            assert_eq!(length(secs(furthest)), SimDuration::from_secs(length_s));
        }
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        let good = [
            ("83", 83_000_000),
            (" 1:23.4 ", 83_400_000),
            ("1:02:03", 3_723_000_000),
            ("0:00.000001", 1),
            ("5,5", 5_500_000),
            ("24:00:00", 86_400_000_000),
        ];
        for (text, us) in good {
            assert_eq!(parse_clock(text), Ok(SimTime::from_us(us)), "{text}");
        }
        let bad = [
            "",
            "a",
            "1:60",
            "1:2:3:4",
            "-1",
            "1.",
            ".5",
            "1e3",
            "24:00:00.1",
            "1::2",
            "99999999999999999999",
            "1.0000001",
            "18446744073709551615:00",
        ];
        for text in bad {
            assert!(parse_clock(text).is_err(), "{text}");
        }
    }
}
