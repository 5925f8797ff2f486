//! Turns the rules of a frontend into rules of the scene, and its backends into pools.

use super::condition::AclDnf;
use super::frontend::{FrontendStep, HaproxyFrontend, UseBackend, rules};
use super::lex::HaproxyWord;
use super::limits::{LimitKey, TableRate, limit};
use super::listeners::backend;
use super::lower::{HaproxyProxy, picks};
use super::settings::HaproxySettings;
use crate::diagnostic::{ConfigMessage, Diagnostics};
use crate::ir::ConfigIr;
use evenkeel_sim::balance::l7::rules::{RouteAction, RouteMatch, Rule, SplitWeight};
use evenkeel_sim::balance::spec::Layer;
use evenkeel_sim::health::active::InitState;
use evenkeel_sim::scenario::Scenario;
use evenkeel_sim::scenario::limits::MAX_POOLS;

/// A split that is being read: its random number, the line that draws it, and the sides so far.
struct Split<'a> {
    variable: String,
    sides: u64,
    first: &'a UseBackend,
    parts: Vec<(HaproxyWord, u64)>,
    covered: u64,
}

/// Puts the rules of a frontend into the draft, in their order, with their pools. `main` has the main pool, and rules of
/// its own.
pub fn rules_and_pools<'a>(
    proxies: &'a [HaproxyProxy<'a>],
    front: &'a HaproxyProxy<'a>,
    main: &'a HaproxyProxy<'a>,
    scene: &'a Scenario,
    draft: &mut ConfigIr,
    notes: &mut Diagnostics,
) {
    let front = &front.settings.front;
    for step in &front.steps {
        match step {
            FrontendStep::Rules(rules) => draft.rules.extend(rules.iter().cloned()),
            FrontendStep::Limit(rate, alternatives, span) => {
                match limited(rate, alternatives, front, proxies) {
                    Some(rules) => draft.rules.extend(rules),
                    None => notes.push(*span, ConfigMessage::Condition),
                }
            }
        }
    }
    unused(front, notes);
    let mut leads = BackendSelection {
        proxies,
        main,
        scene,
        draft,
        notes,
    };
    leads.uses(front);
    draft.order_pools(|name| backend(proxies, name));
    draft.bound_rules(notes);
}

/// Adds a diagnostic for each setting in which a pool differs from the main one: a scene has one set of checks, retries
/// and times for all pools.
fn differs(pool: &HaproxyProxy<'_>, main: &HaproxyProxy<'_>, notes: &mut Diagnostics) {
    let (own, other) = (&pool.settings, &main.settings);
    let check = |settings: &HaproxySettings| {
        let mut servers = settings.servers.iter().map(|server| &server.options);
        let found = servers.find(|options| options.check);
        found.map(|options| options.active(settings.timeout_check, InitState::Up))
    };
    let tries = |settings: &HaproxySettings| (settings.retries, settings.retry_on.clone());
    for (what, differs) in [
        ("timeout server", own.timeout_server != other.timeout_server),
        ("timeout queue", own.timeout_queue != other.timeout_queue),
        ("retries", tries(own) != tries(other)),
        ("cookie", own.cookie != other.cookie),
        ("check", check(own) != check(other)),
    ] {
        if differs {
            notes.push(
                pool.section.head.span(),
                ConfigMessage::OneForAllPools { what },
            );
        }
    }
}

/// Adds diagnostics for counters that no limit uses, and for random numbers that no split uses.
fn unused(front: &HaproxyFrontend, notes: &mut Diagnostics) {
    let asked = front.steps.iter().filter_map(|step| match step {
        FrontendStep::Limit(rate, ..) => Some(&rate.table),
        FrontendStep::Rules(_) => None,
    });
    let asked: Vec<&LimitKey> = asked.collect();
    for track in &front.tracks {
        if !asked.contains(&&LimitKey::Counter(track.counter)) {
            let what = format!("track-sc{}", track.counter);
            notes.push(track.span, ConfigMessage::NotSimulated { what });
        }
    }
    for (name, _, span) in &front.random_numbers {
        let mut below = front.uses.iter().filter_map(|one| one.below.as_ref());
        if !below.any(|(asked, _)| asked == name) {
            let what = format!("set-var({name})");
            notes.push(*span, ConfigMessage::NotSimulated { what });
        }
    }
}

/// The rules of a limit, once the period of its table is known.
fn limited(
    rate: &TableRate,
    alternatives: &AclDnf,
    front: &HaproxyFrontend,
    proxies: &[HaproxyProxy<'_>],
) -> Option<Vec<Rule>> {
    let all = vec![RouteMatch::default()];
    let window_of = |name: &str| {
        // A table has the name of its proxy, of whatever kind.
        let is_called =
            |proxy: &&HaproxyProxy<'_>| proxy.section.name().is_some_and(|own| own.text == name);
        let tables = proxies.iter().filter(is_called);
        { tables }.find_map(|proxy| proxy.settings.front.window)
    };
    let (window, tracked) = match &rate.table {
        LimitKey::Named(name) if name.is_empty() => (front.window, None),
        LimitKey::Named(name) => (window_of(name), None),
        LimitKey::Counter(number) => {
            let mut tracks = front.tracks.iter();
            let track = tracks.find(|track| track.counter == *number)?;
            let window = match &track.table {
                Some(name) => window_of(name),
                None => front.window,
            };
            (window, Some(&track.alternatives))
        }
    };
    // What is not tracked is not turned away.
    let alternatives = tracked
        .filter(|_| *alternatives == all)
        .unwrap_or(alternatives);
    let limit = limit(rate.burst, window?);
    Some(rules(alternatives, &RouteAction::Limit(limit)))
}

/// What turns `use_backend` into rules and pools.
struct BackendSelection<'a, 'b> {
    proxies: &'a [HaproxyProxy<'a>],
    main: &'a HaproxyProxy<'a>,
    scene: &'a Scenario,
    draft: &'b mut ConfigIr,
    notes: &'b mut Diagnostics,
}

impl BackendSelection<'_, '_> {
    fn uses(&mut self, front: &HaproxyFrontend) {
        let mut split: Option<Split<'_>> = None;
        for one in &front.uses {
            match (&one.below, split.take()) {
                (Some((variable, bound)), open) => {
                    split = self.part(one, (variable, *bound), open, front);
                }
                (None, Some(mut open)) if open.first.alternatives == one.alternatives => {
                    let rest = open.sides - open.covered;
                    open.parts.push((one.backend.clone(), rest));
                    self.close(open);
                }
                (None, open) => {
                    self.unsupported_split(open);
                    if self.pool(&one.backend).is_some() {
                        let then = RouteAction::Pool(one.backend.text.clone());
                        self.draft.rules.extend(rules(&one.alternatives, &then));
                    }
                }
            }
        }
        // What no part gets goes where everything goes.
        if let Some(mut open) = split {
            let main = HaproxyWord {
                text: self.draft.balancer.pool.clone(),
                span: open.first.backend.span,
            };
            let rest = open.sides - open.covered;
            open.parts.push((main, rest));
            self.close(open);
        }
    }

    /// Adds a side to a split, or begins a new one.
    fn part<'u>(
        &mut self,
        one: &'u UseBackend,
        (variable, bound): (&str, u64),
        open: Option<Split<'u>>,
        front: &HaproxyFrontend,
    ) -> Option<Split<'u>> {
        let drawn = front
            .random_numbers
            .iter()
            .find(|(name, ..)| name == variable);
        let sides = match drawn {
            Some((_, sides, _)) => *sides,
            None if variable == "rand(100)" && open.is_none() => 100,
            None => {
                self.unsupported_split(open);
                self.notes.push(one.backend.span, ConfigMessage::Condition);
                return None;
            }
        };
        let goes_on = |open: &Split<'_>| {
            open.variable == variable && open.first.alternatives == one.alternatives
        };
        let mut split = match open {
            Some(open) if goes_on(&open) => open,
            other => {
                self.unsupported_split(other);
                Split {
                    variable: variable.to_owned(),
                    sides,
                    first: one,
                    parts: Vec::new(),
                    covered: 0,
                }
            }
        };
        if bound <= split.covered || bound > sides {
            self.notes.push(one.backend.span, ConfigMessage::Condition);
            return Some(split).filter(|split| !split.parts.is_empty());
        }
        split
            .parts
            .push((one.backend.clone(), bound - split.covered));
        split.covered = bound;
        Some(split)
    }

    /// Adds a diagnostic for a split whose rest continues with other rules: no rule of the scene does that.
    fn unsupported_split(&mut self, open: Option<Split<'_>>) {
        if let Some(open) = open {
            self.notes
                .push(open.first.backend.span, ConfigMessage::Condition);
        }
    }

    fn close(&mut self, split: Split<'_>) {
        let mut parts = Vec::new();
        for (backend, share) in &split.parts {
            let share = u32::try_from(*share)
                .ok()
                .filter(|share| *share <= 1_000_000);
            let known = self.pool(backend);
            let (Some(share), Some(())) = (share, known) else {
                if known.is_some() {
                    self.unsupported_split(Some(split));
                }
                return;
            };
            parts.push(SplitWeight {
                pool: backend.text.clone(),
                share,
            });
        }
        if parts.len() > 8 {
            return self.unsupported_split(Some(split));
        }
        let then = RouteAction::Split(parts);
        self.draft
            .rules
            .extend(rules(&split.first.alternatives, &then));
    }

    /// Makes sure that a backend is a pool of the scene.
    fn pool(&mut self, word: &HaproxyWord) -> Option<()> {
        let name = &word.text;
        let draft = &mut *self.draft;
        if draft.balancer.pool == *name || draft.pools.iter().any(|pool| pool.name == *name) {
            return Some(());
        }
        let found = backend(self.proxies, name).map(|at| &self.proxies[at]);
        let room = draft.pools.len() + 1 < MAX_POOLS;
        let added = found.filter(|_| room).and_then(|proxy| {
            let own = picks(&proxy.settings, Layer::L7, self.scene, self.notes);
            differs(proxy, self.main, self.notes);
            draft.add_pool(name, own)
        });
        if added.is_none() {
            let name = name.clone();
            let message = if found.is_some() {
                ConfigMessage::OtherPool { name }
            } else if name.contains("%[") {
                // The name is made of the request.
                ConfigMessage::Condition
            } else {
                ConfigMessage::UnknownPool { name }
            };
            self.notes.push(word.span, message);
        }
        added
    }
}
