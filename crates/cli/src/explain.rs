//! `evenkeel explain`: what happens to one request, and why.

use std::io::Write;
use std::net::IpAddr;

use clap::{Args, ValueHint};
use evenkeel_sim::balance::endpoint::Tier;
use evenkeel_sim::balance::l7::request_head::RequestHead;
use evenkeel_sim::balance::l7::rule_table::{RouteDecision, RouteVerdict, RuleTable};
use evenkeel_sim::balance::l7::rules::{RouteAction, Rule};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::time::SimTime;

use crate::config::ConfigOptions;
use crate::error::CliError;

/// Print what happens to a request: each rule that it meets, the pool that it goes to, and the servers there
///
/// The rules are those of the scene that a configuration makes; `check` says what of the text they do not follow.
#[derive(Args)]
#[command(after_help = "\
Examples:
  evenkeel explain nginx.conf --path /cart --host shop.example
  evenkeel explain haproxy.cfg --path /api/v1 --method POST --header 'X-Team: a' --cookie beta=1")]
pub struct ExplainArgs {
    #[command(flatten)]
    options: ConfigOptions,
    /// The path of the request, with its query
    #[arg(long, default_value = "/", value_hint = ValueHint::Other)]
    path: String,
    /// The host that it asks for
    #[arg(long, default_value = "shop.example", value_hint = ValueHint::Hostname)]
    host: String,
    /// Its method
    #[arg(long, default_value = "GET")]
    method: String,
    /// A header, 'Name: value'; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = |text: &str| pair(text, ':'))]
    headers: Vec<(String, String)>,
    /// A cookie, name=value; may be given several times
    #[arg(long = "cookie", value_name = "NAME=VALUE", value_parser = |text: &str| pair(text, '='))]
    cookies: Vec<(String, String)>,
    /// The client's address
    #[arg(long, default_value = "203.0.113.7")]
    client: IpAddr,
}

fn pair(text: &str, between: char) -> Result<(String, String), String> {
    let parts = text.split_once(between);
    let (name, value) =
        parts.ok_or_else(|| format!("a name, \"{between}\" and a value are needed"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl ExplainArgs {
    /// Writes a line for each rule that the request meets, and where it goes, to `out`.
    pub fn execute(self, out: &mut dyn Write) -> Result<(), CliError> {
        let scene = self.options.scene()?;
        writeln!(
            out,
            "{} http://{}{} from {}",
            self.method, self.host, self.path, self.client
        )?;
        let pool = if scene.balancer.layer == Layer::L4 {
            writeln!(
                out,
                "L4: the balancer sees a connection, and no request. No rule is asked."
            )?;
            Some(0)
        } else {
            self.rules(&scene, out)?
        };
        if let Some(pool) = pool {
            servers(&scene, pool, out)?;
        }
        Ok(())
    }

    /// Goes through the rules; returns the index of the pool, if the request reaches one.
    fn rules(&self, scene: &Scenario, out: &mut dyn Write) -> Result<Option<usize>, CliError> {
        let head = RequestHead {
            method: &self.method,
            host: &self.host,
            path: &self.path,
            headers: &self.headers,
            cookies: &self.cookies,
        };
        let pools = scene.pool_names();
        let mut table = RuleTable::new(&scene.rules, &pools, scene.seed, 0);
        let RouteDecision {
            verdict,
            rule: decided,
            ..
        } = table.decide(SimTime::ZERO, self.client, &head);
        for (place, rule) in scene.rules.iter().enumerate() {
            if rule.on && head.matches(&rule.when) {
                writeln!(
                    out,
                    "rule {}: {} → {}",
                    place + 1,
                    condition(rule),
                    action(rule)
                )?;
            }
            if decided == Some(place) {
                break;
            }
        }
        Ok(match verdict {
            RouteVerdict::Pool(pool) => Some(pool),
            RouteVerdict::Answer => {
                writeln!(out, "The balancer answers it with a file of its own.")?;
                None
            }
            RouteVerdict::Deny(reason) => {
                writeln!(out, "The balancer turns it away with {}.", reason.status())?;
                None
            }
        })
    }
}

/// What a rule looks at, as text.
fn condition(rule: &Rule) -> String {
    let when = &rule.when;
    let text =
        |what: &str, value: &Option<String>| value.as_ref().map(|value| format!("{what} {value}"));
    let found = [
        text("path", &when.path),
        text("contains", &when.contains),
        text("host", &when.host),
        text("method", &when.method),
        when.header
            .as_ref()
            .map(|header| format!("header {}", header.name)),
        when.cookie
            .as_ref()
            .map(|cookie| format!("cookie {}", cookie.name)),
    ];
    let found: Vec<String> = found.into_iter().flatten().collect();
    if found.is_empty() {
        "every request".to_owned()
    } else {
        found.join(" and ")
    }
}

/// What a rule does, as text.
fn action(rule: &Rule) -> String {
    match &rule.then {
        RouteAction::Pool(pool) => format!("pool {pool}"),
        RouteAction::Split(parts) => {
            let parts: Vec<String> = parts
                .iter()
                .map(|part| format!("{} {}", part.pool, part.share))
                .collect();
            format!("one of {}", parts.join(", "))
        }
        RouteAction::Static => "a file".to_owned(),
        RouteAction::Block => "403".to_owned(),
        RouteAction::Auth(header) => format!("401 without the header {header}"),
        RouteAction::Limit(limit) => {
            let rate = f64::from(limit.rate_permille) / 1_000.0;
            format!("429 above {rate} a second, burst {}", limit.burst)
        }
        RouteAction::Inject(headers) => {
            let names: Vec<&str> = headers.iter().map(|header| header.name()).collect();
            format!("adds {}", names.join(", "))
        }
        RouteAction::Upgrade => "may be upgraded".to_owned(),
    }
}

/// The pool, its algorithm and its servers.
fn servers(scene: &Scenario, pool: usize, out: &mut dyn Write) -> Result<(), CliError> {
    let names = scene.pool_names();
    let algorithm = match pool.checked_sub(1).and_then(|place| scene.pools.get(place)) {
        Some(other) => other.algorithm,
        None => scene.balancer.algorithm,
    };
    writeln!(out, "pool {}, by {}:", names[pool], algorithm.row().id)?;
    let name = (pool > 0).then(|| names[pool].as_str());
    for server in scene
        .servers
        .iter()
        .filter(|server| server.pool.as_deref() == name)
    {
        let backup = if server.tier == Tier::Backup {
            ", a backup"
        } else {
            ""
        };
        let (address, weight) = (&server.address, server.weight);
        writeln!(out, "  {} {address}, weight {weight}{backup}", server.name)?;
    }
    Ok(())
}
