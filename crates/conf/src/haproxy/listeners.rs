//! The listeners of an HAProxy configuration, each with the proxy that its connections or requests go to.

use super::lower::HaproxyProxy;
use super::tree::SectionKind;
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::listener::{Listener, Listeners};
use evenkeel_sim::balance::spec::Layer;

/// A listener, by the indices of its proxies.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The `frontend` or `listen` section; `None` if the text has only backends.
    pub(super) front: Option<usize>,
    /// The proxy whose servers are the main pool.
    pub(super) main: usize,
    /// All proxies with servers that it leads to.
    pub(super) targets: Vec<usize>,
}

/// Finds all listeners. A frontend for connections that looks at them (`use_backend` by a name in TLS) is one for each of
/// its backends, since a scene has rules for requests alone.
pub(super) fn entries(
    proxies: &[HaproxyProxy<'_>],
    notes: &mut Diagnostics,
) -> (Vec<Entry>, Listeners) {
    let mut found = Vec::new();
    let mut listeners = Listeners::default();
    for (at, proxy) in proxies.iter().enumerate() {
        if proxy.section.kind == SectionKind::Backend {
            continue;
        }
        let targets = targets(at, proxies, notes);
        let apart = proxy.settings.tcp && targets.len() > 1;
        let mains = if apart { targets.len() } else { 1 };
        for main in targets.iter().copied().take(mains) {
            let mut listener = listener(proxy);
            let other = proxies[main].section.name().filter(|_| apart && main != at);
            if let Some(name) = other {
                listener.name = format!("{}/{}", listener.name, name.text);
                listener.span = name.span;
            }
            listeners.all.push(listener);
            let targets = if apart { vec![main] } else { targets.clone() };
            let front = Some(at);
            found.push(Entry {
                front,
                main,
                targets,
            });
        }
    }
    if found.is_empty() {
        let backends = proxies
            .iter()
            .enumerate()
            .filter(|(_, proxy)| proxy.has_servers());
        for (main, proxy) in backends {
            listeners.all.push(listener(proxy));
            let targets = vec![main];
            found.push(Entry {
                front: None,
                main,
                targets,
            });
        }
    }
    listeners.distinguish();
    (found, listeners)
}

fn listener(proxy: &HaproxyProxy<'_>) -> Listener {
    let name = proxy.section.name().map(|name| name.text.clone());
    let binds = proxy
        .section
        .lines
        .iter()
        .filter_map(|line| match line.texts().as_slice() {
            ["bind", address, ..] => Some((*address).to_owned()),
            _ => None,
        });
    // `listen shop :8080`, as it was written before 1.3.
    let old = proxy
        .section
        .head
        .words
        .get(2)
        .map(|word| word.text.clone());
    Listener {
        name: name.unwrap_or_default(),
        listens: old.into_iter().chain(binds).collect(),
        layer: if proxy.settings.tcp {
            Layer::L4
        } else {
            Layer::L7
        },
        span: proxy.section.head.span(),
    }
}

/// The proxies with servers that a frontend leads to, the one for everything first. A default backend that is not there
/// is an error, and so is what `use_backend` names and is not there.
fn targets(at: usize, proxies: &[HaproxyProxy<'_>], notes: &mut Diagnostics) -> Vec<usize> {
    let settings = &proxies[at].settings;
    let mut found: Vec<usize> = Vec::new();
    let mut add = |target: usize| {
        if proxies[target].has_servers() && !found.contains(&target) {
            found.push(target);
        }
    };
    if let Some(name) = &settings.default_backend {
        match backend(proxies, &name.text) {
            Some(target) => add(target),
            None => {
                let name_of = name.text.clone();
                notes.push(name.span, ConfigMessage::UnknownPool { name: name_of });
            }
        }
    }
    add(at);
    for line in &proxies[at].section.lines {
        let ["use_backend", name, ..] = line.texts()[..] else {
            continue;
        };
        match backend(proxies, name) {
            Some(target) => add(target),
            // Else the name is made of the request.
            None if !name.contains("%[") => {
                let name = name.to_owned();
                notes.push(line.words[1].span, ConfigMessage::UnknownPool { name });
            }
            None => {}
        }
    }
    found
}

/// The index of the backend of that name. A frontend may have the same name.
pub(super) fn backend(proxies: &[HaproxyProxy<'_>], name: &str) -> Option<usize> {
    proxies.iter().position(|proxy| {
        let is_called = proxy.section.name().is_some_and(|own| own.text == name);
        is_called && proxy.section.kind != SectionKind::Frontend
    })
}
