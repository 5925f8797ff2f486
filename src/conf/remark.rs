//! What an exported configuration says, in comments, of things that have no equivalent in it.

use std::fmt;

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
    /// The remarks that name nothing of the scene.
    const fn fixed(&self) -> Option<&'static str> {
        Some(match self {
            Self::LeastTime => {
                "From nginx 1.31.0 on, \"least_time last_byte;\" is what the scene does."
            }
            Self::NoBackupWithMethod => {
                "nginx allows no backup with this method, so it is left out:"
            }
            Self::BackupsOnly => {
                "All servers are backups in the scene; nginx wants one that is not."
            }
            Self::NoServers => "The scene has no servers; this one stands for none.",
            Self::WeightZero => "weight 0 in the scene: nothing new goes here.",
            Self::Tls => "The scene ends TLS here. With a certificate of yours, use these lines:",
            Self::PassiveNeedsActive => {
                "Passive checks: HAProxy has them only where active ones are on."
            }
            Self::RetriesCount => {
                "nginx counts an answer that it tries again as a failure; the scene does not."
            }
            Self::StartsAtRise => {
                "Up to HAProxy 3.0 one bad first check takes a server down; from 3.1 on add: init-state fully-up"
            }
            Self::SlowStartPolicy => {
                "Slow start: Envoy has it for ROUND_ROBIN and LEAST_REQUEST only."
            }
            Self::EnvoyBudget => {
                "Envoy counts retries against the requests in progress; the scene against those of the last ten seconds."
            }
            Self::QueueAlways => {
                "Where all servers are full the scene turns requests away; HAProxy lets them wait."
            }
            Self::RetriesL4 => "Retries belong to requests; at L4 there are connections only.",
            Self::Dns => "The name in front of the balancer belongs to a DNS server.",
            Self::Pair => {
                "The scene has two balancers. Each gets this text; the address that they share needs VRRP beside it (keepalived)."
            }
            Self::NoKeepalive => "Each request opens a connection of its own, as in the scene.",
            Self::KeepaliveFree => {
                "The scene takes no account of connections to servers. Outside of it, add to each upstream: keepalive 32;"
            }
            Self::PurgeDelay => {
                "HAProxy closes half of the idle connections at each pool-purge-delay; the scene each after its time."
            }
            Self::NotHere => {
                "Clients, traffic, delays and the servers' own speed are not part of a configuration."
            }
            _ => return None,
        })
    }
}

impl Remark {
    /// Those of what a scene has beyond one balancer's configuration.
    fn of_the_scene(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RuleOff { rule } => {
                write!(
                    f,
                    "Rule {rule} is switched off in the scene and not written."
                )
            }
            Self::World { sites } => write!(
                f,
                "The scene has {sites} sites behind one name. Their servers stand here as one group; which site a client gets is for DNS to say."
            ),
            Self::Cores { cores, directive } => write!(
                f,
                "Cores of the balancer in the scene: {cores}. Here that is \"{directive}\", where each counts for itself; what work costs is up to the machine."
            ),
            Self::OnlyAtL7 { rules, pools } => write!(
                f,
                "At L4 there are no requests to look at. Left out of the scene: rules {rules}, further pools {pools}."
            ),
            Self::Direct { program } => write!(
                f,
                "In the scene answers go from the servers straight to the clients, as with IPVS; through {program} they come back."
            ),
            Self::Tickets { directive } => write!(
                f,
                "TLS sessions are resumed for as long as in the scene with \"{directive}\"."
            ),
            Self::EnvoyKeepalive { idle } => write!(
                f,
                "Idle connections kept to each server in the scene: {idle}. Envoy bounds their time only (idle_timeout)."
            ),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.fixed() {
            return write!(f, "{text}");
        }
        match self {
            Self::Nearest { label, program } => {
                write!(f, "{program} has no \"{label}\"; this is the nearest.")
            }
            Self::OtherForm { form, program } => write!(
                f,
                "The scene picks as {form} does. {program} may pick in another order."
            ),
            Self::NginxChecks { plus } => write!(
                f,
                "Active checks: not in open source nginx. NGINX Plus: {plus}"
            ),
            Self::NginxPlus { directive } => write!(
                f,
                "Not in this nginx; NGINX Plus or a later nginx: {directive}"
            ),
            Self::PassiveNearest { program } => write!(
                f,
                "The scene's passive checks follow another rule; this is the nearest in {program}."
            ),
            Self::SlowStartShape { program } => write!(
                f,
                "The scene's slow start grows in another shape than {program}'s."
            ),
            Self::Budget { percent, program } => write!(
                f,
                "Retries are at most {percent} % of requests in the scene; {program} has no such bound."
            ),
            Self::Panic { program } => write!(
                f,
                "When few are healthy the scene ignores health; {program} does not."
            ),
            Self::FailOpen { program } => write!(
                f,
                "When nobody is healthy the scene uses everybody; {program} does not."
            ),
            Self::QueueBound { limit } => write!(
                f,
                "At most {limit} requests wait in the scene; HAProxy bounds the time, not the number."
            ),
            Self::NoServerLimit { program } => write!(
                f,
                "Limits for each server: {program} has one for the whole cluster only."
            ),
            Self::Replaced { was } => write!(f, "\"{was}\" in the scene."),
            Self::Machine { name } => write!(f, "{name}"),
            Self::Title { scene } => write!(f, "{scene}, from Evenkeel"),
            Self::Rule { rule } => write!(
                f,
                "Rule {rule} of the scene is not written: it has no simple form here."
            ),
            _ => self.of_the_scene(f),
        }
    }
}
