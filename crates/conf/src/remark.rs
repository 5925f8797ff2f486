//! What an exported configuration says, in comments, of things that have no equivalent in it.

use std::fmt;

use evenkeel_words::{scene_text, t};

/// One remark. Its text is one line without a line break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The program lacks the algorithm: this is the nearest it has.
    Nearest {
        /// The algorithm's name.
        label: String,
        /// The program.
        program: &'static str,
    },
    /// The scene picks in another program's form of the algorithm.
    OtherForm {
        /// Whose form the scene uses.
        form: &'static str,
        /// The program that is written for.
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
        /// The program.
        program: &'static str,
    },
    /// Passive checks of this rule need active ones.
    PassiveNeedsActive,
    /// A 5xx is tried again and counts as a failure, which the scene has apart.
    RetriesCount,
    /// Where the counter of active checks starts.
    StartsAtRise,
    /// Slow start in another shape.
    SlowStartShape {
        /// The program.
        program: &'static str,
    },
    /// Slow start is there for turns and least requests only.
    SlowStartPolicy,
    /// A retry budget.
    Budget {
        /// In percent of the requests.
        percent: String,
        /// The program.
        program: &'static str,
    },
    /// Envoy's budget looks at the requests in progress.
    EnvoyBudget,
    /// Below a share of healthy servers health is ignored.
    Panic {
        /// The program.
        program: &'static str,
    },
    /// Without anybody healthy everybody is used.
    FailOpen {
        /// The program.
        program: &'static str,
    },
    /// The queue at the balancer has no bound there.
    QueueBound {
        /// The scene's.
        limit: u32,
    },
    /// Where all are full, the program lets requests wait.
    QueueAlways,
    /// A connection limit for each server.
    NoServerLimit {
        /// The program.
        program: &'static str,
    },
    /// Retries at L4 are for connections only.
    RetriesL4,
    /// A name or an address that the program could not read.
    Replaced {
        /// What the scene has.
        was: String,
    },
    /// The machine behind an address, which a configuration says nothing of.
    Machine {
        /// Its name.
        name: String,
    },
    /// The first line.
    Title {
        /// The scene's name.
        scene: String,
    },
    /// A rule that is not written.
    Rule {
        /// What it is called, or which of them it is.
        rule: String,
    },
    /// A rule that is never asked, since one before it takes all its requests.
    Never {
        /// What it is called, or which of them it is.
        rule: String,
    },
    /// A rule that holds for more requests than in the scene.
    ForAll {
        /// What it is called, or which of them it is.
        rule: String,
    },
    /// nginx finds a location by the path, whatever other rules say.
    PathFirst {
        /// What it is called, or which of them it is.
        rule: String,
    },
    /// nginx counts only what was not refused.
    RefusesFirst,
    /// A limit counts in a window that moves.
    Window,
    /// HAProxy has no files.
    NoFiles {
        /// The program.
        program: &'static str,
    },
    /// Envoy counts before it looks for a route.
    CountsFirst,
    /// Envoy's limit for each client.
    EnvoyLimit,
    /// A rule that is switched off.
    RuleOff {
        /// What it is called, or which of them it is.
        rule: String,
    },
    /// Several sites behind one name.
    World {
        /// How many.
        sites: usize,
    },
    /// A name in front of the balancer.
    Dns,
    /// Two balancers behind one address.
    Pair,
    /// The balancer's own processor.
    Cores {
        /// How many.
        cores: u32,
        /// How the program gets as many.
        directive: String,
    },
    /// Rules and pools of a scene at L4.
    OnlyAtL7 {
        /// How many rules.
        rules: usize,
        /// How many pools besides the main one.
        pools: usize,
    },
    /// Answers that pass the balancer by.
    Direct {
        /// The program.
        program: &'static str,
    },
    /// How long a TLS session may be resumed.
    Tickets {
        /// The directive.
        directive: String,
    },
    /// A new connection to a server for each request.
    NoKeepalive,
    /// Connections to servers are no matter in the scene.
    KeepaliveFree,
    /// HAProxy's way to close idle connections.
    PurgeDelay,
    /// Idle connections, which Envoy does not count.
    EnvoyKeepalive {
        /// How many at each server.
        idle: u32,
    },
    /// What a configuration never holds.
    NotHere,
}

impl Remark {
    /// What it says, in the page's language.
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

    /// Those of what a scene has beyond one balancer's configuration.
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
