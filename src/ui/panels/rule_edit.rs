//! The tools for rules: adding, moving, editing and removing.

use leptos::prelude::*;

use super::rule_form::RuleForm;
use super::rules::RuleRow;
use crate::sim::balance::l7::rules::{RouteAction, RouteMatch, Rule};
use crate::sim::engine::command::Command;
use crate::sim::engine::frontend::FrontendCommand;
use crate::t;
use crate::ui::session::Session;
use crate::ui::show::Show;

/// A new rule: for all requests, to the last pool.
fn blank(session: Session) -> Rule {
    let pools = session.read(|view| view.scenario().pool_names());
    Rule {
        name: String::new(),
        when: RouteMatch {
            path: Some("/".to_string()),
            ..RouteMatch::default()
        },
        then: RouteAction::Pool(pools.last().cloned().unwrap_or_default()),
        on: true,
    }
}

/// The button and the form that add a rule after the others.
#[component]
pub fn AddRule(session: Session, count: Memo<usize>) -> impl IntoView {
    let adding = RwSignal::new(false);
    let make =
        move |rule: Rule| FrontendCommand::AddRule(count.get_untracked() as u32, Box::new(rule));
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

/// Focuses the element with this id in the next frame, when the page shows the change.
fn focus(id: String) {
    request_animation_frame(move || {
        use wasm_bindgen::JsCast;
        let found = document().get_element_by_id(&id);
        if let Some(found) = found.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = found.focus();
        }
    });
}

/// The tools of one rule.
#[component]
pub(super) fn Edit(
    session: Session,
    rows: Memo<Vec<RuleRow>>,
    place: usize,
    last: bool,
) -> impl IntoView {
    let editing = RwSignal::new(false);
    let number = place as u32;
    let send = move |command| session.send(Command::Frontend(command)).is_ok();
    let to = move |goal: usize| {
        if send(FrontendCommand::MoveRule(number, goal as u32)) {
            editing.set(false);
            // The focus goes with the rule, as far as it can go on.
            let way = match goal {
                _ if goal > place => "edit",
                0 => "down",
                _ => "up",
            };
            focus(format!("rule-{goal}-{way}"));
        }
    };
    let start = move || {
        let rule = rows.with_untracked(|rows| rows.get(place).map(|row| row.rule.clone()));
        rule.unwrap_or_else(|| blank(session))
    };
    let make = move |rule: Rule| FrontendCommand::SetRule(number, Box::new(rule));
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
                    if send(FrontendCommand::RemoveRule(number)) {
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
