//! The listeners of an nginx configuration: its `server` blocks, each with the upstream that its requests go to.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Directive, NginxWord};
use crate::listener::{Listener, Listeners};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::scenario::limits::MAX_TEXT;

/// Directives that pass requests on, each to `scheme://upstream/path` or to an upstream.
pub(super) const PASSES: [&str; 5] = [
    "proxy_pass",
    "grpc_pass",
    "fastcgi_pass",
    "uwsgi_pass",
    "scgi_pass",
];

/// The content of `http` or `stream`.
#[derive(Default)]
pub(super) struct Context<'a> {
    /// Whether it is `stream`.
    pub(super) stream: bool,
    /// What is neither an upstream nor a server.
    pub(super) settings: Vec<&'a Directive>,
    /// The `upstream` blocks.
    pub(super) upstreams: Vec<&'a Directive>,
    /// The indices of the upstreams, by their name; the first of a name counts.
    pub(super) by_name: BTreeMap<&'a str, usize>,
    /// The `server` blocks.
    pub(super) servers: Vec<&'a Directive>,
}

impl<'a> Context<'a> {
    /// The upstream in `http://upstream/path`.
    pub(super) fn upstream(&self, target: &str) -> Option<&'a Directive> {
        let place = self.by_name.get(host_of(target))?;
        self.upstreams.get(*place).copied()
    }

    /// The `map` that gives a variable its value. (`geo` and `split_clients` do not depend on the name in TLS.)
    fn map(&self, variable: &str) -> Option<&'a Directive> {
        let is_it = |line: &&&Directive| {
            let gives = line
                .args
                .get(1)
                .and_then(|word| word.text.strip_prefix('$'));
            line.is("map") && gives == Some(variable)
        };
        self.settings.iter().find(is_it).copied()
    }
}

/// The path of the requests to the main upstream, from the outer directives to the inner ones.
#[derive(Clone)]
pub(super) struct Route<'a> {
    /// The `server` block.
    pub(super) server: &'a Directive,
    /// The location; `None` if `proxy_pass` is in the server itself (stream).
    pub(super) location: Option<&'a Directive>,
    /// The block that has the `proxy_pass`: that one, or the named location where its `try_files` ends.
    pub(super) passing: &'a Directive,
    /// What `proxy_pass` says.
    pub(super) target: &'a NginxWord,
}

/// A listener.
pub(super) struct Entry<'c, 'a> {
    /// The block around it.
    pub(super) context: &'c Context<'a>,
    /// The path of its requests; `None` where the text has upstreams alone.
    pub(super) route: Option<Route<'a>>,
    /// The main upstream, if that is known without the server's rules.
    pub(super) upstream: Option<&'a Directive>,
    /// The address that a `map` gives, where it is no upstream.
    pub(super) host: Option<&'a str>,
}

impl Entry<'_, '_> {
    /// Whether both are the same block of the text.
    pub(super) fn is_of_one_block(&self, other: &Self) -> bool {
        match (&self.route, &other.route) {
            (Some(one), Some(other)) => std::ptr::eq(one.server, other.server),
            (None, None) => match (self.upstream, other.upstream) {
                (Some(one), Some(other)) => std::ptr::eq(one, other),
                _ => false,
            },
            _ => false,
        }
    }

    /// The upstreams that its requests may go to.
    pub(super) fn upstreams(&self) -> impl Iterator<Item = &Directive> {
        let server = self.route.as_ref().map(|route| route.server);
        let passed = server.into_iter().flat_map(routes);
        let named = passed.filter_map(|route| self.context.upstream(&route.target.text));
        self.upstream.into_iter().chain(named)
    }
}

/// Finds all listeners. A stream server whose upstream a `map` decides (by the name in TLS, say) is one for each of the
/// map's values, since a scene has rules for requests alone.
pub(super) fn entries<'c, 'a>(contexts: &'c [Context<'a>]) -> (Vec<Entry<'c, 'a>>, Listeners) {
    let servers = |context: &'c Context<'a>| {
        let all = context.servers.iter();
        all.flat_map(move |server| of_server(context, server))
    };
    let mut found: Vec<(Listener, Entry<'c, 'a>)> = contexts.iter().flat_map(servers).collect();
    if found.is_empty() {
        let upstreams = |context: &'c Context<'a>| {
            let all = context.upstreams.iter();
            all.map(move |upstream| of_upstream(context, upstream))
        };
        found = contexts.iter().flat_map(upstreams).collect();
    }
    let (all, entries) = found.into_iter().unzip();
    let mut listeners = Listeners { all, chosen: 0 };
    listeners.distinguish();
    (entries, listeners)
}

/// The listeners of a server: none if it passes nothing on, one for each value if a `map` decides in `stream`.
fn of_server<'c, 'a>(
    context: &'c Context<'a>,
    server: &'a Directive,
) -> Vec<(Listener, Entry<'c, 'a>)> {
    let all: Vec<Route<'a>> = routes(server).collect();
    let at = all.iter().position(is_root).unwrap_or(0);
    let Some(route) = all.into_iter().nth(at) else {
        return Vec::new();
    };
    let entry = |upstream, host| Entry {
        context,
        route: Some(route.clone()),
        upstream,
        host,
    };
    let variable = host_of(&route.target.text).strip_prefix('$');
    let map = variable
        .filter(|_| context.stream)
        .and_then(|name| context.map(name));
    let Some(map) = map else {
        let upstream = context.upstream(&route.target.text);
        return vec![(listener(server, context), entry(upstream, None))];
    };
    let value = |(key, value): (&NginxWord, &'a str)| {
        let upstream = context.upstream(value);
        let host = Some(value).filter(|_| upstream.is_none());
        let listener = Listener {
            name: key.text.clone(),
            span: key.span,
            ..listener(server, context)
        };
        (listener, entry(upstream, host))
    };
    values(map).into_iter().map(value).collect()
}

/// A text of upstreams alone: each is what clients connect to.
fn of_upstream<'c, 'a>(
    context: &'c Context<'a>,
    upstream: &'a Directive,
) -> (Listener, Entry<'c, 'a>) {
    let listener = Listener {
        name: upstream.words().join(" "),
        ..listener(upstream, context)
    };
    let entry = Entry {
        context,
        route: None,
        upstream: Some(upstream),
        host: None,
    };
    (listener, entry)
}

/// The listener that is taken where none is asked for: of the first block (`http` or `stream`) that has any, the first
/// server that passes `/` on, else the first that passes any request on, and of several values of a map the default.
pub(super) fn usual(entries: &[Entry<'_, '_>]) -> usize {
    let Some(first) = entries.first() else {
        return 0;
    };
    let rooted = |entry: &Entry<'_, '_>| {
        std::ptr::eq(entry.context, first.context) && entry.route.as_ref().is_some_and(is_root)
    };
    entries.iter().position(rooted).unwrap_or(0)
}

fn is_root(route: &Route<'_>) -> bool {
    let location = route.location.map(Directive::words);
    location.is_none_or(|words| words == ["/"])
}

/// The keys and values of a `map`, the default first, each value once.
fn values(map: &Directive) -> Vec<(&NginxWord, &str)> {
    let is_setting =
        |line: &&Directive| !matches!(line.name.text.as_str(), "hostnames" | "volatile");
    let lines = map.children().iter().filter(is_setting);
    let mut known = BTreeSet::new();
    let mut found: Vec<(&NginxWord, &str)> = Vec::new();
    let (defaults, others): (Vec<&Directive>, Vec<&Directive>) =
        lines.partition(|line| line.is("default"));
    for line in defaults.into_iter().chain(others) {
        let Some(value) = line.args.first().map(|word| word.text.as_str()) else {
            continue;
        };
        if !value.is_empty() && known.insert(value) {
            found.push((&line.name, value));
        }
    }
    found
}

fn listener(block: &Directive, context: &Context<'_>) -> Listener {
    let listens: Vec<String> = first_words(block, "listen").collect();
    let named =
        { first_words(block, "server_name") }.find(|name| !matches!(name.as_str(), "_" | ""));
    let name = named.or_else(|| listens.first().cloned());
    Listener {
        name: name.unwrap_or_else(|| "server".to_owned()),
        listens,
        layer: if context.stream { Layer::L4 } else { Layer::L7 },
        span: block.span(),
    }
}

/// The first word of each directive of a name.
fn first_words(block: &Directive, name: &'static str) -> impl Iterator<Item = String> {
    let lines = block.children().iter().filter(move |line| line.is(name));
    lines.filter_map(|line| Some(line.args.first()?.text.clone()))
}

/// The paths of a server's requests, its own first.
fn routes<'a>(server: &'a Directive) -> impl Iterator<Item = Route<'a>> {
    let own = target(server).map(|target| Route {
        server,
        location: None,
        passing: server,
        target,
    });
    let locations = server.children().iter().filter(|line| line.is("location"));
    let inner = locations.filter_map(move |location| {
        let (passing, target) = passing(server, location)?;
        Some(Route {
            server,
            location: Some(location),
            passing,
            target,
        })
    });
    own.into_iter().chain(inner)
}

/// The block that passes the requests of a location on, with its target: the location itself, or the named location
/// that its `try_files` ends in.
pub(super) fn passing<'a>(
    server: &'a Directive,
    location: &'a Directive,
) -> Option<(&'a Directive, &'a NginxWord)> {
    if let Some(target) = target(location) {
        return Some((location, target));
    }
    let tries = location
        .children()
        .iter()
        .find(|line| line.is("try_files"))?;
    let last = tries
        .args
        .last()
        .filter(|word| word.text.starts_with('@'))?;
    let mut locations = server.children().iter().filter(|line| line.is("location"));
    let named = locations.find(|line| line.words() == [last.text.as_str()])?;
    Some((named, target(named)?))
}

/// The target of a server or a location.
pub(super) fn target(block: &Directive) -> Option<&NginxWord> {
    let pass = |line: &&Directive| PASSES.contains(&line.name.text.as_str());
    block.children().iter().find(pass)?.args.first()
}

/// The upstream in `http://upstream/path`.
pub(super) fn host_of(target: &str) -> &str {
    let rest = target.split_once("://").map_or(target, |(_, rest)| rest);
    match rest.strip_prefix("unix:") {
        Some(_) => rest,
        None => rest.split('/').next().unwrap_or(rest),
    }
}

/// The name of an upstream, if the scene allows it for a pool.
pub(super) fn pool_name(upstream: &Directive) -> Option<&str> {
    let name = upstream.args.first()?.text.as_str();
    (!name.trim().is_empty() && name.chars().count() <= MAX_TEXT).then_some(name)
}
