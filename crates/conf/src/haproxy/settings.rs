//! Reads the settings of `defaults`, `frontend`, `backend` and `listen` sections.

use super::frontend::HaproxyFrontend;
use super::lex::{HaproxyLine, HaproxyWord};
use super::server::ServerOptions;
use super::values::{lenient, time};
use crate::diagnostic::{ConfigMessage, Diagnostics, Span};
use crate::ir::ParsedServer;
use evenkeel_sim::balance::algorithm::HashOptions;
use evenkeel_sim::balance::pickers::haproxy::HashFunction;
use evenkeel_sim::balance::retry::RetryOn;
use evenkeel_sim::scenario::limits::MAX_SERVERS;

/// Keywords that HAProxy read up to 2.0, and what is written today (2.6, src/cfgparse-listen.c).
const OLD_KEYWORDS: &[(&str, &str)] = &[
    ("appsession", "stick-table"),
    ("block", "http-request deny"),
    ("clitimeout", "timeout client"),
    ("contimeout", "timeout connect"),
    ("redisp", "option redispatch"),
    ("redispatch", "option redispatch"),
    ("reqadd", "http-request add-header"),
    ("reqdel", "http-request del-header"),
    ("reqidel", "http-request del-header"),
    ("reqirep", "http-request replace-header"),
    ("reqrep", "http-request replace-header"),
    ("rspadd", "http-response add-header"),
    ("rspdel", "http-response del-header"),
    ("rspidel", "http-response del-header"),
    ("rspirep", "http-response replace-header"),
    ("rsprep", "http-response replace-header"),
    ("srvtimeout", "timeout server"),
];

/// A `server` line of a backend.
#[derive(Clone, Debug)]
pub struct ServerLine {
    /// The name, address, weight and limit.
    pub member: ParsedServer,
    /// The options of the line, and of `default-server` before it.
    pub options: ServerOptions,
}

/// The settings of one proxy; a proxy begins with those of its `defaults`.
#[derive(Clone, Debug)]
pub struct HaproxySettings {
    /// `mode tcp`, which is also the default.
    pub tcp: bool,
    /// The words after `balance`.
    pub balance: Option<(Vec<String>, Span)>,
    /// What `hash-type` says: map or ring, and the function.
    pub hash: HashOptions,
    /// Whether `hash-balance-factor` bounds the load.
    pub bounded: bool,
    /// What `retries` says: how many follow the first try.
    pub retries: u32,
    /// Whether `option redispatch` is on.
    pub redispatch: bool,
    /// What `retry-on` says: the failures that are tried again.
    pub retry_on: Vec<RetryOn>,
    /// `http-request disable-l7-retry if METH_POST`
    pub posts_stay: bool,
    /// `timeout server`, in milliseconds; `None` if it is not set.
    pub timeout_server: Option<u64>,
    /// `timeout queue`, in milliseconds; `None` if it is not set.
    pub timeout_queue: Option<u64>,
    /// `timeout connect`, in milliseconds; `None` if it is not set.
    pub timeout_connect: Option<u64>,
    /// The place of `timeout connect` in the text.
    pub connect_at: Option<Span>,
    /// `timeout check`, in milliseconds; `None` if it is not set.
    pub timeout_check: Option<u64>,
    /// Whether `cookie … insert` is there.
    pub cookie: bool,
    /// Whether `option allbackups` is on.
    pub allbackups: bool,
    /// What `default-server` says for the lines after it.
    pub default_server: ServerOptions,
    /// The `server` lines, in the file's order.
    pub servers: Vec<ServerLine>,
    /// Whether a `bind` line ends TLS.
    pub tls: bool,
    /// The backend that `default_backend` names.
    pub default_backend: Option<HaproxyWord>,
    /// The lines `acl`, `use_backend` and `http-request`.
    pub front: HaproxyFrontend,
}

impl Default for HaproxySettings {
    fn default() -> Self {
        Self {
            tcp: true,
            balance: None,
            hash: HashOptions::default(),
            bounded: false,
            retries: 3,
            redispatch: false,
            retry_on: vec![RetryOn::Refused],
            posts_stay: false,
            timeout_server: None,
            timeout_queue: None,
            timeout_connect: None,
            connect_at: None,
            timeout_check: None,
            cookie: false,
            allbackups: false,
            default_server: ServerOptions::default(),
            servers: Vec::new(),
            tls: false,
            default_backend: None,
            front: HaproxyFrontend::default(),
        }
    }
}

impl HaproxySettings {
    /// Reads the mode of a section alone.
    pub fn mode(&mut self, lines: &[HaproxyLine]) {
        for line in lines {
            match line.texts().as_slice() {
                ["mode", "tcp"] => self.tcp = true,
                ["mode", "http"] => self.tcp = false,
                _ => {}
            }
        }
    }

    /// Reads a line of the section.
    pub fn take(&mut self, line: &HaproxyLine, notes: &mut Diagnostics) {
        let texts = line.texts();
        match texts.as_slice() {
            ["mode", "tcp"] => self.tcp = true,
            ["mode", "http"] => self.tcp = false,
            ["mode", "log" | "spop" | "syslog"] => pass_over(line, notes),
            ["mode", _] => bad(line, notes),
            [what @ ("mode" | "retries" | "cookie" | "hash-balance-factor")]
            | ["timeout", what] => {
                let what = (*what).to_owned();
                notes.push(line.span(), ConfigMessage::NeedsValue { what });
            }
            ["balance", words @ ..] if !words.is_empty() => {
                let words = words.iter().map(ToString::to_string).collect();
                self.balance = Some((words, line.span()));
            }
            ["hash-type", words @ ..] => self.hash_type(words, line, notes),
            ["hash-balance-factor", _] => {
                let what = "hash-balance-factor";
                let factor = lenient(&line.words[1], what, (0, u32::MAX), notes);
                match factor.unwrap_or(0) {
                    1..100 => return bad(line, notes),
                    factor => self.bounded = factor > 0,
                }
                if self.bounded && factor != Some(125) {
                    notes.push(line.span(), ConfigMessage::BalanceFactor);
                }
            }
            ["retries", _] => {
                let retries = lenient(&line.words[1], "retries", (0, u32::MAX), notes);
                self.retries = retries.unwrap_or(self.retries);
            }
            ["option", "redispatch", ..] => {
                self.redispatch = true;
                self.surplus(line, 2, &["1"], notes);
            }
            ["no", "option", "redispatch", ..] => self.redispatch = false,
            ["option", "allbackups"] => self.allbackups = true,
            // The scene's own checks ask so.
            ["option", "httpchk", ..] => self.surplus(line, 2, &["GET", "/health"], notes),
            ["http-check", "expect", "status", "200"] => {}
            ["retry-on", ..] => self.retry_on(&line.words[1..], notes),
            ["http-request", "disable-l7-retry", "if", "METH_POST"] => self.posts_stay = true,
            ["timeout", what, _] => self.timeout(what, line, notes),
            ["cookie", _, rest @ ..] => self.cookie(rest, line, notes),
            ["default-server", ..] => self.default_server.read(line, 1, notes),
            ["server", ..] => self.server(line, notes),
            ["server-template", ..] => self.template(line, notes),
            ["bind", ..] => self.bind(line, notes),
            ["default_backend", _] => self.default_backend = Some(line.words[1].clone()),
            // A listener for each: haproxy/listeners.rs.
            ["use_backend", ..] if self.tcp => {}
            _ if self.front.take(line, notes) => {}
            [first, ..] => match OLD_KEYWORDS.iter().find(|(old, _)| old == first) {
                Some((_, instead)) => old_keyword(line, instead, notes),
                None => pass_over(line, notes),
            },
            [] => {}
        }
    }

    fn hash_type(&mut self, words: &[&str], line: &HaproxyLine, notes: &mut Diagnostics) {
        let consistent = match words.first() {
            Some(&"consistent") => true,
            Some(&"map-based") => false,
            _ => return bad(line, notes),
        };
        let (function, avalanche) = match words[1..] {
            [] => (None, false),
            [function] => (HashFunction::named(function), false),
            [function, "avalanche"] => (HashFunction::named(function), true),
            _ => return bad(line, notes),
        };
        if words.len() > 1 && function.is_none() {
            notes.push(line.span(), ConfigMessage::HashFunction);
        }
        self.hash = HashOptions {
            function,
            avalanche: avalanche && function.is_some(),
            consistent,
        };
    }

    fn retry_on(&mut self, words: &[HaproxyWord], notes: &mut Diagnostics) {
        use RetryOn::{QueueFull, Refused, Reset, ServerError, TimedOut};
        self.retry_on.clear();
        for word in words {
            let causes: &[RetryOn] = match word.text.as_str() {
                "none" => &[],
                "conn-failure" => &[Refused],
                "empty-response" => &[Reset],
                "response-timeout" => &[TimedOut],
                "500" => &[ServerError],
                "503" => &[QueueFull],
                "all-retryable-errors" => &[Refused, Reset, TimedOut, ServerError, QueueFull],
                "junk-response" | "0rtt-rejected" | "401" | "403" | "404" | "408" | "425"
                | "501" | "502" | "504" => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                    &[]
                }
                _ => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::UnknownParameter { what });
                    &[]
                }
            };
            for cause in causes {
                if !self.retry_on.contains(cause) {
                    self.retry_on.push(*cause);
                }
            }
        }
    }

    fn timeout(&mut self, what: &str, line: &HaproxyLine, notes: &mut Diagnostics) {
        let value = &line.words[2];
        match what {
            "server" => self.timeout_server = time(value, "timeout server", notes),
            "queue" => self.timeout_queue = time(value, "timeout queue", notes),
            "check" => self.timeout_check = time(value, "timeout check", notes),
            "connect" => {
                self.timeout_connect = time(value, "timeout connect", notes);
                self.connect_at = Some(line.span());
            }
            // How long a client may be silent: the scene's clients never are.
            "client" => {
                if time(value, "timeout client", notes).is_some() {
                    pass_over(line, notes);
                }
            }
            "client-fin" | "client-hs" | "http-keep-alive" | "http-request" | "server-fin"
            | "tarpit" | "tunnel" => pass_over(line, notes),
            _ => bad(line, notes),
        }
    }

    /// `cookie NAME insert …`: the balancer's own cookie. The other ways need the server's help.
    fn cookie(&mut self, words: &[&str], line: &HaproxyLine, notes: &mut Diagnostics) {
        self.cookie = true;
        if !words.contains(&"insert") {
            notes.push(line.span(), ConfigMessage::CookieWay);
        }
        self.surplus(line, 2, &["insert", "indirect", "nocache"], notes);
    }

    /// Adds diagnostics for words from an index on, except known ones that a scene does anyway.
    fn surplus(&self, line: &HaproxyLine, from: usize, known: &[&str], notes: &mut Diagnostics) {
        for word in line.words.iter().skip(from) {
            if !known.contains(&word.text.as_str()) {
                let what = word.text.clone();
                notes.push(word.span, ConfigMessage::NotSimulated { what });
            }
        }
    }

    /// `bind :443 ssl crt site.pem`: the address has no meaning in a scene, but whether it ends TLS has.
    fn bind(&mut self, line: &HaproxyLine, notes: &mut Diagnostics) {
        let mut words = line.words.iter().skip(2);
        while let Some(word) = words.next() {
            match word.text.as_str() {
                "ssl" => self.tls = true,
                // The certificate that TLS needs.
                "crt" => {
                    words.next();
                }
                _ => {
                    let what = word.text.clone();
                    notes.push(word.span, ConfigMessage::NotSimulated { what });
                }
            }
        }
    }

    fn server(&mut self, line: &HaproxyLine, notes: &mut Diagnostics) {
        let [_, name, address, ..] = line.words.as_slice() else {
            notes.push(line.span(), ConfigMessage::NeedsAddress);
            return;
        };
        let mut options = self.default_server.clone();
        options.read(line, 3, notes);
        self.add(name.text.clone(), address, line, options, notes);
    }

    /// `server-template web 1-5 shop.example:80`: so many servers, whose addresses are looked up.
    fn template(&mut self, line: &HaproxyLine, notes: &mut Diagnostics) {
        let [_, prefix, range, address, ..] = line.words.as_slice() else {
            notes.push(line.span(), ConfigMessage::NeedsAddress);
            return;
        };
        let (first, last) = range.text.split_once('-').unwrap_or(("1", &range.text));
        let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>()) else {
            return bad(line, notes);
        };
        let count = (u64::from(last) + 1).saturating_sub(u64::from(first));
        if count == 0 {
            return bad(line, notes);
        }
        let mut options = self.default_server.clone();
        options.read(line, 4, notes);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        let found = ConfigMessage::FoundAtRunTime {
            name: address.text.clone(),
            count: count.min(MAX_SERVERS),
        };
        notes.push(line.span(), found);
        // One more than a scene takes, so that the rest is told.
        for number in (first..=last).take(MAX_SERVERS + 1) {
            let name = format!("{}{number}", prefix.text);
            self.add(name, address, line, options.clone(), notes);
        }
    }

    fn add(
        &mut self,
        name: String,
        address: &HaproxyWord,
        line: &HaproxyLine,
        options: ServerOptions,
        notes: &mut Diagnostics,
    ) {
        let mut others = self.servers.iter();
        if others.any(|one| one.member.name.as_ref() == Some(&name)) {
            let name = name.clone();
            notes.push(line.words[1].span, ConfigMessage::SameName { name });
        }
        let member = ParsedServer {
            name: Some(name),
            address: address.text.clone(),
            span: line.span(),
            weight: if options.disabled { 0 } else { options.weight },
            backup: options.backup,
            max_conns: Some(options.maxconn).filter(|most| *most > 0),
            max_queue: Some(options.maxqueue).filter(|most| *most > 0),
            pool: None,
        };
        self.servers.push(ServerLine { member, options });
    }
}

/// Adds a diagnostic that a line is not simulated.
pub fn pass_over(line: &HaproxyLine, notes: &mut Diagnostics) {
    let texts = line.texts();
    let words = match texts.first() {
        Some(&("option" | "no" | "http-request" | "http-response" | "tcp-request" | "stats")) => 2,
        Some(&("timeout" | "acl" | "http-check")) => 2,
        _ => 1,
    };
    let what = texts[..words.min(texts.len())].join(" ");
    notes.push(line.span(), ConfigMessage::NotSimulated { what });
}

fn bad(line: &HaproxyLine, notes: &mut Diagnostics) {
    let what = line.texts().join(" ");
    notes.push(line.span(), ConfigMessage::BadLine { what });
}

fn old_keyword(line: &HaproxyLine, instead: &'static str, notes: &mut Diagnostics) {
    let what = line.texts()[0].to_owned();
    notes.push(line.span(), ConfigMessage::OldKeyword { what, instead });
}
