//! The rules of an L7 balancer, in order. Each can be switched off, moved, edited and removed, its numbers can be
//! changed, and rules can be added.

use leptos::prelude::*;

use super::rule_edit::{AddRule, Edit};
use crate::scene::request_head::{action, condition, rule_name};
use crate::sim::balance::l7::rules::{RouteAction, Rule};
use crate::sim::balance::l7::token_bucket::RateLimit;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::command::Command;
use crate::sim::engine::frontend::FrontendCommand;
use crate::sim::engine::view::View;
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::session::Session;
use crate::ui::show::Show;
use crate::ui::switch::Switch;

/// One rule, copied from the view.
#[derive(Clone, PartialEq)]
pub(super) struct RuleRow {
    name: String,
    /// The conditions in words; empty for all requests.
    when: String,
    does: String,
    pub(super) rule: Rule,
    matched: u64,
    denied: u64,
    limit: Option<RateLimit>,
    /// The share of the first side of a split of two, in percent.
    split: Option<u32>,
}

fn rows(view: View<'_>) -> Vec<RuleRow> {
    let table = &view.balancer().front().rules;
    let row = |(place, rule): (usize, &Rule)| {
        let counts = table.counts(place);
        let split = match &rule.then {
            RouteAction::Split(parts) if parts.len() == 2 => {
                let sum = parts[0].share + parts[1].share;
                Some(parts[0].share * 100 / sum.max(1))
            }
            _ => None,
        };
        let limit = match &rule.then {
            RouteAction::Limit(limit) => Some(*limit),
            _ => None,
        };
        RuleRow {
            name: rule_name(rule),
            when: condition(&rule.when),
            does: action(&rule.then),
            rule: rule.clone(),
            matched: counts.matched,
            denied: counts.denied,
            limit,
            split,
        }
    };
    table.rules().iter().enumerate().map(row).collect()
}

/// The list of rules.
#[component]
pub fn Rules(session: Session) -> impl IntoView {
    let rows = session.watch(rows);
    let count = Memo::new(move |_| rows.with(Vec::len));
    let run = session.run();
    let l4 = session.watch(|view| view.balancer().layer() == Layer::L4);
    view! {
        <section class="panel rules" aria-label=t!("rules.title")>
            <h2>{t!("rules.title")}</h2>
            <p>{move || if l4.get() { t!("rules.l4") } else { t!("rules.l7") }}</p>
            <ol>
                {move || {
                    run.track();
                    (0..count.get())
                        .map(|place| {
                            let last = place + 1 == count.get();
                            view! { <RuleLine session rows place last /> }
                        })
                        .collect_view()
                }}
            </ol>
            <AddRule session count />
        </section>
    }
}

#[component]
fn RuleLine(
    session: Session,
    rows: Memo<Vec<RuleRow>>,
    place: usize,
    /// Whether this is the last rule.
    last: bool,
) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.get(place).cloned()));
    let text = move |read: fn(&RuleRow) -> String| {
        move || row.with(|row| row.as_ref().map(read).unwrap_or_default())
    };
    let number = place as u32;
    let send = move |command| {
        let _ = session.send(Command::Frontend(command));
    };
    let counts = |row: &RuleRow| {
        if row.denied > 0 {
            t!("rules.denied", matched = row.matched, denied = row.denied)
        } else {
            t!("rules.matched", matched = row.matched)
        }
    };
    let limit = move || row.with_untracked(|row| row.as_ref().and_then(|row| row.limit));
    let live = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.limit)));
    let split = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.split)));
    let change = move |edit: &dyn Fn(&mut RateLimit)| {
        if let Some(mut limit) = limit() {
            edit(&mut limit);
            send(FrontendCommand::SetLimit(number, limit));
        }
    };
    let has_limit = Memo::new(move |_| live.get().is_some());
    let has_split = Memo::new(move |_| split.get().is_some());
    view! {
        <li>
            <Switch
                on=Signal::derive(move || row.with(|row| row.as_ref().is_some_and(|row| row.rule.on)))
                set=move |on| send(FrontendCommand::SwitchRule(number, on))
            >
                {text(|row| row.name.clone())}
            </Switch>
            <p class="does">{text(|row| row.when.clone())} " " {text(|row| row.does.clone())}</p>
            <p class="count">{text(counts)}</p>
            <Show when=move || has_limit.get()>
                <NumberField
                    id=format!("rule-rate-{place}")
                    label=t!("rules.rate")
                    labelled=true
                    fraction=true
                    min=0.1
                    max=1_000.0
                    value=Signal::derive(move || {
                        live.get().map_or(1.0, |limit| f64::from(limit.rate_permille) / 1e3)
                    })
                    set=move |typed: f64| change(&|limit| limit.rate_permille = (typed * 1e3) as u32)
                />
                <NumberField
                    id=format!("rule-burst-{place}")
                    label=t!("rules.burst")
                    labelled=true
                    min=1.0
                    max=1_000.0
                    value=Signal::derive(move || live.get().map_or(1.0, |limit| f64::from(limit.burst)))
                    set=move |typed: f64| change(&|limit| limit.burst = typed as u32)
                />
            </Show>
            <Show when=move || has_split.get()>
                <NumberField
                    id=format!("rule-split-{place}")
                    label=t!("rules.share")
                    labelled=true
                    min=0.0
                    max=100.0
                    value=Signal::derive(move || f64::from(split.get().unwrap_or(0)))
                    set=move |typed: f64| send(FrontendCommand::SetSplit(number, typed as u32))
                />
            </Show>
            <Edit session rows place last />
        </li>
    }
}
