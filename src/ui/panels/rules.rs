//! The rules of an L7 balancer, in order: each can be switched off, moved, rewritten and taken away,
//! its numbers can be changed, and there can be more.

use leptos::prelude::*;

use super::rule_form::RuleForm;
use crate::scene::letter::{action, condition, rule_name};
use crate::sim::balance::front::rules::{Action, Rule, When};
use crate::sim::balance::front::token_bucket::Limit;
use crate::sim::balance::spec::Layer;
use crate::sim::engine::command::Command;
use crate::sim::engine::front::FrontCommand;
use crate::sim::engine::view::View;
use crate::t;
use crate::ui::number::NumberField;
use crate::ui::session::Session;

/// One rule, copied out of the world.
#[derive(Clone, PartialEq)]
struct Row {
    name: String,
    /// Which requests it is for; empty for all.
    when: String,
    does: String,
    rule: Rule,
    matched: u64,
    denied: u64,
    limit: Option<Limit>,
    /// The first side of a split of two, of 100.
    split: Option<u32>,
}

fn rows(view: View<'_>) -> Vec<Row> {
    let table = &view.balancer().front().rules;
    let row = |(place, rule): (usize, &Rule)| {
        let counts = table.counts(place);
        let split = match &rule.then {
            Action::Split(parts) if parts.len() == 2 => {
                let sum = parts[0].share + parts[1].share;
                Some(parts[0].share * 100 / sum.max(1))
            }
            _ => None,
        };
        let limit = match &rule.then {
            Action::Limit(limit) => Some(*limit),
            _ => None,
        };
        Row {
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

/// The list.
#[component]
pub fn Rules(session: Session) -> impl IntoView {
    let rows = session.watch(rows);
    let count = Memo::new(move |_| rows.with(Vec::len));
    let run = session.run();
    let l4 = session.watch(|view| view.balancer().spec().layer == Layer::L4);
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

/// A rule to begin with: for all requests, to the last pool.
fn blank(session: Session) -> Rule {
    let pools = session.read(|view| view.scenario().pool_names());
    Rule {
        name: String::new(),
        when: When {
            path: Some("/".to_string()),
            ..When::default()
        },
        then: Action::Pool(pools.last().cloned().unwrap_or_default()),
        on: true,
    }
}

/// One more rule, after the others.
#[component]
fn AddRule(session: Session, count: Memo<usize>) -> impl IntoView {
    let adding = RwSignal::new(false);
    let make =
        move |rule: Rule| FrontCommand::AddRule(count.get_untracked() as u32, Box::new(rule));
    let done = move |()| {
        adding.set(false);
        focus("rule-add".to_string());
    };
    view! {
        <button
            type="button"
            class="button"
            id="rule-add"
            aria-expanded=move || adding.get().to_string()
            on:click=move |_| adding.update(|adding| *adding = !*adding)
        >
            {t!("rules.add")}
        </button>
        <Show when=move || adding.get()>
            <RuleForm
                session
                id="new-rule".to_string()
                start=blank(session)
                accept=t!("rules.add_it")
                make
                done
            />
        </Show>
    }
}

/// Puts the focus on an element once the page shows what was just done.
fn focus(id: String) {
    request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        let found = document().get_element_by_id(&id);
        if let Some(found) = found.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = found.focus();
        }
    });
}

#[component]
fn RuleLine(
    session: Session,
    rows: Memo<Vec<Row>>,
    place: usize,
    /// Whether no rule follows.
    last: bool,
) -> impl IntoView {
    let row = Memo::new(move |_| rows.with(|rows| rows.get(place).cloned()));
    let text = move |read: fn(&Row) -> String| {
        move || row.with(|row| row.as_ref().map(read).unwrap_or_default())
    };
    let number = place as u32;
    let send = move |command| {
        let _ = session.send(Command::Front(command));
    };
    let counts = |row: &Row| {
        if row.denied > 0 {
            t!("rules.denied", matched = row.matched, denied = row.denied)
        } else {
            t!("rules.matched", matched = row.matched)
        }
    };
    let limit = move || row.with_untracked(|row| row.as_ref().and_then(|row| row.limit));
    let live = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.limit)));
    let split = Memo::new(move |_| row.with(|row| row.as_ref().and_then(|row| row.split)));
    let change = move |edit: &dyn Fn(&mut Limit)| {
        if let Some(mut limit) = limit() {
            edit(&mut limit);
            send(FrontCommand::SetLimit(number, limit));
        }
    };
    let has_limit = Memo::new(move |_| live.get().is_some());
    let has_split = Memo::new(move |_| split.get().is_some());
    view! {
        <li>
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=move || row.with(|row| row.as_ref().is_some_and(|row| row.rule.on))
                    on:change:target=move |event| {
                        send(FrontCommand::SwitchRule(number, event.target().checked()));
                    }
                />
                {text(|row| row.name.clone())}
            </label>
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
                    set=move |typed: f64| send(FrontCommand::SetSplit(number, typed as u32))
                />
            </Show>
            <Edit session rows place last />
        </li>
    }
}

/// Moving, rewriting and taking away one rule.
#[component]
fn Edit(session: Session, rows: Memo<Vec<Row>>, place: usize, last: bool) -> impl IntoView {
    let editing = RwSignal::new(false);
    let number = place as u32;
    let send = move |command| session.send(Command::Front(command)).is_ok();
    let to = move |goal: usize| {
        if send(FrontCommand::MoveRule(number, goal as u32)) {
            editing.set(false);
            // The focus goes with the rule, as far as it can go on.
            let way = if goal < place && goal > 0 {
                "up"
            } else {
                "down"
            };
            let way = if goal > place { "edit" } else { way };
            focus(format!("rule-{goal}-{way}"));
        }
    };
    let start = move || {
        let rule = rows.with_untracked(|rows| rows.get(place).map(|row| row.rule.clone()));
        rule.unwrap_or_else(|| blank(session))
    };
    let make = move |rule: Rule| FrontCommand::SetRule(number, Box::new(rule));
    let done = move |()| {
        editing.set(false);
        focus(format!("rule-{place}-edit"));
    };
    let shown = number + 1;
    view! {
        <div class="acts">
            <button
                type="button"
                class="button"
                id=format!("rule-{place}-up")
                disabled=place == 0
                aria-label=t!("rules.up.label", number = shown)
                on:click=move |_| to(place.saturating_sub(1))
            >
                {t!("rules.up")}
            </button>
            <button
                type="button"
                class="button"
                id=format!("rule-{place}-down")
                disabled=last
                aria-label=t!("rules.down.label", number = shown)
                on:click=move |_| to(place + 1)
            >
                {t!("rules.down")}
            </button>
            <button
                type="button"
                class="button"
                id=format!("rule-{place}-edit")
                aria-expanded=move || editing.get().to_string()
                aria-label=t!("rules.edit.label", number = shown)
                on:click=move |_| editing.update(|editing| *editing = !*editing)
            >
                {t!("rules.edit")}
            </button>
            <button
                type="button"
                class="button"
                aria-label=t!("rules.remove.label", number = shown)
                on:click=move |_| {
                    if send(FrontCommand::RemoveRule(number)) {
                        focus("rule-add".to_string());
                    }
                }
            >
                {t!("rules.remove")}
            </button>
        </div>
        <Show when=move || editing.get()>
            <RuleForm
                session
                id=format!("rule-{place}")
                start=start()
                accept=t!("rules.edit_it")
                make
                done
            />
        </Show>
    }
}
