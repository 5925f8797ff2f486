//! The world in words: numbers as the page writes them, facts as sentences, the stage as a summary
//! for those who do not see it.

use std::fmt::Write as _;

use super::status::trouble;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::observe::{Fact, FactKind};
use crate::sim::engine::view::{Member, View};
use crate::sim::time::{SimTime, Span};
use crate::t;

/// `1,318`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `60.2 %`, from a part of 1.
#[must_use]
pub fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

/// An expected share: `60.0 %`; `0 %` for one that is not in use, `–` where nothing is asked.
#[must_use]
pub fn expected(part: Option<f64>) -> String {
    match part {
        None => "–".to_string(),
        Some(part) if part <= 0.0 => "0 %".to_string(),
        Some(part) => percent(part),
    }
}

/// `850 µs`, `84 ms`, `1.62 s`, `12.3 s`, `2 min 5 s`: about three digits.
#[must_use]
pub fn duration(span: Span) -> String {
    let us = span.as_us();
    let secs = span.as_secs_f64();
    // The bounds lie where rounding would write one digit more.
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..9_950 => format!("{:.1} ms", us as f64 / 1e3),
        9_950..999_500 => format!("{:.0} ms", us as f64 / 1e3),
        999_500..9_995_000 => format!("{secs:.2} s"),
        9_995_000..59_950_000 => format!("{secs:.1} s"),
        _ => {
            let whole = (us + 500_000) / 1_000_000;
            format!("{} min {} s", whole / 60, whole % 60)
        }
    }
}

/// A duration on an axis that ends at `full`, both in microseconds: one unit for all its ticks.
#[must_use]
pub fn axis_duration(us: f64, full: f64) -> String {
    let (unit, name) = if full >= 1e6 {
        (1e6, "s")
    } else if full >= 1e3 {
        (1e3, "ms")
    } else {
        (1.0, "µs")
    };
    if us <= 0.0 {
        return "0".to_string();
    }
    // Ticks have at most two digits after the point; the ends of that are no news.
    let text = format!("{:.2}", us / unit);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text} {name}")
}

/// A simulated time: `0:31.4`, `12:05.0`, `1:02:03.4`.
#[must_use]
pub fn clock(at: SimTime) -> String {
    let tenths = at.as_us() / 100_000;
    let (secs, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, secs) = (secs / 3_600, secs / 60 % 60, secs % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{secs:02}.{tenth}")
    } else {
        format!("{minutes}:{secs:02}.{tenth}")
    }
}

/// A fact as a sentence.
#[must_use]
pub fn sentence(fact: &Fact) -> String {
    let name = &fact.server;
    match fact.kind {
        FactKind::Crashed => t!("fact.crashed", name = name),
        FactKind::Hung => format!("Server {name} hangs: it accepts requests and never answers."),
        FactKind::Slowed => format!("Server {name} was made slow."),
        FactKind::Failing => format!("Server {name} fails a share of its requests."),
        FactKind::Restored => format!("Server {name} was revived."),
        FactKind::Added => format!("Server {name} was added."),
        FactKind::Removed => format!("Server {name} was removed."),
        FactKind::Drained => format!("Server {name} is draining: it takes nothing new."),
        FactKind::Maintained => format!("Server {name} is in maintenance: it is out of use."),
        FactKind::Readied => format!("Server {name} was put back in use."),
        FactKind::WentDown => format!("Server {name} is out: its checks failed."),
        FactKind::WentUp => format!("Server {name} passes its checks again."),
        FactKind::Ejected { until } => format!(
            "Server {name} is ejected for {} seconds: its last tries failed.",
            (until.since(fact.at).as_us() + 500_000) / 1_000_000
        ),
        FactKind::Returned => format!("The ejection of server {name} is over."),
        FactKind::Degraded => format!("Server {name} is degraded: its answers are slow."),
        FactKind::Recovered => format!("Server {name} answers fast enough again."),
        FactKind::PanicBegan => {
            "Too few servers are healthy: the balancer ignores their health.".to_string()
        }
        FactKind::PanicEnded => {
            "Enough servers are healthy: their health counts again.".to_string()
        }
        FactKind::BoxDied => t!("fact.box_died", name = name),
        FactKind::BoxStopped => t!("fact.box_stopped", name = name),
        FactKind::BoxRevived => t!("fact.box_revived", name = name),
        FactKind::BecameActive => t!("fact.became_active", name = name),
        FactKind::BecameBackup => t!("fact.became_backup", name = name),
        FactKind::SplitBrain => t!("fact.split_brain", name = name),
        FactKind::SiteDied => t!("fact.site_died", name = name),
        FactKind::SiteRestored => t!("fact.site_restored", name = name),
        FactKind::AddressDelisted => t!("fact.address_delisted", name = name),
        FactKind::AddressListed => t!("fact.address_listed", name = name),
        FactKind::LinkCut => t!("fact.link_cut"),
        FactKind::LinkMended => t!("fact.link_mended"),
        FactKind::InFlightLimit => {
            "The limit of requests in flight is reached: new ones are rejected.".to_string()
        }
    }
}

/// Thousandths as a number without a needless point.
fn short_number(permille: u32) -> String {
    if permille.is_multiple_of(1_000) {
        (permille / 1_000).to_string()
    } else {
        format!("{:.1}", f64::from(permille) / 1e3)
    }
}

/// The stage in words.
#[must_use]
pub fn describe(view: View<'_>) -> String {
    let spec = view.balancer().spec();
    let layer = match spec.layer {
        Layer::L4 => "connections (layer 4)",
        Layer::L7 => "requests (layer 7)",
    };
    let mut text = format!(
        "{} clients send {} requests a second to a load balancer, which distributes {layer} by \
         {}. {} in flight.",
        view.clients().len(),
        short_number(u32::try_from(view.rate().0).unwrap_or(u32::MAX)),
        spec.algorithm.row().label.to_lowercase(),
        counted(view.in_flight() as u64, "request is", "requests are"),
    );
    for member in view.members() {
        describe_member(member, &mut text);
    }
    text
}

fn describe_member(member: Member<'_>, text: &mut String) {
    let endpoint = member.endpoint;
    let (running, waiting) = (member.server.running().len(), member.server.waiting().len());
    let _ = write!(
        text,
        " Server {}: {}",
        endpoint.config.name,
        endpoint.belief().word()
    );
    if let Some(trouble) = member.server.trouble().map(trouble) {
        let _ = write!(text, ", in truth {trouble}");
    }
    let _ = write!(text, ", {running} in work");
    if waiting > 0 {
        let _ = write!(text, ", {waiting} waiting");
    }
    text.push('.');
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::engine::command::{Command, FaultKind};
    use crate::sim::engine::{Engine, EventBudget};
    use crate::sim::ids::ServerId;
    use crate::sim::scenario::preset::default_scenario;

    #[test]
    fn numbers_have_commas() {
        let table = [
            (0, "0"),
            (999, "999"),
            (1_318, "1,318"),
            (1_000_000, "1,000,000"),
        ];
        for (number, text) in table {
            assert_eq!(thousands(number), text);
        }
    }

    #[test]
    fn shares_have_one_digit_after_the_point() {
        assert_eq!(percent(0.602_4), "60.2 %");
        assert_eq!(percent(1.0 / 3.0), "33.3 %");
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
            assert_eq!(duration(Span::from_us(us)), text);
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
        let fact = |kind| Fact {
            number: 0,
            at: SimTime::from_us(4_000_000),
            server: "B".to_string(),
            kind,
        };
        assert_eq!(sentence(&fact(FactKind::Crashed)), "Server B was killed.");
        let until = SimTime::from_us(14_000_000);
        assert_eq!(
            sentence(&fact(FactKind::Ejected { until })),
            "Server B is ejected for 10 seconds: its last tries failed."
        );
        // What else may keep it out is not in the fact: neither sentence says that it is back.
        assert_eq!(
            sentence(&fact(FactKind::WentUp)),
            "Server B passes its checks again."
        );
        assert_eq!(
            sentence(&fact(FactKind::Returned)),
            "The ejection of server B is over."
        );
    }

    #[test]
    fn the_stage_is_told() {
        let scenario = default_scenario();
        let mut engine = Engine::new(&scenario, scenario.seed);
        engine.run_until(SimTime::from_us(5_000_000), EventBudget::UNBOUNDED);
        let kill = Command::Fault(ServerId(1), FaultKind::Crash);
        engine.apply(kill).expect("B is there");
        let text = describe(engine.view());
        assert!(text.starts_with("4 clients send 30 requests a second to a load balancer, which distributes requests (layer 7) by weighted round robin. "), "{text}");
        assert!(
            text.contains(" Server B: healthy, in truth crashed, 0 in work."),
            "{text}"
        );
    }
}
