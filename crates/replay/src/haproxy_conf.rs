//! Reads the lines of an HAProxy backend that affect decisions: balance, hash-type, backups and the servers' checks.

use super::trace::{Trace, TraceServer};
use super::trace_path::ReplayError;
use evenkeel_sim::balance::algorithm::{Algorithm, Implementation, PickerConfig};
use evenkeel_sim::balance::pickers::haproxy::HashFunction;
use evenkeel_sim::balance::set::BackupRule;
use evenkeel_sim::health::active::{ActiveConfig, InitState};
use evenkeel_sim::health::observe::{Observe, ObserveConfig, OnError};

/// The longest slow start that is replayed: a day, in seconds.
const MOST_SLOWSTART: u64 = 86_400;

/// The options of a server's line beyond the list of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckConf {
    /// `check`: whether there are active checks.
    pub checked: bool,
    /// The settings of active checks: rise, fall and the intervals.
    pub active: ActiveConfig,
    /// `observe`: the settings of passive checks.
    pub observe: ObserveConfig,
    /// `slowstart`, in whole seconds; 0 is none.
    pub slowstart_s: u64,
}

impl Default for CheckConf {
    fn default() -> Self {
        Self {
            checked: false,
            // Only the counter is replayed: the probes of the trace say when the checks were.
            active: ActiveConfig {
                init: InitState::Up,
                ..ActiveConfig::default()
            },
            observe: ObserveConfig::default(),
            slowstart_s: 0,
        }
    }
}

/// The configuration of a trace.
#[derive(Clone, Debug)]
pub struct HaproxyConf {
    /// The servers, with the options of their lines.
    pub servers: Vec<TraceServer>,
    /// The checks, by server.
    pub checks: Vec<CheckConf>,
    /// The load-balancing algorithm with its options.
    pub picker: PickerConfig,
    /// The backups that serve: `option allbackups` or not.
    pub backups: BackupRule,
    /// Whether weights may change while running: not with a fixed table.
    pub dynamic: bool,
}

/// Reads the configuration of a trace.
///
/// # Errors
/// If a line is not known or HAProxy would refuse it.
pub fn read(trace: &Trace) -> Result<HaproxyConf, ReplayError> {
    let mut conf = HaproxyConf {
        servers: trace.servers.clone(),
        checks: vec![CheckConf::default(); trace.servers.len()],
        picker: PickerConfig::new(Algorithm::WeightedRoundRobin, Implementation::Haproxy),
        backups: BackupRule::First,
        dynamic: true,
    };
    let mut defaults: Vec<&str> = Vec::new();
    let (mut balance, mut hash_type) = (vec!["roundrobin"], None);
    for (place, line) in trace.lines.iter().enumerate() {
        let error = |reason: String| ReplayError {
            place: format!("config[{place}]"),
            reason,
        };
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["balance", rest @ ..] => balance = rest.to_vec(),
            ["hash-type", rest @ ..] => {
                hash_type = Some(read_hash_type(rest, &mut conf.picker).map_err(error)?);
            }
            ["hash-balance-factor", ..] => {
                return Err(error("is not replayed".to_owned()));
            }
            ["option", "allbackups"] => conf.backups = BackupRule::All,
            ["default-server", rest @ ..] => defaults.extend(rest),
            ["server", name, address, rest @ ..] => {
                let Some(at) = conf.servers.iter().position(|server| server.name == *name) else {
                    return Err(error(format!("there is no server \"{name}\" in servers")));
                };
                if conf.servers[at].address != *address {
                    return Err(error(format!("{address} is not the address of {name}")));
                }
                let words: Vec<&str> = defaults.iter().chain(rest).copied().collect();
                server_line(&mut conf.servers[at], &mut conf.checks[at], &words).map_err(error)?;
            }
            ["server", ..] => return Err(error("a server needs a name and an address".to_owned())),
            _ => {}
        }
    }
    let line = trace
        .lines
        .iter()
        .position(|line| line.trim_start().starts_with("balance"));
    let error = |reason: String| ReplayError {
        place: line.map_or_else(|| "config".to_owned(), |line| format!("config[{line}]")),
        reason,
    };
    read_balance(&balance, hash_type == Some(HashType::Consistent), &mut conf).map_err(error)?;
    Ok(conf)
}

/// The first word of `hash-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HashType {
    Map,
    Consistent,
}

fn read_hash_type(words: &[&str], picker: &mut PickerConfig) -> Result<HashType, String> {
    let (first, rest) = words.split_first().ok_or("hash-type needs a method")?;
    let method = match *first {
        "map-based" => HashType::Map,
        "consistent" => HashType::Consistent,
        other => return Err(format!("unknown hash-type \"{other}\"")),
    };
    picker.hash.function = match rest.first() {
        None => None,
        Some(word) => match HashFunction::named(word) {
            None => return Err(format!("unknown hash function \"{word}\"")),
            known => known,
        },
    };
    picker.hash.avalanche = match rest.get(1..).unwrap_or(&[]) {
        [] => false,
        ["avalanche"] => true,
        other => return Err(format!("unknown modifier \"{}\"", other.join(" "))),
    };
    Ok(method)
}

fn read_balance(words: &[&str], consistent: bool, conf: &mut HaproxyConf) -> Result<(), String> {
    let picker = &mut conf.picker;
    match words {
        ["roundrobin"] => picker.algorithm = Algorithm::WeightedRoundRobin,
        ["static-rr"] => {
            picker.algorithm = Algorithm::WeightedRoundRobin;
            picker.static_table = true;
            conf.dynamic = false;
        }
        ["leastconn"] => picker.algorithm = Algorithm::WeightedLeastConnections,
        ["first"] => picker.algorithm = Algorithm::First,
        ["source"] => {
            picker.algorithm = Algorithm::IpHash;
            picker.hash.consistent = consistent;
            conf.dynamic = consistent;
        }
        ["uri"] => {
            let of = [Algorithm::KeyHash, Algorithm::ConsistentHash];
            picker.algorithm = of[usize::from(consistent)];
            conf.dynamic = consistent;
        }
        [random] if random.starts_with("random") => {
            picker.algorithm = Algorithm::PowerOfTwo;
            picker.draws = Some(read_draws(random)?);
        }
        other => return Err(format!("unknown balance \"{}\"", other.join(" "))),
    }
    Ok(())
}

/// The number of draws of `random` or `random(3)`.
fn read_draws(word: &str) -> Result<u8, String> {
    if word == "random" {
        return Ok(2);
    }
    let number = word
        .strip_prefix("random(")
        .and_then(|rest| rest.strip_suffix(')'));
    let draws = number
        .and_then(|number| number.parse().ok())
        .filter(|draws| *draws > 0);
    draws.ok_or_else(|| format!("\"{word}\" must draw 1 to 255"))
}

/// The words of a `server` line after its address.
fn server_line(
    server: &mut TraceServer,
    check: &mut CheckConf,
    words: &[&str],
) -> Result<(), String> {
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let mut value = || {
            words
                .next()
                .copied()
                .ok_or_else(|| format!("{word} needs a value"))
        };
        let number = |value: &str, least: u32, most: u32| {
            let number = value
                .parse()
                .ok()
                .filter(|number| (least..=most).contains(number));
            number.ok_or_else(|| format!("{word} must be a number from {least} to {most}"))
        };
        match word {
            "weight" => server.weight = number(value()?, 0, 256)?,
            "id" => server.id = number(value()?, 1, u32::MAX)?,
            "maxconn" => {
                server.max_conns = Some(number(value()?, 0, u32::MAX)?).filter(|most| *most > 0);
            }
            "maxqueue" => {
                server.max_queue = Some(number(value()?, 0, u32::MAX)?).filter(|most| *most > 0);
            }
            "backup" => server.backup = true,
            "disabled" => server.down = true,
            "check" => check.checked = true,
            "rise" => check.active.rise = number(value()?, 1, 1_000_000)?,
            "fall" => check.active.fall = number(value()?, 1, 1_000_000)?,
            "slowstart" => {
                let secs = milliseconds(value()?)?.div_ceil(1_000);
                if secs > MOST_SLOWSTART {
                    return Err(format!("slowstart is at most {MOST_SLOWSTART} s"));
                }
                check.slowstart_s = secs;
            }
            "observe" => {
                check.observe.observe = match value()? {
                    "layer4" => Observe::Layer4,
                    "layer7" => Observe::Layer7,
                    other => return Err(format!("unknown observe \"{other}\"")),
                };
            }
            "error-limit" => check.observe.error_limit = number(value()?, 1, u32::MAX)?,
            "on-error" => {
                check.observe.on_error = match value()? {
                    "fastinter" => OnError::FastInter,
                    "fail-check" => OnError::FailCheck,
                    "sudden-death" => OnError::SuddenDeath,
                    "mark-down" => OnError::MarkDown,
                    other => return Err(format!("unknown on-error \"{other}\"")),
                };
            }
            "inter" | "fastinter" | "downinter" => {
                milliseconds(value()?)?;
            }
            // Everything else decides nothing here.
            _ => {}
        }
    }
    Ok(())
}

/// A time of HAProxy: `500ms`, `10s`, and without a unit milliseconds.
fn milliseconds(text: &str) -> Result<u64, String> {
    let end = text
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let error = || format!("unknown time \"{text}\"");
    let number: u64 = digits.parse::<u32>().map_err(|_| error())?.into();
    match unit {
        "us" => Ok(number.div_ceil(1_000)),
        "ms" | "" => Ok(number),
        "s" => Ok(number * 1_000),
        "m" => Ok(number * 60_000),
        "h" => Ok(number * 3_600_000),
        "d" => Ok(number * 86_400_000),
        _ => Err(error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(milliseconds("250"), Ok(250));
        assert_eq!(milliseconds("250ms"), Ok(250));
        assert_eq!(milliseconds("10s"), Ok(10_000));
        assert_eq!(milliseconds("1500us"), Ok(2));
        assert!(milliseconds("10x").is_err());
        assert!(milliseconds("s").is_err());
    }

    #[test]
    fn random_draws_two_unless_told() {
        assert_eq!(read_draws("random"), Ok(2));
        assert_eq!(read_draws("random(1)"), Ok(1));
        assert!(read_draws("random(0)").is_err());
        assert!(read_draws("random(x").is_err());
    }
}
