//! Reads the settings around an upstream: time-outs, `proxy_next_upstream`, checks, TLS.

use super::tree::Directive;
use super::upstream::text_of;
use super::values::{number, time};
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::ir::{ConfigIr, within_limits};
use evenkeel_sim::balance::retry::{RetryOn, RetrySpec};
use evenkeel_sim::health::active::{ActiveConfig, InitState};

/// Directives with one word after their name.
const TAKE_ONE: [&str; 4] = [
    "proxy_read_timeout",
    "grpc_read_timeout",
    "proxy_timeout",
    "proxy_next_upstream_tries",
];

/// The settings around an upstream, read from the outer directives to the inner ones.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// How long an answer may take, in milliseconds.
    timeout_ms: u64,
    next: Vec<String>,
    tries: u64,
    checks: Option<ActiveConfig>,
    tls: bool,
}

impl ProxySettings {
    /// nginx's defaults: 60 s for an answer; at L4 a connection may be silent for 10 minutes.
    #[must_use]
    pub fn new(stream: bool) -> Self {
        Self {
            timeout_ms: if stream { 600_000 } else { 60_000 },
            next: vec!["error".to_owned(), "timeout".to_owned()],
            tries: 0,
            checks: None,
            tls: false,
        }
    }

    /// Reads a directive; `false` if it is none of these.
    pub fn take(&mut self, line: &Directive, stream: bool, notes: &mut Diagnostics) -> bool {
        let Some(first) = line.args.first() else {
            return false;
        };
        if line.args.len() > 1 && TAKE_ONE.contains(&line.name.text.as_str()) {
            let what = text_of(line);
            notes.push(line.span(), ConfigMessage::BadLine { what });
            return true;
        }
        match line.name.text.as_str() {
            "proxy_read_timeout" | "grpc_read_timeout" if !stream => {
                self.timeout(line, "proxy_read_timeout", notes);
            }
            "proxy_timeout" if stream => self.timeout(line, "proxy_timeout", notes),
            "proxy_next_upstream" if !stream => self.next(line, notes),
            "proxy_next_upstream_tries" if !stream => {
                let what = "proxy_next_upstream_tries";
                if let Some(tries) = number(first, &first.text, what, (0, 100_000), notes) {
                    self.tries = tries;
                }
            }
            "health_check" => self.checks(line, notes),
            "listen" => self.listen(line, notes),
            "ssl_certificate" | "ssl_certificate_key" => {}
            _ => return false,
        }
        true
    }

    /// `listen 443 ssl`: the address has no meaning in a scene, but whether it ends TLS has.
    fn listen(&mut self, line: &Directive, notes: &mut Diagnostics) {
        for word in line.args.iter().skip(1) {
            match word.text.as_str() {
                "ssl" => self.tls = true,
                "default_server" => {}
                _ => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                }
            }
        }
    }

    fn timeout(&mut self, line: &Directive, what: &'static str, notes: &mut Diagnostics) {
        let word = &line.args[0];
        if let Some(ms) = time(word, &word.text, what, notes) {
            self.timeout_ms = ms;
        }
    }

    fn next(&mut self, line: &Directive, notes: &mut Diagnostics) {
        self.next.clear();
        for word in &line.args {
            match word.text.as_str() {
                "error" | "timeout" | "non_idempotent" | "off" | "http_500" | "http_503" => {
                    self.next.push(word.text.clone());
                }
                "invalid_header" | "updating" | "http_502" | "http_504" | "http_403"
                | "http_404" | "http_429" => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                }
                _ => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::UnknownParameter { what });
                }
            }
        }
    }

    /// NGINX Plus: `health_check interval=5s fails=1 passes=1 uri=/`.
    fn checks(&mut self, line: &Directive, notes: &mut Diagnostics) {
        let every = within_limits(5_000, 1);
        let mut checks = ActiveConfig {
            interval_us: every,
            rise: 1,
            fall: 1,
            init: InitState::Up,
            ..ActiveConfig::default()
        };
        for word in &line.args {
            let (name, value) = word.text.split_once('=').unwrap_or((&word.text, ""));
            let count = |what, notes: &mut Diagnostics| {
                let count = number(word, value, what, (1, 1_000), notes);
                count
                    .and_then(|count| u32::try_from(count).ok())
                    .unwrap_or(1)
            };
            match name {
                "interval" => {
                    if let Some(ms) = time(word, value, "interval", notes) {
                        checks.interval_us = within_limits(ms, 1);
                    }
                }
                "fails" => checks.fall = count("fails", notes),
                "passes" => checks.rise = count("passes", notes),
                // Where the scene's checks go.
                "uri" if value == "/health" => {}
                _ => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                }
            }
        }
        // nginx checks at one pace, whatever the last check said.
        (checks.fast_interval_us, checks.down_interval_us) =
            (checks.interval_us, checks.interval_us);
        self.checks = Some(checks);
    }

    /// Puts the settings into the draft. The servers must be there already: nginx tries each once.
    pub fn finish(self, stream: bool, draft: &mut ConfigIr) {
        let balancer = &mut draft.balancer;
        balancer.request_timeout_us = within_limits(self.timeout_ms, 1);
        balancer.active_checks = self.checks;
        draft.tls = self.tls;
        if stream {
            return;
        }
        let has = |word: &str| self.next.iter().any(|one| one == word);
        let causes: [(&str, &[RetryOn]); 4] = [
            ("error", &[RetryOn::Refused, RetryOn::Reset]),
            ("timeout", &[RetryOn::TimedOut]),
            ("http_500", &[RetryOn::ServerError]),
            ("http_503", &[RetryOn::QueueFull]),
        ];
        let on: Vec<RetryOn> = causes
            .iter()
            .filter(|(word, _)| has(word))
            .flat_map(|(_, causes)| causes.iter().copied())
            .collect();
        let members = draft.members.len() as u64;
        let tries = if self.tries == 0 { members } else { self.tries };
        let tries = u32::try_from(tries.clamp(1, 100)).unwrap_or(1);
        balancer.retries = if has("off") || on.is_empty() || tries == 1 {
            RetrySpec::default()
        } else {
            RetrySpec {
                tries,
                on,
                budget_permille: None,
                non_idempotent: has("non_idempotent"),
            }
        };
        if let Some(passive) = &mut balancer.passive_checks {
            passive.count_server_errors = has("http_500") || has("http_503");
        }
    }
}

/// Adds a diagnostic that a directive is not simulated.
pub fn pass_over(line: &Directive, notes: &mut Diagnostics) {
    // One note a block: what stands in it is passed over with it.
    let what = match line.block {
        Some(_) => text_of(line),
        None => line.name.text.clone(),
    };
    notes.push(line.span(), ConfigMessage::NotSimulated { what });
}
