//! The scene described on demand: settings, present state, servers one by one, and the last changes. For readers who
//! do not see the stage, and for those who want it in words.

use super::fleet::{is_fleet, summary};
use super::marks::marks;
use super::status::{down, trouble};
use super::words::{belief, clock, duration, setting, share};
use evenkeel_sim::engine::view::{Member, View};
use evenkeel_sim::history::History;
use evenkeel_words::t;

/// The number of last changes to tell.
const CHANGES: usize = 4;

/// The scene in words, as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The settings and the present state: whole sentences.
    pub now: Vec<String>,
    /// The state of each server; of a fleet, one sentence.
    pub servers: Vec<String>,
    /// The last changes, newest first, each with its time.
    pub changes: Vec<(String, String)>,
}

/// The description of the scene at its present time.
#[must_use]
pub fn account(history: &History) -> Description {
    let view = history.view();
    let servers = if is_fleet(view) {
        vec![summary(view)]
    } else {
        view.members().map(|member| server(view, member)).collect()
    };
    let changes = marks(history)
        .into_iter()
        .filter(|mark| mark.at <= view.now())
        .rev()
        .take(CHANGES);
    Description {
        now: now(view),
        servers,
        changes: changes.map(|mark| (clock(mark.at), mark.text)).collect(),
    }
}

fn now(view: View<'_>) -> Vec<String> {
    let mut said = vec![
        t!("account.at", time = clock(view.now())),
        setting(view),
        t!("stage.spoken_in_flight", n = view.in_flight()),
    ];
    let Some(last) = view.recorder().windows().back() else {
        said.push(t!("account.early"));
        return said;
    };
    let totals = last.totals;
    said.push(t!(
        "account.second",
        answered = totals.answered,
        lost = totals.ended() - totals.answered,
        failed = totals.failed,
        rejected = totals.rejected,
        timed_out = totals.timed_out
    ));
    if let Some(times) = last.latency {
        let (half, slow) = (duration(times.p50), duration(times.p99));
        said.push(t!("account.times", half = half, slow = slow));
    }
    said
}

fn server(view: View<'_>, member: Member<'_>) -> String {
    let endpoint = member.endpoint;
    let name = &endpoint.config.name;
    let down = down(view);
    let wrong = member.server.trouble().filter(|_| down.is_none());
    let believed = down.unwrap_or_else(|| belief(endpoint.belief()));
    let picks = share(view.share(endpoint.id).unwrap_or_default());
    let (running, waiting) = (member.server.running().len(), member.server.waiting().len());
    match wrong.map(trouble) {
        Some(trouble) => t!(
            "account.trouble",
            name = name,
            belief = believed,
            trouble = trouble,
            share = picks,
            running = running,
            waiting = waiting
        ),
        None => t!(
            "account.server",
            name = name,
            belief = believed,
            share = picks,
            running = running,
            waiting = waiting
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use evenkeel_sim::engine::EventBudget;
    use evenkeel_sim::engine::command::{Command, FaultKind, SiteCommand};
    use evenkeel_sim::ids::{ServerId, SiteId};
    use evenkeel_sim::run::Run;
    use evenkeel_sim::scenario::preset::default_scenario;
    use evenkeel_sim::time::SimTime;

    fn at(secs: u64) -> SimTime {
        SimTime::from_us(secs * 1_000_000)
    }

    #[test]
    fn it_tells_what_is_set_what_happens_and_what_changed() {
        let mut history = History::new(&Run::start(default_scenario()));
        let early = account(&history);
        assert!(early.now.contains(&t!("account.early")));
        assert!(early.changes.is_empty());
        history.run_until(at(20), EventBudget::UNBOUNDED);
        history
            .send(Command::Fault(ServerId(1), FaultKind::Crash))
            .expect("the server is there");
        history.run_until(at(21), EventBudget::UNBOUNDED);
        let told = account(&history);
        assert_eq!(told.now[0], "This is 0:21.0 into the run.");
        assert!(told.now[1].contains("load balancer"), "{:?}", told.now);
        assert_eq!(told.now.len(), 5, "{:?}", told.now);
        assert_eq!(told.servers.len(), history.view().members().count());
        assert!(
            told.servers[1].contains("really crashed"),
            "{:?}",
            told.servers
        );
        assert!(told.servers[0].contains('%'), "{:?}", told.servers);
        let killed = ("0:20.0".to_string(), "Server B was killed.".to_string());
        assert!(told.changes.contains(&killed), "{:?}", told.changes);
    }

    #[test]
    fn servers_without_power_are_not_told_as_healthy() {
        let text = include_str!("../../../assets/scenarios/world.json");
        let scenario = evenkeel_sim::scenario::validate::parse(text).expect("it is valid");
        let mut history = History::new(&Run::start(scenario));
        history.run_until(at(5), EventBudget::UNBOUNDED);
        assert!(account(&history).servers[0].contains("healthy"));
        let kill = Command::Site(SiteCommand::KillSite(SiteId(0)));
        history.send(kill).expect("the site is there");
        let told = account(&history).servers;
        assert!(
            told.iter().all(|one| one.contains(": site down, ")),
            "{told:?}"
        );
    }

    #[test]
    fn what_comes_after_the_place_in_time_is_not_told() {
        let mut history = History::new(&Run::start(default_scenario()));
        history.run_until(at(20), EventBudget::UNBOUNDED);
        history
            .send(Command::Fault(ServerId(1), FaultKind::Crash))
            .expect("the server is there");
        history.run_until(at(30), EventBudget::UNBOUNDED);
        history.seek_now(at(10));
        assert!(account(&history).changes.is_empty());
    }
}
