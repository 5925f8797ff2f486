//! Turns an nginx configuration into a scene: the upstream that requests go to, and the settings around it.

use super::proxy::{ProxySettings, pass_over};
use super::server_rules::{NginxRules, own_action, prefix};
use super::tree::{Directive, NginxWord};
use super::upstream::{member, read};
use crate::algorithms::ParsedAlgorithm;
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::ir::ConfigIr;
use evenkeel_sim::balance::algorithm::Implementation;
use evenkeel_sim::balance::l7::rules::RouteAction;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::limits::{MAX_POOLS, MAX_TEXT};

/// Directives that pass requests on, each to `scheme://upstream/path` or to an upstream.
const PASSES: [&str; 5] = [
    "proxy_pass",
    "grpc_pass",
    "fastcgi_pass",
    "uwsgi_pass",
    "scgi_pass",
];

/// The content of `http` or `stream`.
#[derive(Default)]
struct Context<'a> {
    stream: bool,
    settings: Vec<&'a Directive>,
    upstreams: Vec<&'a Directive>,
    servers: Vec<&'a Directive>,
}

/// The path of the requests to the main upstream, from the outer directives to the inner ones.
struct Route<'a> {
    server: &'a Directive,
    /// The location; `None` if `proxy_pass` is in the server itself (stream).
    location: Option<&'a Directive>,
    target: &'a NginxWord,
}

/// Turns a tree into a scene; `None` if it has no servers.
pub fn lower(tree: &[Directive], scene: &Scenario, notes: &mut Diagnostics) -> Option<Scenario> {
    let contexts = contexts(tree, notes);
    let routed = contexts
        .iter()
        .find_map(|context| Some((context, route(context)?)));
    let (context, route) = match routed {
        Some((context, route)) => (context, Some(route)),
        None => (contexts.iter().find(|one| !one.upstreams.is_empty())?, None),
    };
    for other in contexts.iter().filter(|one| one.stream != context.stream) {
        for block in other.upstreams.iter().chain(&other.servers) {
            pass_over(block, notes);
        }
    }
    let stream = context.stream;
    let layer = if stream { Layer::L4 } else { Layer::L7 };
    let mut draft = ConfigIr::new(scene, Implementation::Nginx, layer);
    let mut reader = ServerReader {
        proxy: ProxySettings::new(stream),
        front: NginxRules::default(),
        stream,
    };
    for line in &context.settings {
        reader.take(line, None, notes);
    }
    let mut chosen = context.upstreams.first().copied();
    if let Some(route) = &route {
        reader.front.variables.targets = variables(route.server);
        reader.through(route, notes);
        chosen = match host_of(route.target).strip_prefix('$') {
            Some(variable) => {
                reader.front.pass_to(variable, route.server);
                let main = reader.front.main.as_deref();
                let mut all = context.upstreams.iter().copied();
                main.and_then(|main| all.find(|one| pool_name(one) == Some(main)))
            }
            None => named(context, route.target),
        };
        if chosen.is_none() {
            direct(route, scene, &mut draft, notes);
        }
    }
    if let Some(chosen) = chosen {
        if let Some(name) = pool_name(chosen) {
            draft.balancer.pool = name.to_owned();
        }
        read(chosen, stream, scene, &mut draft, notes);
    }
    if let Some(route) = &route {
        rule_pools(context, scene, (&mut draft, &mut reader.front), notes);
        other_locations(
            context,
            route,
            scene,
            (&mut draft, &mut reader.front),
            notes,
        );
    }
    draft.order_pools(|name| {
        let mut all = context.upstreams.iter();
        all.position(|one| pool_name(one) == Some(name))
    });
    let names: Vec<String> = draft.pools.iter().map(|pool| pool.name.clone()).collect();
    for other in &context.upstreams {
        let is_there = pool_name(other).is_some_and(|name| names.iter().any(|one| one == name));
        if !is_there && chosen.is_none_or(|chosen| !std::ptr::eq(*other, chosen)) {
            let name = other.words().join(" ");
            notes.push(other.span(), ConfigMessage::OtherPool { name });
        }
    }
    reader.proxy.finish(stream, &mut draft);
    if !stream {
        reader.front.finish(&mut draft, notes);
    }
    draft.onto(scene, notes)
}

/// Reads the settings and rules around the upstreams.
struct ServerReader {
    proxy: ProxySettings,
    front: NginxRules,
    stream: bool,
}

impl ServerReader {
    fn take(&mut self, line: &Directive, path: Option<&str>, notes: &mut Diagnostics) {
        if line.is("include") {
            include(line, notes);
        } else if !self.proxy.take(line, self.stream, notes)
            && !self.front.take(line, path, notes)
            && !is_silent(line)
        {
            pass_over(line, notes);
        }
    }

    /// Reads the settings on the path to the main upstream.
    fn through(&mut self, route: &Route<'_>, notes: &mut Diagnostics) {
        for line in route.server.children() {
            if !line.is("location") {
                self.take(line, None, notes);
            }
        }
        proxy_pass_details(route.location.unwrap_or(route.server), notes);
        // Everything goes to the main pool, not only what this location is for.
        if let Some(location) = route.location.filter(|one| one.words() != ["/"]) {
            let what = format!("location {}", location.words().join(" "));
            notes.push(location.span(), ConfigMessage::NotSimulated { what });
        }
        let path = route.location.and_then(prefix).filter(|path| *path != "/");
        for line in route.location.map(Directive::children).unwrap_or_default() {
            self.take(line, path, notes);
        }
    }
}

/// The name of an upstream, if the scene allows it for a pool.
fn pool_name(upstream: &Directive) -> Option<&str> {
    let name = upstream.args.first()?.text.as_str();
    (!name.trim().is_empty() && name.chars().count() <= MAX_TEXT).then_some(name)
}

/// Reads the other locations of the server, each with its pool or its own action; other servers are ignored.
fn other_locations(
    context: &Context<'_>,
    route: &Route<'_>,
    scene: &Scenario,
    (draft, front): (&mut ConfigIr, &mut NginxRules),
    notes: &mut Diagnostics,
) {
    for other in &context.servers {
        if !std::ptr::eq(*other, route.server) {
            pass_over(other, notes);
        }
    }
    let chosen = |line: &Directive| route.location.is_some_and(|one| std::ptr::eq(line, one));
    let locations = route
        .server
        .children()
        .iter()
        .filter(|line| line.is("location"));
    for location in locations.filter(|line| !chosen(line)) {
        let Some(path) = prefix(location).filter(|_| !context.stream) else {
            pass_over(location, notes);
            continue;
        };
        let upstream = target(location).and_then(|target| named(context, target));
        let action = match upstream.and_then(pool_name) {
            Some(name) => upstream
                .and_then(|upstream| pool(upstream, name, scene, draft, notes))
                .map(|()| RouteAction::Pool(name.to_owned())),
            None => own_action(location),
        };
        let Some(action) = action else {
            pass_over(location, notes);
            continue;
        };
        proxy_pass_details(location, notes);
        for line in location.children() {
            let is_its_own = is_part_of(&action, line);
            if !is_its_own && !front.take(line, Some(path), notes) && !is_silent(line) {
                pass_over(line, notes);
            }
        }
        front.route(path, action);
    }
}

/// The variables that a server's requests are passed to.
fn variables(server: &Directive) -> Vec<String> {
    let locations = server.children().iter().filter(|line| line.is("location"));
    let targets = locations.chain([server]).filter_map(target);
    targets
        .filter_map(|target| host_of(target).strip_prefix('$'))
        .map(ToOwned::to_owned)
        .collect()
}

/// The pools that rules lead to. A rule that leads nowhere is left out.
fn rule_pools(
    context: &Context<'_>,
    scene: &Scenario,
    (draft, front): (&mut ConfigIr, &mut NginxRules),
    notes: &mut Diagnostics,
) {
    for word in front.upstreams() {
        let upstream = named(context, &word);
        let added = upstream.and_then(|upstream| {
            let name = pool_name(upstream)?;
            pool(upstream, name, scene, draft, notes)
        });
        if added.is_none() {
            front.without(&word.text);
            let name = word.text.clone();
            notes.push(word.span, ConfigMessage::UnknownPool { name });
        }
    }
}

/// Whether a line is what makes a location do this.
fn is_part_of(action: &RouteAction, line: &Directive) -> bool {
    match (action, line.name.text.as_str()) {
        (RouteAction::Static, "root" | "alias" | "try_files") => true,
        (RouteAction::Block, "return" | "deny") => {
            matches!(line.words().as_slice(), ["403" | "all"])
        }
        _ => false,
    }
}

/// Makes sure that an upstream is a pool of the scene.
fn pool(
    upstream: &Directive,
    name: &str,
    scene: &Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) -> Option<()> {
    let is_there = draft.balancer.pool == name || draft.pools.iter().any(|pool| pool.name == name);
    if is_there {
        return Some(());
    }
    if draft.pools.len() + 1 >= MAX_POOLS {
        return None;
    }
    let mut own = ConfigIr::new(scene, Implementation::Nginx, draft.balancer.layer);
    read(upstream, false, scene, &mut own, notes);
    if own.balancer.keepalive != draft.balancer.keepalive {
        let what = "keepalive";
        notes.push(upstream.span(), ConfigMessage::OneForAllPools { what });
    }
    draft.add_pool(name, own)
}

/// Sorts the top-level directives. A file without `http` is read as the content of one.
fn contexts<'a>(tree: &'a [Directive], notes: &mut Diagnostics) -> Vec<Context<'a>> {
    let mut bare = Context::default();
    let mut found: Vec<Context<'a>> = Vec::new();
    for line in tree {
        match line.name.text.as_str() {
            "http" | "stream" => {
                let mut context = Context {
                    stream: line.is("stream"),
                    ..Context::default()
                };
                for inner in line.children() {
                    sort(inner, &mut context);
                }
                found.push(context);
            }
            "events" => {
                for inner in line.children() {
                    pass_over(inner, notes);
                }
            }
            "worker_processes" => workers(line, notes),
            "include" => include(line, notes),
            "load_module"
            | "user"
            | "pid"
            | "error_log"
            | "daemon"
            | "master_process"
            | "worker_rlimit_nofile"
            | "env"
            | "pcre_jit"
            | "worker_cpu_affinity"
            | "worker_shutdown_timeout"
            | "thread_pool" => pass_over(line, notes),
            _ => sort(line, &mut bare),
        }
    }
    let is_used = !bare.upstreams.is_empty() || !bare.servers.is_empty();
    if is_used || found.is_empty() {
        found.insert(0, bare);
    } else {
        for line in bare.settings {
            pass_over(line, notes);
        }
    }
    found
}

fn sort<'a>(line: &'a Directive, context: &mut Context<'a>) {
    match line.name.text.as_str() {
        "upstream" => context.upstreams.push(line),
        "server" if line.block.is_some() => context.servers.push(line),
        _ => context.settings.push(line),
    }
}

/// Adds a diagnostic for several worker processes: each counts for itself, unless the upstream has a zone.
fn workers(line: &Directive, notes: &mut Diagnostics) {
    if line.words() != ["1"] {
        notes.push(line.span(), ConfigMessage::SeveralProcesses);
    }
}

/// Adds a diagnostic for an included file, which is not there to be read, unless it holds types or modules.
fn include(line: &Directive, notes: &mut Diagnostics) {
    let path = line.words().join(" ");
    let is_known = ["mime.types", "modules-enabled", "_params", "_proxy"];
    if is_known.iter().any(|known| path.contains(known)) {
        let what = format!("include {path}");
        return notes.push(line.span(), ConfigMessage::NotSimulated { what });
    }
    notes.push(line.span(), ConfigMessage::Include { path });
}

/// Whether a directive only accompanies another one: rules give the target of requests, and kept connections need the
/// newer protocol.
fn is_silent(line: &Directive) -> bool {
    let words = line.words();
    match line.name.text.as_str() {
        "proxy_http_version" => words == ["1.1"],
        "server_name" => words == ["_"],
        name => PASSES.contains(&name),
    }
}

/// Adds diagnostics for parts of a `proxy_pass` besides the upstream: another path, TLS to the servers.
fn proxy_pass_details(block: &Directive, notes: &mut Diagnostics) {
    let Some(target) = target(block) else { return };
    let text = target.text.as_str();
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let path = rest.split_once('/').map_or("", |(_, path)| path);
    if !rest.starts_with("unix:") && (scheme == "https" || scheme == "grpcs" || !path.is_empty()) {
        let what = format!("proxy_pass {text}");
        notes.push(target.span, ConfigMessage::NotSimulated { what });
    }
}

/// The first server that passes `/` on, else the first that passes any request on.
fn route<'a>(context: &Context<'a>) -> Option<Route<'a>> {
    let routes = |server: &'a Directive| {
        let own = target(server).map(|target| Route {
            server,
            location: None,
            target,
        });
        let locations = server.children().iter().filter(|line| line.is("location"));
        let inner = locations.filter_map(move |location| {
            Some(Route {
                server,
                location: Some(location),
                target: target(location)?,
            })
        });
        own.into_iter().chain(inner)
    };
    let all: Vec<Route<'a>> = context.servers.iter().copied().flat_map(routes).collect();
    let is_root = |route: &Route<'_>| {
        let location = route.location.map(Directive::words);
        location.is_none_or(|words| words == ["/"])
    };
    let at = all.iter().position(is_root).unwrap_or(0);
    all.into_iter().nth(at)
}

/// The target of a server or a location.
fn target(block: &Directive) -> Option<&NginxWord> {
    let pass = |line: &&Directive| PASSES.contains(&line.name.text.as_str());
    block.children().iter().find(pass)?.args.first()
}

/// The upstream in `http://upstream/path`.
fn host_of(target: &NginxWord) -> &str {
    let text = target.text.as_str();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    match rest.strip_prefix("unix:") {
        Some(_) => rest,
        None => rest.split('/').next().unwrap_or(rest),
    }
}

fn named<'a>(context: &Context<'a>, target: &NginxWord) -> Option<&'a Directive> {
    let host = host_of(target);
    let is_it = |one: &&&Directive| one.words().first() == Some(&host);
    context.upstreams.iter().find(is_it).copied()
}

/// Makes a scene of one server if requests go to an address without an upstream.
fn direct(route: &Route<'_>, scene: &Scenario, draft: &mut ConfigIr, notes: &mut Diagnostics) {
    let host = host_of(route.target).to_owned();
    if host.contains('$') || host.is_empty() {
        let name = route.target.text.clone();
        notes.push(route.target.span, ConfigMessage::UnknownPool { name });
        return;
    }
    let line = Directive {
        name: route.target.clone(),
        args: Vec::new(),
        block: None,
        comment: None,
    };
    draft.members.push(member(&host, &line));
    draft.pick_by(ParsedAlgorithm::weighted_round_robin(), scene, None, notes);
}
