//! Reads a `server` or `default-server` line of HAProxy.

use super::lex::{HaproxyLine, HaproxyWord};
use super::values::{lenient, number, time};
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};
use evenkeel_sim::health::active::{ActiveConfig, InitState};
use evenkeel_sim::health::observe::{Observe, OnError};
use evenkeel_sim::time::SimDuration as Time;

/// HAProxy's default for `inter`, in milliseconds.
const INTER_MS: u64 = 2_000;
/// HAProxy's default for `pool-purge-delay`, in milliseconds.
const PURGE_MS: u64 = 5_000;
const ANY: (u32, u32) = (0, u32::MAX);

/// Options with a value that have no effect in a scene.
const WITH_VALUE: &[&str] = &[
    "addr",
    "agent-addr",
    "agent-inter",
    "agent-port",
    "agent-send",
    "alpn",
    "ca-file",
    "check-alpn",
    "check-proto",
    "check-sni",
    "ciphers",
    "ciphersuites",
    "crl-file",
    "crt",
    "id",
    "init-addr",
    "log-proto",
    "max-reuse",
    "minconn",
    "namespace",
    "npn",
    "on-marked-down",
    "on-marked-up",
    "pool-low-conn",
    "port",
    "proto",
    "redir",
    "resolve-net",
    "resolve-opts",
    "resolve-prefer",
    "resolvers",
    "sni",
    "socks4",
    "source",
    "ssl-max-ver",
    "ssl-min-ver",
    "tcp-ut",
    "track",
    "usesrc",
    "verify",
    "verifyhost",
    "ws",
];

/// Options without a value that have no effect in a scene.
const ALONE: &[&str] = &[
    "agent-check",
    "allow-0rtt",
    "check-send-proxy",
    "check-ssl",
    "check-via-socks4",
    "force-tlsv12",
    "force-tlsv13",
    "no-agent-check",
    "no-check-ssl",
    "no-send-proxy",
    "no-send-proxy-v2",
    "no-ssl",
    "no-ssl-reuse",
    "no-sslv3",
    "no-tls-tickets",
    "no-tlsv10",
    "no-tlsv11",
    "no-tlsv12",
    "no-tlsv13",
    "no-verifyhost",
    "non-stick",
    "send-proxy",
    "send-proxy-v2",
    "send-proxy-v2-ssl",
    "ssl",
    "ssl-reuse",
    "stick",
    "tfo",
    "tls-tickets",
];

/// The options after a server's address.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The weight, 0 to 256.
    pub weight: u32,
    /// The connection limit; 0 is none.
    pub maxconn: u32,
    /// The limit of the server's own queue; 0 is none.
    pub maxqueue: u32,
    /// Whether the line says `backup`.
    pub backup: bool,
    /// Whether the line says `disabled`.
    pub disabled: bool,
    /// Whether the line says `check`.
    pub check: bool,
    /// Whether the line says `cookie`.
    pub cookie: bool,
    /// `inter`: the time between probes, in milliseconds.
    pub inter: u64,
    fastinter: Option<u64>,
    downinter: Option<u64>,
    rise: u32,
    fall: u32,
    /// `init-state`, which HAProxy has from 3.1 on.
    init: Option<InitState>,
    /// `slowstart`, in milliseconds; 0 is none.
    pub slowstart: u64,
    /// `pool-max-conn`; `None` is no limit.
    pub pool_max: Option<u32>,
    /// `pool-purge-delay`: the time between two purges of idle connections, in milliseconds.
    pub pool_purge: u64,
    /// What `observe` says: which traffic is watched.
    pub observe: Observe,
    /// What `error-limit` says: so many errors in a row.
    pub error_limit: u32,
    /// What `on-error` says: what happens then.
    pub on_error: OnError,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            weight: 1,
            maxconn: 0,
            maxqueue: 0,
            backup: false,
            disabled: false,
            check: false,
            cookie: false,
            inter: INTER_MS,
            fastinter: None,
            downinter: None,
            rise: 2,
            fall: 3,
            init: None,
            slowstart: 0,
            pool_max: None,
            pool_purge: PURGE_MS,
            observe: Observe::Nothing,
            error_limit: 10,
            on_error: OnError::FailCheck,
        }
    }
}

impl ServerOptions {
    /// Reads the words of a line from the index `from` on.
    pub fn read(&mut self, line: &HaproxyLine, from: usize, notes: &mut Diagnostics) {
        let mut words = line.words.iter().skip(from);
        while let Some(word) = words.next() {
            if self.flag(&word.text) {
                continue;
            }
            if ALONE.contains(&word.text.as_str()) {
                let what = word.text.clone();
                notes.push(word.span, ConfigMessage::NotSimulated { what });
            } else if is_valued(&word.text) {
                let Some(value) = words.next() else {
                    if matches!(word.text.as_str(), "weight" | "maxconn" | "maxqueue") {
                        // HAProxy reads nothing as 0.
                        let from = word.span.to;
                        let nothing = HaproxyWord {
                            text: String::new(),
                            span: Span { from, ..word.span },
                        };
                        return self.set(word, &nothing, notes);
                    }
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NeedsValue { what });
                    return;
                };
                self.set(word, value, notes);
            } else {
                let what = word.text.clone();
                notes.push(word.span, ConfigMessage::UnknownParameter { what });
            }
        }
    }

    fn flag(&mut self, name: &str) -> bool {
        match name {
            "backup" => self.backup = true,
            "no-backup" => self.backup = false,
            "disabled" => self.disabled = true,
            "enabled" => self.disabled = false,
            "check" => self.check = true,
            "no-check" => self.check = false,
            _ => return false,
        }
        true
    }

    fn set(&mut self, word: &HaproxyWord, value: &HaproxyWord, notes: &mut Diagnostics) {
        let count = |what, range, old: u32, notes: &mut Diagnostics| {
            number(value, what, range, notes).unwrap_or(old)
        };
        let loose = |what, range, old: u32, notes: &mut Diagnostics| {
            lenient(value, what, range, notes).unwrap_or(old)
        };
        match word.text.as_str() {
            "weight" => self.weight = loose("weight", (0, 256), self.weight, notes),
            "maxconn" => self.maxconn = loose("maxconn", ANY, self.maxconn, notes),
            "maxqueue" => self.maxqueue = loose("maxqueue", ANY, self.maxqueue, notes),
            "rise" => self.rise = count("rise", (1, u32::MAX), self.rise, notes),
            "fall" => self.fall = count("fall", (1, u32::MAX), self.fall, notes),
            "error-limit" => {
                self.error_limit = count("error-limit", (1, u32::MAX), self.error_limit, notes);
            }
            "inter" => self.inter = time(value, "inter", notes).unwrap_or(self.inter),
            "fastinter" => self.fastinter = time(value, "fastinter", notes),
            "downinter" => self.downinter = time(value, "downinter", notes),
            "slowstart" => self.slowstart = time(value, "slowstart", notes).unwrap_or(0),
            "cookie" => self.cookie = true,
            "pool-max-conn" if value.text == "-1" => self.pool_max = None,
            "pool-max-conn" => self.pool_max = number(value, "pool-max-conn", ANY, notes),
            "pool-purge-delay" => {
                let delay = time(value, "pool-purge-delay", notes);
                self.pool_purge = delay.unwrap_or(self.pool_purge);
            }
            "observe" => match value.text.as_str() {
                "layer4" => self.observe = Observe::Layer4,
                "layer7" => self.observe = Observe::Layer7,
                _ => unknown(value, notes),
            },
            "on-error" => match value.text.as_str() {
                "fastinter" => self.on_error = OnError::FastInter,
                "fail-check" => self.on_error = OnError::FailCheck,
                "sudden-death" => self.on_error = OnError::SuddenDeath,
                "mark-down" => self.on_error = OnError::MarkDown,
                _ => unknown(value, notes),
            },
            "init-state" => match value.text.as_str() {
                "fully-up" => self.init = Some(InitState::FullyUp),
                "up" => self.init = Some(InitState::Up),
                _ => {
                    let what = format!("init-state {}", value.text);
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                }
            },
            _ => {
                let what = word.text.clone();
                notes.push(word.span, ConfigMessage::NotSimulated { what });
            }
        }
    }

    /// The active checks, with the time-out of an answer, and the start of the counter if the line has no
    /// `init-state`.
    #[must_use]
    pub fn active(&self, timeout_ms: Option<u64>, init: InitState) -> ActiveConfig {
        let ms = |ms: u64| Time::from_ms(ms.clamp(1, 3_600_000));
        let inter = ms(self.inter);
        ActiveConfig {
            interval_us: inter,
            fast_interval_us: self.fastinter.map_or(inter, ms),
            down_interval_us: self.downinter.map_or(inter, ms),
            timeout_us: timeout_ms.map_or(inter, ms),
            rise: self.rise.min(1_000),
            fall: self.fall.min(1_000),
            init: self.init.unwrap_or(init),
        }
    }
}

fn is_valued(name: &str) -> bool {
    WITH_VALUE.contains(&name)
        || matches!(
            name,
            "weight"
                | "maxconn"
                | "maxqueue"
                | "rise"
                | "fall"
                | "error-limit"
                | "inter"
                | "fastinter"
                | "downinter"
                | "slowstart"
                | "cookie"
                | "observe"
                | "on-error"
                | "init-state"
                | "pool-max-conn"
                | "pool-purge-delay"
        )
}

fn unknown(value: &HaproxyWord, notes: &mut Diagnostics) {
    let what = value.text.clone();
    notes.push(value.span, ConfigMessage::UnknownParameter { what });
}
