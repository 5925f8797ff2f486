//! The remarks of an exported configuration: comments on things that have no equivalent in it.

use std::fmt;

use evenkeel_words::{scene_text, t};

/// One remark. Its text is one line without a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The program lacks the algorithm: this is the nearest it has.
    Nearest {
        /// The name of the algorithm.
        label: String,
        /// The name of the program.
        program: &'static str,
    },
    /// The scene uses another program's implementation of the algorithm.
    OtherForm {
        /// The implementation that the scene uses.
        form: &'static str,
        /// The name of the program of the export.
        program: &'static str,
    },
    /// `least_time` came to nginx late.
    LeastTime,
    /// nginx's open source version has no active checks.
    NginxChecks {
        /// The directive that NGINX Plus would want.
        plus: String,
    },
    /// Something that only NGINX Plus or a later nginx has.
    NginxPlus {
        /// The directive or parameter.
        directive: String,
    },
    /// Something that only NGINX Plus has.
    NginxOnlyPlus {
        /// The directive or parameter.
        directive: String,
    },
    /// nginx allows no backup with this method.
    NoBackupWithMethod,
    /// nginx wants one server that is no backup.
    BackupsOnly,
    /// The program wants at least one server.
    NoServers,
    /// A weight of 0 is written so.
    WeightZero,
    /// TLS needs a certificate that the scene does not have.
    Tls,
    /// Envoy wants a certificate in another place.
    EnvoyTls,
    /// The scene's passive checks follow another rule: these are the nearest.
    PassiveNearest {
        /// The name of the program.
        program: &'static str,
    },
    /// Passive checks of this rule need active ones.
    PassiveNeedsActive,
    /// A 5xx is tried again and counts as a failure, which the scene has as two settings.
    RetriesCount,
    /// Where the counter of active checks starts.
    StartsAtRise,
    /// A slow-start curve that the program lacks.
    SlowStartShape {
        /// The name of the program.
        program: &'static str,
    },
    /// The program has slow start for turns and least requests only.
    SlowStartPolicy,
    /// A retry budget, which the program lacks.
    Budget {
        /// The budget in percent of the requests.
        percent: String,
        /// The name of the program.
        program: &'static str,
    },
    /// Envoy's budget counts the requests in progress.
    EnvoyBudget,
    /// A panic threshold: below this share of healthy servers health is ignored.
    Panic {
        /// The name of the program.
        program: &'static str,
    },
    /// Fail-open: if no server is healthy, all are used.
    FailOpen {
        /// The name of the program.
        program: &'static str,
    },
    /// The program's queue has no limit.
    QueueBound {
        /// The limit in the scene.
        limit: u32,
    },
    /// The program has no queue for one server alone.
    NoOwnQueue {
        /// The name of the program.
        program: &'static str,
    },
    /// If all servers are full, the program lets requests wait.
    QueueAlways,
    /// A connection limit for each server.
    NoServerLimit {
        /// The name of the program.
        program: &'static str,
    },
    /// Retries at L4 are for connections only.
    RetriesL4,
    /// A name or an address that the program could not read.
    Replaced {
        /// The text in the scene.
        was: String,
    },
    /// The machine behind an address, which a configuration says nothing of.
    Machine {
        /// The name of the server.
        name: String,
    },
    /// The first line, with the title.
    Title {
        /// The name of the scene.
        scene: String,
    },
    /// A rule that is not written.
    Rule {
        /// The name of the rule, or its number.
        rule: String,
    },
    /// A rule that is never reached, since an earlier one takes all its requests.
    Never {
        /// The name of the rule, or its number.
        rule: String,
    },
    /// A rule that applies to more requests than in the scene.
    ForAll {
        /// The name of the rule, or its number.
        rule: String,
    },
    /// nginx finds a location by the path, whatever other rules say.
    PathFirst {
        /// The name of the rule, or its number.
        rule: String,
    },
    /// nginx counts only requests that were not refused.
    RefusesFirst,
    /// A limit that counts in a sliding window.
    Window,
    /// HAProxy has no files.
    NoFiles {
        /// The name of the program.
        program: &'static str,
    },
    /// Envoy counts before it looks for a route.
    CountsFirst,
    /// Envoy's limit for each client.
    EnvoyLimit,
    /// A rule that is switched off.
    RuleOff {
        /// The name of the rule, or its number.
        rule: String,
    },
    /// Several sites behind one name.
    World {
        /// The number of sites.
        sites: usize,
    },
    /// A name in front of the balancer.
    Dns,
    /// Two balancers behind one address.
    Pair,
    /// The processor of the balancer.
    Cores {
        /// The number of cores.
        cores: u32,
        /// The program's directive for this number of cores.
        directive: String,
    },
    /// Rules and pools of a scene at L4.
    OnlyAtL7 {
        /// The number of rules.
        rules: usize,
        /// The number of pools besides the main one.
        pools: usize,
    },
    /// Direct server return: responses bypass the balancer.
    Direct {
        /// The name of the program.
        program: &'static str,
    },
    /// How long a TLS session may be resumed.
    Tickets {
        /// The directive for it.
        directive: String,
    },
    /// A new connection to a server for each request.
    NoKeepalive,
    /// The scene does not simulate connections to servers.
    KeepaliveFree,
    /// HAProxy's way to close idle connections.
    PurgeDelay,
    /// Idle connections, which Envoy does not count.
    EnvoyKeepalive {
        /// The number of idle connections to each server.
        idle: u32,
    },
    /// The parts of a scene that a configuration never has.
    NotHere,
}

impl Remark {
    /// The text of the remark, in the page's language.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Nearest { label, program } => {
                t!("conf.export.nearest", label = label, program = *program)
            }
            Self::OtherForm { form, program } => {
                t!("conf.export.other_form", form = *form, program = *program)
            }
            Self::LeastTime => t!("conf.export.least_time"),
            Self::NginxChecks { plus } => t!("conf.export.nginx_checks", plus = plus),
            Self::NginxPlus { directive } => t!("conf.export.nginx_plus", directive = directive),
            Self::NginxOnlyPlus { directive } => {
                t!("conf.export.nginx_only_plus", directive = directive)
            }
            Self::NoBackupWithMethod => t!("conf.export.no_backup_with_method"),
            Self::BackupsOnly => t!("conf.export.backups_only"),
            Self::NoServers => t!("conf.export.no_servers"),
            Self::WeightZero => t!("conf.export.weight_zero"),
            Self::Tls => t!("conf.export.tls"),
            Self::EnvoyTls => t!("conf.export.envoy_tls"),
            Self::PassiveNearest { program } => {
                t!("conf.export.passive_nearest", program = *program)
            }
            Self::PassiveNeedsActive => t!("conf.export.passive_needs_active"),
            Self::RetriesCount => t!("conf.export.retries_count"),
            Self::StartsAtRise => t!("conf.export.starts_at_rise"),
            Self::SlowStartShape { program } => {
                t!("conf.export.slow_start_shape", program = *program)
            }
            Self::SlowStartPolicy => t!("conf.export.slow_start_policy"),
            Self::Budget { percent, program } => {
                t!("conf.export.budget", percent = percent, program = *program)
            }
            Self::EnvoyBudget => t!("conf.export.envoy_budget"),
            Self::Panic { program } => t!("conf.export.panic", program = *program),
            Self::FailOpen { program } => t!("conf.export.fail_open", program = *program),
            Self::QueueBound { limit } => t!("conf.export.queue_bound", limit = *limit),
            Self::NoOwnQueue { program } => {
                t!("conf.export.no_own_queue", program = *program)
            }
            Self::QueueAlways => t!("conf.export.queue_always"),
            Self::NoServerLimit { program } => {
                t!("conf.export.no_server_limit", program = *program)
            }
            Self::RetriesL4 => t!("conf.export.retries_l4"),
            Self::Replaced { was } => t!("conf.export.replaced", was = was),
            Self::Machine { name } => name.clone(),
            Self::Title { scene } => t!("conf.export.title", scene = scene_text(scene)),
            Self::Rule { rule } => t!("conf.export.rule", rule = rule),
            Self::NotHere => t!("conf.export.not_here"),
            _ => self.of_the_scene(),
        }
    }

    /// The texts of the parts that a scene has beyond one balancer's configuration.
    fn of_the_scene(&self) -> String {
        match self {
            Self::Never { rule } => t!("conf.export.never", rule = rule),
            Self::ForAll { rule } => t!("conf.export.for_all", rule = rule),
            Self::PathFirst { rule } => t!("conf.export.path_first", rule = rule),
            Self::RefusesFirst => t!("conf.export.refuses_first"),
            Self::Window => t!("conf.export.window"),
            Self::NoFiles { program } => t!("conf.export.no_files", program = *program),
            Self::CountsFirst => t!("conf.export.counts_first"),
            Self::EnvoyLimit => t!("conf.export.envoy_limit"),
            Self::RuleOff { rule } => t!("conf.export.rule_off", rule = rule),
            Self::World { sites } => t!("conf.export.world", sites = *sites),
            Self::Cores { cores, directive } => {
                t!("conf.export.cores", cores = *cores, directive = directive)
            }
            Self::OnlyAtL7 { rules, pools } => {
                t!("conf.export.only_at_l7", rules = *rules, pools = *pools)
            }
            Self::Direct { program } => t!("conf.export.direct", program = *program),
            Self::Tickets { directive } => t!("conf.export.tickets", directive = directive),
            Self::EnvoyKeepalive { idle } => t!("conf.export.envoy_keepalive", idle = *idle),
            Self::Dns => t!("conf.export.dns"),
            Self::Pair => t!("conf.export.pair"),
            Self::NoKeepalive => t!("conf.export.no_keepalive"),
            Self::KeepaliveFree => t!("conf.export.keepalive_free"),
            Self::PurgeDelay => t!("conf.export.purge_delay"),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}
