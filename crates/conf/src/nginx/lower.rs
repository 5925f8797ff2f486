//! Turns an nginx configuration into a scene: the upstream that requests go to, and the settings around it.

use std::collections::BTreeSet;

use super::listeners::{
    Context, Entry, PASSES, Route, entries, host_of, passing, pool_name, target, usual,
};
use super::proxy::{ProxySettings, pass_over};
use super::server_rules::{NginxRules, own_action, prefix};
use super::tree::{Directive, NginxWord};
use super::upstream::{member, read};
use crate::algorithms::ParsedAlgorithm;
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::ir::ConfigIr;
use crate::listener::Listeners;
use evenkeel_sim::balance::algorithm::Implementation;
use evenkeel_sim::balance::l7::rules::RouteAction;
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::limits::{MAX_POOLS, MAX_TEXT};

/// Turns the listener of a tree that is `wanted`, or else the usual one, into a scene; `None` if there are no servers.
pub fn lower(
    tree: &[Directive],
    scene: &Scenario,
    wanted: Option<&str>,
    notes: &mut Diagnostics,
) -> (Option<Scenario>, Listeners) {
    let contexts = contexts(tree, notes);
    let (entries, mut listeners) = entries(&contexts);
    listeners.chosen = wanted
        .and_then(|name| listeners.find(name))
        .unwrap_or_else(|| usual(&entries));
    let Some(entry) = entries.get(listeners.chosen) else {
        let upstreams = contexts.iter().flat_map(|context| &context.upstreams);
        for upstream in upstreams {
            let name = upstream.words().join(" ");
            notes.push(upstream.span(), ConfigMessage::EmptyPool { name });
        }
        return (None, listeners);
    };
    for (listener, other) in listeners.all.iter().zip(&entries) {
        if !entry.is_of_one_block(other) {
            let name = listener.name.clone();
            notes.push(listener.span, ConfigMessage::OtherListener { name });
        }
    }
    let servers = entries.iter().filter_map(|entry| entry.route.as_ref());
    let taken: BTreeSet<*const Directive> = servers
        .map(|route| std::ptr::from_ref(route.server))
        .collect();
    for server in contexts.iter().flat_map(|context| &context.servers) {
        if !taken.contains(&std::ptr::from_ref(*server)) {
            pass_over(server, notes);
        }
    }
    let draft = read_way(&contexts, entry, &entries, scene, notes);
    (draft.onto(scene, notes), listeners)
}

/// Reads one listener.
fn read_way(
    contexts: &[Context<'_>],
    entry: &Entry<'_, '_>,
    entries: &[Entry<'_, '_>],
    scene: &Scenario,
    notes: &mut Diagnostics,
) -> ConfigIr {
    let context = entry.context;
    let stream = context.stream;
    let layer = if stream { Layer::L4 } else { Layer::L7 };
    let mut draft = ConfigIr::new(scene, Implementation::Nginx, layer);
    let mut reader = ServerReader {
        proxy: ProxySettings::new(stream),
        front: NginxRules::default(),
        stream,
    };
    if let Some(route) = &entry.route {
        reader.front.variables.targets = variables(route.server);
    }
    for line in &context.settings {
        reader.take(line, None, notes);
    }
    let mut chosen = entry.upstream;
    if let Some(route) = &entry.route {
        reader.through(route, notes);
        if let Some(variable) = host_of(&route.target.text).strip_prefix('$')
            && chosen.is_none()
        {
            reader.front.pass_to(variable, route.server);
            let main = reader.front.main.as_deref();
            chosen = main.and_then(|main| context.upstream(main));
        }
        if chosen.is_none() {
            let host = reader.front.main.as_deref();
            direct(route, entry.host.or(host), scene, &mut draft, notes);
        }
    }
    if let Some(chosen) = chosen {
        if let Some(name) = pool_name(chosen) {
            draft.balancer.pool = name.to_owned();
        }
        read(chosen, stream, scene, &mut draft, notes);
    }
    if let Some(route) = entry.route.as_ref().filter(|_| !stream) {
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
    other_pools(contexts, &draft, chosen, entries, notes);
    reader.proxy.finish(stream, &mut draft);
    if !stream {
        reader.front.finish(&mut draft, notes);
    }
    draft
}

/// Adds a diagnostic for each upstream that no listener leads to.
fn other_pools(
    contexts: &[Context<'_>],
    draft: &ConfigIr,
    chosen: Option<&Directive>,
    entries: &[Entry<'_, '_>],
    notes: &mut Diagnostics,
) {
    let told = entries.iter().flat_map(Entry::upstreams);
    let mut told: BTreeSet<*const Directive> = told.map(std::ptr::from_ref).collect();
    told.extend(chosen.map(std::ptr::from_ref));
    let there: BTreeSet<&str> = draft.pools.iter().map(|pool| pool.name.as_str()).collect();
    for other in contexts.iter().flat_map(|context| &context.upstreams) {
        let is_there = pool_name(other).is_some_and(|name| there.contains(name));
        if !is_there && !told.contains(&std::ptr::from_ref(*other)) {
            let name = other.words().join(" ");
            notes.push(other.span(), ConfigMessage::OtherPool { name });
        }
    }
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
        } else if !(self.stream && self.front.names_listeners(line)
            || self.proxy.take(line, self.stream, notes)
            || self.front.take(line, path, notes)
            || is_silent(line))
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
        proxy_pass_details(route.passing, notes);
        // Everything goes to the main pool, not only what this location is for.
        if let Some(location) = route.location.filter(|one| one.words() != ["/"]) {
            let what = format!("location {}", location.words().join(" "));
            notes.push(location.span(), ConfigMessage::NotSimulated { what });
        }
        let path = route.location.and_then(prefix).filter(|path| *path != "/");
        let Some(location) = route.location else {
            return;
        };
        let is_named = !std::ptr::eq(location, route.passing);
        let named = if is_named {
            route.passing.children()
        } else {
            &[]
        };
        for line in location.children().iter().chain(named) {
            // The files before the named location are told where that is a rule.
            self.take(line, path, notes);
        }
    }
}

/// Reads the other locations of the server, each with its pool or its own action.
fn other_locations(
    context: &Context<'_>,
    route: &Route<'_>,
    scene: &Scenario,
    (draft, front): (&mut ConfigIr, &mut NginxRules),
    notes: &mut Diagnostics,
) {
    let chosen = |line: &Directive| route.location.is_some_and(|one| std::ptr::eq(line, one));
    let locations = route
        .server
        .children()
        .iter()
        .filter(|line| line.is("location"));
    for location in locations.filter(|line| !chosen(line)) {
        if std::ptr::eq(location, route.passing) {
            continue;
        }
        let Some(path) = prefix(location) else {
            pass_over(location, notes);
            continue;
        };
        let passing = passing(route.server, location);
        let upstream = passing.and_then(|(_, target)| context.upstream(&target.text));
        let to_pool = |name: &str| RouteAction::Pool(name.to_owned());
        let action = match (upstream.and_then(pool_name), passing) {
            (Some(name), _) => upstream
                .and_then(|upstream| pool(upstream, name, scene, draft, notes))
                .map(|()| to_pool(name)),
            (None, Some((_, target))) => {
                let host = host_of(&target.text);
                address_pool(target, host, scene, draft).map(|()| to_pool(host))
            }
            (None, None) => own_action(location),
        };
        let Some(action) = action else {
            pass_over(location, notes);
            continue;
        };
        proxy_pass_details(passing.map_or(location, |(block, _)| block), notes);
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
        .filter_map(|target| host_of(&target.text).strip_prefix('$'))
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
        let added = match context.upstream(&word.text) {
            Some(upstream) => {
                pool_name(upstream).and_then(|name| pool(upstream, name, scene, draft, notes))
            }
            // A name without a port or a dot is an upstream that was forgotten.
            None if word.text.contains(['.', ':', '[']) => {
                address_pool(&word, &word.text, scene, draft)
            }
            None => None,
        };
        if added.is_none() {
            front.without(&word.text);
            let name = word.text.clone();
            let message = match context.upstream(&name) {
                Some(_) => ConfigMessage::OtherPool { name },
                None => ConfigMessage::UnknownPool { name },
            };
            notes.push(word.span, message);
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

/// Makes sure that an address, which stands where an upstream could, is a pool of one server.
fn address_pool(
    word: &NginxWord,
    name: &str,
    scene: &Scenario,
    draft: &mut ConfigIr,
) -> Option<()> {
    let is_there = draft.balancer.pool == name || draft.pools.iter().any(|pool| pool.name == name);
    if is_there {
        return Some(());
    }
    if name.contains('$') || draft.pools.len() + 1 >= MAX_POOLS {
        return None;
    }
    let mut own = ConfigIr::new(scene, Implementation::Nginx, draft.balancer.layer);
    own.members.push(member(name, &lone(word)));
    draft.add_pool(name, own)
}

/// A directive of one word.
fn lone(word: &NginxWord) -> Directive {
    Directive {
        name: word.clone(),
        args: Vec::new(),
        block: None,
        comment: None,
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
                    sort(inner, &mut context, notes);
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
            _ => sort(line, &mut bare, notes),
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

fn sort<'a>(line: &'a Directive, context: &mut Context<'a>, notes: &mut Diagnostics) {
    match line.name.text.as_str() {
        "upstream" => {
            if line.args.is_empty() {
                let what = "upstream".to_owned();
                notes.push(line.span(), ConfigMessage::NeedsName { what });
            }
            if let Some(word) = line.args.first() {
                let place = context.upstreams.len();
                let first = *context.by_name.entry(word.text.as_str()).or_insert(place);
                if first != place {
                    let name = word.text.clone();
                    notes.push(word.span, ConfigMessage::SamePool { name });
                }
            }
            context.upstreams.push(line);
        }
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
        // It names the listener.
        "server_name" => true,
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

/// Makes a scene of one server if requests go to an address without an upstream. `host` is the address, if variables
/// decide it.
fn direct(
    route: &Route<'_>,
    host: Option<&str>,
    scene: &Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) {
    let is_of_map = host.is_some();
    let host = host
        .unwrap_or_else(|| host_of(&route.target.text))
        .to_owned();
    if host.contains('$') || host.is_empty() {
        let (name, count) = (route.target.text.clone(), 1);
        notes.push(
            route.target.span,
            ConfigMessage::FoundAtRunTime { name, count },
        );
    }
    draft.members.push(member(&host, &lone(route.target)));
    if is_of_map && host.chars().count() <= MAX_TEXT {
        // A rule may lead there too.
        draft.balancer.pool.clone_from(&host);
    }
    draft.pick_by(ParsedAlgorithm::weighted_round_robin(), scene, None, notes);
}
